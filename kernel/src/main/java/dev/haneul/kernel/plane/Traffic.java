package dev.haneul.kernel.plane;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/** Counts the bytes a workload exchanges over connections that we serve, seen from the workload. Any thread may count. */
public final class Traffic {
    private final LongAdder in = new LongAdder();
    private final LongAdder out = new LongAdder();

    /** Bytes the workload was sent. */
    public long bytesIn() {
        return in.sum();
    }

    /** Bytes the workload sent. */
    public long bytesOut() {
        return out.sum();
    }

    /** We read so many bytes from it, or none where the number is not positive; answers the number. */
    public int read(int count) {
        if (count > 0) {
            out.add(count);
        }
        return count;
    }

    /** We wrote so many bytes to it. */
    public void wrote(long count) {
        in.add(count);
    }

    /** What is left in buffers: the difference before and after a write is what was written. */
    public static long remaining(ByteBuffer... buffers) {
        long sum = 0;
        for (ByteBuffer buffer : buffers) {
            sum += buffer.remaining();
        }
        return sum;
    }
}
