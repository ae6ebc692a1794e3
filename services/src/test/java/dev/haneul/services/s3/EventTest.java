package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.ACCOUNT;
import static dev.haneul.services.s3.S3Fixture.BUCKET;
import static dev.haneul.services.s3.S3Fixture.fault;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.CopyObjectRequest;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.EventBridgeConfiguration;
import dev.haneul.api.s3.FilterRule;
import dev.haneul.api.s3.GetBucketNotificationConfigurationRequest;
import dev.haneul.api.s3.LambdaFunctionConfiguration;
import dev.haneul.api.s3.NotificationConfiguration;
import dev.haneul.api.s3.NotificationConfigurationFilter;
import dev.haneul.api.s3.PutBucketNotificationConfigurationRequest;
import dev.haneul.api.s3.PutObjectTaggingRequest;
import dev.haneul.api.s3.QueueConfiguration;
import dev.haneul.api.s3.RestoreObjectRequest;
import dev.haneul.api.s3.RestoreRequest;
import dev.haneul.api.s3.S3KeyFilter;
import dev.haneul.api.s3.Tagging;
import dev.haneul.api.s3.TopicConfiguration;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import dev.haneul.services.s3.S3Fixture.FakeLambda.Invocation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventTest {
    private static final String FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:resize";

    private static final Table<DeliveryQueue.Waiting> WAITING =
            Table.of("s3.parcel", RecordCodecs.of(DeliveryQueue.Waiting.class));

    @TempDir
    Path path;

    private S3Fixture s3;

    @BeforeEach
    void open() {
        s3 = S3Fixture.withBucket(path);
    }

    @AfterEach
    void close() {
        s3.close();
    }

    private static LambdaFunctionConfiguration function(String event) {
        return new LambdaFunctionConfiguration()
                .id("resize-it")
                .lambdaFunctionArn(FUNCTION)
                .events(List.of(event));
    }

    private static LambdaFunctionConfiguration jpegs(String event) {
        return function(event)
                .filter(new NotificationConfigurationFilter()
                        .key(new S3KeyFilter()
                                .filterRules(List.of(
                                        new FilterRule().name("Prefix").value("in/"),
                                        new FilterRule().name("Suffix").value(".jpg")))));
    }

    private void configure(NotificationConfiguration configuration) {
        s3.s3.putBucketNotificationConfiguration(
                new PutBucketNotificationConfigurationRequest().bucket(BUCKET).notificationConfiguration(configuration),
                s3.call());
    }

    private void configure(LambdaFunctionConfiguration... functions) {
        configure(new NotificationConfiguration().lambdaFunctionConfigurations(List.of(functions)));
    }

    private List<Invocation> delivered() {
        assertThat(s3.driver.awaitIdle(Duration.ofSeconds(30))).isTrue();
        return s3.lambda.events();
    }

    @Test
    void aConfigurationIsGivenBackAsItWasPut() {
        configure(jpegs("s3:ObjectCreated:*"));
        NotificationConfiguration got = s3.s3.getBucketNotificationConfiguration(
                new GetBucketNotificationConfigurationRequest().bucket(BUCKET), s3.call());
        assertThat(got)
                .isEqualTo(new NotificationConfiguration()
                        .lambdaFunctionConfigurations(List.of(jpegs("s3:ObjectCreated:*"))));
        Call asked = s3.lambda.checks.getFirst().call();
        assertThat(asked.principal().type()).isEqualTo(Principal.Type.SERVICE);
        assertThat(asked.principal().arn()).isEqualTo("s3.amazonaws.com");
        assertThat(asked.principal().attributes())
                .containsEntry("aws:SourceArn", "arn:aws:s3:::photos")
                .containsEntry("aws:SourceAccount", ACCOUNT);
        configure();
        assertThat(s3.s3.getBucketNotificationConfiguration(
                        new GetBucketNotificationConfigurationRequest().bucket(BUCKET), s3.call()))
                .isEqualTo(new NotificationConfiguration());
    }

    @Test
    void destinationsThatWillNotTakeEventsAreRefused() {
        s3.lambda.refusal = Fault.client("AccessDeniedException", 403, "no");
        Fault refused = fault(() -> configure(function("s3:ObjectCreated:*")));
        assertThat(refused.code()).isEqualTo("InvalidArgument");
        assertThat(refused.message()).isEqualTo("Unable to validate the following destination configurations");
        assertThat(refused.extras())
                .containsEntry("ArgumentName1", FUNCTION + ", null")
                .containsEntry("ArgumentValue1", "Not authorized to invoke function [" + FUNCTION + "]");
        s3.lambda.refusal = null;
        assertThat(fault(() -> configure(function("s3:ObjectCreated:*").lambdaFunctionArn("resize")))
                        .message())
                .isEqualTo("The ARN is not well formed");
        assertThat(fault(() -> configure(function("s3:ObjectCreated:*")
                                .lambdaFunctionArn(FUNCTION.replace("us-east", "eu-west"))))
                        .message())
                .contains("not valid for the bucket location constraint");
    }

    @Test
    void anEventTellsWhatHappenedToWhat() {
        configure(function("s3:ObjectCreated:*"));
        s3.start();
        s3.put("in/my photo+1.jpg", "123456789");
        Invocation event = delivered().getFirst();
        assertThat(event.request().functionName()).isEqualTo(FUNCTION);
        assertThat(event.request().invocationType()).isEqualTo("Event");
        assertThat(event.call().account()).isEqualTo(ACCOUNT);
        assertThat(event.payload())
                .startsWith("{\"Records\":[{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\","
                        + "\"awsRegion\":\"us-east-1\",\"eventTime\":\"2026-01-02T03:04:05.678Z\","
                        + "\"eventName\":\"ObjectCreated:Put\",\"userIdentity\":{\"principalId\":\"AWS:000000000000\"},"
                        + "\"requestParameters\":{\"sourceIPAddress\":\"127.0.0.1\"},"
                        + "\"responseElements\":{\"x-amz-request-id\":\"4442587FB7D0A2F9\",\"x-amz-id-2\":\"")
                .contains("\"s3\":{\"s3SchemaVersion\":\"1.0\",\"configurationId\":\"resize-it\","
                        + "\"bucket\":{\"name\":\"photos\",\"ownerIdentity\":{\"principalId\":\"A")
                .contains("\"arn\":\"arn:aws:s3:::photos\"},\"object\":{\"key\":\"in/my+photo%2B1.jpg\",\"size\":9,"
                        + "\"eTag\":\"25f9e794323b453885f5181f1b624d0b\",\"sequencer\":\"");
    }

    @Test
    void versionsMarkersAndRestoresAreToldOf() {
        s3.versioning("Enabled");
        configure(
                function("s3:ObjectCreated:*"),
                function("s3:ObjectRemoved:*").id("removed"),
                function("s3:ObjectRestore:*").id("restored"),
                function("s3:ObjectTagging:*").id("tagged"));
        s3.start();
        String version =
                s3.put("k", new byte[3], r -> r.storageClass("GLACIER")).versionId();
        s3.s3.putObjectTagging(
                new PutObjectTaggingRequest().bucket(BUCKET).key("k").tagging(new Tagging().tagSet(List.of())),
                s3.call());
        s3.s3.restoreObject(
                new RestoreObjectRequest().bucket(BUCKET).key("k").restoreRequest(new RestoreRequest().days(1)),
                s3.call());
        s3.clock.advance(Duration.ofHours(6));
        String marker = s3.s3.deleteObject(
                        new DeleteObjectRequest().bucket(BUCKET).key("k"), s3.call())
                .versionId();
        s3.s3.deleteObject(new DeleteObjectRequest().bucket(BUCKET).key("k").versionId(marker), s3.call());
        s3.clock.advance(Duration.ofDays(3));
        assertThat(delivered())
                .extracting(event -> field(event, "eventName") + " " + field(event, "versionId"))
                .containsExactly(
                        "ObjectCreated:Put " + version,
                        "ObjectTagging:Put " + version,
                        "ObjectRestore:Post " + version,
                        "ObjectRestore:Completed " + version,
                        "ObjectRemoved:DeleteMarkerCreated " + marker,
                        "ObjectRemoved:Delete " + marker,
                        "ObjectRestore:Delete " + version);
        assertThat(delivered().get(3).payload())
                .contains("\"glacierEventData\":{\"restoreEventData\":{\"lifecycleRestorationExpiryTime\":"
                        + "\"2026-01-04T00:00:00.000Z\",\"lifecycleRestoreStorageClass\":\"GLACIER\"}}");
    }

    @Test
    void queuesAndTopicsAreTestedAndThenTold() {
        String queue = "arn:aws:sqs:us-east-1:000000000000:q";
        String topic = "arn:aws:sns:us-east-1:000000000000:t";
        NotificationConfiguration both = new NotificationConfiguration()
                .queueConfigurations(List.of(
                        new QueueConfiguration().id("q").queueArn(queue).events(List.of("s3:ObjectCreated:Put"))))
                .topicConfigurations(List.of(
                        new TopicConfiguration().id("t").topicArn(topic).events(List.of("s3:ObjectRemoved:*"))));
        s3.lambda.refusal = Fault.client("AWS.SimpleQueueService.NonExistentQueue", 400, "no");
        assertThat(fault(() -> configure(both)).extras())
                .containsEntry("ArgumentName1", topic + ", null")
                .containsEntry("ArgumentValue1", "The destination topic does not exist")
                .containsEntry("ArgumentValue2", "The destination queue does not exist");
        s3.lambda.refusal = null;
        configure(both);
        assertThat(s3.lambda.messages.getLast())
                .startsWith(
                        "{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Time\":\"2026-01-02T03:04:05.678Z\","
                                + "\"Bucket\":\"photos\",\"RequestId\":");
        assertThat(s3.lambda.messages).hasSize(2);
        s3.start();
        s3.put("a", "1");
        s3.s3.deleteObject(new DeleteObjectRequest().bucket(BUCKET).key("a"), s3.call());
        assertThat(s3.driver.awaitIdle(Duration.ofSeconds(30))).isTrue();
        assertThat(s3.lambda.messages).hasSize(4);
        assertThat(s3.lambda.messages.get(2)).contains("\"eventName\":\"ObjectCreated:Put\"");
        assertThat(s3.lambda.messages.get(3)).contains("\"eventName\":\"ObjectRemoved:Delete\"");
    }

    @Test
    void eventBridgeIsToldOfEverythingThroughTheFeed() {
        List<ServiceEvent> told = new CopyOnWriteArrayList<>();
        configure(new NotificationConfiguration().eventBridgeConfiguration(new EventBridgeConfiguration()));
        assertThat(s3.s3.getBucketNotificationConfiguration(
                                new GetBucketNotificationConfigurationRequest().bucket(BUCKET), s3.call())
                        .eventBridgeConfiguration())
                .isNotNull();
        s3.driver.follow(
                "test",
                Set.of(ServiceEvent.TOPIC.name()),
                change -> change.after(ServiceEvent.TOPIC.codec()).ifPresent(told::add));
        s3.start();
        s3.put("a b", "123");
        s3.s3.deleteObject(new DeleteObjectRequest().bucket(BUCKET).key("a b"), s3.call());
        assertThat(s3.driver.awaitIdle(Duration.ofSeconds(30))).isTrue();
        assertThat(told).extracting(ServiceEvent::detailType).containsExactly("Object Created", "Object Deleted");
        ServiceEvent created = told.getFirst();
        assertThat(created.source()).isEqualTo("aws.s3");
        assertThat(created.resources()).containsExactly("arn:aws:s3:::photos");
        assertThat(created.detail())
                .startsWith("{\"version\":\"0\",\"bucket\":{\"name\":\"photos\"},\"object\":{\"key\":\"a b\","
                        + "\"size\":3,\"etag\":\"202cb962ac59075b964b07152d234b70\",\"sequencer\":\"")
                .contains(
                        "\"requester\":\"000000000000\",\"source-ip-address\":\"127.0.0.1\",\"reason\":\"PutObject\"}");
        assertThat(told.getLast().detail())
                .contains("\"reason\":\"DeleteObject\",\"deletion-type\":\"Permanently Deleted\"");
    }

    private static String field(Invocation event, String name) {
        String start = "\"" + name + "\":\"";
        int from = event.payload().indexOf(start) + start.length();
        return event.payload().substring(from, event.payload().indexOf('"', from));
    }

    @Test
    void onlyWhatIsWantedIsToldAndInOrder() {
        configure(
                jpegs("s3:ObjectCreated:*"),
                function("s3:ObjectRemoved:*").id("gone"),
                function("s3:ObjectTagging:*").id("tags"));
        s3.start();
        s3.put("in/a.jpg", "1");
        s3.put("in/a.png", "2");
        s3.put("out/a.jpg", "3");
        s3.s3.copyObject(
                new CopyObjectRequest().bucket(BUCKET).key("in/b.jpg").copySource(BUCKET + "/out/a.jpg"), s3.call());
        s3.put("in/a.jpg", "4");
        s3.s3.deleteObject(new DeleteObjectRequest().bucket(BUCKET).key("in/a.jpg"), s3.call());
        s3.s3.deleteObject(new DeleteObjectRequest().bucket(BUCKET).key("never"), s3.call());
        List<Invocation> events = delivered();
        assertThat(events)
                .extracting(event -> field(event, "eventName") + " " + field(event, "key"))
                .containsExactly(
                        "ObjectCreated:Put in/a.jpg",
                        "ObjectCreated:Copy in/b.jpg",
                        "ObjectCreated:Put in/a.jpg",
                        "ObjectRemoved:Delete in/a.jpg");
        assertThat(events)
                .extracting(event -> field(event, "sequencer"))
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(field(events.getLast(), "configurationId")).isEqualTo("gone");
    }

    @Test
    void anEventThatWasNotToldBeforeTheEndIsToldAfterTheStart() {
        configure(function("s3:ObjectCreated:*"));
        s3.put("a", "1");
        s3.put("b", "2");
        s3.restart();
        s3.start();
        assertThat(delivered()).extracting(event -> field(event, "key")).containsExactly("a", "b");
    }

    @Test
    void aFunctionThatIsGoneLosesItsEventsAndHoldsNobodyUp() {
        configure(function("s3:ObjectCreated:*"));
        s3.lambda.refusal = Fault.client("ResourceNotFoundException", 404, "Function not found");
        s3.start();
        s3.put("a", "1");
        assertThat(delivered()).isEmpty();
        s3.lambda.refusal = null;
        s3.put("b", "2");
        assertThat(delivered()).extracting(event -> field(event, "key")).containsExactly("b");
        assertThat(s3.store.<Integer>read(tx -> tx.all(WAITING, null, 10).size()))
                .isZero();
    }

    @Test
    void aFunctionThatFailsForAWhileGetsItsEventsLaterAlsoAfterARestart() {
        configure(function("s3:ObjectCreated:*"));
        s3.lambda.refusal = Fault.server("ServiceException", 500, "not now");
        s3.start();
        s3.put("a", "1");
        assertThat(delivered()).isEmpty();
        s3.restart();
        s3.start();
        assertThat(delivered()).isEmpty();
        s3.lambda.refusal = null;
        s3.put("b", "2");
        assertThat(delivered()).extracting(event -> field(event, "key")).containsExactly("b");
        s3.clock.advance(Duration.ofMinutes(10));
        assertThat(delivered()).extracting(event -> field(event, "key")).containsExactly("b", "a");
        assertThat(s3.store.<Integer>read(tx -> tx.all(WAITING, null, 10).size()))
                .isZero();
    }

    @Test
    void whatNobodyTakesForADayIsDropped() {
        configure(function("s3:ObjectCreated:*"));
        s3.lambda.refusal = Fault.server("ServiceException", 500, "never");
        s3.start();
        s3.put("a", "1");
        assertThat(delivered()).isEmpty();
        s3.clock.advance(Duration.ofHours(25));
        assertThat(delivered()).isEmpty();
        assertThat(s3.store.<Integer>read(tx -> tx.all(WAITING, null, 10).size()))
                .isZero();
    }
}
