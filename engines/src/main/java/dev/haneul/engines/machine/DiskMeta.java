package dev.haneul.engines.machine;

import dev.haneul.engines.work.Sparse;
import java.io.IOException;
import java.io.StringReader;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;

/**
 * What is known of a disk besides its bytes.
 *
 * @param fileSystemBytes how large a root disk's file system was made; zero for other disks
 * @param image what a root disk stands on
 */
record DiskMeta(long sizeBytes, long fileSystemBytes, Optional<String> image) {
    private static final String NAME = "meta";

    DiskMeta withSize(long bytes) {
        return new DiskMeta(bytes, fileSystemBytes, image);
    }

    /** As lines of {@code key=value}. */
    String text() {
        return "version=1\nsize=" + sizeBytes + "\nfileSystem=" + fileSystemBytes + "\n"
                + image.map(it -> "image=" + it + "\n").orElse("");
    }

    static DiskMeta parse(String text) throws IOException {
        var properties = new Properties();
        properties.load(new StringReader(text));
        try {
            return new DiskMeta(
                    Long.parseLong(properties.getProperty("size", "")),
                    Long.parseLong(properties.getProperty("fileSystem", "0")),
                    Optional.ofNullable(properties.getProperty("image")));
        } catch (NumberFormatException e) {
            throw new IOException("a disk's description makes no sense", e);
        }
    }

    void write(Path folder) throws IOException {
        var half = folder.resolve(NAME + ".new");
        writeForced(half, text());
        Files.move(half, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        Sparse.forceFolder(folder);
    }

    static DiskMeta read(Path folder) throws IOException {
        return parse(Files.readString(folder.resolve(NAME)));
    }

    static void writeForced(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardCharsets.UTF_8);
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
