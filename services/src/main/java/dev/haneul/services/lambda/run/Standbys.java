package dev.haneul.services.lambda.run;

import dev.haneul.engines.LaunchException;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.run.StandbyPlan.Kind;
import dev.haneul.services.lambda.run.StandbyPlan.Rules;
import dev.haneul.services.lambda.run.StandbyPlan.Step;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The runtimes that stand by, already booted, for the next cold start: as many of each kind as were wanted lately, and
 * none of what nobody uses. A start that finds none boots as ever.
 */
public final class Standbys implements Reconciler<String>, AutoCloseable {
    /** The reconciler's only key. */
    private static final String ALL = "all";

    private static final Rules RULES = new Rules(12, 6, Duration.ofMinutes(10), Duration.ofSeconds(20));
    private static final int MOST_KINDS = 64;
    /** A start that is under way needs the CPU more than the successor of what it took. */
    private static final Calm CALM = new Calm(Duration.ofMillis(250), Duration.ofSeconds(1));
    /** Between two boots: the first has come to its gate by then. */
    private static final Duration PACE = Duration.ofMillis(50);

    private static final System.Logger LOG = System.getLogger(Standbys.class.getName());

    private final StandbyLauncher launcher;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<StandbyKey, Shelf> shelves = new HashMap<>();
    private Driver.@Nullable Waker<String> waker;
    private Instant stirred = Instant.MIN;
    private @Nullable Instant shortSince;
    private boolean closed;

    /** What there is of one kind. */
    private static final class Shelf {
        final Deque<Standby> waiting = new ArrayDeque<>();
        final Deque<Instant> wanted = new ArrayDeque<>();
    }

    public Standbys(StandbyLauncher launcher, Clock clock) {
        this.launcher = launcher;
        this.clock = clock;
    }

    /** Clears away what an earlier server's standbys left; before anything is wanted. */
    public void sweep() throws IOException {
        launcher.sweep();
    }

    /** Joins the driver, before anything is wanted. */
    public void join(Driver driver) {
        waker = driver.add(this, 1);
    }

    /** A function of this target has come, or may soon: one of its kind should stand by. */
    public void expect(Target target) {
        StandbyKey.of(target).filter(launcher::serves).ifPresent(key -> note(key, false));
    }

    /**
     * Takes one that waits at its gate, for a function that starts now. Whoever has it says {@link #replace} once that
     * start needs the processors less.
     *
     * @return null where none does, or the function wants a start of its own
     */
    @Nullable
    Taken take(Target target) {
        stir();
        StandbyKey key = StandbyKey.of(target).filter(launcher::serves).orElse(null);
        if (key == null) {
            return null;
        }
        Taken found = ready(key);
        if (found == null) {
            note(key, true);
        }
        return found;
    }

    /** One was taken: another may take its place. */
    void replace(Standby taken) {
        note(taken.key(), true);
    }

    /** One that was taken: whoever has it lets it pass or ends it. */
    record Taken(Standby standby, Standby.OpenGate gate) {}

