package dev.haneul.services.lambda;

import dev.haneul.engines.Workload;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.usage.Usage;
import dev.haneul.services.lambda.LambdaTables.InvocationFact;
import dev.haneul.services.lambda.LambdaTables.WorkloadFact;
import dev.haneul.services.lambda.run.Outcome;
import dev.haneul.services.lambda.run.Target;
import dev.haneul.services.lambda.run.WorkloadEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Facts about invocations on their way into the change feed. Those of synchronous invocations are gathered and written
 * in batches, so that no caller waits for them; a crash loses the last few. Those of events are written with the commit
 * that ends the event.
 */
final class Facts implements Reconciler<String> {
    private static final String ALL = "all";
    private static final String SERVICE = "AWSLambda";
    private static final int HELD = 20_000;
    private static final int BATCH = 500;
    private static final Duration GATHERING = Duration.ofMillis(20);

    private final Store store;
    private final LinkedBlockingQueue<Pending> held = new LinkedBlockingQueue<>(HELD);
    private Driver.@Nullable Waker<String> waker;

    private final Usage usage;

    private record Pending(Consumer<WriteTx> emit) {}

    /** @param usage told what is billed */
    Facts(Store store, Usage usage) {
        this.usage = usage;
        this.store = store;
    }

    void wakenBy(Driver.Waker<String> driverWaker) {
        waker = driverWaker;
    }

    /** Adds a fact; where far too many wait, it is dropped. */
    void add(Key key, InvocationFact fact) {
        bill(key, fact);
        hold(new Pending(tx -> tx.emit(LambdaTables.INVOCATIONS, key, fact)));
    }

    /**
     * Meters an invocation as AWS bills it: the request, and its duration with that of the start before it (since August
     * 2025), to the millisecond, by memory and architecture.
     */
    void bill(Key key, InvocationFact fact) {
        if (fact.memoryMib() == 0) {
            return; // it reached no environment
        }
        String arm = fact.architecture().equals("arm64") ? "-ARM" : "";
        String function = fact.functionArn();
        usage.add(new Usage.What(key.account(), key.region(), SERVICE, "Request" + arm, function, "Requests"), 1);
        usage.add(
                new Usage.What(
                        key.account(), key.region(), SERVICE, "Lambda-GB-Second" + arm, function, "Lambda-GB-Second"),
                fact.billedMillis() / 1000.0 * fact.memoryMib() / 1024.0);
    }

    /** Adds what an environment has used. */
    void add(WorkloadEnd end) {
        Target target = end.target();
        Workload.Usage used = end.usage();
        WorkloadFact fact = new WorkloadFact(
                target.name(),
                target.version(),
                end.workload(),
                end.ahead() ? "ahead" : "cold",
                end.startedAt(),
                Math.max(0, Duration.between(end.startedAt(), end.endedAt()).toMillis()),
                used.cpu().toNanos() / 1000,
                used.peakMemoryBytes(),
                used.bytesIn(),
                used.bytesOut(),
                target.memoryMib());
        Key key = new Key(target.account(), target.region(), end.workload());
        hold(new Pending(tx -> tx.emit(LambdaTables.WORKLOADS, key, fact)));
    }

    private void hold(Pending pending) {
        boolean first = held.isEmpty();
        held.offer(pending);
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
    public Next reconcile(String key) throws InterruptedException {
        Thread.sleep(GATHERING); // a commit of many costs as much as one of a few
        flush();
        return Next.DONE;
    }

    /** Writes what is held, on the caller's thread. */
    void flush() {
        List<Pending> batch = new ArrayList<>();
        while (held.drainTo(batch, BATCH) > 0) {
            List<Pending> facts = List.copyOf(batch);
            store.write(tx -> facts.forEach(one -> one.emit.accept(tx)));
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
                target.logGroup(),
                outcome.extensionsMicros());
    }

    /** The fact about one that did not. */
    static InvocationFact without(
            String functionArn, String requestId, String type, int attempt, boolean dropped, Instant at, String why) {
        return new InvocationFact(
                functionArn, "", requestId, type, "", why, attempt, dropped, at, 0, 0, 0, 0, 0, "", "", 0);
    }
}
