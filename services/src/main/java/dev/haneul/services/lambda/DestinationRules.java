package dev.haneul.services.lambda;

import dev.haneul.api.lambda.DeadLetterConfig;
import dev.haneul.api.lambda.DestinationConfig;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What may be a destination or a dead-letter queue: of a kind that exists, and reachable for the function's role. See
 * "Capturing records of Lambda asynchronous invocations".
 */
final class DestinationRules {
    /** The action a destination needs, by its service. */
    private static final Map<String, String> ACTIONS = Map.of(
            "sqs", "SendMessage",
            "sns", "Publish",
            "lambda", "InvokeFunction",
            "events", "PutEvents");

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Permissions permissions;
    private final Roles roles;
    private final Clock clock;

    DestinationRules(Permissions permissions, Roles roles, Clock clock) {
        this.permissions = permissions;
        this.roles = roles;
        this.clock = clock;
    }

    /** Checks destinations of a function with this role. */
    void check(@Nullable DestinationConfig destinations, FunctionRef ref, String role) {
        String success = success(destinations);
        String failure = failure(destinations);
        for (String arn : new String[] {success, failure}) {
            if (arn == null) {
                continue;
            }
            String service = Arn.parse(arn).map(Arn::service).orElse("");
            if (service.equals("s3")) {
                throw Problems.notBuilt("DestinationConfig with an S3 bucket");
            }
            String action = ACTIONS.get(service);
            if (action == null) {
                throw Problems.invalid(
                        "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=" + success
                                + "), onFailure=OnFailure(destination=" + failure + ")) is invalid.");
            }
            if (arn.equals(ref.arn()) || arn.startsWith(ref.arn() + ":")) {
                throw Problems.invalid("You can't specify the function as a destination for itself.");
            }
            if (denied(service + ":" + action, arn, ref, role)) {
                throw Problems.invalid(
                        "The function's execution role does not have permissions to call " + action + " on " + arn);
            }
        }
    }

    /** Checks a dead-letter queue or topic. */
    void check(@Nullable DeadLetterConfig letter, FunctionRef ref, String role) {
        String arn = target(letter);
        if (arn == null) {
            return;
        }
        String service = Arn.parse(arn).map(Arn::service).orElse("");
        if (!service.equals("sqs") && !service.equals("sns")) {
            throw Problems.invalid("The provided target ARN for the dead letter config is invalid: " + arn);
        }
        String action = service.equals("sqs") ? "SendMessage" : "Publish";
        if (denied(service + ":" + action, arn, ref, role)) {
            throw Problems.invalid("The provided execution role does not have permissions to call " + action + " on "
                    + (service.equals("sqs") ? "SQS" : "SNS"));
        }
    }

    static @Nullable String success(@Nullable DestinationConfig destinations) {
        return destinations == null || destinations.onSuccess() == null
                ? null
                : given(destinations.onSuccess().destination());
    }

    static @Nullable String failure(@Nullable DestinationConfig destinations) {
        return destinations == null || destinations.onFailure() == null
                ? null
                : given(destinations.onFailure().destination());
    }

    /** Null where there is none. */
    static @Nullable String target(@Nullable DeadLetterConfig letter) {
        return letter == null ? null : given(letter.targetArn());
    }

    private static @Nullable String given(@Nullable String arn) {
        return arn == null || arn.isEmpty() ? null : arn;
    }

    /** Whether a function's role may not do this. */
    boolean denied(String action, String arn, FunctionRef ref, String role) {
        Principal principal = roles.principal(role, ref);
        Call call = new Call(
                principal,
                ref.account(),
                ref.region(),
                UUID.randomUUID().toString(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside("lambda.amazonaws.com"));
        try {
            permissions.require(call, action, arn, Map.of());
            return false;
        } catch (Fault denied) {
            return true;
        }
    }
}
