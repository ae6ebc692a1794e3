package dev.haneul.services.sqs;

import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sqs.LogCodec.Event;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One queue's messages: its log, and the shelf that says which of them are visible. What changes a message is in the log,
 * on disk, before it is answered; the shelf's lock is never held while the disk is waited for.
 */
final class LiveQueue {
    private static final int TRIM_EVERY = 1000;
    private static final long SMALL_LOG_BYTES = 64L << 20;
    private static final int LIVE_SHARE = 4;
    private static final int COPY_BYTES = 4 << 20;
    private static final int MOST_WAITERS = 1000;

    private final String log;
    private final boolean fifo;
    private final Segments segments;
    private final Clock clock;
    private final Bodies bodies;
    /** Held shared by whoever appends and then changes the shelf; alone by who cuts or copies the log. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrival = lock.newCondition();
    /** FIFO: sends happen one after another, so that the order of the log is the order of the answers. */
    private final ReentrantLock order = new ReentrantLock();

    private final Duplicates duplicates = new Duplicates();
    private final Attempts attempts = new Attempts();
    private Shelf shelf;
    private int waiters;
    private int removedSinceTrim;
    private boolean closed;

    /** What was received: the message, where it is known, and how it stands. */
    record Received(Message message, long origin, int receives, long firstMillis) {}

    /** What was sent: whose id it has, its place. */
    record Stored(Message message, long origin) {}

    LiveQueue(String log, boolean fifo, Segments segments, Clock clock, Bodies bodies) throws IOException {
        this.log = log;
        this.fifo = fifo;
        this.segments = segments;
        this.clock = clock;
        this.bodies = bodies;
        this.shelf = new Shelf(fifo);
        replay();
    }

    private void replay() throws IOException {
        long from = 0;
        while (true) {
            Segments.Chunk chunk = segments.forward(log, from, Segments.Want.of(1000, 4 << 20));
            for (Segments.Entry entry : chunk.entries()) {
                apply(entry.position(), entry.body());
            }
            if (chunk.end()) {
                shelf.tick(now());
                return;
            }
            from = chunk.next();
        }
    }

    private void apply(long position, byte[] bytes) {
        long now = now();
        switch (LogCodec.read(bytes)) {
            case LogCodec.Sent(Message message) -> {
                long origin = message.origin() < 0 ? position : message.origin();
                Entry known = shelf.find(origin);
                if (known != null) {
                    known.position = position;
                } else {
                    shelf.add(new Entry(origin, position, message, bytes.length), now);
                }
                duplicates.remember(message, origin, position, now);
            }
            case LogCodec.Deleted(long[] origins) -> {
                for (long origin : origins) {
                    Entry entry = shelf.find(origin);
                    if (entry != null) {
                        shelf.remove(entry, now);
                    }
                }
            }
            case LogCodec.Seen seen -> {
                for (int i = 0; i < seen.origins().length; i++) {
                    Entry entry = shelf.find(seen.origins()[i]);
                    if (entry != null) {
                        entry.receives = seen.receives()[i];
                        entry.firstMillis = entry.firstMillis == 0 ? seen.firstMillis() : entry.firstMillis;
                        entry.receivedMillis = seen.firstMillis();
                        shelf.hold(entry, now, seen.untilMillis());
                    }
                }
            }
            case LogCodec.Purged _ -> shelf = new Shelf(fifo);
        }
    }

    private long now() {
        return clock.instant().toEpochMilli();
    }

