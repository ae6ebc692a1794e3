package dev.haneul.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the blocks of a file, each next one while whoever wants them sends the last one on. For one thread, which closes
 * it when done.
 */
final class BlockAhead implements AutoCloseable {
    private static final int NONE = -1;

    private final BlobFile file;
    private final BlockBuffers buffers;
    private byte[] buffer = new byte[0];
    private @Nullable Thread reader;
    private int block = NONE;
    private int length;
    private @Nullable Throwable failure;

    BlockAhead(BlobFile file, BlockBuffers buffers) {
        this.file = file;
        this.buffers = buffers;
    }

    /**
     * Reads and checks a block into a buffer that has room for it at this place.
     *
     * @param last whether none is wanted after it
     * @return how many bytes it has
     */
    int read(int wanted, byte[] into, int offset, boolean last) throws IOException {
        await();
        int count = wanted == block ? take(into, offset) : file.read(wanted, into, offset);
        block = NONE;
        if (!last) {
            begin(wanted + 1);
        }
        return count;
    }

    private int take(byte[] into, int offset) throws IOException {
        switch (failure) {
            case null -> System.arraycopy(buffer, 0, into, offset, length);
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IOException("block " + block + " could not be read", failure);
        }
        return length;
    }

    private void begin(int next) {
        if (buffer.length == 0) {
            buffer = buffers.take();
        }
        block = next;
        failure = null;
        reader = Thread.ofVirtual().start(() -> {
            try {
                length = file.read(next, buffer, 0);
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
            }
        });
    }

    private void await() throws IOException {
        Thread running = reader;
        if (running != null) {
            try {
                running.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while a block was read");
            }
            reader = null;
        }
    }

    /** Ends it, and with it the file. */
    @Override
    public void close() throws IOException {
        boolean interrupted = false;
        while (reader != null) {
            try {
                await();
            } catch (InterruptedIOException e) {
                // What is being read is soon there, and its buffer is not to be had before.
                interrupted |= Thread.interrupted();
            }
        }
        block = NONE;
        byte[] used = buffer;
        buffer = new byte[0];
        buffers.give(used);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        file.close();
    }
}
