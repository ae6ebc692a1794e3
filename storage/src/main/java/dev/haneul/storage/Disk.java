package dev.haneul.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a file system needs to be told.
 *
 * @param durable whether to wait for the disk at all; not in an ephemeral folder
 */
record Disk(boolean durable) {
    private static final long ALMOST_NOTHING_BYTES = 64 << 10;

    /** Waits until the file's bytes are on disk. */
    void sync(FileChannel file) throws IOException {
        if (durable) {
            file.force(false);
        }
    }

    /** Begins to bring a growing file to disk; null where that is not to be had or nobody waits for the disk. */
    @Nullable
    Writeback writeback(Path file) {
        return durable && Writeback.available() ? Writeback.of(file) : null;
    }

    /** Waits until the names in a folder are on disk: a new or renamed file is only then there for sure. */
    void syncFolder(Path folder) throws IOException {
        if (durable) {
            try (FileChannel channel = FileChannel.open(folder)) {
                channel.force(true);
            }
        }
    }

    /** Writes all of a buffer at this place. */
    static void write(FileChannel file, ByteBuffer bytes, long at) throws IOException {
        long place = at;
        while (bytes.hasRemaining()) {
            place += file.write(bytes, place);
        }
    }

    /** Fills a buffer from this place on; answers whether the file had enough. */
    static boolean read(FileChannel file, ByteBuffer bytes, long at) throws IOException {
        long place = at;
        while (bytes.hasRemaining()) {
            int count = file.read(bytes, place);
            if (count < 0) {
                return false;
            }
            place += count;
        }
        return true;
    }

    /** Tells a full disk from other trouble. The message may be in any language, so the disk is looked at as well. */
    static IOException explain(IOException e, Path folder) {
        if (e instanceof DiskFullException) {
            return e;
        }
        String message = String.valueOf(e.getMessage());
        boolean says = message.contains("No space left")
                || message.contains("quota exceeded")
                || message.contains("File too large");
        if (says || isFull(folder)) {
            return new DiskFullException("the disk of " + folder + " is full", e);
        }
        return e;
    }

    private static boolean isFull(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace() < ALMOST_NOTHING_BYTES;
        } catch (IOException e) {
            return false;
        }
    }
}
