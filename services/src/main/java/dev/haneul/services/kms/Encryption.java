package dev.haneul.services.kms;

import dev.haneul.api.kms.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.Key;
import dev.haneul.services.kms.Keys.Found;
import dev.haneul.services.kms.Sealing.Blob;
import java.security.KeyPair;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is done with keys that encrypt: texts of 4096 bytes at most, and data keys for longer ones. */
final class Encryption {
    private static final int AES_256_BYTES = 32;
    private static final int AES_128_BYTES = 16;

    private final Keys keys;
    private final Sealing sealing;
    private final Materials materials;
    private final Permission permission;

    /** Asks whether a request, its key named, may be made. */
    @FunctionalInterface
    interface Permission {
        void require(String operation, Struct input, Call call);
    }

    Encryption(Keys keys, Materials materials, Permission permission) {
        this.keys = keys;
        this.materials = materials;
        this.sealing = new Sealing(materials);
        this.permission = permission;
    }

    /** A text that was opened, by which key and which of its materials. */
    private record Opened(
            Found found, byte[] plaintext, @Nullable String material) {}

    EncryptResponse encrypt(EncryptRequest in, Call call) {
        Found found = keys.find(in.keyId(), call).usable().for_(KeySpecs.ENCRYPT, "Encrypt");
        String algorithm = algorithm(found, in.encryptionAlgorithm(), in.encryptionContext());
        dry(in.dryRun());
        return new EncryptResponse()
                .ciphertextBlob(seal(found, in.plaintext(), algorithm, in.encryptionContext()))
                .keyId(found.arn())
                .encryptionAlgorithm(algorithm);
    }

    private byte[] seal(Found found, byte[] plaintext, String algorithm, Map<String, String> context) {
        return found.row().symmetric()
                ? sealing.encrypt(
                        found.row(), found.key().account(), found.key().region(), plaintext, context)
                : sealing.rsaEncrypt(found.row(), plaintext, algorithm);
    }

    private static String algorithm(Found found, @Nullable String asked, Map<String, String> context) {
        String algorithm = asked == null ? KeySpecs.SYMMETRIC : asked;
        String spec = found.row().nature().spec();
        if (!KeySpecs.encryptions(spec, KeySpecs.ENCRYPT).contains(algorithm)) {
            throw KmsFaults.algorithm(algorithm, spec);
        }
        if (!found.row().symmetric() && !context.isEmpty()) {
            throw KmsFaults.validation("An encryption context is valid only with symmetric encryption keys.");
        }
        return algorithm;
    }

    DecryptResponse decrypt(DecryptRequest in, Call call) {
        refuse(in.recipient());
        Opened opened = open(
                Objects.requireNonNull(in.ciphertextBlob()),
                in.keyId(),
                in.encryptionAlgorithm(),
                in.encryptionContext(),
                arn -> permission.require("Decrypt", copy(in).keyId(arn), call),
                call,
                "Decrypt");
        dry(in.dryRun());
        return new DecryptResponse()
                .keyId(opened.found().arn())
                .plaintext(opened.plaintext())
                .encryptionAlgorithm(in.encryptionAlgorithm() == null ? KeySpecs.SYMMETRIC : in.encryptionAlgorithm())
                .keyMaterialId(opened.material());
    }

    private static DecryptRequest copy(DecryptRequest in) {
        return new DecryptRequest()
                .ciphertextBlob(in.ciphertextBlob())
                .encryptionContext(in.encryptionContext())
                .encryptionAlgorithm(in.encryptionAlgorithm())
                .grantTokens(in.grantTokens());
    }

    private interface Asked {
        void mayUse(String arn);
    }

    private Opened open(
            byte[] ciphertext,
            @Nullable String keyId,
            @Nullable String asked,
            Map<String, String> context,
            Asked permitted,
            Call call,
            String operation) {
        String algorithm = asked == null ? KeySpecs.SYMMETRIC : asked;
        if (!algorithm.equals(KeySpecs.SYMMETRIC)) {
            if (keyId == null) {
                throw KmsFaults.validation("A key ID is needed to decrypt with the algorithm " + algorithm + ".");
            }
            Found found = keys.find(keyId, call).usable().for_(KeySpecs.ENCRYPT, operation);
            algorithm(found, algorithm, context);
            byte[] plaintext = sealing.rsaDecrypt(found.row(), ciphertext, algorithm);
            if (plaintext == null) {
                throw KmsFaults.badCiphertext();
            }
            return new Opened(found, plaintext, null);
        }
        Blob blob = Blob.read(ciphertext).orElseThrow(KmsFaults::badCiphertext);
        Found found = keyOf(blob, call);
        if (keyId != null) {
            Found named = keys.find(keyId, call).usable().for_(KeySpecs.ENCRYPT, operation);
            if (!named.key().equals(found.key())) {
                throw KmsFaults.otherKey();
            }
        } else {
            permitted.mayUse(found.arn());
        }
        found.usable();
        byte[] plaintext = sealing.decrypt(found.row(), blob, context);
        if (plaintext == null) {
            throw KmsFaults.badCiphertext();
        }
        return new Opened(found, plaintext, blob.materialId());
    }

