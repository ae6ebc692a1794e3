package dev.haneul.edge.h2;

import dev.haneul.edge.http.Headers;
import dev.haneul.edge.stream.Expired;
import dev.haneul.edge.stream.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.hpack.HpackDecoder;
import org.eclipse.jetty.http2.hpack.HpackException;

/** A connection that speaks HTTP/2, whichever end we are. */
abstract class H2Connection {
    static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    static final int MOST_STREAMS = 128;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int PRIORITY = 2;
    private static final int RESET = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final int PRIORITIZED = 32;
    private static final int FRAME_BYTES = 16_384;
    private static final int HEAD_BYTES = 64 * 1024;
    private static final int CONNECTION_WINDOW = 2 * 1024 * 1024;
    /** Frames that carry no request, and resets: more than so many within ten seconds are an attack. */
    private static final int MOST_CONTROLS = 10_000;

    private static final int MOST_RESETS = 500;

    final Wire wire;
    final ConcurrentHashMap<Integer, H2Stream> streams = new ConcurrentHashMap<>();
    private final ReentrantLock windows = new ReentrantLock();
    private final Condition opened = windows.newCondition();
    private final H2Writer writer;
    private final HpackDecoder decoder = new HpackDecoder(HEAD_BYTES, System::nanoTime);
    private long sendWindow = 65_535;
    private long initialWindow = 65_535;
    private int peerFrame = FRAME_BYTES;
    volatile int peerStreams = 100;
    private long unreturned;
    private long counted = System.nanoTime();
    private int controls;
    private int resets;
    volatile boolean ending;
    volatile boolean closed;

    H2Connection(Wire wire) {
        this.wire = wire;
        this.writer = new H2Writer(wire);
    }

    /** A head has come on a stream that may be new. */
    abstract void onHead(int id, MetaData meta, boolean end) throws IOException;

    /** The connection has ended. */
    abstract void onEnd();

    /** Says what we want of the peer. */
    final void greet() throws IOException {
        ByteBuffer settings = ByteBuffer.allocate(24);
        settings.putShort((short) 2).putInt(0);
        settings.putShort((short) 3).putInt(MOST_STREAMS);
        settings.putShort((short) 4).putInt(H2Stream.WINDOW);
        settings.putShort((short) 6).putInt(HEAD_BYTES);
        writer.frame(SETTINGS, 0, 0, settings.array(), 0, 24);
        windowUpdate(0, CONNECTION_WINDOW - 65_535);
    }

    /** Reads until the connection ends; everything on it ends then. */
    final void read() {
        IOException why = new EOFException("the connection ended");
        try {
            byte[] header = new byte[9];
            while (!closed) {
                fully(header, 9);
                int length = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | header[2] & 0xff;
                if (length > FRAME_BYTES) {
                    throw new H2Error(H2Error.FRAME_SIZE, "a frame is too long");
                }
                byte[] payload = new byte[length];
                fully(payload, length);
                ByteBuffer id = ByteBuffer.wrap(header, 5, 4);
                frame(header[3], header[4] & 0xff, id.getInt() & 0x7fffffff, payload);
            }
        } catch (H2Error e) {
            why = e;
            goAway(e.code());
        } catch (IOException e) {
            why = e;
        } finally {
            end(why);
        }
    }

    private void end(IOException why) {
        closed = true;
        wire.close();
        streams.values().forEach(stream -> stream.fail(why));
        streams.clear();
        wakeWriters();
        onEnd();
    }

    private void wakeWriters() {
        windows.lock();
        try {
            opened.signalAll();
        } finally {
            windows.unlock();
        }
    }

