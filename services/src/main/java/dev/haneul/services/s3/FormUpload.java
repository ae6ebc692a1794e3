package dev.haneul.services.s3;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.PutObjectOutput;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.time.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Uploads by a browser's form. The policy says what the form may be, its signature who vouches for it; then it is a
 * PutObject by that principal like any other. See AWS, "Browser-based uploads using POST".
 */
public final class FormUpload implements DataPlane {
    private static final Duration PATIENCE = Duration.ofHours(1);
    private static final String FILE_NAME = "${filename}";
    private static final String META = "x-amz-meta-";
    private static final String RETAIN_UNTIL = "x-amz-object-lock-retain-until-date";

    /** Form fields that are members of a PutObject. */
    private static final Map<String, String> MEMBERS = Map.ofEntries(
            Map.entry("acl", "ACL"),
            Map.entry("cache-control", "CacheControl"),
            Map.entry("content-disposition", "ContentDisposition"),
            Map.entry("content-encoding", "ContentEncoding"),
            Map.entry("content-language", "ContentLanguage"),
            Map.entry("content-md5", "ContentMD5"),
            Map.entry("content-type", "ContentType"),
            Map.entry("expires", "Expires"),
            Map.entry("x-amz-storage-class", "StorageClass"),
            Map.entry("x-amz-website-redirect-location", "WebsiteRedirectLocation"),
            Map.entry("x-amz-server-side-encryption", "ServerSideEncryption"),
            Map.entry("x-amz-server-side-encryption-aws-kms-key-id", "SSEKMSKeyId"),
            Map.entry("x-amz-server-side-encryption-customer-algorithm", "SSECustomerAlgorithm"),
            Map.entry("x-amz-server-side-encryption-customer-key", "SSECustomerKey"),
            Map.entry("x-amz-server-side-encryption-customer-key-md5", "SSECustomerKeyMD5"),
            Map.entry("x-amz-server-side-encryption-context", "SSEKMSEncryptionContext"),
            Map.entry("x-amz-object-lock-mode", "ObjectLockMode"),
            Map.entry("x-amz-object-lock-legal-hold", "ObjectLockLegalHoldStatus"),
            Map.entry("x-amz-checksum-crc32", "ChecksumCRC32"),
            Map.entry("x-amz-checksum-crc32c", "ChecksumCRC32C"),
            Map.entry("x-amz-checksum-crc64nvme", "ChecksumCRC64NVME"),
            Map.entry("x-amz-checksum-sha1", "ChecksumSHA1"),
            Map.entry("x-amz-checksum-sha256", "ChecksumSHA256"));

    private final S3Client s3;
    private final FormSignature signatures;
    private final Clock clock;

    /**
     * A plane for the gateway.
     *
     * @param caller carries the PutObject, authorised as any other
     */
    public FormUpload(Caller caller, Credentials credentials, Clock clock) {
        this.s3 = new S3Client(caller);
        this.signatures = new FormSignature(credentials);
        this.clock = clock;
    }

    /** A form's file; told apart from other bodies, for the event is called Post. */
    record FormBody(InputStream stream) implements Body {
        @Override
        public long length() {
            return -1;
        }
    }

    @Override
    public boolean claims(Exchange exchange) {
        String type = exchange.header("content-type");
        return exchange.method().equals("POST")
                && type != null
                && type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")
                && bucket(exchange) != null;
    }

    /** The bucket a request to its root addresses, by host or by path; null where it addresses none. */
    static @Nullable String bucket(Exchange exchange) {
        String host = exchange.host();
        String path = exchange.path();
        for (String mark : List.of(".s3.", ".s3-")) {
            int at = host.indexOf(mark);
            if (at > 0) {
                return path.equals("/") || path.isEmpty() ? host.substring(0, at) : null;
            }
        }
        boolean elsewhere =
                List.of(".lambda-url.", ".execute-api.", ".elb.", ".cloudfront.", ".elasticbeanstalk.").stream()
                        .anyMatch(host::contains);
        String trimmed = path.startsWith("/") ? path.substring(1) : path;
        String name = trimmed.endsWith("/") ? trimmed.substring(0, trimmed.length() - 1) : trimmed;
        return elsewhere || name.isEmpty() || name.indexOf('/') >= 0
                ? null
                : URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        FormAnswer answer = new FormAnswer(exchange);
        try {
            upload(exchange, answer);
        } catch (Fault fault) {
            answer.fault(fault);
        }
    }

