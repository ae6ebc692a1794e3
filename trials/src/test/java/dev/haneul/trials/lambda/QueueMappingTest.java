package dev.haneul.trials.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.CreateEventSourceMappingRequest;
import software.amazon.awssdk.services.lambda.model.FunctionResponseType;
import software.amazon.awssdk.services.lambda.model.InvalidParameterValueException;
import software.amazon.awssdk.services.lambda.model.ResourceConflictException;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Queues as sources of functions: the function writes what it got to another queue. */
@ExtendWith(SharedRegion.class)
class QueueMappingTest {
    private static final String TRUST = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private static final String WORKER = """
            def handler(event, context):
                for record in event['Records']:
                    print('got', record['body'], record['eventSource'], record['eventSourceARN'])
                print('batch of', len(event['Records']))
                failed = [r['messageId'] for r in event['Records'] if r['body'].startswith('bad')]
                return {'batchItemFailures': [{'itemIdentifier': i} for i in failed]}
            """;

    private final Clients root;
    private final LambdaClient lambda;
    private final SqsClient sqs;
    private String role = "";

    QueueMappingTest(URI endpoint) {
        this.root = new Clients(endpoint, Accounts.fresh(), "test");
        this.lambda = root.lambda();
        this.sqs = root.sqs();
    }

    @BeforeEach
    void makeARole() {
        role = root.iam()
                .createRole(request -> request.roleName("runner").assumeRolePolicyDocument(TRUST))
                .role()
                .arn();
        lambda.createFunction(request -> request.functionName("worker")
                .runtime(HostRuntimes.python())
                .handler("app.handler")
                .role(role)
                .timeout(5)
                .code(source -> source.zipFile(Zips.of("app.py", WORKER))));
    }

    private void permit() {
        root.iam()
                .attachRolePolicy(request -> request.roleName("runner")
                        .policyArn("arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"));
    }

    @AfterEach
    void close() throws Exception {
        lambda.listEventSourceMappings(request -> {}).eventSourceMappings().forEach(mapping -> {
            await(() -> List.of("Enabled", "Disabled")
                    .contains(lambda.getEventSourceMapping(request -> request.uuid(mapping.uuid()))
                            .state()));
            lambda.deleteEventSourceMapping(request -> request.uuid(mapping.uuid()));
        });
        lambda.deleteFunction(request -> request.functionName("worker"));
        root.close();
    }

    private record Queue(String url, String arn) {}

