package dev.haneul.trials.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.iam.model.PasswordPolicy;
import software.amazon.awssdk.services.iam.model.ServiceSpecificCredential;
import software.amazon.awssdk.services.iam.model.StatusType;
import software.amazon.awssdk.services.iam.model.SummaryKeyType;

/** Passwords, keys and certificates of users, and the reports on them, through the SDK for Java. */
@ExtendWith(SharedRegion.class)
class CredentialsTest {
    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final IamClient iam;
    private final List<AutoCloseable> open = new ArrayList<>();

    CredentialsTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.iam = root.iam();
        open.add(root);
        iam.createUser(request -> request.userName("bob"));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private Clients bob(String action) {
        iam.putUserPolicy(request -> request.userName("bob").policyName("p").policyDocument("""
                        {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"%s","Resource":"*"}}""".formatted(action)));
        AccessKey key = iam.createAccessKey(request -> request.userName("bob")).accessKey();
        Clients clients = new Clients(endpoint, key.accessKeyId(), key.secretAccessKey());
        open.add(clients);
        return clients;
    }

    private static void refused(Runnable call, int status, String code, String message) {
        AwsServiceException refused = catchThrowableOfType(AwsServiceException.class, call::run);
        assertThat(refused).as("refused").isNotNull();
        assertThat(refused.awsErrorDetails().errorMessage()).isEqualTo(message);
        assertThat(refused.awsErrorDetails().errorCode()).isEqualTo(code);
        assertThat(refused.statusCode()).isEqualTo(status);
    }

    @Test
    void passwordsKeepTheAccountsPolicy() {
        refused(
                () -> iam.getAccountPasswordPolicy(),
                404,
                "NoSuchEntity",
                "The Password Policy with domain name " + account + " cannot be found.");
        iam.updateAccountPasswordPolicy(request -> request.minimumPasswordLength(10)
                .requireSymbols(true)
                .requireUppercaseCharacters(true)
                .maxPasswordAge(90)
                .passwordReusePrevention(2));
        PasswordPolicy policy = iam.getAccountPasswordPolicy().passwordPolicy();
        assertThat(policy.expirePasswords()).isTrue();
        assertThat(policy.requireNumbers()).isFalse();
        refused(
                () -> iam.createLoginProfile(request -> request.userName("bob").password("short")),
                400,
                "PasswordPolicyViolation",
                "Password should have a minimum length of 10");
        refused(
                () -> iam.createLoginProfile(request -> request.userName("bob").password("longbutplain")),
                400,
                "PasswordPolicyViolation",
                "Password should have at least one symbol");
        assertThat(iam.createLoginProfile(request -> request.userName("bob")
                                .password("First-Password1")
                                .passwordResetRequired(true))
                        .loginProfile()
                        .passwordResetRequired())
                .isTrue();
        refused(
                () -> iam.createLoginProfile(request -> request.userName("bob").password("First-Password1")),
                409,
                "EntityAlreadyExists",
                "Login Profile for user bob already exists.");
        IamClient bob = bob("iam:ChangePassword").iam();
        refused(
                () -> bob.changePassword(
                        request -> request.oldPassword("Wrong-Password1").newPassword("Second-Password1")),
                403,
                "AccessDenied",
                "The old password was incorrect.");
        bob.changePassword(request -> request.oldPassword("First-Password1").newPassword("Second-Password1"));
        refused(
                () -> bob.changePassword(
                        request -> request.oldPassword("Second-Password1").newPassword("First-Password1")),
                400,
                "PasswordPolicyViolation",
                "Password has been used previously");
        assertThat(iam.getLoginProfile(request -> request.userName("bob"))
                        .loginProfile()
                        .passwordResetRequired())
                .isFalse();
        iam.updateLoginProfile(request -> request.userName("bob").passwordResetRequired(true));
        refused(
                () -> iam.deleteUser(request -> request.userName("bob")),
                409,
                "DeleteConflict",
                "Cannot delete entity, must delete policies first.");
        iam.deleteLoginProfile(request -> request.userName("bob"));
        refused(
                () -> iam.getLoginProfile(request -> request.userName("bob")),
                404,
                "NoSuchEntity",
                "Login Profile for User bob cannot be found.");
        iam.deleteAccountPasswordPolicy();
        refused(
                () -> iam.deleteAccountPasswordPolicy(),
                404,
                "NoSuchEntity",
                "The account policy with name PasswordPolicy cannot be found.");
    }

