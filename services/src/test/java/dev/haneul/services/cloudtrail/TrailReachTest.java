package dev.haneul.services.cloudtrail;

import static dev.haneul.services.cloudtrail.TrailRig.ACCOUNT;
import static dev.haneul.services.cloudtrail.TrailRig.BUCKET;
import static dev.haneul.services.cloudtrail.TrailRig.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.cloudtrail.AddTagsRequest;
import dev.haneul.api.cloudtrail.AdvancedEventSelector;
import dev.haneul.api.cloudtrail.AdvancedFieldSelector;
import dev.haneul.api.cloudtrail.CreateTrailRequest;
import dev.haneul.api.cloudtrail.DescribeTrailsRequest;
import dev.haneul.api.cloudtrail.GetEventSelectorsRequest;
import dev.haneul.api.cloudtrail.GetTrailRequest;
import dev.haneul.api.cloudtrail.GetTrailStatusRequest;
import dev.haneul.api.cloudtrail.ListTagsRequest;
import dev.haneul.api.cloudtrail.ListTrailsRequest;
import dev.haneul.api.cloudtrail.LookupEventsRequest;
import dev.haneul.api.cloudtrail.PutEventSelectorsRequest;
import dev.haneul.api.cloudtrail.RemoveTagsRequest;
import dev.haneul.api.cloudtrail.StartLoggingRequest;
import dev.haneul.api.cloudtrail.StopLoggingRequest;
import dev.haneul.api.cloudtrail.Tag;
import dev.haneul.api.cloudtrail.Trail;
import dev.haneul.api.cloudtrail.UpdateTrailRequest;
import dev.haneul.api.logs.CreateLogGroupRequest;
import dev.haneul.api.logs.FilterLogEventsRequest;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.sns.CreateTopicInput;
import dev.haneul.api.sns.SetTopicAttributesInput;
import dev.haneul.api.sns.SubscribeInput;
import dev.haneul.api.sqs.CreateQueueRequest;
import dev.haneul.api.sqs.ReceiveMessageRequest;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.GetCallerIdentityRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where a trail's events go beside its bucket, from which regions they come, and which it wants. */
class TrailReachTest {
    private TrailRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = new TrailRig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static CreateTrailRequest trail() {
        return new CreateTrailRequest().name("main").s3BucketName(BUCKET);
    }

    private void start(CreateTrailRequest trail) {
        rig.trail.createTrail(trail, call());
        rig.trail.startLogging(new StartLoggingRequest().name("main"), call());
    }

    private void list() {
        rig.trail.listTrails(new ListTrailsRequest(), call());
    }

    @Test
    void filesAreAnnouncedToTheTopic() {
        String topic = rig.sns
                .createTopic(new CreateTopicInput().name("files"), call())
                .topicArn();
        assertThatThrownBy(() -> rig.trail.createTrail(trail().snsTopicName("nowhere"), call()))
                .isInstanceOfSatisfying(
                        Fault.class,
                        fault -> assertThat(fault.code()).isEqualTo("InsufficientSnsTopicPolicyException"));
        rig.sns.setTopicAttributes(
                new SetTopicAttributesInput()
                        .topicArn(topic)
                        .attributeName("Policy")
                        .attributeValue(
                                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
                                        + "{\"Service\":\"cloudtrail.amazonaws.com\"},\"Action\":\"sns:Publish\",\"Resource\":\""
                                        + topic + "\"}]}"),
                call());
        String url = rig.sqs
                .createQueue(
                        new CreateQueueRequest()
                                .queueName("heard")
                                .attributes(Map.of(
                                        "Policy",
                                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
                                                + "{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\","
                                                + "\"Resource\":\"*\"}]}")),
                        call())
                .queueUrl();
        rig.sns.subscribe(
                new SubscribeInput()
                        .topicArn(topic)
                        .protocol("sqs")
                        .endpoint("arn:aws:sqs:us-east-1:" + ACCOUNT + ":heard")
                        .attributes(Map.of("RawMessageDelivery", "true")),
                call());
        start(trail().snsTopicName("files"));
        list();
        rig.pass(Duration.ofMinutes(6));
        String file = rig.files(BUCKET, "AWSLogs/" + ACCOUNT + "/CloudTrail/").getFirst();
        assertThat(rig.sqs
                        .receiveMessage(
                                new ReceiveMessageRequest().queueUrl(url).maxNumberOfMessages(10), call())
                        .messages())
                .extracting(message -> message.body())
                .containsExactlyInAnyOrder(
                        "CloudTrail validation message.",
                        "{\"s3Bucket\":\"" + BUCKET + "\",\"s3ObjectKey\":[\"" + file + "\"]}");
        var status = rig.trail.getTrailStatus(new GetTrailStatusRequest().name("main"), call());
        assertThat(status.latestNotificationTime()).isNotNull();
        assertThat(status.latestNotificationError()).isNull();
    }

