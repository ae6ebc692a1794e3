package dev.haneul.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is written at places and serves on when its writer is interrupted, which closes a channel: it is opened
 * again and the step repeated, for every step may be. The writer stays interrupted.
 */
final class SteadyFile implements AutoCloseable {
    private static final int TRIES = 100;

    private final Path path;
    private FileChannel channel;

    private interface Step {
        void on(FileChannel file) throws IOException;
    }

    SteadyFile(Path path, OpenOption... options) throws IOException {
        this.path = path;
        this.channel = FileChannel.open(path, options);
    }

    private void run(Step step) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            boolean done = false;
            for (int tries = 1; !done; tries++) {
                try {
                    step.on(channel);
                    done = true;
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                    boolean unused = Thread.interrupted();
                    channel = FileChannel.open(path, StandardOpenOption.WRITE);
                    if (tries == TRIES) {
                        throw e;
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Writes all of a buffer at this place; leaves the buffer as it is. */
    void write(ByteBuffer bytes, long at) throws IOException {
        run(file -> Disk.write(file, bytes.duplicate(), at));
    }

    /** Waits until everything that was written is on disk. */
    void sync(Disk disk) throws IOException {
        run(disk::sync);
    }

    void truncate(long size) throws IOException {
        run(file -> {
            FileChannel unused = file.truncate(size);
        });
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
