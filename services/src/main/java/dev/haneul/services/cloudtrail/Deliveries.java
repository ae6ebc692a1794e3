package dev.haneul.services.cloudtrail;

import dev.haneul.api.cloudtrail.InsufficientSnsTopicPolicyException;
import dev.haneul.api.cloudtrail.InvalidCloudWatchLogsLogGroupArnException;
import dev.haneul.api.cloudtrail.InvalidCloudWatchLogsRoleArnException;
import dev.haneul.api.cloudtrail.InvalidS3PrefixException;
import dev.haneul.api.logs.CreateLogStreamRequest;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.LogsClient;
import dev.haneul.api.logs.PutLogEventsRequest;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.GetBucketAclRequest;
import dev.haneul.api.s3.HeadBucketRequest;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.api.sns.PublishInput;
import dev.haneul.api.sns.SnsClient;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.StsClient;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.cloudtrail.TrailTables.Delivers;
import dev.haneul.services.cloudtrail.TrailTables.TrailRow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Those a trail delivers to, called as {@code cloudtrail.amazonaws.com} on the trail's behalf. */
final class Deliveries {
    private static final String HOST = "cloudtrail.amazonaws.com";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LONGEST_PREFIX = 200;

    private final S3Client s3;
    private final LogsClient logs;
    private final SnsClient sns;
    private final StsClient sts;
    private final Credentials credentials;
    private final Clock clock;

    Deliveries(Caller neighbours, Credentials credentials, Clock clock) {
        s3 = new S3Client(neighbours);
        logs = new LogsClient(neighbours);
        sns = new SnsClient(neighbours);
        sts = new StsClient(neighbours);
        this.credentials = credentials;
        this.clock = clock;
    }

    /** An object to be written. */
    record Thing(String key, byte[] content, Map<String, String> metadata) {}

    /**
     * Refuses a trail that could not deliver: the bucket must let CloudTrail read its ACL and write under the trail's
     * prefix, the role must let itself be assumed. Leaves the folder objects AWS leaves.
     */
    void check(Key trail, TrailRow row) {
        Delivers to = row.to();
        if (to.prefix() != null && to.prefix().length() > LONGEST_PREFIX) {
            throw Fault.of(
                    new InvalidS3PrefixException(),
                    "The S3 key prefix may have at most " + LONGEST_PREFIX + " characters.");
        }
        try {
            inBucketsRegion(trail, row, call -> {
                s3.headBucket(new HeadBucketRequest().bucket(to.bucket()), call);
                s3.getBucketAcl(new GetBucketAclRequest().bucket(to.bucket()), call);
                return true;
            });
            put(trail, row, new Thing(folder(trail, row, "CloudTrail"), new byte[0], Map.of()));
            if (row.validated()) {
                put(trail, row, new Thing(folder(trail, row, "CloudTrail-Digest"), new byte[0], Map.of()));
            }
        } catch (Fault fault) {
            if (fault.status() == 404) {
                throw TrailFaults.noBucket(to.bucket());
            }
            if (fault.status() == 403) {
                throw TrailFaults.bucketPolicy(to.bucket());
            }
            throw fault;
        }
        checkTopic(trail, row);
        checkLogs(trail, row);
    }

    /** The topic must take what CloudTrail publishes; its subscribers hear of the trial, as on AWS. */
    private void checkTopic(Key trail, TrailRow row) {
        String topic = row.to().topicArn();
        if (topic == null) {
            return;
        }
        try {
            publish(trail, row, topic, "CloudTrail validation message.");
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            throw Fault.of(
                    new InsufficientSnsTopicPolicyException(),
                    "SNS Topic does not exist or the topic policy is incorrect!");
        }
    }

    private void checkLogs(Key trail, TrailRow row) {
        String group = row.to().logGroupArn();
        String role = row.to().logsRoleArn();
        if (group == null && role == null) {
            return;
        }
        if (group == null || group(group).isEmpty()) {
            throw Fault.of(
                    new InvalidCloudWatchLogsLogGroupArnException(),
                    "CloudTrail cannot validate the specified log group ARN.");
        }
        if (role == null) {
            throw Fault.of(
                    new InvalidCloudWatchLogsRoleArnException(), "You must specify a role ARN as well as a log group.");
        }
        try {
            makeStream(trail, row, group, session(trail, row, role));
        } catch (Fault fault) {
            if (fault.code().equals("ResourceNotFoundException")) {
                throw Fault.of(
                        new InvalidCloudWatchLogsLogGroupArnException(),
                        "CloudTrail cannot validate the specified log group ARN.");
            }
            throw Fault.of(
                    new InvalidCloudWatchLogsRoleArnException(),
                    "Access denied. Check the trust relationships for your role.");
        }
    }

