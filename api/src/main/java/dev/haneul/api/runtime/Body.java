package dev.haneul.api.runtime;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A streaming blob: read once, then closed by its reader.
 *
 * <p>A request's body checks what it carries (length, chunk signatures, declared checksums) as it is read: reading to
 * the end without an exception means that the bytes are the bytes that were signed. A {@link Fault} is thrown from
 * {@code read} where they are not.
 */
public interface Body extends AutoCloseable {
    /** The bytes. The same stream each time. */
    InputStream stream();

    /** The number of bytes, -1 where it is not known beforehand. */
    long length();

    /** Releases what the body holds. The default closes the stream. */
    @Override
    default void close() throws IOException {
        stream().close();
    }

    /** A body of these bytes. */
    static Body of(byte[] bytes) {
        return of(new ByteArrayInputStream(bytes), bytes.length);
    }

    /** A body of this stream; {@code length} is -1 where unknown. */
    static Body of(InputStream stream, long length) {
        return new Body() {
            @Override
            public InputStream stream() {
                return stream;
            }

            @Override
            public long length() {
                return length;
            }
        };
    }
}
