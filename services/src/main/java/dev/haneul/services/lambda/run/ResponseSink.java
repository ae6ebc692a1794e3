package dev.haneul.services.lambda.run;

import java.io.IOException;

/**
 * Where a function's response goes while it is still being made. Called by the one thread that serves the runtime, which
 * waits while a write waits: that is the back-pressure on the function. A sink whose reader is gone throws; the function
 * runs on and the rest of its response is dropped.
 */
public interface ResponseSink {
    /**
     * The response begins.
     *
     * @param contentType as the runtime names it; empty where it does not
     */
    void begin(String contentType) throws IOException;

    /** The next bytes of it. */
    void write(byte[] bytes, int offset, int length) throws IOException;
}
