package dev.haneul.edge.stream;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

/**
 * Pumps two connections into each other until both have ended or neither said anything for too long. The end of one
 * direction is passed on, the other goes on.
 */
public final class Tunnel {
    private static final int BUFFER_BYTES = 32 * 1024;

    private final Wire one;
    private final Wire other;
    private final long idleNanos;
    private final LongConsumer moved;
    private final AtomicLong toOther = new AtomicLong();
    private final AtomicLong toOne = new AtomicLong();
    private final AtomicReference<Broken> broken = new AtomicReference<>(Broken.NOT);

    /** Which end broke first, if any. */
    public enum Broken {
        NOT,
        ONE,
        OTHER,
        /** Nothing came for too long. */
        SILENT
    }

    /** A tunnel, not yet open. */
    public Tunnel(Wire one, Wire other, long idleNanos) {
        this(one, other, idleNanos, bytes -> {});
    }

    /** One that tells of bytes as they go. */
    Tunnel(Wire one, Wire other, long idleNanos, LongConsumer moved) {
        this.one = one;
        this.other = other;
        this.idleNanos = idleNanos;
        this.moved = moved;
    }

    /** Pumps until the end; both connections are closed then. */
    public void run() {
        one.writeWithin(idleNanos);
        other.writeWithin(idleNanos);
        Thread back = Thread.ofVirtual().start(() -> pump(other, one, toOne::addAndGet));
        pump(one, other, toOther::addAndGet);
        try {
            back.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            one.close();
            other.close();
        }
    }

    private void pump(Wire from, Wire to, LongConsumer count) {
        byte[] buffer = new byte[BUFFER_BYTES];
        Wire at = from;
        try {
            while (true) {
                touch();
                at = from;
                int read = from.read(buffer, 0, buffer.length);
                if (read < 0) {
                    at = to;
                    to.endOutput();
                    return;
                }
                touch();
                at = to;
                to.write(buffer, 0, read);
                count.accept(read);
                moved.accept(read);
            }
        } catch (IOException e) {
            // One that breaks takes the other along, with a reset, as it was told.
            broken.compareAndSet(
                    Broken.NOT, e instanceof Expired ? Broken.SILENT : at == one ? Broken.ONE : Broken.OTHER);
            from.reset();
            to.reset();
        }
    }

    private void touch() {
        one.readWithin(idleNanos);
        other.readWithin(idleNanos);
    }

    /** Bytes that went from the first to the second. */
    public long forward() {
        return toOther.get();
    }

    /** How it ended. */
    public Broken broken() {
        return Objects.requireNonNull(broken.get());
    }

    /** Bytes that came back. */
    public long back() {
        return toOne.get();
    }
}
