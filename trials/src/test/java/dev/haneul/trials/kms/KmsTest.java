package dev.haneul.trials.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.AlgorithmSpec;
import software.amazon.awssdk.services.kms.model.DataKeySpec;
import software.amazon.awssdk.services.kms.model.DisabledException;
import software.amazon.awssdk.services.kms.model.ExpirationModelType;
import software.amazon.awssdk.services.kms.model.GrantOperation;
import software.amazon.awssdk.services.kms.model.IncorrectKeyException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.InvalidKeyUsageException;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.KmsInvalidSignatureException;
import software.amazon.awssdk.services.kms.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kms.model.MacAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.MessageType;
import software.amazon.awssdk.services.kms.model.NotFoundException;
import software.amazon.awssdk.services.kms.model.OriginType;
import software.amazon.awssdk.services.kms.model.SigningAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.WrappingKeySpec;

@ExtendWith(SharedRegion.class)
class KmsTest {
    private static final SdkBytes TEXT = SdkBytes.fromUtf8String("attack at dawn");

    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final KmsClient kms;

    KmsTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.kms = root.kms();
    }

    @AfterEach
    void close() throws Exception {
        root.close();
    }

    private String key() {
        return kms.createKey().keyMetadata().keyId();
    }

    private String key(String spec, KeyUsageType usage) {
        return kms.createKey(request -> request.keySpec(spec).keyUsage(usage))
                .keyMetadata()
                .keyId();
    }

    @Test
    void aTextComesBackUnderItsKeyAndContextOnly() {
        String key = key();
        String other = key();
        SdkBytes sealed = kms.encrypt(
                        request -> request.keyId(key).plaintext(TEXT).encryptionContext(Map.of("a", "1", "b", "2")))
                .ciphertextBlob();
        assertThat(kms.decrypt(request -> request.ciphertextBlob(sealed).encryptionContext(Map.of("b", "2", "a", "1")))
                        .plaintext())
                .isEqualTo(TEXT);
        assertThatThrownBy(() ->
                        kms.decrypt(request -> request.ciphertextBlob(sealed).encryptionContext(Map.of("a", "1"))))
                .isInstanceOf(InvalidCiphertextException.class);
        assertThatThrownBy(() -> kms.decrypt(request ->
                        request.ciphertextBlob(sealed).keyId(other).encryptionContext(Map.of("a", "1", "b", "2"))))
                .isInstanceOf(IncorrectKeyException.class);
        byte[] changed = sealed.asByteArray();
        changed[changed.length - 1] ^= 1;
        assertThatThrownBy(() -> kms.decrypt(request -> request.ciphertextBlob(SdkBytes.fromByteArray(changed))
                        .encryptionContext(Map.of("a", "1", "b", "2"))))
                .isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    void dataKeysOpenAfterRotation() {
        String key = key();
        kms.enableKeyRotation(request -> request.keyId(key).rotationPeriodInDays(90));
        assertThat(kms.getKeyRotationStatus(request -> request.keyId(key)).rotationPeriodInDays())
                .isEqualTo(90);
        var made = kms.generateDataKey(request -> request.keyId(key).keySpec(DataKeySpec.AES_256));
        kms.rotateKeyOnDemand(request -> request.keyId(key));
        assertThat(kms.listKeyRotations(request -> request.keyId(key)).rotations())
                .hasSize(1);
        assertThat(kms.decrypt(request -> request.ciphertextBlob(made.ciphertextBlob()))
                        .plaintext())
                .isEqualTo(made.plaintext());
        SdkBytes again = kms.reEncrypt(
                        request -> request.ciphertextBlob(made.ciphertextBlob()).destinationKeyId(key))
                .ciphertextBlob();
        assertThat(again).isNotEqualTo(made.ciphertextBlob());
        assertThat(kms.decrypt(request -> request.ciphertextBlob(again)).plaintext())
                .isEqualTo(made.plaintext());
    }

    @ParameterizedTest
    @CsvSource({
        "RSA_2048, RSASSA_PKCS1_V1_5_SHA_256, SHA-256",
        "RSA_2048, RSASSA_PSS_SHA_512, SHA-512",
        "ECC_NIST_P256, ECDSA_SHA_256, SHA-256",
        "ECC_NIST_P384, ECDSA_SHA_384, SHA-384",
        "ECC_NIST_P521, ECDSA_SHA_512, SHA-512",
        "ECC_SECG_P256K1, ECDSA_SHA_256, SHA-256"
    })
    void aSignatureOfAMessageIsOneOfItsDigest(String spec, String algorithm, String hash) throws Exception {
        String key = key(spec, KeyUsageType.SIGN_VERIFY);
        SigningAlgorithmSpec signing = SigningAlgorithmSpec.fromValue(algorithm);
        SdkBytes signature = kms.sign(
                        request -> request.keyId(key).message(TEXT).signingAlgorithm(signing))
                .signature();
        SdkBytes digest = SdkBytes.fromByteArray(MessageDigest.getInstance(hash).digest(TEXT.asByteArray()));
        assertThat(kms.verify(request -> request.keyId(key)
                                .message(digest)
                                .messageType(MessageType.DIGEST)
                                .signature(signature)
                                .signingAlgorithm(signing))
                        .signatureValid())
                .isTrue();
        assertThatThrownBy(() -> kms.verify(request -> request.keyId(key)
                        .message(SdkBytes.fromUtf8String("attack at noon"))
                        .signature(signature)
                        .signingAlgorithm(signing)))
                .isInstanceOf(KmsInvalidSignatureException.class);
        if (algorithm.equals("ECDSA_SHA_384")) {
            byte[] x509 =
                    kms.getPublicKey(request -> request.keyId(key)).publicKey().asByteArray();
            Signature check = Signature.getInstance("SHA384withECDSA");
            check.initVerify(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(x509)));
            check.update(TEXT.asByteArray());
            assertThat(check.verify(signature.asByteArray())).isTrue();
        }
    }

    @Test
    void macsSharedSecretsAndOtherUses() {
        String mac = key("HMAC_256", KeyUsageType.GENERATE_VERIFY_MAC);
        SdkBytes made = kms.generateMac(
                        request -> request.keyId(mac).message(TEXT).macAlgorithm(MacAlgorithmSpec.HMAC_SHA_256))
                .mac();
        assertThat(kms.verifyMac(request ->
                                request.keyId(mac).message(TEXT).mac(made).macAlgorithm(MacAlgorithmSpec.HMAC_SHA_256))
                        .macValid())
                .isTrue();
        String one = key("ECC_NIST_P256", KeyUsageType.KEY_AGREEMENT);
        String two = key("ECC_NIST_P256", KeyUsageType.KEY_AGREEMENT);
        assertThat(derive(one, two)).isEqualTo(derive(two, one));
        assertThatThrownBy(() -> kms.encrypt(request -> request.keyId(mac).plaintext(TEXT)))
                .isInstanceOf(InvalidKeyUsageException.class);
        assertThat(kms.generateRandom(request -> request.numberOfBytes(7))
                        .plaintext()
                        .asByteArray())
                .hasSize(7);
    }

    private SdkBytes derive(String mine, String theirs) {
        SdkBytes publicKey = kms.getPublicKey(request -> request.keyId(theirs)).publicKey();
        return kms.deriveSharedSecret(
                        request -> request.keyId(mine).publicKey(publicKey).keyAgreementAlgorithm("ECDH"))
                .sharedSecret();
    }

    @Test
    void aKeyIsUsableInItsStatesOnly() {
        String key = key();
        kms.disableKey(request -> request.keyId(key));
        assertThatThrownBy(() -> kms.encrypt(request -> request.keyId(key).plaintext(TEXT)))
                .isInstanceOf(DisabledException.class)
                .hasMessageContaining("arn:aws:kms:us-east-1:" + account + ":key/" + key + " is disabled.");
        kms.scheduleKeyDeletion(request -> request.keyId(key).pendingWindowInDays(7));
        assertThatThrownBy(() -> kms.enableKey(request -> request.keyId(key)))
                .isInstanceOf(KmsInvalidStateException.class)
                .hasMessageContaining("is pending deletion.");
        kms.cancelKeyDeletion(request -> request.keyId(key));
        assertThat(kms.describeKey(request -> request.keyId(key)).keyMetadata().keyState())
                .isEqualTo(KeyState.DISABLED);
        assertThatThrownBy(() -> kms.describeKey(request -> request.keyId("alias/none")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("Alias arn:aws:kms:us-east-1:" + account + ":alias/none is not found.");
    }

    @Test
    void aliasesNameKeysAndAwsHasItsOwn() {
        String key = key();
        kms.createAlias(request -> request.aliasName("alias/mine").targetKeyId(key));
        assertThat(kms.describeKey(request -> request.keyId("alias/mine"))
                        .keyMetadata()
                        .keyId())
                .isEqualTo(key);
        String managed = kms.describeKey(request -> request.keyId("alias/aws/s3"))
                .keyMetadata()
                .keyManagerAsString();
        assertThat(managed).isEqualTo("AWS");
        assertThat(kms.listAliases().aliases())
                .extracting(each -> each.aliasName())
                .containsExactly("alias/aws/s3", "alias/mine");
        assertThatThrownBy(() ->
                        kms.encrypt(request -> request.keyId("alias/aws/s3").plaintext(TEXT)))
                .isInstanceOf(KmsException.class)
                .hasMessageContaining("not authorized");
    }

    @Test
    void theKeyPolicyRulesAndAGrantOpens() throws Exception {
        root.iam().createUser(request -> request.userName("bob"));
        root.iam()
                .putUserPolicy(request -> request.userName("bob")
                        .policyName("all")
                        .policyDocument(
                                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"kms:*\","
                                        + "\"Resource\":\"*\"}]}"));
        AccessKey keys =
                root.iam().createAccessKey(request -> request.userName("bob")).accessKey();
        String key = key();
        SdkBytes sealed =
                kms.encrypt(request -> request.keyId(key).plaintext(TEXT)).ciphertextBlob();
        String rootOnly = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
                + "\"arn:aws:iam::" + account + ":root\"},\"Action\":\"kms:*\",\"Resource\":\"*\",\"Condition\":"
                + "{\"StringEquals\":{\"aws:PrincipalType\":\"Account\"}}}]}";
        try (Clients bob = new Clients(endpoint, keys.accessKeyId(), keys.secretAccessKey())) {
            KmsClient his = bob.kms();
            assertThat(his.decrypt(request -> request.ciphertextBlob(sealed)).plaintext())
                    .isEqualTo(TEXT);
            kms.putKeyPolicy(request -> request.keyId(key).policy(rootOnly));
            assertThatThrownBy(() -> his.decrypt(request -> request.ciphertextBlob(sealed)))
                    .hasMessageContaining("not authorized to perform: kms:Decrypt");
            assertThatThrownBy(() -> his.decrypt(
                            request -> request.ciphertextBlob(sealed).keyId(key)))
                    .hasMessageContaining("not authorized to perform: kms:Decrypt");
            String grant = kms.createGrant(request -> request.keyId(key)
                            .granteePrincipal("arn:aws:iam::" + account + ":user/bob")
                            .operations(GrantOperation.DECRYPT))
                    .grantId();
            assertThat(his.decrypt(request -> request.ciphertextBlob(sealed)).plaintext())
                    .isEqualTo(TEXT);
            assertThatThrownBy(() -> his.encrypt(request -> request.keyId(key).plaintext(TEXT)))
                    .hasMessageContaining("not authorized");
            kms.revokeGrant(request -> request.keyId(key).grantId(grant));
            assertThatThrownBy(() -> his.decrypt(request -> request.ciphertextBlob(sealed)))
                    .hasMessageContaining("not authorized");
        }
    }

    @Test
    void importedMaterialIsUsedAndForgotten() throws Exception {
        String key = kms.createKey(request -> request.origin(OriginType.EXTERNAL))
                .keyMetadata()
                .keyId();
        assertThatThrownBy(() -> kms.encrypt(request -> request.keyId(key).plaintext(TEXT)))
                .isInstanceOf(KmsInvalidStateException.class)
                .hasMessageContaining("is pending import.");
        var parameters = kms.getParametersForImport(request -> request.keyId(key)
                .wrappingAlgorithm(AlgorithmSpec.RSAES_OAEP_SHA_256)
                .wrappingKeySpec(WrappingKeySpec.RSA_2048));
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                KeyFactory.getInstance("RSA")
                        .generatePublic(
                                new X509EncodedKeySpec(parameters.publicKey().asByteArray())),
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        SdkBytes wrapped = SdkBytes.fromByteArray(cipher.doFinal(new byte[32]));
        kms.importKeyMaterial(request -> request.keyId(key)
                .importToken(parameters.importToken())
                .encryptedKeyMaterial(wrapped)
                .expirationModel(ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE));
        SdkBytes sealed =
                kms.encrypt(request -> request.keyId(key).plaintext(TEXT)).ciphertextBlob();
        kms.deleteImportedKeyMaterial(request -> request.keyId(key));
        assertThatThrownBy(() -> kms.decrypt(request -> request.ciphertextBlob(sealed)))
                .isInstanceOf(KmsInvalidStateException.class);
        kms.importKeyMaterial(request -> request.keyId(key)
                .importToken(parameters.importToken())
                .encryptedKeyMaterial(wrapped)
                .expirationModel(ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE));
        assertThat(kms.decrypt(request -> request.ciphertextBlob(sealed)).plaintext())
                .isEqualTo(TEXT);
    }

    @Test
    void badSpecsAndLongTextsAreRefused() {
        assertThatThrownBy(() -> kms.createKey(
                        request -> request.keySpec(KeySpec.RSA_2048).keyUsage("GENERATE_VERIFY_MAC")))
                .isInstanceOf(KmsException.class);
        String key = key();
        SdkBytes large = SdkBytes.fromByteArray(new byte[4097]);
        assertThatThrownBy(() -> kms.encrypt(request -> request.keyId(key).plaintext(large)))
                .isInstanceOf(KmsException.class)
                .hasMessageContaining("4096");
    }
}
