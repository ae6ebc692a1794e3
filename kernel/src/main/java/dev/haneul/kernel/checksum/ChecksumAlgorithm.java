package dev.haneul.kernel.checksum;

import com.dynatrace.hash4j.hashing.HashStream128;
import com.dynatrace.hash4j.hashing.HashStream64;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;
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
    MD5(16),
    XXHASH64(8),
    /** XXH3 of 64 bits. */
    XXHASH3(8),
    XXHASH128(16);

    private static final String HEADER_PREFIX = "x-amz-checksum-";
    private final int bytes;

    ChecksumAlgorithm(int bytes) {
        this.bytes = bytes;
    }

    /** Length of a value in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether a value of two contents together can be worked out from theirs, see {@link Crcs#combine}. */
    public boolean combinable() {
        return this == CRC32 || this == CRC32C || this == CRC64NVME;
    }

    /** The value of these bytes. */
    public byte[] of(byte[] content) {
        Running running = start();
        running.update(content, 0, content.length);
        return running.value();
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
            case XXHASH64 -> new RunningXxHash(Hashing.xxh64().hashStream());
            case XXHASH3 -> new RunningXxHash(Hashing.xxh3_64().hashStream());
            case XXHASH128 -> new RunningXxHash128(Hashing.xxh3_128().hashStream());
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

    /** Seed 0 and the canonical, big-endian form of the XXH specification. */
    private record RunningXxHash(HashStream64 hash) implements Running {
        @Override
        public void update(byte[] source, int offset, int length) {
            hash.putBytes(source, offset, length);
        }

        @Override
        public byte[] value() {
            return ByteBuffer.allocate(Long.BYTES).putLong(hash.getAsLong()).array();
        }
    }

    private record RunningXxHash128(HashStream128 hash) implements Running {
        @Override
        public void update(byte[] source, int offset, int length) {
            hash.putBytes(source, offset, length);
        }

        @Override
        public byte[] value() {
            HashValue128 value = hash.get();
            return ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(value.getMostSignificantBits())
                    .putLong(value.getLeastSignificantBits())
                    .array();
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
