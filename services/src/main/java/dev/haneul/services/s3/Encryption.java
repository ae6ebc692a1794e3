package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.s3.S3Tables.EncryptionRule;
import dev.haneul.services.s3.S3Tables.Seal;
import dev.haneul.storage.BlobKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * How objects are encrypted: every one of them is, with S3's own key where neither the request nor the bucket says
 * otherwise. See AWS, "Protecting data with encryption".
 */
final class Encryption {
    static final String KMS = "aws:kms";
    static final String DSSE = "aws:kms:dsse";
    static final Set<String> ALGORITHMS = Set.of(Seal.S3, KMS, DSSE);
    private static final String HEADER = "x-amz-server-side-encryption";
    private static final String MANAGED_KEY = "alias/aws/s3";
    private static final String CONTEXT_ARN = "aws:s3:arn";
    private static final JsonFactory JSON = new JsonFactory();

    private final BlobKey own;
    private final KmsKeys kms;

    /**
     * The encryption of a region.
     *
     * @param secret the region's own, of 32 bytes
     */
    Encryption(byte[] secret, Caller neighbours, Clock clock) {
        this.own = BlobKey.of(secret).derive("s3 objects");
        this.kms = new KmsKeys(neighbours, clock);
    }

    /** What to encrypt a new object with, and what to remember of it. */
    record Sealing(Seal seal, BlobKey key) {}

    /**
     * Settles how a new object is encrypted; may ask KMS.
     *
     * @param in a request that may carry encryption headers
     */
    Sealing begin(Struct in, Buckets.Bucket bucket, String key, Call call) {
        String algorithm = Members.text(in, "ServerSideEncryption");
        String keyId = Members.text(in, "SSEKMSKeyId");
        CustomerKey customer = CustomerKey.of(in);
        EncryptionRule rule = bucket.record().rulesOrNone().encryption();
        if (customer != null) {
            if (algorithm != null) {
                throw S3Errors.invalidArgument(
                        "Server Side Encryption with Customer provided key is incompatible with the encryption method"
                                + " specified",
                        HEADER,
                        algorithm);
            }
            if (rule != null && rule.blocked().contains("SSE-C")) {
                throw S3Errors.accessDenied();
            }
            Seal seal = new Seal(Seal.CUSTOMER, null, new byte[0], Map.of(), Map.of(), false, customer.md5());
            return new Sealing(seal, customer.key());
        }
        if (algorithm != null && !ALGORITHMS.contains(algorithm)) {
            throw S3Errors.invalidArgument("The encryption method specified is not supported", HEADER, algorithm);
        }
        if (keyId != null && (algorithm == null || algorithm.equals(Seal.S3))) {
            throw S3Errors.invalidArgument(
                    "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption :"
                            + " aws:kms",
                    HEADER,
                    String.valueOf(algorithm));
        }
        String wanted = algorithm != null ? algorithm : rule == null ? Seal.S3 : rule.algorithm();
        if (wanted.equals(Seal.S3)) {
            return new Sealing(Seal.OWN, own);
        }
        String named = keyId == null && rule != null && rule.algorithm().equals(wanted) ? rule.key() : keyId;
        Boolean askedBucketKey = Members.get(in, "BucketKeyEnabled") instanceof Boolean flag ? flag : null;
        boolean bucketKey =
                wanted.equals(KMS) && (askedBucketKey == null ? rule != null && rule.bucketKey() : askedBucketKey);
        Map<String, String> given = context(Members.text(in, "SSEKMSEncryptionContext"));
        Map<String, String> context = new LinkedHashMap<>(given);
        context.putIfAbsent(CONTEXT_ARN, bucketKey ? bucket.arn() : bucket.arn() + "/" + key);
        KmsKeys.DataKey data =
                kms.generate(named == null ? MANAGED_KEY : named, context, bucketKey ? bucket.name() : null, call);
        Seal seal = new Seal(wanted, data.arn(), data.wrapped(), context, given, bucketKey, null);
        return new Sealing(seal, data.key());
    }