    private @Nullable Taken ready(StandbyKey key) {
        lock.lock();
        try {
            Shelf shelf = shelves.get(key);
            if (shelf == null) {
                return null;
            }
            for (Standby standby : shelf.waiting) {
                Standby.OpenGate gate = standby.workload().running() ? standby.open() : null;
                if (gate != null) {
                    shelf.waiting.remove(standby);
                    return new Taken(standby, gate);
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Something starts now. */
    private void stir() {
        lock.lock();
        try {
            stirred = clock.instant();
        } finally {
            lock.unlock();
        }
    }

    private void note(StandbyKey key, boolean rush) {
        lock.lock();
        try {
            if (closed || !shelves.containsKey(key) && shelves.size() >= MOST_KINDS) {
                return;
            }
            Shelf shelf = shelves.computeIfAbsent(key, _ -> new Shelf());
            if (!rush) {
                shelf.wanted.clear(); // one of the kind, however many functions are made of it
            }
            Instant now = clock.instant();
            shelf.wanted.addLast(now);
            stirred = now; // whoever makes a function may well call it at once
            while (shelf.wanted.size() > RULES.mostPerKind()) {
                shelf.wanted.removeFirst();
            }
        } finally {
            lock.unlock();
        }
        Driver.Waker<String> driver = waker;
        if (driver != null) {
            driver.wake(ALL);
        }
    }

    @Override
    public String name() {
        return "lambda.standby";
    }

    @Override
    public Next reconcile(String key) throws InterruptedException {
        if (!launcher.possible()) {
            return Next.DONE;
        }
        endDead();
        StandbyPlan plan = plan();
        StandbyKey wanted = null;
        for (Step step : plan.steps()) {
            switch (step) {
                case Step.Boot(StandbyKey kind, int _) -> wanted = wanted == null ? kind : wanted;
                case Step.End(StandbyKey kind, int count) -> end(kind, count);
            }
        }
        Instant now = clock.instant();
        Instant calm = calm(wanted != null, now);
        if (wanted == null) {
            return plan.next().map(Next::at).orElse(Next.DONE);
        }
        if (calm.isAfter(now)) {
            return Next.at(calm);
        }
        boot(wanted);
        return Next.after(PACE);
    }

    /** When the next may be booted; each boot, and each time that nothing is wanted, starts the patience anew. */
    private Instant calm(boolean wanted, Instant now) {
        lock.lock();
        try {
            Instant since = shortSince == null ? now : shortSince;
            Instant calm = CALM.next(stirred, since);
            shortSince = wanted && calm.isAfter(now) ? since : null;
            return calm;
        } finally {
            lock.unlock();
        }
    }

    private StandbyPlan plan() {
        lock.lock();
        try {
            Instant now = clock.instant();
            shelves.values().removeIf(shelf -> shelf.wanted.isEmpty() && shelf.waiting.isEmpty());
            List<Kind> kinds = new ArrayList<>();
            shelves.forEach((key, shelf) -> {
                Instant last = shelf.wanted.isEmpty() ? Instant.MIN : shelf.wanted.getLast();
                Instant calm = now.minus(RULES.rush());
                int rush = (int) shelf.wanted.stream().filter(calm::isBefore).count() - 1;
                kinds.add(new Kind(key, last, Math.max(0, rush), shelf.waiting.size()));
                if (!last.plus(RULES.keep()).isAfter(now)) {
                    shelf.wanted.clear();
                }
            });
            return StandbyPlan.of(kinds, now, RULES);
        } finally {
            lock.unlock();
        }
    }

    private void boot(StandbyKey key) throws InterruptedException {
        Standby made;
        try {
            made = launcher.launch(key);
        } catch (LaunchException | IOException e) {
            LOG.log(System.Logger.Level.WARNING, "no " + key.runtime().name() + " runtime can stand by", e);
            return;
        }
        boolean kept;
        lock.lock();
        try {
            kept = !closed;
            if (kept) {
                shelves.computeIfAbsent(key, _ -> new Shelf()).waiting.addLast(made);
            }
        } finally {
            lock.unlock();
        }
        if (!kept) {
            made.end();
        }
    }

    private void end(StandbyKey key, int count) {
        for (int i = 0; i < count; i++) {
            Standby ended;
            lock.lock();
            try {
                Shelf shelf = shelves.get(key);
                ended = shelf == null ? null : shelf.waiting.pollFirst();
            } finally {
                lock.unlock();
            }
            if (ended != null) {
                ended.end();
            }
        }
    }

    private void endDead() {
        List<Standby> dead = new ArrayList<>();
        lock.lock();
        try {
            for (Shelf shelf : shelves.values()) {
                shelf.waiting.removeIf(standby -> !standby.workload().running() && dead.add(standby));
            }
        } finally {
            lock.unlock();
        }
        dead.forEach(Standby::end);
    }

    /** How many stand by. */
    public int count() {
        lock.lock();
        try {
            return shelves.values().stream()
                    .mapToInt(shelf -> shelf.waiting.size())
                    .sum();
        } finally {
            lock.unlock();
        }
    }

    /** Ends them all. */
    @Override
    public void close() {
        List<Standby> all = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            shelves.values().forEach(shelf -> all.addAll(shelf.waiting));
            shelves.clear();
        } finally {
            lock.unlock();
        }
        all.forEach(Standby::end);
    }
}
