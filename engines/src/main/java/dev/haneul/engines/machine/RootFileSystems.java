package dev.haneul.engines.machine;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/**
 * Empty file systems for root disks. One is made for every size and copied: that costs a launch some hundred kilobytes
 * instead of a run of {@code mkfs.ext4}.
 */
final class RootFileSystems {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path templates;

    RootFileSystems(Path templates) {
        this.templates = templates;
    }

    synchronized Path template(long sizeBytes) throws IOException {
        Path template = templates.resolve(sizeBytes + ".ext4");
        if (Files.exists(template)) {
            return template;
        }
        Files.createDirectories(templates);
        // In memory, if that can be: the tools wait for the disk after each of their steps.
        Path memory = Path.of("/dev/shm");
        Path draft = Files.createTempFile(Files.isWritable(memory) ? memory : templates, "haneul-", ".draft");
        Path half = templates.resolve(sizeBytes + ".half");
        try {
            try (var file = new RandomAccessFile(draft.toFile(), "rw")) {
                file.setLength(sizeBytes);
            }
            Tools.run(
                    PATIENCE,
                    "mkfs.ext4",
                    "-q",
                    "-F",
                    "-m",
                    "0",
                    "-L",
                    "cloudimg-rootfs",
                    "-E",
                    "lazy_itable_init=1,lazy_journal_init=1,nodiscard",
                    draft.toString());
            Files.deleteIfExists(half);
            Sparse.copy(draft, half);
            return Files.move(half, template, StandardCopyOption.ATOMIC_MOVE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
