package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.s3.S3Tables.DeliveryRecord;
import dev.haneul.services.s3.S3Tables.ObjectEvent;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells destinations what happened to objects, at least once.
 *
 * <p>Reads the feed past its own cursor, so a crash repeats and never loses. A destination that does not take an event
 * just now must not hold up the others: the event is put aside and tried again with growing pauses, for a day. One that
 * never will (the function is gone, or forbids it) loses the event with a line in the log, as on AWS.
 */
final class EventDelivery implements Driver.ChangeReader, Reconciler<Key> {
    static final String CURSOR = "s3.delivery";
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final int MAX_SHIFT = 9;
    private static final int PAGE = 1000;
    private static final int CONCURRENCY = 4;
    private static final System.Logger LOG = System.getLogger(EventDelivery.class.getName());

    private final Store store;
    private final Clock clock;
    private final Functions functions;
    private Driver.@Nullable Waker<Key> retries;

    EventDelivery(Store store, Clock clock, Functions functions) {
        this.store = store;
        this.clock = clock;
        this.functions = functions;
    }

    /** Joins the driver before it starts; wakes what an earlier run put aside. */
    void join(Driver driver) {
        Driver.Waker<Key> waker = driver.add(this, CONCURRENCY);
        retries = waker;
        driver.follow(CURSOR, Set.of(S3Tables.EVENTS.name()), this);
        Key after = null;
        List<Row<DeliveryRecord>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(S3Tables.DELIVERIES, from, PAGE));
            for (Row<DeliveryRecord> row : page) {
                waker.wake(row.key());
                after = row.key();
            }
        } while (page.size() == PAGE);
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
        for (NotificationRule rule : NotificationRule.wanting(rules, event.name(), event.key())) {
            DeliveryRecord delivery = new DeliveryRecord(
                    rule.arn(),
                    event.bucket(),
                    event.owner(),
                    EventJson.of(event, rule.id(), change.sequence()),
                    event.time(),
                    0);
            if (!settled(delivery)) {
                putAside(change.key().scope().key(change.sequence() + "/" + rule.id()), delivery);
            }
        }
    }

    private void putAside(Key key, DeliveryRecord delivery) {
        store.write(tx -> tx.put(S3Tables.DELIVERIES, key, delivery.tried()));
        Driver.Waker<Key> waker = retries;
        if (waker != null) {
            waker.wake(key);
        }
    }

    @Override
    public String name() {
        return CURSOR;
    }

    @Override
    public Next reconcile(Key key) {
        DeliveryRecord delivery = store.read(tx -> tx.get(S3Tables.DELIVERIES, key))
                .map(Row::value)
                .orElse(null);
        if (delivery == null) {
            return Next.DONE;
        }
        boolean tooOld = Duration.between(delivery.time(), clock.instant()).compareTo(LONGEST) > 0;
        if (tooOld) {
            drop(delivery, "nobody took it for " + LONGEST.toHours() + " hours");
        }
        if (tooOld || settled(delivery)) {
            store.write(tx -> tx.delete(S3Tables.DELIVERIES, key));
            return Next.DONE;
        }
        store.write(tx -> tx.put(S3Tables.DELIVERIES, key, delivery.tried()));
        Duration pause = Duration.ofSeconds(1L << Math.min(delivery.attempts(), MAX_SHIFT));
        return Next.after(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
    }

    /** Tries once; false where it should be tried again. */
    private boolean settled(DeliveryRecord delivery) {
        try {
            functions.deliver(
                    delivery.destination(), "arn:aws:s3:::" + delivery.bucket(), delivery.owner(), delivery.message());
            return true;
        } catch (Fault fault) {
            if (fault.status() == 429 || fault.status() >= 500 && fault.status() != 501) {
                return false;
            }
            drop(delivery, fault.code() + ": " + fault.message());
            return true;
        }
    }

    private static void drop(DeliveryRecord delivery, String why) {
        LOG.log(
                System.Logger.Level.WARNING,
                "an event of bucket " + delivery.bucket() + " for " + delivery.destination() + " is dropped: " + why);
    }
}
