package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.CallbackOptions;
import dev.haneul.api.lambda.ChainedInvokeOptions;
import dev.haneul.api.lambda.CheckpointDurableExecutionRequest;
import dev.haneul.api.lambda.CheckpointDurableExecutionResponse;
import dev.haneul.api.lambda.ContextOptions;
import dev.haneul.api.lambda.DurableConfig;
import dev.haneul.api.lambda.ErrorObject;
import dev.haneul.api.lambda.Event;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.GetDurableExecutionHistoryRequest;
import dev.haneul.api.lambda.GetDurableExecutionHistoryResponse;
import dev.haneul.api.lambda.GetDurableExecutionRequest;
import dev.haneul.api.lambda.GetDurableExecutionResponse;
import dev.haneul.api.lambda.GetDurableExecutionStateRequest;
import dev.haneul.api.lambda.Operation;
import dev.haneul.api.lambda.OperationUpdate;
import dev.haneul.api.lambda.SendDurableExecutionCallbackFailureRequest;
import dev.haneul.api.lambda.SendDurableExecutionCallbackHeartbeatRequest;
import dev.haneul.api.lambda.SendDurableExecutionCallbackSuccessRequest;
import dev.haneul.api.lambda.StepOptions;
import dev.haneul.api.lambda.StopDurableExecutionRequest;
import dev.haneul.api.lambda.WaitOptions;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.reconcile.Reconciler.Next;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.lambda.DurableTables.Execution;
import dev.haneul.services.lambda.DurableTables.Parent;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.run.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Durable executions without their functions: the test checkpoints and answers in their place. */
class DurableTest {
    private static final FunctionRef REF = new FunctionRef("000000000000", "us-east-1", "orders", "1");

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-11-23T12:00:00Z"));
    private TempFolder folder;
    private DataFolder data;
    private SqliteStore store;
    private DurableExecutions api;
    private DurableTimers timers;
    private int runs;

    @BeforeEach
    void open() throws IOException {
        folder = new TempFolder();
        reopen();
    }

    private void reopen() throws IOException {
        data = DataFolder.open(folder.path());
        store = SqliteStore.open(data);
        store.open(DurableTables.TABLES, List.of());
        ServiceEvent.open(store);
        api = new DurableExecutions(store, clock);
        timers = new DurableTimers(store, clock);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        data.close();
        folder.close();
    }

    @Test
    void aTokenIsGoodOnce() throws IOException {
        Key key = begin(3600, null);
        String first = run(key);
        CheckpointDurableExecutionResponse answer = checkpoint(key, first, "one", step("a", "START"));
        assertThat(answer.newExecutionState().operations())
                .extracting(Operation::status)
                .containsExactly("STARTED");
        store.close();
        data.close();
        reopen(); // what was answered is on disk
        assertThat(checkpoint(key, first, "one", step("a", "START")).checkpointToken())
                .as("the same question again")
                .isEqualTo(answer.checkpointToken());
        assertThatThrownBy(() -> checkpoint(key, first, "two", step("a", "SUCCEED")))
                .isInstanceOfSatisfying(Fault.class, fault -> {
                    assertThat(fault.code()).isEqualTo("InvalidParameterValueException");
                    assertThat(fault.message()).startsWith("Invalid Checkpoint Token");
                });
        String second = answer.checkpointToken();
        settle(key, "{\"Status\":\"PENDING\"}"); // nothing is pending: it has failed
        assertThatThrownBy(() -> checkpoint(key, second, "three", step("a", "SUCCEED")))
                .isInstanceOf(Fault.class);
        assertThat(get(key).status()).isEqualTo("FAILED");
        assertThat(get(key).error().errorMessage()).contains("no pending operations");
    }

