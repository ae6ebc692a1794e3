package dev.haneul.services.cloudtrail;

import dev.haneul.api.cloudtrail.CloudTrailClient;
import dev.haneul.api.iam.CreateRoleRequest;
import dev.haneul.api.iam.IamClient;
import dev.haneul.api.iam.PutRolePolicyRequest;
import dev.haneul.api.logs.LogsClient;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.CreateBucketRequest;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.ListObjectsV2Request;
import dev.haneul.api.s3.PutBucketPolicyRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.api.sns.SnsClient;
import dev.haneul.api.sqs.SqsClient;
import dev.haneul.api.sts.StsClient;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.call.AccountRules;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.kernel.usage.Usage;
import dev.haneul.services.events.EventsService;
import dev.haneul.services.iam.IamAuthorizer;
import dev.haneul.services.iam.IamCredentials;
import dev.haneul.services.iam.IamService;
import dev.haneul.services.iam.IamState;
import dev.haneul.services.iam.MfaFactors;
import dev.haneul.services.logs.LogsService;
import dev.haneul.services.s3.S3Service;
import dev.haneul.services.sns.SnsService;
import dev.haneul.services.sqs.SqsService;
import dev.haneul.services.sts.StsCredentials;
import dev.haneul.services.sts.StsService;
import dev.haneul.storage.DiskBlobs;
import dev.haneul.storage.DiskSegments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;

/** CloudTrail and all it delivers to, for real, under a virtual clock. */
final class TrailRig implements AutoCloseable {
    static final String ACCOUNT = "111122223333";
    static final String BUCKET = "logs-here";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final DataFolder folder = DataFolder.temporary();
    final SqliteStore store = SqliteStore.open(folder);
    final VirtualClock clock = new VirtualClock(Instant.parse("2026-03-04T05:06:07Z"));
    final DiskBlobs blobs;
    final DiskSegments segments;
    final ReconcileDriver driver;
    final Credentials credentials;
    final Dispatcher dispatcher;
    final CloudTrailClient trail;
    final S3Client s3;
    final SnsClient sns;
    final SqsClient sqs;
    final LogsClient logs;
    final IamClient iam;
    final StsClient sts;

    TrailRig() throws IOException {
        blobs = DiskBlobs.open(folder, store);
        segments = DiskSegments.open(folder);
        ServiceEvent.open(store);
        driver = new ReconcileDriver(store.feed(), clock, new Random(1));
        ResourcePolicies.Registry policies = new ResourcePolicies.Registry();
        IamState state = new IamState(store, clock, folder.key());
        credentials = Credentials.firstOf(List.of(new StsCredentials(folder.key(), clock), new IamCredentials(state)));
        IamAuthorizer authorizer = new IamAuthorizer(state, clock, policies, true);
        Recorder recorder = new Recorder(store, segments, clock);
        dispatcher = new Dispatcher(authorizer, recorder);
        Targets targets = new Targets(dispatcher, credentials, clock);
        dispatcher.add(new IamService(state, new AccountRules()));
        dispatcher.add(new StsService(dispatcher, new MfaFactors(state), folder.key(), clock));
        S3Service objects = new S3Service(
                store, blobs, clock, authorizer, dispatcher, folder.key(), (who, serial, code) -> false, Usage.NONE);
        policies.add("s3", objects.policies());
        dispatcher.add(objects);
        LogsService groups = new LogsService(
                new LogsService.Ground(
                        store, segments, clock, Metrics.NONE, targets, dispatcher, (by, action, arn, context) -> {}),
                folder.key());
        dispatcher.add(groups);
        groups.join(driver);
        SqsService queues = new SqsService(store, segments, clock, dispatcher, folder.key());
        policies.add("sqs", queues.resourcePolicies());
        dispatcher.add(queues);
        queues.join(driver);
        SnsService topics = new SnsService(store, clock, dispatcher, targets, folder);
        policies.add("sns", topics.resourcePolicies());
        dispatcher.add(topics);
        topics.join(driver);
        EventsService buses = new EventsService(store, segments, clock, targets, dispatcher, authorizer, folder.key());
        policies.add("events", buses.policies());
        dispatcher.add(buses);
        buses.join(driver);
        CloudTrailService service =
                new CloudTrailService(store, segments, clock, recorder, dispatcher, credentials, folder.key());
        dispatcher.add(service);
        service.join(driver);
        service.tellCalls(buses.callsWanted());
        driver.start();
        clock.settleWith(() -> driver.awaitIdle(PATIENCE));
        trail = new CloudTrailClient(dispatcher);
        s3 = new S3Client(dispatcher);
        sns = new SnsClient(dispatcher);
        sqs = new SqsClient(dispatcher);
        logs = new LogsClient(dispatcher);
        iam = new IamClient(dispatcher);
        sts = new StsClient(dispatcher);
        bucket(BUCKET);
    }

    void bucket(String name) {
        s3.createBucket(new CreateBucketRequest().bucket(name), call());
        s3.putBucketPolicy(new PutBucketPolicyRequest().bucket(name).policy("""
                        {"Version":"2012-10-17","Statement":[
                         {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},
                          "Action":["s3:GetBucketAcl","s3:PutObject"],
                          "Resource":["arn:aws:s3:::%1$s","arn:aws:s3:::%1$s/*"]}]}""".formatted(name)), call());
    }

    /** The account's root, in us-east-1. */
    static Call call() {
        return call(Principal.root(ACCOUNT, "test"));
    }

    static Call call(Principal principal) {
        return new Call(
                principal,
                ACCOUNT,
                "us-east-1",
                "r-1",
                Instant.MAX,
                new Call.Origin("127.0.0.1", "test", false, "http://localhost", Map.of()));
    }

    /** A role and its ARN. */
    String role(String name, String principal, String actions) {
        iam.createRole(
                new CreateRoleRequest()
                        .roleName(name)
                        .assumeRolePolicyDocument("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                                + "\"Principal\":" + principal + ",\"Action\":\"sts:AssumeRole\"}]}"),
                call());
        iam.putRolePolicy(
                new PutRolePolicyRequest()
                        .roleName(name)
                        .policyName("p")
                        .policyDocument("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\""
                                + actions + "\",\"Resource\":\"*\"}]}"),
                call());
        return "arn:aws:iam::" + ACCOUNT + ":role/" + name;
    }

    void pass(Duration time) {
        clock.advance(time);
        settle();
    }

    void settle() {
        if (!driver.awaitIdle(PATIENCE)) {
            throw new AssertionError("the reconcilers do not come to rest");
        }
    }

    List<String> files(String bucket, String prefix) {
        return s3.listObjectsV2(new ListObjectsV2Request().bucket(bucket).prefix(prefix), call()).contents().stream()
                .map(dev.haneul.api.s3.S3Object::key)
                .filter(key -> key.endsWith(".gz"))
                .toList();
    }

    /** All that was delivered under a prefix, as text. */
    String delivered(String bucket, String prefix) {
        return files(bucket, prefix).stream().map(key -> text(bucket, key)).reduce("", String::concat);
    }

    private String text(String bucket, String key) {
        try (Body body = s3.getObject(new GetObjectRequest().bucket(bucket).key(key), call())
                .body()) {
            return new String(new GZIPInputStream(body.stream()).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        clock.settleWith(() -> {});
        driver.close();
        segments.close();
        blobs.close();
        store.close();
        folder.close();
    }
}
