package dev.haneul.services.s3;

import dev.haneul.api.kms.DecryptRequest;
import dev.haneul.api.kms.DecryptResponse;
import dev.haneul.api.kms.EncryptRequest;
import dev.haneul.api.kms.EncryptResponse;
import dev.haneul.api.kms.GenerateDataKeyRequest;
import dev.haneul.api.kms.GenerateDataKeyResponse;
import dev.haneul.api.kms.KmsClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.s3.S3Tables.Seal;
import dev.haneul.storage.BlobKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Data keys from KMS, asked for in the caller's name: whoever may not use the KMS key may not write or read the object.
 *
 * <p>A bucket key is one data key for a bucket's objects, remembered for each caller for a short while. See AWS,
 * "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys".
 */
final class KmsKeys {
    private static final Duration REMEMBERED = Duration.ofMinutes(5);
    private static final int MAX_REMEMBERED = 1000;
    /** Of the region in an ARN. */
    private static final int REGION_PLACE = 3;

    private final KmsClient kms;
    private final Clock clock;
    private final Map<String, Remembered> remembered = new LinkedHashMap<>();

    private record Remembered(DataKey key, Instant until) {}

    /**
     * A data key.
     *
     * @param arn of the KMS key
     * @param wrapped as KMS encrypted it
     */
    record DataKey(String arn, byte[] wrapped, BlobKey key) {}

    KmsKeys(Caller neighbours, Clock clock) {
        this.kms = new KmsClient(neighbours);
        this.clock = clock;
    }

    /**
     * A data key for an object.
     *
     * @param keyId as KMS takes it
     * @param bucket whose bucket key it may be, null for a key of the object's own
     */
    DataKey generate(String keyId, Map<String, String> context, @Nullable String bucket, Call call) {
        String name = bucket == null ? null : "new " + who(call) + ' ' + bucket + ' ' + keyId + ' ' + context;
        DataKey known = recall(name);
        if (known != null) {
            return known;
        }
        try {
            GenerateDataKeyResponse answer = kms.generateDataKey(
                    new GenerateDataKeyRequest().keyId(keyId).keySpec("AES_256").encryptionContext(context),
                    viaS3(call));
            return remember(
                    name,
                    new DataKey(
                            told(answer.keyId()), told(answer.ciphertextBlob()), BlobKey.of(told(answer.plaintext()))));
        } catch (Fault refused) {
            throw translate(refused);
        }
    }

    /** The data key of an object that is there. */
    BlobKey unwrap(Seal seal, Call call) {
        String name = seal.bucketKey() ? who(call) + ' ' + Base64.getEncoder().encodeToString(seal.wrapped()) : null;
        DataKey known = recall(name);
        if (known != null) {
            return known.key();
        }
        try {
            DecryptResponse answer = kms.decrypt(
                    new DecryptRequest()
                            .keyId(seal.key())
                            .ciphertextBlob(seal.wrapped())
                            .encryptionContext(seal.context()),
                    viaS3(call));
            BlobKey key = BlobKey.of(told(answer.plaintext()));
            return remember(name, new DataKey("", seal.wrapped(), key)).key();
        } catch (Fault refused) {
            throw translate(refused);
        }
    }

    /** A data key as a KMS key encrypted it; {@code arn} is that key's. */
    record Wrapped(String arn, byte[] bytes) {}

    /**
     * The data key of an object, encrypted under another KMS key, which may be another region's.
     *
     * @param keyId ARN of the other key
     * @param context to encrypt it with
     */
    Wrapped rewrap(Seal seal, String keyId, Map<String, String> context, Call call) {
        try {
            DecryptResponse opened = kms.decrypt(
                    new DecryptRequest()
                            .keyId(seal.key())
                            .ciphertextBlob(seal.wrapped())
                            .encryptionContext(seal.context()),
                    viaS3(call));
            EncryptResponse closed = kms.encrypt(
                    new EncryptRequest()
                            .keyId(keyId)
                            .plaintext(told(opened.plaintext()))
                            .encryptionContext(context),
                    viaS3(call).in(call.account(), regionOf(keyId, call)));
            return new Wrapped(told(closed.keyId()), told(closed.ciphertextBlob()));
        } catch (Fault refused) {
            throw translate(refused);
        }
    }

    private static String regionOf(String arn, Call call) {
        String[] parts = arn.split(":", REGION_PLACE + 2);
        return parts.length > REGION_PLACE && !parts[REGION_PLACE].isEmpty() ? parts[REGION_PLACE] : call.region();
    }

    private static <T> T told(@Nullable T member) {
        return Objects.requireNonNull(member, "KMS answers with all members");
    }

    private static String who(Call call) {
        return call.principal().arn() + ' ' + call.principal().accessKeyId();
    }

    /** The caller, through S3: key policies may ask for that with {@code kms:ViaService}. */
    private static Call viaS3(Call call) {
        return new Call(
                call.principal(),
                call.account(),
                call.region(),
                call.requestId(),
                call.deadline(),
                Call.Origin.inside("s3.amazonaws.com"));
    }

    private synchronized @Nullable DataKey recall(@Nullable String name) {
        Remembered found = name == null ? null : remembered.get(name);
        return found != null && clock.instant().isBefore(found.until()) ? found.key() : null;
    }

    private synchronized DataKey remember(@Nullable String name, DataKey key) {
        if (name != null) {
            remembered.remove(name);
            remembered.put(name, new Remembered(key, clock.instant().plus(REMEMBERED)));
            if (remembered.size() > MAX_REMEMBERED) {
                remembered.remove(remembered.keySet().iterator().next());
            }
        }
        return key;
    }

    /** KMS's refusals as S3 tells them. */
    private static Fault translate(Fault refused) {
        if (refused.code().startsWith("AccessDenied")) {
            return Fault.client("AccessDenied", 403, refused.message());
        }
        return refused.status() < 500 ? Fault.client("KMS." + refused.code(), 400, refused.message()) : refused;
    }
}
