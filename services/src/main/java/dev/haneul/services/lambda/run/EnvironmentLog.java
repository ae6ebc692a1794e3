package dev.haneul.services.lambda.run;

import dev.haneul.kernel.time.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The log of one environment: the platform's lines and what the function prints, in the order they came about. The
 * function prints into a file; {@link #pump} brings what is new there. Used by one thread at a time.
 */
final class EnvironmentLog implements AutoCloseable {
    private static final int TAIL_BYTES = 4096;
    private static final int READ_BYTES = 64 * 1024;
    /** A function that is further ahead than this prints faster than its log can be kept. */
    private static final long MOST_BEHIND_BYTES = 12L << 20;

    private static final long KEPT_OF_TOO_MUCH_BYTES = 4L << 20;

    private final LogShipper.Writer writer;
    private final Clock clock;
    private final LogDecoder decoder;
    private final ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    private @Nullable FileChannel file;
    private long offset;
    private long forgotten;
    private long dropped;
    private byte @Nullable [] tail;
    private int tailLength;

    EnvironmentLog(LogShipper.Writer writer, Clock clock) {
        this.writer = writer;
        this.clock = clock;
        this.decoder = new LogDecoder(System::currentTimeMillis, this::fromFunction);
    }

    /** Reads from this file from now on; what the last one still had is brought first. */
    void attach(Path output) throws IOException, InterruptedException {
        detach();
        // Plain processes make the file themselves, a moment after their start.
        file = FileChannel.open(output, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        offset = 0;
        forgotten = 0;
    }

    /** How far the file has been read. */
    long position() {
        return offset;
    }

    /** How much has been read that the file still holds. */
    long read() {
        return offset - forgotten;
    }

    /** What has been read is no longer in the file. */
    void forgot() {
        forgotten = offset;
    }

    /** Brings the rest of the file and lets go of it. */
    void detach() throws IOException, InterruptedException {
        FileChannel current = file;
        if (current != null) {
            pump();
            decoder.flush();
            file = null;
            current.close();
        }
    }

    /** Starts to remember the last 4 KB, for a caller that asked for them. */
    void startTail() {
        tail = new byte[TAIL_BYTES * 2];
        tailLength = 0;
    }

    /** The last 4 KB since {@link #startTail}. */
    byte[] endTail() {
        byte[] kept = tail;
        if (kept == null) {
            return new byte[0];
        }
        tail = null;
        return Arrays.copyOfRange(kept, Math.max(0, tailLength - TAIL_BYTES), tailLength);
    }

    /** Writes a line of the platform's own. */
    void platform(String line) {
        append(new LogEvent(clock.millis(), line));
    }

    /** Brings what the function has printed since. */
    void pump() throws InterruptedException {
        FileChannel current = file;
        if (current == null) {
            return;
        }
        try {
            long behind = current.size() - offset;
            if (behind > MOST_BEHIND_BYTES) {
                skip(behind - KEPT_OF_TOO_MUCH_BYTES);
            }
            while (true) {
                buffer.clear();
                int count = current.read(buffer, offset);
                if (count <= 0) {
                    break;
                }
                offset += count;
                decoder.accept(buffer.flip());
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } catch (NoSuchFileException e) {
            // The workload was cleared away; its output has been read or is gone.
        } catch (IOException e) {
            System.getLogger(EnvironmentLog.class.getName())
                    .log(System.Logger.Level.WARNING, "a function's output cannot be read", e);
        }
    }

    /** Brings an unfinished line too, at the end of an invocation. */
    void flush() throws InterruptedException {
        pump();
        decoder.flush();
    }

    @Override
    public void close() {
        try {
            detach();
        } catch (IOException e) {
            System.getLogger(EnvironmentLog.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing a function's output", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writer.close();
    }

    private void skip(long bytes) {
        offset += bytes;
        append(new LogEvent(
                clock.millis(),
                "[haneul] " + bytes + " bytes of output were not kept: the function prints faster than its log can be"
                        + " stored\n"));
    }

    /** Frames carry the host's time; the region's clock may be another. */
    private void fromFunction(LogEvent event) {
        long shift = clock.millis() - System.currentTimeMillis();
        append(Math.abs(shift) < 5 ? event : new LogEvent(event.epochMillis() + shift, event.message()));
    }

    private void append(LogEvent event) {
        remember(event);
        try {
            if (dropped > 0) {
                String notice =
                        "[haneul] " + dropped + " log events were dropped: the log could not be stored in time\n";
                if (!writer.append(new LogEvent(event.epochMillis(), notice), 0)) {
                    dropped++;
                    return;
                }
                dropped = 0;
            }
            if (!writer.append(event, LogShipper.patienceNanos())) {
                dropped++;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            dropped++;
        }
    }

    private void remember(LogEvent event) {
        byte[] kept = tail;
        if (kept == null) {
            return;
        }
        byte[] text = event.message().getBytes(StandardCharsets.UTF_8);
        int take = Math.min(text.length, TAIL_BYTES);
        if (tailLength + take > kept.length) {
            System.arraycopy(kept, tailLength - TAIL_BYTES, kept, 0, TAIL_BYTES);
            tailLength = TAIL_BYTES;
        }
        System.arraycopy(text, text.length - take, kept, tailLength, take);
        tailLength += take;
    }
}
