package dev.haneul.kernel.checksum;

import java.nio.ByteBuffer;

/**
 * Works out the CRC of two contents put together from theirs, as S3 does for the full-object checksums of multipart
 * uploads. Appending n zero bytes to a content is a linear map of its CRC over GF(2); its matrix is squared log(n) times.
 */
public final class Crcs {
    private Crcs() {}

    /**
     * The value of the first content followed by the second.
     *
     * @param secondLength the second content's length in bytes
     * @throws IllegalArgumentException where the digest is no CRC or a value has the wrong length
     */
    public static byte[] combine(ChecksumAlgorithm digest, byte[] first, byte[] second, long secondLength) {
        if (!digest.combinable() || first.length != digest.bytes() || second.length != digest.bytes()) {
            throw new IllegalArgumentException(digest + " values cannot be combined");
        }
        if (secondLength < 0) {
            throw new IllegalArgumentException("length " + secondLength);
        }
        long combined = shift(digest, toLong(first), secondLength) ^ toLong(second);
        ByteBuffer value = ByteBuffer.allocate(digest.bytes());
        return digest.bytes() == Integer.BYTES
                ? value.putInt((int) combined).array()
                : value.putLong(combined).array();
    }

    private static long toLong(byte[] value) {
        ByteBuffer buffer = ByteBuffer.wrap(value);
        return value.length == Integer.BYTES ? Integer.toUnsignedLong(buffer.getInt()) : buffer.getLong();
    }

    /** The CRC after that many zero bytes (start and final XOR cancel out in the sum of two CRCs). */
    private static long shift(ChecksumAlgorithm digest, long crc, long bytes) {
        long[] matrix = oneZeroBit(digest);
        // One bit → two → four → one byte.
        for (int i = 0; i < 3; i++) {
            matrix = squared(matrix);
        }
        long shifted = crc;
        for (long left = bytes; left != 0; left >>>= 1) {
            if ((left & 1) != 0) {
                shifted = times(matrix, shifted);
            }
            matrix = squared(matrix);
        }
        return shifted;
    }

    /** Column i is what bit i becomes after one zero bit. */
    private static long[] oneZeroBit(ChecksumAlgorithm digest) {
        long polynomial = switch (digest) {
            case CRC32 -> 0xedb88320L;
            case CRC32C -> 0x82f63b78L;
            default -> 0x9a6c9329ac4bc9b5L;
        };
        long[] matrix = new long[digest.bytes() * Byte.SIZE];
        matrix[0] = polynomial;
        for (int i = 1; i < matrix.length; i++) {
            matrix[i] = 1L << (i - 1);
        }
        return matrix;
    }

    private static long times(long[] matrix, long vector) {
        long sum = 0;
        int column = 0;
        for (long left = vector; left != 0; left >>>= 1) {
            if ((left & 1) != 0) {
                sum ^= matrix[column];
            }
            column++;
        }
        return sum;
    }

    private static long[] squared(long[] matrix) {
        long[] square = new long[matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            square[i] = times(matrix, matrix[i]);
        }
        return square;
    }
}
