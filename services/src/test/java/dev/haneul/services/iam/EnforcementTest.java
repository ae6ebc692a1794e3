package dev.haneul.services.iam;

import static dev.haneul.services.iam.IamRig.ACCOUNT;
import static dev.haneul.services.iam.IamRig.OTHER;
import static dev.haneul.services.iam.IamRig.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.api.iam.AddUserToGroupRequest;
import dev.haneul.api.iam.AttachUserPolicyRequest;
import dev.haneul.api.iam.CreateGroupRequest;
import dev.haneul.api.iam.CreatePolicyRequest;
import dev.haneul.api.iam.CreateUserRequest;
import dev.haneul.api.iam.DeleteUserPolicyRequest;
import dev.haneul.api.iam.ListUsersRequest;
import dev.haneul.api.iam.PutGroupPolicyRequest;
import dev.haneul.api.iam.PutUserPermissionsBoundaryRequest;
import dev.haneul.api.iam.Tag;
import dev.haneul.api.iam.TagUserRequest;
import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.LambdaApi;
import dev.haneul.api.lambda.LambdaClient;
import dev.haneul.api.lambda.ListFunctionsRequest;
import dev.haneul.api.logs.LogsApi;
import dev.haneul.api.logs.LogsClient;
import dev.haneul.api.logs.PutLogEventsRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.ListBucketsRequest;
import dev.haneul.api.s3.ListObjectsV2Request;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Api;
import dev.haneul.api.s3.S3Client;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.kernel.call.ResourcePolicies.Owned;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The services behind the authorizer here are the generated interfaces: what gets through answers NotImplemented. */
class EnforcementTest {
    private final IamRig rig =
            new IamRig().with(new S3Api() {}).with(new LambdaApi() {}).with(new LogsApi() {});
    private final S3Client s3 = new S3Client(rig.dispatcher);
    private final LambdaClient lambda = new LambdaClient(rig.dispatcher);
    private final LogsClient logs = new LogsClient(rig.dispatcher);

    @AfterEach
    void close() {
        rig.close();
    }

    private static Fault fault(Runnable call) {
        Fault fault = catchThrowableOfType(Fault.class, call::run);
        assertThat(fault).isNotNull();
        return fault;
    }

    private static void passes(Runnable call) {
        assertThat(fault(call).code()).isEqualTo("NotImplemented");
    }

    private Runnable get(String key, Call call) {
        return () -> s3.getObject(new GetObjectRequest().bucket("b").key(key), call);
    }

