package dev.haneul.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The checksums of a content's blocks, and the one over them all that a reference carries. */
final class BlockSums {
    /** Read and checked as a whole: small enough for a range read, large enough for a quick transfer. */
    static final int BLOCK_BYTES = 256 << 10;

    private ByteBuffer sums = ByteBuffer.allocate(64);

    /** Adds the next block. */
    void add(byte[] block, int length) {
        if (!sums.hasRemaining()) {
            ByteBuffer larger = ByteBuffer.allocate(sums.capacity() * 2);
            larger.put(sums.flip());
            sums = larger;
        }
        sums.putInt(of(block, length));
    }

    /** The checksums one after the other. */
    ByteBuffer bytes() {
        return sums.duplicate().flip();
    }

    /** The checksum over checksums and length. */
    int root(long length) {
        return root(bytes(), length);
    }

    static int root(ByteBuffer sums, long length) {
        CRC32C crc = new CRC32C();
        crc.update(sums.duplicate());
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(length).flip());
        return (int) crc.getValue();
    }

    static int of(byte[] block, int length) {
        return of(block, 0, length);
    }

    static int of(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /** How many blocks a content of this length has. */
    static int count(long length) {
        return Math.toIntExact((length + BLOCK_BYTES - 1) / BLOCK_BYTES);
    }

    /** The root of a content that is one block. */
    static int rootOfOne(byte[] content) {
        BlockSums sums = new BlockSums();
        if (content.length > 0) {
            sums.add(content, content.length);
        }
        return sums.root(content.length);
    }
}
