package dev.haneul.services.lambda;

import dev.haneul.delivery.DeliveryPolicy;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Sender;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.LambdaTables.Event;
import dev.haneul.services.lambda.LambdaTables.InvokeConfig;
import dev.haneul.services.lambda.run.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the ends of asynchronous invocations are told: destinations get a record of the invocation, dead-letter queues
 * the event itself. They are put in with the commit that ends the event, and handed over as the function's role. See
 * "Capturing records of Lambda asynchronous invocations".
 */
final class Destinations {
    /** Condition of a record. */
    static final String SUCCESS = "Success";

    static final String EXHAUSTED = "RetriesExhausted";
    static final String TOO_OLD = "EventAgeExceeded";
    static final String NO_CONCURRENCY = "ZeroReservedConcurrency";
    static final String LOOP = "RecursiveLoop";

    private static final DeliveryPolicy POLICY = new DeliveryPolicy(Duration.ofHours(6), 20, null);
    private static final int HANDED_OVER_AT_ONCE = 8;
    private static final int LONGEST_MESSAGE = 1024;

    private final DeliveryQueue queue;
    private volatile @Nullable LambdaMetrics metrics;

    Destinations(Store store, Clock clock, Targets targets) {
        queue = new DeliveryQueue("lambda.destinations", store, clock, targets::send, 2);
        queue.watch((scope, tried, trouble) -> {
            LambdaMetrics measuring = metrics;
            if (trouble != null && measuring != null) {
                boolean letter = !tried.parcel().manner().attributes().isEmpty(); // records have none
                measuring.undelivered(scope, tried.parcel().sender().sourceArn(), letter);
            }
        });
    }

    /** Tells from now on what could not be handed over. */
    void measuredBy(LambdaMetrics measuring) {
        metrics = measuring;
    }

    void join(Driver driver) {
        queue.join(driver, HANDED_OVER_AT_ONCE);
    }

    /**
     * The end of an event.
     *
     * @param condition why it is the end
     * @param invocations made of it
     * @param payload the event; JSON
     * @param outcome of the last attempt; null where there was none
     */
    record End(
            FunctionRef ref,
            Found found,
            Event event,
            InvokeConfig config,
            String condition,
            int invocations,
            byte[] payload,
            @Nullable Outcome outcome,
            Instant at) {
        boolean succeeded() {
            return condition.equals(SUCCESS);
        }
    }

    /** Puts in what the end of an event sends; gives the targets to wake once the transaction has returned. */
    List<String> put(WriteTx tx, End end) {
        List<String> targets = new ArrayList<>();
        String destination = end.succeeded() ? end.config.onSuccess() : end.config.onFailure();
        String role = Functions.or(end.found.configuration().role(), "");
        Sender sender = Sender.service("lambda.amazonaws.com", end.ref.account(), end.ref.arn())
                .under(role);
        if (destination != null) {
            Parcel parcel = Parcel.of(destination, record(end), sender);
            if (destination.contains(":events:")) {
                parcel = parcel.in(Parcel.Manner.PLAIN.enveloped(new Parcel.Envelope(
                        "lambda",
                        "Lambda Function Invocation Result - " + (end.succeeded() ? "Success" : "Failure"),
                        List.of(destination, functionArn(end)),
                        end.at,
                        null)));
            }
            queue.put(tx, end.ref.scope(), parcel, POLICY, null);
            targets.add(destination);
        }
        String letter = DestinationRules.target(end.found.configuration().deadLetterConfig());
        if (letter != null && !end.succeeded()) {
            String text = new String(end.payload, StandardCharsets.UTF_8);
            Parcel parcel = Parcel.of(letter, text, sender).in(Parcel.Manner.PLAIN.with(attributes(end)));
            queue.put(tx, end.ref.scope(), parcel, POLICY, null);
            targets.add(letter);
        }
        return targets;
    }

    void wake(Scope scope, List<String> targets) {
        targets.forEach(arn -> queue.wake(scope, arn));
    }

    private static Map<String, String> attributes(End end) {
        Outcome outcome = end.outcome;
        String message =
                outcome == null ? end.condition : message(new String(outcome.payload(), StandardCharsets.UTF_8));
        return Map.of(
                "RequestID", end.event.requestId(),
                "ErrorCode", outcome == null ? "429" : "200",
                "ErrorMessage", message.substring(0, Math.min(LONGEST_MESSAGE, message.length())));
    }

    private static String message(String document) {
        Object message = dev.haneul.delivery.Json.object(document)
                .<Object>map(object -> object.get("errorMessage"))
                .orElse(null);
        return message == null || message.toString().isEmpty() ? document : message.toString();
    }

    private static String functionArn(End end) {
        String qualifier = end.ref.qualifier();
        return end.ref.arn() + ":" + (qualifier == null ? FunctionRef.LATEST : qualifier);
    }

    /** The record, version 1.0; payloads stand in it as the JSON they are. */
    private static String record(End end) {
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("requestId", end.event.requestId());
        context.put("functionArn", functionArn(end));
        context.put("condition", end.condition);
        context.put("approximateInvokeCount", end.invocations);
        StringBuilder json = new StringBuilder("{\"version\":\"1.0\",\"timestamp\":\"")
                .append(end.at.truncatedTo(ChronoUnit.MILLIS))
                .append("\",\"requestContext\":")
                .append(Json.write(context))
                .append(",\"requestPayload\":")
                .append(embedded(end.payload));
        Outcome outcome = end.outcome;
        if (outcome != null) {
            Map<String, Object> response = new LinkedHashMap<>();
            response.put("statusCode", 200);
            response.put("executedVersion", end.found.version());
            if (outcome.failed()) {
                response.put("functionError", "Unhandled");
            }
            json.append(",\"responseContext\":")
                    .append(Json.write(response))
                    .append(",\"responsePayload\":")
                    .append(embedded(outcome.payload()));
        }
        return json.append('}').toString();
    }

    private static String embedded(byte[] document) {
        String text = new String(document, StandardCharsets.UTF_8);
        return Json.fault(document) == null ? text : Json.write(text);
    }
}
