package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What {@code x-amz-copy-source} names: {@code bucket/key}, URL-encoded, with or without a leading slash and a
 * {@code ?versionId=}.
 */
record CopySource(String bucket, String key, @Nullable String versionId) {
    private static final String VERSION = "?versionId=";

    static CopySource parse(String header) {
        String path = header;
        String versionId = null;
        int query = path.indexOf(VERSION);
        if (query >= 0) {
            versionId = path.substring(query + VERSION.length());
            path = path.substring(0, query);
        }
        String decoded;
        try {
            // A plus is a space here, as in S3: whoever means a plus writes %2B.
            decoded = URLDecoder.decode(path, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw invalid(header);
        }
        if (decoded.startsWith("arn:")) {
            throw S3Errors.notImplemented("x-amz-copy-source");
        }
        decoded = decoded.startsWith("/") ? decoded.substring(1) : decoded;
        int slash = decoded.indexOf('/');
        if (slash < 1 || slash == decoded.length() - 1) {
            throw invalid(header);
        }
        String key = decoded.substring(slash + 1);
        Keys.check(key);
        return new CopySource(decoded.substring(0, slash), key, versionId);
    }

    ObjectReader.Address address(@Nullable String expectedOwner) {
        return new ObjectReader.Address(bucket, key, versionId, expectedOwner, true);
    }

    /** The permission it takes to read it. */
    String permission() {
        return versionId == null ? "s3:GetObject" : "s3:GetObjectVersion";
    }

    private static Fault invalid(String header) {
        return S3Errors.invalidArgument(
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                "x-amz-copy-source",
                header);
    }
}
