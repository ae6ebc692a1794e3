package dev.haneul.services.ec2.compute;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.usage.Usage;
import dev.haneul.services.ec2.Ec2Room;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * Tells, once a minute, what servers and disks have used: instances by the second in which they run, a minute at least
 * from every start; volumes by the size they were asked for; snapshots by what they were the first to store.
 */
final class Meter implements Reconciler<String> {
    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final double SECONDS_PER_HOUR = 3600;
    /** AWS's month of the bill. */
    private static final double SECONDS_PER_MONTH = 730 * SECONDS_PER_HOUR;

    private static final double GIB = 1L << 30;
    private static final int PAGE = 500;
    private static final String SERVICE = "AmazonEC2";

    private final Ec2Room room;
    private final Usage usage;

    Meter(Compute compute) {
        this.room = compute.room();
        this.usage = compute.room().usage();
    }

    void join(Driver driver) {
        driver.add(this, 1).wake("minute");
    }

    @Override
    public String name() {
        return "ec2.meter";
    }

    @Override
    public Next reconcile(String key) {
        Instant now = room.now();
        each(Records.INSTANCES.table(), row -> row.state() == State.RUNNING, (at, row) -> instance(at, row, now));
        each(Records.VOLUMES.table(), VolumeRow::made, (at, row) -> {
            double months = elapsed(at, Objects.requireNonNull(row.told().createTime()), now, 0) / SECONDS_PER_MONTH;
            tell(at, "EBS:VolumeUsage." + row.told().volumeType(), row.sizeGib() * months, "GB-Mo");
        });
        each(Records.SNAPSHOTS.table(), row -> row.storedBytes() > 0, (at, row) -> {
            double months = elapsed(at, Objects.requireNonNull(row.told().startTime()), now, 0) / SECONDS_PER_MONTH;
            tell(at, "EBS:SnapshotUsage", row.storedBytes() / GIB * months, "GB-Mo");
        });
        return Next.after(PERIOD);
    }

    /** An instance runs no more: tells the rest. */
    void left(Key at, InstanceRow running, Instant until) {
        instance(at, running, until);
    }

    private void instance(Key at, InstanceRow row, Instant now) {
        double hours = elapsed(at, row.course().changed(), now, PERIOD.toSeconds()) / SECONDS_PER_HOUR;
        tell(at, "BoxUsage:" + row.told().instanceType(), hours, "Hrs");
    }

    /** Seconds that were not told yet since this start; the first time at least so many. */
    private double elapsed(Key at, Instant start, Instant now, long least) {
        return room.store().transact(tx -> {
            Instant told = tx.get(Records.METERED, at)
                    .filter(row -> row.value().start().equals(start))
                    .map(row -> row.value().until())
                    .orElse(start);
            Instant first = start.plusSeconds(least);
            Instant until = told.equals(start) && now.isBefore(first) ? first : now;
            if (!until.isAfter(told)) {
                return 0.0;
            }
            tx.put(Records.METERED, at, new Records.Metered(start, until));
            return Duration.between(told, until).toMillis() / 1000.0;
        });
    }

    private void tell(Key at, String type, double quantity, String unit) {
        if (quantity > 0) {
            Scope scope = at.scope();
            usage.add(new Usage.What(scope.account(), scope.region(), SERVICE, type, at.id(), unit), quantity);
        }
    }

    private <R> void each(Table<R> table, Predicate<R> which, BiConsumer<Key, R> action) {
        Key after = null;
        List<Row<R>> page;
        do {
            Key from = after;
            page = room.read(tx -> tx.all(table, from, PAGE));
            page.stream().filter(row -> which.test(row.value())).forEach(row -> action.accept(row.key(), row.value()));
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == PAGE);
    }
}
