package dev.haneul.engines.work;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Empty ext4 file systems in sparse files. One is made for every size and copied: that costs a launch some hundred
 * kilobytes instead of a run of {@code mkfs.ext4}.
 */
public final class FileSystemTemplates {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path templates;
    private final List<String> options;

    /**
     * @param templates a folder for nothing else
     * @param options of {@code mkfs.ext4}
     */
    public FileSystemTemplates(Path templates, String... options) {
        this.templates = templates;
        this.options = List.of(options);
    }

    /** An empty file system of this size, to be copied. */
    public synchronized Path template(long sizeBytes) throws IOException {
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
            var command = new ArrayList<>(List.of("mkfs.ext4", "-q", "-F", "-m", "0"));
            command.addAll(options);
            command.add(draft.toString());
            Tools.run(PATIENCE, command.toArray(String[]::new));
            Files.deleteIfExists(half);
            Sparse.copy(draft, half);
            try (var file = new RandomAccessFile(half.toFile(), "rw")) {
                file.setLength(sizeBytes);
            }
            return Files.move(half, template, StandardCopyOption.ATOMIC_MOVE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
