package dev.haneul.edge.http;

import dev.haneul.edge.stream.Wire;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Writes HTTP/1.1 to a connection: a head and the first of its body go in one. */
final class H1Output {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final Wire wire;
    private byte[] buffer = new byte[BUFFER_BYTES];
    private int size;
    private long sent;

    H1Output(Wire wire) {
        this.wire = wire;
    }

    /** Whether no byte of it has left since the last call. */
    boolean nothingSent() {
        return sent == 0;
    }

    void startAnew() {
        sent = 0;
        size = 0;
    }

    long sentBytes() {
        return sent + size;
    }

    H1Output text(String text) {
        int length = text.length();
        room(length);
        text.getBytes(0, length, buffer, size);
        size += length;
        return this;
    }

    private void room(int more) {
        if (buffer.length - size < more) {
            buffer = java.util.Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + more));
        }
    }

    H1Output headers(Headers headers) {
        for (int i = 0; i < headers.size(); i++) {
            header(headers.name(i), headers.value(i));
        }
        return this;
    }

    H1Output header(String name, String value) {
        return text(name).text(": ").text(value).text("\r\n");
    }

    /** Puts body bytes after what waits already, and sends when it is much. */
    void bytes(byte[] from, int offset, int length) throws IOException {
        if (length > buffer.length - size) {
            flush();
            if (length >= BUFFER_BYTES) {
                wire.write(from, offset, length);
                sent += length;
                return;
            }
        }
        room(length);
        System.arraycopy(from, offset, buffer, size, length);
        size += length;
    }

    void flush() throws IOException {
        if (size > 0) {
            wire.write(buffer, 0, size);
            sent += size;
            size = 0;
        }
    }

    /**
     * A body of a known length, in chunks, or up to the connection's end.
     *
     * @param length -1 for chunks, -2 for the end of the connection
     */
    BodyOut body(long length) {
        return new BodyOut(length);
    }

    /** A body on its way out. */
    final class BodyOut extends OutputStream {
        private final long length;
        private long written;
        private @Nullable Headers trailers;

        private BodyOut(long length) {
            this.length = length;
        }

        void trailers(@Nullable Headers after) {
            trailers = after;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int count) throws IOException {
            if (count == 0) {
                return;
            }
            written += count;
            if (length >= 0 && written > length) {
                throw new IOException("more than the " + length + " bytes that were told");
            }
            if (length == -1) {
                text(Integer.toHexString(count)).text("\r\n");
                bytes(from, offset, count);
                text("\r\n");
            } else {
                bytes(from, offset, count);
            }
        }

        @Override
        public void flush() throws IOException {
            H1Output.this.flush();
        }

        /** Ends the body. */
        @Override
        public void close() throws IOException {
            if (length == -1) {
                text("0\r\n");
                if (trailers != null) {
                    headers(trailers);
                }
                text("\r\n");
            } else if (length >= 0 && written < length) {
                throw new IOException("less than the " + length + " bytes that were told");
            }
            H1Output.this.flush();
        }
    }
}
