package dev.haneul.storage;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A content being written, by one thread at a time. Closing it discards what no committed transaction has kept.
 *
 * @see Blobs
 */
public interface Draft extends AutoCloseable {
    /** Adds bytes. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Adds all of a stream; answers how much that was. Does not close it. */
    long transferFrom(InputStream in) throws IOException;

    /** The draft as a stream; closing that changes nothing. */
    OutputStream stream();

    /** Bytes so far. */
    long length();

    /**
     * Ends the writing: the bytes are on disk now (small ones: will be with the transaction that keeps them).
     *
     * @throws DiskFullException where they do not fit; nothing is left of them
     */
    BlobRef seal() throws IOException;

    /** A digest of the whole content, once it is sealed; one of those that were asked for. */
    byte[] digest(ChecksumAlgorithm digest);

    /** Says that a transaction which keeps it has committed: closing the draft need not look it up. */
    void kept();

    @Override
    void close() throws IOException;
}