    /** The client's part of the encryption context: base64 of a JSON object of texts. */
    private static Map<String, String> context(@Nullable String header) {
        if (header == null) {
            return Map.of();
        }
        Map<String, String> context = new LinkedHashMap<>();
        try {
            String json = new String(Base64.getDecoder().decode(header), StandardCharsets.UTF_8);
            try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), json)) {
                boolean sound = in.nextToken() == JsonToken.START_OBJECT;
                while (sound && in.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = in.currentName();
                    sound = in.nextToken() == JsonToken.VALUE_STRING;
                    context.put(name, sound ? in.getString() : "");
                }
                if (sound && in.currentToken() == JsonToken.END_OBJECT) {
                    return context;
                }
            }
        } catch (IllegalArgumentException | JacksonException malformed) {
            // Falls through to the same refusal.
        }
        throw S3Errors.invalidArgument(
                "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON"
                        + " which represents a string-string map",
                "x-amz-server-side-encryption-context",
                header);
    }

    /**
     * Checks that a request carries the key an object was stored with, and none where it was stored without.
     *
     * @throws Fault InvalidRequest, AccessDenied
     */
    static void check(@Nullable Seal seal, @Nullable CustomerKey given) {
        String md5 = seal == null ? null : seal.customerMd5();
        if (md5 == null) {
            if (given != null) {
                throw S3Errors.invalidRequest("The encryption parameters are not applicable to this object.");
            }
        } else if (given == null) {
            throw S3Errors.invalidRequest("The object was stored using a form of Server Side Encryption. The correct"
                    + " parameters must be provided to retrieve the object.");
        } else if (!given.md5().equals(md5)) {
            throw S3Errors.accessDenied();
        }
    }

    /**
     * The key that opens an object, null where it is not encrypted; may ask KMS.
     *
     * @param given a customer's key that {@link #check} has found to be the right one
     */
    @Nullable
    BlobKey key(@Nullable Seal seal, @Nullable CustomerKey given, Call call) {
        if (seal == null) {
            return null;
        }
        if (seal.own()) {
            return own;
        }
        return given == null ? kms.unwrap(seal, call) : given.key();
    }

    /**
     * The seal of a replica of a KMS-encrypted object, which shares its bytes: the same data key, encrypted anew under
     * the destination's KMS key. See AWS, "Replicating encrypted objects".
     *
     * @param replicaKey ARN of the destination's key
     * @param call in the name of whoever may decrypt under the one key and encrypt under the other
     */
    Seal replicate(Seal source, String replicaKey, Buckets.Bucket target, String key, Call call) {
        EncryptionRule rule = target.record().rulesOrNone().encryption();
        boolean bucketKey = source.algorithm().equals(KMS) && (source.bucketKey() || rule != null && rule.bucketKey());
        Map<String, String> context = new LinkedHashMap<>(source.given());
        context.putIfAbsent(CONTEXT_ARN, bucketKey ? target.arn() : target.arn() + "/" + key);
        KmsKeys.Wrapped wrapped = kms.rewrap(source, replicaKey, context, call);
        return new Seal(source.algorithm(), wrapped.arn(), wrapped.bytes(), context, source.given(), bucketKey, null);
    }

    /** Whether bytes encrypted the one way may serve an object encrypted the other way. */
    static boolean sharable(@Nullable Seal one, @Nullable Seal other) {
        return one == null || other == null ? one == other : one.own() && other.own();
    }

    /** Tells in an answer how an object is encrypted. */
    static void tell(Struct out, @Nullable Seal seal) {
        if (seal == null) {
            return;
        }
        if (seal.customerMd5() != null) {
            Members.set(out, "SSECustomerAlgorithm", "AES256");
            Members.set(out, "SSECustomerKeyMD5", seal.customerMd5());
            return;
        }
        Members.set(out, "ServerSideEncryption", seal.algorithm());
        if (seal.kms()) {
            Members.set(out, "SSEKMSKeyId", seal.key());
            if (seal.bucketKey()) {
                Members.set(out, "BucketKeyEnabled", true);
            }
        }
    }
}
