package dev.haneul.kernel.digest;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;

/**
 * The digests and checksums that storage works out while it takes bytes in: those of {@link ChecksumAlgorithm} that S3
 * keeps. Values are bytes in the order AWS encodes them in base64: big-endian for the CRCs.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html">S3 checksums</a>
 */
public enum Digest {
    MD5(ChecksumAlgorithm.MD5),
    SHA1(ChecksumAlgorithm.SHA1),
    SHA256(ChecksumAlgorithm.SHA256),
    CRC32(ChecksumAlgorithm.CRC32),
    CRC32C(ChecksumAlgorithm.CRC32C),
    CRC64NVME(ChecksumAlgorithm.CRC64NVME);

    private final ChecksumAlgorithm algorithm;

    Digest(ChecksumAlgorithm algorithm) {
        this.algorithm = algorithm;
    }

    /** The algorithm by its name in S3's API. */
    public ChecksumAlgorithm algorithm() {
        return algorithm;
    }

    /** The length of a value. */
    public int bytes() {
        return algorithm.bytes();
    }

    /** Whether a value of two contents together can be worked out from theirs, see {@link Crcs#combine}. */
    public boolean combinable() {
        return this == CRC32 || this == CRC32C || this == CRC64NVME;
    }

    /** Starts a computation. */
    public Digester begin() {
        return new Digester(algorithm.start());
    }

    /** The value of these bytes. */
    public byte[] of(byte[] content) {
        Digester digester = begin();
        digester.update(content, 0, content.length);
        return digester.value();
    }

    /** A running computation; not safe for use by several threads. */
    public static final class Digester {
        private final ChecksumAlgorithm.Running running;

        private Digester(ChecksumAlgorithm.Running running) {
            this.running = running;
        }

        /** Adds bytes. */
        public void update(byte[] content, int offset, int length) {
            running.update(content, offset, length);
        }

        /** The value; ends the computation. */
        public byte[] value() {
            return running.value();
        }
    }
}
