package dev.haneul.storage;

import dev.haneul.kernel.store.DataFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Segments on disk: each log a folder of files of some 8 MiB, and one journal for all that makes an append durable with
 * one wait for the disk, however many logs are written. The journal goes when the files it vouches for are on disk.
 */
public final class DiskSegments implements Segments {
    /** The longest stretch one call looks through for entries of a time. */
    private static final int SCAN_BYTES = 16 << 20;

    private final SegmentFolders folders;
    private final SegmentLogs logs;
    private final SegmentWriter writer;

    private DiskSegments(SegmentFolders folders, SegmentLogs logs, SegmentWriter writer) {
        this.folders = folders;
        this.logs = logs;
        this.writer = writer;
    }

    /** Opens the segments of a data folder; after a crash, brings them to what was acknowledged. */
    public static DiskSegments open(DataFolder data) throws IOException {
        Disk disk = new Disk(!data.isEphemeral());
        SegmentFolders folders = SegmentFolders.in(data.folder("segments"));
        long journal = SegmentRecovery.run(folders, disk);
        SegmentLogs logs = new SegmentLogs(folders);
        SegmentWriter writer = new SegmentWriter(folders, logs, disk, journal);
        writer.start();
        return new DiskSegments(folders, logs, writer);
    }

    @Override
    public List<Long> append(String log, List<Item> items, Wait wait) throws IOException {
        int nameBytes = log.getBytes(StandardCharsets.UTF_8).length;
        if (nameBytes == 0 || nameBytes > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("a log's name of " + nameBytes + " bytes");
        }
        long bytes = 0;
        for (Item item : items) {
            if (item.body().length > MAX_ENTRY_BYTES) {
                throw new IllegalArgumentException("an entry of " + item.body().length + " bytes");
            }
            bytes += EntryFormat.size(item.body().length);
        }
        if (bytes > MAX_APPEND_BYTES) {
            throw new IllegalArgumentException("an append of " + bytes + " bytes");
        }
        return items.isEmpty() ? List.of() : writer.append(log, List.copyOf(items), (int) bytes, wait);
    }

    @Override
    public Optional<Entry> get(String name, long position) throws IOException {
        SegmentLog log = logs.find(name);
        if (log == null || position < log.first() || position >= log.end()) {
            return Optional.empty();
        }
        SegmentFile segment = log.from(position).iterator().next();
        try (SegmentReader reader = segment.read()) {
            Entry entry = reader.at(position - segment.base());
            if (entry == null) {
                throw reader.damaged(position - segment.base());
            }
            return Optional.of(entry);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Collects what a reader wants and knows when it is enough. */
    private static final class Catch {
        final Want want;
        final List<Entry> entries = new ArrayList<>();
        long bodyBytes;
        long scanned;

        Catch(Want want) {
            this.want = want;
        }

        void see(Entry entry) {
            scanned += EntryFormat.size(entry.body().length);
            if (entry.timestampMillis() >= want.fromMillis() && entry.timestampMillis() < want.toMillis()) {
                entries.add(entry);
                bodyBytes += entry.body().length;
            }
        }

        boolean enough() {
            return entries.size() >= want.maxEntries() || bodyBytes >= want.maxBytes() || scanned >= SCAN_BYTES;
        }
    }

    @Override
    public Chunk forward(String name, long from, Want want) throws IOException {
        SegmentLog log = logs.find(name);
        if (log == null) {
            return new Chunk(List.of(), from, true);
        }
        Catch found = new Catch(want);
        long position = Math.max(from, log.first());
        for (SegmentFile segment : log.from(position)) {
            long end = segment.end();
            position = Math.max(position, segment.base());
            if (position < end && segment.times().touches(want)) {
                position = forward(segment, position, found);
            } else {
                position = Math.max(position, end);
            }
            if (found.enough()) {
                return new Chunk(found.entries, position, false);
            }
        }
        return new Chunk(found.entries, position, true);
    }

    private static long forward(SegmentFile segment, long position, Catch found) throws IOException {
        long size = segment.size();
        long at = position - segment.base();
        try (SegmentReader reader = segment.read()) {
            if (reader.at(at) == null) {
                at = reader.align(at);
            }
            while (at < size && !found.enough()) {
                Entry entry = reader.at(at);
                if (entry == null) {
                    throw reader.damaged(at);
                }
                found.see(entry);
                at += EntryFormat.size(entry.body().length);
            }
            return segment.base() + at;
        } catch (NoSuchFileException e) {
            // Trimmed away just now.
            return segment.base() + size;
        }
    }

    @Override
    public Chunk backward(String name, long before, Want want) throws IOException {
        SegmentLog log = logs.find(name);
        if (log == null) {
            return new Chunk(List.of(), before, true);
        }
        Catch found = new Catch(want);
        long position = Math.min(before, log.end());
        for (SegmentFile segment : log.before(position)) {
            position = Math.min(position, segment.end());
            position = segment.times().touches(want) ? backward(segment, position, found) : segment.base();
            if (found.enough()) {
                return new Chunk(found.entries, position, false);
            }
        }
        return new Chunk(found.entries, position, true);
    }

    private static long backward(SegmentFile segment, long position, Catch found) throws IOException {
        long end = position - segment.base();
        try (SegmentReader reader = segment.read()) {
            if (end > 0 && reader.before(end) == null) {
                end = reader.align(end);
            }
            while (end > 0 && !found.enough()) {
                Entry entry = reader.before(end);
                if (entry == null) {
                    throw reader.damaged(end);
                }
                found.see(entry);
                end -= EntryFormat.size(entry.body().length);
            }
            return segment.base() + end;
        } catch (NoSuchFileException e) {
            return segment.base();
        }
    }

    @Override
    public Optional<Extent> extent(String name) throws IOException {
        return Optional.ofNullable(logs.find(name)).map(SegmentLog::extent);
    }

    @Override
    public void trim(String log, Retention keep) throws IOException {
        writer.trim(log, keep);
    }

    @Override
    public void delete(String log) throws IOException {
        writer.delete(log);
    }

    @Override
    public long deleteIf(Predicate<String> name) throws IOException {
        long deleted = 0;
        for (String each : folders.names()) {
            if (name.test(each)) {
                writer.delete(each);
                deleted++;
            }
        }
        return deleted;
    }

    @Override
    public void close() {
        writer.close();
    }
}
