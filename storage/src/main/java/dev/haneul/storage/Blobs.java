package dev.haneul.storage;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.WriteTx;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Contents of any size, immutable, counted by references.
 *
 * <p>A content comes into being with the transaction that keeps it, and goes with the one that releases its last
 * reference, so records and bytes never disagree, whenever the process dies:
 *
 * <pre>{@code
 * try (Draft draft = blobs.draft(Set.of(ChecksumAlgorithm.MD5))) {
 *     draft.transferFrom(body);
 *     BlobRef ref = draft.seal();
 *     store.write(tx -> {
 *         blobs.keep(tx, account, ref);
 *         tx.put(OBJECTS, key, new StoredObject(ref, …));
 *     });
 * }
 * }</pre>
 *
 * Small contents (up to 16 KiB) live in the store itself and cost no wait for the disk of their own.
 */
public interface Blobs extends AutoCloseable {
    /** Starts a content whose digests are worked out as it is written. Close it when done, kept or not. */
    Draft draft(Set<ChecksumAlgorithm> digests) throws IOException;

    /**
     * Starts a content that is encrypted as it is written, and read with the same key only.
     *
     * @param digests of the bytes as they are given
     */
    Draft draft(Set<ChecksumAlgorithm> digests, BlobKey key) throws IOException;

    /** Starts a content without digests. */
    default Draft draft() throws IOException {
        return draft(Set.of());
    }

    /**
     * Takes a reference to a content for an account, in the transaction that records it: to a sealed draft, or to a
     * content that is kept already (copies share it).
     *
     * @throws IllegalArgumentException where there is no such content
     */
    void keep(WriteTx tx, String account, BlobRef ref);

    /**
     * Gives a reference back, in the transaction that forgets it. The content goes when the account's references and
     * everybody else's are gone; who is reading it reads on.
     */
    void release(WriteTx tx, String account, BlobRef ref);

    /**
     * Makes one content of parts, without copying. Takes over one reference of each part (which the account has kept,
     * and does not release any more) and answers a content that is kept once.
     */
    BlobRef join(WriteTx tx, String account, List<Slice> parts);

    /**
     * Some bytes of a content.
     *
     * @param offset first byte
     * @param length bytes, at most up to the end
     */
    record Slice(BlobRef blob, long offset, long length) {
        public Slice {
            if (offset < 0 || length < 0 || offset > blob.length() - length) {
                throw new IllegalArgumentException(offset + "+" + length + " is outside of " + blob);
            }
        }

        /** All of it. */
        public static Slice all(BlobRef blob) {
            return new Slice(blob, 0, blob.length());
        }
    }

    /**
     * Reads bytes of a content. Each block is checked before any of its bytes is given out. The stream's
     * {@code transferTo} is the fast way. Close it.
     *
     * @param key what it was written under, if it is encrypted; not looked at where it is not
     * @throws IllegalArgumentException where it is encrypted and no key is given
     * @throws BlobMissingException where the content is gone (released meanwhile, or its file deleted behind our back)
     * @throws BlobDamagedException here or from the stream, where the bytes on disk are not those that were written
     */
    InputStream open(BlobRef ref, long offset, long length, @Nullable BlobKey key) throws IOException;

    /** A small content in memory, to be opened. */
    @FunctionalInterface
    interface Held {
        /** Like {@link Blobs#open(BlobRef, long, long, BlobKey)}. */
        InputStream open(long offset, long length, @Nullable BlobKey key) throws IOException;
    }

    /**
     * A small content, read in the very view that found who names it; null for a large one, and for one that this account
     * has not kept, which {@link #open} finds.
     */
    @Nullable
    Held hold(ReadTx tx, String account, BlobRef ref);

    /** Reads bytes of a content that is not encrypted. */
    default InputStream open(BlobRef ref, long offset, long length) throws IOException {
        return open(ref, offset, length, null);
    }

    /** Reads all of a content. */
    default InputStream open(BlobRef ref) throws IOException {
        return open(ref, 0, ref.length());
    }

    /**
     * Removes files that no record names: what a crash left between writing and keeping, or a reset. Safe at any time;
     * answers how many.
     */
    long sweep() throws IOException;

    @Override
    void close();
}
