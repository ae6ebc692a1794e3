package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.StructShape;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reading request bodies within bounds. */
final class Bodies {
    private static final int UNKNOWN_BYTES = 4096;

    private Bodies() {}

    /**
     * The whole body.
     *
     * @throws Fault 413 where it is larger than the limit, 400 where the client breaks off
     */
    static byte[] readAll(Body body, int limitBytes) {
        if (body.length() == 0) {
            return new byte[0];
        }
        try {
            InputStream in = bounded(body, limitBytes);
            // As long as it says it is, and a byte for its end: most are small, and a copying buffer is not.
            long first = body.length() < 0 ? UNKNOWN_BYTES : body.length();
            byte[] bytes = new byte[(int) Math.min(first, limitBytes) + 1];
            int total = 0;
            for (int read = 0; read >= 0; read = in.read(bytes, total, bytes.length - total)) {
                total += read;
                if (total == bytes.length) {
                    bytes = Arrays.copyOf(bytes, (int) Math.min(2L * total, limitBytes) + 1);
                }
            }
            return total == bytes.length ? bytes : Arrays.copyOf(bytes, total);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** The body's stream, which throws a 413 fault once more than the limit was read. */
    static InputStream bounded(Body body, int limitBytes) {
        if (body.length() > limitBytes) {
            throw tooLarge(limitBytes);
        }
        return new Bounded(body.stream(), limitBytes);
    }

    /** Whether a shape stands for no input or output at all: Smithy's unit type. */
    static boolean isNothing(StructShape shape) {
        return shape.members().isEmpty() && shape.name().equals("Unit");
    }

    /**
     * The request's body as a stream within the limit, null where it is empty. Unpacked, where the operation lets
     * clients compress it and this one did (CloudWatch's PutMetricData): the limit holds for what comes out, too.
     */
    static @Nullable InputStream unlessEmpty(OperationShape operation, WireRequest request, int limitBytes) {
        InputStream in = unlessEmpty(request.body(), limitBytes);
        if (in == null || !operation.is(OperationShape.Trait.REQUEST_COMPRESSION)) {
            return in;
        }
        boolean packed = Gzip.named(request.headers().first("Content-Encoding"));
        return packed ? new ByteArrayInputStream(Gzip.unpack(in, limitBytes)) : in;
    }

    private static @Nullable InputStream unlessEmpty(Body body, int limitBytes) {
        if (body.length() == 0) {
            return null;
        }
        InputStream in = bounded(body, limitBytes);
        if (body.length() > 0) {
            return in;
        }
        try {
            PushbackInputStream peeked = new PushbackInputStream(in, 1);
            int first = peeked.read();
            if (first < 0) {
                return null;
            }
            peeked.unread(first);
            return peeked;
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** What a body tells that breaks off while it is read. */
    static Fault broken(@Nullable Throwable cause) {
        Throwable root = cause instanceof UncheckedIOException ? cause.getCause() : cause;
        if (root != null && root.getCause() instanceof Fault fault) {
            return fault;
        }
        return Fault.client("RequestTimeout", 400, "The request body could not be read to its end.");
    }

    static Fault tooLarge(int limitBytes) {
        return Fault.client(
                "RequestEntityTooLargeException", 413, "Request must be smaller than " + limitBytes + " bytes.");
    }

    private static final class Bounded extends FilterInputStream {
        private final int limitBytes;
        private long count;

        Bounded(InputStream in, int limitBytes) {
            super(in);
            this.limitBytes = limitBytes;
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            counted(b < 0 ? 0 : 1);
            return b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            counted(Math.max(read, 0));
            return read;
        }

        private void counted(int bytes) {
            count += bytes;
            if (count > limitBytes) {
                throw tooLarge(limitBytes);
            }
        }
    }
}
