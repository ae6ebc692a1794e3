package dev.haneul.wire.sigv4;

import dev.haneul.api.runtime.Fault;
import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.QueryString;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the claim out of a request, in header or query. */
final class ClaimParser {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final String AUTHORIZATION = "authorization";
    private static final long MAX_EXPIRES_SECONDS = 604_800;
    private static final int MAX_SIGNED_HEADERS = 256;
    private static final List<String> QUERY_PARTS = List.of(
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            "X-Amz-Signature",
            "X-Amz-SignedHeaders",
            "X-Amz-Date",
            "X-Amz-Expires");

    private final SigningInput in;
    private final AuthFaults faults;

    ClaimParser(SigningInput in, AuthFaults faults) {
        this.in = in;
        this.faults = faults;
    }

    /**
     * The claim, null where the request has none and is anonymous.
     *
     * @throws Fault where what it says is incomplete, malformed or of another mechanism
     */
    @Nullable
    Claim parse() {
        String authorization = in.headers().first(AUTHORIZATION);
        QueryString query = in.query();
        boolean inQuery = query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature");
        boolean sigV2Query = query.has("Signature") && query.has("AWSAccessKeyId");
        if (authorization != null && (inQuery || sigV2Query)) {
            throw faults.twoMechanisms(authorization);
        }
        if (sigV2Query && !inQuery) {
            throw faults.unsupported("AWS", "");
        }
        if (inQuery) {
            return fromQuery();
        }
        return authorization == null ? null : fromHeader(authorization);
    }

    private Claim fromQuery() {
        QueryString query = in.query();
        List<String> missing =
                QUERY_PARTS.stream().filter(part -> !query.has(part)).toList();
        String algorithm = query.first("X-Amz-Algorithm");
        if (algorithm != null && !algorithm.equals(ALGORITHM)) {
            throw faults.unsupported(algorithm, algorithm);
        }
        // Only the object store insists on an expiry: presigned calls of STS come without and last 15 minutes.
        boolean onlyExpiry = missing.equals(List.of("X-Amz-Expires")) && faults instanceof ServiceFaults;
        if (!missing.isEmpty() && !onlyExpiry) {
            throw faults.incomplete(missing, null);
        }
        String timestamp = required(query.first("X-Amz-Date"));
        Instant signedAt = Timestamps.parseBasic(timestamp);
        if (signedAt == null) {
            throw faults.dateMalformed(true, timestamp);
        }
        long expires = onlyExpiry ? SigV4.TOLERANCE.toSeconds() : expires(required(query.first("X-Amz-Expires")));
        Parts parts = new Parts(
                required(query.first("X-Amz-Credential")),
                required(query.first("X-Amz-SignedHeaders")),
                required(query.first("X-Amz-Signature")));
        return claim(parts, true, timestamp, signedAt, query.first("X-Amz-Security-Token"), expires);
    }

    private long expires(String given) {
        if (!given.matches("[0-9]{1,9}") || Long.parseLong(given) > MAX_EXPIRES_SECONDS) {
            throw faults.expiresMalformed(given);
        }
        return Long.parseLong(given);
    }

    private record Parts(String credential, String signedHeaders, String signature) {}

    private Claim fromHeader(String authorization) {
        int space = authorization.indexOf(' ');
        String mechanism = space < 0 ? authorization : authorization.substring(0, space);
        if (!mechanism.equals(ALGORITHM)) {
            throw faults.unsupported(mechanism, authorization);
        }
        Map<String, String> values = new HashMap<>();
        for (String part : authorization.substring(mechanism.length()).split(",", 8)) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                values.putIfAbsent(
                        part.substring(0, equals).strip(),
                        part.substring(equals + 1).strip());
            }
        }
        List<String> missing = new ArrayList<>(List.of("Credential", "Signature", "SignedHeaders"));
        missing.removeIf(part -> !values.getOrDefault(part, "").isEmpty());
        if (!missing.isEmpty()) {
            throw faults.incomplete(missing, authorization);
        }
        Headers headers = in.headers();
        String amzDate = headers.first("x-amz-date");
        String given = amzDate != null ? amzDate : headers.first("date");
        Instant signedAt = given == null ? null : Timestamps.parseBasic(given);
        if (signedAt == null && given != null && amzDate == null) {
            signedAt = Timestamps.parseHttp(given);
        }
        if (given == null || signedAt == null) {
            throw faults.dateMalformed(false, given);
        }
        Parts parts = new Parts(
                required(values.get("Credential")),
                required(values.get("SignedHeaders")),
                required(values.get("Signature")));
        String timestamp = given.length() == 16 ? given : Timestamps.basic(signedAt);
        return claim(parts, false, timestamp, signedAt, headers.first("x-amz-security-token"), -1);
    }

    private Claim claim(
            Parts parts,
            boolean presigned,
            String timestamp,
            Instant signedAt,
            @Nullable String token,
            long expiresSeconds) {
        // The key itself may hold slashes, so the scope is counted from the end.
        String[] elements = parts.credential.split("/", -1);
        int last = elements.length - 1;
        if (last < 4 || elements[0].isEmpty()) {
            throw faults.credentialMalformed(presigned, parts.credential);
        }
        if (!elements[last].equals(Scope.TERMINATOR)) {
            throw faults.scopeWrong(presigned, AuthFaults.ScopePart.TERMINATOR, elements[last], Scope.TERMINATOR);
        }
        Scope scope = new Scope(elements[last - 3], elements[last - 2], elements[last - 1]);
        String day = timestamp.substring(0, 8);
        if (!scope.date().equals(day)) {
            throw faults.scopeWrong(presigned, AuthFaults.ScopePart.DATE, scope.date(), day);
        }
        String key = String.join("/", List.of(elements).subList(0, last - 3));
        List<String> signed =
                List.of(parts.signedHeaders.toLowerCase(Locale.ROOT).split(";", MAX_SIGNED_HEADERS));
        return new Claim(key, scope, signed, parts.signature, timestamp, signedAt, token, expiresSeconds);
    }

    private static String required(@Nullable String value) {
        if (value == null) {
            throw new IllegalStateException("checked before");
        }
        return value;
    }
}
