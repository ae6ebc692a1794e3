package dev.haneul.services.lambda;

import dev.haneul.api.lambda.FunctionConfiguration;
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
        if (destination != null) {
            Parcel parcel = Parcel.of(destination, record(end), sender(end.ref, end.found.configuration()));
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
        if (!end.succeeded()) {
            String text = new String(end.payload, StandardCharsets.UTF_8);
            String letter = putLetter(tx, end.ref, end.found.configuration(), text, attributes(end));
            if (letter != null) {
                targets.add(letter);
            }
        }
        return targets;
    }

    /**
     * Puts in what a function's dead-letter queue or topic gets, where it has one.
     *
     * @return the target to wake once the transaction has returned; null for none
     */
    @Nullable
    String putLetter(
            WriteTx tx, FunctionRef ref, FunctionConfiguration at, String text, Map<String, String> attributes) {
        String letter = DestinationRules.target(at.deadLetterConfig());
        if (letter != null) {
            Parcel parcel = Parcel.of(letter, text, sender(ref, at)).in(Parcel.Manner.PLAIN.with(attributes));
            queue.put(tx, ref.scope(), parcel, POLICY, null);
        }
        return letter;
    }

    private static Sender sender(FunctionRef ref, FunctionConfiguration at) {
        return Sender.service("lambda.amazonaws.com", ref.account(), ref.arn()).under(Functions.or(at.role(), ""));
    }

    void wake(Scope scope, List<String> targets) {
        targets.forEach(arn -> queue.wake(scope, arn));
    }

    private static Map<String, String> attributes(End end) {
        Outcome outcome = end.outcome;
        String message =
                outcome == null ? end.condition : message(new String(outcome.payload(), StandardCharsets.UTF_8));
        return attributes(end.event.requestId(), outcome == null ? "429" : "200", message);
    }

    /** What a dead letter says about itself. */
    static Map<String, String> attributes(String requestId, String code, String message) {
        return Map.of(
                "RequestID", requestId,
                "ErrorCode", code,
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