    @Test
    void aKeyTellsWhenItWasLastUsedAndTwoAreEnough() {
        AccessKey key = iam.createAccessKey(request -> request.userName("bob")).accessKey();
        var never = iam.getAccessKeyLastUsed(request -> request.accessKeyId(key.accessKeyId()));
        assertThat(never.userName()).isEqualTo("bob");
        assertThat(never.accessKeyLastUsed().serviceName()).isEqualTo("N/A");
        Instant before = Instant.now().minusSeconds(2);
        Clients clients = new Clients(endpoint, key.accessKeyId(), key.secretAccessKey());
        open.add(clients);
        catchThrowableOfType(AwsServiceException.class, () -> clients.lambda().listFunctions());
        var used = iam.getAccessKeyLastUsed(request -> request.accessKeyId(key.accessKeyId()))
                .accessKeyLastUsed();
        assertThat(used.serviceName()).isEqualTo("lambda");
        assertThat(used.region()).isEqualTo("us-east-1");
        assertThat(used.lastUsedDate()).isBetween(before, Instant.now());
        iam.createAccessKey(request -> request.userName("bob"));
        refused(
                () -> iam.createAccessKey(request -> request.userName("bob")),
                409,
                "LimitExceeded",
                "Cannot exceed quota for AccessKeysPerUser: 2");
        refused(
                () -> iam.deleteUser(request -> request.userName("bob")),
                409,
                "DeleteConflict",
                "Cannot delete entity, must delete access keys first.");
    }

    @Test
    void sshKeysComeBackInBothForms() throws Exception {
        String ssh = ssh(rsa());
        var key = iam.uploadSSHPublicKey(request -> request.userName("bob").sshPublicKeyBody(ssh))
                .sshPublicKey();
        assertThat(key.sshPublicKeyId()).matches("APKA[A-Z2-7]{17}");
        assertThat(key.fingerprint()).matches("([0-9a-f]{2}:){15}[0-9a-f]{2}");
        assertThat(iam.getSSHPublicKey(request -> request.userName("bob")
                                .sshPublicKeyId(key.sshPublicKeyId())
                                .encoding("PEM"))
                        .sshPublicKey()
                        .sshPublicKeyBody())
                .startsWith("-----BEGIN PUBLIC KEY-----");
        refused(
                () -> iam.uploadSSHPublicKey(request -> request.userName("bob").sshPublicKeyBody(ssh)),
                400,
                "DuplicateSSHPublicKey",
                "The SSH public key is already associated with user bob.");
        assertThat(catchThrowableOfType(
                                AwsServiceException.class,
                                () -> iam.uploadSSHPublicKey(
                                        request -> request.userName("bob").sshPublicKeyBody("ssh-rsa AAAA nonsense")))
                        .awsErrorDetails()
                        .errorCode())
                .isEqualTo("InvalidPublicKey");
        iam.updateSSHPublicKey(request ->
                request.userName("bob").sshPublicKeyId(key.sshPublicKeyId()).status(StatusType.INACTIVE));
        assertThat(iam.listSSHPublicKeys(request -> request.userName("bob"))
                        .sshPublicKeys()
                        .getFirst()
                        .status())
                .isEqualTo(StatusType.INACTIVE);
        refused(
                () -> iam.deleteUser(request -> request.userName("bob")),
                409,
                "DeleteConflict",
                "Cannot delete entity, must remove referenced objects first.");
        iam.deleteSSHPublicKey(request -> request.userName("bob").sshPublicKeyId(key.sshPublicKeyId()));
        assertThat(iam.listSSHPublicKeys(request -> request.userName("bob")).sshPublicKeys())
                .isEmpty();
    }

