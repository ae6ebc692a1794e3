package dev.haneul.kernel.digest;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.Checksum;

/**
 * CRC-64/NVME: reflected polynomial 0x9a6c9329ac4bc9b5, start and final XOR of all ones; eight bytes at a time. Its
 * check value ("123456789") is 0xae8b14860a799888.
 *
 * @see <a href="https://reveng.sourceforge.io/crc-catalogue/17plus.htm">the catalogue of CRC algorithms</a>
 */
final class Crc64Nvme implements Checksum {
    static final long POLYNOMIAL = 0x9a6c9329ac4bc9b5L;
    private static final int SLICES = 8;
    private static final long[][] TABLES = tables();
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private long crc = -1L;

    private static long[][] tables() {
        long[][] tables = new long[SLICES][256];
        for (int i = 0; i < 256; i++) {
            long value = i;
            for (int bit = 0; bit < 8; bit++) {
                value = (value & 1) == 0 ? value >>> 1 : value >>> 1 ^ POLYNOMIAL;
            }
            tables[0][i] = value;
        }
        for (int slice = 1; slice < SLICES; slice++) {
            for (int i = 0; i < 256; i++) {
                long before = tables[slice - 1][i];
                tables[slice][i] = before >>> 8 ^ tables[0][(int) (before & 0xff)];
            }
        }
        return tables;
    }

    @Override
    public void update(int b) {
        crc = crc >>> 8 ^ TABLES[0][(int) (crc ^ b) & 0xff];
    }

    @Override
    public void update(byte[] content, int offset, int length) {
        long now = crc;
        int at = offset;
        int end = offset + length;
        long[] t0 = TABLES[0];
        long[] t1 = TABLES[1];
        long[] t2 = TABLES[2];
        long[] t3 = TABLES[3];
        long[] t4 = TABLES[4];
        long[] t5 = TABLES[5];
        long[] t6 = TABLES[6];
        long[] t7 = TABLES[7];
        for (; end - at >= Long.BYTES; at += Long.BYTES) {
            long x = now ^ (long) LONGS.get(content, at);
            now = t7[(int) (x & 0xff)]
                    ^ t6[(int) (x >>> 8 & 0xff)]
                    ^ t5[(int) (x >>> 16 & 0xff)]
                    ^ t4[(int) (x >>> 24 & 0xff)]
                    ^ t3[(int) (x >>> 32 & 0xff)]
                    ^ t2[(int) (x >>> 40 & 0xff)]
                    ^ t1[(int) (x >>> 48 & 0xff)]
                    ^ t0[(int) (x >>> 56)];
        }
        for (; at < end; at++) {
            now = now >>> 8 ^ t0[(int) (now ^ content[at]) & 0xff];
        }
        crc = now;
    }

    @Override
    public long getValue() {
        return ~crc;
    }

    @Override
    public void reset() {
        crc = -1L;
    }
}
