package dev.haneul.edge.http;

import dev.haneul.edge.stream.Wire;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A way to a target that carries one request at a time. */
interface Link extends Closeable {
    /** Sends the head, and what of the body needs no waiting. */
    void send(RequestHead head, Content body, boolean upgrade) throws IOException;

    /** Sends what is left of the body; on a thread of its own. */
    void pump(Content body) throws IOException;

    /** Waits for the head of the answer. */
    Answer answer(String method) throws IOException;

    /** Whether it has carried requests before, so that the target may have closed it meanwhile. */
    boolean used();

    /** Whether the target has said something since the request was sent. */
    boolean heard();

    /** How long the target may be silent from now on. */
    void within(long nanos);

    /** Gives it back after a whole exchange. */
    void done();

    /** Breaks it off. */
    @Override
    void close();

    /** The connection below, null where it is shared. */
    @Nullable
    Wire wire();
}
