package dev.haneul.services.sqs;

import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sqs.LogCodec.Event;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One queue's messages: its log, and the shelf that says which of them are visible. What is sent, and what a receiver
 * changes, is in the log, on disk, before it is answered. That a message was received stands there a moment later: a
 * power failure may make it visible again sooner and count one receipt less, as at-least-once delivery allows; so does a
 * standard queue allow that it brings a deleted message back. The shelf's lock is never held while the log is waited for.
 */
final class LiveQueue {
    private static final System.Logger LOG = System.getLogger(LiveQueue.class.getName());
    private static final int TRIM_EVERY = 1000;
    private static final int TRIM_PATIENCE_SECONDS = 5;

    private final boolean fifo;
    private final QueueLog log;
    private final Clock clock;
    private final Bodies bodies;
    /** What a message takes in the index. */
    private final long weight;

    /** Held shared by whoever appends and then changes the shelf; alone by who cuts or copies the log. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private final ReentrantLock lock = new ReentrantLock();
    private final Arrivals arrivals;
    /** FIFO: sends happen one after another, so that the order of the log is the order of the answers. */
    private final ReentrantLock order = new ReentrantLock();

    private final Duplicates duplicates;
    private final Attempts attempts = new Attempts();
    private Shelf shelf;
    private int removedSinceTrim;
    private boolean closed;

    /** What was received: the message, where it is known, and how it stands. */
    record Received(Message message, long origin, int receives, long firstMillis) {}

    /** What was sent: its id, its place. */
    record Stored(UUID id, long origin) {}

    LiveQueue(QueueLog log, boolean fifo, Clock clock, Bodies bodies) throws IOException {
        this.log = log;
        this.fifo = fifo;
        this.clock = clock;
        this.bodies = bodies;
        this.weight = fifo ? Bodies.FIFO_BYTES : Bodies.STANDARD_BYTES;
        this.duplicates = new Duplicates(bodies);
        Replay replay = new Replay(fifo, duplicates, bodies, clock);
        log.replay(replay);
        this.shelf = replay.shelf();
        this.arrivals = new Arrivals(lock, clock);
    }

    private long now() {
        return clock.instant().toEpochMilli();
    }

    /** A new shelf; what stood on the old one is forgotten. */
    private void empty() {
        shelf.entries().forEach(each -> {
            each.gone = true;
            bodies.drop(each);
        });
        bodies.count(-shelf.entries().size() * weight);
        shelf = new Shelf(fifo);
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
    List<Stored> send(List<Message> messages, List<Duplicates.Scope> scopes) {
        bodies.requireRoom(messages.size() * weight);
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

    private List<Stored> sendInOrder(List<Message> messages, List<Duplicates.Scope> scopes) {
        Duplicates.Sorted sorted = duplicates.sort(messages, scopes, now());
        List<Stored> stored = sorted.fresh().isEmpty() ? List.of() : store(sorted.fresh());
        duplicates.remember(sorted, stored, now());
        return sorted.answers(stored);
    }

    private List<Stored> store(List<Message> messages) {
        long now = now();
        QueueLog.Written written =
                log.append(messages.stream().<Event>map(LogCodec.Sent::new).toList());
        List<Stored> stored = new ArrayList<>();
        lock.lock();
        try {
            bodies.count(messages.size() * weight);
            for (int i = 0; i < messages.size(); i++) {
                Message message = messages.get(i);
                long position = written.positions().get(i);
                Entry entry =
                        new Entry(position, position, message, written.bytes().get(i));
                bodies.keep(entry, message);
                shelf.add(entry, now);
                stored.add(new Stored(message.id(), entry.origin));
                arrivals.one();
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
            List<Entry> taken = takeFresh(Math.min(want.most, room), now, want);
            arrivals.expect(shelf.nextDueMillis());
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

    /** What was moved here may be older than what stands before it, so its age is looked at once more. */
    private List<Entry> takeFresh(int most, long now, Want want) {
        List<Entry> taken;
        boolean again;
        do {
            taken = shelf.take(most, now, now + want.visibilityMillis);
            List<Entry> old = taken.stream()
                    .filter(each -> each.sentMillis < now - want.retentionMillis)
                    .toList();
            old.forEach(each -> forget(each, now));
            taken.removeAll(old);
            again = taken.isEmpty() && !old.isEmpty();
        } while (again);
        return taken;
    }

    /**
     * Writes down that these were received, and reads them. One that cannot be read is told in the log of the server
     * and stays in flight; it holds nothing up but its own group.
     */
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
                log.message(entry)
                        .ifPresent(message ->
                                received.add(new Received(message, entry.origin, entry.receives, entry.firstMillis)));
            }
            long now = now();
            log.append(
                    List.of(new LogCodec.Seen(origins, counts, now, now + want.visibilityMillis)),
                    Segments.Wait.NOTHING);
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
            arrivals.all();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something may be there; false where the time is up or too many wait already. */
    private boolean await(long deadline) throws InterruptedException {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            shelf.tick(now());
            if (shelf.available()) {
                return true;
            }
            if (!arrivals.await(deadline, shelf.nextDueMillis())) {
                return false;
            }
            shelf.tick(now());
            return now() < deadline || shelf.available();
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
        bodies.count(-weight);
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
            long[] origins = leaving.stream().mapToLong(each -> each.origin).toArray();
            log.append(List.of(new LogCodec.Deleted(origins)), fifo ? Segments.Wait.DISK : Segments.Wait.SYSTEM);
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
                    arrivals.all();
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
            int receives;
            long now = now();
            lock.lock();
            try {
                shelf.tick(now);
                entry = shelf.find(origin);
                if (entry == null || !check.test(entry)) {
                    return;
                }
                receives = entry.receives;
                // In flight until it is written, so that a crash never makes it visible later than was answered.
                if (forMillis > 0) {
                    shelf.hold(entry, now, now + forMillis);
                    arrivals.expect(shelf.nextDueMillis());
                }
            } finally {
                lock.unlock();
            }
            log.append(List.of(new LogCodec.Seen(
                    new long[] {origin}, new int[] {receives}, entry.receivedMillis, now + forMillis)));
            if (forMillis == 0) {
                release(entry, receives);
            }
        } finally {
            use.readLock().unlock();
        }
    }

    /** Visible again, unless somebody else received it meanwhile. */
    private void release(Entry entry, int receives) {
        lock.lock();
        try {
            if (entry.receives == receives && !entry.leaving) {
                shelf.hold(entry, now(), now());
                arrivals.all();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Removes every message. */
    void purge() {
        use.writeLock().lock();
        try {
            log.append(List.of(new LogCodec.Purged()));
            lock.lock();
            try {
                empty();
            } finally {
                lock.unlock();
            }
        } finally {
            use.writeLock().unlock();
        }
        trim();
    }

    /** Frees the disk of what is deleted; waits its turn, for a queue may never be idle. */
    private void trim() {
        try {
            if (!use.writeLock().tryLock(TRIM_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            List<Entry> all;
            long live;
            lock.lock();
            try {
                removedSinceTrim = 0;
                all = new ArrayList<>(shelf.entries());
                live = shelf.bytes();
            } finally {
                lock.unlock();
            }
            if (!closed) {
                log.trim(all, live, end -> duplicates.floor(end, now()));
            }
        } catch (IOException e) {
            // What was asked for is done and on disk; the next trim tries again.
            LOG.log(System.Logger.Level.WARNING, "a queue's log is not trimmed", e);
        } finally {
            use.writeLock().unlock();
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
                empty();
                duplicates.clear();
                arrivals.all();
            } finally {
                lock.unlock();
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