    private Queue queue(String name, Map<QueueAttributeName, String> attributes) {
        String url = sqs.createQueue(request -> request.queueName(name).attributes(attributes))
                .queueUrl();
        String arn = sqs.getQueueAttributes(
                        request -> request.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN))
                .attributes()
                .get(QueueAttributeName.QUEUE_ARN);
        return new Queue(url, arn);
    }

    private String map(Queue queue, java.util.function.Consumer<CreateEventSourceMappingRequest.Builder> change) {
        var made = lambda.createEventSourceMapping(request -> {
            request.functionName("worker").eventSourceArn(queue.arn);
            change.accept(request);
        });
        assertThat(made.state()).isEqualTo("Creating");
        await(() -> state(made.uuid()).equals("Enabled"));
        return made.uuid();
    }

    private String state(String uuid) {
        return lambda.getEventSourceMapping(request -> request.uuid(uuid)).state();
    }

    private void send(Queue queue, String body) {
        sqs.sendMessage(request -> request.queueUrl(queue.url).messageBody(body));
    }

    private List<String> log() {
        try {
            return root.logs().filterLogEvents(request -> request.logGroupName("/aws/lambda/worker")).events().stream()
                    .map(event -> event.message().strip())
                    .toList();
        } catch (software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException none) {
            return List.of();
        }
    }

    private long count(Supplier<List<String>> lines, String text) {
        return lines.get().stream().filter(line -> line.startsWith(text)).count();
    }

    private boolean empty(Queue queue) {
        Map<QueueAttributeName, String> numbers = sqs.getQueueAttributes(request -> request.queueUrl(queue.url)
                        .attributeNames(
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                .attributes();
        return numbers.values().stream().allMatch("0"::equals);
    }

    private static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("did not come");
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void messagesReachTheFunctionAndAreDoneWith() {
        permit();
        Queue queue = queue("work", Map.of());
        for (int i = 0; i < 12; i++) {
            send(queue, "m" + i);
        }
        String uuid = map(queue, request -> {});
        await(() -> count(this::log, "got m") >= 12);
        await(() -> empty(queue));
        assertThat(log()).anyMatch(line -> line.equals("got m3 aws:sqs " + queue.arn));

        lambda.updateEventSourceMapping(request -> request.uuid(uuid).enabled(false));
        await(() -> state(uuid).equals("Disabled"));
        send(queue, "later");
        assertThat(empty(queue)).isFalse();
        lambda.updateEventSourceMapping(request -> request.uuid(uuid).enabled(true));
        await(() -> count(this::log, "got later") == 1);

        lambda.deleteEventSourceMapping(request -> request.uuid(uuid));
        await(() -> lambda.listEventSourceMappings(request -> request.functionName("worker"))
                .eventSourceMappings()
                .isEmpty());
        assertThatThrownBy(() -> lambda.getEventSourceMapping(request -> request.uuid(uuid)))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void whatFailedComesAgainAndOnlyThat() {
        permit();
        Queue dead = queue("dead", Map.of());
        Queue queue = queue(
                "partial",
                Map.of(
                        QueueAttributeName.VISIBILITY_TIMEOUT,
                        "5",
                        QueueAttributeName.REDRIVE_POLICY,
                        "{\"deadLetterTargetArn\":\"" + dead.arn + "\",\"maxReceiveCount\":\"1\"}"));
        send(queue, "good");
        send(queue, "bad one");
        map(
                queue,
                request -> request.functionResponseTypes(FunctionResponseType.REPORT_BATCH_ITEM_FAILURES)
                        .maximumBatchingWindowInSeconds(1));
        await(() -> !sqs.receiveMessage(request -> request.queueUrl(dead.url).visibilityTimeout(0))
                .messages()
                .isEmpty());
        assertThat(sqs.receiveMessage(request -> request.queueUrl(dead.url)).messages())
                .extracting(software.amazon.awssdk.services.sqs.model.Message::body)
                .containsExactly("bad one");
        assertThat(log()).contains("batch of 2");
    }

    @Test
    void filtersPassOverAndFirstInFirstOutKeepsItsOrder() {
        permit();
        Queue queue = queue(
                "orders.fifo",
                Map.of(QueueAttributeName.FIFO_QUEUE, "true", QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true"));
        for (int i = 0; i < 15; i++) {
            String body = "{\"kind\":\"" + (i % 3 == 0 ? "x" : "y") + "\",\"n\":" + i + "}";
            sqs.sendMessage(
                    request -> request.queueUrl(queue.url).messageBody(body).messageGroupId("g"));
        }
        map(
                queue,
                request -> request.filterCriteria(
                                criteria -> criteria.filters(filter -> filter.pattern("{\"body\":{\"kind\":[\"x\"]}}")))
                        .scalingConfig(scaling -> scaling.maximumConcurrency(2)));
        await(() -> empty(queue) && count(this::log, "got") >= 5);
        assertThat(log().stream()
                        .filter(line -> line.startsWith("got"))
                        .map(line -> line.replaceAll(".*\"n\":(\\d+).*", "$1")))
                .containsExactly("0", "3", "6", "9", "12");
    }

    @Test
    void whatCannotWorkIsRefused() {
        Queue queue = queue("refused", Map.of());
        assertThatThrownBy(() -> map(queue, request -> {}))
                .isInstanceOf(InvalidParameterValueException.class)
                .hasMessageContaining(
                        "The provided execution role does not have permissions to call ReceiveMessage on SQS");
        permit();
        Queue hasty = queue("hasty", Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "1"));
        assertThatThrownBy(() -> map(hasty, request -> {}))
                .hasMessageContaining("Queue visibility timeout: 1 seconds is less than Function timeout: 5 seconds");
        assertThatThrownBy(() -> map(queue, request -> request.batchSize(100)))
                .hasMessageContaining("Maximum batch window in seconds must be greater than 0");
        assertThatThrownBy(() -> map(
                        queue,
                        request -> request.filterCriteria(
                                criteria -> criteria.filters(filter -> filter.pattern("{\"body\":\"x\"}")))))
                .hasMessageContaining("Invalid filter pattern definition");
        Queue gone = new Queue("", queue.arn.replace("refused", "nowhere"));
        assertThatThrownBy(() -> map(gone, request -> {}))
                .hasMessageContaining("Error occurred while ReceiveMessage. SQS Error Code:");
        map(queue, request -> {});
        assertThatThrownBy(() -> map(queue, request -> {})).isInstanceOf(ResourceConflictException.class);
    }
}
