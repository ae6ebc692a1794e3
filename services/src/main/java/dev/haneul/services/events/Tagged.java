package dev.haneul.services.events;

import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.events.EventsContext.BusRef;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What carries tags: a bus or a rule.
 *
 * @param rule its name, null where the bus itself is meant
 */
record Tagged(BusRef bus, @Nullable String rule) {
    /** What an ARN of the caller's account and region names. */
    static Tagged of(String arn, Call call) {
        String[] parts = arn.split(":", 6);
        Scope scope = EventsContext.scope(call);
        boolean ours = parts.length == 6
                && parts[2].equals("events")
                && parts[3].equals(scope.region())
                && parts[4].equals(scope.account());
        if (ours && parts[5].startsWith("event-bus/")) {
            return new Tagged(new BusRef(scope, parts[5].substring("event-bus/".length())), null);
        }
        if (ours && parts[5].startsWith("rule/")) {
            String path = parts[5].substring("rule/".length());
            int slash = path.lastIndexOf('/');
            String bus = slash < 0 ? EventsTables.DEFAULT_BUS : path.substring(0, slash);
            return new Tagged(new BusRef(scope, bus), path.substring(slash + 1));
        }
        throw EventsFaults.parameter("ResourceARN", "Provided Arn is not in correct format.");
    }

    Map<String, String> tags(ReadTx tx) {
        return rule == null
                ? EventsContext.require(tx, bus).tags()
                : EventsContext.rule(tx, bus, rule).tags();
    }

    void put(WriteTx tx, Map<String, String> tags) {
        if (rule == null) {
            tx.put(
                    EventsTables.BUSES,
                    bus.scope().key(bus.name()),
                    EventsContext.require(tx, bus).withTags(tags));
        } else {
            tx.put(
                    EventsTables.RULES,
                    EventsTables.ruleKey(bus.scope(), bus.name(), rule),
                    EventsContext.rule(tx, bus, rule).withTags(tags));
        }
    }
}
