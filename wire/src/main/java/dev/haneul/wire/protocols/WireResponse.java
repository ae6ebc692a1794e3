package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Body;
import java.io.IOException;
import java.io.OutputStream;

/**
 * An HTTP response ready to be written.
 *
 * <p>The gateway sets {@code Content-Length} from the payload where it knows the length, unless the headers carry one
 * already (answers to HEAD), and closes the payload on every path.
 *
 * @param status the HTTP status
 * @param headers response headers, request id included
 * @param payload what follows the head
 */
public record WireResponse(int status, Headers headers, Payload payload) {
    /** What follows the head of a response. */
    public sealed interface Payload permits Bytes, Streamed, Events {}

    /** A body known as a whole; empty where there is none. */
    public record Bytes(byte[] content) implements Payload {
        public static final Bytes NONE = new Bytes(new byte[0]);
    }

    /** A body that is copied through as it is read. The gateway closes it. */
    public record Streamed(Body body) implements Payload {}

    /** An event stream, written as its events come. The gateway closes it. */
    public record Events(EventWriter writer) implements Payload {}

    /** Writes the events of a stream, waiting for each. */
    public interface EventWriter extends AutoCloseable {
        /**
         * Writes the next event and answers true, or answers false at the end. The caller flushes after each.
         *
         * @throws IOException where the client or the source is gone
         * @throws InterruptedException where the writing thread is told to stop waiting
         */
        boolean writeNext(OutputStream out) throws IOException, InterruptedException;

        @Override
        void close() throws IOException;
    }
}
