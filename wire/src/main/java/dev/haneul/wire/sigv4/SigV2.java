package dev.haneul.wire.sigv4;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.QueryString;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Signature Version 2 of the object store, which stock clients still presign with in the regions older than Version 4.
 * See S3's user guide, "Signing and authenticating REST requests". Safe for all threads.
 *
 * <p>It signs little: the method, a few headers and a fixed list of sub-resources. An operation that is told from
 * others by a parameter outside that list is refused, else a signature for one could be used for the other.
 */
public final class SigV2 {
    private static final String HMAC = "HmacSHA1";
    private static final String AMZ = "x-amz-";
    private static final String KEY = "AWSAccessKeyId";
    private static final String SIGNATURE = "Signature";
    private static final String EXPIRES = "Expires";
    private static final String SCHEME = "AWS ";

    /** The regions that were there before Version 4; all others refuse Version 2. */
    private static final Set<String> REGIONS = Set.of(
            "us-east-1",
            "us-west-1",
            "us-west-2",
            "eu-west-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-northeast-1",
            "sa-east-1");

    private static final Set<String> SUB_RESOURCES = Set.of(
            "accelerate",
            "acl",
            "analytics",
            "cors",
            "delete",
            "inventory",
            "lifecycle",
            "location",
            "logging",
            "metrics",
            "notification",
            "object-lock",
            "partNumber",
            "policy",
            "replication",
            "requestPayment",
            "response-cache-control",
            "response-content-disposition",
            "response-content-encoding",
            "response-content-language",
            "response-content-type",
            "response-expires",
            "restore",
            "select",
            "select-type",
            "tagging",
            "torrent",
            "uploadId",
            "uploads",
            "versionId",
            "versioning",
            "versions",
            "website");

    /** Parameters that name another form of the same operation: nobody gains by adding them. */
    private static final Set<String> FORMS = Set.of("list-type", "x-id");

    private final KnownKeys keys;
    private final InstantSource clock;
    private final ObjectStoreFaults faults = new ObjectStoreFaults();

    public SigV2(Credentials credentials, InstantSource clock) {
        this.keys = new KnownKeys(credentials);
        this.clock = clock;
    }

    /** Whether a request is signed so, and not by Version 4 too. */
    public static boolean signs(SigningInput in) {
        QueryString query = in.query();
        String authorization = in.headers().first("authorization");
        if (query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature")) {
            return false;
        }
        boolean inQuery = query.has(SIGNATURE) || query.has(KEY);
        return authorization == null ? inQuery : !inQuery && authorization.startsWith(SCHEME);
    }

    /** The request with the {@code x-amz-} parameters of its query as the headers they stand for. */
    public static SigningInput effective(SigningInput in) {
        Headers headers = new Headers();
        for (int line = 0; line < in.headers().size(); line++) {
            headers.add(in.headers().nameAt(line), in.headers().valueAt(line));
        }
        for (QueryString.Parameter parameter : in.query().parameters()) {
            String name = parameter.name().toLowerCase(Locale.ROOT);
            if (name.startsWith(AMZ) && !in.headers().has(name)) {
                headers.add(name, parameter.value());
            }
        }
        return new SigningInput(in.method(), in.path(), in.query(), headers);
    }

    private record Claim(String accessKeyId, String signature, String dateLine) {}

    /**
     * Proves who signed.
     *
     * @param in the {@link #effective} request
     * @param path raw, with the bucket in front also where the host names it
     * @param hostRegion the region the host names, null for none
     * @throws Fault where it is incomplete, out of its time, by an unknown key or wrong
     */
    public Principal verify(SigningInput in, String path, OperationShape operation, @Nullable String hostRegion) {
        boolean known = hostRegion == null || REGIONS.contains(hostRegion);
        if (!known || !covers(operation)) {
            throw faults.unsupported("AWS", "");
        }
        String authorization = in.headers().first("authorization");
        Claim claim = authorization == null ? fromQuery(in.query()) : fromHeader(authorization, in.headers());
        Credentials.Identity identity =
                keys.identity(claim.accessKeyId, in.headers().first("x-amz-security-token"), faults);
        String stringToSign = stringToSign(in, path, claim.dateLine);
        // A bucket is one resource with or without its slash, and clients that leave it out of the path sign it.
        boolean bare = path.lastIndexOf('/') == 0 && path.length() > 1;
        if (!verifies(identity, stringToSign, claim)
                && !(bare && verifies(identity, stringToSign(in, path + "/", claim.dateLine), claim))) {
            throw faults.mismatch(claim.accessKeyId, stringToSign, claim.signature);
        }
        return identity.principal();
    }

