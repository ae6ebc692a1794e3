package dev.haneul.services.s3;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/** The digests of bytes that are on disk already, worked out by reading them once: what a copy that shares them needs. */
final class DigestPass {
    private static final int BUFFER_BYTES = 128 * 1024;

    private final Map<ChecksumAlgorithm, byte[]> values = new EnumMap<>(ChecksumAlgorithm.class);

    private DigestPass() {}

    static DigestPass over(InputStream in, Set<ChecksumAlgorithm> wanted) throws IOException {
        Map<ChecksumAlgorithm, ChecksumAlgorithm.Running> running = new EnumMap<>(ChecksumAlgorithm.class);
        wanted.forEach(digest -> running.put(digest, digest.start()));
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            for (ChecksumAlgorithm.Running digester : running.values()) {
                digester.update(buffer, 0, count);
            }
        }
        DigestPass pass = new DigestPass();
        running.forEach((digest, digester) -> pass.values.put(digest, digester.value()));
        return pass;
    }

    /** One of the wanted values. */
    byte[] value(ChecksumAlgorithm digest) {
        byte[] value = values.get(digest);
        if (value == null) {
            throw new IllegalArgumentException(digest + " was not wanted");
        }
        return value;
    }

    String etag() {
        return HexFormat.of().formatHex(value(ChecksumAlgorithm.MD5));
    }

    String checksum(ChecksumAlgorithm digest) {
        return Base64.getEncoder().encodeToString(value(digest));
    }
}
