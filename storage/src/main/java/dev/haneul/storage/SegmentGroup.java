package dev.haneul.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one group of appends adds to the logs: first placed in the segments' files, where nobody sees it, then published
 * when the journal is on disk, or taken back. Used by one thread at a time, under the logs' lock.
 */
final class SegmentGroup {
    private static final int SEGMENT_BYTES = 8 << 20;
    private static final System.Logger LOG = System.getLogger(SegmentGroup.class.getName());

    private final SegmentFolders folders;
    private final SegmentLogs logs;
    private final SegmentChannels channels;
    private final Map<String, Pending> pending = new LinkedHashMap<>();

    /** A segment with what this group adds to it. */
    private static final class Part {
        final SegmentFile file;
        final boolean fresh;
        long size;
        SegmentFile.Times added = SegmentFile.Times.NONE;

        Part(SegmentFile file, boolean fresh) {
            this.file = file;
            this.fresh = fresh;
            this.size = file.size();
        }
    }

    /** A log with what this group adds to it. */
    private static final class Pending {
        final SegmentLog log;
        final boolean fresh;
        final List<Part> parts = new ArrayList<>();

        Pending(SegmentLog log, boolean fresh) {
            this.log = log;
            this.fresh = fresh;
        }
    }

    SegmentGroup(SegmentFolders folders, SegmentLogs logs, SegmentChannels channels) {
        this.folders = folders;
        this.logs = logs;
        this.channels = channels;
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }

    /** Writes entries behind their log's end, and to the journal's next write; answers their positions. */
    List<Long> place(String name, List<Segments.Item> items, int size, @Nullable Journal journal) throws IOException {
        Pending log = pendingFor(name);
        Part part = partFor(log, size);
        ByteBuffer bytes = ByteBuffer.allocate(size);
        List<Long> positions = new ArrayList<>(items.size());
        for (Segments.Item item : items) {
            long position = part.file.base() + part.size + bytes.position();
            positions.add(position);
            EntryFormat.write(bytes, position, item);
            part.added = part.added.with(item.timestampMillis());
        }
        channels.of(part.file.path()).write(bytes.flip(), part.size);
        if (journal != null) {
            journal.add(Journal.APPEND, name, part.file.base(), part.file.base() + part.size, bytes);
        }
        part.size += size;
        return positions;
    }

    private Pending pendingFor(String name) throws IOException {
        Pending found = pending.get(name);
        if (found != null) {
            return found;
        }
        SegmentLog known = logs.find(name);
        Pending made = known != null
                ? new Pending(known, false)
                : new Pending(SegmentLog.fresh(name, folders.ofLog(name)), true);
        pending.put(name, made);
        if (made.fresh) {
            SegmentLog.makeFolder(name, made.log.folder());
        }
        return made;
    }

    /** The segment that takes these bytes: the last one, or a new one where it would grow too large. */
    private static Part partFor(Pending log, int bytes) {
        Part last = null;
        if (!log.parts.isEmpty()) {
            last = log.parts.getLast();
        } else if (log.log.last() != null) {
            last = new Part(Objects.requireNonNull(log.log.last()), false);
            log.parts.add(last);
        }
        if (last != null && (last.size == 0 || last.size + bytes <= SEGMENT_BYTES)) {
            return last;
        }
        long base = last == null ? 0 : last.file.base() + last.size;
        Part next = new Part(new SegmentFile(log.log.folder(), base, 0, SegmentFile.Times.NONE), true);
        log.parts.add(next);
        return next;
    }

    /** Lets everybody see it; the checkpoint learns which files it is in. */
    void publish(SegmentCheckpoint checkpoint) {
        for (Pending each : pending.values()) {
            publish(each, checkpoint);
        }
    }

    private void publish(Pending log, SegmentCheckpoint checkpoint) {
        for (Part part : log.parts) {
            part.file.publish(part.size, part.added);
            checkpoint.file(part.file.path());
            if (part.fresh) {
                SegmentFile full = log.log.last();
                log.log.add(part.file);
                checkpoint.folder(log.log.folder());
                if (full != null) {
                    leaveTimes(full);
                }
            }
        }
        if (log.fresh) {
            Path folder = log.log.folder();
            checkpoint.file(SegmentLog.namePath(folder));
            checkpoint.folder(Objects.requireNonNull(folder.getParent()));
            checkpoint.folder(folders.logs());
            logs.add(log.log);
        }
    }

    private static void leaveTimes(SegmentFile full) {
        try {
            full.writeTimes();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "times of " + full.path() + " are not kept", e);
        }
    }

    /** Takes it back out of the files. */
    void undo() throws IOException {
        for (Pending log : pending.values()) {
            for (Part part : log.parts) {
                channels.cut(part.file.path(), part.file.size(), part.fresh);
            }
            if (log.fresh) {
                SegmentLog.removeFolder(log.log.folder());
            }
        }
    }
}
