package dev.haneul.edge.http;

import dev.haneul.edge.stream.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Reads HTTP/1.1 from a connection: heads, strictly, and bodies by length, in chunks or up to the end. What could be read
 * in two ways is refused, for whoever stands behind may read it in the other.
 */
final class H1Input {
    static final int LINE_BYTES = 16 * 1024;
    static final int HEAD_BYTES = 64 * 1024;
    private static final int START_BYTES = 16 * 1024;
    private static final int MOST_LINES = 1_000;

    final Wire wire;
    private byte[] buffer = new byte[START_BYTES];
    private int from;
    private int to;
    private long total;
    private int lineStart;
    private int lineEnd;

    H1Input(Wire wire) {
        this.wire = wire;
    }

    /** Whether bytes were read that nobody has used yet. */
    boolean buffered() {
        return from < to;
    }

    int bufferedBytes() {
        return to - from;
    }

    /** How many bytes were used so far. */
    long position() {
        return total - (to - from);
    }

    /** Reads more; false at the end. */
    boolean fill() throws IOException {
        if (from == to) {
            from = 0;
            to = 0;
        }
        if (to == buffer.length) {
            if (from > 0) {
                System.arraycopy(buffer, from, buffer, 0, to - from);
                to -= from;
                from = 0;
            } else if (buffer.length < HEAD_BYTES + LINE_BYTES) {
                buffer = java.util.Arrays.copyOf(buffer, buffer.length * 2);
            } else {
                throw new Refused(400, "the head is too long");
            }
        }
        int count = wire.read(buffer, to, buffer.length - to);
        if (count < 0) {
            return false;
        }
        to += count;
        total += count;
        return true;
    }

    /** Gives back what came early, e.g. from whoever watched the connection meanwhile. */
    void unread(byte[] bytes, int count) {
        byte[] all = new byte[Math.max(START_BYTES, to - from + count)];
        System.arraycopy(buffer, from, all, 0, to - from);
        System.arraycopy(bytes, 0, all, to - from, count);
        to = to - from + count;
        from = 0;
        total += count;
        buffer = all;
    }

    /** Finds the next line; it lies between {@code lineStart} and {@code lineEnd}, without its end. */
    private void line(int most, int tooLong) throws IOException {
        int at = from;
        while (true) {
            while (at < to) {
                if (buffer[at] == '\n') {
                    lineStart = from;
                    lineEnd = at > from && buffer[at - 1] == '\r' ? at - 1 : at;
                    from = at + 1;
                    return;
                }
                at++;
            }
            if (at - from > most) {
                throw new Refused(tooLong, "a line is too long");
            }
            int done = at - from;
            if (!fill()) {
                throw new EOFException("the connection ended within a head");
            }
            at = from + done;
        }
    }

    private String text(int start, int end) {
        return new String(buffer, start, end - start, StandardCharsets.ISO_8859_1);
    }

    /** The request line or status line; up to one empty line before it is forgiven. */
    String startLine(int tooLong) throws IOException {
        line(LINE_BYTES, tooLong);
        if (lineStart == lineEnd) {
            line(LINE_BYTES, tooLong);
        }
        if (lineEnd - lineStart > LINE_BYTES) {
            throw new Refused(tooLong, "the first line is too long");
        }
        for (int i = lineStart; i < lineEnd; i++) {
            if (buffer[i] < ' ' && buffer[i] != '\t' && buffer[i] >= 0 || buffer[i] == 0x7f) {
                throw new Refused(400, "a control character in the first line");
            }
        }
        return text(lineStart, lineEnd);
    }

    /**
     * Header lines up to the empty one.
     *
     * @param mostBytes of all together
     */
    Headers headers(int mostBytes) throws IOException {
        Headers headers = new Headers();
        int bytes = 0;
        while (true) {
            line(LINE_BYTES, 400);
            if (lineStart == lineEnd) {
                return headers;
            }
            bytes += lineEnd - lineStart;
            if (lineEnd - lineStart > LINE_BYTES || bytes > mostBytes || headers.size() >= MOST_LINES) {
                throw new Refused(400, "the headers are too long");
            }
            header(headers);
        }
    }

    private void header(Headers headers) throws IOException {
        int colon = lineStart;
        while (colon < lineEnd && buffer[colon] != ':') {
            byte c = buffer[colon];
            if (c <= ' ' || c == 0x7f) {
                throw new Refused(400, "a header's name has a space or a control character");
            }
            colon++;
        }
        if (colon == lineEnd || colon == lineStart) {
            throw new Refused(400, "a header line without a name");
        }
        int start = colon + 1;
        int end = lineEnd;
        while (start < end && (buffer[start] == ' ' || buffer[start] == '\t')) {
            start++;
        }
        while (end > start && (buffer[end - 1] == ' ' || buffer[end - 1] == '\t')) {
            end--;
        }
        for (int i = start; i < end; i++) {
            if (buffer[i] < ' ' && buffer[i] != '\t' && buffer[i] >= 0 || buffer[i] == 0x7f) {
                throw new Refused(400, "a header's value has a control character");
            }
        }
        headers.add(text(lineStart, colon), text(start, end));
    }

    /** Takes what is there, or waits for the connection; -1 at its end. */
    int take(byte[] into, int offset, int wanted) throws IOException {
        if (from == to) {
            if (wanted >= START_BYTES) {
                int direct = wire.read(into, offset, wanted);
                total += Math.max(0, direct);
                return direct;
            }
            if (!fill()) {
                return -1;
            }
        }
        int count = Math.min(wanted, to - from);
        System.arraycopy(buffer, from, into, offset, count);
        from += count;
        return count;
    }

    /** A chunk's length; 0 for the last. */
    long chunk() throws IOException {
        line(LINE_BYTES, 400);
        long size = 0;
        int digits = 0;
        int at = lineStart;
        for (; at < lineEnd; at++) {
            int digit = Character.digit(buffer[at], 16);
            if (digit < 0) {
                break;
            }
            size = size << 4 | digit;
            if (++digits > 15) {
                throw new Refused(400, "a chunk is too long");
            }
        }
        while (at < lineEnd && (buffer[at] == ' ' || buffer[at] == '\t')) {
            at++;
        }
        if (digits == 0 || at < lineEnd && buffer[at] != ';') {
            throw new Refused(400, "a chunk without a length");
        }
        return size;
    }

    /** The line end after a chunk. */
    void chunkEnd() throws IOException {
        line(2, 400);
        if (lineStart != lineEnd) {
            throw new Refused(400, "a chunk is longer than told");
        }
    }
}
