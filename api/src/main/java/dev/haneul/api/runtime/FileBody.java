package dev.haneul.api.runtime;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A body that is a region of an open file, so that whoever sends it can do so without copying through the heap. The
 * file is read by position only and may be unlinked meanwhile; the channel is closed with the body.
 */
public final class FileBody implements Body {
    private final FileChannel file;
    private final long offset;
    private final long length;
    private final RegionStream stream = new RegionStream();

    /**
     * A body of {@code length} bytes from {@code offset}, which owns the channel.
     *
     * @throws IllegalArgumentException where either is negative
     */
    public FileBody(FileChannel file, long offset, long length) {
        if (offset < 0 || length < 0) {
            throw new IllegalArgumentException("a region from " + offset + " of " + length + " bytes");
        }
        this.file = file;
        this.offset = offset;
        this.length = length;
    }

    /** The open file. */
    public FileChannel file() {
        return file;
    }

    /** Where the region starts, in bytes. */
    public long offset() {
        return offset;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public InputStream stream() {
        return stream;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** The region as a stream, for readers that know nothing of files. */
    private final class RegionStream extends InputStream {
        private long done;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int from, int count) throws IOException {
            long left = length - done;
            if (left == 0) {
                return -1;
            }
            int wanted = (int) Math.min(count, left);
            int read = file.read(ByteBuffer.wrap(target, from, wanted), offset + done);
            if (read < 0) {
                throw new EOFException("the file is " + left + " bytes shorter than it was");
            }
            done += read;
            return read;
        }

        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, length - done);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