    private List<Long> append(List<Event> events) {
        long now = now();
        List<Segments.Item> items = events.stream()
                .map(each -> new Segments.Item(now, LogCodec.write(each)))
                .toList();
        try {
            return segments.append(log, items);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void enter() {
        use.readLock().lock();
        if (closed) {
            use.readLock().unlock();
            throw SqsFaults.noQueue();
        }
    }

    /**
     * Takes messages in; what was sent within five minutes is answered as it was then (FIFO).
     *
     * @param scopes by which key each message is told from duplicates; empty for standard queues
     */
    List<Stored> send(List<Message> messages, List<String> scopes) {
        enter();
        try {
            if (!fifo) {
                return store(messages);
            }
            order.lock();
            try {
                return sendInOrder(messages, scopes);
            } finally {
                order.unlock();
            }
        } finally {
            use.readLock().unlock();
        }
    }

    private List<Stored> sendInOrder(List<Message> messages, List<String> scopes) {
        List<Message> fresh = new ArrayList<>();
        List<@Nullable Stored> answers = new ArrayList<>();
        Map<String, Integer> inBatch = new java.util.HashMap<>();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            Stored before = duplicates.find(scopes.get(i), now());
            Integer twin = inBatch.putIfAbsent(scopes.get(i), fresh.size());
            answers.add(before);
            places.add(twin == null ? fresh.size() : twin);
            if (before == null && twin == null) {
                fresh.add(messages.get(i));
            } else if (before != null) {
                inBatch.remove(scopes.get(i));
            }
        }
        List<Stored> stored = fresh.isEmpty() ? List.of() : store(fresh);
        List<Stored> all = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            Stored before = answers.get(i);
            all.add(before != null ? before : stored.get(places.get(i)));
            if (before == null) {
                duplicates.remember(scopes.get(i), all.get(i), now());
            }
        }
        return all;
    }