    /** {@code prefix/AWSLogs/account/kind/}. */
    static String folder(Key trail, TrailRow row, String kind) {
        String prefix = row.to().prefix();
        return (prefix == null || prefix.isEmpty() ? "" : prefix + "/") + "AWSLogs/" + trail.account() + "/" + kind
                + "/";
    }

    /** Writes an object into the trail's bucket. */
    void put(Key trail, TrailRow row, Thing thing) {
        boolean gzip = thing.key().endsWith(".gz");
        inBucketsRegion(
                trail,
                row,
                call -> s3.putObject(
                        new PutObjectRequest()
                                .bucket(row.to().bucket())
                                .key(thing.key())
                                .acl("bucket-owner-full-control")
                                .contentType(gzip ? "application/json" : "binary/octet-stream")
                                .contentEncoding(gzip ? "gzip" : null)
                                .contentLength((long) thing.content().length)
                                .metadata(thing.metadata())
                                .body(Body.of(thing.content())),
                        call));
    }

    private interface Ask<T> {
        T with(Call call);
    }

    /** Asks S3 in the trail's home region, and where the bucket is elsewhere, there. */
    private <T> T inBucketsRegion(Key trail, TrailRow row, Ask<T> ask) {
        Call call = call(trail, row);
        try {
            return ask.with(call);
        } catch (Fault fault) {
            String region = fault.headers().get("x-amz-bucket-region");
            if (!fault.code().equals("PermanentRedirect") || region == null) {
                throw fault;
            }
            return ask.with(call.in(call.account(), region));
        }
    }

    /** Tells the trail's topic of a file; does nothing where it has none. */
    void announce(Key trail, TrailRow row, String topicArn, String object) {
        String message = "{\"s3Bucket\":\"" + row.to().bucket() + "\",\"s3ObjectKey\":[\"" + object + "\"]}";
        publish(trail, row, topicArn, message);
    }

    private void publish(Key trail, TrailRow row, String topicArn, String message) {
        Arn arn = Arn.parse(topicArn).orElseThrow();
        sns.publish(
                new PublishInput().topicArn(topicArn).message(message),
                call(trail, row).in(arn.account(), arn.region()));
    }

    /** Writes events to the trail's log group, as its role. */
    void log(Key trail, TrailRow row, String group, String role, List<InputLogEvent> events) {
        Call as = session(trail, row, role);
        PutLogEventsRequest request = new PutLogEventsRequest()
                .logGroupName(group(group))
                .logStreamName(stream(trail))
                .logEvents(events);
        Call there = as.in(as.account(), Arn.parse(group).map(Arn::region).orElse(trail.region()));
        try {
            logs.putLogEvents(request, there);
        } catch (Fault fault) {
            if (!fault.code().equals("ResourceNotFoundException")) {
                throw fault;
            }
            makeStream(trail, row, group, as);
            logs.putLogEvents(request, there);
        }
    }

    private void makeStream(Key trail, TrailRow row, String group, Call as) {
        try {
            logs.createLogStream(
                    new CreateLogStreamRequest().logGroupName(group(group)).logStreamName(stream(trail)),
                    as.in(as.account(), Arn.parse(group).map(Arn::region).orElse(row.homeRegion())));
        } catch (Fault fault) {
            if (!fault.code().equals("ResourceAlreadyExistsException")) {
                throw fault;
            }
        }
    }

    private Call session(Key trail, TrailRow row, String role) {
        Call call = call(trail, row);
        var keys = sts.assumeRole(
                        new AssumeRoleRequest().roleArn(role).roleSessionName("CLOUDWATCH_LOGS_DELIVERY_SESSION"), call)
                .credentials();
        if (keys == null) {
            throw new IllegalStateException("STS gave no credentials for " + role);
        }
        Principal principal = credentials
                .find(keys.accessKeyId(), keys.sessionToken())
                .orElseThrow()
                .principal();
        return call.as(principal);
    }

    private static String stream(Key trail) {
        return trail.account() + "_CloudTrail_" + trail.region();
    }

    /** The name in a log group's ARN; empty where it is none. */
    private static String group(@Nullable String arn) {
        int mark = arn == null ? -1 : arn.indexOf(":log-group:");
        if (arn == null || mark < 0) {
            return "";
        }
        String name = arn.substring(mark + ":log-group:".length());
        return name.endsWith(":*") ? name.substring(0, name.length() - 2) : name;
    }

    private Call call(Key trail, TrailRow row) {
        return new Call(
                OnBehalf.of(HOST, row.arn(trail.account()), trail.account()),
                trail.account(),
                trail.region(),
                UUID.randomUUID().toString(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside(HOST));
    }
}
