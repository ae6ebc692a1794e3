package dev.haneul.kernel.store;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs transactions one after the other. One that comes when no other is under way is run by whoever brings it: handing it
 * to another thread and being woken again takes as long as much of its work. Those that come meanwhile wait for the
 * writer's own thread, which runs them in the order of their arrival, each in a savepoint of its own, and commits them
 * together: one wait for the disk serves them all. No transaction waits for others to come.
 */
final class SqliteWriter implements Runnable {
    private static final int WAITING = 4096;
    private static final int GROUP = 512;
    private static final long GROUP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long TIDY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final System.Logger LOG = System.getLogger(SqliteWriter.class.getName());

    private final SqliteDb db;
    private final SqliteCatalog catalog;
    private final SqliteFeed feed;
    private final SqliteMemory memory;
    private final SqliteSequence sequence;
    private final BlockingQueue<SqliteJob> waiting = new ArrayBlockingQueue<>(WAITING);
    /** Transactions that were brought and not yet answered, in the queue or not. */
    private final AtomicInteger unanswered = new AtomicInteger();
    /** Held by whoever writes; guards all that is not final here, and the connection. Nobody but the thread waits for it. */
    private final ReentrantLock turn = new ReentrantLock();

    private final Thread thread;
    private final boolean durable;
    private long persistedSequence;
    /** What the open transaction has changed in remembered tables. */
    private SqliteMemory.Changes changes = new SqliteMemory.Changes();

    private volatile boolean rested;
    private boolean lengthened;
    private long lastJobNanos = System.nanoTime();
    private long lastTidyNanos = System.nanoTime();
    /** Taken and not yet answered. */
    private final List<SqliteJob> running = new ArrayList<>();

    private volatile boolean untidy = true;
    private volatile boolean closing;
    private volatile boolean ended;
    /** A commit ended in a way that nobody foresaw: who knows what the open transaction holds. Nothing is written any more. */
    private volatile boolean lost;

    SqliteWriter(
            SqliteDb db,
            SqliteCatalog catalog,
            SqliteFeed feed,
            SqliteMemory memory,
            long lastSequence,
            boolean durable) {
        this.memory = memory;
        this.durable = durable;
        this.db = db;
        this.catalog = catalog;
        this.feed = feed;
        this.sequence = new SqliteSequence(lastSequence);
        this.persistedSequence = lastSequence;
        this.thread = Thread.ofPlatform().daemon().name("store-writer").unstarted(this);
    }

    void start() {
        thread.start();
    }

    /** Whether the current thread is in the middle of a transaction. */
    boolean isCurrentThread() {
        return turn.isHeldByCurrentThread();
    }

    /** Has cursors written and the feed trimmed before long. */
    void tidySoon() {
        if (!untidy) {
            untidy = true;
            wake();
        }
    }

    /** Wakes the thread where it waits without a time limit; refused where the queue is full, and then it is awake. */
    private void wake() {
        waiting.offer(new SqliteJob((tx, after) -> null));
    }

    /** Runs a transaction; returns when it is on disk. Waits also when interrupted, for it may be committed already. */
    @Nullable
    Object run(SqliteJob.Body body) {
        SqliteJob job = new SqliteJob(body);
        boolean first = unanswered.getAndIncrement() == 0;
        try {
            if (!first || !runHere(job)) {
                runThere(job);
            }
        } finally {
            unanswered.decrementAndGet();
        }
        return job.answer();
    }

