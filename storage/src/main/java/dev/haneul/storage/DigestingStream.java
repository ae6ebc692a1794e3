package dev.haneul.storage;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Passes bytes through, works out their digest, and refuses more of them than allowed. Closing it changes nothing. */
final class DigestingStream extends InputStream {
    private final InputStream in;
    private final @Nullable MessageDigest digest;
    private long left;

    DigestingStream(InputStream in, @Nullable MessageDigest digest, long limit) {
        this.in = in;
        this.digest = digest;
        this.left = limit;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = in.read(into, offset, length);
        if (count > 0) {
            left -= count;
            if (left < 0) {
                throw new LayerException(LayerException.Reason.TOO_LARGE, "the layer is too large");
            }
            if (digest != null) {
                digest.update(into, offset, count);
            }
        }
        return count;
    }
}