    @Test
    void aStepIsRetriedWhenItsTimeHasCome() {
        Key key = begin(3600, null);
        String token = run(key);
        checkpoint(
                key,
                token,
                null,
                step("a", "START"),
                step("a", "RETRY")
                        .error(new ErrorObject().errorMessage("no"))
                        .stepOptions(new StepOptions().nextAttemptDelaySeconds(60)));
        settle(key, "{\"Status\":\"PENDING\"}");
        assertThat(wanted(key)).isFalse();
        assertThat(timers.reconcile(key)).isEqualTo(Next.at(clock.instant().plusSeconds(60)));
        clock.advance(Duration.ofSeconds(60));
        timers.reconcile(key);
        assertThat(wanted(key)).isTrue();
        String next = run(key);
        Operation ready = state(key, next).get(1);
        assertThat(ready.status()).isEqualTo("READY");
        assertThat(ready.stepDetails().attempt()).isEqualTo(1);
        checkpoint(key, next, null, step("a", "START"), step("a", "SUCCEED").payload("\"done\""));
        settle(key, "{\"Status\":\"SUCCEEDED\",\"Result\":\"\\\"done\\\"\"}");
        assertThat(get(key).status()).isEqualTo("SUCCEEDED");
        assertThat(get(key).result()).isEqualTo("\"done\"");
        assertThat(types(key))
                .containsExactly(
                        "ExecutionStarted",
                        "StepStarted",
                        "StepFailed",
                        "InvocationCompleted",
                        "StepStarted",
                        "StepSucceeded",
                        "InvocationCompleted",
                        "ExecutionSucceeded");
    }

    @Test
    void aWaitOfDaysAndTheEndOfWhatIsKept() {
        Key key = begin(30 * 86_400, null);
        checkpoint(key, run(key), null, wait("w", 3 * 86_400));
        settle(key, "{\"Status\":\"PENDING\"}");
        clock.advance(Duration.ofDays(3).minusSeconds(1));
        timers.reconcile(key);
        assertThat(wanted(key)).isFalse();
        clock.advance(Duration.ofSeconds(1));
        timers.reconcile(key);
        assertThat(state(key, run(key)).get(1).status()).isEqualTo("SUCCEEDED");
        settle(key, "{\"Status\":\"SUCCEEDED\",\"Result\":\"1\"}");
        clock.advance(Duration.ofDays(7).minusSeconds(1));
        timers.reconcile(key);
        assertThat(get(key).status()).isEqualTo("SUCCEEDED");
        clock.advance(Duration.ofSeconds(1));
        timers.reconcile(key);
        assertThat(rows(DurableTables.EXECUTIONS)).isZero();
        assertThat(rows(DurableTables.OPERATIONS)).isZero();
        assertThat(rows(DurableTables.EVENTS)).isZero();
        assertThat(rows(DurableTables.PAYLOADS)).isZero();
    }

    @Test
    void anExecutionThatTakesTooLongIsOver() {
        Key key = begin(60, null);
        checkpoint(key, run(key), null, wait("w", 3600));
        settle(key, "{\"Status\":\"PENDING\"}");
        clock.advance(Duration.ofSeconds(60));
        timers.reconcile(key);
        assertThat(get(key).status()).isEqualTo("TIMED_OUT");
        assertThat(types(key)).last().isEqualTo("ExecutionTimedOut");
    }