    /** Runs a transaction on the thread that brought it; answers false where the writer's own is busy. */
    private boolean runHere(SqliteJob job) {
        if (!turn.tryLock()) {
            return false;
        }
        boolean interrupted = Thread.interrupted();
        try {
            if (closing) {
                throw closed();
            }
            if (rested) {
                // The writer's thread waits without a time limit: somebody has to look when it is time to rest again.
                rested = false;
                wake();
            }
            runSoundly(job);
        } finally {
            turn.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return true;
    }

    private void runSoundly(SqliteJob job) {
        boolean sound = false;
        try {
            commit(runGroup(job, 1));
            sound = true;
        } finally {
            running.clear();
            if (!sound) {
                lost = true;
                closing = true;
                wake();
            }
        }
    }

    private void runThere(SqliteJob job) {
        boolean interrupted = enqueue(job);
        if (ended && waiting.remove(job)) {
            throw closed();
        }
        job.await();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean enqueue(SqliteJob job) {
        boolean interrupted = false;
        while (true) {
            if (closing) {
                throw closed();
            }
            try {
                if (waiting.offer(job, 1, TimeUnit.SECONDS)) {
                    return interrupted;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    /** Runs what is waiting, writes the cursors, and ends. */
    void close() {
        closing = true;
        wake();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        try {
            while (!lost && (!closing || !waiting.isEmpty())) {
                boolean tidy = !untidy;
                SqliteJob first = nextJob(tidy);
                turn.lock();
                try {
                    write(first, tidy);
                } finally {
                    turn.unlock();
                }
            }
            turn.lock();
            try {
                tidyAtEnd();
            } finally {
                turn.unlock();
            }
        } catch (InterruptedException e) {
            LOG.log(System.Logger.Level.ERROR, "the store's writer was interrupted", e);
        } finally {
            closing = true;
            ended = true;
            running.forEach(job -> job.refuse(closed()));
            for (SqliteJob job = waiting.poll(); job != null; job = waiting.poll()) {
                job.refuse(closed());
            }
        }
    }

    private void write(@Nullable SqliteJob first, boolean tidy) {
        if (lost && first != null) {
            first.refuse(closed());
        } else if (first == null && tidy) {
            restIfDue();
        } else if (!lost) {
            commit(first == null ? List.of() : runGroup(first, GROUP));
            running.clear();
        }
    }

    /** The next job; null where none came in time for tidying or resting. */
    private @Nullable SqliteJob nextJob(boolean tidy) throws InterruptedException {
        if (tidy && rested) {
            return waiting.take();
        }
        return waiting.poll(tidy ? REST_NANOS : TIDY_NANOS, TimeUnit.NANOSECONDS);
    }

    /** Nobody writes just now: a good moment for a checkpoint. */
    private void restIfDue() {
        if (System.nanoTime() - lastJobNanos < REST_NANOS) {
            return;
        }
        rested = true;
        try {
            db.rest(durable && !lengthened);
            lengthened = true;
        } catch (StoreException e) {
            LOG.log(System.Logger.Level.DEBUG, "no checkpoint: " + e.getMessage());
        }
    }

    /** Runs a job, and those that wait, up to so many in all. */
    private List<SqliteJob> runGroup(SqliteJob first, int most) {
        List<SqliteJob> group = new ArrayList<>();
        long began = System.nanoTime();
        boolean inTransaction = false;
        SqliteJob job = first;
        while (job != null) {
            running.add(job);
            rested = false;
            lastJobNanos = System.nanoTime();
            try {
                inTransaction |= runOne(job, inTransaction);
            } catch (TransactionLost e) {
                runAgain(group);
                complete(List.of(job));
                return List.of();
            }
            group.add(job);
            boolean more = group.size() < most && System.nanoTime() - began < GROUP_NANOS;
            job = more ? waiting.poll() : null;
        }
        return group;
    }

    /** SQLite has dropped the whole open transaction, and with it the work of others in the group. */
    private static final class TransactionLost extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** Runs a job in the open transaction; answers whether it left something in it. */
    private boolean runOne(SqliteJob job, boolean inTransaction) throws TransactionLost {
        job.after = new ArrayList<>();
        job.failure = null;
        SqliteTx.Writes writes = new SqliteTx.Writes(sequence, changes.copy());
        SqliteTx tx = new SqliteTx(db, catalog, writes, memory);
        try {
            if (inTransaction) {
                db.savepoint("SAVEPOINT job");
            }
            job.result = job.body.run(tx, job.after);
            db.requireSound();
            if (inTransaction) {
                db.savepoint("RELEASE job");
            }
            job.touched = writes.touched;
            changes = writes.changes;
            return true;
        } catch (Throwable e) {
            // Whatever it is belongs to the caller, who gets it thrown.
            job.failure = e;
            job.touched = Set.of();
            job.after = List.of();
            undo(inTransaction);
            return false;
        } finally {
            tx.end();
        }
    }

    private void undo(boolean toSavepoint) throws TransactionLost {
        if (!toSavepoint) {
            rollback();
            return;
        }
        try {
            db.savepoint("ROLLBACK TO job");
            db.savepoint("RELEASE job");
        } catch (StoreException e) {
            LOG.log(System.Logger.Level.WARNING, "a group of transactions is run again: " + e.getMessage());
            rollback();
            throw new TransactionLost();
        }
    }

    private void commit(List<SqliteJob> group) {
        List<Runnable> after = new ArrayList<>();
        try {
            persistSequence(after);
            tidyIfDue(after, false);
            commitOpen();
        } catch (StoreException e) {
            untidy = true;
            rollback();
            if (group.size() == 1) {
                group.getFirst().fail(e);
                complete(group);
            } else {
                runAgain(group);
            }
            return;
        }
        after.forEach(Runnable::run);
        complete(group);
    }

    private void commitOpen() {
        if (changes.none()) {
            db.commit();
            return;
        }
        memory.suspend(changes);
        boolean committed = false;
        try {
            db.commit();
            committed = true;
        } finally {
            memory.resume(changes, committed);
            changes = new SqliteMemory.Changes();
        }
    }

    private void persistSequence(List<Runnable> after) {
        long current = sequence.current();
        if (current != persistedSequence) {
            db.update("UPDATE meta SET value = ? WHERE name = 'revision'", current);
            after.add(() -> persistedSequence = current);
        }
    }

    private void tidyIfDue(List<Runnable> after, boolean now) {
        if (untidy && (now || System.nanoTime() - lastTidyNanos >= TIDY_NANOS)) {
            untidy = false;
            lastTidyNanos = System.nanoTime();
            boolean more = feed.tidy(db, after);
            if (more) {
                untidy = true;
            }
        }
    }

    /** One by one, so that what made the group fail fails alone. */
    private void runAgain(List<SqliteJob> group) {
        for (SqliteJob job : group) {
            try {
                if (runOne(job, false)) {
                    persistSequence(job.after);
                    commitOpen();
                }
            } catch (TransactionLost | StoreException e) {
                rollback();
                job.fail(e);
            }
            complete(List.of(job));
        }
    }

    private void complete(List<SqliteJob> group) {
        Set<String> touched = new HashSet<>();
        for (SqliteJob job : group) {
            job.after.forEach(Runnable::run);
            touched.addAll(job.touched);
        }
        feed.committed(touched, sequence.current());
        group.forEach(job -> job.done.countDown());
    }

    private void rollback() {
        changes = new SqliteMemory.Changes();
        try {
            db.rollback();
        } catch (StoreException e) {
            LOG.log(System.Logger.Level.WARNING, e.getMessage());
        }
    }

    private void tidyAtEnd() {
        if (lost) {
            return;
        }
        List<Runnable> after = new ArrayList<>();
        try {
            tidyIfDue(after, true);
            db.commit();
        } catch (StoreException e) {
            // Only cursor positions are lost: their last changes are delivered again.
            LOG.log(System.Logger.Level.WARNING, "the feed's cursors could not be written: " + e.getMessage());
        }
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("the store is closed");
    }
}
