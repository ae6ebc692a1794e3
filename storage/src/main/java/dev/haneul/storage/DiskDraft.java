package dev.haneul.storage;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A draft: in memory while it is small, then in a file of the drafts' folder. */
final class DiskDraft implements Draft {
    private static final int FIRST_BUFFER_BYTES = 2048;

    private final DiskBlobs blobs;
    private final @Nullable BlobKey key;
    private final String fileId;
    private final DigestLanes lanes;
    private Map<ChecksumAlgorithm, byte[]> digests = Map.of();
    private final BlockSums sums = new BlockSums();
    private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
    private byte[] spare = new byte[0];
    private int buffered;
    private long flushed;
    private long written;
    private int blocks;
    private @Nullable BlockCipher cipher;
    private byte[] sealedBlock = new byte[0];
    private @Nullable Path path;
    private @Nullable FileChannel file;
    private @Nullable Writeback writeback;
    private @Nullable BlobRef sealed;
    private boolean kept;
    private boolean closed;

    DiskDraft(DiskBlobs blobs, Set<ChecksumAlgorithm> wanted, @Nullable BlobKey key) {
        this.blobs = blobs;
        this.key = key;
        this.fileId = BlobIds.next(key == null ? BlobIds.ON_DISK : BlobIds.SEALED_ON_DISK);
        this.lanes = new DigestLanes(wanted);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        requireWritable();
        int done = 0;
        while (done < length) {
            makeRoom();
            int count = Math.min(capacity() - buffered, length - done);
            System.arraycopy(bytes, offset + done, buffer, buffered, count);
            buffered += count;
            done += count;
        }
    }

    @Override
    public long transferFrom(InputStream in) throws IOException {
        requireWritable();
        long before = length();
        while (true) {
            makeRoom();
            int count = in.read(buffer, buffered, capacity() - buffered);
            if (count < 0) {
                return length() - before;
            }
            buffered += count;
        }
    }

    /** Leaves at least one byte free in the buffer: by growing it, by turning to a file, by writing a block. */
    private void makeRoom() throws IOException {
        if (buffered < capacity()) {
            return;
        }
        if (buffer.length < DiskBlobs.INLINE_BYTES) {
            buffer = Arrays.copyOf(buffer, Math.min(buffer.length * 4, DiskBlobs.INLINE_BYTES));
        } else if (buffer.length < BlockSums.BLOCK_BYTES) {
            byte[] block = blobs.writing().take();
            System.arraycopy(buffer, 0, block, 0, buffered);
            buffer = block;
        } else {
            flush();
            // The block's digests are still being worked out: what comes next goes into another buffer.
            byte[] free = spare.length == 0 ? blobs.writing().take() : spare;
            spare = buffer;
            buffer = free;
        }
    }

    private int capacity() {
        return Math.min(buffer.length, BlockSums.BLOCK_BYTES);
    }

    private void flush() throws IOException {
        if (buffered == 0) {
            return;
        }
        lanes.begin(buffer, buffered);
        try {
            FileChannel out = file;
            if (out == null) {
                path = blobs.newDraftPath();
                out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                file = out;
                writeback = blobs.disk().writeback(path);
            }
            writeBlock(out);
        } catch (IOException e) {
            throw blobs.explain(e);
        }
        flushed += buffered;
        buffered = 0;
    }

    private void writeBlock(FileChannel out) throws IOException {
        byte[] block = buffer;
        int length = buffered;
        if (key != null) {
            if (cipher == null) {
                cipher = key.cipher(fileId);
                sealedBlock = blobs.writing().take();
            }
            length = cipher.seal(blocks, buffer, buffered, sealedBlock);
            block = sealedBlock;
        }
        Disk.write(out, ByteBuffer.wrap(block, 0, length), written);
        if (writeback != null) {
            writeback.begin(written, length);
        }
        sums.add(block, length);
        written += length;
        blocks++;
    }

    @Override
    public OutputStream stream() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                DiskDraft.this.write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                DiskDraft.this.write(bytes, offset, length);
            }
        };
    }

    @Override
    public long length() {
        return flushed + buffered;
    }

    @Override
    public BlobRef seal() throws IOException {
        requireWritable();
        BlobRef ref;
        if (length() <= DiskBlobs.INLINE_BYTES) {
            lanes.add(buffer, 0, buffered);
            ref = sealInline();
        } else {
            ref = sealFile();
        }
        digests = lanes.values();
        sealed = ref;
        // Nobody looks into them any more, also no digest.
        for (byte[] used : List.of(buffer, spare, sealedBlock)) {
            blobs.writing().give(used);
        }
        buffer = new byte[0];
        spare = buffer;
        sealedBlock = buffer;
        return ref;
    }

    private BlobRef sealInline() {
        if (key == null) {
            return blobs.pendInline(BlobIds.next(BlobIds.INLINE), Arrays.copyOf(buffer, buffered), buffered);
        }
        String id = BlobIds.next(BlobIds.SEALED_INLINE);
        byte[] sealedContent = new byte[buffered + BlockCipher.TAG_BYTES];
        key.cipher(id).seal(0, buffer, buffered, sealedContent);
        return blobs.pendInline(id, sealedContent, buffered);
    }

    private BlobRef sealFile() throws IOException {
        long length = length();
        flush();
        FileChannel out = Objects.requireNonNull(file);
        try {
            Disk.write(out, BlobFile.trailer(sums, length), written);
            BlobRow.OnDisk row = new BlobRow.OnDisk(fileId, 1, length, sums.root(length));
            return blobs.pendFile(fileId, Objects.requireNonNull(path), out, row);
        } catch (IOException e) {
            throw blobs.explain(e);
        }
    }

    @Override
    public byte[] digest(ChecksumAlgorithm digest) {
        byte[] value = digests.get(digest);
        if (value == null) {
            throw new IllegalStateException(digest + (sealed == null ? ": not sealed yet" : ": not asked for"));
        }
        return value.clone();
    }

    @Override
    public void kept() {
        if (sealed == null) {
            throw new IllegalStateException("the draft is not sealed");
        }
        kept = true;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        buffer = new byte[0];
        spare = buffer;
        if (writeback != null) {
            writeback.close();
        }
        if (file != null) {
            file.close();
        }
        if (sealed != null) {
            blobs.settle(sealed, kept);
        } else if (path != null) {
            Files.deleteIfExists(path);
        }
    }

    private void requireWritable() {
        if (closed || sealed != null) {
            throw new IllegalStateException("the draft is " + (closed ? "closed" : "sealed"));
        }
    }
}
