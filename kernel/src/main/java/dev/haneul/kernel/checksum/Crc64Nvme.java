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
 * <p>Sixteen bytes a step over sixteen tables of 256 entries, one behind the other in one array: of a constant array the
 * compiler knows the length and checks no bounds. Not safe for use by several threads at once.
 */
public final class Crc64Nvme implements Checksum {
    private static final long REFLECTED_POLYNOMIAL = 0x9A6C9329AC4BC9B5L;
    private static final int SLICES = 16;
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
        for (; end - at >= SLICES; at += SLICES) {
            long word = crc ^ (long) LITTLE_ENDIAN_LONG.get(bytes, at);
            long next = (long) LITTLE_ENDIAN_LONG.get(bytes, at + Long.BYTES);
            crc = byteOf(15, word)
                    ^ byteOf(14, word >>> 8)
                    ^ byteOf(13, word >>> 16)
                    ^ byteOf(12, word >>> 24)
                    ^ byteOf(11, word >>> 32)
                    ^ byteOf(10, word >>> 40)
                    ^ byteOf(9, word >>> 48)
                    ^ byteOf(8, word >>> 56)
                    ^ byteOf(7, next)
                    ^ byteOf(6, next >>> 8)
                    ^ byteOf(5, next >>> 16)
                    ^ byteOf(4, next >>> 24)
                    ^ byteOf(3, next >>> 32)
                    ^ byteOf(2, next >>> 40)
                    ^ byteOf(1, next >>> 48)
                    ^ byteOf(0, next >>> 56);
        }
        for (; at < end; at++) {
            crc = byteOf(0, crc ^ bytes[at]) ^ (crc >>> 8);
        }
        state = crc;
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
