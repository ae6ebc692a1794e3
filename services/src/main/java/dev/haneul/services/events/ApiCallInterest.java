package dev.haneul.services.events;

import com.fasterxml.jackson.databind.JsonNode;
import dev.haneul.delivery.EventPatterns;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.events.EventsContext.BusRef;
import dev.haneul.services.events.EventsTables.RuleRow;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Whether any rule or archive of a default bus could want the calls CloudTrail tells of. Nobody's want is the usual
 * answer, and every call of the region asks: so it is remembered until a rule or an archive changes.
 */
final class ApiCallInterest implements Predicate<Scope>, Driver.ChangeReader {
    private static final String TYPE = "AWS API Call via CloudTrail";
    private static final int MOST_KEPT = 10_000;

    private final EventsContext events;
    private final Map<Scope, Boolean> known = new ConcurrentHashMap<>();

    ApiCallInterest(EventsContext events) {
        this.events = events;
    }

    void join(Driver driver) {
        driver.follow("events.api_calls", Set.of(EventsTables.RULES.name(), EventsTables.ARCHIVES.name()), this);
    }

    @Override
    public void accept(Change change) {
        known.remove(change.key().scope());
    }

    @Override
    public boolean test(Scope scope) {
        if (known.size() > MOST_KEPT) {
            known.clear();
        }
        // Within the map's own lock: a change that comes while it looks removes what it found.
        return known.computeIfAbsent(scope, this::look);
    }

    private boolean look(Scope scope) {
        BusRef bus = new BusRef(scope, EventsTables.DEFAULT_BUS);
        return events.store()
                .<Boolean>read(tx -> EventsContext.rules(tx, bus).stream().anyMatch(ApiCallInterest::wants)
                        || tx.range(EventsTables.ARCHIVES, scope, "", null, 1_000).stream()
                                .map(Row::value)
                                .anyMatch(archive -> archive.busArn().equals(bus.arn())));
    }

    /** Whether a rule's pattern leaves the detail-type open, names this one, or matches it in a way not looked into. */
    static boolean wants(RuleRow rule) {
        String pattern = rule.pattern();
        if (pattern == null || !rule.enabled()) {
            return false;
        }
        JsonNode read = EventPatterns.read(pattern);
        JsonNode types = read == null ? null : read.get("detail-type");
        if (types == null || !types.isArray() || (read != null && read.has("$or"))) {
            return true;
        }
        for (JsonNode type : types) {
            if (!type.isTextual() || type.asText().equals(TYPE)) {
                return true;
            }
        }
        return false;
    }
}
