package dev.haneul.services.lambda;

import dev.haneul.api.runtime.Fault;
import dev.haneul.engines.LaunchException;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.LambdaTables.Event;
import dev.haneul.services.lambda.LambdaTables.InvocationFact;
import dev.haneul.services.lambda.LambdaTables.InvokeConfig;
import dev.haneul.services.lambda.run.Adoption;
import dev.haneul.services.lambda.run.Fleet;
import dev.haneul.services.lambda.run.Outcome;
import dev.haneul.services.lambda.run.Runner;
import dev.haneul.services.lambda.run.Target;
import dev.haneul.storage.BlobRef;
import dev.haneul.storage.Blobs;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One attempt at an asynchronous event, and the commit that says what became of it. */
final class EventRunner implements AsyncQueue.EventRun {
    private final Store store;
    private final Blobs blobs;
    private final Clock clock;
    private final Runner runner;
    private final Concurrency concurrency;
    private final Facts facts;
    private final Destinations destinations;
    private final Loops loops;
    private volatile boolean stopping;

    EventRunner(
            Store store,
            Blobs blobs,
            Clock clock,
            Runner runner,
            Concurrency concurrency,
            Facts facts,
            Destinations destinations,
            Loops loops) {
        this.loops = loops;
        this.store = store;
        this.blobs = blobs;
        this.clock = clock;
        this.runner = runner;
        this.concurrency = concurrency;
        this.facts = facts;
        this.destinations = destinations;
    }

    /** From now on attempts that end badly do not count: the server is taking the environments away. */
    void stopping() {
        stopping = true;
    }

    /** What an event is about, as it is now. */
    private record Subject(Found found, InvokeConfig config) {}

    @Override
    public void run(Key key, Event event) throws InterruptedException {
        FunctionRef ref = new FunctionRef(
                key.account(), key.region(), event.function(), event.qualifier().isEmpty() ? null : event.qualifier());
        Optional<Subject> subject = subject(ref);
        if (subject.isEmpty()) {
            InvocationFact gone = fact(ref, event, true, "refused"); // its function, version or alias
            commit(key, ref, event, new AsyncPlan.GiveUp(), gone, null);
            return;
        }
        InvokeConfig config = subject.get().config;
        Integer reserved = subject.get().found.function().reservedConcurrency();
        boolean expired = AsyncPlan.expired(event, config, clock.instant());
        if (expired || reserved != null && reserved == 0) {
            String why = expired ? Destinations.TOO_OLD : Destinations.NO_CONCURRENCY;
            InvocationFact refused = fact(ref, event, true, "refused");
            commit(key, ref, event, new AsyncPlan.GiveUp(), refused, end(ref, event, subject.get(), why, null));
            return;
        }
        attempt(key, ref, event, subject.get());
    }

