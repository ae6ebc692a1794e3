package dev.haneul.services.sts;

import dev.haneul.api.iam.IamClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.AssumeRoleResponse;
import dev.haneul.api.sts.AssumeRoleWithSAMLRequest;
import dev.haneul.api.sts.AssumeRoleWithSAMLResponse;
import dev.haneul.api.sts.AssumeRoleWithWebIdentityRequest;
import dev.haneul.api.sts.AssumeRoleWithWebIdentityResponse;
import dev.haneul.api.sts.AssumedRoleUser;
import dev.haneul.api.sts.Credentials;
import dev.haneul.api.sts.DecodeAuthorizationMessageRequest;
import dev.haneul.api.sts.DecodeAuthorizationMessageResponse;
import dev.haneul.api.sts.FederatedUser;
import dev.haneul.api.sts.GetAccessKeyInfoRequest;
import dev.haneul.api.sts.GetAccessKeyInfoResponse;
import dev.haneul.api.sts.GetCallerIdentityRequest;
import dev.haneul.api.sts.GetCallerIdentityResponse;
import dev.haneul.api.sts.GetFederationTokenRequest;
import dev.haneul.api.sts.GetFederationTokenResponse;
import dev.haneul.api.sts.GetSessionTokenRequest;
import dev.haneul.api.sts.GetSessionTokenResponse;
import dev.haneul.api.sts.InvalidAuthorizationMessageException;
import dev.haneul.api.sts.StsApi;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.call.AccessKeyIds;
import dev.haneul.kernel.call.SecondFactors;
import dev.haneul.kernel.call.SessionAttributes;
import dev.haneul.kernel.policy.EncodedDecisions;
import dev.haneul.kernel.time.Clock;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** STS's API. */
public final class StsService implements StsApi {
    private static final int DAY_AND_HALF_SECONDS = 129_600;
    private static final int HALF_DAY_SECONDS = 43_200;
    private static final int HOUR_SECONDS = 3600;
    private static final int LEAST_SECONDS = 900;

    private final AssumeRole assumeRole;
    private final FederatedRole federated;
    private final WebIdentity webIdentity;
    private final SamlIdentity samlIdentity;
    private final SecondFactors factors;
    private final EncodedDecisions denials;
    private final SessionTokens tokens;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Ids ids = new Ids(random);

    /**
     * Makes the service.
     *
     * @param caller carries questions to IAM
     * @param factors checks MFA codes
     * @param folderKey the data folder's key, the same that {@link StsCredentials} is given
     */
    public StsService(Caller caller, SecondFactors factors, byte[] folderKey, Clock clock) {
        IamClient iam = new IamClient(caller);
        this.assumeRole = new AssumeRole(iam);
        this.federated = new FederatedRole(assumeRole);
        this.webIdentity = new WebIdentity(iam, new IssuerKeys());
        this.samlIdentity = new SamlIdentity(iam);
        this.factors = factors;
        this.denials = new EncodedDecisions(folderKey);
        this.tokens = new SessionTokens(folderKey);
        this.clock = clock;
    }

    @Override
    public GetCallerIdentityResponse getCallerIdentity(GetCallerIdentityRequest in, Call call) {
        Principal principal = call.principal();
        return new GetCallerIdentityResponse()
                .userId(principal.id())
                .account(principal.account())
                .arn(principal.arn());
    }

    @Override
    public AssumeRoleResponse assumeRole(AssumeRoleRequest in, Call call) {
        AssumeRole.Plan plan = assumeRole.plan(in, call);
        return new AssumeRoleResponse()
                .credentials(issue(plan.principal(), plan.seconds()))
                .assumedRoleUser(new AssumedRoleUser()
                        .arn(plan.principal().arn())
                        .assumedRoleId(plan.principal().id()))
                .packedPolicySize(plan.policies().packedPercent())
                .sourceIdentity(plan.principal().attributes().get("aws:SourceIdentity"));
    }

    @Override
    public AssumeRoleWithWebIdentityResponse assumeRoleWithWebIdentity(AssumeRoleWithWebIdentityRequest in, Call call) {
        Instant now = clock.instant();
        WebIdentity.Token token = webIdentity.check(in, now, call);
        SessionPolicies policies = SessionPolicies.of(
                in.policy(), in.policyArns(), token.stranger().tags());
        AssumeRole.Plan plan =
                federated.plan(in.roleArn(), token.stranger(), policies, in.durationSeconds(), now, call);
        return new AssumeRoleWithWebIdentityResponse()
                .credentials(issue(plan.principal(), plan.seconds()))
                .assumedRoleUser(assumed(plan))
                .subjectFromWebIdentityToken(token.subject())
                .audience(token.audience())
                .provider(token.provider())
                .packedPolicySize(policies.packedPercent())
                .sourceIdentity(token.stranger().sourceIdentity());
    }

    @Override
    public AssumeRoleWithSAMLResponse assumeRoleWithSAML(AssumeRoleWithSAMLRequest in, Call call) {
        Instant now = clock.instant();
        SamlIdentity.Checked checked = samlIdentity.check(in, now, call);
        SessionPolicies policies = SessionPolicies.of(
                in.policy(), in.policyArns(), checked.stranger().tags());
        Integer asked = in.durationSeconds() == null ? checked.seconds() : in.durationSeconds();
        AssumeRole.Plan plan = federated.plan(in.roleArn(), checked.stranger(), policies, asked, now, call);
        return new AssumeRoleWithSAMLResponse()
                .credentials(issue(plan.principal(), plan.seconds()))
                .assumedRoleUser(assumed(plan))
                .subject(checked.assertion().name())
                .subjectType(checked.assertion().format())
                .issuer(checked.assertion().issuer())
                .audience(checked.assertion().recipient())
                .nameQualifier(checked.nameQualifier())
                .packedPolicySize(policies.packedPercent())
                .sourceIdentity(checked.stranger().sourceIdentity());
    }

