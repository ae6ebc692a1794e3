package dev.haneul.services.iam;

import dev.haneul.api.iam.CreateAccessKeyRequest;
import dev.haneul.api.iam.CreateRoleRequest;
import dev.haneul.api.iam.CreateUserRequest;
import dev.haneul.api.iam.IamClient;
import dev.haneul.api.iam.PutRolePolicyRequest;
import dev.haneul.api.iam.PutUserPolicyRequest;
import dev.haneul.api.runtime.Api;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.AccountRules;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.call.RootKeys;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** IAM on a real store behind a real dispatcher, with time that stands still. */
public final class IamRig implements AutoCloseable {
    public static final String ACCOUNT = "111111111111";
    public static final String OTHER = "222222222222";

    private final DataFolder folder = DataFolder.temporary();
    private final SqliteStore store = SqliteStore.open(folder);
    public final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-02T03:04:05Z"));
    public final byte[] key = folder.key();
    public final IamState state = new IamState(store, clock, key);
    public final ResourcePolicies.Registry resources = new ResourcePolicies.Registry();
    public final AccountRules accounts = new AccountRules();
    public final MfaFactors factors = new MfaFactors(state);
    public final Dispatcher dispatcher;
    public final IamClient iam;
    private final IamCredentials credentials = new IamCredentials(state);

    public IamRig() {
        this(true);
    }

    public IamRig(boolean enforced) {
        dispatcher = new Dispatcher(
                new IamAuthorizer(state, clock, resources, accounts, enforced),
                (operation, input, output, call, fault) -> {});
        dispatcher.add(new IamService(state, accounts));
        iam = new IamClient(dispatcher);
    }

    public IamRig with(Api service) {
        dispatcher.add(service);
        return this;
    }

    public Call root() {
        return root(ACCOUNT);
    }

    public Call root(String account) {
        return call(Principal.root(account, account));
    }

    public Call anonymous() {
        return call(Principal.ANONYMOUS).in(ACCOUNT, "us-east-1");
    }

    public Call call(Principal principal) {
        Call.Origin origin = new Call.Origin("10.1.2.3", "test", false, "http://localhost:4566", Map.of());
        return new Call(
                principal,
                principal.account(),
                "us-east-1",
                "r",
                clock.instant().plusSeconds(60),
                origin);
    }

    /** A call as an AWS service makes it. */
    public Call service(String host) {
        return new Call(
                Principal.service(host),
                ACCOUNT,
                "us-east-1",
                "r",
                clock.instant().plusSeconds(60),
                Call.Origin.inside(host));
    }

    /** Makes a user with one inline policy (none for an empty one), and answers a call signed with its key. */
    public Call user(String name, String policy) {
        iam.createUser(new CreateUserRequest().userName(name), root());
        if (!policy.isEmpty()) {
            iam.putUserPolicy(
                    new PutUserPolicyRequest().userName(name).policyName("p").policyDocument(policy), root());
        }
        return signedIn(name);
    }

    /** A call signed with a new key of this user. */
    public Call signedIn(String name) {
        String id = iam.createAccessKey(new CreateAccessKeyRequest().userName(name), root())
                .accessKey()
                .accessKeyId();
        return call(credentials().find(id, null).orElseThrow().principal());
    }

    public Credentials credentials() {
        return Credentials.firstOf(List.of(RootKeys.loopback(), credentials));
    }

    /** Makes a role; answers its ARN. */
    public String role(String name, String trustedPrincipal, String policy) {
        String arn = iam.createRole(
                        new CreateRoleRequest().roleName(name).assumeRolePolicyDocument(trust(trustedPrincipal)),
                        root())
                .role()
                .arn();
        if (!policy.isEmpty()) {
            iam.putRolePolicy(
                    new PutRolePolicyRequest().roleName(name).policyName("p").policyDocument(policy), root());
        }
        return arn;
    }

    public static String trust(String principal) {
        return """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":%s,
                 "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]}""".formatted(principal);
    }

    public static String policy(String effect, String action, String resource) {
        return """
                {"Version":"2012-10-17","Statement":[{"Effect":"%s","Action":"%s","Resource":"%s"}]}""".formatted(effect, action, resource);
    }

    @Override
    public void close() {
        store.close();
        folder.close();
    }
}
