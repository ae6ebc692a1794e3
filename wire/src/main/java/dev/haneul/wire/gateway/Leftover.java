package dev.haneul.wire.gateway;

import java.io.IOException;
import java.io.InputStream;

/** What is left of a body that nobody has a use for. */
final class Leftover {
    private static final int BUFFER_BYTES = 16 << 10;

    private Leftover() {}

    /** Reads it, as far as it is shorter than so many bytes; answers whether it was. */
    static boolean read(InputStream in, int bytes) throws IOException {
        if (in.read() < 0) {
            return true; // as ever: no memory is taken for what is not there
        }
        byte[] scrap = new byte[BUFFER_BYTES];
        int left = bytes - 1;
        while (left > 0) {
            int read = in.read(scrap, 0, scrap.length);
            if (read < 0) {
                return true;
            }
            left -= read;
        }
        return false;
    }
}
