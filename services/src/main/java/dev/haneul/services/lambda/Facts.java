package dev.haneul.services.lambda;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.LambdaTables.InvocationFact;
import dev.haneul.services.lambda.run.Outcome;
import dev.haneul.services.lambda.run.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Facts about invocations on their way into the change feed. Those of synchronous invocations are gathered and written
 * in batches, so that no caller waits for them; a crash loses the last few. Those of events are written with the commit
 * that ends the event.
 */
final class Facts implements Reconciler<String> {
    private static final String ALL = "all";
    private static final int HELD = 20_000;
    private static final int BATCH = 500;

    private final Store store;
    private final LinkedBlockingQueue<Pending> held = new LinkedBlockingQueue<>(HELD);
    private Driver.@Nullable Waker<String> waker;

    private record Pending(Key key, InvocationFact fact) {}

    Facts(Store store) {
        this.store = store;
    }

    void wakenBy(Driver.Waker<String> driverWaker) {
        waker = driverWaker;
    }

    /** Adds a fact; where far too many wait, it is dropped. */
    void add(Key key, InvocationFact fact) {
        boolean first = held.isEmpty();
        held.offer(new Pending(key, fact));
        Driver.Waker<String> driver = waker;
        if (first && driver != null) {
            driver.wake(ALL);
        }
    }

    @Override
    public String name() {
        return "lambda.facts";
    }

    @Override
    public Next reconcile(String key) {
        flush();
        return Next.DONE;
    }

    /** Writes what is held, on the caller's thread. */
    void flush() {
        List<Pending> batch = new ArrayList<>();
        while (held.drainTo(batch, BATCH) > 0) {
            List<Pending> facts = List.copyOf(batch);
            store.write(tx -> facts.forEach(one -> tx.emit(LambdaTables.INVOCATIONS, one.key, one.fact)));
            batch.clear();
        }
    }

    /** The fact about an invocation that reached an environment. */
    static InvocationFact of(
            String functionArn,
            Target target,
            String architecture,
            String requestId,
            String type,
            int attempt,
            boolean dropped,
            Instant at,
            Outcome outcome) {
        return new InvocationFact(
                functionArn,
                target.version(),
                requestId,
                type,
                outcome.cold() ? "cold" : "warm",
                outcome.kind().name().toLowerCase(Locale.ROOT),
                attempt,
                dropped,
                at,
                outcome.durationMicros(),
                outcome.initMicros() == null ? 0 : outcome.initMicros(),
                outcome.billedMillis(),
                target.memoryMib(),
                outcome.peakMemoryMib(),
                architecture,
                target.logGroup());
    }

    /** The fact about one that did not. */
    static InvocationFact without(
            String functionArn, String requestId, String type, int attempt, boolean dropped, Instant at, String why) {
        return new InvocationFact(
                functionArn, "", requestId, type, "", why, attempt, dropped, at, 0, 0, 0, 0, 0, "", "");
    }
}
