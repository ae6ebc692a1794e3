package dev.haneul.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes, one caller at a time for all that wait: whoever finds nobody writing takes what is waiting, writes each log's
 * segment, writes all of it to the journal, waits for the disk once where somebody asked for that, and only then
 * publishes and acknowledges. So a lone caller waits for no other thread, and many share one wait for the disk. Nothing
 * that failed is left in any file.
 */
final class SegmentWriter {
    private static final int JOURNAL_BYTES = 32 << 20;
    private static final int WAITING = 4096;
    private static final int GROUP = 1024;
    private static final int GROUP_BYTES = 16 << 20;
    private static final System.Logger LOG = System.getLogger(SegmentWriter.class.getName());

    private final Disk disk;
    private final SegmentFolders folders;
    private final SegmentLogs logs;
    private final SegmentChannels channels = new SegmentChannels();
    private final BlockingQueue<Job> waiting = new ArrayBlockingQueue<>(WAITING);
    /** Held by who writes; guards all that is below but what is volatile. */
    private final ReentrantLock writing = new ReentrantLock();

    private @Nullable Journal journal;
    private long journalNumber;
    private SegmentCheckpoint checkpoint = new SegmentCheckpoint();
    private @Nullable Thread checkpointing;
    private volatile @Nullable IOException broken;
    private volatile boolean closing;
    private volatile boolean ended;

    /** What somebody waits for. */
    private sealed interface Work {
        record Append(List<Segments.Item> items, int bytes) implements Work {}

        record Trim(Segments.Retention keep) implements Work {}

        record Delete() implements Work {}
    }

    private static final class Job {
        final String log;
        final Work work;
        final Segments.Wait wait;
        final Thread owner = Thread.currentThread();
        List<Long> positions = List.of();

        @Nullable
        Exception failure;

        volatile boolean ended;

        Job(String log, Work work) {
            this(log, work, Segments.Wait.DISK);
        }

        Job(String log, Work work, Segments.Wait wait) {
            this.log = log;
            this.work = work;
            this.wait = wait;
        }

        void end() {
            Exception trouble = failure;
            if (trouble != null && wait == Segments.Wait.NOTHING) {
                LOG.log(System.Logger.Level.WARNING, "entries of " + log + " are not kept: " + trouble.getMessage());
            }
            ended = true;
            LockSupport.unpark(owner);
        }
    }

    SegmentWriter(SegmentFolders folders, SegmentLogs logs, Disk disk, long journalNumber) {
        this.folders = folders;
        this.logs = logs;
        this.disk = disk;
        this.journalNumber = journalNumber;
    }

    void start() throws IOException {
        startJournal();
    }

    List<Long> append(String log, List<Segments.Item> items, int bytes, Segments.Wait wait) throws IOException {
        return run(new Job(log, new Work.Append(items, bytes), wait));
    }

    void trim(String log, Segments.Retention keep) throws IOException {
        run(new Job(log, new Work.Trim(keep)));
    }

    void delete(String log) throws IOException {
        run(new Job(log, new Work.Delete()));
    }

