package dev.haneul.services.iam;

import static dev.haneul.services.iam.IamRig.ACCOUNT;
import static dev.haneul.services.iam.IamRig.OTHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.api.iam.AddUserToGroupRequest;
import dev.haneul.api.iam.ContextEntry;
import dev.haneul.api.iam.CreateGroupRequest;
import dev.haneul.api.iam.CreatePolicyRequest;
import dev.haneul.api.iam.GetRoleRequest;
import dev.haneul.api.iam.PutGroupPolicyRequest;
import dev.haneul.api.iam.PutRolePermissionsBoundaryRequest;
import dev.haneul.api.iam.PutRolePolicyRequest;
import dev.haneul.api.iam.PutUserPermissionsBoundaryRequest;
import dev.haneul.api.iam.PutUserPolicyRequest;
import dev.haneul.api.iam.SimulatePrincipalPolicyRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Api;
import dev.haneul.api.s3.S3Client;
import dev.haneul.kernel.call.AccountRules.Control;
import dev.haneul.kernel.call.AccountRules.Membership;
import dev.haneul.kernel.call.ResourcePolicies.Owned;
import dev.haneul.kernel.policy.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.statistics.Statistics;

/** Whatever policies there are, the simulator says of a call what enforcement then does. */
class SimulationPropertyTest {
    private static final String FULL = policy("{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}");
    private static final List<String> BOUNDARIES = List.of(
            FULL,
            policy("{\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"*\"}"),
            policy("{\"Effect\":\"Allow\",\"NotAction\":\"s3:DeleteObject\",\"Resource\":\"arn:aws:s3:::b/k*\"}"),
            policy("{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"},"
                    + "{\"Effect\":\"Deny\",\"Action\":\"s3:PutObject\",\"Resource\":\"*\"}"));

    private static IamRig rig;
    private static S3Client s3;
    private static Map<String, Call> calls;
    private static List<String> boundaryArns;
    private static volatile Optional<String> control = Optional.empty();
    private static volatile Owned owned = new Owned(ACCOUNT, null);

    /** A world to ask about; the names of the entities tell what they are. */
    record World(
            String entity,
            List<String> own,
            List<String> group,
            int boundary,
            Optional<List<String>> resource,
            boolean abroad,
            Optional<String> control,
            String action,
            String key) {}

    @BeforeContainer
    static void open() {
        rig = new IamRig().with(new S3Api() {});
        s3 = new S3Client(rig.dispatcher);
        rig.resources.add("s3", arn -> Optional.of(owned));
        rig.accounts.organizations(account -> account.equals(ACCOUNT)
                ? control.map(json -> new Membership(
                        "o-1",
                        "o-1/r-1/",
                        "999999999999",
                        List.of(List.of(new Control("FullAWSAccess", FULL)), List.of(new Control("p-1", json))),
                        List.of()))
                : Optional.empty());
        boundaryArns = new ArrayList<>();
        for (int i = 0; i < BOUNDARIES.size(); i++) {
            boundaryArns.add(rig.iam
                    .createPolicy(
                            new CreatePolicyRequest().policyName("b" + i).policyDocument(BOUNDARIES.get(i)), rig.root())
                    .policy()
                    .arn());
        }
        rig.iam.createGroup(new CreateGroupRequest().groupName("group"), rig.root());
        Call bob = rig.user("bob", "");
        Call ann = rig.user("ann", "");
        rig.iam.addUserToGroup(new AddUserToGroupRequest().groupName("group").userName("ann"), rig.root());
        calls = Map.of("user/bob", bob, "user/ann", ann, "role/bounded", role("bounded"), "role/free", role("free"));
    }

    @AfterContainer
    static void close() {
        rig.close();
    }

    private static Call role(String name) {
        String arn = rig.role(name, "{\"AWS\":\"" + ACCOUNT + "\"}", "");
        String id = rig.iam
                .getRole(new GetRoleRequest().roleName(name), rig.root())
                .role()
                .roleId();
        return rig.call(new Principal(
                Principal.Type.ASSUMED_ROLE,
                ACCOUNT,
                id + ":s",
                "arn:aws:sts::" + ACCOUNT + ":assumed-role/" + name + "/s",
                "ASIAEXAMPLE",
                Map.of(Subject.ENTITY_ARN, arn)));
    }

    @Property(tries = 300, seed = "20261126", shrinking = ShrinkingMode.BOUNDED)
    void theSimulatorSaysWhatEnforcementDoes(@ForAll("worlds") World world) {
        furnish(world);
        String told = simulated(world);
        String done = enforced(world);
        if (world.abroad()) {
            // A stranger is refused without a reason.
            assertThat(told.equals("allowed")).as(told).isEqualTo(done.equals("allowed"));
        } else {
            assertThat(told).isEqualTo(done);
        }
        Statistics.collect(told);
        Statistics.coverage(found -> {
            for (String decision : List.of("allowed", "implicitDeny", "explicitDeny")) {
                found.check(decision).percentage(share -> share > 5.0);
            }
        });
    }

    private void furnish(World world) {
        String name = world.entity().substring(5);
        String document = policy(String.join(",", world.own()));
        if (world.entity().startsWith("user/")) {
            rig.iam.putUserPolicy(
                    new PutUserPolicyRequest().userName(name).policyName("p").policyDocument(document), rig.root());
        } else {
            rig.iam.putRolePolicy(
                    new PutRolePolicyRequest().roleName(name).policyName("p").policyDocument(document), rig.root());
        }
        String boundary = boundaryArns.get(world.boundary());
        switch (world.entity()) {
            case "user/bob" ->
                rig.iam.putUserPermissionsBoundary(
                        new PutUserPermissionsBoundaryRequest().userName(name).permissionsBoundary(boundary),
                        rig.root());
            case "role/bounded" ->
                rig.iam.putRolePermissionsBoundary(
                        new PutRolePermissionsBoundaryRequest().roleName(name).permissionsBoundary(boundary),
                        rig.root());
            case "user/ann" ->
                rig.iam.putGroupPolicy(
                        new PutGroupPolicyRequest()
                                .groupName("group")
                                .policyName("g")
                                .policyDocument(policy(String.join(",", world.group()))),
                        rig.root());
            default -> {}
        }
        control = world.control().map(SimulationPropertyTest::policy);
        owned = new Owned(world.abroad() ? OTHER : ACCOUNT, resourcePolicy(world));
    }

    private static String resourcePolicy(World world) {
        return world.resource()
                .map(statements -> policy(String.join(",", statements)))
                .orElse(null);
    }

    private String simulated(World world) {
        SimulatePrincipalPolicyRequest ask = new SimulatePrincipalPolicyRequest()
                .policySourceArn("arn:aws:iam::" + ACCOUNT + ":" + world.entity())
                .actionNames(List.of("s3:" + world.action()))
                .resourceArns(List.of("arn:aws:s3:::b/" + world.key()))
                .resourcePolicy(resourcePolicy(world))
                .resourceOwner(world.abroad() ? "arn:aws:iam::" + OTHER + ":root" : null)
                .contextEntries(context(world));
        return rig.iam
                .simulatePrincipalPolicy(ask, rig.root())
                .evaluationResults()
                .getFirst()
                .evalDecision();
    }

    /** What enforcement knows of the call, as far as these policies ask. */
    private static List<ContextEntry> context(World world) {
        List<ContextEntry> entries = new ArrayList<>(List.of(
                entry("aws:SourceIp", "10.1.2.3"),
                entry("aws:SecureTransport", "false"),
                entry("aws:UserAgent", "test")));
        if (world.entity().startsWith("user/")) {
            entries.add(entry("aws:username", world.entity().substring(5)));
        }
        return entries;
    }

    private static ContextEntry entry(String key, String value) {
        return new ContextEntry().contextKeyName(key).contextKeyType("string").contextKeyValues(List.of(value));
    }

    private String enforced(World world) {
        Call call = calls.get(world.entity());
        Fault fault = catchThrowableOfType(Fault.class, () -> {
            switch (world.action()) {
                case "GetObject" ->
                    s3.getObject(new GetObjectRequest().bucket("b").key(world.key()), call);
                case "PutObject" ->
                    s3.putObject(new PutObjectRequest().bucket("b").key(world.key()), call);
                default -> s3.deleteObject(new DeleteObjectRequest().bucket("b").key(world.key()), call);
            }
        });
        return fault.code().equals("NotImplemented")
                ? "allowed"
                : fault.message().contains("explicit deny") ? "explicitDeny" : "implicitDeny";
    }

    @Provide
    Arbitrary<World> worlds() {
        Arbitrary<List<String>> own = statements("").list().ofMinSize(1).ofMaxSize(3);
        Arbitrary<List<String>> theirs =
                principals().flatMap(who -> statements(who).list().ofMinSize(1).ofMaxSize(2));
        Arbitrary<String> controls = Arbitraries.of(
                "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}",
                "{\"Effect\":\"Allow\",\"Action\":[\"iam:*\",\"s3:Get*\"],\"Resource\":\"*\"}",
                "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"},"
                        + "{\"Effect\":\"Deny\",\"Action\":\"s3:PutObject\",\"Resource\":\"*\"}");
        return Combinators.combine(
                        Arbitraries.of("user/bob", "user/ann", "role/bounded", "role/free"),
                        own,
                        own,
                        Arbitraries.integers().between(0, BOUNDARIES.size() - 1),
                        theirs.optional(0.5),
                        Arbitraries.of(false, false, true),
                        controls.optional(0.3),
                        Combinators.combine(
                                        Arbitraries.of("GetObject", "PutObject", "DeleteObject"),
                                        Arbitraries.of("k", "bob", "other"))
                                .as((action, key) -> List.of(action, key)))
                .as((entity, mine, group, boundary, resource, abroad, scp, call) ->
                        new World(entity, mine, group, boundary, resource, abroad, scp, call.get(0), call.get(1)));
    }

    private static Arbitrary<String> principals() {
        String user = "arn:aws:iam::" + ACCOUNT + ":";
        return Arbitraries.of(
                        "\"*\"",
                        "{\"AWS\":\"" + ACCOUNT + "\"}",
                        "{\"AWS\":\"" + user + "user/bob\"}",
                        "{\"AWS\":\"" + user + "user/ann\"}",
                        "{\"AWS\":[\"" + user + "role/bounded\",\"" + user + "role/free\"]}",
                        "{\"AWS\":\"" + user + "user/nobody\"}")
                .map(who -> "\"Principal\":" + who + ",");
    }

    private static Arbitrary<String> statements(String principal) {
        Arbitrary<String> actions = Arbitraries.of(
                "\"Action\":\"s3:*\"",
                "\"Action\":\"*\"",
                "\"Action\":[\"s3:Get*\",\"s3:put?bject\"]",
                "\"Action\":\"s3:DeleteObject\"",
                "\"Action\":\"ec2:*\"",
                "\"NotAction\":\"s3:GetObject\"");
        Arbitrary<String> resources = Arbitraries.of(
                "\"Resource\":\"*\"",
                "\"Resource\":\"arn:aws:s3:::b/*\"",
                "\"Resource\":[\"arn:aws:s3:::b/k\",\"arn:aws:s3:::c/*\"]",
                "\"Resource\":\"arn:aws:s3:::b/${aws:username}\"",
                "\"NotResource\":\"arn:aws:s3:::b/k\"");
        Arbitrary<String> conditions = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(4, Arbitraries.just("")),
                net.jqwik.api.Tuple.of(
                        3,
                        Arbitraries.of(
                                        "{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}",
                                        "{\"NotIpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}",
                                        "{\"Bool\":{\"aws:SecureTransport\":\"false\"}}",
                                        "{\"StringLike\":{\"aws:UserAgent\":[\"te*\",\"x\"]}}",
                                        "{\"Null\":{\"aws:TokenIssueTime\":\"true\"}}",
                                        "{\"StringEqualsIfExists\":{\"aws:username\":\"ann\"}}",
                                        "{\"ForAllValues:StringEquals\":{\"aws:TagKeys\":\"a\"}}",
                                        "{\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":\"a\"}}",
                                        "{\"StringNotEquals\":{\"aws:username\":\"bob\"},"
                                                + "\"Bool\":{\"aws:SecureTransport\":\"false\"}}")
                                .map(condition -> ",\"Condition\":" + condition)));
        return Combinators.combine(Arbitraries.of("Allow", "Allow", "Allow", "Deny"), actions, resources, conditions)
                .as((effect, action, resource, condition) ->
                        "{\"Effect\":\"" + effect + "\"," + principal + action + "," + resource + condition + "}");
    }

    private static String policy(String statements) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[" + statements + "]}";
    }
}
