package dev.haneul.trials.cloudtrail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.Event;
import software.amazon.awssdk.services.cloudtrail.model.InsufficientS3BucketPolicyException;
import software.amazon.awssdk.services.cloudtrail.model.LookupAttributeKey;
import software.amazon.awssdk.services.cloudtrail.model.ReadWriteType;
import software.amazon.awssdk.services.cloudtrail.model.S3BucketDoesNotExistException;
import software.amazon.awssdk.services.cloudtrail.model.TrailNotFoundException;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.iam.model.IamException;

@ExtendWith(SharedRegion.class)
class CloudTrailTest {
    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final CloudTrailClient trail;

    CloudTrailTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.trail = root.cloudTrail();
    }

    @AfterEach
    void close() throws Exception {
        root.close();
    }

    private List<Event> lookup(LookupAttributeKey key, String value) {
        return trail.lookupEvents(request ->
                        request.lookupAttributes(each -> each.attributeKey(key).attributeValue(value)))
                .events();
    }

    @Test
    void aCallLeavesAnEventWithoutItsSecrets() {
        root.iam().createUser(request -> request.userName("ann"));
        AccessKey key =
                root.iam().createAccessKey(request -> request.userName("ann")).accessKey();

        Event made = lookup(LookupAttributeKey.EVENT_NAME, "CreateUser").getFirst();
        assertThat(made.eventSource()).isEqualTo("iam.amazonaws.com");
        assertThat(made.readOnly()).isEqualTo("false");
        assertThat(made.username()).isEqualTo("root");
        assertThat(made.resources().getFirst().resourceName()).isEqualTo("ann");
        assertThat(made.cloudTrailEvent())
                .contains(
                        "\"eventVersion\":\"1.11\"",
                        "\"requestParameters\":{\"userName\":\"ann\"}",
                        "\"type\":\"Root\"");

        List<Event> all = trail.lookupEvents().events();
        assertThat(all).extracting(Event::eventName).contains("CreateAccessKey");
        assertThat(all).allSatisfy(event -> assertThat(event.cloudTrailEvent()).doesNotContain(key.secretAccessKey()));
    }

    @Test
    void aDenialIsRecordedWithWhoAndWhy() throws Exception {
        root.iam().createUser(request -> request.userName("eve"));
        AccessKey key =
                root.iam().createAccessKey(request -> request.userName("eve")).accessKey();
        try (Clients eve = new Clients(endpoint, key.accessKeyId(), key.secretAccessKey())) {
            assertThatThrownBy(() -> eve.iam().listRoles()).isInstanceOf(IamException.class);
        }
        Event denied = lookup(LookupAttributeKey.USERNAME, "eve").getFirst();
        assertThat(denied.cloudTrailEvent())
                .contains("\"errorCode\":\"AccessDenied\"", "\"type\":\"IAMUser\"", "\"userName\":\"eve\"");
        assertThat(denied.accessKeyId()).isEqualTo(key.accessKeyId());
    }

    @Test
    void pagesAreWholeAndNewestFirst() {
        for (int i = 0; i < 7; i++) {
            int number = i;
            root.iam().createGroup(request -> request.groupName("g" + number));
        }
        Set<String> seen = new HashSet<>();
        trail.lookupEventsPaginator(request -> request.maxResults(3)
                        .lookupAttributes(each ->
                                each.attributeKey(LookupAttributeKey.EVENT_NAME).attributeValue("CreateGroup")))
                .events()
                .forEach(event -> assertThat(seen.add(event.eventId())).isTrue());
        assertThat(seen).hasSize(7);
        assertThat(lookup(LookupAttributeKey.EVENT_NAME, "CreateGroup")
                        .getFirst()
                        .cloudTrailEvent())
                .contains("\"g6\"");
    }

    @Test
    void aTrailNeedsABucketThatLetsItIn() {
        assertThatThrownBy(
                        () -> trail.createTrail(request -> request.name("first").s3BucketName("no-such-" + account)))
                .isInstanceOf(S3BucketDoesNotExistException.class);
        String bucket = "trail-" + account;
        root.s3().createBucket(request -> request.bucket(bucket));
        assertThatThrownBy(
                        () -> trail.createTrail(request -> request.name("first").s3BucketName(bucket)))
                .isInstanceOf(InsufficientS3BucketPolicyException.class);
        open(bucket);
        String arn = trail.createTrail(request -> request.name("first").s3BucketName(bucket))
                .trailARN();
        assertThat(arn).isEqualTo("arn:aws:cloudtrail:us-east-1:" + account + ":trail/first");

        assertThat(trail.getTrailStatus(request -> request.name("first")).isLogging())
                .isFalse();
        trail.startLogging(request -> request.name(arn));
        assertThat(trail.getTrailStatus(request -> request.name("first")).isLogging())
                .isTrue();
        trail.putEventSelectors(request -> request.trailName("first")
                .eventSelectors(each -> each.readWriteType(ReadWriteType.WRITE_ONLY)
                        .includeManagementEvents(true)
                        .dataResources(data -> data.type("AWS::S3::Object").values("arn:aws:s3"))));
        assertThat(trail.getEventSelectors(request -> request.trailName(arn))
                        .eventSelectors()
                        .getFirst()
                        .readWriteType())
                .isEqualTo(ReadWriteType.WRITE_ONLY);
        assertThat(trail.describeTrails().trailList().getFirst().hasCustomEventSelectors())
                .isTrue();
        trail.deleteTrail(request -> request.name("first"));
        assertThatThrownBy(() -> trail.getTrail(request -> request.name("first")))
                .isInstanceOf(TrailNotFoundException.class);
    }

    private void open(String bucket) {
        String policy = """
                {"Version":"2012-10-17","Statement":[
                 {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl",
                  "Resource":"arn:aws:s3:::%1$s"},
                 {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject",
                  "Resource":"arn:aws:s3:::%1$s/AWSLogs/%2$s/*",
                  "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}]}
                """.formatted(bucket, account);
        root.s3().putBucketPolicy(request -> request.bucket(bucket).policy(policy));
    }
}