    private static AssumedRoleUser assumed(AssumeRole.Plan plan) {
        return new AssumedRoleUser()
                .arn(plan.principal().arn())
                .assumedRoleId(plan.principal().id());
    }

    @Override
    public DecodeAuthorizationMessageResponse decodeAuthorizationMessage(
            DecodeAuthorizationMessageRequest in, Call call) {
        String decoded = denials.open(call.account(), in.encodedMessage())
                .orElseThrow(() -> Fault.of(new InvalidAuthorizationMessageException(), "Message is not valid"));
        return new DecodeAuthorizationMessageResponse().decodedMessage(decoded);
    }

    @Override
    public GetSessionTokenResponse getSessionToken(GetSessionTokenRequest in, Call call) {
        Principal caller = call.principal();
        refuseSessions(caller, "GetSessionToken");
        int seconds = seconds(in.durationSeconds(), caller);
        String serial = in.serialNumber();
        String code = in.tokenCode();
        boolean mfa = serial != null || code != null;
        if (mfa && (serial == null || code == null || !factors.take(caller, serial, code))) {
            throw StsFaults.denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ");
        }
        return new GetSessionTokenResponse().credentials(issue(caller, seconds, mfa));
    }

    @Override
    public GetFederationTokenResponse getFederationToken(GetFederationTokenRequest in, Call call) {
        Principal caller = call.principal();
        refuseSessions(caller, "GetFederationToken");
        SessionPolicies policies = SessionPolicies.of(in.policy(), in.policyArns(), in.tags());
        Map<String, String> attributes = new HashMap<>(policies.attributes());
        if (caller.type() == Principal.Type.USER) {
            String name = caller.arn().substring(caller.arn().lastIndexOf('/') + 1);
            attributes.put(SessionAttributes.FEDERATOR, caller.id() + "/" + name);
        }
        String id = caller.account() + ":" + in.name();
        String arn = "arn:aws:sts::" + caller.account() + ":federated-user/" + in.name();
        Principal federated = new Principal(Principal.Type.FEDERATED_USER, caller.account(), id, arn, "", attributes);
        return new GetFederationTokenResponse()
                .credentials(issue(federated, seconds(in.durationSeconds(), caller)))
                .federatedUser(new FederatedUser().arn(arn).federatedUserId(id))
                .packedPolicySize(policies.packedPercent());
    }

    @Override
    public GetAccessKeyInfoResponse getAccessKeyInfo(GetAccessKeyInfoRequest in, Call call) {
        String account = AccessKeyIds.account(in.accessKeyId())
                .orElseThrow(() -> StsFaults.validation("Invalid access key id: " + in.accessKeyId()));
        return new GetAccessKeyInfoResponse().account(account);
    }

    private static void refuseSessions(Principal caller, String operation) {
        boolean longTerm = caller.type() == Principal.Type.USER || caller.type() == Principal.Type.ROOT;
        if (!longTerm || caller.accessKeyId().startsWith(AccessKeyIds.SESSION)) {
            throw StsFaults.denied("Cannot call " + operation + " with session credentials");
        }
    }

    /** A user's session lasts half a day unless it asks for up to a day and a half; root's lasts an hour at most. */
    private static int seconds(@Nullable Integer asked, Principal caller) {
        boolean root = caller.type() == Principal.Type.ROOT;
        int seconds = asked == null ? HALF_DAY_SECONDS : asked;
        if (seconds < LEAST_SECONDS || seconds > DAY_AND_HALF_SECONDS) {
            throw StsFaults.validation("1 validation error detected: Value '" + seconds
                    + "' at 'durationSeconds' failed to satisfy constraint: Member must have value between "
                    + LEAST_SECONDS + " and " + DAY_AND_HALF_SECONDS);
        }
        return root ? Math.min(seconds, HOUR_SECONDS) : seconds;
    }

    /** Makes a session's key and token. */
    private Credentials issue(Principal principal, int seconds) {
        return issue(principal, seconds, false);
    }

    private Credentials issue(Principal principal, int seconds, boolean mfa) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        String keyId = AccessKeyIds.make(AccessKeyIds.SESSION, principal.account(), random);
        Map<String, String> attributes = new HashMap<>(principal.attributes());
        attributes.put("aws:TokenIssueTime", now.toString());
        attributes.put("aws:MultiFactorAuthPresent", Boolean.toString(mfa));
        if (mfa) {
            attributes.put(SessionAttributes.MFA_TIME, Long.toString(now.getEpochSecond()));
        }
        Principal keyed = new Principal(
                principal.type(), principal.account(), principal.id(), principal.arn(), keyId, attributes);
        Session session = new Session(ids.secretKey(), keyed, now.plusSeconds(seconds));
        return new Credentials()
                .accessKeyId(keyId)
                .secretAccessKey(session.secretKey())
                .sessionToken(tokens.seal(session))
                .expiration(session.expires());
    }
}
