package dev.haneul.trials.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.FilterNameStringType;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.InvalidRequestException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceExistsException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

@ExtendWith(SharedRegion.class)
class SecretsTest {
    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final SecretsManagerClient secrets;

    SecretsTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.secrets = root.secretsManager();
    }

    @AfterEach
    void close() throws Exception {
        root.close();
    }

    private String create(String name, String value) {
        return secrets.createSecret(request -> request.name(name).secretString(value))
                .arn();
    }

    private GetSecretValueResponse get(String id) {
        return secrets.getSecretValue(request -> request.secretId(id));
    }

    @Test
    void aSecretIsFoundByNameArnAndPartOfIt() {
        String arn = create("db/one", "p1");
        assertThat(arn).matches("arn:aws:secretsmanager:us-east-1:" + account + ":secret:db/one-[A-Za-z0-9]{6}");
        assertThat(get("db/one").secretString()).isEqualTo("p1");
        assertThat(get(arn).secretString()).isEqualTo("p1");
        assertThat(get(arn.substring(0, arn.length() - 7)).secretString()).isEqualTo("p1");
        assertThatThrownBy(() -> get("db/two")).isInstanceOf(ResourceNotFoundException.class);
        assertThatThrownBy(() -> create("db/one", "other")).isInstanceOf(ResourceExistsException.class);
    }

    @Test
    void stagesMoveWithVersions() {
        create("s", "one");
        String token = UUID.randomUUID().toString();
        secrets.putSecretValue(
                request -> request.secretId("s").secretString("two").clientRequestToken(token));
        secrets.putSecretValue(
                request -> request.secretId("s").secretString("two").clientRequestToken(token));
        assertThatThrownBy(() -> secrets.putSecretValue(
                        request -> request.secretId("s").secretString("three").clientRequestToken(token)))
                .isInstanceOf(ResourceExistsException.class);
        assertThat(get("s").secretString()).isEqualTo("two");
        assertThat(secrets.getSecretValue(request -> request.secretId("s").versionStage("AWSPREVIOUS"))
                        .secretString())
                .isEqualTo("one");
        secrets.putSecretValue(request -> request.secretId("s")
                .secretBinary(SdkBytes.fromUtf8String("bin"))
                .versionStages("AWSPENDING"));
        assertThat(secrets.getSecretValue(request -> request.secretId("s").versionStage("AWSPENDING"))
                        .secretBinary()
                        .asUtf8String())
                .isEqualTo("bin");
        assertThat(secrets.describeSecret(request -> request.secretId("s")).versionIdsToStages())
                .containsEntry(token, List.of("AWSCURRENT"));
    }

    @Test
    void aDeletedSecretComesBackWithinItsWindow() {
        create("gone", "x");
        secrets.deleteSecret(request -> request.secretId("gone").recoveryWindowInDays(7L));
        assertThatThrownBy(() -> get("gone"))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("marked for deletion");
        assertThat(secrets.listSecrets().secretList()).isEmpty();
        secrets.restoreSecret(request -> request.secretId("gone"));
        assertThat(get("gone").secretString()).isEqualTo("x");
        secrets.deleteSecret(request -> request.secretId("gone").forceDeleteWithoutRecovery(true));
        assertThatThrownBy(() -> get("gone")).isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void listsFiltersBatchesAndReplicas() {
        create("app/a", "1");
        create("app/b", "2");
        create("other", "3");
        assertThat(secrets.listSecrets(request -> request.filters(
                                each -> each.key(FilterNameStringType.NAME).values("app/")))
                        .secretList())
                .extracting(each -> each.name())
                .containsExactly("app/a", "app/b");
        var batch = secrets.batchGetSecretValue(request -> request.secretIdList("app/a", "nope"));
        assertThat(batch.secretValues().getFirst().secretString()).isEqualTo("1");
        assertThat(batch.errors().getFirst().errorCode()).isEqualTo("ResourceNotFoundException");
        var replicated = secrets.replicateSecretToRegions(
                request -> request.secretId("app/a").addReplicaRegions(each -> each.region("eu-west-1")));
        assertThat(replicated.replicationStatus().getFirst().statusAsString()).isEqualTo("InSync");
        assertThatThrownBy(() -> secrets.deleteSecret(request -> request.secretId("app/a")))
                .hasMessageContaining("replica");
    }

    @Test
    void aResourcePolicyOpensAndItsKeyMustToo() throws Exception {
        String arn = create("shared", "hush");
        root.iam().createUser(request -> request.userName("amy"));
        AccessKey keys =
                root.iam().createAccessKey(request -> request.userName("amy")).accessKey();
        try (Clients amy = new Clients(endpoint, keys.accessKeyId(), keys.secretAccessKey())) {
            SecretsManagerClient hers = amy.secretsManager();
            assertThatThrownBy(() -> hers.getSecretValue(request -> request.secretId(arn)))
                    .isInstanceOf(SecretsManagerException.class)
                    .hasMessageContaining("not authorized to perform: secretsmanager:GetSecretValue");
            secrets.putResourcePolicy(request -> request.secretId("shared")
                    .resourcePolicy(
                            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
                                    + "\"arn:aws:iam::" + account
                                    + ":user/amy\"},\"Action\":\"secretsmanager:GetSecretValue\","
                                    + "\"Resource\":\"*\"}]}"));
            assertThat(hers.getSecretValue(request -> request.secretId(arn)).secretString())
                    .isEqualTo("hush");
        }
        assertThat(root.cloudTrail().lookupEvents().events())
                .allSatisfy(event -> assertThat(event.cloudTrailEvent()).doesNotContain("hush"));
    }

    @Test
    void passwordsHaveWhatIsAskedOfThem() {
        String password = secrets.getRandomPassword(request ->
                        request.passwordLength(40L).excludePunctuation(true).excludeCharacters("aeiou"))
                .randomPassword();
        assertThat(password).hasSize(40).matches("[A-Zb-z0-9]+").doesNotContain("a", "e", "i", "o", "u");
        assertThat(password).containsPattern("[A-Z]").containsPattern("[a-z]").containsPattern("[0-9]");
    }

    @Test
    void rotationNeedsAFunctionThatLetsItselfBeCalled() {
        String arn = create("rotated", "old");
        assertThatThrownBy(() -> secrets.rotateSecret(request -> request.secretId(arn)
                        .rotationLambdaARN("arn:aws:lambda:us-east-1:" + account + ":function:none")))
                .isInstanceOf(SecretsManagerException.class)
                .hasMessageContaining("cannot invoke the specified Lambda function");
        assertThat(get(arn).secretString()).isEqualTo("old");
    }
}
