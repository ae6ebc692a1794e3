package dev.haneul.edge.http;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A body as it comes in. Read by one thread. */
public abstract class Content extends InputStream {
    /** A body that is none. */
    public static Content none() {
        return new Content() {
            @Override
            public long length() {
                return 0;
            }

            @Override
            public int read(byte[] into, int offset, int wanted) {
                return -1;
            }

            @Override
            public boolean ended() {
                return true;
            }
        };
    }

    /** How long it is in all; -1 where only its end will tell. */
    public abstract long length();

    @Override
    public abstract int read(byte[] into, int offset, int wanted) throws IOException;

    /** Whether all of it was read, or could be without waiting. */
    public abstract boolean ended();

    /** What followed it, once it has ended; null for nothing. */
    public @Nullable Headers trailers() {
        return null;
    }

    /** Whether something can be read without waiting. */
    public boolean ready() {
        return false;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** Of bytes in memory. */
    public static Content of(byte[] bytes) {
        return new Content() {
            private int at;

            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public int read(byte[] into, int offset, int wanted) {
                if (at == bytes.length) {
                    return -1;
                }
                int count = Math.min(wanted, bytes.length - at);
                System.arraycopy(bytes, at, into, offset, count);
                at += count;
                return count;
            }

            @Override
            public boolean ended() {
                return at == bytes.length;
            }

            @Override
            public boolean ready() {
                return !ended();
            }
        };
    }
}