    /** The key a ciphertext names, as this region has it: multi-region keys open each other's. */
    private Found keyOf(Blob blob, Call call) {
        boolean everywhere = blob.keyId().startsWith("mrk-");
        if (!everywhere && !blob.region().equals(call.region())) {
            throw KmsFaults.badCiphertext();
        }
        return keys.peek(new Key(blob.account(), call.region(), blob.keyId())).orElseThrow(KmsFaults::badCiphertext);
    }

    ReEncryptResponse reEncrypt(ReEncryptRequest in, Call call) {
        Opened opened = open(
                Objects.requireNonNull(in.ciphertextBlob()),
                in.sourceKeyId(),
                in.sourceEncryptionAlgorithm(),
                in.sourceEncryptionContext(),
                arn -> permission.require(
                        "ReEncrypt",
                        new ReEncryptRequest()
                                .sourceKeyId(arn)
                                .destinationKeyId(in.destinationKeyId())
                                .sourceEncryptionContext(in.sourceEncryptionContext())
                                .destinationEncryptionContext(in.destinationEncryptionContext()),
                        call),
                call,
                "ReEncrypt");
        Found to = keys.find(in.destinationKeyId(), call).usable().for_(KeySpecs.ENCRYPT, "ReEncrypt");
        String algorithm = algorithm(to, in.destinationEncryptionAlgorithm(), in.destinationEncryptionContext());
        dry(in.dryRun());
        return new ReEncryptResponse()
                .ciphertextBlob(seal(to, opened.plaintext(), algorithm, in.destinationEncryptionContext()))
                .sourceKeyId(opened.found().arn())
                .keyId(to.arn())
                .sourceEncryptionAlgorithm(
                        in.sourceEncryptionAlgorithm() == null ? KeySpecs.SYMMETRIC : in.sourceEncryptionAlgorithm())
                .destinationEncryptionAlgorithm(algorithm)
                .sourceKeyMaterialId(opened.material())
                .destinationKeyMaterialId(
                        to.row().symmetric() ? to.row().material().id() : null);
    }

    /** A data key, in clear and sealed. */
    GenerateDataKeyResponse dataKey(
            String keyId,
            @Nullable String spec,
            @Nullable Integer count,
            Map<String, String> context,
            @Nullable Boolean dryRun,
            Call call) {
        if ((spec == null) == (count == null)) {
            throw KmsFaults.validation("Please specify either number of bytes or key spec.");
        }
        Found found = symmetric(keyId, call, "GenerateDataKey");
        dry(dryRun);
        int bytes = count != null ? count : "AES_128".equals(spec) ? AES_128_BYTES : AES_256_BYTES;
        byte[] plaintext = materials.randomBytes(bytes);
        return new GenerateDataKeyResponse()
                .keyId(found.arn())
                .plaintext(plaintext)
                .ciphertextBlob(seal(found, plaintext, KeySpecs.SYMMETRIC, context))
                .keyMaterialId(found.row().material().id());
    }

    private Found symmetric(String keyId, Call call, String operation) {
        Found found = keys.find(keyId, call).usable().for_(KeySpecs.ENCRYPT, operation);
        if (!found.row().symmetric()) {
            throw KmsFaults.usage(found.arn(), found.row().nature().spec(), operation);
        }
        return found;
    }

    GenerateDataKeyPairResponse dataKeyPair(
            String keyId, String spec, Map<String, String> context, @Nullable Boolean dryRun, Call call) {
        if (!KeySpecs.asymmetric(spec) || spec.startsWith("ML_DSA")) {
            throw KmsFaults.unsupported("The key pair spec " + spec + " is not supported.");
        }
        Found found = symmetric(keyId, call, "GenerateDataKeyPair");
        dry(dryRun);
        KeyPair pair = Materials.pair(spec);
        byte[] secret = pair.getPrivate().getEncoded();
        return new GenerateDataKeyPairResponse()
                .keyId(found.arn())
                .keyPairSpec(spec)
                .privateKeyPlaintext(secret)
                .privateKeyCiphertextBlob(seal(found, secret, KeySpecs.SYMMETRIC, context))
                .publicKey(pair.getPublic().getEncoded())
                .keyMaterialId(found.row().material().id());
    }

    static void refuse(@Nullable RecipientInfo recipient) {
        if (recipient != null) {
            throw KmsFaults.unsupported("Attested recipients are not supported.");
        }
    }

    static void dry(@Nullable Boolean dryRun) {
        if (Boolean.TRUE.equals(dryRun)) {
            throw KmsFaults.dryRun();
        }
    }
}
