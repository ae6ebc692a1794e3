package dev.haneul.services.sqs;

import dev.haneul.kernel.store.StoreFullException;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sqs.LogCodec.Event;
import dev.haneul.storage.DiskFullException;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/** A queue's log: written, read again from its beginning, and cut where nothing before is needed. */
final class QueueLog {
    private static final System.Logger LOG = System.getLogger(QueueLog.class.getName());
    private static final long SMALL_LOG_BYTES = 64L << 20;
    private static final int LIVE_SHARE = 4;
    private static final int COPY_BYTES = 4 << 20;
    private static final int READ_ENTRIES = 1000;

    private final String name;
    private final Segments segments;
    private final Clock clock;
    private final Seal seal;

    /** Where events stand, and how large each is. */
    record Written(List<Long> positions, List<Integer> bytes) {}

    /** Hears of each event of a log. */
    interface Reader {
        void apply(long position, Event event, int bytes);
    }

    QueueLog(String name, Segments segments, Clock clock, Seal seal) {
        this.seal = seal;
        this.name = name;
        this.segments = segments;
        this.clock = clock;
    }

    /** Writes events, all or none; they are on disk when this returns. */
    Written append(List<Event> events) {
        return append(events, Segments.Wait.DISK);
    }

    /**
     * Writes events, all or none, and waits for no more than what is said.
     *
     * @throws StoreFullException where the disk is full: nothing of it has happened
     */
    Written append(List<Event> events, Segments.Wait wait) {
        long now = clock.instant().toEpochMilli();
        List<Segments.Item> items = new ArrayList<>(events.size());
        List<Integer> sizes = new ArrayList<>(events.size());
        for (Event each : events) {
            byte[] bytes = bytes(each);
            items.add(new Segments.Item(now, bytes));
            sizes.add(bytes.length);
        }
        try {
            return new Written(segments.append(name, items, wait), sizes);
        } catch (DiskFullException e) {
            throw new StoreFullException("a queue's log does not fit: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] bytes(Event event) {
        byte[] plain = LogCodec.write(event);
        return event instanceof LogCodec.Sent ? seal.close(name, plain) : plain;
    }

    /** Tells everything that is in the log, oldest first. */
    void replay(Reader reader) throws IOException {
        long from = 0;
        boolean end = false;
        while (!end) {
            Segments.Chunk chunk = segments.forward(name, from, Segments.Want.of(READ_ENTRIES, COPY_BYTES));
            for (Segments.Entry entry : chunk.entries()) {
                reader.apply(entry.position(), LogCodec.read(seal.open(name, entry.body())), entry.body().length);
            }
            end = chunk.end();
            from = chunk.next();
        }
    }

    /** An entry's message; empty, and told in the server's log, where it cannot be read. */
    Optional<Message> message(Entry entry) {
        Message kept = entry.message;
        if (kept != null) {
            return Optional.of(kept);
        }
        try {
            return Optional.of(read(entry.position));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "a message cannot be read", e);
            return Optional.empty();
        }
    }

    private Message read(long position) throws IOException {
        Segments.Entry read = segments.get(name, position)
                .orElseThrow(() -> new IOException("the message at " + position + " of " + name + " is gone"));
        if (LogCodec.read(seal.open(name, read.body())) instanceof LogCodec.Sent(Message message)) {
            return message;
        }
        throw new IOException("no message at " + position + " of " + name);
    }

    /**
     * Frees the disk before everything that is needed, and copies forward what holds a large log up. Nobody may append
     * meanwhile.
     *
     * @param live every message that is not deleted, and how many bytes they have
     * @param alsoNeeded from which position on the log is needed besides, given its end
     */
    void trim(List<Entry> live, long liveBytes, LongUnaryOperator alsoNeeded) throws IOException {
        Segments.Extent extent = segments.extent(name).orElse(null);
        if (extent == null) {
            return;
        }
        if (extent.bytes() > SMALL_LOG_BYTES && extent.bytes() > LIVE_SHARE * liveBytes) {
            copyForward(live, (extent.first() + extent.end()) / 2);
        }
        long floor = alsoNeeded.applyAsLong(extent.end());
        for (Entry each : live) {
            floor = Math.min(floor, each.position);
        }
        segments.trim(name, Segments.Retention.fromPosition(floor));
    }

    private void copyForward(List<Entry> live, long before) throws IOException {
        List<Entry> batch = new ArrayList<>();
        int size = 0;
        for (Entry each : live) {
            if (each.position < before) {
                batch.add(each);
                size += each.bytes;
            }
            if (size > COPY_BYTES) {
                copy(batch);
                batch.clear();
                size = 0;
            }
        }
        copy(batch);
    }

    private void copy(List<Entry> batch) throws IOException {
        List<Event> events = new ArrayList<>();
        for (Entry each : batch) {
            Message kept = each.message;
            events.add(new LogCodec.Sent((kept == null ? read(each.position) : kept).copy(each)));
            if (each.inFlight) {
                events.add(new LogCodec.Seen(
                        new long[] {each.origin}, new int[] {each.receives}, each.receivedMillis, each.visibleMillis));
            }
        }
        if (events.isEmpty()) {
            return;
        }
        List<Long> positions = append(events).positions();
        int at = 0;
        for (Entry each : batch) {
            each.position = positions.get(at);
            at += each.inFlight ? 2 : 1;
        }
    }
}
