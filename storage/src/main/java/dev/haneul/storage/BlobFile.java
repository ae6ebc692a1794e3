package dev.haneul.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A content in a file: its bytes, then the CRC32C of each block (4 bytes each), then a foot of 24 bytes: magic, block
 * size, number of blocks, length. The reference's checksum covers all of that. Of an encrypted content each block is
 * longer by the cipher's tag, and the checksums are those of the blocks as they lie there.
 */
final class BlobFile implements AutoCloseable {
    private static final long MAGIC = 0x48424c4f42303031L;
    private static final int FOOT_BYTES = 24;

    private final FileChannel file;
    private final String id;
    private final long length;
    private final ByteBuffer sums;
    private final @Nullable BlockCipher cipher;
    private final BlockBuffers buffers;
    private byte[] sealedBlock = new byte[0];

    private BlobFile(
            FileChannel file, BlobRef ref, ByteBuffer sums, @Nullable BlockCipher cipher, BlockBuffers buffers) {
        this.cipher = cipher;
        this.file = file;
        this.id = ref.id();
        this.length = ref.length();
        this.sums = sums;
        this.buffers = buffers;
    }

    /** What follows the content. */
    static ByteBuffer trailer(BlockSums blocks, long length) {
        ByteBuffer sums = blocks.bytes();
        int count = sums.remaining() / Integer.BYTES;
        return ByteBuffer.allocate(sums.remaining() + FOOT_BYTES)
                .put(sums)
                .putLong(MAGIC)
                .putInt(BlockSums.BLOCK_BYTES)
                .putInt(count)
                .putLong(length)
                .flip();
    }

    /** Opens a file and checks that it is the one the reference means. */
    static BlobFile open(Path path, BlobRef ref, @Nullable BlockCipher cipher, BlockBuffers buffers)
            throws IOException {
        FileChannel file;
        try {
            file = FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            throw new BlobMissingException("the content " + ref.id() + " is not there", e);
        }
        try {
            return new BlobFile(file, ref, readSums(file, ref, cipher != null), cipher, buffers);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static ByteBuffer readSums(FileChannel file, BlobRef ref, boolean sealed) throws IOException {
        int count = BlockSums.count(ref.length());
        long content = ref.length() + (sealed ? (long) count * BlockCipher.TAG_BYTES : 0);
        int sumsBytes = count * Integer.BYTES;
        ByteBuffer trailer = ByteBuffer.allocate(sumsBytes + FOOT_BYTES);
        boolean whole = file.size() == content + trailer.capacity() && Disk.read(file, trailer, content);
        trailer.flip();
        if (!whole
                || trailer.getLong(sumsBytes) != MAGIC
                || trailer.getInt(sumsBytes + 8) != BlockSums.BLOCK_BYTES
                || trailer.getInt(sumsBytes + 12) != count
                || trailer.getLong(sumsBytes + 16) != ref.length()) {
            throw damaged(ref.id(), "its end");
        }
        ByteBuffer sums = trailer.slice(0, sumsBytes);
        if (BlockSums.root(sums, ref.length()) != ref.checksum()) {
            throw damaged(ref.id(), "its checksums");
        }
        return sums;
    }

    /** Reads and checks a block into a buffer that has room for it at this place; answers how many bytes it has. */
    int read(int block, byte[] into, int offset) throws IOException {
        if (cipher != null) {
            return readSealed(cipher, block, into, offset);
        }
        long at = (long) block * BlockSums.BLOCK_BYTES;
        int size = blockLength(block);
        if (!Disk.read(file, ByteBuffer.wrap(into, offset, size), at)
                || BlockSums.of(into, offset, size) != sums.getInt(block * Integer.BYTES)) {
            throw damaged(id, "block " + block);
        }
        return size;
    }

    /** The cipher's own tag tells a damaged block. */
    private int readSealed(BlockCipher opener, int block, byte[] into, int offset) throws IOException {
        int size = blockLength(block) + BlockCipher.TAG_BYTES;
        if (sealedBlock.length < size) {
            sealedBlock = buffers.take();
        }
        long at = (long) block * (BlockSums.BLOCK_BYTES + BlockCipher.TAG_BYTES);
        if (!Disk.read(file, ByteBuffer.wrap(sealedBlock, 0, size), at)) {
            throw damaged(id, "block " + block);
        }
        return opener.open(block, sealedBlock, size, into, offset);
    }

    int blockLength(int block) {
        return (int) Math.min(BlockSums.BLOCK_BYTES, length - (long) block * BlockSums.BLOCK_BYTES);
    }

    @Override
    public void close() throws IOException {
        byte[] used = sealedBlock;
        sealedBlock = new byte[0];
        buffers.give(used);
        file.close();
    }

    static BlobDamagedException damaged(String id, String what) {
        return new BlobDamagedException("the content " + id + " is damaged (" + what + ")");
    }
}
