package dev.haneul.kernel.plane;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One HTTP request and its answer, as a data plane sees it. */
public interface Exchange {
    String method();

    /** The path as it came, still percent-encoded. */
    String path();

    /** The query as it came, empty where none. */
    String query();

    /** The Host header or {@code :authority}, lower case, without the port. */
    String host();

    /** First value of a request header, null where it is absent. */
    @Nullable
    String header(String name);

    /** All request headers, names in lower case. */
    Map<String, List<String>> headers();

    /** The client's address. */
    String remoteAddress();

    boolean secure();

    /** Scheme, host and port the client used. */
    String endpoint();

    /** The id this request is known by in logs and answers. */
    String requestId();

    /** The request body, raw. */
    InputStream body() throws IOException;

    /**
     * Starts the answer.
     *
     * @param length the body's length, -1 for unknown (chunked)
     * @return the body; closing it ends the answer
     */
    OutputStream respond(int status, Map<String, List<String>> headers, long length) throws IOException;

    /** Answers at once and whole. */
    default void answer(int status, Map<String, List<String>> headers, byte[] body) throws IOException {
        try (OutputStream out = respond(status, headers, body.length)) {
            out.write(body);
        }
    }

    /** Answers at once and whole, with a text. */
    default void answer(int status, String type, String text) throws IOException {
        answer(status, Map.of("Content-Type", List.of(type)), text.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether the client asks to go on with a WebSocket. */
    default boolean asksForWebSocket() {
        return false;
    }

    /**
     * Answers a client that asks for a WebSocket, instead of {@link #respond}. Where it asked in a wrong way, or there are
     * too many already, it is told so and the talk does not begin.
     *
     * @param mostBytes of a message that comes; a longer one closes the socket
     */
    default void upgrade(int mostBytes, WebSocket.Talk talk) throws IOException {
        throw new UnsupportedOperationException("no WebSocket can be opened here");
    }
}
