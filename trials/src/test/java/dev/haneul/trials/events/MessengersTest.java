package dev.haneul.trials.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.pipes.PipesClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.Event;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/** From one service to the next with nothing but their own APIs: buckets, topics, buses, pipes, functions, queues. */
@ExtendWith(SharedRegion.class)
class MessengersTest {
    private final String account = Accounts.fresh();
    private final URI endpoint;
    private Clients clients;
    private SqsClient sqs;
    private Roles roles;

    MessengersTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @BeforeEach
    void open() {
        clients = new Clients(endpoint, account, "test");
        sqs = clients.sqs();
        roles = new Roles(clients.iam());
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    /** A topic that S3 and EventBridge may publish to, raw into a queue; answers its ARN. */
    private String topic(String queue) {
        SnsClient sns = clients.sns();
        String arn = sns.createTopic(request -> request.name("t")).topicArn();
        sns.setTopicAttributes(request -> request.topicArn(arn)
                .attributeName("Policy")
                .attributeValue("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
                        + "{\"Service\":[\"s3.amazonaws.com\",\"events.amazonaws.com\"]},"
                        + "\"Action\":\"sns:Publish\",\"Resource\":\"" + arn + "\"}]}"));
        sns.subscribe(request -> request.topicArn(arn)
                .protocol("sqs")
                .endpoint(Queues.arn(account, queue))
                .attributes(java.util.Map.of("RawMessageDelivery", "true")));
        return arn;
    }

    @Test
    void aBucketTellsAQueueAndATopic() {
        S3Client s3 = clients.s3();
        String bucket = "tells-" + account;
        s3.createBucket(request -> request.bucket(bucket));
        String direct = Queues.make(sqs, "direct", "s3.amazonaws.com");
        String fanned = Queues.make(sqs, "fanned", "sns.amazonaws.com");
        String topic = topic("fanned");
        s3.putBucketNotificationConfiguration(request -> request.bucket(bucket)
                .notificationConfiguration(all -> all.queueConfigurations(queue ->
                                queue.queueArn(Queues.arn(account, "direct")).events(Event.S3_OBJECT_CREATED))
                        .topicConfigurations(each -> each.topicArn(topic).events(Event.S3_OBJECT_REMOVED))));
        for (String url : List.of(direct, fanned)) {
            assertThat(Queues.receive(sqs, url, 1))
                    .singleElement()
                    .satisfies(message -> assertThat(message.body())
                            .contains("\"Event\":\"s3:TestEvent\"", "\"Bucket\":\"" + bucket + "\""));
        }
        s3.putObject(request -> request.bucket(bucket).key("a b"), RequestBody.fromString("hello"));
        assertThat(Queues.receive(sqs, direct, 1))
                .singleElement()
                .satisfies(message -> assertThat(message.body())
                        .contains("\"eventName\":\"ObjectCreated:Put\"", "\"key\":\"a+b\"", "\"size\":5"));
        s3.deleteObject(request -> request.bucket(bucket).key("a b"));
        assertThat(Queues.receive(sqs, fanned, 1))
                .singleElement()
                .satisfies(message -> assertThat(message.body()).contains("\"eventName\":\"ObjectRemoved:Delete\""));
    }

    @Test
    void aBusTellsATopic() {
        String url = Queues.make(sqs, "fanned", "sns.amazonaws.com");
        EventBridgeClient events = clients.events();
        events.putRule(request -> request.name("r").eventPattern("{\"source\":[\"my.shop\"]}"));
        events.putTargets(request -> request.rule("r")
                .targets(Target.builder()
                        .id("t")
                        .arn(topic("fanned"))
                        .inputPath("$.detail")
                        .build()));
        events.putEvents(request -> request.entries(PutEventsRequestEntry.builder()
                .source("my.shop")
                .detailType("Order")
                .detail("{\"n\":1}")
                .build()));
        assertThat(Queues.receive(sqs, url, 1)).extracting(Message::body).containsExactly("{\"n\":1}");
    }

    private String function(String name, String code) {
        LambdaClient lambda = clients.lambda();
        String role = roles.make(name + "-role", "lambda.amazonaws.com", "logs:*");
        String arn = lambda.createFunction(request -> request.functionName(name)
                        .runtime(HostRuntimes.python())
                        .handler("f.handler")
                        .role(role)
                        .timeout(30)
                        .code(zip -> zip.zipFile(Zips.of("f.py", code))))
                .functionArn();
        lambda.waiter().waitUntilFunctionActiveV2(request -> request.functionName(name));
        return arn;
    }

    @Test
    void aPipeFiltersEnrichesAndDelivers() {
        String source = sqs.createQueue(request -> request.queueName("source")).queueUrl();
        String target = sqs.createQueue(request -> request.queueName("target")).queueUrl();
        String enrich = function("enrich", """
                import json

                def handler(events, context):
                    return [{"double": 2 * json.loads(event["body"])["n"]} for event in events]
                """);
        PipesClient pipes = clients.pipes();
        pipes.createPipe(request -> request.name("p")
                .source(Queues.arn(account, "source"))
                .sourceParameters(from -> from.filterCriteria(all ->
                                all.filters(each -> each.pattern("{\"body\":{\"n\":[{\"numeric\":[\">\",1]}]}}")))
                        .sqsQueueParameters(queue -> queue.batchSize(10).maximumBatchingWindowInSeconds(1)))
                .enrichment(enrich)
                .target(Queues.arn(account, "target"))
                .targetParameters(to -> to.inputTemplate("{\"got\": <$.double>}"))
                .roleArn(roles.make("pipe", "pipes.amazonaws.com", "*")));
        for (int n = 1; n <= 3; n++) {
            String body = "{\"n\":" + n + "}";
            sqs.sendMessage(request -> request.queueUrl(source).messageBody(body));
        }
        assertThat(Queues.receive(sqs, target, 2))
                .extracting(Message::body)
                .containsExactlyInAnyOrder("{\"got\": 4}", "{\"got\": 6}");
    }

    @Test
    void whatAFunctionNamesAsFailedComesBack() {
        String source = sqs.createQueue(request -> request.queueName("source")
                        .attributesWithStrings(java.util.Map.of(
                                "VisibilityTimeout",
                                "1",
                                "RedrivePolicy",
                                "{\"maxReceiveCount\":\"1\",\"deadLetterTargetArn\":\"" + dead() + "\"}")))
                .queueUrl();
        String take = function("take", """
                def handler(events, context):
                    bad = [event["messageId"] for event in events if event["body"] == "bad"]
                    return {"batchItemFailures": [{"itemIdentifier": id} for id in bad]}
                """);
        clients.pipes()
                .createPipe(request -> request.name("p")
                        .source(Queues.arn(account, "source"))
                        .target(take)
                        .roleArn(roles.make("pipe", "pipes.amazonaws.com", "*")));
        sqs.sendMessage(request -> request.queueUrl(source).messageBody("good"));
        sqs.sendMessage(request -> request.queueUrl(source).messageBody("bad"));
        String url = sqs.getQueueUrl(request -> request.queueName("dead")).queueUrl();
        assertThat(Queues.receive(sqs, url, 1)).extracting(Message::body).containsExactly("bad");
    }

    private String dead() {
        sqs.createQueue(request -> request.queueName("dead"));
        return Queues.arn(account, "dead");
    }
}
