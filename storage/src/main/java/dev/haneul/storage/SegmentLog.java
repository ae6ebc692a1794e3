package dev.haneul.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** One log's folder: its segments by the position of their first byte. The last one is never missing. */
final class SegmentLog {
    private static final String NAME = "name";

    private final String name;
    private final Path folder;
    private final ConcurrentSkipListMap<Long, SegmentFile> segments = new ConcurrentSkipListMap<>();
    /** When it was last asked for; what is not asked for is forgotten, and read from disk when needed. */
    private volatile long usedNanos = System.nanoTime();

    private SegmentLog(String name, Path folder) {
        this.name = name;
        this.folder = folder;
    }

    /** Reads a log from its folder; empty where there is none. */
    static Optional<SegmentLog> load(String name, Path folder) throws IOException {
        List<Long> bases = bases(folder);
        if (bases.isEmpty()) {
            return Optional.empty();
        }
        if (!Files.readString(folder.resolve(NAME)).equals(name)) {
            throw new IOException(folder + " belongs to another log");
        }
        SegmentLog log = new SegmentLog(name, folder);
        long last = bases.getLast();
        for (long base : bases) {
            log.add(base == last ? SegmentFile.last(folder, base) : SegmentFile.full(folder, base));
        }
        return Optional.of(log);
    }

    /** The bases of the segments in a folder, in order; none where there is no folder. */
    static List<Long> bases(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Long> bases = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path each : files) {
                long base = SegmentFile.base(each);
                if (base >= 0) {
                    bases.add(base);
                }
            }
        }
        Collections.sort(bases);
        return bases;
    }

    /** A log that has no file yet. */
    static SegmentLog fresh(String name, Path folder) {
        return new SegmentLog(name, folder);
    }

    /** Makes the folder with the log's name in it. */
    static void makeFolder(String name, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(NAME), name, StandardCharsets.UTF_8);
    }

    /** Removes the folder and all that is in it. */
    static void removeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path each : files) {
                Files.deleteIfExists(each);
            }
        }
        Files.deleteIfExists(folder);
    }

    static Path namePath(Path folder) {
        return folder.resolve(NAME);
    }

    void add(SegmentFile segment) {
        segments.put(segment.base(), segment);
    }

    void remove(SegmentFile segment) {
        segments.remove(segment.base());
    }

    String name() {
        return name;
    }

    Path folder() {
        return folder;
    }

    /** In order, oldest first; seen as they are while they are walked. */
    Collection<SegmentFile> segments() {
        return segments.values();
    }

    /** The segments from the one that holds this position on. */
    Collection<SegmentFile> from(long position) {
        Long floor = segments.floorKey(position);
        return floor == null ? segments.values() : segments.tailMap(floor).values();
    }

    /** The segments that begin before this position, newest first. */
    Collection<SegmentFile> before(long position) {
        return segments.headMap(position).descendingMap().values();
    }

    /** The last segment; null in a log that has no file yet. */
    @Nullable
    SegmentFile last() {
        Map.Entry<Long, SegmentFile> last = segments.lastEntry();
        return last == null ? null : last.getValue();
    }

    long first() {
        Map.Entry<Long, SegmentFile> first = segments.firstEntry();
        return first == null ? 0 : first.getKey();
    }

    long end() {
        SegmentFile last = last();
        return last == null ? 0 : last.end();
    }

    Segments.Extent extent() {
        long bytes = 0;
        SegmentFile.Times times = SegmentFile.Times.NONE;
        for (SegmentFile each : segments()) {
            bytes += each.size();
            times = times.with(each.times());
        }
        return new Segments.Extent(first(), end(), bytes, times.oldest(), times.newest());
    }

    void use() {
        usedNanos = System.nanoTime();
    }

    long usedNanos() {
        return usedNanos;
    }
}
