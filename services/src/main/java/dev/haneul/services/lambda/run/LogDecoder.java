package dev.haneul.services.lambda.run;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Splits what a workload wrote into log events: plain text line by line, and frames, which are one event whatever
 * lines they hold.
 *
 * <p>A frame is what AWS's runtime clients write to the descriptor named in {@code _LAMBDA_TELEMETRY_LOG_FD}: a
 * four-byte type (0xA55A, then flags; bit 1 says that a time follows), a four-byte length, eight bytes of microseconds
 * since 1970, then the text. Its first byte cannot start a character of UTF-8, so plain text is never taken for a
 * frame. Memory is bounded: an event that grows past the largest CloudWatch takes is cut into several.
 */
public final class LogDecoder {
    /** CloudWatch Logs takes 256 KiB an event, 26 bytes of it for itself. */
    static final int LARGEST_EVENT_BYTES = 256 * 1024 - 26;

    private static final int HEAD_BYTES = 16;
    private static final int TIME_PRESENT = 2;

    private final LongSupplier now;
    private final Consumer<LogEvent> sink;
    private byte[] held = new byte[1024];
    private int length;
    private byte[] head = new byte[HEAD_BYTES];
    private int headLength;
    private int frameLeft;
    private int frameHead;
    private long frameTime;

    /**
     * @param now the time for plain lines, epoch milliseconds
     * @param sink takes each event as soon as it is complete
     */
    public LogDecoder(LongSupplier now, Consumer<LogEvent> sink) {
        this.now = now;
        this.sink = sink;
    }

    /** Takes what was written next; the buffer has an array. */
    public void accept(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (frameLeft > 0) {
                takeFrame(bytes);
            } else if (headLength > 0) {
                takeHead(bytes.get());
            } else {
                takeLine(bytes);
            }
        }
    }

    /** Copies up to the next line end or possible frame in one go. */
    private void takeLine(ByteBuffer bytes) {
        byte[] array = bytes.array();
        int from = bytes.arrayOffset() + bytes.position();
        int limit = from + Math.min(bytes.remaining(), LARGEST_EVENT_BYTES - length);
        int at = from;
        while (at < limit && array[at] != '\n' && array[at] != (byte) 0xA5) {
            at++;
        }
        int plain = at - from;
        ensure(plain);
        System.arraycopy(array, from, held, length, plain);
        length += plain;
        bytes.position(bytes.position() + plain);
        if (length == LARGEST_EVENT_BYTES) {
            emit(now.getAsLong());
        }
        if (at < limit) {
            takePlain(bytes.get());
        }
    }

    /** How many bytes were taken that belong to no event so far. */
    int pending() {
        return length + headLength + frameHead;
    }

    /** Gives out what has no line end yet, at the end of an invocation. An unfinished frame waits for its rest. */
    public void flush() {
        if (headLength == 1) {
            headLength = 0; // the last byte of a character after all
            append(head[0]);
        }
        if (frameLeft == 0 && headLength == 0 && length > 0) {
            emit(now.getAsLong());
        }
    }

    private void takePlain(byte next) {
        if (next == (byte) 0xA5) {
            head[headLength++] = next;
            return;
        }
        append(next);
        if (next == '\n') {
            emit(now.getAsLong());
        }
    }

    /** Gathers a frame's head; text that only looked like one so far goes back to the text. */
    private void takeHead(byte next) {
        head[headLength++] = next;
        boolean plausible = switch (headLength) {
            case 2 -> next == 0x5A;
            case 3 -> next == 0;
            default -> true;
        };
        if (!plausible) {
            int looked = headLength;
            headLength = 0;
            append(head[0]);
            for (int i = 1; i < looked; i++) {
                takePlain(head[i]);
            }
            return;
        }
        if (headLength == 8 && (head[3] & TIME_PRESENT) == 0) {
            startFrame(now.getAsLong());
        } else if (headLength == HEAD_BYTES) {
            startFrame(ByteBuffer.wrap(head).getLong(8) / 1000);
        }
    }

    private void startFrame(long epochMillis) {
        int size = ByteBuffer.wrap(head).getInt(4);
        if (length > 0) {
            emit(now.getAsLong()); // an unfinished line before it is an event of its own
        }
        frameHead = headLength;
        headLength = 0;
        frameLeft = Math.max(size, 0);
        frameTime = epochMillis;
    }

    private void takeFrame(ByteBuffer bytes) {
        int take = Math.min(Math.min(frameLeft, bytes.remaining()), LARGEST_EVENT_BYTES - length);
        ensure(take);
        bytes.get(held, length, take);
        length += take;
        frameLeft -= take;
        if (frameLeft == 0 || length == LARGEST_EVENT_BYTES) {
            emit(frameTime);
        }
    }

    private void append(byte next) {
        ensure(1);
        held[length++] = next;
        if (length == LARGEST_EVENT_BYTES) {
            emit(now.getAsLong());
        }
    }

    private void ensure(int more) {
        if (length + more > held.length) {
            int size = Math.min(Math.max(held.length * 2, length + more), LARGEST_EVENT_BYTES);
            held = java.util.Arrays.copyOf(held, size);
        }
    }

    private void emit(long epochMillis) {
        String text = new String(held, 0, length, StandardCharsets.UTF_8);
        length = 0;
        frameHead = 0;
        if (held.length > 64 * 1024) {
            held = new byte[1024];
        }
        if (!text.isEmpty()) {
            sink.accept(new LogEvent(epochMillis, text));
        }
    }
}
