package dev.haneul.kernel.checksum;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;

/**
 * A checksum algorithm by the name S3's API gives it. Values travel as base64 of the big-endian bytes. See S3's user
 * guide, "Checking object integrity".
 */
public enum ChecksumAlgorithm {
    CRC32(4),
    CRC32C(4),
    CRC64NVME(8),
    SHA1(20),
    SHA256(32),
    SHA512(64),
    MD5(16);

    private static final String HEADER_PREFIX = "x-amz-checksum-";
    private final int bytes;

    ChecksumAlgorithm(int bytes) {
        this.bytes = bytes;
    }

    /** Length of a value in bytes. */
    public int bytes() {
        return bytes;
    }

    /** The header or trailer its values travel in, e.g. {@code x-amz-checksum-crc32c}. */
    public String header() {
        return HEADER_PREFIX + name().toLowerCase(Locale.ROOT);
    }

    /** The algorithm of an API name in any case ({@code CRC32C}); null for one that is not known. */
    public static @Nullable ChecksumAlgorithm named(String name) {
        for (ChecksumAlgorithm algorithm : values()) {
            if (algorithm.name().equalsIgnoreCase(name)) {
                return algorithm;
            }
        }
        return null;
    }

    /** The algorithm whose values travel in this header; null for none. */
    public static @Nullable ChecksumAlgorithm ofHeader(String header) {
        return header.regionMatches(true, 0, HEADER_PREFIX, 0, HEADER_PREFIX.length())
                ? named(header.substring(HEADER_PREFIX.length()))
                : null;
    }

    /** The bytes of a base64 value, null where it is none of this algorithm's length. */
    public byte @Nullable [] parse(String base64) {
        try {
            byte[] value = Base64.getDecoder().decode(base64);
            return value.length == bytes ? value : null;
        } catch (IllegalArgumentException malformed) {
            return null;
        }
    }

    /** A computation over no bytes yet. Not safe for use by several threads at once. */
    public Running start() {
        return switch (this) {
            case CRC32 -> new RunningCrc(new CRC32(), bytes);
            case CRC32C -> new RunningCrc(new CRC32C(), bytes);
            case CRC64NVME -> new RunningCrc(new Crc64Nvme(), bytes);
            case SHA1 -> new RunningDigest("SHA-1");
            case SHA256 -> new RunningDigest("SHA-256");
            case SHA512 -> new RunningDigest("SHA-512");
            case MD5 -> new RunningDigest("MD5");
        };
    }

    /** A checksum while its bytes come. */
    public sealed interface Running {
        /** More bytes. */
        void update(byte[] source, int offset, int length);

        /** The value, big-endian; ask once, at the end. */
        byte[] value();

        /** The value as it travels; instead of {@link #value}, once, at the end. */
        default String base64() {
            return Base64.getEncoder().encodeToString(value());
        }
    }

    private record RunningCrc(Checksum crc, int bytes) implements Running {
        @Override
        public void update(byte[] source, int offset, int length) {
            crc.update(source, offset, length);
        }

        @Override
        public byte[] value() {
            long value = crc.getValue();
            byte[] out = new byte[bytes];
            for (int i = 0; i < bytes; i++) {
                out[i] = (byte) (value >>> (8 * (bytes - 1 - i)));
            }
            return out;
        }
    }

    private static final class RunningDigest implements Running {
        private final MessageDigest digest;

        RunningDigest(String name) {
            try {
                digest = MessageDigest.getInstance(name);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has " + name, e);
            }
        }

        @Override
        public void update(byte[] source, int offset, int length) {
            digest.update(source, offset, length);
        }

        @Override
        public byte[] value() {
            return digest.digest();
        }
    }
}