    @Test
    void signingCertificatesAreTwoAtMost() throws Exception {
        String body = certificate(rsa());
        var uploaded = iam.uploadSigningCertificate(
                        request -> request.userName("bob").certificateBody(body))
                .certificate();
        assertThat(uploaded.status()).isEqualTo(StatusType.ACTIVE);
        refused(
                () -> iam.uploadSigningCertificate(
                        request -> request.userName("bob").certificateBody("-----BEGIN NOTHING-----")),
                400,
                "MalformedCertificate",
                "Unable to parse certificate. Please ensure the certificate is in PEM format.");
        String second = certificate(rsa());
        iam.uploadSigningCertificate(request -> request.userName("bob").certificateBody(second));
        String third = certificate(rsa());
        refused(
                () -> iam.uploadSigningCertificate(
                        request -> request.userName("bob").certificateBody(third)),
                409,
                "LimitExceeded",
                "Cannot exceed quota for CertificatesPerUser: 2");
        iam.updateSigningCertificate(request ->
                request.userName("bob").certificateId(uploaded.certificateId()).status(StatusType.INACTIVE));
        assertThat(iam.listSigningCertificates(request -> request.userName("bob"))
                        .certificates())
                .extracting(each -> each.status())
                .containsExactlyInAnyOrder(StatusType.INACTIVE, StatusType.ACTIVE);
        refused(
                () -> iam.deleteUser(request -> request.userName("bob")),
                409,
                "DeleteConflict",
                "Cannot delete entity, must delete certificates first.");
        iam.deleteSigningCertificate(request -> request.userName("bob").certificateId(uploaded.certificateId()));
    }

    @Test
    void serverCertificatesKeepTheirKeysToThemselves() throws Exception {
        KeyPair pair = rsa();
        String body = certificate(pair);
        String key = pem(pair.getPrivate());
        var made = iam.uploadServerCertificate(request -> request.serverCertificateName("site")
                        .path("/web/")
                        .certificateBody(body)
                        .privateKey(key)
                        .tags(tag -> tag.key("team").value("web")))
                .serverCertificateMetadata();
        assertThat(made.arn()).isEqualTo("arn:aws:iam::" + account + ":server-certificate/web/site");
        assertThat(made.expiration()).isAfter(Instant.now());
        String other = pem(rsa().getPrivate());
        refused(
                () -> iam.uploadServerCertificate(request -> request.serverCertificateName("wrong")
                        .certificateBody(body)
                        .privateKey(other)),
                400,
                "KeyPairMismatch",
                "Private key does not match certificate body.");
        var got = iam.getServerCertificate(request -> request.serverCertificateName("site"))
                .serverCertificate();
        assertThat(got.certificateBody()).isEqualTo(body);
        assertThat(got.toString()).doesNotContain("PRIVATE");
        iam.updateServerCertificate(
                request -> request.serverCertificateName("site").newServerCertificateName("page"));
        assertThat(iam.listServerCertificates(request -> request.pathPrefix("/web/"))
                        .serverCertificateMetadataList())
                .extracting(each -> each.serverCertificateName())
                .containsExactly("page");
        assertThat(iam.listServerCertificateTags(request -> request.serverCertificateName("page"))
                        .tags())
                .hasSize(1);
        iam.deleteServerCertificate(request -> request.serverCertificateName("page"));
        refused(
                () -> iam.getServerCertificate(request -> request.serverCertificateName("page")),
                404,
                "NoSuchEntity",
                "The Server Certificate with name page cannot be found.");
    }

    @Test
    void serviceSpecificCredentialsAreShownOnceAndReset() {
        ServiceSpecificCredential made = iam.createServiceSpecificCredential(
                        request -> request.userName("bob").serviceName("codecommit.amazonaws.com"))
                .serviceSpecificCredential();
        assertThat(made.serviceUserName()).isEqualTo("bob-at-" + account);
        assertThat(made.servicePassword()).isNotEmpty();
        assertThat(iam.listServiceSpecificCredentials(request -> request.userName("bob"))
                        .serviceSpecificCredentials()
                        .getFirst()
                        .toString())
                .doesNotContain(made.servicePassword());
        ServiceSpecificCredential reset = iam.resetServiceSpecificCredential(
                        request -> request.serviceSpecificCredentialId(made.serviceSpecificCredentialId())
                                .userName("bob"))
                .serviceSpecificCredential();
        assertThat(reset.servicePassword()).isNotEqualTo(made.servicePassword());
        refused(
                () -> iam.createServiceSpecificCredential(
                        request -> request.userName("bob").serviceName("s3.amazonaws.com")),
                404,
                "NotSupportedService",
                "No such service s3.amazonaws.com is supported for Service Specific Credentials");
        iam.updateServiceSpecificCredential(
                request -> request.serviceSpecificCredentialId(made.serviceSpecificCredentialId())
                        .userName("bob")
                        .status(StatusType.INACTIVE));
        iam.deleteServiceSpecificCredential(
                request -> request.serviceSpecificCredentialId(made.serviceSpecificCredentialId())
                        .userName("bob"));
        iam.deleteUser(request -> request.userName("bob"));
    }

