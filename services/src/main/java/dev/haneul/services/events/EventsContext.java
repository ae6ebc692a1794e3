package dev.haneul.services.events;

import dev.haneul.api.events.Tag;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.events.EventsTables.BusRow;
import dev.haneul.services.events.EventsTables.RuleRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What every operation works with, and how buses and rules are found. */
record EventsContext(Store store, Clock clock, Tokens tokens) {
    private static final int MOST_TAGS = 50;
    private static final int PAGE = 100;
    private static final int CHUNK = 500;

    static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    Instant now() {
        return clock.instant();
    }

    /** A bus's name and whose it is. */
    record BusRef(Scope scope, String name) {
        String arn() {
            return EventsTables.busArn(scope, name);
        }
    }

    /** A bus from its name or ARN; the default one for none. */
    static BusRef bus(@Nullable String nameOrArn, Call call) {
        if (nameOrArn == null || nameOrArn.isEmpty()) {
            return new BusRef(scope(call), EventsTables.DEFAULT_BUS);
        }
        String[] parts = nameOrArn.split(":", 6);
        if (parts.length == 6 && parts[0].equals("arn")) {
            if (!parts[2].equals("events") || !parts[5].startsWith("event-bus/")) {
                throw EventsFaults.parameter("EventBusName", "Provided value is not an event bus ARN.");
            }
            return new BusRef(new Scope(parts[4], parts[3]), parts[5].substring("event-bus/".length()));
        }
        return new BusRef(scope(call), nameOrArn);
    }

    /** The bus's record; the default bus always has one. */
    static Optional<BusRow> find(ReadTx tx, BusRef bus) {
        Optional<BusRow> found =
                tx.get(EventsTables.BUSES, bus.scope().key(bus.name())).map(Row::value);
        return found.isPresent() || !bus.name().equals(EventsTables.DEFAULT_BUS)
                ? found
                : Optional.of(
                        new BusRow(bus.name(), null, null, null, null, null, Map.of(), Instant.EPOCH, Instant.EPOCH));
    }

    static BusRow require(ReadTx tx, BusRef bus) {
        return find(tx, bus).orElseThrow(() -> EventsFaults.noBus(bus.name()));
    }

    static RuleRow rule(ReadTx tx, BusRef bus, String rule) {
        require(tx, bus);
        return tx.get(EventsTables.RULES, EventsTables.ruleKey(bus.scope(), bus.name(), rule))
                .map(Row::value)
                .orElseThrow(() -> EventsFaults.noRule(rule, bus.name()));
    }

    /** Every rule of a bus: a few hundred at most. */
    static List<RuleRow> rules(ReadTx tx, BusRef bus) {
        List<RuleRow> found = new ArrayList<>();
        String from = bus.name() + "|";
        while (true) {
            List<Row<RuleRow>> rows = tx.range(EventsTables.RULES, bus.scope(), from, bus.name() + "}", CHUNK);
            rows.forEach(row -> found.add(row.value()));
            if (rows.size() < CHUNK) {
                return found;
            }
            from = rows.getLast().key().id() + "\u0000";
        }
    }

    /** A page of a listing. */
    record Page<R>(List<R> rows, @Nullable String nextToken) {}

    /**
     * Lists records in order of id.
     *
     * @param prefix what ids begin with; tokens are good for the same listing only
     */
    <R> Page<R> page(
            String listing,
            Table<R> table,
            Scope scope,
            String prefix,
            Predicate<R> wanted,
            @Nullable Integer limit,
            @Nullable String token) {
        String context = "events " + listing + " " + scope + " " + prefix;
        String from =
                token == null ? prefix : tokens.open(context, token).orElseThrow(EventsFaults::badToken) + "\u0000";
        int most = limit == null ? PAGE : Math.min(limit, PAGE);
        return store.read(tx -> {
            List<R> found = new ArrayList<>();
            String start = from;
            String last = from;
            while (true) {
                List<Row<R>> rows = tx.range(table, scope, start, null, CHUNK);
                for (Row<R> row : rows) {
                    if (!row.key().id().startsWith(prefix)) {
                        return new Page<>(found, null);
                    }
                    if (wanted.test(row.value())) {
                        if (found.size() == most) {
                            return new Page<>(found, tokens.seal(context, last));
                        }
                        found.add(row.value());
                    }
                    last = row.key().id();
                }
                if (rows.size() < CHUNK) {
                    return new Page<>(found, null);
                }
                start = rows.getLast().key().id() + "\u0000";
            }
        });
    }

    /** Tags as they will stand, checked. */
    static Map<String, String> tags(Map<String, String> before, List<Tag> added) {
        Map<String, String> tags = new LinkedHashMap<>(before);
        for (Tag tag : added) {
            if (tag.key().startsWith("aws:")) {
                throw EventsFaults.validation("System tags cannot be added/updated/deleted by requester");
            }
            tags.put(tag.key(), tag.value());
        }
        if (tags.size() > MOST_TAGS) {
            throw EventsFaults.limit("The number of tags exceeds the limit of " + MOST_TAGS + ".");
        }
        return tags;
    }
}
