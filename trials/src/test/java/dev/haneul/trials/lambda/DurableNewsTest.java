package dev.haneul.trials.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.cloudwatch.model.Datapoint;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** What EventBridge, CloudWatch and a dead-letter queue hear of durable executions. */
@ExtendWith(SharedRegion.class)
class DurableNewsTest {
    /** Speaks the protocol of durable functions itself: its input is its answer. */
    private static final String CODE = """
            import json
            def handler(event, context):
                return json.loads(event['InitialExecutionState']['Operations'][0]['ExecutionDetails']['InputPayload'])
            """;

    private static final String SORRY = "{\"Status\":\"FAILED\",\"Error\":{\"ErrorMessage\":\"sorry\"}}";

    private final Clients root;

    DurableNewsTest(URI endpoint) {
        root = new Clients(endpoint, Accounts.fresh(), "test");
    }

    @AfterEach
    void close() throws Exception {
        root.lambda().deleteFunction(request -> request.functionName("orders"));
        root.close();
    }

    private String queue(String name) {
        return root.sqs().createQueue(request -> request.queueName(name)).queueUrl();
    }

    private String arn(String queue) {
        return root.sqs()
                .getQueueAttributes(request -> request.queueUrl(queue).attributeNames(QueueAttributeName.QUEUE_ARN))
                .attributes()
                .get(QueueAttributeName.QUEUE_ARN);
    }

    /** So many messages, or those that came in time. */
    private List<Message> messages(String queue, int wanted) {
        List<Message> found = new ArrayList<>();
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (found.size() < wanted && System.nanoTime() < deadline) {
            found.addAll(root.sqs()
                    .receiveMessage(request -> request.queueUrl(queue)
                            .waitTimeSeconds(2)
                            .messageAttributeNames("All")
                            .maxNumberOfMessages(10))
                    .messages());
        }
        return found;
    }

    private void deploy(String dead) {
        String role = root.iam()
                .createRole(request -> request.roleName("durable").assumeRolePolicyDocument("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                        "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"""))
                .role()
                .arn();
        root.iam()
                .putRolePolicy(request ->
                        request.roleName("durable").policyName("dead").policyDocument("""
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}"""));
        root.lambda()
                .createFunction(request -> request.functionName("orders")
                        .runtime(HostRuntimes.python())
                        .handler("app.handler")
                        .role(role)
                        .timeout(20)
                        .deadLetterConfig(config -> config.targetArn(dead))
                        .durableConfig(config -> config.executionTimeout(300))
                        .code(source -> source.zipFile(Zips.of("app.py", CODE))));
    }

    private void hear(String queue) {
        String url = queue;
        root.sqs()
                .setQueueAttributes(
                        request -> request.queueUrl(url).attributes(Map.of(QueueAttributeName.POLICY, """
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},
                        "Action":"sqs:SendMessage","Resource":"*"}]}""")));
        root.events().putRule(request -> request.name("failed").eventPattern("""
                {"source":["aws.lambda"],"detail-type":["Durable Execution Status Change"],
                "detail":{"status":["FAILED","RUNNING"]}}"""));
        root.events()
                .putTargets(request ->
                        request.rule("failed").targets(target -> target.id("q").arn(arn(url))));
    }

    @Test
    void aFailureIsHeardOfByAllWhoAsked() throws Exception {
        String dead = queue("dead");
        String heard = queue("heard");
        deploy(arn(dead));
        hear(heard);
        root.lambda()
                .invoke(request -> request.functionName("orders")
                        .qualifier("$LATEST")
                        .invocationType(InvocationType.EVENT)
                        .durableExecutionName("order-1")
                        .payload(SdkBytes.fromUtf8String(SORRY)));
        assertThat(messages(dead, 1)).singleElement().satisfies(letter -> {
            assertThat(letter.body()).isEqualTo(SORRY);
            assertThat(letter.messageAttributes().get("ErrorMessage").stringValue())
                    .isEqualTo("sorry");
        });
        assertThat(messages(heard, 2).stream().map(Message::body))
                .hasSize(2)
                .allMatch(body -> body.contains("\"durableExecutionName\":\"order-1\""))
                .anyMatch(body -> body.contains("\"status\":\"RUNNING\"") && !body.contains("endTimestamp"))
                .anyMatch(body -> body.contains("\"status\":\"FAILED\"") && body.contains("endTimestamp"));
        for (String name : List.of("DurableExecutionStarted", "DurableExecutionFailed")) {
            assertThat(sum(name)).as(name).isEqualTo(1);
        }
    }

    private double sum(String name) throws Exception {
        double sum = 0;
        for (int i = 0; i < 150 && sum == 0; i++) {
            Thread.sleep(200);
            Instant now = Instant.now();
            sum = root
                    .cloudWatch()
                    .getMetricStatistics(request -> request.namespace("AWS/Lambda")
                            .metricName(name)
                            .dimensions(
                                    dimension -> dimension.name("FunctionName").value("orders"))
                            .startTime(now.minus(Duration.ofHours(1)))
                            .endTime(now.plus(Duration.ofHours(1)))
                            .period(3600)
                            .statistics(Statistic.SUM))
                    .datapoints()
                    .stream()
                    .mapToDouble(Datapoint::sum)
                    .sum();
        }
        return sum;
    }
}
