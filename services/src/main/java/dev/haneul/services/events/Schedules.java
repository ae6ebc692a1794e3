package dev.haneul.services.events;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.schedule.ScheduleExpression;
import dev.haneul.services.events.EventRouter.Delivery;
import dev.haneul.services.events.EventsContext.BusRef;
import dev.haneul.services.events.EventsTables.FireRow;
import dev.haneul.services.events.EventsTables.RuleRow;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rules with a schedule: each has the moment it is due in the store, which moves on in the transaction that puts its
 * deliveries in. What was due while the region stood is made up for once.
 */
final class Schedules implements Reconciler<Key> {
    private static final int PAGE = 500;
    private static final int CONCURRENCY = 4;

    private final EventsContext events;
    private final EventRouter router;
    private Driver.@Nullable Waker<Key> waker;

    Schedules(EventsContext events, EventRouter router) {
        this.events = events;
        this.router = router;
    }

    void join(Driver driver) {
        Driver.Waker<Key> made = driver.add(this, CONCURRENCY);
        waker = made;
        Key after = null;
        List<Row<FireRow>> page;
        do {
            Key from = after;
            page = events.store().read(tx -> tx.all(EventsTables.FIRES, from, PAGE));
            for (Row<FireRow> row : page) {
                made.wake(row.key());
                after = row.key();
            }
        } while (page.size() == PAGE);
    }

    /** A rule may have another schedule now. */
    void changed(Key rule) {
        Driver.Waker<Key> driver = waker;
        if (driver != null) {
            driver.wake(rule);
        }
    }

    @Override
    public String name() {
        return "events.schedules";
    }

    @Override
    public Next reconcile(Key key) {
        RuleRow rule = events.store()
                .read(tx -> tx.get(EventsTables.RULES, key))
                .map(Row::value)
                .orElse(null);
        FireRow fire = events.store()
                .read(tx -> tx.get(EventsTables.FIRES, key))
                .map(Row::value)
                .orElse(null);
        String text = rule == null || !rule.enabled() ? null : rule.schedule();
        Optional<ScheduleExpression> schedule = text == null ? Optional.empty() : ScheduleExpression.parse(text);
        if (rule == null || text == null || schedule.isEmpty()) {
            if (fire != null) {
                events.store().write(tx -> tx.delete(EventsTables.FIRES, key));
            }
            return Next.DONE;
        }
        Instant now = events.now();
        FireRow going = fire != null && fire.expression().equals(text) ? fire : null;
        if (going != null && going.due().isAfter(now)) {
            return Next.at(going.due());
        }
        List<Delivery> deliveries = going == null ? List.of() : deliveries(key, rule, going.due(), now);
        Instant anchor = going == null ? now : going.anchor();
        Instant due = schedule.get().next(now, anchor, ZoneOffset.UTC).orElse(null);
        events.store().write(tx -> {
            router.put(tx, deliveries);
            if (due == null) {
                tx.delete(EventsTables.FIRES, key);
            } else {
                tx.put(EventsTables.FIRES, key, new FireRow(text, anchor, due));
            }
        });
        router.wake(deliveries);
        return due == null ? Next.DONE : Next.at(due);
    }

    private static List<Delivery> deliveries(Key key, RuleRow rule, Instant due, Instant now) {
        BusRef bus = new BusRef(key.scope(), rule.bus());
        Event event = Event.of(
                // The same moment told twice has the same id, and is delivered once where it still waits.
                UUID.nameUUIDFromBytes((key + " " + due).getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .toString(),
                "aws.events",
                "Scheduled Event",
                key.account(),
                key.region(),
                due,
                List.of(EventsTables.ruleArn(bus.scope(), bus.name(), rule.name())),
                Map.of(),
                now);
        return EventRouter.deliveries(bus, rule, event);
    }
}
