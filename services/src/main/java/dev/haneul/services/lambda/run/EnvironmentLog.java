package dev.haneul.services.lambda.run;

import dev.haneul.kernel.time.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The log of one environment: the platform's lines and what the function prints, in the order they came about. The
 * function prints into a file; {@link #pump} brings what is new there. Used by one thread at a time.
 */
final class EnvironmentLog implements AutoCloseable {
    private static final int TAIL_BYTES = 4096;
    private static final int READ_BYTES = 64 * 1024;
    private static final int LEAST_BYTES = 4096;
    /** A function that is further ahead than this prints faster than its log can be kept. */
    private static final long MOST_BEHIND_BYTES = 12L << 20;

    private static final long KEPT_OF_TOO_MUCH_BYTES = 4L << 20;

    private final LogShipper.Writer writer;
    private final Clock clock;
    private final LogDecoder decoder;
    /** As large as what was printed at once so far: many environments print little or nothing. */
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    private @Nullable FileChannel file;
    private long offset;
    private long forgotten;
    private long lineNumber;
    private @Nullable Passport passport;
    private long dropped;
    private byte @Nullable [] tail;
    private int tailLength;
    private final Telemetry telemetry = new Telemetry();
    private @Nullable ExtensionOutput extensions;

    EnvironmentLog(LogShipper.Writer writer, Clock clock) {
        this.writer = writer;
        this.clock = clock;
        this.decoder = new LogDecoder(System::currentTimeMillis, this::fromFunction);
    }

    /**
     * Reads from this file from now on; what the last one still had is brought first.
     *
     * @param notes where it is noted how far the log has arrived
     */
    void attach(Path output, Passport notes) throws IOException, InterruptedException {
        detach();
        // Plain processes make the file themselves, a moment after their start.
        file = FileChannel.open(output, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        passport = notes;
        buffer.clear().limit(0);
        offset = 0;
        forgotten = 0;
        lineNumber = 0;
    }

    /**
     * Goes on where an earlier server's log ended: what had not arrived then is brought now, the platform's own lines
     * at their places.
     *
     * @param from what lies before this in the file is lost
     */
    void resume(Path output, long from, Passport notes) throws IOException, InterruptedException {
        Passport.Shipped arrived = notes.shipped();
        attach(output, notes);
        lineNumber = arrived.line();
        offset = Math.max(arrived.offset(), from);
        forgotten = from;
        for (Passport.Line line : notes.unshipped()) {
            pump(line.offset());
            lineNumber = line.number();
            append(new LogEvent(line.epochMillis(), line.text()));
        }
        pump();
    }

    /** Told to the extensions that asked for it. */
    Telemetry telemetry() {
        return telemetry;
    }

    /** Reads what extensions print from this file too, until the function's own output is let go of. */
    void attachExtensions(Path output) throws IOException {
        extensions = new ExtensionOutput(output, 0, this::fromExtension);
    }

    /** As {@link #attachExtensions}, going on where an earlier server's log ended. @param from what lies before is lost */
    void resumeExtensions(Path output, long from, Passport notes) throws IOException {
        extensions = new ExtensionOutput(output, Math.max(notes.shipped().beside(), from), this::fromExtension);
    }

    /** How much of the extensions' output was brought; 0 where there are none. */
    long extensionsOffset() {
        ExtensionOutput current = extensions;
        return current == null ? 0 : current.offset();
    }

    private void fromExtension(LogEvent event) {
        LogEvent shifted = shifted(event);
        tell(Telemetry.Kind.EXTENSION, "extension", shifted);
        append(shifted);
    }

    private void tell(Telemetry.Kind kind, String type, LogEvent event) {
        if (telemetry.wanted()) {
            telemetry.add(new Telemetry.Event(kind, type, Instant.ofEpochMilli(event.epochMillis()), event.message()));
        }
    }

    /** Where in the file lies what has arrived in the log, and is still held there. */
    long arrivedSinceForgotten() {
        return arrived() - forgotten;
    }

    /** How much of the file has arrived in the log. */
    long arrived() {
        Passport notes = passport;
        return notes == null ? 0 : notes.shipped().offset();
    }

    /** The file no longer holds what lies before this. */
    void forgot(long before) {
        forgotten = before;
    }

    /** Brings the rest of the file and lets go of it. */
    void detach() throws IOException, InterruptedException {
        FileChannel current = file;
        ExtensionOutput beside = extensions;
        extensions = null;
        if (beside != null) {
            beside.close();
        }
        if (current != null) {
            pump();
            decoder.flush();
            file = null;
            current.close();
        }
    }

    /** Everything read so far is in CloudWatch Logs when this returns, where those work: no file is needed for it. */
    void bring() throws InterruptedException {
        writer.bring();
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
        long now = clock.millis();
        lineNumber++;
        Passport notes = passport;
        if (notes != null) {
            notes.line(new Passport.Line(lineNumber, consumed(), now, line));
        }
        append(new LogEvent(now, line));
    }

    /** Brings what the function and its extensions have printed since, and sends what is held. */
    void pump() throws InterruptedException {
        pumpAll();
        writer.send();
    }

    /** Sends what is held. */
    void send() {
        writer.send();
    }

    private void pumpAll() throws InterruptedException {
        pump(Long.MAX_VALUE);
        ExtensionOutput beside = extensions;
        if (beside != null) {
            try {
                beside.pump();
            } catch (IOException e) {
                System.getLogger(EnvironmentLog.class.getName())
                        .log(System.Logger.Level.WARNING, "the output of extensions cannot be read", e);
            }
        }
    }

    private void pump(long end) throws InterruptedException {
        FileChannel current = file;
        if (current == null) {
            return;
        }
        try {
            long behind = current.size() - offset;
            if (behind <= 0) {
                return;
            }
            if (behind > MOST_BEHIND_BYTES) {
                skip(behind - KEPT_OF_TOO_MUCH_BYTES);
            }
            if (buffer.capacity() < Math.min(behind, READ_BYTES)) {
                buffer = ByteBuffer.allocate((int) Math.clamp(behind, LEAST_BYTES, READ_BYTES));
            }
            while (true) {
                buffer.clear();
                buffer.limit((int) Math.clamp(end - offset, 0, buffer.capacity()));
                int count = buffer.hasRemaining() ? current.read(buffer, offset) : 0;
                if (count <= 0) {
                    buffer.limit(buffer.position());
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

    /** Brings an unfinished line too, at the end of an invocation; more is to come before it is sent. */
    void flush() throws InterruptedException {
        pumpAll();
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

    /** Where in the file the last event ended. */
    private long consumed() {
        return offset - buffer.remaining() - decoder.pending();
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
        LogEvent shifted = shifted(event);
        tell(Telemetry.Kind.FUNCTION, "function", shifted);
        append(shifted);
    }

    private LogEvent shifted(LogEvent event) {
        long shift = clock.millis() - System.currentTimeMillis();
        return Math.abs(shift) < 5 ? event : new LogEvent(event.epochMillis() + shift, event.message());
    }

    private void append(LogEvent event) {
        remember(event);
        try {
            if (dropped > 0) {
                String notice =
                        "[haneul] " + dropped + " log events were dropped: the log could not be stored in time\n";
                if (!writer.append(new LogEvent(event.epochMillis(), notice), 0, () -> {})) {
                    dropped++;
                    return;
                }
                dropped = 0;
            }
            if (!writer.append(event, LogShipper.patienceNanos(), receipt())) {
                dropped++;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            dropped++;
        }
    }

    /** Notes, when it is run, that the log has arrived up to here. */
    private Runnable receipt() {
        Passport notes = passport;
        if (notes == null) {
            return () -> {};
        }
        ExtensionOutput beside = extensions;
        long besideConsumed = beside == null ? notes.shipped().beside() : beside.consumed();
        Passport.Shipped here = new Passport.Shipped(consumed(), lineNumber, besideConsumed);
        return () -> notes.shipped(here);
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
