package dev.haneul.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An entry on disk: body length (4 bytes), CRC32C of position, timestamp and body (4), timestamp (8), body, body length
 * again (4) for reading backwards. The position in the checksum keeps an old entry's bytes from passing for a new one's.
 */
final class EntryFormat {
    static final int HEAD_BYTES = 16;
    static final int OVERHEAD_BYTES = HEAD_BYTES + 4;

    private EntryFormat() {}

    static int size(int bodyLength) {
        return bodyLength + OVERHEAD_BYTES;
    }

    static void write(ByteBuffer out, long position, Segments.Item item) {
        byte[] body = item.body();
        out.putInt(body.length)
                .putInt(checksum(position, item.timestampMillis(), body))
                .putLong(item.timestampMillis())
                .put(body)
                .putInt(body.length);
    }

    /** Whether a number can be an entry's body length. */
    static boolean possible(int bodyLength) {
        return bodyLength >= 0 && bodyLength <= Segments.MAX_ENTRY_BYTES;
    }

    /** The entry that fills the buffer; null where its bytes are not what was written at this position. */
    static Segments.@Nullable Entry read(ByteBuffer in, long position) {
        int length = in.getInt();
        int checksum = in.getInt();
        long timestamp = in.getLong();
        if (length != in.remaining() - Integer.BYTES) {
            return null;
        }
        byte[] body = new byte[length];
        in.get(body);
        boolean sound = in.getInt() == length && checksum(position, timestamp, body) == checksum;
        return sound ? new Segments.Entry(position, timestamp, body) : null;
    }

    private static int checksum(long position, long timestampMillis, byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(position)
                .putLong(timestampMillis)
                .flip());
        crc.update(body, 0, body.length);
        return (int) crc.getValue();
    }
}
