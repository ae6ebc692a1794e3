package dev.haneul.services.lambda;

import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.LambdaTables.Event;
import dev.haneul.services.lambda.LambdaTables.InvocationFact;
import dev.haneul.services.lambda.run.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * AWS/Lambda's metrics: from the facts of invocations and the life of asynchronous events, both in the change feed, and
 * from what runs at once.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html">Types of metrics</a>
 */
final class LambdaMetrics {
    static final String NAMESPACE = "AWS/Lambda";
    private static final Set<String> FAILED = Set.of("error", "timeout", "exit", "out_of_memory");
    private static final double MICROS = 1000;

    private final Metrics metrics;
    private final Clock clock;

    LambdaMetrics(Metrics metrics, Clock clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    void join(Driver driver) {
        driver.follow(
                "lambda.metrics", Set.of(LambdaTables.INVOCATIONS.name(), LambdaTables.EVENTS.name()), this::changed);
    }

    private void changed(Change change) {
        if (change.source().equals(LambdaTables.INVOCATIONS.name())) {
            change.after(LambdaTables.INVOCATIONS.codec())
                    .ifPresent(fact -> invoked(change.key().scope(), fact));
        } else {
            event(change);
        }
    }

    private void invoked(Scope scope, InvocationFact fact) {
        List<Map<String, String>> all = dimensions(fact.functionArn(), fact.version());
        boolean failed = FAILED.contains(fact.outcome());
        if (failed || fact.outcome().equals("success")) {
            add(scope, all, "Invocations", "Count", fact.at(), 1);
            add(scope, all, "Errors", "Count", fact.at(), failed ? 1 : 0);
            add(scope, all, "Duration", "Milliseconds", fact.at(), fact.durationMicros() / MICROS);
            if (fact.extensionsMicros() > 0) {
                double after = fact.extensionsMicros() / MICROS;
                add(scope, all, "PostRuntimeExtensionsDuration", "Milliseconds", fact.at(), after);
            }
        }
        if (fact.dropped()) {
            add(scope, all, "AsyncEventsDropped", "Count", fact.at(), 1);
        }
    }

    /** An event that is new was received; one that goes was tried, at the age it had. */
    private void event(Change change) {
        Instant now = clock.instant();
        Optional<Event> before = change.before(LambdaTables.EVENTS.codec());
        Optional<Event> after = change.after(LambdaTables.EVENTS.codec());
        Scope scope = change.key().scope();
        if (before.isEmpty()) {
            after.filter(event -> event.failures() == 0 && event.throttles() == 0)
                    .ifPresent(event -> add(scope, named(event.function()), "AsyncEventsReceived", "Count", now, 1));
        } else if (after.isEmpty()) {
            double age = Duration.between(before.get().acceptedAt(), now).toMillis();
            add(scope, named(before.get().function()), "AsyncEventAge", "Milliseconds", now, Math.max(0, age));
        }
    }

    /** An invocation that would have gone on with a loop. */
    void loopStopped(FunctionRef ref) {
        add(
                ref.scope(),
                dimensions(ref.qualifiedArn(), ""),
                "RecursiveInvocationsDropped",
                "Count",
                clock.instant(),
                1);
    }

    /** An invocation that was not let in. */
    void throttled(FunctionRef ref) {
        add(ref.scope(), dimensions(ref.qualifiedArn(), ""), "Throttles", "Count", clock.instant(), 1);
    }

    /** An invocation of a function that has provisioned concurrency has run. */
    void provisioned(FunctionRef ref, String version, Outcome.Provision how) {
        Instant now = clock.instant();
        List<Map<String, String>> all = dimensions(ref.qualifiedArn(), version);
        String kind = how.served() ? "Invocations" : "SpilloverInvocations";
        add(ref.scope(), all, "ProvisionedConcurrency" + kind, "Count", now, 1);
        add(ref.scope(), all, "ProvisionedConcurrentExecutions", "Count", now, how.busy());
        double used = (double) how.busy() / Math.max(1, how.ready());
        add(ref.scope(), all, "ProvisionedConcurrencyUtilization", "Count", now, Math.min(1, used));
    }

    /** A record or a dead letter did not arrive, and will not be tried again. */
    void undelivered(Scope scope, String arn, boolean letter) {
        String name = letter ? "DeadLetterErrors" : "DestinationDeliveryFailures";
        add(scope, dimensions(arn, ""), name, "Count", clock.instant(), 1);
    }

    /** A function URL has answered. */
    void visited(FunctionRef ref, int status, long micros) {
        Instant now = clock.instant();
        List<Map<String, String>> all = dimensions(ref.qualifiedArn(), "");
        add(ref.scope(), all, "UrlRequestCount", "Count", now, 1);
        add(ref.scope(), all, "Url4xxCount", "Count", now, status / 100 == 4 ? 1 : 0);
        add(ref.scope(), all, "Url5xxCount", "Count", now, status / 100 == 5 ? 1 : 0);
        add(ref.scope(), all, "UrlRequestLatency", "Milliseconds", now, micros / MICROS);
    }

    /**
     * An invocation begins.
     *
     * @param running of the function, this one counted
     * @param all of the account
     * @param unreserved of the functions without a share of their own
     */
    void entered(FunctionRef ref, int running, int all, int unreserved) {
        Instant now = clock.instant();
        String name = "ConcurrentExecutions";
        add(ref.scope(), List.of(Map.of("FunctionName", ref.name())), name, "Count", now, running);
        add(ref.scope(), List.of(Map.of()), name, "Count", now, all);
        add(ref.scope(), List.of(Map.of()), "UnreservedConcurrentExecutions", "Count", now, unreserved);
    }

    private void add(Scope scope, List<Map<String, String>> all, String name, String unit, Instant at, double value) {
        for (Map<String, String> dimensions : all) {
            metrics.add(new Metrics.What(scope, NAMESPACE, name, dimensions, unit), at, value);
        }
    }

    private static List<Map<String, String>> named(String function) {
        return List.of(
                Map.of(), Map.of("FunctionName", function), Map.of("FunctionName", function, "Resource", function));
    }

    /** The account, the function, what was invoked of it, and behind an alias the version too. */
    static List<Map<String, String>> dimensions(String arn, String version) {
        String[] parts = arn.split(":", -1);
        String function = parts.length > 6 ? parts[6] : arn;
        String qualifier = parts.length > 7 ? parts[7] : "";
        String resource = qualifier.isEmpty() ? function : function + ":" + qualifier;
        List<Map<String, String>> all = new ArrayList<>(List.of(
                Map.of(), Map.of("FunctionName", function), Map.of("FunctionName", function, "Resource", resource)));
        boolean alias = !qualifier.isEmpty() && !qualifier.equals("$LATEST") && !qualifier.matches("[0-9]+");
        if (alias && !version.isEmpty()) {
            all.add(Map.of("FunctionName", function, "Resource", resource, "ExecutedVersion", version));
        }
        return all;
    }
}
