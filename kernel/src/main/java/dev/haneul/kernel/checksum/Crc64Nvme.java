package dev.haneul.kernel.checksum;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.zip.Checksum;

/**
 * CRC-64/NVME: the checksum S3 calls CRC64NVME. Polynomial {@code 0xAD93D23594C93659}, reflected, all ones in and out;
 * the check value of {@code "123456789"} is {@code 0xAE8B14860A799888}. See the NVM Command Set Specification.
 *
 * <p>Eight bytes a step over eight tables of 256 entries, one behind the other in one array: of a constant array the
 * compiler knows the length and checks no bounds. A step has to wait for the one before it, so of long contents two pieces
 * are worked out side by side and put together. Not safe for use by several threads at once.
 */
public final class Crc64Nvme implements Checksum {
    private static final long REFLECTED_POLYNOMIAL = 0x9A6C9329AC4BC9B5L;
    private static final int SLICES = Long.BYTES;
    private static final int PIECE_BYTES = 2 << 10;
    private static final int ENTRIES = 256;
    private static final long[] TABLES = tables();
    private static final VarHandle LITTLE_ENDIAN_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private long state = -1L;

    @Override
    public void update(int b) {
        state = byteOf(0, state ^ b) ^ (state >>> 8);
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        long crc = state;
        int at = offset;
        int end = offset + length;
        for (; end - at >= 2 * PIECE_BYTES; at += 2 * PIECE_BYTES) {
            crc = pair(crc, bytes, at);
        }
        for (; end - at >= SLICES; at += SLICES) {
            crc = step(crc ^ (long) LITTLE_ENDIAN_LONG.get(bytes, at));
        }
        for (; at < end; at++) {
            crc = byteOf(0, crc ^ bytes[at]) ^ (crc >>> 8);
        }
        state = crc;
    }

    /** Two pieces one after the other, worked out at once. */
    private static long pair(long crc, byte[] bytes, int at) {
        long first = crc;
        long second = 0;
        for (int i = at; i < at + PIECE_BYTES; i += SLICES) {
            first = step(first ^ (long) LITTLE_ENDIAN_LONG.get(bytes, i));
            second = step(second ^ (long) LITTLE_ENDIAN_LONG.get(bytes, i + PIECE_BYTES));
        }
        return Piece.after(first) ^ second;
    }

    /** In two halves, and those in halves, for a chain of eight would have to be waited for. */
    private static long step(long word) {
        long low = (byteOf(7, word) ^ byteOf(6, word >>> 8)) ^ (byteOf(5, word >>> 16) ^ byteOf(4, word >>> 24));
        long high =
                (byteOf(3, word >>> 32) ^ byteOf(2, word >>> 40)) ^ (byteOf(1, word >>> 48) ^ byteOf(0, word >>> 56));
        return low ^ high;
    }

    /** What a piece of zeros makes of a state: it is linear, so what it makes of each bit says all. */
    private static final class Piece {
        private static final long[] BITS = bits();

        private static long[] bits() {
            long[] bits = new long[Long.SIZE];
            for (int i = 0; i < Long.SIZE; i++) {
                bits[i] = byteOf(0, 1L << i) ^ (1L << i >>> 8);
            }
            for (int length = 1; length < PIECE_BYTES; length *= 2) {
                long[] twice = new long[Long.SIZE];
                for (int i = 0; i < Long.SIZE; i++) {
                    twice[i] = times(bits, bits[i]);
                }
                bits = twice;
            }
            return bits;
        }

        private static long times(long[] bits, long state) {
            long sum = 0;
            for (int i = 0; i < Long.SIZE; i++) {
                sum ^= bits[i] & -(state >>> i & 1);
            }
            return sum;
        }

        static long after(long state) {
            return times(BITS, state);
        }
    }

    /** The checksum of what came so far; more may follow. */
    @Override
    public long getValue() {
        return ~state;
    }

    @Override
    public void reset() {
        state = -1L;
    }

    /** What the lowest byte adds that this many further bytes of the step follow. */
    private static long byteOf(int following, long value) {
        return TABLES[following * ENTRIES + ((int) value & 0xFF)];
    }

    /** Table k holds the effect of a byte that k further bytes follow. */
    private static long[] tables() {
        long[] tables = new long[SLICES * ENTRIES];
        for (int value = 0; value < ENTRIES; value++) {
            long crc = value;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ REFLECTED_POLYNOMIAL;
            }
            tables[value] = crc;
        }
        for (int at = ENTRIES; at < tables.length; at++) {
            long before = tables[at - ENTRIES];
            tables[at] = tables[(int) before & 0xFF] ^ (before >>> 8);
        }
        return tables;
    }
}
