package dev.haneul.services.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.LambdaApi;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.secretsmanager.CreateSecretRequest;
import dev.haneul.api.secretsmanager.DeleteSecretRequest;
import dev.haneul.api.secretsmanager.DescribeSecretRequest;
import dev.haneul.api.secretsmanager.GetSecretValueRequest;
import dev.haneul.api.secretsmanager.PutSecretValueRequest;
import dev.haneul.api.secretsmanager.RotateSecretRequest;
import dev.haneul.api.secretsmanager.RotationRulesType;
import dev.haneul.api.secretsmanager.SecretsManagerClient;
import dev.haneul.api.secretsmanager.UpdateSecretVersionStageRequest;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.kms.KmsService;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RotationTest {
    private static final String ACCOUNT = "111122223333";
    private static final String FUNCTION = "arn:aws:lambda:us-east-1:" + ACCOUNT + ":function:rotate";

    private final DataFolder folder = DataFolder.temporary();
    private final SqliteStore store = SqliteStore.open(folder);
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-03-04T05:06:07Z"));
    private final ReconcileDriver driver = new ReconcileDriver(store.feed(), clock, new Random(1));
    private final Dispatcher dispatcher =
            new Dispatcher((operation, input, call) -> {}, (operation, input, output, call, fault) -> {});
    private final SecretsManagerClient secrets = new SecretsManagerClient(dispatcher);
    private final List<String> steps = new CopyOnWriteArrayList<>();
    private final List<Principal> callers = new CopyOnWriteArrayList<>();
    private volatile boolean failing;

    /** A rotation function: makes a value, and moves the current stage to it at the end. */
    private final class Rotator implements LambdaApi {
        @Override
        public InvocationResponse invoke_(InvocationRequest in, Call call) {
            if (in.invocationType().equals("DryRun")) {
                return new InvocationResponse().statusCode(204);
            }
            callers.add(call.principal());
            String event = new String(in.payload(), StandardCharsets.UTF_8);
            String step = member(event, "Step");
            if (failing && step.equals("testSecret")) {
                return new InvocationResponse().statusCode(200).functionError("Unhandled");
            }
            steps.add(step);
            String token = member(event, "ClientRequestToken");
            String arn = member(event, "SecretId");
            if (step.equals("createSecret")) {
                secrets.putSecretValue(
                        new PutSecretValueRequest()
                                .secretId(arn)
                                .clientRequestToken(token)
                                .secretString("new " + token)
                                .versionStages(List.of("AWSPENDING")),
                        call());
            } else if (step.equals("finishSecret")) {
                String current = version("AWSCURRENT");
                secrets.updateSecretVersionStage(
                        new UpdateSecretVersionStageRequest()
                                .secretId(arn)
                                .versionStage("AWSCURRENT")
                                .moveToVersionId(token)
                                .removeFromVersionId(current),
                        call());
            }
            return new InvocationResponse().statusCode(200);
        }
    }

    private static String member(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        assertThat(found.find()).as(json).isTrue();
        return found.group(1);
    }

    @BeforeEach
    void open() {
        KmsService kms = new KmsService(store, clock, folder.key(), (operation, input, call) -> {});
        SecretsManagerService service = new SecretsManagerService(
                store, clock, dispatcher, (call, action, resource, context) -> {}, folder.key());
        dispatcher.add(kms);
        dispatcher.add(new Rotator());
        dispatcher.add(service);
        kms.join(driver);
        service.join(driver);
        driver.start();
        secrets.createSecret(new CreateSecretRequest().name("s").secretString("old"), call());
    }

    @AfterEach
    void close() {
        driver.close();
        store.close();
        folder.close();
    }

    private static Call call() {
        return new Call(
                Principal.root(ACCOUNT, "test"),
                ACCOUNT,
                "us-east-1",
                "r-1",
                Instant.MAX,
                new Call.Origin("127.0.0.1", "test", false, "http://localhost", Map.of()));
    }

    private String value() {
        return secrets.getSecretValue(new GetSecretValueRequest().secretId("s"), call())
                .secretString();
    }

    private Map<String, List<String>> stages() {
        return secrets.describeSecret(new DescribeSecretRequest().secretId("s"), call())
                .versionIdsToStages();
    }

    private String version(String stage) {
        return stages().entrySet().stream()
                .filter(each -> each.getValue().contains(stage))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    private void settle() {
        assertThat(driver.awaitIdle(Duration.ofSeconds(10))).isTrue();
    }

    private void rotate() {
        secrets.rotateSecret(
                new RotateSecretRequest()
                        .secretId("s")
                        .rotationLambdaARN(FUNCTION)
                        .rotationRules(new RotationRulesType().automaticallyAfterDays(10L)),
                call());
        settle();
    }

    @Test
    void fourStepsAsSecretsManagerMakeTheNewValueCurrent() {
        rotate();
        assertThat(steps).containsExactly("createSecret", "setSecret", "testSecret", "finishSecret");
        assertThat(callers).allSatisfy(each -> {
            assertThat(each.arn()).isEqualTo("secretsmanager.amazonaws.com");
            assertThat(each.attributes()).containsEntry("aws:SourceAccount", ACCOUNT);
        });
        assertThat(value()).startsWith("new ");
        assertThat(new ArrayList<>(stages().values()))
                .containsExactlyInAnyOrder(List.of("AWSCURRENT"), List.of("AWSPREVIOUS"));
    }

    @Test
    void theNextRotationComesWhenItIsDue() {
        rotate();
        String first = value();
        clock.advance(Duration.ofDays(9));
        settle();
        assertThat(value()).isEqualTo(first);
        clock.advance(Duration.ofDays(2));
        settle();
        assertThat(value()).startsWith("new ").isNotEqualTo(first);
        assertThat(steps).hasSize(8);
    }

    @Test
    void aStepThatFailsIsTriedAgainAndLeavesTheCurrentValueAlone() {
        failing = true;
        rotate();
        clock.advance(Duration.ofSeconds(3));
        settle();
        assertThat(value()).isEqualTo("old");
        assertThat(version("AWSPENDING")).isNotEmpty();
        failing = false;
        clock.advance(Duration.ofMinutes(2));
        settle();
        assertThat(value()).startsWith("new ");
        assertThat(steps).containsExactly("createSecret", "setSecret", "testSecret", "finishSecret");
    }

    @Test
    void aSecretGoesWithItsWindow() {
        secrets.deleteSecret(new DeleteSecretRequest().secretId("s").recoveryWindowInDays(7L), call());
        clock.advance(Duration.ofDays(8));
        settle();
        assertThat(store.<Boolean>read(
                        tx -> tx.range(SecretTables.SECRETS, new Scope(ACCOUNT, "us-east-1"), "", null, 10)
                                .isEmpty()))
                .isTrue();
    }
}
