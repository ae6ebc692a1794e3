package dev.haneul.bench;

import dev.haneul.api.iam.AddUserToGroupRequest;
import dev.haneul.api.iam.AttachGroupPolicyRequest;
import dev.haneul.api.iam.CreateAccessKeyRequest;
import dev.haneul.api.iam.CreateGroupRequest;
import dev.haneul.api.iam.CreatePolicyRequest;
import dev.haneul.api.iam.CreateUserRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.S3Model;
import dev.haneul.kernel.call.AccountRules;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.SystemClock;
import dev.haneul.services.iam.IamAuthorizer;
import dev.haneul.services.iam.IamCredentials;
import dev.haneul.services.iam.IamService;
import dev.haneul.services.iam.IamState;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The permission check of one call by a user to whom fifty policies apply, none of which can be passed over by its
 * action: a hundred statements with conditions, the last of which allows.
 */
final class PermissionBench {
    private static final int POLICIES = 50;
    private static final int GROUPS = 5;
    private static final int WARM_UPS = 100_000;
    private static final int CHECKS = 200_000;
    private static final String ACCOUNT = "111111111111";

    private PermissionBench() {}

    static void run(Report report) throws Exception {
        try (DataFolder folder = DataFolder.temporary();
                SqliteStore store = SqliteStore.open(folder);
                SystemClock clock = new SystemClock()) {
            IamState state = new IamState(store, clock, folder.key());
            Principal user = userWithPolicies(new IamService(state, new AccountRules()), new IamCredentials(state));
            IamAuthorizer authorizer = new IamAuthorizer(state, clock, new ResourcePolicies.Registry(), true);
            OperationShape operation = Objects.requireNonNull(S3Model.SHAPE.operation("GetObject"));
            Struct input = new GetObjectRequest().bucket("bench").key("some/key/of/an/object");
            Call call = call(user);
            Samples checks = Samples.of(WARM_UPS, CHECKS, () -> {
                authorizer.check(operation, input, call);
                return call;
            });
            Map<String, Object> table = new HashMap<>(Map.of("bench", call, "other", user));
            Samples lookUps = Samples.of(WARM_UPS, CHECKS, () -> table.get("bench"));
            report.figure(
                    "permission check, " + POLICIES + " policies (µs)",
                    String.format(
                            Locale.ROOT,
                            "p50 %.2f, p99 %.2f (a hash look-up: %.2f)",
                            checks.millis(50) * 1000,
                            checks.millis(99) * 1000,
                            lookUps.millis(50) * 1000));
        }
    }

    private static Principal userWithPolicies(IamService iam, IamCredentials credentials) {
        Call root = call(Principal.root(ACCOUNT, ACCOUNT));
        iam.createUser(new CreateUserRequest().userName("u"), root);
        for (int group = 0; group < GROUPS; group++) {
            String name = "g" + group;
            iam.createGroup(new CreateGroupRequest().groupName(name), root);
            iam.addUserToGroup(new AddUserToGroupRequest().groupName(name).userName("u"), root);
        }
        for (int i = 0; i < POLICIES; i++) {
            String arn = Objects.requireNonNull(iam.createPolicy(
                                    new CreatePolicyRequest()
                                            .policyName("p" + i)
                                            .policyDocument(policy(i)),
                                    root)
                            .policy())
                    .arn();
            iam.attachGroupPolicy(
                    new AttachGroupPolicyRequest().groupName("g" + i % GROUPS).policyArn(arn), root);
        }
        String key = iam.createAccessKey(new CreateAccessKeyRequest().userName("u"), root)
                .accessKey()
                .accessKeyId();
        return credentials.find(key, null).orElseThrow().principal();
    }

    private static String policy(int number) {
        String bucket = number == POLICIES - 1 ? "bench" : "bench-" + number;
        return """
                {"Version":"2012-10-17","Statement":[
                {"Effect":"Allow","Action":["s3:Get*","s3:List*"],
                "Resource":["arn:aws:s3:::%s","arn:aws:s3:::%s/*"],
                "Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}},
                {"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::*",
                "Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.%d/32"}}}]}""".formatted(bucket, bucket, number);
    }

    private static Call call(Principal principal) {
        Call.Origin origin = new Call.Origin("10.1.2.3", "bench", false, "http://localhost:4566", Map.of());
        return new Call(
                principal, principal.account(), "us-east-1", "r", Instant.now().plusSeconds(3600), origin);
    }
}
