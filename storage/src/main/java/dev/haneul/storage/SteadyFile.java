package dev.haneul.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A file that is written at places and serves on when its writer is interrupted, which closes a channel: it is opened
 * again and the step repeated, for every step may be. The writer stays interrupted.
 */
final class SteadyFile implements AutoCloseable {
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
            step.on(channel);
        } catch (ClosedByInterruptException e) {
            interrupted = true;
            channel = FileChannel.open(path, StandardOpenOption.WRITE);
            aside(step);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** On a thread that nobody knows: who interrupts this one may do so faster than a large write is through. */
    private void aside(Step step) throws IOException {
        FutureTask<Boolean> again = new FutureTask<>(() -> {
            step.on(channel);
            return true;
        });
        Thread.ofVirtual().name("steady " + path.getFileName()).start(again);
        while (true) {
            try {
                again.get();
                return;
            } catch (InterruptedException e) {
                continue; // whoever called stays interrupted, once this is done
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException problem ? problem : new IOException(e.getCause());
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
