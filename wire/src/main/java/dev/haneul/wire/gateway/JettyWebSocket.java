package dev.haneul.wire.gateway;

import dev.haneul.kernel.plane.WebSocket;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket in Jetty: frames become messages, and the next frame is asked for once the last message was taken, so that
 * at most one waits.
 */
final class JettyWebSocket implements FrameHandler, WebSocket {
    private static final long SEND_MILLIS = 60_000;

    private final int mostBytes;
    private final java.util.function.Consumer<JettyWebSocket> opened;
    /** One message at most, and the end. */
    private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();

    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private boolean partialIsText;
    private boolean over;
    private volatile @Nullable CoreSession session;

    /** What comes after the last message. */
    private record End(String why) {}

    JettyWebSocket(int mostBytes, java.util.function.Consumer<JettyWebSocket> opened) {
        this.mostBytes = mostBytes;
        this.opened = opened;
    }

    @Override
    public void onOpen(CoreSession core, Callback callback) {
        session = core;
        callback.succeeded();
        opened.accept(this);
        core.demand();
    }

    @Override
    public void onFrame(Frame frame, Callback callback) {
        CoreSession core = session;
        if (core == null) {
            callback.failed(new IllegalStateException("not open"));
            return;
        }
        switch (frame.getOpCode()) {
            case OpCode.TEXT, OpCode.BINARY, OpCode.CONTINUATION -> data(core, frame, callback);
            case OpCode.PING -> {
                Frame pong = new Frame(OpCode.PONG, BufferUtil.copy(frame.getPayload()));
                core.sendFrame(pong, Callback.from(callback, core::demand), false);
            }
            case OpCode.PONG -> {
                callback.succeeded();
                core.demand();
            }
            default -> callback.succeeded(); // a close: the session answers it
        }
    }

    private void data(CoreSession core, Frame frame, Callback callback) {
        if (frame.getOpCode() != OpCode.CONTINUATION) {
            partialIsText = frame.getOpCode() == OpCode.TEXT;
            partial.reset();
        }
        if (partial.size() + frame.getPayloadLength() > mostBytes) {
            callback.succeeded();
            core.close(TOO_BIG, "A message may have " + mostBytes + " bytes.", Callback.NOOP);
            return;
        }
        ByteBuffer payload = frame.getPayload();
        if (payload != null) {
            byte[] bytes = BufferUtil.toArray(payload);
            partial.write(bytes, 0, bytes.length);
        }
        boolean whole = frame.isFin();
        callback.succeeded();
        if (whole) {
            byte[] all = partial.toByteArray();
            partial.reset();
            arrived.add(partialIsText ? new Text(new String(all, StandardCharsets.UTF_8)) : new Binary(all));
        } else {
            core.demand();
        }
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
        arrived.add(new End(String.valueOf(cause.getMessage())));
        callback.succeeded();
    }

    @Override
    public void onClosed(CloseStatus status, Callback callback) {
        arrived.add(new End("closed with " + status.getCode()));
        callback.succeeded();
    }

    @Override
    public @Nullable Message receive(Duration timeout) throws IOException, InterruptedException {
        if (over) {
            throw new EOFException("closed");
        }
        Object next = arrived.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        if (next instanceof End(String why)) {
            over = true;
            throw new EOFException(why);
        }
        CoreSession core = session;
        if (next != null && core != null && core.isInputOpen()) {
            core.demand();
        }
        return (Message) next;
    }

    @Override
    public void send(Message message) throws IOException {
        CoreSession core = session;
        if (core == null || !core.isOutputOpen()) {
            throw new EOFException("closed");
        }
        Frame frame = switch (message) {
            case Text(String text) -> new Frame(OpCode.TEXT, text);
            case Binary(byte[] bytes) -> new Frame(OpCode.BINARY, ByteBuffer.wrap(bytes));
        };
        try (Blocker.Callback sent = Blocker.callback()) {
            core.sendFrame(new OutgoingEntry.Builder(frame, sent)
                    .frameTimeout(SEND_MILLIS)
                    .build());
            sent.block();
        }
    }

    @Override
    public void close(int code, String reason) {
        CoreSession core = session;
        if (core != null && core.isOutputOpen()) {
            core.close(code, reason, Callback.NOOP);
        }
    }
}
