package dev.haneul.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Reads the entries of one segment file through a window that moves with the reader. Offsets are within the file. */
final class SegmentReader implements AutoCloseable {
    private static final int WINDOW_BYTES = 64 << 10;

    private final FileChannel file;
    private final long base;
    private final long limit;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowStart;

    /** Opens a segment of which {@code limit} bytes are to be seen. */
    SegmentReader(Path path, long base, long limit) throws IOException {
        this.file = FileChannel.open(path, StandardOpenOption.READ);
        this.base = base;
        this.limit = limit;
    }

    /** The entry that starts here; null where none that is sound does. */
    Segments.@Nullable Entry at(long offset) throws IOException {
        if (offset < 0 || offset + EntryFormat.OVERHEAD_BYTES > limit || !load(offset, EntryFormat.HEAD_BYTES, false)) {
            return null;
        }
        int length = window.getInt((int) (offset - windowStart));
        return entry(offset, length, false);
    }

    /** The entry that ends here; null where none that is sound does. */
    Segments.@Nullable Entry before(long end) throws IOException {
        if (end > limit || end < EntryFormat.OVERHEAD_BYTES || !load(end - Integer.BYTES, Integer.BYTES, true)) {
            return null;
        }
        int length = window.getInt((int) (end - Integer.BYTES - windowStart));
        return EntryFormat.possible(length) ? entry(end - EntryFormat.size(length), length, true) : null;
    }

    private Segments.@Nullable Entry entry(long offset, int length, boolean backward) throws IOException {
        if (!EntryFormat.possible(length)
                || offset < 0
                || offset + EntryFormat.size(length) > limit
                || !load(offset, EntryFormat.size(length), backward)) {
            return null;
        }
        ByteBuffer bytes = window.slice((int) (offset - windowStart), EntryFormat.size(length));
        return EntryFormat.read(bytes, base + offset);
    }

    /** The first place at or after this offset where an entry starts (or the end), by walking from the beginning. */
    long align(long offset) throws IOException {
        long at = 0;
        while (at < offset) {
            Segments.Entry entry = at(at);
            if (entry == null) {
                throw damaged(at);
            }
            at += EntryFormat.size(entry.body().length);
        }
        return at;
    }

    SegmentDamagedException damaged(long offset) {
        return new SegmentDamagedException("the log entry at position " + (base + offset) + " is damaged");
    }

    /** Has these bytes in the window; false where the file is shorter than it should be. */
    private boolean load(long offset, int count, boolean backward) throws IOException {
        if (offset >= windowStart && offset + count <= windowStart + window.limit()) {
            return true;
        }
        int size = (int) Math.min(Math.max(count, WINDOW_BYTES), limit);
        long start = backward ? Math.max(0, offset + count - size) : offset;
        size = (int) Math.min(size, limit - start);
        if (window.capacity() < size) {
            window = ByteBuffer.allocate(size);
        }
        window.clear().limit(size);
        windowStart = start;
        boolean whole = Disk.read(file, window, start);
        window.flip();
        return whole;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