    @Test
    void eventsGoToTheLogGroupUnderTheRole() {
        rig.logs.createLogGroup(new CreateLogGroupRequest().logGroupName("trail"), call());
        String group = "arn:aws:logs:us-east-1:" + ACCOUNT + ":log-group:trail:*";
        String weak = rig.role("weak", "{\"Service\":\"cloudtrail.amazonaws.com\"}", "logs:GetLogEvents");
        String role = rig.role("writer", "{\"Service\":\"cloudtrail.amazonaws.com\"}", "logs:*");
        assertThatThrownBy(() -> rig.trail.createTrail(
                        trail().cloudWatchLogsLogGroupArn(group).cloudWatchLogsRoleArn(weak), call()))
                .isInstanceOfSatisfying(
                        Fault.class,
                        fault -> assertThat(fault.code()).isEqualTo("InvalidCloudWatchLogsRoleArnException"));
        start(trail().cloudWatchLogsLogGroupArn(group).cloudWatchLogsRoleArn(role));
        list();
        rig.pass(Duration.ofMinutes(6));
        assertThat(rig.logs
                        .filterLogEvents(new FilterLogEventsRequest().logGroupName("trail"), call())
                        .events())
                .anySatisfy(event -> {
                    assertThat(event.message()).contains("\"eventName\":\"ListTrails\"");
                    assertThat(event.logStreamName()).isEqualTo(ACCOUNT + "_CloudTrail_us-east-1");
                });
        assertThat(rig.trail
                        .getTrailStatus(new GetTrailStatusRequest().name("main"), call())
                        .latestCloudWatchLogsDeliveryTime())
                .isNotNull();
    }

