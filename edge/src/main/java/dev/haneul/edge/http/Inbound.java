package dev.haneul.edge.http;

import dev.haneul.edge.stream.Wire;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** A request as it came in and its answer, whichever protocol carries them. One thread serves it. */
public interface Inbound {
    RequestHead head();

    Content content();

    Client client();

    /** What the client speaks, as access logs name it: {@code http}, {@code https}, {@code h2}, {@code grpcs}. */
    String type();

    /**
     * Starts the answer.
     *
     * @param headers none that belong to the connection, nor a length
     * @param length of the body; -1 for one whose end will tell
     * @return the body; closing it ends the answer, leaving it open breaks it off
     */
    OutputStream respond(int status, String reason, Headers headers, long length) throws IOException;

    /** What follows the body; before it is closed. */
    void trailers(Headers trailers);

    /** Whether the client asks to go on in another protocol over this connection, and could. */
    boolean upgradable();

    /**
     * Switches protocols: answers 101 and hands over the connection.
     *
     * @param early where bytes go that the client sent already
     */
    Wire upgrade(Headers headers, Wire early) throws IOException;

    /** Runs a task when the client leaves before it was answered. Null: no longer. */
    void whenGone(@Nullable Runnable task);

    /** Whether the client left before it was answered. */
    boolean gone();

    /** Bytes of the request so far. */
    long received();

    /** Bytes of the answer so far. */
    long sent();

    /** Breaks the connection, or the stream, off. */
    void abort();
}
