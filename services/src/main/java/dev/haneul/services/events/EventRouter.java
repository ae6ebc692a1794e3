package dev.haneul.services.events;

import dev.haneul.api.events.HttpParameters;
import dev.haneul.api.events.RetryPolicy;
import dev.haneul.api.events.Target;
import dev.haneul.delivery.DeliveryPolicy;
import dev.haneul.delivery.DeliveryPolicy.DeadLetter;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.EcsTasks;
import dev.haneul.delivery.EventPatterns;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Sender;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.events.EventsContext.BusRef;
import dev.haneul.services.events.EventsTables.RuleRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which targets get an event, and what each gets: what a rule matched becomes parcels of the delivery queue. */
final class EventRouter {
    static final String HOST = "events.amazonaws.com";

    private final DeliveryQueue queue;
    private final EventPatterns patterns;
    private final EventsMetrics metrics;

    EventRouter(DeliveryQueue queue, EventPatterns patterns, EventsMetrics metrics) {
        this.metrics = metrics;
        this.queue = queue;
        this.patterns = patterns;
    }

    /** Something to be delivered. */
    record Delivery(BusRef bus, String id, Parcel parcel, DeliveryPolicy policy) {}

    /**
     * What becomes of an event on a bus.
     *
     * @param among the rules that are asked
     */
    List<Delivery> plan(ReadTx tx, BusRef bus, Event event, Predicate<RuleRow> among) {
        List<Delivery> found = new ArrayList<>();
        for (RuleRow rule : EventsContext.rules(tx, bus)) {
            String pattern = rule.pattern();
            if (pattern != null && rule.enabled() && among.test(rule) && patterns.matches(pattern, event.node())) {
                found.addAll(deliveries(bus, rule, event));
            }
        }
        return found;
    }

    /** One delivery for each target of a rule that an event has met. */
    static List<Delivery> deliveries(BusRef bus, RuleRow rule, Event event) {
        List<Delivery> found = new ArrayList<>();
        for (Target target : rule.targets()) {
            found.add(delivery(bus, rule, target, event));
        }
        return found;
    }

    /** Puts deliveries in; {@link #wake} when the transaction has returned. */
    void put(WriteTx tx, List<Delivery> deliveries) {
        for (Delivery each : deliveries) {
            queue.put(tx, each.bus().scope(), each.parcel(), each.policy(), each.id());
        }
    }

    void wake(List<Delivery> deliveries) {
        deliveries.forEach(each -> queue.wake(each.bus().scope(), each.parcel().arn()));
        metrics.matched(deliveries);
    }

    private static Delivery delivery(BusRef bus, RuleRow rule, Target target, Event event) {
        String ruleArn = EventsTables.ruleArn(bus.scope(), bus.name(), rule.name());
        Sender service = Sender.service(HOST, bus.scope().account(), ruleArn);
        boolean toBus = target.arn().contains(":event-bus/");
        String payload =
                toBus ? Json.write(event.tree().get("detail")) : TargetInput.of(target, event, ruleArn, rule.name());
        String role = target.roleArn();
        Parcel parcel = new Parcel(target.arn(), payload, service.under(role), manner(target, event));
        // Rule and target name the parcel, so that an event routed twice after a crash is delivered once where it can.
        String id = event.id() + "/" + rule.name() + "/" + target.id();
        return new Delivery(bus, id, parcel, policy(target, event, service, ruleArn));
    }

    private static DeliveryPolicy policy(Target target, Event event, Sender service, String ruleArn) {
        RetryPolicy asked = target.retryPolicy();
        Integer age = asked == null ? null : asked.maximumEventAgeInSeconds();
        Integer retries = asked == null ? null : asked.maximumRetryAttempts();
        String queueArn = target.deadLetterConfig() == null
                ? null
                : target.deadLetterConfig().arn();
        DeadLetter letter = queueArn == null
                ? null
                : new DeadLetter(
                        queueArn, event.json(), service, Map.of("RULE_ARN", ruleArn, "TARGET_ARN", target.arn()));
        return new DeliveryPolicy(
                age == null ? DeliveryPolicy.DAY.maxAge() : Duration.ofSeconds(age),
                retries == null ? DeliveryPolicy.DAY.maxRetries() : retries,
                letter);
    }

    private static Parcel.Manner manner(Target target, Event event) {
        Parcel.Manner manner = Parcel.Manner.PLAIN;
        if (target.sqsParameters() != null) {
            manner = manner.grouped(target.sqsParameters().messageGroupId(), event.id());
        }
        if (target.arn().contains(":event-bus/")) {
            manner = manner.enveloped(new Parcel.Envelope(
                    event.text("source"),
                    event.text("detail-type"),
                    resources(event),
                    Instant.parse(event.text("time")),
                    event.forwarded()));
        }
        if (target.kinesisParameters() != null) {
            manner =
                    manner.keyed(TargetInput.resolved(target.kinesisParameters().partitionKeyPath(), event));
        } else if (target.arn().contains(":kinesis:")) {
            manner = manner.keyed(event.id());
        }
        if (target.ecsParameters() != null) {
            manner = manner.running(EcsTasks.of(target.ecsParameters()));
        }
        if (target.arn().contains(":states:")) {
            manner = manner.named(event.id() + "_" + target.id());
        }
        HttpParameters http = target.httpParameters();
        if (http != null) {
            manner = manner.requesting(new Parcel.Request(
                    http.pathParameterValues().stream()
                            .map(value -> TargetInput.resolved(value, event))
                            .toList(),
                    resolved(http.headerParameters(), event),
                    resolved(http.queryStringParameters(), event)));
        }
        return manner;
    }

    private static Map<String, String> resolved(Map<String, String> parameters, Event event) {
        Map<String, String> resolved = new LinkedHashMap<>();
        parameters.forEach((name, value) -> resolved.put(name, TargetInput.resolved(value, event)));
        return resolved;
    }

    private static List<String> resources(Event event) {
        @Nullable Object resources = event.tree().get("resources");
        List<String> found = new ArrayList<>();
        if (resources instanceof List<?> list) {
            list.forEach(each -> found.add(String.valueOf(each)));
        }
        return found;
    }
}
