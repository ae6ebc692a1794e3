package dev.haneul.services.lambda.run;

import dev.haneul.api.runtime.Fault;
import dev.haneul.engines.LaunchException;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.run.FleetPlan.Idle;
import dev.haneul.services.lambda.run.FleetPlan.Rules;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All environments: lends them out, keeps them warm, freezes them while they idle and ends them when it is time. How
 * many there are, and how many start at once, is bounded by what the host can bear; whoever comes when it is full waits
 * a little.
 */
public final class Fleet implements Reconciler<String>, AutoCloseable {
    /** The reconciler's only key. */
    private static final String ALL = "all";

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("uuuu/MM/dd", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int ENDED_AT_ONCE = 4;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long PROVISION_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final Launcher launcher;
    private final LogShipper shipper;
    private final Clock clock;
    private final FleetSize size;
    private final Rules rules;
    private final WorkloadEnd.Ear ear;
    private final SecureRandom random = new SecureRandom();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Map<String, Deque<Environment>> idle = new HashMap<>();
    private final Map<String, Environment> busy = new HashMap<>();
    private final KeptReady kept = new KeptReady();
    private int idleCount;
    private final AtomicInteger starting = new AtomicInteger();
    private final Ends ends = new Ends();
    private long memoryMib;
    private boolean closed;
    private @Nullable Instant nextLook;
    private final Map<String, Environment> ending = new ConcurrentHashMap<>();
    private final Set<String> preparing = ConcurrentHashMap.newKeySet();
    private Driver.@Nullable Waker<String> waker;
    private Driver.@Nullable Waker<String> ender;

    /** No environment became free in time. */
    public static final class FullException extends Exception {
        private static final long serialVersionUID = 1L;

        FullException() {
            super("the host runs as many functions as it can");
        }
    }

    /** @param ear hears what each environment has used */
    public Fleet(Launcher launcher, LogShipper shipper, Clock clock, FleetSize size, WorkloadEnd.Ear ear) {
        this.launcher = launcher;
        this.shipper = shipper;
        this.clock = clock;
        this.size = size;
        this.ear = ear;
        this.rules = new Rules(
                size.keepWarm(),
                Duration.ofMillis(200),
                Math.max(1, size.mostEnvironments() / 2),
                Math.max(4, size.mostStarting() * 4));
    }

    /** Joins the driver, before the first environment: what plans for the fleet, and what ends environments. */
    public void join(Driver driver) {
        waker = driver.add(this, 1);
        ender = driver.add(new Ender(), ENDED_AT_ONCE);
    }

    /** Ends environments that were taken out, so that nobody waits for it. Keyed by log stream. */
    private final class Ender implements Reconciler<String> {
        @Override
        public String name() {
            return "lambda.fleet.end";
        }

        @Override
        public Next reconcile(String stream) throws InterruptedException {
            Instant later = ends.postponed(stream, starting.get() > 0, clock.instant());
            if (later != null) {
                return Next.at(later);
            }
            end(ending.get(stream));
            return Next.DONE;
        }
    }

    private void end(@Nullable Environment environment) throws InterruptedException {
        if (environment != null) {
            environment.close();
            ending.remove(environment.stream());
        }
    }

    /**
     * Lends an environment of this target: a warm one, or a fresh one that is to be started by the caller, who then
     * says {@link #started}. In the end the caller gives it back with {@link #release} or {@link #discard}.
     *
     * @throws FullException where the host was full for too long
     */
    Environment acquire(Target target) throws FullException, InterruptedException {
        long left = PATIENCE_NANOS;
        while (true) {
            Environment found = null;
            Environment evicted = null;
            lock.lockInterruptibly();
            try {
                if (closed) {
                    throw new FullException();
                }
                found = takeIdle(target);
                if (found == null && starting.get() < size.mostStarting() && fits(target)) {
                    starting.incrementAndGet();
                    return fresh(target);
                }
                if (found == null && !fits(target)) {
                    evicted = takeLongestIdle();
                }
                if (found == null && evicted == null) {
                    if (left <= 0) {
                        throw new FullException();
                    }
                    left = room.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
            if (evicted != null) {
                ends.unhurried(evicted.stream(), clock.instant());
                discard(evicted);
            }
            if (found != null) {
                found.thaw();
                if (found.usable(clock.instant())) {
                    return found;
                }
                discard(found); // it died while it idled, or its credentials run out
            }
        }
    }

    /** An environment for a workload that an earlier server started: lent, as if it had been acquired. */
    Environment adopt(Target target, String stream) {
        lock.lock();
        try {
            return lend(target, stream);
        } finally {
            lock.unlock();
        }
    }

    /** A fresh environment has started, or failed to. */
    void started() {
        lock.lock();
        try {
            starting.decrementAndGet();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes an environment back for the next invocation. */
    void release(Environment environment) {
        boolean keep;
        boolean look = false;
        lock.lock();
        try {
            keep = !closed && !environment.retired();
            if (keep) {
                Instant now = clock.instant();
                environment.idleSince(now);
                environment.lent(false);
                busy.remove(environment.stream());
                idle.computeIfAbsent(environment.target().identity(), _ -> new ArrayDeque<>())
                        .addLast(environment);
                idleCount++;
                look = nextLook == null || nextLook.isAfter(now.plus(rules.freezeAfter()));
                nextLook = look ? now.plus(rules.freezeAfter()) : nextLook;
                room.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (!keep) {
            discard(environment);
        } else if (look) {
            wake(waker, ALL);
        }
    }

    /** Ends an environment that was lent or taken out, soon. */
    void discard(Environment environment) {
        ending.put(environment.stream(), environment);
        lock.lock();
        try {
            busy.remove(environment.stream());
            kept.ended(environment.target());
            memoryMib -= environment.target().memoryMib();
            room.signalAll();
        } finally {
            lock.unlock();
        }
        wake(ender, environment.stream());
    }

    /**
     * Starts one environment more and keeps it.
     *
     * @return null where it is ready; else why it is not, for the function's owner
     */
    public @Nullable String provision(Target target) throws InterruptedException {
        Environment made;
        lock.lockInterruptibly();
        try {
            if (closed || !fits(target)) {
                return "The host runs as many functions as it can.";
            }
            made = fresh(target);
            preparing.add(made.stream());
        } finally {
            lock.unlock();
        }
        boolean good = false;
        try {
            good = made.boot(PROVISION_NANOS) instanceof Ending.Ready;
            return good ? null : "FUNCTION_ERROR_INIT_FAILURE";
        } catch (LaunchException | IOException | Fault e) {
            return String.valueOf(e.getMessage());
        } finally {
            if (good) {
                made.ready();
                release(made);
            } else {
                discard(made);
            }
            preparing.remove(made.stream());
        }
    }

    /** How many environments of this provisioned target there are, idle and in use; not those that still boot. */
    public int provisioned(Target target) {
        lock.lock();
        try {
            return (int) Stream.concat(allIdle().stream(), busy.values().stream())
                    .filter(one -> one.target().provisioned() && !one.retired())
                    .filter(one -> one.target().identity().equals(target.identity()))
                    .filter(one -> !ending.containsKey(one.stream()) && !preparing.contains(one.stream()))
                    .count();
        } finally {
            lock.unlock();
        }
    }

    /** How what is kept ready of an environment's target is used now; null where nothing is. */
    Outcome.@Nullable Provision provision(Environment environment) {
        lock.lock();
        try {
            return kept.use(environment, busy.values());
        } finally {
            lock.unlock();
        }
    }

    /** Ends some of a provisioned target's environments: idle ones now, busy ones after their invocation. */
    public void retireProvisioned(Target target, int many) {
        AtomicInteger left = new AtomicInteger(many);
        retire(one -> one.provisioned() && one.identity().equals(target.identity()) && left.getAndDecrement() > 0);
    }

    /** Ends every environment of these targets: idle ones now, busy ones after their invocation. */
    public void retire(Predicate<Target> gone) {
        List<Environment> ended = new ArrayList<>();
        lock.lock();
        try {
            for (Environment environment : allIdle()) {
                if (gone.test(environment.target())) {
                    ended.add(take(environment));
                }
            }
            busy.values().stream()
                    .filter(environment -> gone.test(environment.target()))
                    .forEach(Environment::retire);
        } finally {
            lock.unlock();
        }
        for (Environment environment : ended) {
            discard(environment);
        }
    }

    /** Idle environments, and those in use. */
    public int[] count() {
        lock.lock();
        try {
            return new int[] {idleCount, busy.size()};
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String name() {
        return "lambda.fleet";
    }

    @Override
    public Next reconcile(String key) {
        FleetPlan plan;
        lock.lock();
        try {
            nextLook = null;
            List<Idle> view = allIdle().stream()
                    .map(one -> new Idle(
                            one.stream(),
                            one.target().identity(),
                            one.idleSince(),
                            one.settled(),
                            one.target().provisioned()))
                    .toList();
            plan = FleetPlan.of(view, clock.instant(), rules);
            nextLook = plan.next().orElse(null);
        } finally {
            lock.unlock();
        }
        for (FleetPlan.Step step : plan.steps()) {
            switch (step) {
                case FleetPlan.Step.Freeze(String stream) -> freeze(stream);
                case FleetPlan.Step.End(String stream) -> endIdle(stream);
            }
        }
        return plan.next().map(Next::at).orElse(Next.DONE);
    }

    /** Ends every environment; those in use too. */
    @Override
    public void close() {
        List<Environment> all;
        lock.lock();
        try {
            closed = true;
            all = new ArrayList<>(allIdle());
            all.forEach(this::take);
            all.addAll(busy.values());
            room.signalAll();
        } finally {
            lock.unlock();
        }
        all.forEach(one -> ending.put(one.stream(), one));
        Ends.all(List.copyOf(ending.values()), this::end);
    }

    private void freeze(String stream) {
        Environment found = null;
        lock.lock();
        try {
            for (Environment environment : allIdle()) {
                if (environment.stream().equals(stream)) {
                    found = environment;
                }
            }
        } finally {
            lock.unlock();
        }
        if (found != null) {
            found.freeze();
        }
    }

    private void endIdle(String stream) {
        Environment ended = null;
        lock.lock();
        try {
            for (Environment environment : allIdle()) {
                if (environment.stream().equals(stream)) {
                    ended = take(environment);
                }
            }
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            discard(ended);
        }
    }

    private static void wake(Driver.@Nullable Waker<String> driver, String key) {
        if (driver == null) {
            throw new IllegalStateException("nobody looks after the fleet");
        }
        driver.wake(key);
    }

    // --- with the lock held ---

    private boolean fits(Target target) {
        int total = idleCount + busy.size();
        return total == 0 || total < size.mostEnvironments() && memoryMib + target.memoryMib() <= size.mostMemoryMib();
    }

    private Environment fresh(Target target) {
        byte[] noise = new byte[16];
        random.nextBytes(noise);
        String stream = DAY.format(clock.instant()) + "/[" + target.version() + "]"
                + HexFormat.of().formatHex(noise);
        return lend(target, stream);
    }

    private Environment lend(Target target, String stream) {
        EnvironmentLog log = new EnvironmentLog(shipper.open(target, stream), clock);
        Environment environment = new Environment(target, stream, launcher, log, ear);
        kept.made(target);
        busy.put(stream, environment);
        memoryMib += target.memoryMib();
        return environment;
    }

    /** The one that idles for the shortest time: its caches are warmest, and the others may expire. */
    private @Nullable Environment takeIdle(Target target) {
        Deque<Environment> waiting = idle.get(target.identity());
        return waiting == null || waiting.isEmpty() ? null : take(waiting.getLast());
    }

    private @Nullable Environment takeLongestIdle() {
        return allIdle().stream()
                .filter(environment -> !environment.target().provisioned())
                .min(Comparator.comparing(Environment::idleSince))
                .map(this::take)
                .orElse(null);
    }

    private Environment take(Environment environment) {
        String identity = environment.target().identity();
        Deque<Environment> waiting = idle.get(identity);
        if (waiting != null && waiting.remove(environment)) {
            idleCount--;
            if (waiting.isEmpty()) {
                idle.remove(identity);
            }
        }
        busy.put(environment.stream(), environment);
        environment.lent(true);
        return environment;
    }

    private List<Environment> allIdle() {
        List<Environment> all = new ArrayList<>(idleCount);
        idle.values().forEach(all::addAll);
        return all;
    }
}
