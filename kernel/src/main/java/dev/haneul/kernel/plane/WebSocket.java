package dev.haneul.kernel.plane;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A client's WebSocket, opened through the front door. One thread receives, any may send; what is not received waits at
 * the client.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455">RFC 6455</a>
 */
public interface WebSocket {
    /** The talk is over. */
    int NORMAL = 1000;
    /** The server goes away. */
    int GOING_AWAY = 1001;
    /** What came must not come. */
    int POLICY = 1008;
    /** More came than may. */
    int TOO_BIG = 1009;
    /** Something of ours does not work. */
    int BROKEN = 1011;

    /** A whole message, of text or of bytes. */
    sealed interface Message {}

    /** A message of text. */
    record Text(String text) implements Message {}

    /** A message of bytes. */
    record Binary(byte[] bytes) implements Message {}

    /**
     * The next message; null where none came in time.
     *
     * @throws IOException where the client has closed or is gone
     */
    @Nullable
    Message receive(Duration timeout) throws IOException, InterruptedException;

    /**
     * Sends a message and waits until it is on its way.
     *
     * @throws IOException where the client is gone, or does not take it for too long
     */
    void send(Message message) throws IOException;

    /** Closes with a code and a reason of at most 123 bytes; does nothing where it is closed. */
    void close(int code, String reason);

    /** What is said over a WebSocket; it closes when this returns. */
    @FunctionalInterface
    interface Talk {
        /** Runs on a virtual thread of its own. */
        void over(WebSocket socket) throws IOException, InterruptedException;
    }
}