    @Test
    void callbacksAreAnsweredOnce() {
        Key key = begin(3600, null);
        String token = run(key);
        CheckpointDurableExecutionResponse answer = checkpoint(
                key, token, null, callback("good", 600, 0), callback("bad", 0, 0), callback("silent", 0, 10));
        List<String> ids = answer.newExecutionState().operations().stream()
                .map(one -> one.callbackDetails().callbackId())
                .toList();
        assertThat(ids).allMatch(id -> id.matches("[A-Za-z0-9+/]+={0,2}"));
        settle(key, "{\"Status\":\"PENDING\"}");
        api.succeed(
                new SendDurableExecutionCallbackSuccessRequest()
                        .callbackId(ids.get(0))
                        .result("\"yes\"".getBytes(StandardCharsets.UTF_8)),
                call());
        assertThatThrownBy(() ->
                        api.succeed(new SendDurableExecutionCallbackSuccessRequest().callbackId(ids.get(0)), call()))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("CallbackTimeoutException"));
        assertThatThrownBy(() ->
                        api.beat(new SendDurableExecutionCallbackHeartbeatRequest().callbackId("bm9uZQ=="), call()))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("InvalidParameterValueException"));
        api.fail(
                new SendDurableExecutionCallbackFailureRequest()
                        .callbackId(ids.get(1))
                        .error(new ErrorObject().errorMessage("no")),
                call());
        clock.advance(Duration.ofSeconds(9));
        api.beat(new SendDurableExecutionCallbackHeartbeatRequest().callbackId(ids.get(2)), call());
        clock.advance(Duration.ofSeconds(9));
        timers.reconcile(key);
        assertThat(statuses(key)).containsExactly("SUCCEEDED", "FAILED", "STARTED");
        clock.advance(Duration.ofSeconds(1));
        timers.reconcile(key);
        assertThat(statuses(key)).containsExactly("SUCCEEDED", "FAILED", "TIMED_OUT");
        assertThat(wanted(key)).isTrue();
    }

    @Test
    void aRunningFunctionIsToldOfWhatHappened() {
        Key key = begin(3600, null);
        String token = checkpoint(key, run(key), null, wait("w", 5), step("a", "START"))
                .checkpointToken();
        clock.advance(Duration.ofSeconds(5));
        CheckpointDurableExecutionResponse told = checkpoint(key, token, null);
        assertThat(told.newExecutionState().operations())
                .extracting(Operation::id, Operation::status)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("w", "SUCCEEDED"));
        assertThat(checkpoint(key, told.checkpointToken(), null)
                        .newExecutionState()
                        .operations())
                .isEmpty();
        assertThat(wanted(key)).isFalse();
    }

    @Test
    void aChainedExecutionTellsItsEnd() {
        Key parent = begin(3600, null);
        checkpoint(parent, run(parent), null, chained("c"));
        settle(parent, "{\"Status\":\"PENDING\"}");
        assertThat(get(parent).status()).isEqualTo("RUNNING");
        Key child = begin(60, new Parent(parent.id(), "c"));
        run(child);
        settle(child, "{\"Status\":\"SUCCEEDED\",\"Result\":\"42\"}");
        assertThat(wanted(parent)).isTrue();
        Operation done = state(parent, run(parent)).get(1);
        assertThat(done.status()).isEqualTo("SUCCEEDED");
        assertThat(done.chainedInvokeDetails().result()).isEqualTo("42");
        assertThat(types(parent)).contains("ChainedInvokeStarted", "ChainedInvokeSucceeded");
    }

    @Test
    void stoppedIsStopped() {
        Key key = begin(3600, null);
        String token = run(key);
        api.stop(new StopDurableExecutionRequest().durableExecutionArn(arn(key)), call());
        assertThat(get(key).status()).isEqualTo("STOPPED");
        assertThatThrownBy(() -> checkpoint(key, token, null, step("a", "START")))
                .isInstanceOf(Fault.class);
        settle(key, "{\"Status\":\"SUCCEEDED\",\"Result\":\"1\"}");
        assertThat(get(key).status()).isEqualTo("STOPPED");
        assertThat(get(key).result()).isNull();
    }

    @Test
    void invocationsThatFailAreMadeAgainForAWhile() {
        Key key = begin(86_400, null);
        for (int failures = 1; failures < 9; failures++) {
            run(key);
            fail(key);
            assertThat(get(key).status()).isEqualTo("RUNNING");
            assertThat(wanted(key)).isTrue();
        }
        run(key);
        fail(key);
        assertThat(get(key).status()).isEqualTo("FAILED");
        assertThat(get(key).error().errorType()).isEqualTo("Boom");
    }

    @Test
    void whatIsBelowAnEndedContextIsNotReplayed() {
        Key key = begin(3600, null);
        String token = checkpoint(
                        key,
                        run(key),
                        null,
                        context("x", "START"),
                        step("x1", "START").parentId("x"),
                        context("y", "START"),
                        step("y1", "START").parentId("y"))
                .checkpointToken();
        token = checkpoint(
                        key,
                        token,
                        null,
                        step("x1", "SUCCEED").parentId("x"),
                        context("x", "SUCCEED").payload("1"),
                        step("y1", "SUCCEED").parentId("y"),
                        context("y", "SUCCEED").contextOptions(new ContextOptions().replayChildren(true)))
                .checkpointToken();
        assertThat(state(key, token)).extracting(Operation::id).containsSubsequence("x", "y", "y1");
        assertThat(state(key, token)).extracting(Operation::id).doesNotContain("x1");
    }

    @Test
    void badUpdatesAreRefusedAndChangeNothing() {
        Key key = begin(3600, null);
        String token = run(key);
        refused(
                key,
                token,
                "Invalid action for the given operation type.",
                wait("w", 1).action("RETRY"));
        refused(key, token, "Invalid parent operation id.", step("a", "START").parentId("nobody"));
        refused(
                key,
                token,
                "Cannot update the same operation twice in a single request.",
                step("a", "START"),
                step("a", "START"));
        refused(
                key,
                token,
                "STEP output payload size must be less than or equal to 262144 bytes.",
                step("a", "SUCCEED").payload("x".repeat(262_145)));
        refused(
                key,
                token,
                "EXECUTION checkpoint must be the last update.",
                new OperationUpdate().id("e").type("EXECUTION").action("SUCCEED"),
                step("a", "START"));
        List<OperationUpdate> many = new ArrayList<>(IntStream.rangeClosed(0, DurableRules.MOST_OPERATIONS)
                .mapToObj(i -> step("s" + i, "START"))
                .toList());
        assertThatThrownBy(() -> checkpoint(key, token, null, many.toArray(OperationUpdate[]::new)))
                .hasMessageContaining("maximum number of operations");
        assertThat(state(key, token)).hasSize(1);
        many.removeLast();
        String next = checkpoint(key, token, null, many.toArray(OperationUpdate[]::new))
                .checkpointToken();
        assertThat(state(key, next)).hasSize(1 + DurableRules.MOST_OPERATIONS);
    }

    @Test
    void whatComesDueIsNotRefusedWhereAnExecutionIsFull() {
        Key key = begin(3600, null);
        checkpoint(key, run(key), null, wait("w", 5));
        settle(key, "{\"Status\":\"PENDING\"}");
        Execution now = execution(key);
        DurableTables.Progress at = now.progress();
        DurableTables.Progress full = new DurableTables.Progress(
                at.sequence(),
                at.operations(),
                DurableRules.MOST_BYTES + 1, // what others answered counts, and is not refused
                at.events(),
                at.run(),
                at.wanted(),
                at.notBefore(),
                at.failures(),
                at.timers(),
                at.untold(),
                at.chained(),
                at.reply());
        store.write(tx -> tx.put(DurableTables.EXECUTIONS, key, new Execution(now.start(), full, null)));
        clock.advance(Duration.ofSeconds(5));
        timers.reconcile(key);
        assertThat(statuses(key)).containsExactly("SUCCEEDED");
        assertThatThrownBy(() -> DurableRules.history(DurableRules.MOST_EVENTS + 1))
                .hasMessageContaining("history events");
    }

    @Test
    void historyComesInPagesAndWithoutDataWhereNoneIsWanted() {
        Key key = begin(3600, null);
        checkpoint(key, run(key), null, step("a", "START"), step("a", "SUCCEED").payload("\"secret\""));
        GetDurableExecutionHistoryResponse page = api.history(
                new GetDurableExecutionHistoryRequest()
                        .durableExecutionArn(arn(key))
                        .maxItems(2),
                call());
        assertThat(page.events()).extracting(Event::eventId).containsExactly(1, 2);
        GetDurableExecutionHistoryResponse rest = api.history(
                new GetDurableExecutionHistoryRequest()
                        .durableExecutionArn(arn(key))
                        .marker(page.nextMarker())
                        .includeExecutionData(false),
                call());
        assertThat(rest.events()).extracting(Event::eventId).containsExactly(3);
        assertThat(rest.nextMarker()).isNull();
        assertThat(rest.events().getFirst().stepSucceededDetails().result().payload())
                .isNull();
        assertThat(api.history(
                                new GetDurableExecutionHistoryRequest()
                                        .durableExecutionArn(arn(key))
                                        .reverseOrder(true),
                                call())
                        .events())
                .extracting(Event::eventId)
                .containsExactly(3, 2, 1);
    }

    private void refused(Key key, String token, String why, OperationUpdate... updates) {
        assertThatThrownBy(() -> checkpoint(key, token, null, updates)).hasMessageContaining(why);
    }

    private Key begin(int timeoutSeconds, @Nullable Parent parent) {
        Found found = new Found(
                new LambdaTables.Function(
                        new FunctionConfiguration(),
                        new LambdaTables.Code("", null, null),
                        1,
                        Map.of(),
                        null,
                        clock.instant(),
                        null),
                "1",
                new FunctionConfiguration()
                        .durableConfig(new DurableConfig()
                                .executionTimeout(timeoutSeconds)
                                .retentionPeriodInDays(7)),
                new LambdaTables.Code("", null, null),
                null);
        return store.transact(tx -> Durables.begin(
                        tx,
                        REF,
                        found,
                        new Durables.Wanted(null, "{\"n\":1}", null, null, parent, null),
                        clock.instant())
                .key());
    }

    /** Begins an invocation and gives its token. */
    private String run(Key key) {
        runs++;
        return store.transact(tx -> {
            DurableLedger ledger = DurableLedger.open(tx, key, clock.instant()).orElseThrow();
            ledger.begin("run-" + runs);
            ledger.save();
            return DurableEnvelope.token(ledger.start, ledger.sequence());
        });
    }

    private void settle(Key key, String answer) {
        end(key, Outcome.Kind.SUCCESS, answer);
    }

    private void fail(Key key) {
        end(key, Outcome.Kind.ERROR, "{\"errorMessage\":\"no\",\"errorType\":\"Boom\"}");
    }

    private void end(Key key, Outcome.Kind kind, String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        DurableRuns.settle(
                store,
                clock.instant(),
                key,
                "run-" + runs,
                new Outcome(kind, bytes, null, new byte[0], false, 0, null, 0, 0, 0, null));
    }

    private CheckpointDurableExecutionResponse checkpoint(
            Key key, String token, @Nullable String client, OperationUpdate... updates) {
        return api.checkpoint(
                new CheckpointDurableExecutionRequest()
                        .durableExecutionArn(arn(key))
                        .checkpointToken(token)
                        .clientToken(client)
                        .updates(List.of(updates)),
                call());
    }

    private List<Operation> state(Key key, String token) {
        List<Operation> all = new ArrayList<>();
        String marker = null;
        do {
            var page = api.state(
                    new GetDurableExecutionStateRequest()
                            .durableExecutionArn(arn(key))
                            .checkpointToken(token)
                            .marker(marker)
                            .maxItems(1000),
                    call());
            all.addAll(page.operations());
            marker = page.nextMarker();
        } while (marker != null);
        return all;
    }

    private <R> int rows(Table<R> table) {
        return store.read(tx -> tx.all(table, null, 10).size());
    }

    private List<String> statuses(Key key) {
        return store.read(tx -> DurableReads.steps(tx, key)).stream()
                .map(step -> step.shown().status())
                .toList();
    }

    private List<String> types(Key key) {
        return api
                .history(new GetDurableExecutionHistoryRequest().durableExecutionArn(arn(key)), call())
                .events()
                .stream()
                .map(Event::eventType)
                .toList();
    }

    private GetDurableExecutionResponse get(Key key) {
        return api.get(new GetDurableExecutionRequest().durableExecutionArn(arn(key)), call());
    }

    private Execution execution(Key key) {
        return store.read(tx -> tx.get(DurableTables.EXECUTIONS, key))
                .map(Row::value)
                .orElseThrow();
    }

    private boolean wanted(Key key) {
        return execution(key).progress().wanted();
    }

    private String arn(Key key) {
        return execution(key).arn(key.scope());
    }

    private static OperationUpdate step(String id, String action) {
        return new OperationUpdate().id(id).type("STEP").action(action);
    }

    private static OperationUpdate context(String id, String action) {
        return new OperationUpdate().id(id).type("CONTEXT").action(action);
    }

    private static OperationUpdate wait(String id, int seconds) {
        return new OperationUpdate()
                .id(id)
                .type("WAIT")
                .action("START")
                .waitOptions(new WaitOptions().waitSeconds(seconds));
    }

    private static OperationUpdate callback(String id, int timeout, int heartbeat) {
        return new OperationUpdate()
                .id(id)
                .type("CALLBACK")
                .action("START")
                .callbackOptions(new CallbackOptions().timeoutSeconds(timeout).heartbeatTimeoutSeconds(heartbeat));
    }

    private static OperationUpdate chained(String id) {
        return new OperationUpdate()
                .id(id)
                .type("CHAINED_INVOKE")
                .action("START")
                .payload("1")
                .chainedInvokeOptions(new ChainedInvokeOptions().functionName("other:1"));
    }

    private Call call() {
        return new Call(
                Principal.root(REF.account(), "test"),
                REF.account(),
                REF.region(),
                "request",
                clock.instant().plusSeconds(60),
                new Call.Origin("127.0.0.1", "test", false, "http://localhost:4566", Map.of()));
    }
}
