package dev.haneul.wire.sigv4;

import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.QueryString;
import org.jspecify.annotations.Nullable;

/**
 * A credential scope: the day, place and service a signature is good for.
 *
 * @param date {@code yyyyMMdd}
 */
public record Scope(String date, String region, String service) {
    static final String TERMINATOR = "aws4_request";

    /** As it stands in a string to sign. */
    @Override
    public String toString() {
        return date + "/" + region + "/" + service + "/" + TERMINATOR;
    }

    /**
     * The scope a request seems to have, for finding its service before anything is checked; null where it says none
     * or what it says is malformed.
     */
    public static @Nullable Scope hint(QueryString query, Headers headers) {
        String credential = query.first("X-Amz-Credential");
        String authorization = headers.first("authorization");
        if (credential == null && authorization != null) {
            int at = authorization.indexOf("Credential=");
            if (at < 0) {
                return null;
            }
            int end = authorization.indexOf(',', at);
            credential = authorization.substring(at + "Credential=".length(), end < 0 ? authorization.length() : end);
        }
        String[] parts = credential == null ? new String[0] : credential.trim().split("/", -1);
        int last = parts.length - 1;
        return last < 4 ? null : new Scope(parts[last - 3], parts[last - 2], parts[last - 1]);
    }
}