    /**
     * How an invocation is settled that an earlier server left under way. From now on its event, if it is one, is in
     * nobody else's hands.
     *
     * @return what waits for the end and settles it; to be run on a thread of its own
     */
    Runnable settling(Adoption.Interrupted one, AsyncQueue queue) {
        Target target = one.target();
        FunctionRef scope = new FunctionRef(target.account(), target.region(), target.name(), null);
        Optional<Row<Event>> row = one.event() ? queue.hold(scope, one.requestId()) : Optional.empty();
        return () -> {
            try {
                Optional<Outcome> outcome = one.waiting().await();
                if (outcome.isPresent()) {
                    settleInterrupted(scope, target, one.requestId(), row, outcome.get());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                row.ifPresent(held -> queue.letGo(scope, held.key()));
            }
        };
    }

    private void settleInterrupted(
            FunctionRef scope, Target target, String requestId, Optional<Row<Event>> row, Outcome outcome) {
        if (row.isPresent()) {
            Event event = row.get().value();
            FunctionRef ref = new FunctionRef(
                    scope.account(),
                    scope.region(),
                    scope.name(),
                    event.qualifier().isEmpty() ? null : event.qualifier());
            Optional<Subject> subject = subject(ref);
            if (subject.isPresent()) {
                settle(row.get().key(), ref, event, subject.get(), target, outcome);
            }
            return;
        }
        FunctionRef ref = new FunctionRef(
                scope.account(),
                scope.region(),
                scope.name(),
                target.version().equals(FunctionRef.LATEST) ? null : target.version());
        subject(ref)
                .ifPresent(subject -> facts.add(
                        scope.scope().key(requestId),
                        Facts.of(
                                ref.qualifiedArn(),
                                target,
                                subject.found.configuration().architectures().getFirst(),
                                requestId,
                                Invoke.REQUEST_RESPONSE,
                                1,
                                false,
                                clock.instant(),
                                outcome)));
    }

    private void attempt(Key key, FunctionRef ref, Event event, Subject subject) throws InterruptedException {
        Target target = Tenants.target(Functions.target(ref, subject.found), event.tenant());
        String trace;
        try {
            trace = loops.pass(ref, event.traceId());
        } catch (Fault loop) {
            Destinations.End end = end(ref, event, subject, Destinations.LOOP, null);
            commit(key, ref, event, new AsyncPlan.GiveUp(), fact(ref, event, true, "refused"), end);
            return;
        }
        try (Concurrency.Permit _ = concurrency.enter(ref, subject.found.function())) {
            SnapStarts.requireReady(subject.found);
            Outcome outcome = runner.run(new Runner.Order(
                    target,
                    event.requestId(),
                    payload(event.payload()),
                    ref.qualifiedArn(),
                    event.clientContext(),
                    trace,
                    false,
                    null,
                    true));
            concurrency.served(ref, target.version(), outcome);
            settle(key, ref, event, subject, target, outcome);
        } catch (Fleet.FullException | LaunchException | IOException | Fault e) {
            if (stopping) {
                return;
            }
            System.getLogger(EventRunner.class.getName())
                    .log(System.Logger.Level.DEBUG, "an event of " + ref.name() + " is put off", e);
            AsyncPlan plan = AsyncPlan.afterThrottle(event, subject.config, clock.instant());
            boolean dropped = plan instanceof AsyncPlan.GiveUp;
            Destinations.End end = dropped ? end(ref, event, subject, Destinations.TOO_OLD, null) : null;
            commit(key, ref, event, plan, fact(ref, event, dropped, "throttle"), end);
        }
    }

    private void settle(Key key, FunctionRef ref, Event event, Subject subject, Target target, Outcome outcome) {
        if (stopping && outcome.failed()) {
            return;
        }
        AsyncPlan plan = outcome.failed()
                ? AsyncPlan.afterError(event, subject.config, clock.instant())
                : new AsyncPlan.GiveUp();
        boolean dropped = outcome.failed() && plan instanceof AsyncPlan.GiveUp;
        if (dropped) {
            System.getLogger(EventRunner.class.getName())
                    .log(
                            System.Logger.Level.INFO,
                            ref.name() + " failed with event " + event.requestId() + " for the last time ("
                                    + outcome.errorType() + "); it is dropped");
        }
        InvocationFact fact = Facts.of(
                ref.qualifiedArn(),
                target,
                subject.found.configuration().architectures().getFirst(),
                event.requestId(),
                Invoke.EVENT,
                event.failures() + 1,
                dropped,
                clock.instant(),
                outcome);
        String why = dropped ? Destinations.EXHAUSTED : Destinations.SUCCESS;
        Destinations.End end = plan instanceof AsyncPlan.GiveUp ? end(ref, event, subject, why, outcome) : null;
        commit(key, ref, event, plan, fact, end);
    }

    private Destinations.@Nullable End end(
            FunctionRef ref, Event event, Subject subject, String condition, @Nullable Outcome outcome) {
        boolean told = condition.equals(Destinations.SUCCESS)
                ? subject.config.onSuccess() != null
                : subject.config.onFailure() != null
                        || subject.found.configuration().deadLetterConfig() != null;
        if (!told) {
            return null;
        }
        byte[] payload;
        try {
            payload = payload(event.payload());
        } catch (IOException lost) {
            payload = new byte[0];
        }
        int invocations = event.failures() + (outcome == null ? 0 : 1);
        return new Destinations.End(
                ref, subject.found, event, subject.config, condition, invocations, payload, outcome, clock.instant());
    }

    private Optional<Subject> subject(FunctionRef ref) {
        try {
            return Optional.of(store.read(tx -> new Subject(
                    Functions.find(tx, ref, () -> ThreadLocalRandom.current().nextDouble()),
                    InvokeConfigs.of(tx, ref))));
        } catch (Fault gone) {
            return Optional.empty();
        }
    }

    private byte[] payload(@Nullable BlobRef blob) throws IOException {
        if (blob == null) {
            return new byte[0];
        }
        try (InputStream in = blobs.open(blob)) {
            return in.readAllBytes();
        }
    }

    private void commit(
            Key key,
            FunctionRef ref,
            Event event,
            AsyncPlan plan,
            InvocationFact fact,
            Destinations.@Nullable End end) {
        List<String> told = store.transact(tx -> {
            if (!tx.delete(LambdaTables.EVENTS, key)) {
                return List.of(); // its function was deleted meanwhile, and its events with it
            }
            keepOrRelease(tx, ref, event, plan);
            tx.emit(LambdaTables.INVOCATIONS, ref.scope().key(event.requestId()), fact);
            return end == null ? List.of() : destinations.put(tx, end);
        });
        facts.bill(ref.scope().key(event.requestId()), fact);
        destinations.wake(ref.scope(), told);
    }

    private void keepOrRelease(WriteTx tx, FunctionRef ref, Event event, AsyncPlan plan) {
        if (plan instanceof AsyncPlan.Again(Event next)) {
            tx.put(LambdaTables.EVENTS, AsyncQueue.key(ref.scope(), next), next);
        } else if (event.payload() != null) {
            blobs.release(tx, ref.account(), event.payload());
        }
    }

    private InvocationFact fact(FunctionRef ref, Event event, boolean dropped, String why) {
        return Facts.without(
                ref.qualifiedArn(),
                event.requestId(),
                Invoke.EVENT,
                event.failures() + 1,
                dropped,
                clock.instant(),
                why);
    }
}
