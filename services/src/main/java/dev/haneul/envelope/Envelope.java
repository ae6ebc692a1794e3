package dev.haneul.envelope;

import dev.haneul.api.kms.DecryptRequest;
import dev.haneul.api.kms.GenerateDataKeyRequest;
import dev.haneul.api.kms.GenerateDataKeyResponse;
import dev.haneul.api.kms.KmsClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals values under data keys of KMS: AES-256-GCM, the data key beside the value and itself sealed under the caller's
 * KMS key. KMS is asked as the caller, through the service, so that the key's policy and {@code kms:ViaService} decide.
 */
public final class Envelope {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final KmsClient kms;
    private final String host;
    private final SecureRandom random = new SecureRandom();

    /** @param host the service that keeps the values, e.g. {@code ssm.amazonaws.com} */
    public Envelope(Caller neighbours, String host) {
        this.kms = new KmsClient(neighbours);
        this.host = host;
    }

    /** The caller's call, made through the service. */
    public Call through(Call call) {
        return new Call(
                call.principal(),
                call.account(),
                call.region(),
                call.requestId(),
                call.deadline(),
                Call.Origin.inside(host));
    }

    /**
     * Seals a value.
     *
     * @param context what it is; it opens only where the same is said
     * @return two parts in Base64, with a dot between: the sealed data key and the sealed value
     * @throws Fault what KMS answers
     */
    public String seal(byte[] clear, String keyId, Map<String, String> context, Call call) {
        GenerateDataKeyResponse key = kms.generateDataKey(
                new GenerateDataKeyRequest().keyId(keyId).keySpec("AES_256").encryptionContext(context), through(call));
        byte[] both = seal(clear, Objects.requireNonNull(key.plaintext()), random);
        return base64(Objects.requireNonNull(key.ciphertextBlob())) + "." + base64(both);
    }

    /** A value under a data key: a nonce and what it was sealed to. */
    static byte[] seal(byte[] clear, byte[] key, SecureRandom random) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] sealed = run(Cipher.ENCRYPT_MODE, key, nonce, clear);
        byte[] both = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
        System.arraycopy(sealed, 0, both, NONCE_BYTES, sealed.length);
        return both;
    }

    /** Opens what {@link #seal(byte[], byte[], SecureRandom)} made. */
    static byte[] open(byte[] both, byte[] key) {
        return run(
                Cipher.DECRYPT_MODE,
                key,
                Arrays.copyOf(both, NONCE_BYTES),
                Arrays.copyOfRange(both, NONCE_BYTES, both.length));
    }

    /**
     * Opens what {@link #seal} made.
     *
     * @throws Fault what KMS answers
     */
    public byte[] open(String sealed, Map<String, String> context, Call call) {
        int dot = sealed.indexOf('.');
        byte[] key = Objects.requireNonNull(kms.decrypt(
                        new DecryptRequest()
                                .ciphertextBlob(Base64.getDecoder().decode(sealed.substring(0, dot)))
                                .encryptionContext(context),
                        through(call))
                .plaintext());
        return open(Base64.getDecoder().decode(sealed.substring(dot + 1)), key);
    }

    private static byte[] run(int mode, byte[] key, byte[] nonce, byte[] bytes) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
            return cipher.doFinal(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a value is not what was sealed", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
