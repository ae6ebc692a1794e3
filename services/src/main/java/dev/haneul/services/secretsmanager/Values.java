package dev.haneul.services.secretsmanager;

import dev.haneul.api.kms.DecryptRequest;
import dev.haneul.api.kms.GenerateDataKeyRequest;
import dev.haneul.api.kms.GenerateDataKeyResponse;
import dev.haneul.api.kms.KmsClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.kernel.Tokens;
import dev.haneul.services.secretsmanager.SecretTables.VersionRow;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Seals and opens values under data keys of KMS, as the caller and through {@code secretsmanager.amazonaws.com}. */
final class Values {
    static final String DEFAULT_KEY = "alias/aws/secretsmanager";
    static final String HOST = "secretsmanager.amazonaws.com";

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final KmsClient kms;
    private final byte[] digestKey;
    private final SecureRandom random = new SecureRandom();

    Values(Caller neighbours, byte[] folderKey) {
        kms = new KmsClient(neighbours);
        digestKey = Tokens.derive(folderKey, "secretsmanager digests");
    }

    /** A value as a version keeps it. */
    VersionRow seal(
            String arn, String version, Value value, String keyId, List<String> stages, Instant now, Call call) {
        GenerateDataKeyResponse key = kms.generateDataKey(
                new GenerateDataKeyRequest().keyId(keyId).keySpec("AES_256").encryptionContext(context(arn, version)),
                inside(call));
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, Objects.requireNonNull(key.plaintext()), nonce)
                    .doFinal(value.bytes());
            byte[] both = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
            System.arraycopy(sealed, 0, both, NONCE_BYTES, sealed.length);
            String text = Base64.getEncoder().encodeToString(key.ciphertextBlob()) + "."
                    + Base64.getEncoder().encodeToString(both);
            return new VersionRow(version, text, value.binary(), digest(value), keyId, stages, now);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot seal a value", e);
        }
    }

    byte[] open(String arn, VersionRow row, Call call) {
        String[] parts = row.sealed().split("\\.", 2);
        byte[] key = Objects.requireNonNull(kms.decrypt(
                        new DecryptRequest()
                                .ciphertextBlob(Base64.getDecoder().decode(parts[0]))
                                .encryptionContext(context(arn, row.id())),
                        inside(call))
                .plaintext());
        byte[] both = Base64.getDecoder().decode(parts[1]);
        try {
            return cipher(Cipher.DECRYPT_MODE, key, Arrays.copyOf(both, NONCE_BYTES))
                    .doFinal(both, NONCE_BYTES, both.length - NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a sealed value does not open", e);
        }
    }

    /** A value in clear. */
    record Value(byte[] bytes, boolean binary) {}

    String digest(Value value) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(digestKey, "HmacSHA256"));
            mac.update((byte) (value.binary() ? 1 : 0));
            return HexFormat.of().formatHex(mac.doFinal(value.bytes()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static Map<String, String> context(String arn, String version) {
        return Map.of("SecretARN", arn, "SecretVersionId", version);
    }

    private static Cipher cipher(int mode, byte[] key, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }

    private static Call inside(Call call) {
        return new Call(
                call.principal(),
                call.account(),
                call.region(),
                call.requestId(),
                call.deadline(),
                Call.Origin.inside(HOST));
    }
}
