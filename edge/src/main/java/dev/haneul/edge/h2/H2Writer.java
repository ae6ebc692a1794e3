package dev.haneul.edge.h2;

import dev.haneul.edge.http.Headers;
import dev.haneul.edge.stream.Wire;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http2.hpack.HpackEncoder;

/** Writes frames, whole and one after the other. */
final class H2Writer {
    private static final int HEADERS = 1;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int FRAME_BYTES = 16_384;
    private static final int BLOCK_BYTES = 128 * 1024;

    private final Wire wire;
    private final ReentrantLock writing = new ReentrantLock();
    private final HpackEncoder encoder = new HpackEncoder();

    H2Writer(Wire wire) {
        this.wire = wire;
        // Nothing is remembered between heads: then no peer's table size needs to be followed.
        encoder.setMaxTableCapacity(0);
        encoder.setTableCapacity(0);
    }

    /** Writes a frame. */
    void frame(int type, int flags, int id, byte[] payload, int offset, int length) throws IOException {
        byte[] all = new byte[9 + length];
        header(all, 0, length, type, flags, id);
        System.arraycopy(payload, offset, all, 9, length);
        write(all);
    }

    private void write(byte[] all) throws IOException {
        writing.lock();
        try {
            wire.write(all, 0, all.length);
        } finally {
            writing.unlock();
        }
    }

    private static void header(byte[] into, int at, int length, int type, int flags, int id) {
        into[at] = (byte) (length >> 16);
        into[at + 1] = (byte) (length >> 8);
        into[at + 2] = (byte) length;
        into[at + 3] = (byte) type;
        into[at + 4] = (byte) flags;
        ByteBuffer.wrap(into, at + 5, 4).putInt(id);
    }

    /**
     * Writes a head.
     *
     * @param pseudo names and values that begin it
     */
    void head(int id, boolean end, Headers headers, String... pseudo) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        writing.lock();
        try {
            for (int i = 0; i < pseudo.length; i += 2) {
                encoder.encode(block, new HttpField(pseudo[i], pseudo[i + 1]));
            }
            for (int i = 0; i < headers.size(); i++) {
                String name = headers.name(i).toLowerCase(Locale.ROOT);
                encoder.encode(block, new HttpField(name, headers.value(i)));
            }
            blocks(id, end, block.array(), block.position());
        } catch (BufferOverflowException e) {
            throw new IOException("a head is too long", e);
        } finally {
            writing.unlock();
        }
    }

    private void blocks(int id, boolean end, byte[] block, int length) throws IOException {
        int at = 0;
        boolean first = true;
        do {
            int part = Math.min(FRAME_BYTES, length - at);
            boolean last = at + part == length;
            int flags = (last ? END_HEADERS : 0) | (first && end ? END_STREAM : 0);
            frame(first ? HEADERS : CONTINUATION, flags, id, block, at, part);
            at += part;
            first = false;
        } while (at < length);
    }
}
