package dev.haneul.services.ec2.network;

import dev.haneul.fabric.vpc.NetworkPlan;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes the machine look like the records, whenever they changed. */
final class NetworkReconciler implements Reconciler<String> {
    static final String ALL = "networks";

    /** Whether this region ever made a network on this machine. */
    static final Table<Touched> TOUCHED = Table.of("ec2.network_touched", RecordCodecs.of(Touched.class));

    private static final Key KEY = Key.global("touched");

    record Touched(boolean ever) {}

    private final Store store;
    private final VpcFabric fabric;
    private final ReentrantLock lock = new ReentrantLock();
    /** How often {@link #apply} was called; each is answered by a plan that was made after it. */
    private final AtomicLong asked = new AtomicLong();
    /** The calls that were answered; of who holds the lock. */
    private long answered;

    private volatile Function<ReadTx, Map<String, Integer>> hopLimits = tx -> Map.of();
    private @Nullable NetworkPlan applied;

    NetworkReconciler(Store store, VpcFabric fabric) {
        this.store = store;
        this.fabric = fabric;
    }

    void hopLimits(Function<ReadTx, Map<String, Integer>> limits) {
        hopLimits = limits;
    }

    Driver.Waker<String> join(Driver driver) {
        Driver.Waker<String> waker = driver.add(this, 1);
        driver.follow("ec2.networks", NetworkTables.sources(), change -> waker.wake(ALL));
        // What an earlier server left is adopted or removed, though nothing has changed since.
        waker.wake(ALL);
        return waker;
    }

    @Override
    public String name() {
        return "ec2.networks";
    }

    @Override
    public Next reconcile(String key) {
        try {
            apply();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Next.DONE;
    }

    /**
     * Applies the plan of the records as they are now; when it returns, they hold. Those who ask while a plan is being
     * applied are answered together by the next one.
     *
     * @throws IOException where the machine refused
     */
    void apply() throws IOException {
        long own = asked.incrementAndGet();
        lock.lock();
        try {
            if (answered >= own) {
                return;
            }
            long all = asked.get();
            applyNow();
            answered = all;
        } finally {
            lock.unlock();
        }
    }

    private void applyNow() throws IOException {
        NetworkPlan plan = store.read(tx -> NetworkPlans.of(NetworkTables.read(tx), hopLimits.apply(tx)));
        // A region that never had a network does not even try what this machine can do.
        boolean untouched = applied == null && plan.vpcs().isEmpty() && !touched();
        if (untouched || plan.equals(applied) || !fabric.probe().works()) {
            return;
        }
        if (!touched()) {
            store.write(tx -> tx.put(TOUCHED, KEY, new Touched(true)));
        }
        applied = null;
        fabric.apply(plan);
        applied = plan;
    }

    boolean touched() {
        return store.read(tx -> tx.get(TOUCHED, KEY)).isPresent();
    }
}