    @Test
    void reportsTellOfEveryUser() {
        refused(
                () -> iam.getCredentialReport(),
                410,
                "ReportNotPresent",
                "A credential report has not been generated for this account.");
        iam.createLoginProfile(request -> request.userName("bob").password("First-Password1"));
        iam.createAccessKey(request -> request.userName("bob"));
        assertThat(iam.generateCredentialReport().stateAsString()).isEqualTo("STARTED");
        String csv = iam.getCredentialReport().content().asString(StandardCharsets.UTF_8);
        List<String> header =
                Arrays.asList(csv.lines().findFirst().orElseThrow().split(","));
        List<String> bob = Arrays.asList(csv.lines()
                .filter(line -> line.startsWith("bob,"))
                .findFirst()
                .orElseThrow()
                .split(","));
        assertThat(bob).hasSameSizeAs(header);
        assertThat(bob.get(header.indexOf("password_enabled"))).isEqualTo("true");
        assertThat(bob.get(header.indexOf("access_key_1_active"))).isEqualTo("true");
        assertThat(bob.get(header.indexOf("mfa_active"))).isEqualTo("false");
        assertThat(csv).contains("<root_account>,arn:aws:iam::" + account + ":root");
        var summary = iam.getAccountSummary().summaryMap();
        assertThat(summary).containsEntry(SummaryKeyType.USERS, 1).containsEntry(SummaryKeyType.USERS_QUOTA, 5000);
    }

    @Test
    void authorizationDetailsHoldTheWholeAccount() {
        iam.createGroup(request -> request.groupName("team"));
        iam.addUserToGroup(request -> request.groupName("team").userName("bob"));
        iam.attachGroupPolicy(request -> request.groupName("team").policyArn("arn:aws:iam::aws:policy/ReadOnlyAccess"));
        iam.createRole(request -> request.roleName("r").assumeRolePolicyDocument("""
                {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
                 "Principal":{"Service":"ec2.amazonaws.com"}}}"""));
        var details = iam.getAccountAuthorizationDetails();
        assertThat(details.userDetailList().getFirst().groupList()).containsExactly("team");
        assertThat(details.groupDetailList().getFirst().attachedManagedPolicies())
                .extracting(each -> each.policyName())
                .containsExactly("ReadOnlyAccess");
        assertThat(details.roleDetailList().getFirst().roleName()).isEqualTo("r");
        assertThat(details.policies()).extracting(each -> each.policyName()).containsExactly("ReadOnlyAccess");
        var pages = iam.getAccountAuthorizationDetailsPaginator(request -> request.maxItems(1));
        assertThat(pages.stream().count()).isEqualTo(4);
    }

    private static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static String certificate(KeyPair pair) throws Exception {
        X500Name name = new X500Name("CN=haneul");
        Instant now = Instant.now();
        return pem(new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.valueOf(now.toEpochMilli()),
                        Date.from(now.minusSeconds(60)),
                        Date.from(now.plusSeconds(86_400)),
                        name,
                        pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate())));
    }

    private static String pem(Object what) throws Exception {
        StringWriter out = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(out)) {
            writer.writeObject(what);
        }
        return out.toString();
    }

    /** RFC 4253: the key type, the exponent and the modulus, each behind its length. */
    private static String ssh(KeyPair pair) throws Exception {
        var key = (java.security.interfaces.RSAPublicKey) pair.getPublic();
        var bytes = new java.io.ByteArrayOutputStream();
        var out = new java.io.DataOutputStream(bytes);
        for (byte[] part : List.of(
                "ssh-rsa".getBytes(StandardCharsets.US_ASCII),
                key.getPublicExponent().toByteArray(),
                key.getModulus().toByteArray())) {
            out.writeInt(part.length);
            out.write(part);
        }
        return "ssh-rsa " + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
