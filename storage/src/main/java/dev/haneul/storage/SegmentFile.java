package dev.haneul.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One file of a log: {@code <position of its first byte>.seg}. What it tells is what has been acknowledged; the writer
 * publishes, everybody reads.
 */
final class SegmentFile {
    private static final String SUFFIX = ".seg";
    private static final int NAME_CHARS = 20 + SUFFIX.length();

    private final Path path;
    private final long base;
    private volatile long size;
    private volatile Times times;

    /** Earliest and latest timestamp. */
    record Times(long oldest, long newest) {
        static final Times NONE = new Times(Long.MAX_VALUE, Long.MIN_VALUE);

        Times with(long millis) {
            return new Times(Math.min(oldest, millis), Math.max(newest, millis));
        }

        Times with(Times other) {
            return new Times(Math.min(oldest, other.oldest), Math.max(newest, other.newest));
        }

        boolean touches(Segments.Want want) {
            return oldest < want.toMillis() && newest >= want.fromMillis();
        }
    }

    SegmentFile(Path folder, long base, long size, Times times) {
        this.path = path(folder, base);
        this.base = base;
        this.size = size;
        this.times = times;
    }

    static Path path(Path folder, long base) {
        return folder.resolve("%020d".formatted(base) + SUFFIX);
    }

    /** The base in a file's name; -1 where it is no segment's. */
    static long base(Path path) {
        String name = path.getFileName().toString();
        return name.length() == NAME_CHARS
                        && name.endsWith(SUFFIX)
                        && name.substring(0, 20).matches("[0-9]+")
                ? Long.parseLong(name.substring(0, 20))
                : -1;
    }

    /** Opens a full segment: times from beside it, or read through once. */
    static SegmentFile full(Path folder, long base) throws IOException {
        Path path = path(folder, base);
        long size = Files.size(path);
        Times beside = readTimes(path);
        if (beside != null) {
            return new SegmentFile(folder, base, size, beside);
        }
        SegmentFile found = scan(folder, base, size);
        return new SegmentFile(folder, base, size, found.times);
    }

    /** Opens the last segment of a log; what is behind its last sound entry was never acknowledged and is cut off. */
    static SegmentFile last(Path folder, long base) throws IOException {
        Path path = path(folder, base);
        long size = Files.size(path);
        SegmentFile sound = scan(folder, base, size);
        if (sound.size < size) {
            System.getLogger(SegmentFile.class.getName())
                    .log(System.Logger.Level.WARNING, "{0}: {1} torn bytes cut off", path, size - sound.size);
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(sound.size);
            }
        }
        return sound;
    }

    private static SegmentFile scan(Path folder, long base, long size) throws IOException {
        Times times = Times.NONE;
        long at = 0;
        try (SegmentReader reader = new SegmentReader(path(folder, base), base, size)) {
            for (Segments.Entry entry = reader.at(0); entry != null; entry = reader.at(at)) {
                times = times.with(entry.timestampMillis());
                at += EntryFormat.size(entry.body().length);
            }
        }
        return new SegmentFile(folder, base, at, times);
    }

    private static Path timesPath(Path segment) {
        return segment.resolveSibling(segment.getFileName() + ".times");
    }

    private static @org.jspecify.annotations.Nullable Times readTimes(Path segment) throws IOException {
        Path path = timesPath(segment);
        if (!Files.exists(path)) {
            return null;
        }
        byte[] bytes = Files.readAllBytes(path);
        if (bytes.length != 2 * Long.BYTES + Integer.BYTES) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        boolean sound = in.getInt(2 * Long.BYTES) == BlockSums.of(bytes, 2 * Long.BYTES);
        return sound ? new Times(in.getLong(), in.getLong()) : null;
    }

    /** Leaves the times beside a full segment, to spare reading it through. It may be lost without harm. */
    void writeTimes() throws IOException {
        ByteBuffer out = ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES)
                .putLong(times.oldest)
                .putLong(times.newest);
        out.putInt(BlockSums.of(out.array(), 2 * Long.BYTES));
        Files.write(timesPath(path), out.array());
    }

    void delete() throws IOException {
        Files.deleteIfExists(timesPath(path));
        Files.deleteIfExists(path);
    }

    /** Writer: these bytes, with these times, are acknowledged. */
    void publish(long newSize, Times added) {
        times = times.with(added);
        size = newSize;
    }

    SegmentReader read() throws IOException {
        return new SegmentReader(path, base, size);
    }

    Path path() {
        return path;
    }

    long base() {
        return base;
    }

    long size() {
        return size;
    }

    long end() {
        return base + size;
    }

    Times times() {
        return times;
    }
}
