package dev.haneul.services.lambda;

import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.DurableTables.Execution;
import dev.haneul.services.lambda.DurableTables.Progress;
import dev.haneul.services.lambda.DurableTables.Run;
import dev.haneul.services.lambda.run.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What durable executions do by themselves, each part a reconciler woken by the change feed: timers come due, functions
 * are invoked, chained functions too. All of it is read from the store, so that it goes on after a crash.
 */
final class DurableWork {
    private static final int MOST_RUNS_AT_ONCE = 256;
    private static final int MOST_CHAINS_AT_ONCE = 64;
    private static final int TIMERS_AT_ONCE = 4;
    private static final int SCAN = 1000;

    private final Store store;
    private final Durables durables;
    private final DurableTimers timers;
    private final DurableRuns runs;
    private final DurableChains chains;
    private final DurableLetters letters;
    private final Set<String> adopted = ConcurrentHashMap.newKeySet();
    private final ConcurrentHashMap<String, Key> awaited = new ConcurrentHashMap<>();
    private volatile Wakers waking = new Wakers(key -> {}, key -> {}, chain -> {});

    DurableWork(
            Store store,
            Clock clock,
            Durables durables,
            Invoke invoke,
            DestinationRules rules,
            Destinations destinations) {
        this.store = store;
        this.durables = durables;
        timers = new DurableTimers(store, clock);
        runs = new DurableRuns(store, clock, invoke);
        chains = new DurableChains(store, clock, invoke, rules);
        letters = new DurableLetters(store, destinations);
    }

    void join(Driver driver) {
        Driver.Waker<Key> timed = driver.add(timers, TIMERS_AT_ONCE);
        Driver.Waker<Key> run = driver.add(runs, MOST_RUNS_AT_ONCE);
        Driver.Waker<DurableChains.Chain> chain = driver.add(chains, MOST_CHAINS_AT_ONCE);
        Wakers wakers = new Wakers(timed, run, chain);
        waking = wakers;
        letters.join(driver);
        driver.follow("lambda.durable", Set.of(DurableTables.EXECUTIONS.name()), change -> {
            Optional<Execution> after = change.after(DurableTables.EXECUTIONS.codec());
            if (after.isPresent()) {
                durables.changed(change.key(), after.get().end() != null);
                wakers.wake(change.key(), after.get());
            }
        });
    }

    /** Tells metrics of executions; before the driver starts. */
    void measure(Driver driver, Metrics metrics, Clock clock) {
        new DurableMetrics(store, metrics, clock).join(driver);
    }

    private record Wakers(Driver.Waker<Key> timed, Driver.Waker<Key> run, Driver.Waker<DurableChains.Chain> chain) {
        void wake(Key key, Execution execution) {
            timed.wake(key);
            if (execution.progress().wanted()) {
                run.wake(key);
            }
            for (String operation : execution.progress().chained()) {
                chain.wake(new DurableChains.Chain(key, operation));
            }
        }
    }

    /** Invocations of an earlier server that environments work on still; what becomes of them is {@link #heard}. */
    void adopting(List<String> requestIds) {
        adopted.addAll(requestIds);
    }

    /** Hands on what became of an adopted invocation. */
    Optional<Outcome> heard(String requestId, Optional<Outcome> outcome) {
        Key key = awaited.remove(requestId);
        if (key == null) {
            adopted.remove(requestId); // it ended before anybody asked; its execution is invoked again
        } else if (outcome.isPresent()) {
            runs.settle(key, requestId, outcome.get());
        } else {
            runs.lost(key, requestId);
        }
        return outcome;
    }

    /** Takes up where an earlier server left off. */
    void resume() {
        Key after = null;
        while (true) {
            Key from = after;
            List<Row<Execution>> rows = store.read(tx -> tx.all(DurableTables.EXECUTIONS, from, SCAN));
            rows.forEach(this::resume);
            if (rows.size() < SCAN) {
                return;
            }
            after = rows.get(rows.size() - 1).key();
        }
    }

    private void resume(Row<Execution> row) {
        Progress progress = row.value().progress();
        Run run = progress.run();
        if (run != null) {
            awaited.put(run.requestId(), row.key());
            if (!adopted.remove(run.requestId())) {
                awaited.remove(run.requestId());
                runs.lost(row.key(), run.requestId());
            }
        }
        waking.wake(row.key(), row.value());
    }

    /** From now on invocations that end badly do not count: the server is taking the environments away. */
    void stopping() {
        runs.stopping();
        chains.stopping();
    }
}