    private List<Stored> store(List<Message> messages) {
        List<byte[]> bytes = new ArrayList<>();
        long now = now();
        List<Segments.Item> items = new ArrayList<>();
        for (Message each : messages) {
            byte[] body = LogCodec.write(new LogCodec.Sent(each));
            bytes.add(body);
            items.add(new Segments.Item(now, body));
        }
        List<Long> positions;
        try {
            positions = segments.append(log, items);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Stored> stored = new ArrayList<>();
        lock.lock();
        try {
            for (int i = 0; i < messages.size(); i++) {
                Message message = messages.get(i);
                Entry entry = new Entry(positions.get(i), positions.get(i), message, bytes.get(i).length);
                bodies.keep(entry, message);
                shelf.add(entry, now);
                stored.add(new Stored(message, entry.origin));
                arrival.signal();
            }
        } finally {
            lock.unlock();
        }
        return stored;
    }

    /**
     * What a receiver asks for.
     *
     * @param untilMillis how long from the receipt on the messages stay invisible
     * @param waitMillis how long to wait for one
     * @param retentionMillis what is older has expired
     * @param mostInFlight refuses where so many are in flight
     * @param attempt FIFO: the same attempt again is given the same messages
     */
    record Want(
            int most,
            long visibilityMillis,
            long waitMillis,
            long retentionMillis,
            int mostInFlight,
            @Nullable String attempt) {}

    /** Receives, waiting where nothing is visible. Where too many are in flight: a fault for FIFO queues, as for others. */
    List<Received> receive(Want want) throws InterruptedException {
        long deadline = now() + want.waitMillis;
        while (true) {
            enter();
            try {
                List<Entry> taken = take(want);
                if (!taken.isEmpty()) {
                    return hand(taken, want);
                }
            } finally {
                use.readLock().unlock();
            }
            if (now() >= deadline || !await(deadline)) {
                return List.of();
            }
        }
    }

    private List<Entry> take(Want want) {
        lock.lock();
        try {
            long now = now();
            expire(now - want.retentionMillis, now);
            shelf.tick(now);
            List<Entry> again = want.attempt == null ? List.of() : attempts.again(want.attempt, shelf, now);
            if (!again.isEmpty()) {
                again.forEach(each -> shelf.hold(each, now, now + want.visibilityMillis));
                return again;
            }
            int room = want.mostInFlight - shelf.inFlight();
            if (room <= 0) {
                throw SqsFaults.overLimit(
                        "Too many messages in flight: the queue has reached its limit of " + want.mostInFlight + ".");
            }
            List<Entry> taken = shelf.take(Math.min(want.most, room), now, now + want.visibilityMillis);
            for (Entry each : taken) {
                each.receives++;
                each.firstMillis = each.firstMillis == 0 ? now : each.firstMillis;
            }
            if (want.attempt != null && !taken.isEmpty()) {
                attempts.remember(want.attempt, taken, now);
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Writes down that these were received, and reads them. */
    private List<Received> hand(List<Entry> taken, Want want) {
        long[] origins = new long[taken.size()];
        int[] counts = new int[taken.size()];
        List<Received> received = new ArrayList<>();
        boolean whole = false;
        try {
            for (int i = 0; i < taken.size(); i++) {
                Entry entry = taken.get(i);
                origins[i] = entry.origin;
                counts[i] = entry.receives;
                received.add(new Received(body(entry), entry.origin, entry.receives, entry.firstMillis));
            }
            long now = now();
            append(List.of(new LogCodec.Seen(origins, counts, now, now + want.visibilityMillis)));
            whole = true;
            return received;
        } finally {
            if (!whole) {
                changeAll(taken, 0);
            }
        }
    }

    private void changeAll(List<Entry> entries, long forMillis) {
        lock.lock();
        try {
            entries.forEach(each -> shelf.hold(each, now(), now() + forMillis));
        } finally {
            lock.unlock();
        }
    }

    private Message body(Entry entry) {
        Message kept = entry.message;
        if (kept != null) {
            return kept;
        }
        try {
            Segments.Entry read = segments.get(log, entry.position)
                    .orElseThrow(() -> new IOException("the message at " + entry.position + " of " + log + " is gone"));
            return LogCodec.read(read.body()) instanceof LogCodec.Sent(Message message)
                    ? message
                    : throwDamaged(entry.position);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Message throwDamaged(long position) throws IOException {
        throw new IOException("no message at " + position + " of " + log);
    }

    /** Waits until something may be there; false where the time is up or too many wait already. */
    private boolean await(long deadline) throws InterruptedException {
        lock.lock();
        try {
            if (waiters >= MOST_WAITERS || closed) {
                return false;
            }
            shelf.tick(now());
            if (shelf.visible() > 0 && !fifo) {
                return true;
            }
            waiters++;
            long wake = Math.min(deadline, shelf.nextDueMillis());
            Clock.Timer timer = clock.at(Instant.ofEpochMilli(wake), this::wakeAll);
            try {
                if (now() < wake) {
                    arrival.await();
                }
            } finally {
                timer.cancel();
                waiters--;
            }
            return now() < deadline || shelf.visible() > 0;
        } finally {
            lock.unlock();
        }
    }

    private void wakeAll() {
        lock.lock();
        try {
            arrival.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void expire(long beforeMillis, long now) {
        Entry oldest = shelf.oldest();
        while (oldest != null && oldest.sentMillis < beforeMillis) {
            forget(oldest, now);
            oldest = shelf.oldest();
        }
    }

    private void forget(Entry entry, long now) {
        shelf.remove(entry, now);
        bodies.drop(entry);
        removedSinceTrim++;
    }

    /** Deletes the messages of which this holds, when they are on the shelf; answers which were. */
    void delete(List<Long> origins, Predicate<Entry> wanted) {
        enter();
        boolean trim;
        try {
            List<Entry> leaving = new ArrayList<>();
            lock.lock();
            try {
                shelf.tick(now());
                for (long origin : origins) {
                    Entry entry = shelf.find(origin);
                    if (entry != null && !entry.leaving && wanted.test(entry)) {
                        entry.leaving = true;
                        leaving.add(entry);
                    }
                }
            } finally {
                lock.unlock();
            }
            trim = !leaving.isEmpty() && remove(leaving);
        } finally {
            use.readLock().unlock();
        }
        if (trim) {
            trim();
        }
    }

    private boolean remove(List<Entry> leaving) {
        boolean written = false;
        try {
            append(List.of(new LogCodec.Deleted(
                    leaving.stream().mapToLong(each -> each.origin).toArray())));
            written = true;
        } finally {
            lock.lock();
            try {
                for (Entry each : leaving) {
                    each.leaving = false;
                    if (written) {
                        forget(each, now());
                    } else {
                        shelf.hold(each, now(), each.visibleMillis);
                    }
                }
                if (fifo) {
                    arrival.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
        lock.lock();
        try {
            return removedSinceTrim > Math.max(TRIM_EVERY, shelf.entries().size());
        } finally {
            lock.unlock();
        }
    }

    /** Changes until when messages in flight stay invisible, from now. The check sees each first and may throw. */
    void change(long origin, long forMillis, Predicate<Entry> check) {
        enter();
        try {
            Entry entry;
            long now = now();
            lock.lock();
            try {
                shelf.tick(now);
                entry = shelf.find(origin);
                if (entry == null || !check.test(entry)) {
                    return;
                }
                // In flight until it is written, so that a crash never makes it visible later than was answered.
                if (forMillis > 0) {
                    shelf.hold(entry, now, now + forMillis);
                }
            } finally {
                lock.unlock();
            }
            append(List.of(new LogCodec.Seen(
                    new long[] {origin}, new int[] {entry.receives}, entry.receivedMillis, now + forMillis)));
            if (forMillis == 0) {
                changeAll(List.of(entry), 0);
                wakeAll();
            }
        } finally {
            use.readLock().unlock();
        }
    }

    /** Removes every message. */
    void purge() {
        use.writeLock().lock();
        try {
            append(List.of(new LogCodec.Purged()));
            lock.lock();
            try {
                shelf.entries().forEach(each -> {
                    each.gone = true;
                    bodies.drop(each);
                });
                shelf = new Shelf(fifo);
            } finally {
                lock.unlock();
            }
        } finally {
            use.writeLock().unlock();
        }
        trim();
    }

    /** Frees the disk of what is deleted, and copies forward what holds the log up. */
    private void trim() {
        if (!use.writeLock().tryLock()) {
            return;
        }
        try {
            Segments.Extent extent = segments.extent(log).orElse(null);
            if (extent == null || closed) {
                return;
            }
            lock.lock();
            List<Entry> all;
            try {
                removedSinceTrim = 0;
                all = new ArrayList<>(shelf.entries());
            } finally {
                lock.unlock();
            }
            if (extent.bytes() > SMALL_LOG_BYTES && extent.bytes() > LIVE_SHARE * shelf.bytes()) {
                copyForward(all, (extent.first() + extent.end()) / 2);
            }
            long floor = duplicates.floor(extent.end(), now());
            for (Entry each : all) {
                floor = Math.min(floor, each.position);
            }
            segments.trim(log, Segments.Retention.fromPosition(floor));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            use.writeLock().unlock();
        }
    }

    private void copyForward(List<Entry> all, long before) {
        List<Entry> batch = new ArrayList<>();
        int size = 0;
        for (Entry each : all) {
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

    private void copy(List<Entry> batch) {
        List<Event> events = new ArrayList<>();
        for (Entry each : batch) {
            events.add(new LogCodec.Sent(body(each).copy(each)));
            if (each.inFlight) {
                events.add(new LogCodec.Seen(
                        new long[] {each.origin}, new int[] {each.receives}, each.receivedMillis, each.visibleMillis));
            }
        }
        if (events.isEmpty()) {
            return;
        }
        List<Long> positions = append(events);
        int at = 0;
        for (Entry each : batch) {
            each.position = positions.get(at);
            at += each.inFlight ? 2 : 1;
        }
    }

    /** How many messages are visible, in flight and delayed. */
    record Counts(int visible, int inFlight, int delayed) {}

    Counts counts(long retentionMillis) {
        lock.lock();
        try {
            long now = now();
            expire(now - retentionMillis, now);
            shelf.tick(now);
            return new Counts(shelf.visible(), shelf.inFlight(), shelf.delayed());
        } finally {
            lock.unlock();
        }
    }

    /** Ends it: its queue is deleted. */
    void close() {
        use.writeLock().lock();
        try {
            lock.lock();
            try {
                closed = true;
                shelf.entries().forEach(bodies::drop);
                arrival.signalAll();
            } finally {
                lock.unlock();
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
