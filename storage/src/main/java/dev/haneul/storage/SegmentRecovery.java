package dev.haneul.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Does again what the journals say, after a crash. What a segment holds beyond that was never acknowledged and is cut
 * off. Doing it twice changes nothing.
 */
final class SegmentRecovery {
    private static final System.Logger LOG = System.getLogger(SegmentRecovery.class.getName());

    private final SegmentFolders folders;
    private final Disk disk;
    /** Logs the journals touch: the base of the last segment and the end of the log. */
    private final Map<String, Tail> tails = new HashMap<>();

    private record Tail(long base, long end) {}

    private SegmentRecovery(SegmentFolders folders, Disk disk) {
        this.folders = folders;
        this.disk = disk;
    }

    /** Recovers; answers the number of the next journal. */
    static long run(SegmentFolders folders, Disk disk) throws IOException {
        List<Path> journals = folders.journalFiles();
        if (journals.isEmpty()) {
            return 1;
        }
        SegmentRecovery recovery = new SegmentRecovery(folders, disk);
        boolean whole = true;
        for (Path journal : journals) {
            boolean sound = Journal.replay(journal, recovery::apply);
            if (!sound && !journal.equals(journals.getLast())) {
                LOG.log(System.Logger.Level.ERROR, "the journal {0} is damaged: log entries may be lost", journal);
                whole = false;
            }
        }
        recovery.settle(whole);
        for (Path journal : journals) {
            Files.deleteIfExists(journal);
        }
        disk.syncFolder(folders.journals());
        return SegmentFolders.journalNumber(journals.getLast()) + 1;
    }

    private void apply(Journal.Record record) throws IOException {
        Path folder = folders.ofLog(record.log());
        switch (record.kind()) {
            case Journal.APPEND -> append(record, folder);
            case Journal.TRIM -> trim(record, folder);
            case Journal.DELETE -> {
                SegmentLog.removeFolder(folder);
                tails.remove(record.log());
            }
            default -> throw new IOException("the journal was written by a newer release");
        }
    }

    private void append(Journal.Record record, Path folder) throws IOException {
        if (!Files.exists(SegmentLog.namePath(folder))) {
            SegmentLog.makeFolder(record.log(), folder);
        }
        Path segment = SegmentFile.path(folder, record.base());
        long end = record.position() + record.bytes().remaining();
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Disk.write(file, record.bytes().duplicate(), record.position() - record.base());
        }
        tails.put(record.log(), new Tail(record.base(), end));
    }

    private void trim(Journal.Record record, Path folder) throws IOException {
        List<Long> bases = SegmentLog.bases(folder);
        if (bases.isEmpty()) {
            return;
        }
        for (long base : bases) {
            if (base < record.base()) {
                new SegmentFile(folder, base, 0, SegmentFile.Times.NONE).delete();
            }
        }
        boolean everything = record.position() == record.base();
        if (everything) {
            if (bases.getLast() < record.base()) {
                Files.write(SegmentFile.path(folder, record.base()), new byte[0]);
            }
            tails.put(record.log(), new Tail(record.base(), record.base()));
        }
    }

    private void settle(boolean whole) throws IOException {
        for (Map.Entry<String, Tail> each : tails.entrySet()) {
            Path folder = folders.ofLog(each.getKey());
            if (whole) {
                cut(folder, each.getValue());
            }
            for (long base : SegmentLog.bases(folder)) {
                sync(SegmentFile.path(folder, base));
            }
            sync(SegmentLog.namePath(folder));
            disk.syncFolder(folder);
            disk.syncFolder(
                    folders.logs().resolve(folder.getFileName().toString().substring(0, 2)));
        }
        disk.syncFolder(folders.logs());
    }

    private static void cut(Path folder, Tail tail) throws IOException {
        for (long base : SegmentLog.bases(folder)) {
            if (base > tail.base()) {
                new SegmentFile(folder, base, 0, SegmentFile.Times.NONE).delete();
            } else if (base == tail.base()) {
                try (FileChannel file = FileChannel.open(SegmentFile.path(folder, base), StandardOpenOption.WRITE)) {
                    file.truncate(tail.end() - base);
                }
            }
        }
    }

    private void sync(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            disk.sync(file);
        } catch (NoSuchFileException e) {
            LOG.log(System.Logger.Level.DEBUG, "{0} is gone", path);
        }
    }
}