    private List<Long> run(Job job) throws IOException {
        // An interrupt neither stops what may be half written, nor is it forgotten.
        boolean interrupted = Thread.interrupted();
        try {
            while (!offer(job)) {
                interrupted |= Thread.interrupted();
            }
            while (!job.ended) {
                if (writing.tryLock()) {
                    try {
                        writeUntil(job);
                    } finally {
                        writing.unlock();
                    }
                    handOn();
                } else if (job.wait == Segments.Wait.NOTHING) {
                    return List.of();
                } else {
                    LockSupport.park(this);
                }
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return job.wait == Segments.Wait.NOTHING ? List.of() : answer(job);
    }

    private boolean offer(Job job) {
        if (closing) {
            throw closed();
        }
        try {
            return waiting.offer(job, 1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void writeUntil(Job job) {
        while (!job.ended) {
            writeGroup();
        }
    }

    /**
     * What came while this caller wrote is not forgotten: somebody who waits for it writes next, or this caller what
     * nobody waits for. Called without the lock, after every release of it.
     */
    private void handOn() {
        while (!waiting.isEmpty()) {
            for (Job each : waiting) {
                if (each.wait != Segments.Wait.NOTHING) {
                    LockSupport.unpark(each.owner);
                    return;
                }
            }
            if (!writing.tryLock()) {
                return;
            }
            try {
                writeGroup();
            } finally {
                writing.unlock();
            }
        }
    }

    private static List<Long> answer(Job job) throws IOException {
        switch (job.failure) {
            case null -> {
                return job.positions;
            }
            case DiskFullException e -> throw new DiskFullException(String.valueOf(e.getMessage()), e);
            case IOException e -> throw new IOException(e.getMessage(), e);
            case RuntimeException e -> throw e;
            default -> throw new IOException(job.failure);
        }
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("the segments are closed");
    }

    /** Writes what is waiting, brings everything to disk, and ends. */
    void close() {
        closing = true;
        writing.lock();
        try {
            while (!waiting.isEmpty()) {
                writeGroup();
            }
            if (!ended) {
                finish();
            }
        } finally {
            ended = true;
            channels.close();
            writing.unlock();
        }
    }

    private void writeGroup() {
        Job first = waiting.poll();
        if (first == null) {
            return;
        }
        List<Job> group = new ArrayList<>(List.of(first));
        Job alone = first.work instanceof Work.Append append ? collect(group, append.bytes) : null;
        end(group);
        if (alone != null) {
            end(List.of(alone));
        }
        rotateWhenFull();
        logs.forgetIdle();
    }

    private void end(List<Job> group) {
        try {
            runGroup(group);
        } catch (Error e) {
            // Nobody knows how far it came.
            broken = new IOException("a write ended with " + e, e);
            group.forEach(job -> job.failure = broken);
            throw e;
        } finally {
            group.forEach(Job::end);
        }
    }

    /** Adds waiting appends; answers a job that is none and has to run by itself, null for none. */
    private @Nullable Job collect(List<Job> group, int firstBytes) {
        long bytes = firstBytes;
        while (group.size() < GROUP && bytes < GROUP_BYTES) {
            Job next = waiting.poll();
            if (next == null || !(next.work instanceof Work.Append append)) {
                return next;
            }
            group.add(next);
            bytes += append.bytes;
        }
        return null;
    }

    private void runGroup(List<Job> group) {
        if (ended) {
            group.forEach(job -> job.failure = closed());
            return;
        }
        IOException cause = broken;
        if (cause != null) {
            group.forEach(job -> job.failure =
                    new IOException("the segments need a restart of the region: " + cause.getMessage(), cause));
            return;
        }
        SegmentGroup placed = new SegmentGroup(folders, logs, channels);
        logs.lock();
        try {
            for (Job job : group) {
                switch (job.work) {
                    case Work.Append append ->
                        job.positions = placed.place(job.log, append.items, append.bytes, journal);
                    case Work.Trim trim -> trimNow(job.log, trim.keep);
                    case Work.Delete delete -> deleteNow(job.log);
                }
            }
            if (!placed.isEmpty()) {
                writeJournal(group);
                placed.publish(checkpoint);
            }
        } catch (IOException | RuntimeException e) {
            failed(group, placed, e);
        } finally {
            logs.unlock();
        }
    }

    private void failed(List<Job> group, SegmentGroup placed, Exception e) {
        try {
            placed.undo();
            if (journal != null && broken == null) {
                journal.undo();
            }
        } catch (IOException undoing) {
            broken = undoing;
            LOG.log(System.Logger.Level.ERROR, "a failed append could not be taken back; no more are taken", undoing);
        }
        if (group.size() > 1 && broken == null) {
            // One by one, so that what made the group fail fails alone.
            group.forEach(job -> runGroup(List.of(job)));
        } else {
            Exception told = e instanceof IOException io ? Disk.explain(io, folders.logs()) : e;
            group.forEach(job -> job.failure = told);
        }
    }

    private void writeJournal(List<Job> group) throws IOException {
        if (journal == null) {
            return;
        }
        journal.write();
        if (group.stream().anyMatch(job -> job.wait == Segments.Wait.DISK)) {
            syncJournal(journal);
        }
        journal.keep();
    }

    private void syncJournal(Journal written) throws IOException {
        try {
            written.sync();
        } catch (IOException e) {
            // Whether it is on disk is anybody's guess now, and asking again would not tell.
            broken = e;
            throw e;
        }
    }

    private void trimNow(String name, Segments.Retention keep) throws IOException {
        SegmentLog log = logs.find(name);
        if (log == null) {
            return;
        }
        List<SegmentFile> gone = SegmentTrim.gone(log, keep);
        if (gone.isEmpty()) {
            return;
        }
        boolean all = gone.getLast() == log.last();
        long first = all ? log.end() : gone.getLast().end();
        journalChange(Journal.TRIM, name, first, log.end());
        if (all) {
            // The position goes on: an empty segment remembers it.
            SegmentFile empty = new SegmentFile(log.folder(), first, 0, SegmentFile.Times.NONE);
            Files.write(empty.path(), new byte[0]);
            log.add(empty);
            checkpoint.file(empty.path());
        }
        checkpoint.folder(log.folder());
        for (SegmentFile each : gone) {
            log.remove(each);
            channels.drop(each.path());
            each.delete();
        }
    }

    private void deleteNow(String name) throws IOException {
        SegmentLog log = logs.find(name);
        if (log == null) {
            return;
        }
        journalChange(Journal.DELETE, name, 0, 0);
        logs.remove(log);
        for (SegmentFile each : log.segments()) {
            channels.drop(each.path());
        }
        checkpoint.folder(Objects.requireNonNull(log.folder().getParent()));
        SegmentLog.removeFolder(log.folder());
    }

    private void journalChange(byte kind, String log, long base, long end) throws IOException {
        if (journal != null) {
            journal.add(kind, log, base, end, ByteBuffer.allocate(0));
            journal.write();
            syncJournal(journal);
            journal.keep();
        }
    }

    private void startJournal() throws IOException {
        if (disk.durable()) {
            journal = new Journal(folders.journal(journalNumber), disk);
            journalNumber++;
            disk.syncFolder(folders.journals());
        }
    }

    /** Goes on in a new journal, while the files the old one vouches for are brought to disk. */
    private void rotateWhenFull() {
        Journal full = journal;
        if (full == null || full.size() < JOURNAL_BYTES || broken != null) {
            return;
        }
        joinCheckpoint();
        try {
            startJournal();
            full.close();
        } catch (IOException e) {
            // The old one serves on; the next group tries again.
            journal = full;
            LOG.log(System.Logger.Level.WARNING, "no new journal", e);
            return;
        }
        SegmentCheckpoint vouched = checkpoint;
        checkpoint = new SegmentCheckpoint();
        checkpointing = Thread.ofPlatform().daemon().name("segments-checkpoint").start(() -> complete(vouched, full));
    }

    private void complete(SegmentCheckpoint vouched, Journal full) {
        try {
            vouched.complete(disk, full.path());
        } catch (IOException e) {
            // No later journal may go before this one: nothing more is taken, and a restart replays them all.
            broken = e;
            LOG.log(System.Logger.Level.ERROR, "log entries could not be brought to disk; no more are taken", e);
        }
    }

    private void joinCheckpoint() {
        boolean interrupted = false;
        while (checkpointing != null) {
            try {
                checkpointing.join();
                checkpointing = null;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void finish() {
        joinCheckpoint();
        Journal last = journal;
        if (last == null) {
            return;
        }
        try {
            last.close();
            if (broken == null) {
                checkpoint.complete(disk, last.path());
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "log entries stay in the journal until the next start", e);
        }
    }
}
