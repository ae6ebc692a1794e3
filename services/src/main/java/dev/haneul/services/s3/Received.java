package dev.haneul.services.s3;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.s3.S3Tables.Seal;
import dev.haneul.storage.BlobKey;
import dev.haneul.storage.BlobRef;
import dev.haneul.storage.Blobs;
import dev.haneul.storage.DiskFullException;
import dev.haneul.storage.Draft;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A body that was read to its end and lies on disk, with its MD5 and the other digests that were wanted, all worked out
 * in the one pass. Closing it discards what no commit has kept.
 */
final class Received implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Draft draft;
    private final @Nullable BlobRef blob;

    private Received(Draft draft) throws IOException {
        this.draft = draft;
        BlobRef sealed = draft.seal();
        this.blob = sealed.length() == 0 ? null : sealed;
    }

    /**
     * Reads a body and closes it.
     *
     * @param key what its bytes are encrypted under, null for nothing
     *
     * @throws Fault EntityTooLarge; IncompleteBody where it ends early or the client is gone; what the body's own checks
     *     throw. Nothing is left then.
     */
    static Received read(Blobs blobs, Body body, Set<ChecksumAlgorithm> digests, @Nullable BlobKey key, long maxBytes) {
        try (body) {
            if (body.length() > maxBytes) {
                throw tooLarge(body.length(), maxBytes);
            }
            EnumSet<ChecksumAlgorithm> wanted = EnumSet.of(ChecksumAlgorithm.MD5);
            wanted.addAll(digests);
            Draft draft = key == null ? blobs.draft(wanted) : blobs.draft(wanted, key);
            try {
                long read = draft.transferFrom(new BoundedStream(body.stream(), maxBytes));
                if (body.length() >= 0 && read != body.length()) {
                    throw incomplete();
                }
                return new Received(draft);
            } catch (IOException | RuntimeException | Error failed) {
                draft.close();
                throw failed;
            }
        } catch (DiskFullException full) {
            throw S3Errors.diskFull();
        } catch (IOException disk) {
            throw new UncheckedIOException(disk);
        }
    }

    long size() {
        return draft.length();
    }

    /** Where the bytes are, null where there are none. */
    @Nullable
    BlobRef blob() {
        return blob;
    }

    /** Takes a reference to the bytes in the transaction that records them. */
    void keep(WriteTx tx, Blobs blobs, String account) {
        if (blob != null) {
            blobs.keep(tx, account, blob);
        }
    }

    /** Says that the transaction in which they were kept has committed. */
    void kept() {
        draft.kept();
    }

    byte[] md5() {
        return draft.digest(ChecksumAlgorithm.MD5);
    }

    /**
     * The entity tag of what is put as a whole: the MD5 in hexadecimal. Under a key that is not S3's own it must not tell
     * anything of the content, so it is made up.
     */
    String etag(@Nullable Seal seal) {
        if (seal == null || seal.own()) {
            return HexFormat.of().formatHex(md5());
        }
        byte[] tag = new byte[ChecksumAlgorithm.MD5.bytes()];
        RANDOM.nextBytes(tag);
        return HexFormat.of().formatHex(tag);
    }

    /** The value of one of the wanted digests, base64. */
    String checksum(ChecksumAlgorithm digest) {
        return Base64.getEncoder().encodeToString(draft.digest(digest));
    }

    @Override
    public void close() {
        try {
            draft.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static Fault tooLarge(long bytes, long maxBytes) {
        return Fault.client("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size")
                .with("ProposedSize", Long.toString(bytes))
                .with("MaxSizeAllowed", Long.toString(maxBytes));
    }

    private static Fault incomplete() {
        return Fault.client(
                "IncompleteBody",
                400,
                "You did not provide the number of bytes specified by the Content-Length HTTP header.");
    }

    /** Ends a body that grows past the limit, and tells a client that went away from a disk that failed. */
    private static final class BoundedStream extends FilterInputStream {
        private final long maxBytes;
        private long read;

        BoundedStream(InputStream in, long maxBytes) {
            super(in);
            this.maxBytes = maxBytes;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            try {
                int count = in.read(target, offset, length);
                read += Math.max(count, 0);
                if (read > maxBytes) {
                    throw tooLarge(read, maxBytes);
                }
                return count;
            } catch (IOException gone) {
                throw incomplete();
            }
        }
    }
}
