package dev.haneul.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/** Reads some bytes of a blob's file, block by checked block. */
final class FileStream extends InputStream {
    private final BlobFile file;
    private final BlockAhead ahead;
    private byte[] buffer = new byte[0];
    private final long end;
    private long position;
    private int loaded = -1;
    private int loadedLength;

    FileStream(BlobFile file, long offset, long length, BlockBuffers buffers) {
        this.file = file;
        this.ahead = new BlockAhead(file, buffers);
        this.position = offset;
        this.end = offset + length;
    }

    private static int block(long at) {
        return (int) (at / BlockSums.BLOCK_BYTES);
    }

    /** Has the block with the current position in the buffer; answers how many of its bytes are wanted. */
    private int fill() throws IOException {
        if (position >= end) {
            return 0;
        }
        int block = block(position);
        if (block != loaded) {
            loaded = -1;
            if (buffer.length < file.blockLength(block)) {
                buffer = new byte[file.blockLength(block)];
            }
            loadedLength = ahead.read(block, buffer, 0, isLast(block));
            loaded = block;
        }
        return (int) Math.min(loadedLength - inBlock(), end - position);
    }

    private boolean isLast(int block) {
        return (block + 1L) * BlockSums.BLOCK_BYTES >= end;
    }

    private boolean wantsWholeBlock(int length) {
        return position < end
                && inBlock() == 0
                && block(position) != loaded
                && file.blockLength(block(position)) <= Math.min(length, end - position);
    }

    private int inBlock() {
        return (int) (position % BlockSums.BLOCK_BYTES);
    }

    @Override
    public int read() throws IOException {
        if (fill() == 0) {
            return -1;
        }
        int value = buffer[inBlock()] & 0xff;
        position++;
        return value;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (wantsWholeBlock(length)) {
            // Straight into where it is wanted.
            int block = block(position);
            int whole = ahead.read(block, into, offset, isLast(block));
            position += whole;
            return whole;
        }
        int count = Math.min(fill(), length);
        if (count == 0) {
            return -1;
        }
        System.arraycopy(buffer, inBlock(), into, offset, count);
        position += count;
        return count;
    }

    @Override
    public long transferTo(OutputStream out) throws IOException {
        long sum = 0;
        for (int count = fill(); count > 0; count = fill()) {
            out.write(buffer, inBlock(), count);
            position += count;
            sum += count;
        }
        return sum;
    }

    @Override
    public long skip(long count) {
        long skipped = Math.clamp(count, 0, end - position);
        position += skipped;
        return skipped;
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, end - position);
    }

    @Override
    public void close() throws IOException {
        ahead.close();
    }
}
