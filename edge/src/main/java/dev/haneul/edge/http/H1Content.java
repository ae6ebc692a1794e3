package dev.haneul.edge.http;

import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A body within an HTTP/1.1 connection. */
final class H1Content extends Content {
    static final long CHUNKED = -1;
    static final long TO_THE_END = -2;

    private final H1Input in;
    private final long length;
    private final @Nullable Before before;
    private long left;
    private boolean first = true;
    private boolean ended;
    private @Nullable Headers trailers;

    /** What to do before the first byte is waited for. */
    @FunctionalInterface
    interface Before {
        void run() throws IOException;
    }

    H1Content(H1Input in, long length, @Nullable Before before) {
        this.in = in;
        this.length = length;
        this.before = before;
        this.left = length == CHUNKED ? 0 : length;
        this.ended = length == 0;
    }

    @Override
    public long length() {
        return length < 0 ? -1 : length;
    }

    @Override
    public int read(byte[] into, int offset, int wanted) throws IOException {
        if (ended || wanted == 0) {
            return ended ? -1 : 0;
        }
        if (first) {
            first = false;
            if (before != null && !in.buffered()) {
                before.run();
            }
            if (length == CHUNKED) {
                nextChunk();
            }
        } else if (length == CHUNKED && left == 0) {
            in.chunkEnd();
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int most = length == TO_THE_END ? wanted : (int) Math.min(wanted, left);
        int count = in.take(into, offset, most);
        if (count < 0) {
            if (length == TO_THE_END) {
                ended = true;
                return -1;
            }
            throw new EOFException("the connection ended within a body");
        }
        if (length != TO_THE_END) {
            left -= count;
            ended = length != CHUNKED && left == 0;
        }
        return count;
    }

    private void nextChunk() throws IOException {
        left = in.chunk();
        if (left == 0) {
            Headers last = in.headers(H1Input.HEAD_BYTES);
            trailers = last.size() == 0 ? null : last;
            ended = true;
        }
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public boolean ready() {
        return !ended && in.buffered();
    }

    /** Whether what is left is in memory already. */
    boolean inMemory() {
        return ended || length > 0 && left <= in.bufferedBytes();
    }

    @Override
    public @Nullable Headers trailers() {
        return trailers;
    }
}
