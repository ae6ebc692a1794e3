package dev.haneul.services.events;

import dev.haneul.api.events.PutEventsResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.Parcel;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.events.EventRouter.Delivery;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * AWS/Events' metrics: what is put, what rules match, and how it ends with their targets.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html">Monitoring EventBridge</a>
 */
final class EventsMetrics implements DeliveryQueue.Watcher {
    private static final String NAMESPACE = "AWS/Events";

    private final Clock clock;
    private volatile Metrics metrics = Metrics.NONE;

    EventsMetrics(Clock clock) {
        this.clock = clock;
    }

    void measure(Metrics measured) {
        metrics = measured;
    }

    /** A call of PutEvents was answered. */
    void put(PutEventsResponse answer, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        Integer failed = answer.failedEntryCount();
        int refused = failed == null ? 0 : failed;
        count(scope, "PutEventsApproximateCallCount", Map.of(), 1);
        count(scope, "PutEventsEntriesCount", Map.of(), answer.entries().size());
        if (refused > 0) {
            count(scope, "PutEventsFailedEntriesCount", Map.of(), refused);
        } else {
            count(scope, "PutEventsApproximateSuccessCount", Map.of(), 1);
        }
    }

    /** Rules have met events; there is one delivery for each of a rule's targets. */
    void matched(List<Delivery> deliveries) {
        Set<String> events = new HashSet<>();
        Set<String> rules = new HashSet<>();
        for (Delivery each : deliveries) {
            String[] eventRuleTarget = each.id().split("/", 3);
            if (eventRuleTarget.length < 3) {
                continue;
            }
            String event = each.bus() + " " + eventRuleTarget[0];
            if (rules.add(event + "/" + eventRuleTarget[1])) {
                Map<String, String> rule = dimensions(each.bus().name(), eventRuleTarget[1]);
                count(each.bus().scope(), "TriggeredRules", rule, 1);
                count(each.bus().scope(), "MatchedEvents", rule, 1);
            }
            if (events.add(event)) {
                count(each.bus().scope(), "MatchedEvents", Map.of(), 1);
            }
        }
    }

    @Override
    public void ended(Scope scope, DeliveryQueue.Waiting tried, @Nullable String trouble) {
        Parcel parcel = tried.parcel();
        Map<String, String> rule = dimensions(parcel.sender().sourceArn());
        if (parcel.manner().attributes().containsKey("ERROR_CODE")) {
            count(scope, trouble == null ? "InvocationsSentToDlq" : "InvocationsFailedToBeSentToDlq", rule, 1);
            return;
        }
        count(scope, "Invocations", rule, 1);
        if (trouble != null) {
            count(scope, "FailedInvocations", rule, 1);
        }
    }

    private static Map<String, String> dimensions(String ruleArn) {
        String[] names = ruleArn.substring(ruleArn.indexOf("rule/") + 5).split("/", -1);
        return names.length > 1 ? dimensions(names[0], names[1]) : dimensions(EventsTables.DEFAULT_BUS, names[0]);
    }

    private static Map<String, String> dimensions(String bus, String rule) {
        Map<String, String> dimensions = new HashMap<>(Map.of("RuleName", rule));
        if (!bus.equals(EventsTables.DEFAULT_BUS)) {
            dimensions.put("EventBusName", bus);
        }
        return dimensions;
    }

    private void count(Scope scope, String name, Map<String, String> dimensions, double value) {
        metrics.add(new Metrics.What(scope, NAMESPACE, name, dimensions, "Count"), clock.instant(), value);
    }
}
