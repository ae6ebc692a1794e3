package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Bytes that must be between so many and so many; reading tells where they are not. */
final class LengthRangeStream extends FilterInputStream {
    private final long min;
    private final long max;
    private long read;

    /** Both bounds are inclusive. */
    LengthRangeStream(InputStream in, long min, long max) {
        super(in);
        this.min = min;
        this.max = max;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = in.read(target, offset, length);
        read += Math.max(count, 0);
        if (read > max) {
            throw Received.tooLarge(read, max);
        }
        if (count < 0 && read < min) {
            throw Fault.client("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size")
                    .with("ProposedSize", Long.toString(read))
                    .with("MinSizeAllowed", Long.toString(min));
        }
        return count;
    }
}