    @Test
    void aTrailOfAllRegionsDeliversFromEachAndIsSeenInEach() {
        Call there = call().in(ACCOUNT, "eu-west-1");
        start(trail());
        rig.trail.listTrails(new ListTrailsRequest(), there);
        rig.pass(Duration.ofMinutes(6));
        String europe = "AWSLogs/" + ACCOUNT + "/CloudTrail/eu-west-1/";
        assertThat(rig.files(BUCKET, europe)).isEmpty();
        assertThat(rig.trail.describeTrails(new DescribeTrailsRequest(), there).trailList())
                .isEmpty();
        rig.trail.updateTrail(new UpdateTrailRequest().name("main").isMultiRegionTrail(true), call());
        rig.trail.listTrails(new ListTrailsRequest(), there);
        rig.pass(Duration.ofMinutes(6));
        assertThat(rig.files(BUCKET, europe)).hasSize(1);
        assertThat(rig.delivered(BUCKET, europe)).containsOnlyOnce("\"eventName\":\"ListTrails\"");
        Trail shadow = rig.trail
                .describeTrails(new DescribeTrailsRequest(), there)
                .trailList()
                .getFirst();
        assertThat(shadow.homeRegion()).isEqualTo("us-east-1");
        assertThatThrownBy(() -> rig.trail.updateTrail(
                        new UpdateTrailRequest().name("main").isMultiRegionTrail(false), there))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("InvalidHomeRegionException"));
    }

    @Test
    void anUpdateMovesTheTrailToAnotherBucket() {
        rig.bucket("other-logs");
        start(trail().s3KeyPrefix("p"));
        list();
        rig.pass(Duration.ofMinutes(6));
        assertThatThrownBy(() -> rig.trail.updateTrail(
                        new UpdateTrailRequest().name("main").s3BucketName("nowhere-at-all"), call()))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("S3BucketDoesNotExistException"));
        rig.trail.updateTrail(
                new UpdateTrailRequest().name("main").s3BucketName("other-logs").s3KeyPrefix("q"), call());
        list();
        rig.pass(Duration.ofMinutes(6));
        assertThat(rig.delivered("other-logs", "q/AWSLogs/" + ACCOUNT + "/CloudTrail/"))
                .contains("\"UpdateTrail\"", "\"ListTrails\"");
        Trail told =
                rig.trail.getTrail(new GetTrailRequest().name("main"), call()).trail();
        assertThat(told == null ? "" : told.s3BucketName()).isEqualTo("other-logs");
    }

    @Test
    void advancedSelectorsChooseByField() {
        start(trail());
        rig.trail.putEventSelectors(
                new PutEventSelectorsRequest()
                        .trailName("main")
                        .advancedEventSelectors(List.of(
                                new AdvancedEventSelector()
                                        .name("writes")
                                        .fieldSelectors(List.of(
                                                field("eventCategory").equals_(List.of("Management")),
                                                field("readOnly").equals_(List.of("false")),
                                                field("eventSource").notEquals(List.of("iam.amazonaws.com")))),
                                new AdvancedEventSelector()
                                        .fieldSelectors(List.of(
                                                field("eventCategory").equals_(List.of("Data")),
                                                field("resources.type").equals_(List.of("AWS::S3::Object")),
                                                field("resources.ARN")
                                                        .startsWith(List.of("arn:aws:s3:::" + BUCKET + "/mine/")))))),
                call());
        list();
        rig.role("unwanted", "{\"AWS\":\"*\"}", "s3:*");
        rig.sqs.createQueue(new CreateQueueRequest().queueName("q"), call());
        put("mine/1");
        put("yours/2");
        rig.pass(Duration.ofMinutes(6));
        String all = rig.delivered(BUCKET, "AWSLogs/" + ACCOUNT + "/CloudTrail/");
        assertThat(all)
                .contains("\"CreateQueue\"", "\"mine/1\"")
                .doesNotContain("\"ListTrails\"", "\"CreateRole\"", "\"yours/2\"");
        var told = rig.trail.getEventSelectors(new GetEventSelectorsRequest().trailName("main"), call());
        assertThat(told.advancedEventSelectors()).hasSize(2);
        assertThat(told.eventSelectors()).isEmpty();
    }

    private static AdvancedFieldSelector field(String name) {
        return new AdvancedFieldSelector().field(name);
    }

    private void put(String key) {
        rig.s3.putObject(
                new PutObjectRequest().bucket(BUCKET).key(key).contentLength(1L).body(Body.of(new byte[1])), call());
    }

    @Test
    void tagsComeAndGo() {
        start(trail().tagsList(List.of(new Tag().key("a").value("1"))));
        String arn = "arn:aws:cloudtrail:us-east-1:" + ACCOUNT + ":trail/main";
        rig.trail.addTags(
                new AddTagsRequest()
                        .resourceId(arn)
                        .tagsList(List.of(new Tag().key("a").value("2"), new Tag().key("b"))),
                call());
        rig.trail.removeTags(new RemoveTagsRequest().resourceId(arn).tagsList(List.of(new Tag().key("b"))), call());
        assertThat(rig.trail
                        .listTags(new ListTagsRequest().resourceIdList(List.of(arn)), call())
                        .resourceTagList())
                .singleElement()
                .satisfies(each -> assertThat(each.tagsList())
                        .singleElement()
                        .satisfies(tag -> assertThat(tag.value()).isEqualTo("2")));
    }

    @Test
    void whatCameBeforeTheStopIsDeliveredAndNothingAfter() {
        start(trail());
        rig.sqs.createQueue(new CreateQueueRequest().queueName("before"), call());
        rig.trail.stopLogging(new StopLoggingRequest().name("main"), call());
        rig.sqs.createQueue(new CreateQueueRequest().queueName("after"), call());
        rig.pass(Duration.ofMinutes(11));
        assertThat(rig.delivered(BUCKET, "AWSLogs/" + ACCOUNT + "/CloudTrail/"))
                .contains("\"before\"")
                .doesNotContain("\"after\"");
        assertThat(rig.trail
                        .getTrailStatus(new GetTrailStatusRequest().name("main"), call())
                        .isLogging())
                .isFalse();
    }

    @Test
    void aSessionTellsOfItsRole() {
        String role = rig.role("worker", "{\"AWS\":\"" + ACCOUNT + "\"}", "sts:*");
        var keys = rig.sts
                .assumeRole(new AssumeRoleRequest().roleArn(role).roleSessionName("shift"), call())
                .credentials();
        var worker = rig.credentials
                .find(keys.accessKeyId(), keys.sessionToken())
                .orElseThrow()
                .principal();
        rig.sts.getCallerIdentity(new GetCallerIdentityRequest(), call(worker));
        String event = rig.trail.lookupEvents(new LookupEventsRequest(), call()).events().stream()
                .filter(each -> "GetCallerIdentity".equals(each.eventName()))
                .findFirst()
                .orElseThrow()
                .cloudTrailEvent();
        assertThat(event)
                .contains(
                        "\"type\":\"AssumedRole\"",
                        "\"arn\":\"arn:aws:sts::" + ACCOUNT + ":assumed-role/worker/shift\"",
                        "\"sessionContext\":{\"sessionIssuer\":{\"type\":\"Role\"",
                        "\"arn\":\"" + role + "\"",
                        "\"userName\":\"worker\"",
                        "\"mfaAuthenticated\":\"false\"",
                        "\"creationDate\":\"2026-03-04T05:06:07Z\"");
    }
}
