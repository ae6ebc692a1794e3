package dev.haneul.trials.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

/** Secrets in several regions, across accounts, and rotated by a real function. */
@ExtendWith(SharedRegion.class)
class SecretsReachTest {
    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final SecretsManagerClient secrets;

    SecretsReachTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.secrets = root.secretsManager();
    }

    @AfterEach
    void close() throws Exception {
        root.close();
    }

    private static String value(SecretsManagerClient of, String id) {
        return of.getSecretValue(request -> request.secretId(id)).secretString();
    }

    @Test
    void aReplicaHasItsPrimarysValuesUntilItStandsAlone() {
        SecretsManagerClient europe = root.secretsManager("eu-west-1");
        String arn = secrets.createSecret(request ->
                        request.name("r").secretString("one").addReplicaRegions(each -> each.region("eu-west-1")))
                .arn();
        assertThat(value(europe, "r")).isEqualTo("one");
        assertThat(europe.describeSecret(request -> request.secretId("r")).arn())
                .isEqualTo(arn.replace("us-east-1", "eu-west-1"));
        secrets.putSecretValue(request -> request.secretId("r").secretString("two"));
        assertThat(value(europe, "r")).isEqualTo("two");
        assertThatThrownBy(() ->
                        europe.putSecretValue(request -> request.secretId("r").secretString("three")))
                .isInstanceOf(SecretsManagerException.class)
                .hasMessageContaining("replica");
        europe.stopReplicationToReplica(request -> request.secretId("r"));
        europe.putSecretValue(request -> request.secretId("r").secretString("three"));
        assertThat(value(europe, "r")).isEqualTo("three");
        assertThat(value(secrets, "r")).isEqualTo("two");
        assertThat(secrets.describeSecret(request -> request.secretId("r")).replicationStatus())
                .isEmpty();
    }

    @Test
    void anUpdateChangesValueDescriptionAndKey() {
        secrets.createSecret(request -> request.name("u").secretString("one"));
        String key = root.kms().createKey().keyMetadata().keyId();
        String version = secrets.updateSecret(request -> request.secretId("u")
                        .description("of much use")
                        .kmsKeyId(key)
                        .secretString("two"))
                .versionId();
        var told = secrets.describeSecret(request -> request.secretId("u"));
        assertThat(told.description()).isEqualTo("of much use");
        assertThat(told.kmsKeyId()).isEqualTo(key);
        assertThat(told.versionIdsToStages()).containsKey(version).hasSize(2);
        assertThat(value(secrets, "u")).isEqualTo("two");
        root.kms().disableKey(request -> request.keyId(key));
        assertThatThrownBy(() -> value(secrets, "u")).isInstanceOf(SecretsManagerException.class);
    }

    @Test
    void anotherAccountNeedsTheSecretsPolicyAndTheKeys() throws Exception {
        String other = Accounts.fresh();
        String key = root.kms().createKey().keyMetadata().keyId();
        String arn = secrets.createSecret(
                        request -> request.name("x").secretString("hush").kmsKeyId(key))
                .arn();
        try (Clients theirs = new Clients(endpoint, other, "test")) {
            SecretsManagerClient away = theirs.secretsManager();
            assertThatThrownBy(() -> value(away, arn)).hasMessageContaining("not authorized");
            secrets.putResourcePolicy(request -> request.secretId(arn)
                    .resourcePolicy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
                            + "{\"AWS\":\"" + other + "\"},\"Action\":\"secretsmanager:GetSecretValue\","
                            + "\"Resource\":\"*\"}]}"));
            assertThatThrownBy(() -> value(away, arn)).isInstanceOf(SecretsManagerException.class);
            root.kms()
                    .putKeyPolicy(request -> request.keyId(key)
                            .policy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
                                    + "{\"AWS\":[\"" + other + "\",\"" + account
                                    + "\"]},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}"));
            assertThat(value(away, arn)).isEqualTo("hush");
            assertThatThrownBy(() -> away.deleteSecret(request -> request.secretId(arn)))
                    .hasMessageContaining("not authorized");
        }
    }

    @Test
    void aPythonFunctionRotatesIt() throws Exception {
        String role = root.iam()
                .createRole(
                        request -> request.roleName("rotator")
                                .assumeRolePolicyDocument(
                                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                                                + "\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"))
                .role()
                .arn();
        root.iam()
                .putRolePolicy(request -> request.roleName("rotator")
                        .policyName("p")
                        .policyDocument("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"
                                + "[\"secretsmanager:*\",\"logs:*\"],\"Resource\":\"*\"}]}"));
        LambdaClient lambda = root.lambda();
        String function = lambda.createFunction(request -> request.functionName("rotate")
                        .runtime(HostRuntimes.python())
                        .handler("rotate.handler")
                        .role(role)
                        .timeout(30)
                        .code(code -> code.zipFile(Zips.of("rotate.py", ROTATE))))
                .functionArn();
        lambda.waiter().waitUntilFunctionActiveV2(request -> request.functionName("rotate"));
        lambda.addPermission(request -> request.functionName("rotate")
                .statementId("s")
                .action("lambda:InvokeFunction")
                .principal("secretsmanager.amazonaws.com"));
        secrets.createSecret(request -> request.name("rotated").secretString("old"));
        secrets.rotateSecret(request -> request.secretId("rotated")
                .rotationLambdaARN(function)
                .rotationRules(rules -> rules.automaticallyAfterDays(30L)));
        Instant end = Instant.now().plus(Duration.ofSeconds(60));
        while (!value(secrets, "rotated").equals("made by rotate")
                && Instant.now().isBefore(end)) {
            Thread.sleep(100);
        }
        assertThat(value(secrets, "rotated")).isEqualTo("made by rotate");
        assertThat(secrets.getSecretValue(request -> request.secretId("rotated").versionStage("AWSPREVIOUS"))
                        .secretString())
                .isEqualTo("old");
        var told = secrets.describeSecret(request -> request.secretId("rotated"));
        assertThat(told.rotationEnabled()).isTrue();
        assertThat(told.lastRotatedDate()).isNotNull();
    }

    /** The four steps, as AWS's templates take them; signed by hand, for a bare host has no boto3. */
    private static final String ROTATE = """
            import datetime, hashlib, hmac, json, os, urllib.request

            def call(action, body):
                data, env = json.dumps(body).encode(), os.environ
                now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
                url = env["AWS_ENDPOINT_URL"]
                headers = {"host": url.split("//")[1].rstrip("/"), "x-amz-date": now,
                           "x-amz-security-token": env["AWS_SESSION_TOKEN"],
                           "x-amz-target": "secretsmanager." + action}
                names = ";".join(sorted(headers))
                canonical = "\\n".join(["POST", "/", ""] + [n + ":" + headers[n] for n in sorted(headers)]
                                      + ["", names, hashlib.sha256(data).hexdigest()])
                scope = now[:8] + "/" + env["AWS_REGION"] + "/secretsmanager/aws4_request"
                text = "\\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
                key = ("AWS4" + env["AWS_SECRET_ACCESS_KEY"]).encode()
                for part in scope.split("/"):
                    key = hmac.new(key, part.encode(), hashlib.sha256).digest()
                signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
                headers["content-type"] = "application/x-amz-json-1.1"
                headers["authorization"] = ("AWS4-HMAC-SHA256 Credential=" + env["AWS_ACCESS_KEY_ID"] + "/" + scope
                                            + ", SignedHeaders=" + names + ", Signature=" + signature)
                return json.load(urllib.request.urlopen(urllib.request.Request(url, data, headers)))

            def handler(event, context):
                arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
                if step == "createSecret":
                    call("PutSecretValue", {"SecretId": arn, "ClientRequestToken": token,
                                            "SecretString": "made by rotate", "VersionStages": ["AWSPENDING"]})
                if step == "finishSecret":
                    stages = call("DescribeSecret", {"SecretId": arn})["VersionIdsToStages"]
                    current = next(id for id, names in stages.items() if "AWSCURRENT" in names)
                    call("UpdateSecretVersionStage", {"SecretId": arn, "VersionStage": "AWSCURRENT",
                                                      "MoveToVersionId": token, "RemoveFromVersionId": current})
            """;
}
