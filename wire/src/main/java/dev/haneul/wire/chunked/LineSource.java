package dev.haneul.wire.chunked;

import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A stream read now by lines, now by bytes. */
final class LineSource implements AutoCloseable {
    private static final int BUFFER_BYTES = 8192;
    private final InputStream in;
    private final int maxLineBytes;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;

    LineSource(InputStream in, int maxLineBytes) {
        this.in = in;
        this.maxLineBytes = maxLineBytes;
    }

    /** Up to {@code count} bytes, at least one, or -1 at the end. */
    int read(byte[] target, int offset, int count) throws IOException {
        if (position == limit) {
            return in.read(target, offset, count);
        }
        int read = Math.min(count, limit - position);
        System.arraycopy(buffer, position, target, offset, read);
        position += read;
        return read;
    }

    /**
     * The next line without its CRLF (or LF); null at the end of the stream.
     *
     * @throws Fault 400 where it is too long
     */
    @Nullable
    String line() throws IOException {
        byte[] line = new byte[maxLineBytes];
        int length = 0;
        while (true) {
            if (position == limit && !fill()) {
                return length == 0 ? null : new String(line, 0, length, StandardCharsets.UTF_8);
            }
            byte b = buffer[position++];
            if (b == '\n') {
                int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
                return new String(line, 0, end, StandardCharsets.UTF_8);
            }
            if (length == maxLineBytes) {
                throw Fault.client("InvalidRequest", 400, "A line of the aws-chunked body is too long.");
            }
            line[length++] = b;
        }
    }

    private boolean fill() throws IOException {
        int read = in.read(buffer, 0, buffer.length);
        position = 0;
        limit = Math.max(read, 0);
        return read > 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
