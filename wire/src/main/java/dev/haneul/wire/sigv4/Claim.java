package dev.haneul.wire.sigv4;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a signed request says of its signer; nothing of it is proven yet.
 *
 * @param signedHeaders names in lower case, in the order given (sorted by every correct client)
 * @param timestamp as it stands in the string to sign, {@code yyyyMMdd'T'HHmmss'Z'}
 * @param signedAt the same moment
 * @param token the session token, null for long-lived keys
 * @param expiresSeconds how long a presigned request is good for; -1 for one signed by header
 */
public record Claim(
        String accessKeyId,
        Scope scope,
        List<String> signedHeaders,
        String signature,
        String timestamp,
        Instant signedAt,
        @Nullable String token,
        long expiresSeconds) {
    public Claim {
        signedHeaders = List.copyOf(signedHeaders);
    }

    /** Whether the signature came in the query. */
    public boolean presigned() {
        return expiresSeconds >= 0;
    }

    /** Without the signature's owner's secrets; for logs. */
    @Override
    public String toString() {
        return "Claim[" + accessKeyId + " " + scope + " " + timestamp + "]";
    }
}
