package dev.haneul.services.s3;

import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.LambdaClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/** Lambda functions as S3 calls them: as the principal {@code s3.amazonaws.com}, on behalf of a bucket. */
final class Functions {
    private static final String HOST = "s3.amazonaws.com";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final LambdaClient lambda;
    private final Clock clock;

    Functions(Caller neighbours, Clock clock) {
        this.lambda = new LambdaClient(neighbours);
        this.clock = clock;
    }

    /**
     * Asks whether the bucket may invoke the function.
     *
     * @throws Fault what Lambda answers where it may not
     */
    void check(String functionArn, String bucketArn, String bucketOwner) {
        lambda.invoke_(
                new InvocationRequest().functionName(functionArn).invocationType("DryRun"),
                call(functionArn, bucketArn, bucketOwner));
    }

    /**
     * Hands an event over to the function's queue.
     *
     * @throws Fault what Lambda answers where it does not take it
     */
    void deliver(String functionArn, String bucketArn, String bucketOwner, String message) {
        lambda.invoke_(
                new InvocationRequest()
                        .functionName(functionArn)
                        .invocationType("Event")
                        .payload(message.getBytes(StandardCharsets.UTF_8)),
                call(functionArn, bucketArn, bucketOwner));
    }

    private Call call(String functionArn, String bucketArn, String bucketOwner) {
        Principal s3 = new Principal(
                Principal.Type.SERVICE,
                "",
                HOST,
                HOST,
                "",
                Map.of("aws:SourceArn", bucketArn, "aws:SourceAccount", bucketOwner));
        String[] arn = functionArn.split(":", -1);
        return new Call(
                s3,
                arn[4],
                arn[3],
                UUID.randomUUID().toString(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside(HOST));
    }
}