    @Test
    void aUserReadsUnderItsPrefixAndNowhereElse() {
        Call bob = rig.user("bob", policy("Allow", "s3:GetObject", "arn:aws:s3:::b/home/*"));
        passes(get("home/x", bob));
        Fault refused = fault(get("away/x", bob));
        assertThat(refused.code()).isEqualTo("AccessDenied");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.message())
                .isEqualTo("User: arn:aws:iam::" + ACCOUNT
                        + ":user/bob is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b/away/x\""
                        + " because no identity-based policy allows the s3:GetObject action");
        assertThat(fault(() -> s3.putObject(new PutObjectRequest().bucket("b").key("home/x"), bob))
                        .code())
                .isEqualTo("AccessDenied");
        assertThat(fault(get("home/x", bob.in(OTHER, "us-east-1"))).code()).isEqualTo("NotImplemented");
        Fault iam = fault(() -> rig.iam.listUsers(new ListUsersRequest(), bob));
        assertThat(iam.code()).isEqualTo("AccessDenied");
        assertThat(iam.message())
                .isEqualTo("User: arn:aws:iam::" + ACCOUNT
                        + ":user/bob is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::" + ACCOUNT
                        + ":user/ because no identity-based policy allows the iam:ListUsers action");
    }

    @Test
    void refusalsHaveTheFormOfTheirServicesFamily() {
        Call bob = rig.user("bob", "");
        Fault list = fault(() -> lambda.listFunctions(new ListFunctionsRequest(), bob));
        assertThat(list.code() + list.status()).isEqualTo("AccessDeniedException403");
        assertThat(list.message()).contains("lambda:ListFunctions on resource: * because no identity-based policy");
        Fault put = fault(() ->
                logs.putLogEvents(new PutLogEventsRequest().logGroupName("/g").logStreamName("s"), bob));
        assertThat(put.code() + put.status()).isEqualTo("AccessDeniedException400");
        assertThat(put.message())
                .contains("logs:PutLogEvents on resource: arn:aws:logs:us-east-1:" + ACCOUNT
                        + ":log-group:/g:log-stream:s because");
        assertThat(fault(() -> s3.listBuckets(new ListBucketsRequest(), bob)).message())
                .endsWith("perform: s3:ListAllMyBuckets because no identity-based policy allows the"
                        + " s3:ListAllMyBuckets action");
    }

    @Test
    void anExplicitDenyWinsOverAGroupsAllow() {
        Call bob = rig.user("bob", policy("Deny", "s3:GetObject", "arn:aws:s3:::b/secret"));
        rig.iam.createGroup(new CreateGroupRequest().groupName("g"), rig.root());
        rig.iam.putGroupPolicy(
                new PutGroupPolicyRequest()
                        .groupName("g")
                        .policyName("all")
                        .policyDocument(policy("Allow", "s3:*", "*")),
                rig.root());
        assertThat(fault(get("open", bob)).code()).isEqualTo("AccessDenied");
        rig.iam.addUserToGroup(new AddUserToGroupRequest().groupName("g").userName("bob"), rig.root());
        passes(get("open", bob));
        assertThat(fault(get("secret", bob)).message()).endsWith("with an explicit deny in an identity-based policy");
    }

    @Test
    void whatWasJustChangedHoldsAtOnce() {
        Call bob = rig.user("bob", policy("Allow", "s3:*", "*"));
        passes(get("k", bob));
        rig.iam.deleteUserPolicy(new DeleteUserPolicyRequest().userName("bob").policyName("p"), rig.root());
        assertThat(fault(get("k", bob)).code()).isEqualTo("AccessDenied");
        rig.iam.attachUserPolicy(
                new AttachUserPolicyRequest()
                        .userName("bob")
                        .policyArn("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
                rig.root());
        passes(get("k", bob));
    }

    @Test
    void aBoundaryIsTheMostAUserCanDo() {
        Call bob = rig.user("bob", policy("Allow", "s3:*", "*"));
        String arn = rig.iam
                .createPolicy(
                        new CreatePolicyRequest()
                                .policyName("only-list")
                                .policyDocument(policy("Allow", "s3:List*", "*")),
                        rig.root())
                .policy()
                .arn();
        rig.iam.putUserPermissionsBoundary(
                new PutUserPermissionsBoundaryRequest().userName("bob").permissionsBoundary(arn), rig.root());
        assertThat(fault(get("k", bob)).message())
                .endsWith("because no permissions boundary allows the s3:GetObject action");
        passes(() -> s3.listObjectsV2(new ListObjectsV2Request().bucket("b"), bob));
    }

    @Test
    void conditionsSeeTheRequestAndTheCallersTags() {
        Call bob = rig.user("bob", """
                {"Version":"2012-10-17","Statement":[
                 {"Effect":"Allow","Action":"s3:ListBucket","Resource":"*",
                  "Condition":{"StringLike":{"s3:prefix":"${aws:username}/*"},
                               "IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}},
                 {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:PrincipalTag/team}/*"},
                 {"Effect":"Allow","Action":"iam:TagUser","Resource":"*",
                  "Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["colour"]}}}]}""");
        passes(() -> s3.listObjectsV2(new ListObjectsV2Request().bucket("b").prefix("bob/x"), bob));
        assertThat(fault(() -> s3.listObjectsV2(new ListObjectsV2Request().bucket("b"), bob))
                        .code())
                .isEqualTo("AccessDenied");
        assertThat(fault(get("blue/x", bob)).code()).isEqualTo("AccessDenied");
        rig.iam.tagUser(
                new TagUserRequest()
                        .userName("bob")
                        .tags(List.of(new Tag().key("team").value("blue"))),
                rig.root());
        passes(get("blue/x", bob));
        rig.iam.tagUser(
                new TagUserRequest()
                        .userName("bob")
                        .tags(List.of(new Tag().key("colour").value("red"))),
                bob);
        assertThat(fault(() -> rig.iam.tagUser(
                                new TagUserRequest()
                                        .userName("bob")
                                        .tags(List.of(new Tag().key("team").value("red"))),
                                bob))
                        .code())
                .isEqualTo("AccessDenied");
    }

    @Test
    void aFunctionWithARoleNeedsPassRole() {
        String role = "arn:aws:iam::" + ACCOUNT + ":role/r";
        Call bob = rig.user("bob", policy("Allow", "lambda:*", "*"));
        Runnable create = () -> lambda.createFunction(
                new CreateFunctionRequest().functionName("f").role(role), bob);
        assertThat(fault(create).message())
                .isEqualTo("User: arn:aws:iam::" + ACCOUNT
                        + ":user/bob is not authorized to perform: iam:PassRole on resource: " + role
                        + " because no identity-based policy allows the iam:PassRole action");
        Call ann = rig.user("ann", """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:*","Resource":"*"},
                 {"Effect":"Allow","Action":"iam:PassRole","Resource":"%s",
                  "Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}]}""".formatted(role));
        passes(() -> lambda.createFunction(
                new CreateFunctionRequest().functionName("f").role(role), ann));
    }

    @Test
    void bucketPoliciesOpenAndCloseBucketsToOthers() {
        Map<String, Owned> buckets = new ConcurrentHashMap<>();
        rig.resources.add("s3", arn -> Optional.ofNullable(buckets.get("b")));
        buckets.put("b", new Owned(ACCOUNT, null));
        Call stranger = rig.root(OTHER);
        assertThat(fault(get("k", stranger)).message()).isEqualTo("Access Denied");
        assertThat(fault(get("k", rig.anonymous())).message()).isEqualTo("Access Denied");
        passes(get("k", rig.root()));
        buckets.put("b", new Owned(ACCOUNT, """
                        {"Version":"2012-10-17","Statement":[
                         {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/public/*"},
                         {"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"s3:*","Resource":"arn:aws:s3:::b/shared/*"},
                         {"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/closed"}]}""".formatted(OTHER)));
        passes(get("public/x", rig.anonymous()));
        assertThat(fault(get("shared/x", rig.anonymous())).code()).isEqualTo("AccessDenied");
        passes(get("shared/x", stranger));
        assertThat(fault(get("k", stranger)).code()).isEqualTo("AccessDenied");
        assertThat(fault(get("closed", rig.root())).message())
                .endsWith("with an explicit deny in a resource-based policy");
    }

    @Test
    void theAnonymousAreToldToSignElsewhere() {
        Fault fault = fault(() -> rig.iam.listUsers(new ListUsersRequest(), rig.anonymous()));
        assertThat(fault.code()).isEqualTo("MissingAuthenticationToken");
    }

    @Test
    void servicesActFreelyButFunctionsGuardThemselves() {
        passes(() -> logs.putLogEvents(
                new PutLogEventsRequest().logGroupName("/g").logStreamName("s"), rig.service("lambda.amazonaws.com")));
        Runnable invoke =
                () -> lambda.invoke_(new InvocationRequest().functionName("f"), rig.service("s3.amazonaws.com"));
        passes(invoke);
        Map<String, Owned> functions = new ConcurrentHashMap<>();
        functions.put("f", new Owned(ACCOUNT, null));
        rig.resources.add("lambda", arn -> Optional.ofNullable(functions.get("f")));
        assertThat(fault(invoke).code()).isEqualTo("AccessDeniedException");
        functions.put("f", new Owned(ACCOUNT, """
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},
                         "Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:%s:function:f"}]}""".formatted(ACCOUNT)));
        passes(invoke);
    }

    /** A bucket's events reach the function for that bucket of that account alone, whoever else tells S3 to call it. */
    @Test
    void aServiceIsNobodysConfusedDeputy() {
        rig.resources.add("lambda", arn -> Optional.of(new Owned(ACCOUNT, """
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},
                         "Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:%s:function:f",
                         "Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::mine"},
                          "StringEquals":{"aws:SourceAccount":"%s"}}}]}""".formatted(ACCOUNT, ACCOUNT))));
        passes(() -> invokeFor("arn:aws:s3:::mine", ACCOUNT));
        assertThat(fault(() -> invokeFor("arn:aws:s3:::mine", IamRig.OTHER)).code())
                .isEqualTo("AccessDeniedException");
        assertThat(fault(() -> invokeFor("arn:aws:s3:::theirs", ACCOUNT)).code())
                .isEqualTo("AccessDeniedException");
        assertThat(fault(() -> lambda.invoke_(
                                new InvocationRequest().functionName("f"), rig.service("s3.amazonaws.com")))
                        .code())
                .isEqualTo("AccessDeniedException");
    }

    private void invokeFor(String sourceArn, String sourceAccount) {
        Call call = rig.service("s3.amazonaws.com").as(OnBehalf.of("s3.amazonaws.com", sourceArn, sourceAccount));
        lambda.invoke_(new InvocationRequest().functionName("f"), call.in(ACCOUNT, "us-east-1"));
    }

    @Test
    void policiesSeeThroughWhichServiceACallCame() {
        Call bob = rig.user("bob", """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",
                 "Condition":{"ForAnyValue:StringEquals":{"aws:CalledVia":"athena.amazonaws.com"},
                  "Bool":{"aws:ViaAWSService":"true"}}}]}""");
        assertThat(fault(get("k", bob)).code()).isEqualTo("AccessDenied");
        passes(get("k", via("athena.amazonaws.com", bob)));
        assertThat(fault(get("k", via("lambda.amazonaws.com", bob))).code()).isEqualTo("AccessDenied");
    }

    private Call via(String host, Call call) {
        return new Call(
                call.principal(),
                call.account(),
                call.region(),
                call.requestId(),
                call.deadline(),
                Call.Origin.inside(host));
    }

    @Test
    void aPolicyMayNameAUserByItsUniqueId() {
        Call bob = rig.user("bob", "");
        Call ann = rig.user("ann", "");
        rig.resources.add(
                "s3",
                arn -> Optional.of(
                        new Owned(ACCOUNT, """
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"%s"},
                         "Action":"s3:GetObject","Resource":"*"}]}""".formatted(bob.principal().id()))));
        passes(get("k", bob));
        assertThat(fault(get("k", ann)).code()).isEqualTo("AccessDenied");
    }

    @Test
    void aUserOfTheSameNameMadeAnewHasNothingOfTheOld() {
        Call bob = rig.user("bob", policy("Allow", "s3:*", "*"));
        Call forged = new Call(
                new dev.haneul.api.runtime.Principal(
                        bob.principal().type(),
                        ACCOUNT,
                        "AIDAOTHEROTHEROTHER22",
                        bob.principal().arn(),
                        bob.principal().accessKeyId(),
                        Map.of()),
                ACCOUNT,
                "us-east-1",
                "r",
                bob.deadline(),
                bob.origin());
        passes(get("k", bob));
        assertThat(fault(get("k", forged)).code()).isEqualTo("AccessDenied");
    }

    @Test
    void switchedOffEverythingPasses() {
        try (IamRig open = new IamRig(false)) {
            Call nobody = open.anonymous();
            assertThat(open.iam
                            .createUser(new CreateUserRequest().userName("u"), nobody)
                            .user()
                            .userName())
                    .isEqualTo("u");
        }
    }
}
