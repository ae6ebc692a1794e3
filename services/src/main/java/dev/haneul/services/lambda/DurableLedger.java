package dev.haneul.services.lambda;

import dev.haneul.api.lambda.CallbackDetails;
import dev.haneul.api.lambda.ChainedInvokeDetails;
import dev.haneul.api.lambda.ErrorObject;
import dev.haneul.api.lambda.Operation;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.lambda.DurableTables.End;
import dev.haneul.services.lambda.DurableTables.Execution;
import dev.haneul.services.lambda.DurableTables.Parent;
import dev.haneul.services.lambda.DurableTables.Past;
import dev.haneul.services.lambda.DurableTables.Progress;
import dev.haneul.services.lambda.DurableTables.Reply;
import dev.haneul.services.lambda.DurableTables.Run;
import dev.haneul.services.lambda.DurableTables.Start;
import dev.haneul.services.lambda.DurableTables.Step;
import dev.haneul.services.lambda.DurableTables.Text;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An execution as it is changed within one transaction: opened, changed, saved. What is put into it and not saved has
 * not happened to the execution.
 */
final class DurableLedger {
    final Key key;
    final Start start;
    final Instant now;
    private final WriteTx tx;
    private final Map<String, Instant> timers;
    private final Set<String> untold;
    private final List<String> chained;
    private final Set<String> changed = new LinkedHashSet<>();
    private long sequence;
    private int operations;
    private long bytes;
    private int events;
    private @Nullable Run run;
    private boolean wanted;
    private Instant notBefore;
    private int failures;
    private @Nullable Reply reply;
    private @Nullable End end;

    private DurableLedger(WriteTx tx, Key key, Execution execution, Instant now) {
        this.tx = tx;
        this.key = key;
        this.now = now;
        start = execution.start();
        end = execution.end();
        Progress at = execution.progress();
        timers = new LinkedHashMap<>(at.timers());
        untold = new LinkedHashSet<>(at.untold());
        chained = new ArrayList<>(at.chained());
        sequence = at.sequence();
        operations = at.operations();
        bytes = at.bytes();
        events = at.events();
        run = at.run();
        wanted = at.wanted();
        notBefore = at.notBefore();
        failures = at.failures();
        reply = at.reply();
    }

    /** Opens an execution; empty where there is none. */
    static Optional<DurableLedger> open(WriteTx tx, Key key, Instant now) {
        return tx.get(DurableTables.EXECUTIONS, key).map(row -> new DurableLedger(tx, key, row.value(), now));
    }

    /** Begins an execution that is to be invoked at once; not saved yet. */
    static DurableLedger begin(WriteTx tx, Key key, Start start, String input) {
        Progress nothing = new Progress(0, 0, 0, 0, null, true, start.at(), 0, Map.of(), List.of(), List.of(), null);
        DurableLedger ledger = new DurableLedger(tx, key, new Execution(start, nothing, null), start.at());
        tx.put(DurableTables.PAYLOADS, DurableTables.input(key), new Text(input));
        ledger.record(new DurableHistory(start.at()).started(start, input));
        DurableEvents.started(tx, key, start);
        return ledger;
    }

    Execution save() {
        Progress progress = new Progress(
                sequence,
                operations,
                bytes,
                events,
                run,
                wanted,
                notBefore,
                failures,
                Map.copyOf(timers),
                List.copyOf(untold),
                List.copyOf(chained),
                reply);
        Execution execution = new Execution(start, progress, end);
        tx.put(DurableTables.EXECUTIONS, key, execution);
        return execution;
    }

    boolean running() {
        return end == null;
    }

    @Nullable
    Run run() {
        return run;
    }

    boolean wanted() {
        return wanted;
    }

    int events() {
        return events;
    }

    boolean chained(String operation) {
        return chained.contains(operation);
    }

    long sequence() {
        return sequence;
    }

    int failures() {
        return failures;
    }

    @Nullable
    Reply reply() {
        return reply;
    }

    DurableHistory history() {
        return new DurableHistory(now);
    }

    Optional<Step> step(String id) {
        return tx.get(DurableTables.OPERATIONS, DurableTables.operation(key, id))
                .map(row -> row.value());
    }

    /** Writes an operation, new or changed. */
    void put(Step step, int moreBytes) {
        Step kept = step;
        if (step.sequence() == 0) {
            operations++;
            kept = step.at(operations);
        }
        bytes += moreBytes;
        if (step.sequence() == 0 || moreBytes > 0) { // what comes due is never refused
            DurableRules.within(operations, bytes);
        }
        String id = step.shown().id();
        tx.put(DurableTables.OPERATIONS, DurableTables.operation(key, id), kept);
        changed.add(id);
    }

    /** Sets when something is to happen to an operation; null for never. */
    void timer(String operation, @Nullable Instant due) {
        if (due == null) {
            timers.remove(operation);
        } else {
            timers.put(operation, due);
        }
    }

