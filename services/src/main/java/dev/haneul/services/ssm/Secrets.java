package dev.haneul.services.ssm;

import dev.haneul.api.kms.DecryptRequest;
import dev.haneul.api.kms.EncryptRequest;
import dev.haneul.api.kms.GenerateDataKeyRequest;
import dev.haneul.api.kms.GenerateDataKeyResponse;
import dev.haneul.api.kms.KmsClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.ssm.InvalidKeyId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Seals and opens secure strings with KMS, as the caller and through {@code ssm.amazonaws.com}. */
final class Secrets {
    static final String DEFAULT_KEY = "alias/aws/ssm";

    private static final String HOST = "ssm.amazonaws.com";
    private static final int KMS_BYTES = 4096;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final String ENVELOPE = "v2.";

    private final KmsClient kms;
    private final SecureRandom random = new SecureRandom();

    Secrets(Caller neighbours) {
        kms = new KmsClient(neighbours);
    }

    /** Seals a value; the parameter's ARN is its encryption context. */
    String seal(String value, String keyId, String arn, Call call) {
        byte[] clear = value.getBytes(StandardCharsets.UTF_8);
        Map<String, String> context = Map.of("PARAMETER_ARN", arn);
        try {
            if (clear.length <= KMS_BYTES) {
                return base64(Objects.requireNonNull(kms.encrypt(
                                new EncryptRequest()
                                        .keyId(keyId)
                                        .plaintext(clear)
                                        .encryptionContext(context),
                                inside(call))
                        .ciphertextBlob()));
            }
            GenerateDataKeyResponse key = kms.generateDataKey(
                    new GenerateDataKeyRequest().keyId(keyId).keySpec("AES_256").encryptionContext(context),
                    inside(call));
            byte[] nonce = new byte[NONCE_BYTES];
            random.nextBytes(nonce);
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, Objects.requireNonNull(key.plaintext()), nonce)
                    .doFinal(clear);
            byte[] both = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
            System.arraycopy(sealed, 0, both, NONCE_BYTES, sealed.length);
            return ENVELOPE + base64(Objects.requireNonNull(key.ciphertextBlob())) + "." + base64(both);
        } catch (Fault fault) {
            throw told(fault);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot seal a value", e);
        }
    }

    /** Opens a sealed value. */
    String open(String sealed, String arn, Call call) {
        String[] parts = sealed.startsWith(ENVELOPE)
                ? sealed.substring(ENVELOPE.length()).split("\\.", 2)
                : new String[] {sealed};
        try {
            byte[] opened = Objects.requireNonNull(kms.decrypt(
                            new DecryptRequest()
                                    .ciphertextBlob(Base64.getDecoder().decode(parts[0]))
                                    .encryptionContext(Map.of("PARAMETER_ARN", arn)),
                            inside(call))
                    .plaintext());
            if (parts.length == 1) {
                return new String(opened, StandardCharsets.UTF_8);
            }
            byte[] both = Base64.getDecoder().decode(parts[1]);
            byte[] clear = cipher(Cipher.DECRYPT_MODE, opened, Arrays.copyOf(both, NONCE_BYTES))
                    .doFinal(both, NONCE_BYTES, both.length - NONCE_BYTES);
            return new String(clear, StandardCharsets.UTF_8);
        } catch (Fault fault) {
            throw told(fault);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a sealed value does not open", e);
        }
    }

    private static Cipher cipher(int mode, byte[] key, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
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

    /** A key that is not there or not usable is the caller's mistake in this request; a refusal stays one. */
    private static Fault told(Fault fault) {
        return switch (fault.code()) {
            case "NotFoundException",
                    "DisabledException",
                    "KMSInvalidStateException",
                    "InvalidArnException",
                    "InvalidKeyUsageException" -> Fault.of(new InvalidKeyId(), fault.message());
            default -> fault;
        };
    }
}
