package dev.haneul.trials.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
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
import software.amazon.awssdk.services.kms.model.DataKeyPairSpec;
import software.amazon.awssdk.services.kms.model.EncryptionAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.GrantOperation;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.KmsInvalidSignatureException;
import software.amazon.awssdk.services.kms.model.MalformedPolicyDocumentException;
import software.amazon.awssdk.services.kms.model.MessageType;
import software.amazon.awssdk.services.kms.model.MultiRegionKeyType;
import software.amazon.awssdk.services.kms.model.NotFoundException;

/** Keys in several regions, asymmetric keys checked by the JDK, grants with constraints, and policies that lock out. */
@ExtendWith(SharedRegion.class)
class KmsReachTest {
    private static final SdkBytes TEXT = SdkBytes.fromUtf8String("attack at dawn");

    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final KmsClient kms;

    KmsReachTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.kms = root.kms();
    }

    @AfterEach
    void close() throws Exception {
        root.close();
    }

    private String key(String spec, KeyUsageType usage) {
        return kms.createKey(request -> request.keySpec(spec).keyUsage(usage))
                .keyMetadata()
                .keyId();
    }

    @Test
    void aReplicaOpensWhatItsPrimarySealedAndMayTakeItsPlace() {
        KmsClient europe = root.kms("eu-west-1");
        String id = kms.createKey(request -> request.multiRegion(true))
                .keyMetadata()
                .keyId();
        assertThat(id).startsWith("mrk-");
        SdkBytes sealed =
                kms.encrypt(request -> request.keyId(id).plaintext(TEXT)).ciphertextBlob();
        assertThatThrownBy(() -> europe.decrypt(request -> request.ciphertextBlob(sealed)))
                .isInstanceOf(KmsException.class);
        var replica = kms.replicateKey(request -> request.keyId(id).replicaRegion("eu-west-1"))
                .replicaKeyMetadata();
        assertThat(replica.arn()).isEqualTo("arn:aws:kms:eu-west-1:" + account + ":key/" + id);
        assertThat(europe.decrypt(request -> request.ciphertextBlob(sealed)).plaintext())
                .isEqualTo(TEXT);
        kms.updatePrimaryRegion(request -> request.keyId(id).primaryRegion("eu-west-1"));
        var told =
                europe.describeKey(request -> request.keyId(id)).keyMetadata().multiRegionConfiguration();
        assertThat(told.multiRegionKeyType()).isEqualTo(MultiRegionKeyType.PRIMARY);
        assertThat(told.replicaKeys())
                .singleElement()
                .satisfies(each -> assertThat(each.region()).isEqualTo("us-east-1"));
        assertThat(kms.describeKey(request -> request.keyId(id))
                        .keyMetadata()
                        .multiRegionConfiguration()
                        .multiRegionKeyType())
                .isEqualTo(MultiRegionKeyType.REPLICA);
    }

    @Test
    void aliasesAreOfOneRegion() {
        String here = key("SYMMETRIC_DEFAULT", KeyUsageType.ENCRYPT_DECRYPT);
        kms.createAlias(request -> request.aliasName("alias/app").targetKeyId(here));
        KmsClient europe = root.kms("eu-west-1");
        assertThatThrownBy(() -> europe.describeKey(request -> request.keyId("alias/app")))
                .isInstanceOf(NotFoundException.class);
        String there = europe.createKey().keyMetadata().keyId();
        europe.createAlias(request -> request.aliasName("alias/app").targetKeyId(there));
        assertThat(europe.describeKey(request -> request.keyId("alias/app"))
                        .keyMetadata()
                        .keyId())
                .isEqualTo(there);
        assertThat(kms.describeKey(request -> request.keyId("alias/app"))
                        .keyMetadata()
                        .keyId())
                .isEqualTo(here);
    }

    @ParameterizedTest
    @CsvSource({
        "ECC_NIST_EDWARDS25519, ED25519_SHA_512, Ed25519",
        "ML_DSA_44, ML_DSA_SHAKE_256, ML-DSA",
        "ML_DSA_65, ML_DSA_SHAKE_256, ML-DSA"
    })
    void theJdkVerifiesItsSignatures(String spec, String algorithm, String jdk) throws Exception {
        String key = key(spec, KeyUsageType.SIGN_VERIFY);
        SdkBytes signature = kms.sign(request -> request.keyId(key)
                        .message(TEXT)
                        .messageType(MessageType.RAW)
                        .signingAlgorithm(algorithm))
                .signature();
        byte[] encoded =
                kms.getPublicKey(request -> request.keyId(key)).publicKey().asByteArray();
        Signature check = Signature.getInstance(jdk);
        check.initVerify(KeyFactory.getInstance(jdk).generatePublic(new X509EncodedKeySpec(encoded)));
        check.update(TEXT.asByteArray());
        assertThat(check.verify(signature.asByteArray())).isTrue();
        assertThat(kms.verify(request -> request.keyId(key)
                                .message(TEXT)
                                .signature(signature)
                                .signingAlgorithm(algorithm))
                        .signatureValid())
                .isTrue();
        assertThatThrownBy(() -> kms.verify(request -> request.keyId(key)
                        .message(SdkBytes.fromUtf8String("retreat"))
                        .signature(signature)
                        .signingAlgorithm(algorithm)))
                .isInstanceOf(KmsInvalidSignatureException.class);
    }

    @ParameterizedTest
    @CsvSource({"RSAES_OAEP_SHA_1, SHA-1", "RSAES_OAEP_SHA_256, SHA-256"})
    void whatTheJdkEncryptedForItItOpens(EncryptionAlgorithmSpec algorithm, String hash) throws Exception {
        String key = key("RSA_2048", KeyUsageType.ENCRYPT_DECRYPT);
        byte[] encoded =
                kms.getPublicKey(request -> request.keyId(key)).publicKey().asByteArray();
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(encoded)),
                new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT));
        SdkBytes sealed = SdkBytes.fromByteArray(cipher.doFinal(TEXT.asByteArray()));
        assertThat(kms.decrypt(request ->
                                request.keyId(key).ciphertextBlob(sealed).encryptionAlgorithm(algorithm))
                        .plaintext())
                .isEqualTo(TEXT);
        SdkBytes ours = kms.encrypt(
                        request -> request.keyId(key).plaintext(TEXT).encryptionAlgorithm(algorithm))
                .ciphertextBlob();
        assertThat(kms.decrypt(request ->
                                request.keyId(key).ciphertextBlob(ours).encryptionAlgorithm(algorithm))
                        .plaintext())
                .isEqualTo(TEXT);
    }

    @Test
    void aDataKeyPairIsOnePairAndItsSealedHalfOpens() throws Exception {
        String key = key("SYMMETRIC_DEFAULT", KeyUsageType.ENCRYPT_DECRYPT);
        var pair = kms.generateDataKeyPair(request ->
                request.keyId(key).keyPairSpec(DataKeyPairSpec.RSA_2048).encryptionContext(Map.of("a", "b")));
        assertThat(kms.decrypt(request -> request.ciphertextBlob(pair.privateKeyCiphertextBlob())
                                .encryptionContext(Map.of("a", "b")))
                        .plaintext())
                .isEqualTo(pair.privateKeyPlaintext());
        KeyFactory rsa = KeyFactory.getInstance("RSA");
        RSAPrivateKey secret = (RSAPrivateKey) rsa.generatePrivate(
                new PKCS8EncodedKeySpec(pair.privateKeyPlaintext().asByteArray()));
        Signature sign = Signature.getInstance("SHA256withRSA");
        sign.initSign(secret);
        sign.update(TEXT.asByteArray());
        byte[] signature = sign.sign();
        sign.initVerify(
                rsa.generatePublic(new X509EncodedKeySpec(pair.publicKey().asByteArray())));
        sign.update(TEXT.asByteArray());
        assertThat(sign.verify(signature)).isTrue();
        assertThat(kms.generateDataKeyPairWithoutPlaintext(
                                request -> request.keyId(key).keyPairSpec(DataKeyPairSpec.ECC_NIST_P256))
                        .privateKeyCiphertextBlob())
                .isNotNull();
    }

    @Test
    void aGrantHoldsWithinItsConstraintsUntilItIsRetired() throws Exception {
        root.iam().createUser(request -> request.userName("bob"));
        AccessKey keys =
                root.iam().createAccessKey(request -> request.userName("bob")).accessKey();
        String key = key("SYMMETRIC_DEFAULT", KeyUsageType.ENCRYPT_DECRYPT);
        String bob = "arn:aws:iam::" + account + ":user/bob";
        String grant = kms.createGrant(request -> request.keyId(key)
                        .granteePrincipal(bob)
                        .retiringPrincipal(bob)
                        .constraints(only -> only.encryptionContextSubset(Map.of("team", "red")))
                        .operations(GrantOperation.ENCRYPT, GrantOperation.DECRYPT, GrantOperation.RETIRE_GRANT))
                .grantId();
        try (Clients his = new Clients(endpoint, keys.accessKeyId(), keys.secretAccessKey())) {
            KmsClient bobs = his.kms();
            Map<String, String> red = Map.of("team", "red", "more", "1");
            SdkBytes sealed = bobs.encrypt(
                            request -> request.keyId(key).plaintext(TEXT).encryptionContext(red))
                    .ciphertextBlob();
            assertThat(bobs.decrypt(request -> request.ciphertextBlob(sealed).encryptionContext(red))
                            .plaintext())
                    .isEqualTo(TEXT);
            assertThatThrownBy(() -> bobs.encrypt(
                            request -> request.keyId(key).plaintext(TEXT).encryptionContext(Map.of("team", "blue"))))
                    .hasMessageContaining("not authorized to perform: kms:Encrypt");
            bobs.retireGrant(request -> request.keyId("arn:aws:kms:us-east-1:" + account + ":key/" + key)
                    .grantId(grant));
            assertThatThrownBy(() -> bobs.decrypt(
                            request -> request.ciphertextBlob(sealed).encryptionContext(red)))
                    .hasMessageContaining("not authorized to perform: kms:Decrypt");
        }
        assertThat(kms.listGrants(request -> request.keyId(key)).grants()).isEmpty();
    }

    @Test
    void aPolicyThatLocksItsWriterOutIsRefusedUnlessHeInsists() {
        String key = key("SYMMETRIC_DEFAULT", KeyUsageType.ENCRYPT_DECRYPT);
        String nobody = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":"
                + "\"sns.amazonaws.com\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}";
        assertThatThrownBy(() -> kms.putKeyPolicy(request -> request.keyId(key).policy(nobody)))
                .isInstanceOf(MalformedPolicyDocumentException.class)
                .hasMessageContaining("The new key policy will not allow you to update the key policy in the future.");
        kms.putKeyPolicy(request -> request.keyId(key).policy(nobody).bypassPolicyLockoutSafetyCheck(true));
        assertThatThrownBy(() -> kms.encrypt(request -> request.keyId(key).plaintext(TEXT)))
                .hasMessageContaining("not authorized to perform: kms:Encrypt");
    }
}
