package dev.haneul.services.ec2.compute;

import static dev.haneul.services.ec2.compute.ComputeRig.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Fault;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeysTest {
    /** Made with ssh-keygen; the fingerprint with {@code openssl rsa -pubin -outform DER | openssl md5 -c}. */
    private static final String RSA =
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC890Zry3acdbDW0wXZSIC5AkE7WOY4y61cxouLTdVgL1w0nQih0OPV4myBulf4tTfto64i0pkq3kc2tVTrMy2aRqbAenMMqnA6LJ4+ZCP6kTFA2vsGcIUUceKQr/Nr7zd2EQaUsvJIdu1pebkNygLoQwm9D9TIP/6/gJF0m/er/Q==";

    private final ComputeRig rig = new ComputeRig();

    @AfterEach
    void close() {
        rig.close();
    }

    private String code(String name, String material) {
        try {
            importKey(name, material);
            return "none";
        } catch (Fault fault) {
            return fault.code();
        }
    }

    private ImportKeyPairResult importKey(String name, String material) {
        return rig.ec2.importKeyPair(
                new ImportKeyPairRequest().keyName(name).publicKeyMaterial(material.getBytes(StandardCharsets.UTF_8)),
                call());
    }

    @Test
    void createdRsaKeyHasTheFingerprintOfItsPrivateHalf() throws Exception {
        KeyPair made = rig.ec2.createKeyPair(new CreateKeyPairRequest().keyName("k"), call());
        try (PEMParser parser = new PEMParser(new StringReader(made.keyMaterial()))) {
            PrivateKeyInfo info = ((PEMKeyPair) parser.readObject()).getPrivateKeyInfo();
            byte[] sha1 = MessageDigest.getInstance("SHA-1").digest(info.getEncoded());
            assertThat(made.keyFingerprint())
                    .isEqualTo(HexFormat.ofDelimiter(":").formatHex(sha1));
        }
        assertThat(made.keyMaterial()).startsWith("-----BEGIN RSA PRIVATE KEY-----\n");
        assertThatThrownBy(() -> rig.ec2.createKeyPair(new CreateKeyPairRequest().keyName("k"), call()))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("InvalidKeyPair.Duplicate"));
    }

    @Test
    void everyFormOfOneKeyIsTheSameKey() {
        KeyPair made =
                rig.ec2.createKeyPair(new CreateKeyPairRequest().keyName("k").keyType("ed25519"), call());
        assertThat(made.keyMaterial()).startsWith("-----BEGIN OPENSSH PRIVATE KEY-----\n");
        KeyPairInfo info = rig.ec2
                .describeKeyPairs(
                        new DescribeKeyPairsRequest().keyNames(List.of("k")).includePublicKey(true), call())
                .keyPairs()
                .getFirst();
        String blob = info.publicKey().split(" ")[1];
        assertThat(importKey("same", info.publicKey()).keyFingerprint()).isEqualTo(made.keyFingerprint());
        String rfc4716 = "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"me\\\n myself\"\n" + blob
                + "\n---- END SSH2 PUBLIC KEY ----\n";
        assertThat(importKey("other form", rfc4716).keyFingerprint()).isEqualTo(made.keyFingerprint());
        assertThat(Base64.getDecoder().decode(made.keyFingerprint())).hasSize(32);
    }

    @Test
    void puttysFormIsComplete() {
        KeyPair made =
                rig.ec2.createKeyPair(new CreateKeyPairRequest().keyName("k").keyFormat("ppk"), call());
        assertThat(made.keyMaterial().lines().toList())
                .startsWith("PuTTY-User-Key-File-2: ssh-rsa", "Encryption: none", "Comment: k", "Public-Lines: 6")
                .last()
                .asString()
                .matches("Private-MAC: [0-9a-f]{40}");
    }

    @Test
    void whatIsNoKeyIsRefused() {
        assertThat(code("k", "hello")).isEqualTo("InvalidKey.Format");
        assertThat(code("k", "ssh-rsa AAAA")).isEqualTo("InvalidKey.Format");
        assertThat(code("k", "ssh-rsa")).isEqualTo("InvalidKey.Format");
        assertThat(code("k", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA=="))
                .isEqualTo("InvalidKey.Format");
        assertThat(code("", "hello")).isEqualTo("InvalidParameterValue");
    }

    @Test
    void importedRsaKeyHasTheFingerprintOfItsPublicHalf() {
        assertThat(importKey("k", RSA).keyFingerprint()).isEqualTo("b6:1e:71:84:df:b8:18:0a:d5:2f:54:43:7f:76:e6:bf");
        assertThat(importKey(
                                "der",
                                "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC890Zry3acdbDW0wXZSIC5AkE7WOY4y61cxouLTdVgL1w0nQih0OPV4myBulf4tTfto64i0pkq3kc2tVTrMy2aRqbAenMMqnA6LJ4+ZCP6kTFA2vsGcIUUceKQr/Nr7zd2EQaUsvJIdu1pebkNygLoQwm9D9TIP/6/gJF0m/er/QIDAQAB")
                        .keyFingerprint())
                .isEqualTo("b6:1e:71:84:df:b8:18:0a:d5:2f:54:43:7f:76:e6:bf");
    }
}
