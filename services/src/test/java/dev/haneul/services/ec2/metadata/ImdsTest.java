package dev.haneul.services.ec2.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.Tokens;
import dev.haneul.services.ec2.metadata.Imds.Answer;
import dev.haneul.services.ec2.metadata.Imds.Question;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImdsTest {
    private static final String TTL = "x-aws-ec2-metadata-token-ttl-seconds";
    private static final String TOKEN = "x-aws-ec2-metadata-token";
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    Path folder;

    private Instant now = START;
    private IdentityDocuments identity;
    private Imds imds;
    private InstanceFacts facts = facts("i-0aaaaaaaaaaaaaaaa", false);

    @BeforeEach
    void open() {
        identity = new IdentityDocuments(folder, () -> now);
        imds = new Imds(new Tokens(new byte[32]), () -> now, identity, new RoleCredentials() {
            @Override
            public String info(InstanceFacts.Profile profile) {
                return profile.arn();
            }

            @Override
            public String of(InstanceFacts of, String role) {
                return "keys of " + role;
            }
        });
    }

    private static InstanceFacts facts(String id, boolean required) {
        return new InstanceFacts(
                new InstanceFacts.Place(
                        "111111111111", "aws", "us-east-1", "us-east-1a", "use1-az1", "amazonaws.com", null),
                id,
                "ami-1",
                "t3.micro",
                "x86_64",
                "r-1",
                0,
                START,
                "on-demand",
                true,
                false,
                false,
                Map.of("ami", "/dev/xvda", "root", "/dev/xvda", "ebs1", "sdf"),
                List.of(new InstanceFacts.Interface(
                        "eni-1",
                        "0e:00:00:00:00:01",
                        0,
                        "ip-10-0-0-5.ec2.internal",
                        "ec2-1-2-3-4.compute-1.amazonaws.com",
                        List.of("10.0.0.5", "10.0.0.6"),
                        Map.of("10.0.0.5", "1.2.3.4"),
                        List.of(),
                        Map.of("sg-1", "web"),
                        "111111111111",
                        "subnet-1",
                        "10.0.0.0/24",
                        List.of(),
                        "vpc-1",
                        List.of("10.0.0.0/16"),
                        List.of())),
                Map.of("me", "ssh-ed25519 AAAA me"),
                new InstanceFacts.Profile("arn:aws:iam::111111111111:instance-profile/app", "AIPA1", "app"),
                "#!/bin/sh".getBytes(StandardCharsets.UTF_8),
                Map.of("Name", "web"),
                new InstanceFacts.Options(true, required, 1, false, true),
                null,
                null);
    }

    private Answer ask(String method, String path, Map<String, String> headers) {
        return imds.answer(new Question(method, path, headers), facts);
    }

    private String get(String path) {
        Answer answer = ask("GET", path, Map.of());
        assertThat(answer.status()).as(path).isEqualTo(200);
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private String token(int seconds) {
        Answer answer = ask("PUT", "/latest/api/token", Map.of(TTL, Integer.toString(seconds)));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers()).containsValue(Integer.toString(seconds));
        return new String(answer.body(), StandardCharsets.US_ASCII);
    }

    @Test
    void everythingIsFoundWhereAwsHasIt() {
        assertThat(get("/")).startsWith("1.0\n").endsWith("latest");
        assertThat(get("/latest/")).isEqualTo("dynamic\nmeta-data\nuser-data");
        assertThat(get("/latest/user-data")).isEqualTo("#!/bin/sh");
        assertThat(get("/2009-04-04/meta-data/instance-id")).isEqualTo("i-0aaaaaaaaaaaaaaaa");
        assertThat(get("/latest/meta-data"))
                .contains("iam/")
                .contains("network/")
                .contains("tags/");
        assertThat(get("/latest/meta-data/placement/")).isEqualTo("availability-zone\navailability-zone-id\nregion");
        assertThat(get("/latest/meta-data/public-keys/")).isEqualTo("0=me");
        assertThat(get("/latest/meta-data/public-keys/0/")).isEqualTo("openssh-key");
        assertThat(get("/latest/meta-data/public-keys/0/openssh-key")).isEqualTo("ssh-ed25519 AAAA me\n");
        assertThat(get("/latest/meta-data/public-ipv4")).isEqualTo("1.2.3.4");
        assertThat(get("/latest/meta-data/network/interfaces/macs/")).isEqualTo("0e:00:00:00:00:01/");
        assertThat(get("/latest/meta-data/network/interfaces/macs/0e:00:00:00:00:01/ipv4-associations/1.2.3.4"))
                .isEqualTo("10.0.0.5");
        assertThat(get("/latest/meta-data/network/interfaces/macs/0e:00:00:00:00:01/local-ipv4s"))
                .isEqualTo("10.0.0.5\n10.0.0.6");
        assertThat(get("/latest/meta-data/iam/security-credentials/")).isEqualTo("app");
        assertThat(get("/latest/meta-data/iam/security-credentials/app")).isEqualTo("keys of app");
        assertThat(get("/latest/meta-data/tags/instance")).isEqualTo("Name");
        assertThat(ask("GET", "/latest/meta-data/spot/instance-action", Map.of())
                        .status())
                .isEqualTo(404);
        assertThat(ask("GET", "/latest/meta-data/none", Map.of()).status()).isEqualTo(404);
        assertThat(ask("GET", "/1999-01-01/meta-data/", Map.of()).status()).isEqualTo(404);
        assertThat(ask("POST", "/latest/meta-data/", Map.of()).status()).isEqualTo(405);
        assertThat(ask("PUT", "/latest/meta-data/", Map.of()).status()).isEqualTo(405);
    }

    @Test
    void tokensOpenWhileTheyLast() {
        facts = facts("i-0aaaaaaaaaaaaaaaa", true);
        assertThat(ask("GET", "/latest/meta-data/", Map.of()).status()).isEqualTo(401);
        String token = token(60);
        assertThat(ask("GET", "/latest/meta-data/", Map.of(TOKEN, token)).status())
                .isEqualTo(200);
        assertThat(ask("HEAD", "/latest/meta-data/", Map.of(TOKEN, token)).status())
                .isEqualTo(200);
        assertThat(ask("GET", "/latest/meta-data/", Map.of(TOKEN, "forged")).status())
                .isEqualTo(401);
        now = START.plusSeconds(60);
        assertThat(ask("GET", "/latest/meta-data/", Map.of(TOKEN, token)).status())
                .isEqualTo(401);
        facts = facts("i-0bbbbbbbbbbbbbbbb", true);
        assertThat(ask("GET", "/latest/meta-data/", Map.of(TOKEN, token(60))).status())
                .isEqualTo(200);
        now = START;
        assertThat(ask("GET", "/latest/meta-data/", Map.of(TOKEN, token)).status())
                .as("another instance's token")
                .isEqualTo(401);
    }

    @Test
    void tokensAreGivenByTheRulesOnly() {
        assertThat(ask("PUT", "/latest/api/token", Map.of()).status()).isEqualTo(400);
        assertThat(ask("PUT", "/latest/api/token", Map.of(TTL, "0")).status()).isEqualTo(400);
        assertThat(ask("PUT", "/latest/api/token", Map.of(TTL, "21601")).status())
                .isEqualTo(400);
        assertThat(ask("PUT", "/latest/api/token", Map.of(TTL, "x")).status()).isEqualTo(400);
        assertThat(ask("PUT", "/latest/api/token", Map.of(TTL, "21600")).status())
                .isEqualTo(200);
        assertThat(ask("PUT", "/latest/api/token", Map.of(TTL, "60", "x-forwarded-for", "10.0.0.1"))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void identityDocumentsCanBeVerified() throws Exception {
        byte[] document = get("/latest/dynamic/instance-identity/document").getBytes(StandardCharsets.UTF_8);
        var certificate = CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(identity.certificate().getBytes(StandardCharsets.US_ASCII)));
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initVerify(certificate);
        signature.update(document);
        assertThat(signature.verify(Base64.getMimeDecoder().decode(get("/latest/dynamic/instance-identity/signature"))))
                .isTrue();
        CMSSignedData signed =
                new CMSSignedData(Base64.getMimeDecoder().decode(get("/latest/dynamic/instance-identity/rsa2048")));
        assertThat(signed.getSignedContent().getContent()).isEqualTo(document);
        assertThat(signed.getSignerInfos()
                        .getSigners()
                        .iterator()
                        .next()
                        .verify(new JcaSimpleSignerInfoVerifierBuilder().build(certificate.getPublicKey())))
                .isTrue();
        assertThat(new IdentityDocuments(folder, () -> now).certificate())
                .as("kept in the folder")
                .isEqualTo(identity.certificate());
    }
}
