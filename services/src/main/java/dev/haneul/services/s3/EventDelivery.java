package dev.haneul.services.s3;

import dev.haneul.delivery.DeliveryPolicy;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.s3.NotificationRule.Kind;
import dev.haneul.services.s3.S3Tables.ObjectEvent;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Tells destinations what happened to objects, at least once, in the order of their sequencers.
 *
 * <p>Reads the feed past its own cursor, so a crash repeats and never loses. A destination that does not take an event
 * just now must not hold up the others: the event waits in a queue and is tried again for a day. One that never will
 * (the function is gone, or forbids it) loses the event with a line in the log, as on AWS.
 */
final class EventDelivery implements Driver.ChangeReader {
    static final String CURSOR = "s3.delivery";
    private static final DeliveryPolicy POLICY = new DeliveryPolicy(Duration.ofHours(24), 1000, null);
    private static final int CONCURRENCY = 16;

    private final Store store;
    private final DeliveryQueue queue;

    EventDelivery(Store store, Clock clock, Destinations destinations) {
        this.store = store;
        this.queue = new DeliveryQueue("s3.parcel", store, clock, destinations::send, 1);
    }

    /** Joins the driver before it starts; wakes what an earlier run put aside. */
    void join(Driver driver) {
        queue.join(driver, CONCURRENCY);
        driver.follow(CURSOR, Set.of(S3Tables.EVENTS.name()), this);
    }

    @Override
    public void accept(Change change) {
        ObjectEvent event = change.after(S3Tables.EVENTS.codec()).orElse(null);
        if (event == null) {
            return;
        }
        List<NotificationRule> rules = store.read(tx -> Buckets.find(tx, event.bucket())
                .map(bucket -> Buckets.settings(tx, bucket).notifications())
                .orElse(List.of()));
        Scope scope = new Scope(event.owner(), event.region());
        for (NotificationRule rule : NotificationRule.wanting(rules, event.name(), event.key())) {
            if (rule.kind() == Kind.EVENT_BUS) {
                ServiceEvent told = BusEvents.of(event, change.sequence());
                store.write(tx -> told.emit(tx, scope));
            } else {
                queue.offer(
                        scope,
                        Destinations.parcel(
                                rule.arn(),
                                "arn:aws:s3:::" + event.bucket(),
                                event.owner(),
                                EventJson.of(event, rule.id(), change.sequence())),
                        POLICY);
            }
        }
    }
}
