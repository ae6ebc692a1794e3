package dev.haneul.wire.gateway;

import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeoutException;

/** A request body as it comes in, with AWS's words for a client that breaks off or falls silent. */
final class RawStream extends InputStream {
    private static final int MAX_CAUSES = 8;
    private final InputStream in;

    RawStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    /** @throws Fault 400 IncompleteBody or RequestTimeout */
    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        try {
            return in.read(target, offset, count);
        } catch (IOException e) {
            throw told(e);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private static Fault told(IOException broken) {
        Throwable cause = broken;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            if (cause instanceof TimeoutException) {
                return Fault.client(
                        "RequestTimeout",
                        400,
                        "Your socket connection to the server was not read from or written to within the timeout"
                                + " period. Idle connections will be closed.");
            }
            cause = cause.getCause();
        }
        return Fault.client(
                "IncompleteBody",
                400,
                "You did not provide the number of bytes specified by the Content-Length HTTP header");
    }
}
