package dev.haneul.services.lambda.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/** What the extensions of one environment print, line by line. Used by one thread at a time. */
final class ExtensionOutput implements AutoCloseable {
    private static final int READ_BYTES = 16 * 1024;

    /** Extensions that print faster than this between two looks lose the rest. */
    private static final long MOST_BEHIND_BYTES = 4L << 20;

    private final FileChannel file;
    private final LogDecoder decoder;
    private final ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES).limit(0);
    private long offset;

    /**
     * @param from what lies before this was read already
     * @param sink takes each line
     */
    ExtensionOutput(Path output, long from, Consumer<LogEvent> sink) throws IOException {
        offset = from;
        file = FileChannel.open(output, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        decoder = new LogDecoder(System::currentTimeMillis, sink);
    }

    /** Brings what is new. */
    void pump() throws IOException {
        offset = Math.max(offset, file.size() - MOST_BEHIND_BYTES);
        for (int count = read(); count > 0; count = read()) {
            offset += count;
            decoder.accept(buffer.flip());
        }
        buffer.clear().limit(0);
    }

    private int read() throws IOException {
        return file.read(buffer.clear(), offset);
    }

    /** How much was read. */
    long offset() {
        return offset;
    }

    /** Where the last line ended. */
    long consumed() {
        return offset - buffer.remaining() - decoder.pending();
    }

    @Override
    public void close() throws IOException {
        try {
            pump();
            decoder.flush();
        } finally {
            file.close();
        }
    }
}
