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
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A draft: in memory while it is small, then in a file of the drafts' folder. */
final class DiskDraft implements Draft {
    private static final int FIRST_BUFFER_BYTES = 2048;

    private final DiskBlobs blobs;
    private final Map<ChecksumAlgorithm, ChecksumAlgorithm.Running> digesters = new EnumMap<>(ChecksumAlgorithm.class);
    private final Map<ChecksumAlgorithm, byte[]> digests = new EnumMap<>(ChecksumAlgorithm.class);
    private final BlockSums sums = new BlockSums();
    private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
    private int buffered;
    private long flushed;
    private @Nullable Path path;
    private @Nullable FileChannel file;
    private @Nullable BlobRef sealed;
    private boolean closed;

    DiskDraft(DiskBlobs blobs, Set<ChecksumAlgorithm> wanted) {
        this.blobs = blobs;
        wanted.forEach(each -> digesters.put(each, each.start()));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        requireWritable();
        digesters.values().forEach(each -> each.update(bytes, offset, length));
        int done = 0;
        while (done < length) {
            makeRoom();
            int count = Math.min(buffer.length - buffered, length - done);
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
            int count = in.read(buffer, buffered, buffer.length - buffered);
            if (count < 0) {
                return length() - before;
            }
            int start = buffered;
            digesters.values().forEach(each -> each.update(buffer, start, count));
            buffered += count;
        }
    }

    /** Leaves at least one byte free in the buffer: by growing it, by turning to a file, by writing a block. */
    private void makeRoom() throws IOException {
        if (buffered < buffer.length) {
            return;
        }
        if (buffer.length < DiskBlobs.INLINE_BYTES) {
            buffer = Arrays.copyOf(buffer, Math.min(buffer.length * 4, DiskBlobs.INLINE_BYTES));
        } else if (buffer.length < BlockSums.BLOCK_BYTES) {
            buffer = Arrays.copyOf(buffer, BlockSums.BLOCK_BYTES);
        } else {
            flush();
        }
    }

    private void flush() throws IOException {
        if (buffered == 0) {
            return;
        }
        try {
            FileChannel out = file;
            if (out == null) {
                path = blobs.newDraftPath();
                out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                file = out;
            }
            Disk.write(out, ByteBuffer.wrap(buffer, 0, buffered), flushed);
        } catch (IOException e) {
            throw blobs.explain(e);
        }
        sums.add(buffer, buffered);
        flushed += buffered;
        buffered = 0;
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
        digesters.forEach((digest, digester) -> digests.put(digest, digester.value()));
        BlobRef ref = length() <= DiskBlobs.INLINE_BYTES ? sealInline() : sealFile();
        sealed = ref;
        buffer = new byte[0];
        return ref;
    }

    private BlobRef sealInline() {
        return blobs.pendInline(Arrays.copyOf(buffer, buffered));
    }

    private BlobRef sealFile() throws IOException {
        long length = length();
        flush();
        FileChannel out = Objects.requireNonNull(file);
        try {
            Disk.write(out, BlobFile.trailer(sums, length), length);
            blobs.disk().sync(out);
            out.close();
            return blobs.pendFile(Objects.requireNonNull(path), length, sums.root(length));
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
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        buffer = new byte[0];
        if (file != null) {
            file.close();
        }
        if (sealed != null) {
            blobs.settle(sealed);
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
