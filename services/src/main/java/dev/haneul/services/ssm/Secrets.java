package dev.haneul.services.ssm;

import dev.haneul.api.kms.DecryptRequest;
import dev.haneul.api.kms.EncryptRequest;
import dev.haneul.api.kms.KmsClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.ssm.InvalidKeyId;
import dev.haneul.envelope.Envelope;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;

/** Seals and opens secure strings with KMS, as the caller and through {@code ssm.amazonaws.com}. */
final class Secrets {
    static final String DEFAULT_KEY = "alias/aws/ssm";

    private static final String HOST = "ssm.amazonaws.com";
    private static final int KMS_BYTES = 4096;
    private static final String ENVELOPE = "v2.";

    private final KmsClient kms;
    private final Envelope envelope;

    Secrets(Caller neighbours) {
        kms = new KmsClient(neighbours);
        envelope = new Envelope(neighbours, HOST);
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
                                envelope.through(call))
                        .ciphertextBlob()));
            }
            return ENVELOPE + envelope.seal(clear, keyId, context, call);
        } catch (Fault fault) {
            throw told(fault);
        }
    }

    /** Opens a sealed value. */
    String open(String sealed, String arn, Call call) {
        Map<String, String> context = Map.of("PARAMETER_ARN", arn);
        try {
            byte[] opened = sealed.startsWith(ENVELOPE)
                    ? envelope.open(sealed.substring(ENVELOPE.length()), context, call)
                    : Objects.requireNonNull(kms.decrypt(
                                    new DecryptRequest()
                                            .ciphertextBlob(Base64.getDecoder().decode(sealed))
                                            .encryptionContext(context),
                                    envelope.through(call))
                            .plaintext());
            return new String(opened, StandardCharsets.UTF_8);
        } catch (Fault fault) {
            throw told(fault);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
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
