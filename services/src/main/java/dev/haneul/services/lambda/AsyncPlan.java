package dev.haneul.services.lambda;

import dev.haneul.services.lambda.LambdaTables.Event;
import dev.haneul.services.lambda.LambdaTables.InvokeConfig;
import java.time.Duration;
import java.time.Instant;

/**
 * What comes after an attempt at an asynchronous event. Pure. AWS's rules: a function's errors are retried twice, after
 * one minute and after two more; throttles and faults of the service are retried with a growing pause for as long as
 * the event may live, six hours by default. See "Error handling for asynchronous invocations".
 */
sealed interface AsyncPlan {
    /** Again, at the moment the event says. */
    record Again(Event event) implements AsyncPlan {}

    /** No more attempts. */
    record GiveUp() implements AsyncPlan {}

    /** After the function failed. */
    static AsyncPlan afterError(Event event, InvokeConfig config, Instant now) {
        int failures = event.failures() + 1;
        int retries = Functions.or(config.maximumRetryAttempts(), InvokeConfigs.DEFAULT_RETRIES);
        Instant due = now.plus(Duration.ofMinutes(failures));
        if (failures > retries || due.isAfter(end(event, config))) {
            return new GiveUp();
        }
        return new Again(at(event, due, failures, 0));
    }

    /** After it could not be run at all. */
    static AsyncPlan afterThrottle(Event event, InvokeConfig config, Instant now) {
        long seconds = Math.min(300, 1L << Math.min(event.throttles(), 9));
        Instant due = now.plusSeconds(seconds);
        if (due.isAfter(end(event, config))) {
            return new GiveUp();
        }
        return new Again(at(event, due, event.failures(), event.throttles() + 1));
    }

    /** Whether it has waited longer than it may. */
    static boolean expired(Event event, InvokeConfig config, Instant now) {
        return now.isAfter(end(event, config));
    }

    private static Instant end(Event event, InvokeConfig config) {
        Integer seconds = config.maximumEventAgeSeconds();
        return event.acceptedAt().plus(seconds == null ? InvokeConfigs.DEFAULT_AGE : Duration.ofSeconds(seconds));
    }

    private static Event at(Event event, Instant due, int failures, int throttles) {
        return new Event(
                event.function(),
                event.qualifier(),
                event.requestId(),
                event.payload(),
                event.clientContext(),
                event.traceId(),
                event.acceptedAt(),
                due,
                failures,
                throttles,
                event.tenant());
    }
}
