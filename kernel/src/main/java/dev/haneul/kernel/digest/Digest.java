package dev.haneul.kernel.digest;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * A digest or checksum. Values are bytes in the order AWS encodes them in base64: big-endian for the CRCs.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html">S3 checksums</a>
 */
public enum Digest {
    MD5(16),
    SHA1(20),
    SHA256(32),
    CRC32(4),
    CRC32C(4),
    CRC64NVME(8);

    private final int bytes;

    Digest(int bytes) {
        this.bytes = bytes;
    }

    /** The length of a value. */
    public int bytes() {
        return bytes;
    }

    /** Whether a value of two contents together can be worked out from theirs, see {@link Crcs#combine}. */
    public boolean combinable() {
        return this == CRC32 || this == CRC32C || this == CRC64NVME;
    }

    /** Starts a computation. */
    public Digester begin() {
        return switch (this) {
            case MD5 -> new OfMessage(message("MD5"));
            case SHA1 -> new OfMessage(message("SHA-1"));
            case SHA256 -> new OfMessage(message("SHA-256"));
            case CRC32 -> new OfChecksum(new CRC32(), bytes);
            case CRC32C -> new OfChecksum(new CRC32C(), bytes);
            case CRC64NVME -> new OfChecksum(new Crc64Nvme(), bytes);
        };
    }

    /** The value of these bytes. */
    public byte[] of(byte[] content) {
        Digester digester = begin();
        digester.update(content, 0, content.length);
        return digester.value();
    }

    /** A running computation; not safe for use by several threads. */
    public sealed interface Digester {
        void update(byte[] content, int offset, int length);

        /** The value; ends the computation. */
        byte[] value();
    }

    private record OfMessage(MessageDigest digest) implements Digester {
        @Override
        public void update(byte[] content, int offset, int length) {
            digest.update(content, offset, length);
        }

        @Override
        public byte[] value() {
            return digest.digest();
        }
    }

    private record OfChecksum(Checksum checksum, int bytes) implements Digester {
        @Override
        public void update(byte[] content, int offset, int length) {
            checksum.update(content, offset, length);
        }

        @Override
        public byte[] value() {
            ByteBuffer value = ByteBuffer.allocate(bytes);
            return bytes == Integer.BYTES
                    ? value.putInt((int) checksum.getValue()).array()
                    : value.putLong(checksum.getValue()).array();
        }
    }

    private static MessageDigest message(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }
}
