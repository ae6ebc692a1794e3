package dev.haneul.services.s3;

import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.LambdaClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.delivery.Outcome;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Sender;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.s3.NotificationRule.Kind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What buckets notify, reached as the principal {@code s3.amazonaws.com} on behalf of a bucket. */
final class Destinations {
    private static final String HOST = "s3.amazonaws.com";
    private static final String SUBJECT = "Amazon S3 Notification";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final LambdaClient lambda;
    private final Targets targets;
    private final Clock clock;

    Destinations(Caller neighbours, Clock clock) {
        this.lambda = new LambdaClient(neighbours);
        // S3 comes as itself: no role's keys are ever looked up.
        this.targets = new Targets(neighbours, (accessKeyId, token) -> Optional.empty(), clock);
        this.clock = clock;
    }

    /** Hands over, once. */
    Outcome send(Parcel parcel) {
        return targets.send(parcel);
    }

    /** A message for a destination. */
    static Parcel parcel(String arn, String bucketArn, String owner, String message) {
        Parcel parcel = Parcel.of(arn, message, Sender.service(HOST, owner, bucketArn));
        return arn.contains(":sns:") ? parcel.in(Parcel.Manner.PLAIN.about(SUBJECT)) : parcel;
    }

    /**
     * Asks a destination whether it takes a bucket's events: a function by a dry run, queues and topics by a test event,
     * as AWS does.
     *
     * @return what is wrong with it, null for nothing
     */
    @Nullable
    String problem(NotificationRule rule, Buckets.Bucket bucket, String requestId) {
        if (rule.kind() == Kind.FUNCTION) {
            return functionProblem(rule.arn(), bucket.arn(), bucket.account());
        }
        Map<String, Object> test = new LinkedHashMap<>();
        test.put("Service", "Amazon S3");
        test.put("Event", "s3:TestEvent");
        test.put("Time", EventJson.time(clock.instant()));
        test.put("Bucket", bucket.name());
        test.put("RequestId", requestId);
        test.put("HostId", EventJson.hostId(requestId));
        String message = dev.haneul.delivery.Json.write(test);
        String what = rule.kind() == Kind.QUEUE ? "queue" : "topic";
        return switch (send(parcel(rule.arn(), bucket.arn(), bucket.account(), message))) {
            case Outcome.Done done -> null;
            case Outcome.Again again -> "The destination " + what + " did not answer: " + again.message();
            case Outcome.Never never
            when never.code().contains("NonExistent") || never.code().startsWith("NotFound") ->
                "The destination " + what + " does not exist";
            case Outcome.Never never when never.code().equals("NotImplemented") -> never.message();
            case Outcome.Never never ->
                "Permissions on the destination " + what + " do not allow S3 to publish notifications from this bucket";
        };
    }

    private @Nullable String functionProblem(String functionArn, String bucketArn, String owner) {
        try {
            lambda.invoke_(
                    new InvocationRequest().functionName(functionArn).invocationType("DryRun"),
                    call(functionArn, bucketArn, owner));
            return null;
        } catch (Fault fault) {
            return fault.code().startsWith("ResourceNotFound")
                    ? "The destination Lambda function does not exist"
                    : "Not authorized to invoke function [" + functionArn + "]";
        }
    }

    private Call call(String functionArn, String bucketArn, String owner) {
        Map<String, String> source = Map.of("aws:SourceArn", bucketArn, "aws:SourceAccount", owner);
        String[] arn = functionArn.split(":", -1);
        return new Call(
                new Principal(Principal.Type.SERVICE, "", HOST, HOST, "", source),
                arn[4],
                arn[3],
                UUID.randomUUID().toString(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside(HOST));
    }
}
