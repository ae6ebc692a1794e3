package dev.haneul.engines.work;

import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What a workload prints. It appends to the file by itself, so that nothing is lost and nobody blocks while the server
 * is away; offsets therefore only grow. To keep a talkative workload from filling the disk, the oldest bytes are given
 * back to the file system (a hole in the file) once more than {@value #MOST_BYTES} are held: they are lost to readers
 * that have not come so far, and {@link #start()} tells them. Where holes cannot be made the file is emptied instead.
 */
public final class LogFile {
    /** Held at most, per stream, at the moments when somebody looks (twice a second). */
    public static final long MOST_BYTES = 32L << 20;

    private static final long KEPT_BYTES = MOST_BYTES / 2;
    private static final long BLOCK_BYTES = 4096;

    private final Path path;
    private long start;

    public LogFile(Path path) {
        this.path = path;
    }

    /** A file that an earlier server may have cut already. */
    public static LogFile adopted(Path path) throws IOException {
        var log = new LogFile(path);
        if (Linux.available() && Files.exists(path)) {
            int fd = Linux.open(path.toString(), Linux.O_RDONLY);
            try {
                log.start = Linux.firstData(fd, Files.size(path));
            } finally {
                Linux.close(fd);
            }
        }
        return log;
    }

    public Path path() {
        return path;
    }

    /** The offset of the first byte that is still there. */
    public synchronized long start() {
        return start;
    }

    /** Gives back what is beyond the bound. */
    public void bound() throws IOException {
        try {
            long size = Files.size(path);
            if (size - start() > MOST_BYTES) {
                forget(size - KEPT_BYTES);
            }
        } catch (NoSuchFileException e) {
            return; // the workload is being cleared away
        }
    }

    /** Gives back everything before this offset, rounded down to a block. */
    public synchronized void forget(long offset) throws IOException {
        long end = offset / BLOCK_BYTES * BLOCK_BYTES;
        if (end <= start) {
            return;
        }
        if (Linux.available()) {
            int fd = Linux.open(path.toString(), Linux.O_WRONLY);
            try {
                Linux.punchHole(fd, start, end - start);
            } finally {
                Linux.close(fd);
            }
            start = end;
        } else {
            try (var file = FileChannel.open(path, StandardOpenOption.WRITE)) {
                file.truncate(0);
            }
            start = 0;
        }
    }
}
