package dev.haneul.trials.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.iam.model.StatusType;
import software.amazon.awssdk.services.iam.model.User;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.Credentials;

/** Users, roles and sessions get what their policies say, in every service, told in AWS's words. */
@ExtendWith(SharedRegion.class)
class PermissionsTest {
    private final String account = Accounts.fresh();
    private final String bucket = "permissions-" + account;
    private final URI endpoint;
    private final Clients root;
    private final IamClient iam;
    private final List<AutoCloseable> open = new ArrayList<>();

    PermissionsTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.iam = root.iam();
        open.add(root);
    }

    @BeforeEach
    void makeABucketWithTwoObjects() {
        S3Client s3 = root.s3();
        s3.createBucket(request -> request.bucket(bucket));
        for (String key : List.of("open/a", "closed/b")) {
            s3.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromString(key));
        }
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private static String policy(String action, String resource) {
        return """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"%s","Resource":"%s"}]}""".formatted(action, resource);
    }

    private Clients user(String name, String policy) {
        iam.createUser(request -> request.userName(name));
        iam.putUserPolicy(request -> request.userName(name).policyName("p").policyDocument(policy));
        return signedIn(name);
    }

    private Clients signedIn(String name) {
        AccessKey key = iam.createAccessKey(request -> request.userName(name)).accessKey();
        Clients clients = new Clients(endpoint, key.accessKeyId(), key.secretAccessKey());
        open.add(clients);
        return clients;
    }

    private S3Client s3(Credentials session, String token) {
        S3Client client = S3Client.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsSessionCredentials.create(session.accessKeyId(), session.secretAccessKey(), token)))
                .build();
        open.add(client);
        return client;
    }

    private static AwsServiceException refused(Runnable call) {
        AwsServiceException refused = catchThrowableOfType(AwsServiceException.class, call::run);
        assertThat(refused).as("refused").isNotNull();
        return refused;
    }

    private static String code(Runnable call) {
        return refused(call).awsErrorDetails().errorCode();
    }

    private void get(S3Client s3, String key) {
        s3.getObjectAsBytes(request -> request.bucket(bucket).key(key));
    }

    @Test
    void aUserWithOnePrefixReadsThereAndNothingElseAnywhere() {
        Clients bob = user("bob", policy("s3:GetObject", "arn:aws:s3:::" + bucket + "/open/*"));
        S3Client s3 = bob.s3();
        get(s3, "open/a");
        AwsServiceException closed = refused(() -> get(s3, "closed/b"));
        assertThat(closed.statusCode()).isEqualTo(403);
        assertThat(closed.awsErrorDetails().errorCode()).isEqualTo("AccessDenied");
        assertThat(closed.awsErrorDetails().errorMessage())
                .isEqualTo("User: arn:aws:iam::" + account
                        + ":user/bob is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::" + bucket
                        + "/closed/b\" because no identity-based policy allows the s3:GetObject action");
        assertThat(code(() -> s3.listObjectsV2(request -> request.bucket(bucket))))
                .isEqualTo("AccessDenied");
        assertThat(code(() -> s3.putObject(request -> request.bucket(bucket).key("open/x"), RequestBody.empty())))
                .isEqualTo("AccessDenied");
        assertThat(code(() -> bob.lambda().listFunctions())).isEqualTo("AccessDeniedException");
        assertThat(code(() -> bob.logs().describeLogGroups())).isEqualTo("AccessDeniedException");
        assertThat(code(() -> bob.iam().listUsers())).isEqualTo("AccessDenied");
        assertThat(bob.sts().getCallerIdentity().arn()).isEqualTo("arn:aws:iam::" + account + ":user/bob");
    }

    @Test
    void aBatchDeleteAnswersForEachKey() {
        Clients bob = user("bob", policy("s3:DeleteObject", "arn:aws:s3:::" + bucket + "/open/*"));
        var answer = bob.s3()
                .deleteObjects(request -> request.bucket(bucket)
                        .delete(delete -> delete.objects(key -> key.key("open/a"), key -> key.key("closed/b"))));
        assertThat(answer.deleted()).extracting(deleted -> deleted.key()).containsExactly("open/a");
        assertThat(answer.errors())
                .extracting(error -> error.key() + " " + error.code())
                .containsExactly("closed/b AccessDenied");
        get(root.s3(), "closed/b");
    }

    @Test
    void anAssumedRoleIsNarrowedByASessionPolicyAndItsTokenCannotBeForged() {
        String arn = iam.createRole(
                        request -> request.roleName("reader").assumeRolePolicyDocument("""
                                {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
                                 "Principal":{"AWS":"arn:aws:iam::%s:root"}}}""".formatted(account)))
                .role()
                .arn();
        iam.attachRolePolicy(
                request -> request.roleName("reader").policyArn("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"));
        StsClient sts = root.sts();
        Credentials wide = sts.assumeRole(request -> request.roleArn(arn).roleSessionName("session"))
                .credentials();
        get(s3(wide, wide.sessionToken()), "closed/b");
        Credentials narrow = sts.assumeRole(request -> request.roleArn(arn)
                        .roleSessionName("session")
                        .policy(policy("s3:GetObject", "arn:aws:s3:::" + bucket + "/open/*")))
                .credentials();
        get(s3(narrow, narrow.sessionToken()), "open/a");
        AwsServiceException refused = refused(() -> get(s3(narrow, narrow.sessionToken()), "closed/b"));
        assertThat(refused.awsErrorDetails().errorMessage())
                .endsWith("because no session policy allows the s3:GetObject action");
        assertThat(code(() -> get(s3(wide, narrow.sessionToken()), "closed/b"))).isEqualTo("InvalidToken");
        assertThat(code(() -> get(s3(wide, "AAAA" + wide.sessionToken().substring(4)), "closed/b")))
                .isEqualTo("InvalidToken");
    }

    @Test
    void accessAcrossAccountsNeedsBothSides() {
        String other = Accounts.fresh();
        Clients theirs = new Clients(endpoint, other, "test");
        open.add(theirs);
        User ann = theirs.iam().createUser(request -> request.userName("ann")).user();
        AccessKey key =
                theirs.iam().createAccessKey(request -> request.userName("ann")).accessKey();
        Clients annsClients = new Clients(endpoint, key.accessKeyId(), key.secretAccessKey());
        open.add(annsClients);
        S3Client s3 = annsClients.s3();
        assertThat(code(() -> get(s3, "open/a"))).isEqualTo("AccessDenied");
        root.s3().putBucketPolicy(request -> request.bucket(bucket).policy("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"%s"},
                         "Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/open/*"}]}""".formatted(ann.arn(), bucket)));
        assertThat(code(() -> get(s3, "open/a"))).isEqualTo("AccessDenied");
        theirs.iam()
                .putUserPolicy(
                        request -> request.userName("ann").policyName("p").policyDocument(policy("s3:GetObject", "*")));
        get(s3, "open/a");
        assertThat(code(() -> get(s3, "closed/b"))).isEqualTo("AccessDenied");
    }

    @Test
    void theAnonymousGetWhatABucketPolicyGivesEveryone() throws Exception {
        HttpRequest ask = HttpRequest.newBuilder(URI.create(endpoint + "/" + bucket + "/open/a"))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> before = http.send(ask, HttpResponse.BodyHandlers.ofString());
            assertThat(before.statusCode()).isEqualTo(403);
            assertThat(before.body()).contains("<Code>AccessDenied</Code>", "<Message>Access Denied</Message>");
            root.s3().deletePublicAccessBlock(request -> request.bucket(bucket));
            root.s3().putBucketPolicy(request -> request.bucket(bucket).policy("""
                            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
                             "Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/open/*"}]}""".formatted(bucket)));
            HttpResponse<String> after = http.send(ask, HttpResponse.BodyHandlers.ofString());
            assertThat(after.statusCode()).isEqualTo(200);
            assertThat(after.body()).isEqualTo("open/a");
        }
    }

    @Test
    void creatingAFunctionTakesPassRole() {
        String role = iam.createRole(request -> request.roleName("exec").assumeRolePolicyDocument("""
                                {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
                                 "Principal":{"Service":"lambda.amazonaws.com"}}}"""))
                .role()
                .arn();
        Clients bob = user("bob", policy("lambda:*", "*"));
        Runnable create = () -> bob.lambda()
                .createFunction(request -> request.functionName("f")
                        .runtime("python3.12")
                        .handler("f.handler")
                        .role(role)
                        .code(code -> code.zipFile(Zips.of("f.py", "def handler(event, context):\n    return 1\n"))));
        AwsServiceException refused = refused(create);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("AccessDeniedException");
        assertThat(refused.awsErrorDetails().errorMessage())
                .isEqualTo("User: arn:aws:iam::" + account
                        + ":user/bob is not authorized to perform: iam:PassRole on resource: " + role
                        + " because no identity-based policy allows the iam:PassRole action");
        iam.putUserPolicy(
                request -> request.userName("bob").policyName("pass").policyDocument(policy("iam:PassRole", role)));
        create.run();
    }

    @Test
    void anInactiveOrDeletedKeyOpensNothing() {
        iam.createUser(request -> request.userName("bob"));
        AccessKey key = iam.createAccessKey(request -> request.userName("bob")).accessKey();
        Clients bob = new Clients(endpoint, key.accessKeyId(), key.secretAccessKey());
        open.add(bob);
        bob.sts().getCallerIdentity();
        iam.updateAccessKey(request ->
                request.userName("bob").accessKeyId(key.accessKeyId()).status(StatusType.INACTIVE));
        assertThat(code(() -> bob.sts().getCallerIdentity())).isEqualTo("InvalidClientTokenId");
        iam.deleteAccessKey(request -> request.userName("bob").accessKeyId(key.accessKeyId()));
        assertThat(code(() -> bob.sts().getCallerIdentity())).isEqualTo("InvalidClientTokenId");
    }

    @Test
    void malformedPoliciesNameTheirFault() {
        AwsServiceException refused = refused(() -> iam.createPolicy(
                request -> request.policyName("p").policyDocument("{\"Statement\":[{\"Effect\":\"Allow\"}]}")));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("MalformedPolicyDocument");
        assertThat(refused.awsErrorDetails().errorMessage()).isEqualTo("Policy statement must contain actions.");
    }

    @Test
    void listsPageThroughTheSdksPaginators() {
        for (int i = 0; i < 5; i++) {
            String name = "user" + i;
            iam.createUser(request -> request.userName(name));
        }
        assertThat(iam.listUsersPaginator(request -> request.maxItems(2)).users())
                .extracting(User::userName)
                .containsExactly("user0", "user1", "user2", "user3", "user4");
    }
}