    private static boolean verifies(Credentials.Identity identity, String stringToSign, Claim claim) {
        byte[] computed = sign(identity.secretKey(), stringToSign).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(computed, claim.signature.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean covers(OperationShape operation) {
        int question = operation.uri().indexOf('?');
        return question < 0
                || QueryString.parse(operation.uri().substring(question + 1)).parameters().stream()
                        .allMatch(p -> SUB_RESOURCES.contains(p.name()) || FORMS.contains(p.name()));
    }

    private Claim fromQuery(QueryString query) {
        String key = query.first(KEY);
        String signature = query.first(SIGNATURE);
        String expires = query.first(EXPIRES);
        if (key == null || signature == null || expires == null) {
            throw denied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
        }
        if (!expires.matches("[0-9]{1,15}")) {
            throw denied("Invalid date (should be seconds since epoch): " + expires);
        }
        Instant end = Instant.ofEpochSecond(Long.parseLong(expires));
        Instant now = clock.instant();
        if (now.isAfter(end)) {
            throw faults.expired(end, now);
        }
        return new Claim(key, signature, expires);
    }

    private Claim fromHeader(String authorization, Headers headers) {
        int colon = authorization.lastIndexOf(':');
        if (colon < SCHEME.length()) {
            throw Fault.client(
                            "InvalidArgument",
                            400,
                            "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature")
                    .with("ArgumentName", "Authorization")
                    .with("ArgumentValue", authorization);
        }
        String amzDate = headers.first("x-amz-date");
        String date = amzDate == null ? headers.first("date") : amzDate;
        Instant signedAt = date == null ? null : Timestamps.parseHttp(date);
        signedAt = date == null || signedAt != null ? signedAt : Timestamps.parseBasic(date);
        if (date == null || signedAt == null) {
            throw faults.dateMalformed(false, date);
        }
        Instant now = clock.instant();
        if (signedAt.isAfter(now.plus(SigV4.TOLERANCE)) || signedAt.isBefore(now.minus(SigV4.TOLERANCE))) {
            throw faults.skewed(signedAt, now, SigV4.TOLERANCE);
        }
        return new Claim(
                authorization.substring(SCHEME.length(), colon).strip(),
                authorization.substring(colon + 1).strip(),
                amzDate == null ? date : "");
    }

    private static String stringToSign(SigningInput in, String path, String dateLine) {
        Headers headers = in.headers();
        StringBuilder out = new StringBuilder(256).append(in.method()).append('\n');
        for (String name : List.of("content-md5", "content-type")) {
            String value = headers.first(name);
            out.append(value == null ? "" : value.strip()).append('\n');
        }
        out.append(dateLine).append('\n');
        for (String name : new TreeSet<>(headers.lowerNames())) {
            if (name.startsWith(AMZ)) {
                List<String> values =
                        headers.all(name).stream().map(String::strip).toList();
                out.append(name).append(':').append(String.join(",", values)).append('\n');
            }
        }
        return out.append(path).append(subResources(in.query())).toString();
    }

    private static String subResources(QueryString query) {
        List<QueryString.Parameter> signed = new ArrayList<>(query.parameters());
        signed.removeIf(parameter -> !SUB_RESOURCES.contains(parameter.name()));
        signed.sort(Comparator.comparing(QueryString.Parameter::name));
        StringBuilder out = new StringBuilder();
        for (QueryString.Parameter parameter : signed) {
            out.append(out.isEmpty() ? '?' : '&').append(parameter.name());
            if (parameter.rawValue() != null) {
                out.append('=').append(parameter.value());
            }
        }
        return out.toString();
    }

    private static String sign(String secretKey, String text) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(secretKey.getBytes(StandardCharsets.UTF_8), HMAC));
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has " + HMAC, e);
        }
    }

    private static Fault denied(String message) {
        return Fault.client("AccessDenied", 403, message);
    }
}