    private void upload(Exchange exchange, FormAnswer answer) throws IOException {
        String bucket = ListObjects.or(bucket(exchange));
        MultipartForm form = MultipartForm.read(exchange.body(), ListObjects.or(exchange.header("content-type")));
        Map<String, String> fields = expand(form);
        fields.put("bucket", bucket);
        String key = fields.get("key");
        if (key == null || key.isEmpty()) {
            throw S3Errors.invalidArgument(
                    "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the"
                            + " fields.",
                    "key",
                    "");
        }
        Instant now = clock.instant();
        FormSignature.Signer signer = signatures.check(fields);
        PostPolicy.Condition.Length length = new PostPolicy.Condition.Length(0, Long.MAX_VALUE);
        if (signer.principal().type() != Principal.Type.ANONYMOUS) {
            PostPolicy policy = PostPolicy.parse(decoded(fields.getOrDefault("policy", "")));
            policy.check(fields, now);
            length = policy.length();
        }
        PutObjectRequest request = request(bucket, key, fields)
                .body(new FormBody(new LengthRangeStream(form.file(), length.min(), length.max())));
        Call call = new Call(
                signer.principal(),
                signer.principal().account(),
                signer.region(),
                exchange.requestId(),
                now.plus(PATIENCE),
                origin(exchange));
        PutObjectOutput out = s3.putObject(request, call);
        answer.success(bucket, key, ListObjects.or(out.eTag()), fields);
    }

    /** Every variable is expanded before the policy is looked at. */
    private static Map<String, String> expand(MultipartForm form) {
        Map<String, String> fields = new LinkedHashMap<>();
        form.fields()
                .forEach((name, value) ->
                        fields.put(name, name.equals("policy") ? value : value.replace(FILE_NAME, form.fileName())));
        return fields;
    }

    private static String decoded(String policy) {
        try {
            return new String(Base64.getMimeDecoder().decode(policy), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw Fault.client("InvalidPolicyDocument", 400, "The policy is not base64.");
        }
    }

    private static PutObjectRequest request(String bucket, String key, Map<String, String> fields) {
        PutObjectRequest request = new PutObjectRequest().bucket(bucket).key(key);
        Map<String, String> metadata = new LinkedHashMap<>();
        fields.forEach((name, value) -> {
            String member = MEMBERS.get(name);
            if (member != null) {
                Members.set(request, member, value);
            } else if (name.startsWith(META)) {
                metadata.put(name.substring(META.length()), value);
            }
        });
        String tagging = fields.get("tagging");
        String bucketKey = fields.get("x-amz-server-side-encryption-bucket-key-enabled");
        if (bucketKey != null) {
            request.bucketKeyEnabled(Boolean.valueOf(bucketKey));
        }
        String until = fields.get(RETAIN_UNTIL);
        if (until != null) {
            request.objectLockRetainUntilDate(moment(until));
        }
        return request.metadata(metadata.isEmpty() ? null : metadata)
                .tagging(tagging == null ? null : Tags.toHeader(Tags.ofXml(tagging)));
    }

    private static Instant moment(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException malformed) {
            throw S3Errors.invalidArgument(
                    "The retain until date must be provided in ISO 8601 format", RETAIN_UNTIL, text);
        }
    }

    private static Call.Origin origin(Exchange exchange) {
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.headers().forEach((name, values) -> headers.put(name, String.join(",", values)));
        return new Call.Origin(
                exchange.remoteAddress(),
                headers.getOrDefault("user-agent", ""),
                exchange.secure(),
                exchange.endpoint(),
                headers);
    }
}
