package dev.haneul.services.sts;

import static dev.haneul.services.iam.IamRig.ACCOUNT;
import static dev.haneul.services.iam.IamRig.OTHER;
import static dev.haneul.services.iam.IamRig.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.api.iam.CreateRoleRequest;
import dev.haneul.api.iam.DeleteRolePolicyRequest;
import dev.haneul.api.iam.DeleteRoleRequest;
import dev.haneul.api.iam.GetUserRequest;
import dev.haneul.api.iam.UpdateRoleRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.S3Api;
import dev.haneul.api.s3.S3Client;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.AssumeRoleResponse;
import dev.haneul.api.sts.Credentials;
import dev.haneul.api.sts.GetAccessKeyInfoRequest;
import dev.haneul.api.sts.GetCallerIdentityRequest;
import dev.haneul.api.sts.GetCallerIdentityResponse;
import dev.haneul.api.sts.GetFederationTokenRequest;
import dev.haneul.api.sts.GetSessionTokenRequest;
import dev.haneul.api.sts.StsClient;
import dev.haneul.api.sts.Tag;
import dev.haneul.services.iam.IamRig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StsServiceTest {
    private final IamRig rig = new IamRig().with(new S3Api() {});
    private final StsClient sts = new StsClient(rig.dispatcher);
    private final S3Client s3 = new S3Client(rig.dispatcher);
    private final StsCredentials credentials = new StsCredentials(rig.key, rig.clock);

    StsServiceTest() {
        rig.with(new StsService(rig.dispatcher, rig.factors, rig.key, rig.clock));
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static Fault fault(Runnable call) {
        Fault fault = catchThrowableOfType(Fault.class, call::run);
        assertThat(fault).isNotNull();
        return fault;
    }

    private Call with(Credentials session) {
        return rig.call(credentials
                .find(session.accessKeyId(), session.sessionToken())
                .orElseThrow()
                .principal());
    }

    private Runnable get(String key, Call call) {
        return () -> s3.getObject(new GetObjectRequest().bucket("b").key(key), call);
    }

    private void passes(Runnable call) {
        assertThat(fault(call).code()).isEqualTo("NotImplemented");
    }

    private void denied(Runnable call) {
        assertThat(fault(call).code()).isEqualTo("AccessDenied");
    }

    private static AssumeRoleRequest assume(String arn) {
        return new AssumeRoleRequest().roleArn(arn).roleSessionName("s");
    }

    private static final String OWN_ACCOUNT = "{\"AWS\":\"" + ACCOUNT + "\"}";

    @Test
    void tellsWhoCalls() {
        GetCallerIdentityResponse root = sts.getCallerIdentity(new GetCallerIdentityRequest(), rig.root());
        assertThat(root.arn()).isEqualTo("arn:aws:iam::" + ACCOUNT + ":root");
        assertThat(root.userId()).isEqualTo(ACCOUNT);
        Call bob = rig.user("bob", "");
        assertThat(sts.getCallerIdentity(new GetCallerIdentityRequest(), bob).arn())
                .isEqualTo("arn:aws:iam::" + ACCOUNT + ":user/bob");
        assertThat(sts.getAccessKeyInfo(
                                new GetAccessKeyInfoRequest()
                                        .accessKeyId(bob.principal().accessKeyId()),
                                rig.root())
                        .account())
                .isEqualTo(ACCOUNT);
    }

    @Test
    void anAssumedRoleMayWhatTheRoleMayAndASessionPolicyNarrowsIt() {
        String arn = rig.role("reader", OWN_ACCOUNT, policy("Allow", "s3:GetObject", "arn:aws:s3:::b/*"));
        AssumeRoleResponse free = sts.assumeRole(assume(arn), rig.root());
        assertThat(free.assumedRoleUser().arn()).isEqualTo("arn:aws:sts::" + ACCOUNT + ":assumed-role/reader/s");
        assertThat(free.credentials().accessKeyId()).startsWith("ASIA");
        assertThat(free.credentials().expiration())
                .isEqualTo(rig.clock.instant().plusSeconds(3600));
        Call session = with(free.credentials());
        passes(get("k", session));
        denied(() -> rig.iam.getUser(new GetUserRequest().userName("x"), session));
        Call narrow =
                with(sts.assumeRole(assume(arn).policy(policy("Allow", "s3:*", "arn:aws:s3:::b/open/*")), rig.root())
                        .credentials());
        passes(get("open/k", narrow));
        assertThat(fault(get("k", narrow)).message())
                .endsWith("because no session policy allows the s3:GetObject action");
        rig.iam.deleteRolePolicy(
                new DeleteRolePolicyRequest().roleName("reader").policyName("p"), rig.root());
        denied(get("k", session));
    }

    @Test
    void whoIsNotTrustedOrNotAllowedCannotAssume() {
        String trustsLambda = rig.role("l", "{\"Service\":\"lambda.amazonaws.com\"}", "");
        Fault refused = fault(() -> sts.assumeRole(assume(trustsLambda), rig.root()));
        assertThat(refused.code() + refused.status()).isEqualTo("AccessDenied403");
        assertThat(refused.message())
                .isEqualTo("User: arn:aws:iam::" + ACCOUNT
                        + ":root is not authorized to perform: sts:AssumeRole on resource: " + trustsLambda);
        assertThat(sts.assumeRole(assume(trustsLambda), rig.service("lambda.amazonaws.com"))
                        .credentials())
                .isNotNull();
        denied(() -> sts.assumeRole(assume(trustsLambda), rig.service("ec2.amazonaws.com")));
        denied(() -> sts.assumeRole(assume("arn:aws:iam::" + ACCOUNT + ":role/none"), rig.root()));
        String trustsAccount = rig.role("a", OWN_ACCOUNT, "");
        denied(() -> sts.assumeRole(assume(trustsAccount), rig.user("idle", "")));
        Call allowed = rig.user("busy", policy("Allow", "sts:AssumeRole", trustsAccount));
        assertThat(sts.assumeRole(assume(trustsAccount), allowed).credentials()).isNotNull();
        Call named = rig.user("named", "");
        String trustsNamed = rig.role("n", "{\"AWS\":\"" + named.principal().arn() + "\"}", "");
        assertThat(sts.assumeRole(assume(trustsNamed), named).credentials()).isNotNull();
    }

    @Test
    void acrossAccountsBothSidesMustAgreeAndTheExternalIdMustFit() {
        String trust = """
                {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"sts:AssumeRole",
                 "Condition":{"StringEquals":{"sts:ExternalId":"secret"}}}}""".formatted(ACCOUNT);
        String arn = rig.iam
                .createRole(new CreateRoleRequest().roleName("far").assumeRolePolicyDocument(trust), rig.root(OTHER))
                .role()
                .arn();
        denied(() -> sts.assumeRole(assume(arn).externalId("wrong"), rig.root()));
        denied(() -> sts.assumeRole(assume(arn).externalId("secret"), rig.user("idle", "")));
        Call session = with(
                sts.assumeRole(assume(arn).externalId("secret"), rig.root()).credentials());
        assertThat(session.principal().account()).isEqualTo(OTHER);
    }

    @Test
    void durationsHaveTheirLimitsAndChainsAnHour() {
        String first = rig.role("first", OWN_ACCOUNT, policy("Allow", "sts:AssumeRole", "*"));
        String second = rig.role("second", OWN_ACCOUNT, "");
        assertThat(fault(() -> sts.assumeRole(assume(first).durationSeconds(7200), rig.root()))
                        .message())
                .isEqualTo("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        for (String role : List.of("first", "second")) {
            rig.iam.updateRole(new UpdateRoleRequest().roleName(role).maxSessionDuration(43_200), rig.root());
        }
        Call session = with(sts.assumeRole(assume(first).durationSeconds(43_200), rig.root())
                .credentials());
        assertThat(fault(() -> sts.assumeRole(assume(second).durationSeconds(7200), session))
                        .message())
                .isEqualTo("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role"
                        + " chaining");
        assertThat(sts.assumeRole(assume(second), session).credentials()).isNotNull();
    }

    @Test
    void tokensExpireAndCannotBeForgedStolenOrLeftOut() {
        String arn = rig.role("r", OWN_ACCOUNT, "");
        Credentials one = sts.assumeRole(assume(arn), rig.root()).credentials();
        Credentials two = sts.assumeRole(assume(arn), rig.root()).credentials();
        assertThat(credentials
                        .find(one.accessKeyId(), one.sessionToken())
                        .orElseThrow()
                        .secretKey())
                .isEqualTo(one.secretAccessKey());
        String token = one.sessionToken();
        String tampered = token.substring(0, 30) + (token.charAt(30) == 'A' ? 'B' : 'A') + token.substring(31);
        for (String bad : List.of(tampered, two.sessionToken(), "x", "", token + "A".repeat(70_000))) {
            assertThat(fault(() -> credentials.find(one.accessKeyId(), bad)).code())
                    .isEqualTo("InvalidToken");
        }
        assertThat(fault(() -> credentials.find(one.accessKeyId(), null)).code())
                .isEqualTo("InvalidClientTokenId");
        assertThat(new StsCredentials(new byte[32], rig.clock).find("AKIAX", null))
                .isEmpty();
        assertThat(fault(() -> new StsCredentials(new byte[32], rig.clock).find(one.accessKeyId(), token))
                        .code())
                .isEqualTo("InvalidToken");
        rig.clock.advance(Duration.ofSeconds(3599));
        assertThat(credentials.find(one.accessKeyId(), token)).isPresent();
        rig.clock.advance(Duration.ofSeconds(1));
        assertThat(fault(() -> credentials.find(one.accessKeyId(), token)).code())
                .isEqualTo("ExpiredToken");
    }

    @Test
    void aSessionOfARoleThatWasMadeAnewMayNothing() {
        String arn = rig.role("r", OWN_ACCOUNT, policy("Allow", "s3:*", "*"));
        Call session = with(sts.assumeRole(assume(arn), rig.root()).credentials());
        passes(get("k", session));
        rig.iam.deleteRolePolicy(new DeleteRolePolicyRequest().roleName("r").policyName("p"), rig.root());
        rig.iam.deleteRole(new DeleteRoleRequest().roleName("r"), rig.root());
        rig.role("r", OWN_ACCOUNT, policy("Allow", "s3:*", "*"));
        denied(get("k", session));
    }

    @Test
    void sessionTagsAndSourceIdentityStayWithTheSession() {
        String first = rig.role("first", OWN_ACCOUNT, policy("Allow", "sts:*", "*"));
        String second =
                rig.role("second", OWN_ACCOUNT, policy("Allow", "s3:*", "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"));
        AssumeRoleRequest tagged = assume(first)
                .tags(List.of(
                        new Tag().key("team").value("blue"), new Tag().key("x").value("y")))
                .transitiveTagKeys(List.of("team"))
                .sourceIdentity("ann");
        AssumeRoleResponse one = sts.assumeRole(tagged, rig.root());
        assertThat(one.sourceIdentity()).isEqualTo("ann");
        AssumeRoleResponse two = sts.assumeRole(assume(second), with(one.credentials()));
        assertThat(two.sourceIdentity()).isEqualTo("ann");
        passes(get("blue/k", with(two.credentials())));
        denied(get("red/k", with(two.credentials())));
        assertThat(with(two.credentials()).principal().attributes()).doesNotContainKey("aws:PrincipalTag/x");
        denied(() -> sts.assumeRole(assume(second).sourceIdentity("bob"), with(one.credentials())));
    }

    @Test
    void sessionTokensAndFederatedUsersAreBounded() {
        Call bob = rig.user("bob", policy("Allow", "*", "*"));
        Call session =
                with(sts.getSessionToken(new GetSessionTokenRequest(), bob).credentials());
        assertThat(session.principal().arn()).isEqualTo(bob.principal().arn());
        passes(get("k", session));
        assertThat(fault(() -> rig.iam.getUser(new GetUserRequest(), session)).code())
                .isEqualTo("InvalidClientTokenId");
        denied(() -> sts.getSessionToken(new GetSessionTokenRequest(), session));
        GetFederationTokenRequest ask = new GetFederationTokenRequest().name("guest");
        Call nothing = with(sts.getFederationToken(ask, bob).credentials());
        assertThat(nothing.principal().type()).isEqualTo(Principal.Type.FEDERATED_USER);
        denied(get("k", nothing));
        Call something =
                with(sts.getFederationToken(ask.policy(policy("Allow", "s3:GetObject", "arn:aws:s3:::b/g/*")), bob)
                        .credentials());
        passes(get("g/k", something));
        denied(get("k", something));
    }

    @Test
    void sessionPoliciesAreCheckedAndMeasured() {
        String arn = rig.role("r", OWN_ACCOUNT, "");
        assertThat(fault(() -> sts.assumeRole(assume(arn).policy("{\"Statement\":7}"), rig.root()))
                        .code())
                .isEqualTo("MalformedPolicyDocument");
        String large = policy("Allow", "s3:*", "arn:aws:s3:::" + "x".repeat(2100));
        assertThat(fault(() -> sts.assumeRole(assume(arn).policy(large), rig.root()))
                        .code())
                .isEqualTo("PackedPolicyTooLarge");
        assertThat(sts.assumeRole(assume(arn).policy(policy("Allow", "s3:*", "*")), rig.root())
                        .packedPolicySize())
                .isPositive();
    }
}
