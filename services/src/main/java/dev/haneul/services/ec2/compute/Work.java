package dev.haneul.services.ec2.compute;

import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Driver.Waker;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Kind;
import dev.haneul.services.ec2.network.Nets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What takes time with servers, images and disks: joins the driver, and wakes what changes concern. */
final class Work {
    private static final int AT_ONCE = 16;
    private static final int DISKS_AT_ONCE = 8;
    private static final int PAGE = 1000;

    private final Compute compute;
    private final Ec2Room room;
    private final Booting booting;
    private final Meter meter;
    /** Where each server's record is. */
    private final Map<String, Scope> scopes = new ConcurrentHashMap<>();
    /** The instance of each interface. */
    private final Map<String, Key> owners = new ConcurrentHashMap<>();

    Work(Compute compute, Supplier<List<String>> trusted) {
        this.compute = compute;
        this.room = compute.room();
        this.booting = new Booting(compute, trusted);
        this.meter = new Meter(compute);
    }

    /** Joins the driver, before it starts. */
    void join(Driver driver) {
        Waker<Key> instances = driver.add(new InstanceReconciler(compute, booting), AT_ONCE);
        Waker<Key> volumes = driver.add(new VolumeReconciler(compute, booting), DISKS_AT_ONCE);
        Waker<Key> snapshots = driver.add(new SnapshotReconciler(compute), 2);
        Waker<Key> images = driver.add(new ImageReconciler(compute), 1);
        driver.follow("ec2.instance", Set.of(Records.INSTANCES.table().name()), change -> {
            follow(change);
            instances.wake(change.key());
        });
        driver.follow("ec2.volume", Set.of(Records.VOLUMES.table().name()), change -> volumes.wake(change.key()));
        driver.follow("ec2.snapshot", Set.of(Records.SNAPSHOTS.table().name()), change -> {
            snapshots.wake(change.key());
            change.before(Records.SNAPSHOTS.table().codec())
                    .ifPresent(before -> snapshots.wake(change.key().scope().key(before.kept())));
            wakeOpen(Records.IMAGES.table(), images);
        });
        driver.follow("ec2.image", Set.of(Records.IMAGES.table().name()), change -> {
            images.wake(change.key());
            if (change.after() == null) {
                change.before(Records.IMAGES.table().codec())
                        .ifPresent(row -> ImportReconciler.release(compute, row.recipe()));
            }
        });
        Waker<Key> wiring = driver.add(new WiringReconciler(compute), DISKS_AT_ONCE);
        driver.follow("ec2.wiring", Set.of(Nets.INTERFACES.table().name()), change -> {
            Key before = owners.get(change.key().id());
            own(change.key(), change.after(Nets.INTERFACES.table().codec()).orElse(null));
            Key after = owners.get(change.key().id());
            if (!Objects.equals(before, after)) {
                wiring.wake(change.key());
            }
        });
        every(Nets.INTERFACES.table(), row -> own(row.key(), row.value()));
        every(Records.INSTANCES.table(), row -> {
            scopes.put(row.key().id(), row.key().scope());
            instances.wake(row.key());
        });
        every(Records.VOLUMES.table(), row -> volumes.wake(row.key()));
        wakeOpen(Records.SNAPSHOTS.table(), snapshots);
        wakeOpen(Records.IMAGES.table(), images);
        compute.servers().watch(id -> {
            Scope scope = scopes.get(id);
            if (scope != null) {
                instances.wake(scope.key(id));
            }
        });
        meter.join(driver);
    }

    /** Joins the driver that imports images and snapshots. */
    void imports(Driver driver, Credentials credentials) {
        for (Kind<ImportRow> kind : List.of(Records.IMAGE_IMPORTS, Records.SNAPSHOT_IMPORTS)) {
            Waker<Key> waker = driver.add(new ImportReconciler(compute, credentials, kind), 1);
            driver.follow("ec2." + kind.type(), Set.of(kind.table().name()), change -> waker.wake(change.key()));
            wakeOpen(kind.table(), waker);
        }
    }

    private void own(Key key, Nets.@Nullable InterfaceRow row) {
        String instance = row == null ? null : row.instance();
        if (instance == null) {
            owners.remove(key.id());
        } else {
            owners.put(key.id(), key.scope().key(instance));
        }
    }

    private void follow(Change change) {
        String id = change.key().id();
        if (change.after() == null) {
            scopes.remove(id);
            return;
        }
        scopes.put(id, change.key().scope());
        InstanceRow before = change.before(Records.INSTANCES.table().codec()).orElse(null);
        InstanceRow after = change.after(Records.INSTANCES.table().codec()).orElse(null);
        if (before != null && after != null && before.state() == State.RUNNING && after.state() != State.RUNNING) {
            meter.left(change.key(), before, after.course().changed());
        }
    }

    /** Where an instance's record is; null for one nobody knows. */
    @Nullable
    Scope scope(String id) {
        return scopes.get(id);
    }

    /** The instance of an interface; null where it is at none. */
    @Nullable
    Key instance(String eni) {
        return owners.get(eni);
    }

    private <R> void wakeOpen(Table<R> table, Waker<Key> waker) {
        room.read(tx -> tx.findAnywhere(table, Records.OPEN, "yes", null, PAGE)).forEach(row -> waker.wake(row.key()));
    }

    private <R> void every(Table<R> table, Consumer<Row<R>> each) {
        Key after = null;
        List<Row<R>> page;
        do {
            Key from = after;
            page = room.read(tx -> tx.all(table, from, PAGE));
            page.forEach(each);
            after = page.isEmpty()
                    ? null
                    : Objects.requireNonNull(page.getLast()).key();
        } while (page.size() == PAGE);
    }
}
