package dev.haneul.trials.session;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What the session plugin does, without a terminal: shows the token, shakes hands, acknowledges, types, reads. It can lose
 * its connection and come back with another token.
 */
public final class SessionClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration RESEND = Duration.ofSeconds(1);
    private static final int HEADER = 116;
    private static final int OUTPUT = 1;
    private static final int SIZE = 3;
    private static final int HANDSHAKE_REQUEST = 5;
    private static final int HANDSHAKE_RESPONSE = 6;
    private static final int HANDSHAKE_COMPLETE = 7;
    private static final int FLAG = 10;

    private final HttpClient http = HttpClient.newHttpClient();
    private final StringBuilder printed = new StringBuilder();
    private final TreeMap<Long, byte[]> unacknowledged = new TreeMap<>();
    private @Nullable WebSocket socket;
    private long sequence;
    private long expected;
    private String handshake = "";
    private boolean complete;
    private String closed = "";
    private int code;

    /** Opens a data channel. */
    public SessionClient(String streamUrl, String token) {
        open(streamUrl, token);
    }

    /** Opens it again; what was not acknowledged is sent again. */
    public void open(String streamUrl, String token) {
        WebSocket opened = http.newWebSocketBuilder()
                .buildAsync(URI.create(streamUrl), new Ear())
                .join();
        synchronized (this) {
            socket = opened;
        }
        opened.sendText(
                        "{\"MessageSchemaVersion\":\"1.0\",\"RequestId\":\"%s\",\"TokenValue\":\"%s\",\"ClientId\":\"%s\"}"
                                .formatted(UUID.randomUUID(), token, UUID.randomUUID()),
                        true)
                .join();
        synchronized (this) {
            unacknowledged.values().forEach(this::put);
        }
    }

    /** Tears the connection off. */
    public synchronized void lose() {
        java.util.Objects.requireNonNull(socket).abort();
        socket = null;
    }

    /** Types. */
    public void type(String text) {
        send(OUTPUT, text.getBytes(StandardCharsets.UTF_8));
    }

    public void resize(int rows, int columns) {
        send(SIZE, "{\"cols\":%d,\"rows\":%d}".formatted(columns, rows).getBytes(StandardCharsets.UTF_8));
    }

    /** Ends the session. */
    public void terminate() {
        send(FLAG, new byte[] {0, 0, 0, 2});
    }

    /** Waits until a text was printed, and answers everything that was. */
    public synchronized String await(String text) throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        Instant again = Instant.now().plus(RESEND);
        while (printed.indexOf(text) < 0) {
            if (Instant.now().isAfter(end) || !closed.isEmpty()) {
                throw new AssertionError("'" + text + "' was not printed, but: " + printed + " " + closed);
            }
            if (Instant.now().isAfter(again)) {
                // As the stock client does with what nobody has acknowledged.
                unacknowledged.values().forEach(this::put);
                again = Instant.now().plus(RESEND);
            }
            wait(100);
        }
        return printed.toString();
    }

    /** Waits until the channel was closed, and answers what was said of it. */
    public synchronized String awaitClosed() throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (closed.isEmpty() && code == 0) {
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("it is not closed: " + printed);
            }
            wait(100);
        }
        return closed;
    }

    /** With which code the socket was closed; 0 where it is open. */
    public synchronized int code() {
        return code;
    }

    /** What the other side asked for in its handshake. */
    public synchronized String handshake() {
        return handshake;
    }

    /** Whether the handshake is through. */
    public synchronized boolean complete() {
        return complete;
    }

    private synchronized void send(int type, byte[] payload) {
        byte[] bytes = message("input_stream_data", sequence, type, payload);
        unacknowledged.put(sequence++, bytes);
        put(bytes);
    }

    private void put(byte[] bytes) {
        WebSocket now = socket;
        if (now != null) {
            now.sendBinary(ByteBuffer.wrap(bytes), true).join();
        }
    }

    private static byte[] message(String name, long number, int type, byte[] payload) {
        UUID id = UUID.randomUUID();
        byte[] padded = Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), 32);
        Arrays.fill(padded, name.length(), 32, (byte) ' ');
        return ByteBuffer.allocate(HEADER + 4 + payload.length)
                .putInt(HEADER)
                .put(padded)
                .putInt(1)
                .putLong(System.currentTimeMillis())
                .putLong(number)
                .putLong(0)
                .putLong(id.getLeastSignificantBits())
                .putLong(id.getMostSignificantBits())
                .put(digest(payload))
                .putInt(type)
                .putInt(payload.length)
                .put(payload)
                .array();
    }

    private static byte[] digest(byte[] payload) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(payload);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private synchronized void take(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte[] name = new byte[32];
        in.get(4, name);
        String type = new String(name, StandardCharsets.US_ASCII).strip();
        long number = in.getLong(48);
        UUID id = new UUID(in.getLong(72), in.getLong(64));
        byte[] digest = new byte[32];
        in.get(80, digest);
        byte[] payload = Arrays.copyOfRange(bytes, HEADER + 4, bytes.length);
        if (!Arrays.equals(digest, digest(payload)) || in.getInt(HEADER) != payload.length) {
            throw new AssertionError("a message is broken");
        }
        String text = new String(payload, StandardCharsets.UTF_8);
        switch (type) {
            case "output_stream_data" -> {
                put(message(
                        "acknowledge",
                        0,
                        0,
                        ("{\"AcknowledgedMessageType\":\"output_stream_data\",\"AcknowledgedMessageId\":\"%s\","
                                        + "\"AcknowledgedMessageSequenceNumber\":%d,\"IsSequentialMessage\":true}")
                                .formatted(id, number)
                                .getBytes(StandardCharsets.UTF_8)));
                if (number == expected) {
                    expected++;
                    stream(in.getInt(112), text);
                }
            }
            case "acknowledge" ->
                unacknowledged.remove(Long.parseLong(
                        text.replaceFirst(".*\"AcknowledgedMessageSequenceNumber\":\\s*(\\d+).*", "$1")));
            case "channel_closed" -> closed = text;
            default -> throw new AssertionError("what is " + type + "?");
        }
        notifyAll();
    }

    private void stream(int type, String text) {
        switch (type) {
            case HANDSHAKE_REQUEST -> {
                handshake = text;
                send(
                        HANDSHAKE_RESPONSE,
                        ("{\"ClientVersion\":\"1.2.0.0\",\"ProcessedClientActions\":[{\"ActionType\":\"SessionType\","
                                        + "\"ActionStatus\":1,\"ActionResult\":null,\"Error\":\"\"}],\"Errors\":null}")
                                .getBytes(StandardCharsets.UTF_8));
            }
            case HANDSHAKE_COMPLETE -> complete = true;
            default -> printed.append(text);
        }
    }

    @Override
    public void close() {
        WebSocket last;
        synchronized (this) {
            last = socket;
        }
        if (last != null) {
            last.abort();
        }
        http.close();
    }

    private final class Ear implements WebSocket.Listener {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            bytes.writeBytes(part);
            if (last) {
                take(bytes.toByteArray());
                bytes.reset();
            }
            from.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            synchronized (SessionClient.this) {
                code = status;
                SessionClient.this.notifyAll();
            }
            return CompletableFuture.completedStage(null);
        }
    }
}
