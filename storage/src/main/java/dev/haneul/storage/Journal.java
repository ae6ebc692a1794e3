package dev.haneul.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * One journal file: what was done to all logs, in order, brought to disk before it is acknowledged. Used by one
 * thread at a time.
 *
 * <p>The file grows ahead of what is written, with zeros: bringing bytes of an existing place to disk takes a third of
 * the time of making the file longer. A record: length (4 bytes), CRC32C (4), kind (1), log name, base of the segment
 * (8), position (8), bytes. Length zero ends the journal.
 */
final class Journal implements AutoCloseable {
    static final byte APPEND = 1;
    /** The log begins at this segment from now on; the position is the log's end. */
    static final byte TRIM = 2;

    static final byte DELETE = 3;
    private static final int STEP_BYTES = 4 << 20;
    private static final int HEAD_BYTES = 8;
    private static final int LARGEST_RECORD_BYTES = 64 << 20;

    private final Disk disk;
    private final Path path;
    private final SteadyFile file;
    private ByteBuffer waiting = ByteBuffer.allocate(64 << 10);
    private long size;
    private long allocated;

    /** Starts a new, empty journal. */
    Journal(Path path, Disk disk) throws IOException {
        this.path = path;
        this.disk = disk;
        this.file = new SteadyFile(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** What a record says. */
    record Record(byte kind, String log, long base, long position, ByteBuffer bytes) {}

    /** Acts on a record that is read again. */
    @FunctionalInterface
    interface Replay {
        void accept(Record record) throws IOException;
    }

    /** Adds a record to what the next {@link #write} writes. */
    void add(byte kind, String log, long base, long position, ByteBuffer bytes) {
        byte[] name = log.getBytes(StandardCharsets.UTF_8);
        int length = Byte.BYTES + Short.BYTES + name.length + 2 * Long.BYTES + bytes.remaining();
        makeRoom(HEAD_BYTES + length);
        int start = waiting.position();
        waiting.putInt(length).putInt(0);
        waiting.put(kind).putShort((short) name.length).put(name).putLong(base).putLong(position);
        waiting.put(bytes.duplicate());
        CRC32C crc = new CRC32C();
        crc.update(waiting.array(), start + HEAD_BYTES, length);
        waiting.putInt(start + Integer.BYTES, (int) crc.getValue());
    }

    private void makeRoom(int count) {
        if (waiting.remaining() < count) {
            int needed = waiting.position() + count;
            ByteBuffer larger = ByteBuffer.allocate(Math.max(needed, waiting.capacity() * 2));
            larger.put(waiting.flip());
            waiting = larger;
        }
    }

    private void forget() {
        waiting = waiting.capacity() > STEP_BYTES ? ByteBuffer.allocate(64 << 10) : waiting.clear();
    }

    /** Writes what was added; nothing of it counts before {@link #keep} was called. */
    void write() throws IOException {
        waiting.flip();
        if (size + waiting.remaining() + Integer.BYTES > allocated) {
            allocate(size + waiting.remaining() + Integer.BYTES);
        }
        file.write(waiting, size);
    }

    /** Brings everything that was written to disk. A failure here means that nobody knows what is on disk. */
    void sync() throws IOException {
        file.sync(disk);
    }

    /** What was written last stays. */
    void keep() {
        size += waiting.limit();
        forget();
    }

    private void allocate(long needed) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(STEP_BYTES);
        while (allocated < needed) {
            file.write(zeros, allocated);
            allocated += STEP_BYTES;
        }
    }

    /** Takes back a write that failed, so that it is not read again. */
    void undo() throws IOException {
        forget();
        file.truncate(size);
        allocated = size;
        file.sync(disk);
    }

    long size() {
        return size;
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Reads a journal again; answers whether it ends as it should, and is not torn or damaged. */
    static boolean replay(Path path, Replay replay) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long at = 0;
            long end = file.size();
            while (at + HEAD_BYTES <= end) {
                ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
                Disk.read(file, head, at);
                int length = head.flip().getInt();
                int checksum = head.getInt();
                if (length <= 0 || length > LARGEST_RECORD_BYTES || at + HEAD_BYTES + length > end) {
                    return length == 0;
                }
                ByteBuffer body = ByteBuffer.allocate(length);
                Disk.read(file, body, at + HEAD_BYTES);
                CRC32C crc = new CRC32C();
                crc.update(body.flip().duplicate());
                if ((int) crc.getValue() != checksum) {
                    return false;
                }
                replay.accept(parse(body));
                at += HEAD_BYTES + length;
            }
            return true;
        }
    }

    private static Record parse(ByteBuffer body) {
        byte kind = body.get();
        byte[] name = new byte[Short.toUnsignedInt(body.getShort())];
        body.get(name);
        long base = body.getLong();
        long position = body.getLong();
        return new Record(kind, new String(name, StandardCharsets.UTF_8), base, position, body.slice());
    }
}