    /** Operations that are due. */
    List<String> due() {
        return timers.entrySet().stream()
                .filter(timer -> !timer.getValue().isAfter(now))
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** A chained invocation is to be made, or is over. */
    void chain(String operation, boolean open) {
        chained.remove(operation);
        if (open) {
            chained.add(operation);
        }
    }

    /** Whether something is still to come that the function may wait for. */
    boolean pending() {
        return !timers.isEmpty() || !chained.isEmpty() || openCallbacks() > 0;
    }

    /** Callbacks without a timeout and chained executions leave no timer: they are looked for one by one. */
    private long openCallbacks() {
        return DurableReads.steps(tx, key).stream()
                .map(Step::shown)
                .filter(one -> one.status().equals("STARTED"))
                .filter(one ->
                        one.type().equals(DurableRules.CALLBACK) || one.type().equals(DurableRules.CHAINED_INVOKE))
                .count();
    }

    void record(dev.haneul.api.lambda.Event event) {
        events++;
        tx.put(DurableTables.EVENTS, DurableTables.eventKey(key, events), new Past(event.eventId(events)));
    }

    /** Something changed that the function has not asked for: it is told, or invoked. */
    void tell(String operation) {
        untold.add(operation);
        if (run == null && running()) {
            wanted = true;
        }
    }

    /** Begins an invocation; its token is that of {@link #sequence}. */
    void begin(String requestId) {
        sequence++;
        run = new Run(requestId, sequence, now);
        wanted = false;
        untold.clear();
        reply = null;
    }

    /**
     * An invocation is over.
     *
     * @param again null where the function waits for something, else when it is tried again
     * @param failedInARow how many invocations have failed by now
     */
    void over(@Nullable Instant again, int failedInARow) {
        run = null;
        failures = failedInARow;
        wanted = running() && (again != null || !untold.isEmpty());
        notBefore = again == null ? now : again;
    }

    /** The next token, and what is told with it. */
    List<String> told(String clientToken, long from) {
        sequence++;
        changed.addAll(untold);
        untold.clear();
        List<String> told = List.copyOf(changed);
        reply = new Reply(clientToken, from, told);
        return told;
    }

    /** Ends the execution; whoever waits for it as a chained invocation is told in the same transaction. */
    void end(String status, @Nullable String result, @Nullable ErrorObject error) {
        if (end != null) {
            return;
        }
        end = new End(status, now, error);
        DurableEvents.ended(tx, key, start, end);
        timers.clear();
        chained.clear();
        untold.clear();
        wanted = false;
        if (result != null) {
            tx.put(DurableTables.PAYLOADS, DurableTables.result(key), new Text(result));
        }
        record(history().ended(status, result, error));
        Parent parent = start.parent();
        if (parent != null) {
            open(tx, key.scope().key(parent.execution()), now).ifPresent(waiting -> {
                if (waiting.chainedEnded(parent.operation(), status, result, error)) {
                    waiting.save();
                }
            });
        }
    }

    /** Ends a chained invocation; false where nobody waits for it any longer. */
    boolean chainedEnded(String id, String status, @Nullable String result, @Nullable ErrorObject error) {
        Step step = step(id).orElse(null);
        if (!running() || step == null || !step.shown().status().equals("STARTED")) {
            return false;
        }
        String outcome = status;
        String output = result;
        ErrorObject problem = error;
        if (DurableRules.bytes(result) > DurableRules.LARGEST_CHAINED_BYTES) {
            outcome = "FAILED";
            output = null;
            problem = new ErrorObject()
                    .errorMessage("CHAINED_INVOKE output payload size must be less than or equal to "
                            + DurableRules.LARGEST_CHAINED_BYTES + " bytes.");
        }
        Operation done = copy(step.shown())
                .status(outcome)
                .endTimestamp(now)
                .chainedInvokeDetails(new ChainedInvokeDetails().result(output).error(problem));
        keep(step.with(done), output, problem);
        chain(id, false);
        record(history().closed(done, outcome, output, problem, null));
        tell(id);
        return true;
    }

    /** Ends a callback. */
    void callbackEnded(Step step, String status, @Nullable String result, @Nullable ErrorObject error) {
        Operation before = step.shown();
        CallbackDetails details = before.callbackDetails();
        Operation done = copy(before)
                .status(status)
                .endTimestamp(now)
                .callbackDetails(new CallbackDetails()
                        .callbackId(details == null ? null : details.callbackId())
                        .result(result)
                        .error(error));
        keep(step.with(done), result, error);
        timer(before.id(), null);
        record(history().closed(done, status, result, error, null));
        tell(before.id());
    }

    /** What others bring may make the execution too large: then it fails, and not they. */
    private void keep(Step step, @Nullable String result, @Nullable ErrorObject error) {
        bytes += DurableRules.bytes(result) + DurableRules.bytes(error);
        tx.put(
                DurableTables.OPERATIONS,
                DurableTables.operation(key, step.shown().id()),
                step);
    }

    /** A copy, so that what was read is never changed. */
    static Operation copy(Operation of) {
        Struct copy = of.fresh();
        for (int i = 0; i < of.shape().members().size(); i++) {
            copy.set(i, of.get(i));
        }
        return (Operation) copy;
    }
}
