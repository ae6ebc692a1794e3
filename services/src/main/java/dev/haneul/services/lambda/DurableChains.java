package dev.haneul.services.lambda;

import dev.haneul.api.lambda.ErrorObject;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.DurableTables.Execution;
import dev.haneul.services.lambda.DurableTables.Parent;
import dev.haneul.services.lambda.DurableTables.Step;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.Invoke.Work;
import dev.haneul.services.lambda.run.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes the chained invocations of durable executions, as their functions' roles. A durable function begins an execution
 * that tells its end by itself; any other is run here, and again if the server dies meanwhile.
 */
final class DurableChains implements Reconciler<DurableChains.Chain> {
    private static final Duration WHEN_BUSY = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final Store store;
    private final Clock clock;
    private final Invoke invoke;
    private final DestinationRules rules;
    private volatile boolean stopping;

    DurableChains(Store store, Clock clock, Invoke invoke, DestinationRules rules) {
        this.store = store;
        this.clock = clock;
        this.invoke = invoke;
        this.rules = rules;
    }

    /** A chained invocation of an execution. */
    record Chain(Key execution, String operation) {}

    void stopping() {
        stopping = true;
    }

    @Override
    public String name() {
        return "lambda.durable-chains";
    }

    @Override
    public Next reconcile(Chain chain) {
        Key key = chain.execution;
        Optional<Execution> execution = store.read(tx -> tx.get(DurableTables.EXECUTIONS, key))
                .map(Row::value)
                .filter(one -> one.end() == null && one.progress().chained().contains(chain.operation));
        Optional<Step> step = store.read(
                        tx -> tx.get(DurableTables.OPERATIONS, DurableTables.operation(key, chain.operation)))
                .map(Row::value);
        if (stopping || execution.isEmpty() || step.isEmpty()) {
            return Next.DONE;
        }
        try {
            make(chain, execution.get(), step.get());
        } catch (Fault fault) {
            if (stopping) {
                return Next.DONE;
            }
            if (fault.status() == 429 || fault.status() >= 500) {
                return Next.after(WHEN_BUSY);
            }
            ended(
                    chain,
                    "FAILED",
                    null,
                    new ErrorObject().errorType(fault.code()).errorMessage(fault.message()));
        }
        return Next.DONE;
    }

    private void make(Chain chain, Execution execution, Step step) {
        Key key = chain.execution;
        FunctionRef caller = new FunctionRef(
                key.account(),
                key.region(),
                execution.start().function(),
                execution.start().version());
        FunctionRef target = FunctionRef.of(Functions.or(step.target(), ""), null, call(key));
        String role = Functions.or(invoke.find(caller).configuration().role(), "");
        if (!target.account().equals(key.account())
                || rules.denied("lambda:InvokeFunction", target.qualifiedArn(), caller, role)) {
            throw Fault.client(
                    "AccessDeniedException",
                    403,
                    "The execution role " + role + " is not authorized to perform: lambda:InvokeFunction on resource: "
                            + target.qualifiedArn());
        }
        Found found = invoke.find(target);
        Tenants.check(found.configuration(), step.tenant());
        String input = Functions.or(step.input(), "{}");
        String trace = execution.start().trace();
        if (Durables.is(found.configuration())) {
            Durables.requireQualified(target);
            Parent parent = new Parent(key.id(), chain.operation);
            begin(chain, target, found, new Durables.Wanted(null, input, trace, step.tenant(), parent, null));
            return;
        }
        Outcome outcome = invoke.runOnce(
                target,
                found,
                new Work(
                        UUID.randomUUID().toString(),
                        Invoke.payload(input.getBytes(StandardCharsets.UTF_8), Invoke.REQUEST_RESPONSE),
                        null,
                        false,
                        null,
                        trace,
                        step.tenant()));
        if (outcome.failed() && stopping) {
            return; // it was taken away, and is run again after the next start
        }
        if (outcome.failed()) {
            ended(chain, "FAILED", null, DurableEnvelope.failure(outcome.payload()));
        } else {
            ended(chain, "SUCCEEDED", new String(outcome.payload(), StandardCharsets.UTF_8), null);
        }
    }

    private void begin(Chain chain, FunctionRef target, Found found, Durables.Wanted wanted) {
        store.write(tx -> DurableLedger.open(tx, chain.execution, clock.instant())
                .filter(ledger -> ledger.running() && ledger.chained(chain.operation))
                .ifPresent(ledger -> {
                    Durables.begin(tx, target, found, wanted, ledger.now);
                    ledger.chain(chain.operation, false);
                    ledger.save();
                }));
    }

    private void ended(Chain chain, String status, @Nullable String result, @Nullable ErrorObject error) {
        store.write(tx -> DurableLedger.open(tx, chain.execution, clock.instant())
                .filter(ledger -> ledger.chainedEnded(chain.operation, status, result, error))
                .ifPresent(DurableLedger::save));
    }

    private Call call(Key key) {
        return new Call(
                Roles.LAMBDA,
                key.account(),
                key.region(),
                UUID.randomUUID().toString(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside("lambda.amazonaws.com"));
    }
}