    final void fully(byte[] into, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int count = wire.read(into, done, length - done);
            if (count < 0) {
                throw new EOFException("the connection ended");
            }
            done += count;
        }
    }

    private void frame(int type, int flags, int id, byte[] payload) throws IOException {
        switch (type) {
            case DATA -> data(flags, id, payload);
            case HEADERS -> headers(flags, id, payload);
            case RESET -> reset(id, payload);
            case SETTINGS -> settings(flags, id, payload);
            case PING -> ping(flags, id, payload);
            case GOAWAY -> ending = true;
            case WINDOW_UPDATE -> window(id, payload);
            case PRIORITY -> control();
            case 5, CONTINUATION -> throw new H2Error(H2Error.PROTOCOL, "a frame that may not come here");
            default -> control();
        }
    }

    private void control() throws H2Error {
        long now = System.nanoTime();
        if (now - counted > TimeUnit.SECONDS.toNanos(10)) {
            counted = now;
            controls = 0;
            resets = 0;
        }
        if (++controls > MOST_CONTROLS) {
            throw new H2Error(H2Error.CALM, "too many frames");
        }
    }

    private void data(int flags, int id, byte[] payload) throws IOException {
        byte[] bytes = unpadded(flags, payload, 0);
        if (bytes.length == 0) {
            control();
        }
        H2Stream stream = streams.get(id);
        if (id == 0) {
            throw new H2Error(H2Error.PROTOCOL, "data on no stream");
        }
        if (stream == null) {
            returned(payload.length);
            return;
        }
        stream.data(bytes, (flags & END_STREAM) != 0);
        returned(payload.length - bytes.length);
        settle(stream);
    }

    private static byte[] unpadded(int flags, byte[] payload, int skip) throws H2Error {
        int from = skip;
        int to = payload.length;
        if ((flags & PADDED) != 0) {
            if (payload.length == 0) {
                throw new H2Error(H2Error.FRAME_SIZE, "padding is missing");
            }
            from++;
            to -= payload[0] & 0xff;
        }
        if (to < from) {
            throw new H2Error(H2Error.PROTOCOL, "more padding than frame");
        }
        return from == 0 && to == payload.length ? payload : java.util.Arrays.copyOfRange(payload, from, to);
    }

    private void headers(int flags, int id, byte[] payload) throws IOException {
        if (id == 0) {
            throw new H2Error(H2Error.PROTOCOL, "a head on no stream");
        }
        byte[] block = unpadded(flags, payload, (flags & PRIORITIZED) != 0 ? 5 : 0);
        if ((flags & END_HEADERS) == 0) {
            block = continued(id, block);
        }
        MetaData meta;
        try {
            meta = decoder.decode(ByteBuffer.wrap(block));
        } catch (HpackException.StreamException e) {
            resetStream(id, H2Error.PROTOCOL);
            return;
        } catch (HpackException | RuntimeException e) {
            throw new H2Error(H2Error.COMPRESSION, "a head that cannot be read");
        }
        onHead(id, meta, (flags & END_STREAM) != 0);
        H2Stream stream = streams.get(id);
        if (stream != null) {
            settle(stream);
        }
    }

    private byte[] continued(int id, byte[] first) throws IOException {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        all.writeBytes(first);
        byte[] header = new byte[9];
        boolean last = false;
        for (int frames = 0; !last; frames++) {
            fully(header, 9);
            int length = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | header[2] & 0xff;
            int of = ByteBuffer.wrap(header, 5, 4).getInt() & 0x7fffffff;
            if (header[3] != CONTINUATION || of != id || length > FRAME_BYTES) {
                throw new H2Error(H2Error.PROTOCOL, "a head was interrupted");
            }
            if (all.size() + length > HEAD_BYTES || frames > 32) {
                throw new H2Error(H2Error.CALM, "a head is too long");
            }
            byte[] more = new byte[length];
            fully(more, length);
            all.writeBytes(more);
            last = (header[4] & END_HEADERS) != 0;
        }
        return all.toByteArray();
    }

    private void reset(int id, byte[] payload) throws IOException {
        control();
        if (id == 0 || payload.length != 4) {
            throw new H2Error(H2Error.PROTOCOL, "a reset of nothing");
        }
        if (++resets > MOST_RESETS) {
            throw new H2Error(H2Error.CALM, "too many resets");
        }
        H2Stream stream = streams.get(id);
        if (stream != null) {
            int code = ByteBuffer.wrap(payload).getInt();
            if (code == H2Error.NONE && stream.hasHead() && !(this instanceof H2ServerConnection)) {
                // The target has answered all and does not want the rest of the request.
                return;
            }
            forget(stream, new EOFException("the stream was reset: " + code));
        }
    }

    private void settings(int flags, int id, byte[] payload) throws IOException {
        control();
        if (id != 0 || payload.length % 6 != 0) {
            throw new H2Error(H2Error.FRAME_SIZE, "settings that are none");
        }
        if ((flags & ACK) != 0) {
            return;
        }
        ByteBuffer in = ByteBuffer.wrap(payload);
        while (in.hasRemaining()) {
            int name = in.getShort();
            int value = in.getInt();
            switch (name) {
                case 3 -> peerStreams = value < 0 ? Integer.MAX_VALUE : value;
                case 4 -> initial(value);
                case 5 -> peerFrame = Math.clamp(value, FRAME_BYTES, 4 * FRAME_BYTES);
                default -> {}
            }
        }
        writer.frame(SETTINGS, ACK, 0, new byte[0], 0, 0);
    }

    private void initial(int value) throws H2Error {
        if (value < 0) {
            throw new H2Error(H2Error.FLOW_CONTROL, "a window that is none");
        }
        windows.lock();
        try {
            long change = value - initialWindow;
            initialWindow = value;
            streams.values().forEach(stream -> stream.sendWindow += change);
            opened.signalAll();
        } finally {
            windows.unlock();
        }
    }

    private void ping(int flags, int id, byte[] payload) throws IOException {
        control();
        if (id != 0 || payload.length != 8) {
            throw new H2Error(H2Error.FRAME_SIZE, "a ping that is none");
        }
        if ((flags & ACK) == 0) {
            writer.frame(PING, ACK, 0, payload, 0, 8);
        }
    }

    private void window(int id, byte[] payload) throws IOException {
        if (payload.length != 4) {
            throw new H2Error(H2Error.FRAME_SIZE, "a window update that is none");
        }
        int more = ByteBuffer.wrap(payload).getInt() & 0x7fffffff;
        if (more < 1024) {
            control();
        }
        windows.lock();
        try {
            H2Stream stream = id == 0 ? null : streams.get(id);
            if (id == 0) {
                sendWindow += more;
            } else if (stream != null) {
                stream.sendWindow += more;
            }
            if (sendWindow > Integer.MAX_VALUE || stream != null && stream.sendWindow > Integer.MAX_VALUE) {
                throw new H2Error(H2Error.FLOW_CONTROL, "a window that is too large");
            }
            opened.signalAll();
        } finally {
            windows.unlock();
        }
    }

    /** A new stream. */
    final H2Stream stream(int id) {
        windows.lock();
        try {
            H2Stream made = new H2Stream(this, id, initialWindow);
            streams.put(id, made);
            return made;
        } finally {
            windows.unlock();
        }
    }

    /** Bytes of a stream were read: its window and the connection's open again. */
    final void consumed(H2Stream stream, long bytes) throws IOException {
        if (streams.containsKey(stream.id)) {
            windowUpdate(stream.id, bytes);
        }
        returned(bytes);
    }

    private void returned(long bytes) throws IOException {
        long give;
        windows.lock();
        try {
            unreturned += bytes;
            give = unreturned >= CONNECTION_WINDOW / 8 ? unreturned : 0;
            unreturned -= give;
        } finally {
            windows.unlock();
        }
        if (give > 0) {
            windowUpdate(0, give);
        }
    }

    private void windowUpdate(int id, long bytes) throws IOException {
        byte[] payload = ByteBuffer.allocate(4).putInt((int) bytes).array();
        writer.frame(WINDOW_UPDATE, 0, id, payload, 0, 4);
    }

    /** Forgets a stream on which all is said. */
    final void settle(H2Stream stream) throws IOException {
        if (stream.over() && streams.remove(stream.id, stream)) {
            onGone();
        }
    }

    /** A stream has gone. */
    void onGone() {}

    /** Ends a stream for a reason, on our side only. */
    final void forget(H2Stream stream, IOException why) throws IOException {
        boolean was = streams.remove(stream.id, stream);
        stream.fail(why);
        wakeWriters();
        returned(stream.abandon());
        if (was) {
            onGone();
        }
    }

    final void resetStream(int id, int code) throws IOException {
        writer.frame(RESET, 0, id, ByteBuffer.allocate(4).putInt(code).array(), 0, 4);
        H2Stream stream = streams.get(id);
        if (stream != null) {
            forget(stream, new EOFException("we reset the stream"));
        }
    }

    final void goAway(int code) {
        ending = true;
        byte[] payload =
                ByteBuffer.allocate(8).putInt(Integer.MAX_VALUE).putInt(code).array();
        try {
            writer.frame(GOAWAY, 0, 0, payload, 0, 8);
        } catch (IOException e) {
            wire.close();
        }
    }

    /**
     * Sends a head.
     *
     * @param pseudo names and values that begin it
     */
    final void sendHead(H2Stream stream, boolean end, Headers headers, String... pseudo) throws IOException {
        writer.head(stream.id, end, headers, pseudo);
        if (end) {
            stream.outEnded();
            settle(stream);
        }
    }

    /** Sends bytes, as the windows open. */
    final void sendData(H2Stream stream, byte[] from, int offset, int length, boolean end) throws IOException {
        int at = offset;
        int left = length;
        do {
            int part = left == 0 ? 0 : permitted(stream, left);
            boolean last = end && part == left;
            writer.frame(DATA, last ? END_STREAM : 0, stream.id, from, at, part);
            stream.sent(part);
            at += part;
            left -= part;
        } while (left > 0);
        if (end) {
            stream.outEnded();
            settle(stream);
        }
    }

    private int permitted(H2Stream stream, int wanted) throws IOException {
        windows.lock();
        try {
            long left = stream.waitNanos() == 0 ? TimeUnit.MINUTES.toNanos(10) : stream.waitNanos();
            while (true) {
                IOException broken = stream.failure();
                if (broken != null || closed) {
                    throw new IOException("the stream is broken", broken);
                }
                long most = Math.min(Math.min(sendWindow, stream.sendWindow), Math.min(wanted, peerFrame));
                if (most > 0) {
                    sendWindow -= most;
                    stream.sendWindow -= most;
                    return (int) most;
                }
                if (left <= 0) {
                    throw new Expired("the peer does not read");
                }
                left = opened.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            windows.unlock();
        }
    }
}
