package dev.haneul.services.lambda.run;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Workload.Exit;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.run.Outcome.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs one invocation from lending an environment to its REPORT line. */
public final class Runner {
    /** Starting a function may take this long; then it is started again under the function's own timeout. */
    private static final long INIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A runtime that finds nobody at its door knocks again within a tenth of this. */
    private static final long RECONNECT_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final int MOST_ENVIRONMENTS_TRIED = 5;
    private static final String INVALID_ENTRYPOINT = "Runtime.InvalidEntrypoint";

    private final Fleet fleet;
    private final Clock clock;

    public Runner(Fleet fleet, Clock clock) {
        this.fleet = fleet;
        this.clock = clock;
    }

    /**
     * What to run.
     *
     * @param functionArn as the caller named it
     * @param clientContext JSON, null where none
     * @param tail whether the end of its log is wanted
     * @param sink takes the response as it comes, where the runtime streams it; null where it is wanted whole
     * @param event whether it comes from the queue of asynchronous events, and may be run again
     */
    public record Order(
            Target target,
            String requestId,
            byte[] payload,
            String functionArn,
            @Nullable String clientContext,
            String traceId,
            boolean tail,
            @Nullable ResponseSink sink,
            boolean event) {
        /** A synchronous order. */
        public Order(
                Target target,
                String requestId,
                byte[] payload,
                String functionArn,
                @Nullable String clientContext,
                String traceId,
                boolean tail,
                @Nullable ResponseSink sink) {
            this(target, requestId, payload, functionArn, clientContext, traceId, tail, sink, false);
        }
    }

    /**
     * Runs it and waits for the end.
     *
     * @throws Fleet.FullException where the host is full
     * @throws LaunchException where no environment can be started here
     * @throws dev.haneul.api.runtime.Fault where the execution role cannot be assumed
     */
    public Outcome run(Order order) throws Fleet.FullException, LaunchException, IOException, InterruptedException {
        for (int tried = 1; ; tried++) {
            Environment environment = fleet.acquire(order.target);
            boolean good = false;
            try {
                Attempt attempt = new Attempt(order, environment, tried == MOST_ENVIRONMENTS_TRIED);
                Outcome outcome = attempt.run();
                good = attempt.reusable;
                if (outcome != null) {
                    return outcome;
                }
            } finally {
                if (good) {
                    fleet.release(environment);
                } else {
                    fleet.discard(environment);
                }
            }
        }
    }

    /**
     * Waits for what becomes of an invocation that an earlier server handed in, and ends it as any other.
     *
     * @param environment adopted; given back to the fleet
     * @return empty where the runtime never saw it: it may be run again
     */
    Optional<Outcome> resume(Environment environment, Passport.UnderWay work) throws InterruptedException {
        boolean good = false;
        try {
            Attempt attempt = new Attempt(
                    new Order(
                            environment.target(),
                            work.requestId(),
                            new byte[0],
                            "",
                            null,
                            "",
                            false,
                            null,
                            work.event()),
                    environment,
                    false);
            Outcome outcome = attempt.resume(work.startedAt());
            good = attempt.reusable;
            return Optional.ofNullable(outcome);
        } finally {
            if (good) {
                fleet.release(environment);
            } else {
                fleet.discard(environment);
            }
        }
    }

    /** Ends an invocation whose environment ended while no server was there. */
    Outcome tellEnd(Environment environment, Passport.UnderWay work, Exit exit) throws InterruptedException {
        Attempt attempt = new Attempt(
                new Order(environment.target(), work.requestId(), new byte[0], "", null, "", false, null, work.event()),
                environment,
                false);
        long micros =
                Math.max(0, Duration.between(work.startedAt(), Instant.now()).toNanos() / 1000);
        return attempt.finish(
                new Ending.Exited(exit),
                Math.min(micros, TimeUnit.SECONDS.toMicros(environment.target().timeoutSeconds())),
                0);
    }

    /** One order in one environment. */
    private final class Attempt {
        private final Order order;
        private final Environment environment;
        private final EnvironmentLog log;
        private final PlatformLog platform;
        private final boolean last;
        private final boolean cold;
        private final Outcome.@Nullable Provision provision;
        private @Nullable Long initMicros;
        private long startedNanos;
        private boolean reusable;

        Attempt(Order order, Environment environment, boolean last) {
            this.order = order;
            this.environment = environment;
            this.last = last;
            this.log = environment.log();
            this.platform = environment.platform();
            this.cold = environment.fresh();
            this.provision = fleet.provision(environment);
        }

        /** Null where the runtime turned out to have ended before it saw the invocation. */
        @Nullable
        Outcome run() throws LaunchException, IOException, InterruptedException {
            boolean ready = !cold || start();
            long timeoutNanos = TimeUnit.SECONDS.toNanos(order.target.timeoutSeconds());
            startedNanos = System.nanoTime();
            Ending ending = ready ? new Ending.Ready() : startAgain(timeoutNanos);
            if (order.tail) {
                log.startTail();
            }
            platform.start(order.requestId, order.target.version());
            if (ending instanceof Ending.Ready) {
                environment.note(new Passport.UnderWay(order.requestId, order.event, Instant.now()));
                long left = timeoutNanos - (System.nanoTime() - startedNanos);
                ending = environment.run(invocation(left), left);
            }
            if (ending instanceof Ending.NotDelivered) {
                if (!last) {
                    return null;
                }
                ending = new Ending.Exited(new Exit(1, false));
            }
            return finish(
                    ending, Math.min((System.nanoTime() - startedNanos) / 1000, timeoutNanos / 1000), timeoutNanos);
        }

        /**
         * The time it has had is counted from when it was handed in. A runtime that had its answer ready while no server
         * was there gets a moment to bring it.
         */
        @Nullable
        Outcome resume(Instant startedAt) throws InterruptedException {
            long had = Math.max(0, Duration.between(startedAt, Instant.now()).toNanos());
            long timeoutNanos = TimeUnit.SECONDS.toNanos(order.target.timeoutSeconds());
            startedNanos = System.nanoTime() - had;
            Ending ending = environment.resume(Math.max(timeoutNanos - had, RECONNECT_NANOS));
            if (ending instanceof Ending.NotDelivered) {
                environment.note(null);
                reusable = environment.usable(clock.instant());
                return null;
            }
            return finish(
                    ending,
                    Math.min((System.nanoTime() - startedNanos) / 1000, timeoutNanos / 1000),
                    Math.max(timeoutNanos, had + RECONNECT_NANOS));
        }

        /** The normal start, outside of the function's timeout. */
        private boolean start() throws LaunchException, IOException, InterruptedException {
            long started = System.nanoTime();
            Ending ending;
            try {
                ending = environment.boot(INIT_NANOS);
            } finally {
                fleet.started();
            }
            long micros = (System.nanoTime() - started) / 1000;
            if (ending instanceof Ending.Ready) {
                initMicros = micros;
                platform.initRuntimeDone("on-demand", "init", "success");
                platform.initDone("on-demand", micros);
                return true;
            }
            reportInit(ending, Math.min(micros, INIT_NANOS / 1000), "init");
            return false;
        }

        /** As AWS does, a start that failed is tried once more as part of the invocation. */
        private Ending startAgain(long nanos) throws LaunchException, IOException, InterruptedException {
            Ending ending = environment.boot(nanos);
            if (!(ending instanceof Ending.Ready)) {
                reportInit(ending, Math.min((System.nanoTime() - startedNanos), nanos) / 1000, "invoke");
            }
            return ending;
        }

        private void reportInit(Ending ending, long micros, String phase) {
            boolean timeout = ending instanceof Ending.TimedOut;
            platform.initReport(micros, phase, timeout ? "timeout" : "error", timeout ? null : errorType(ending));
        }

        private Invocation invocation(long leftNanos) {
            return new Invocation(
                    order.requestId,
                    order.payload,
                    System.currentTimeMillis() + TimeUnit.NANOSECONDS.toMillis(leftNanos),
                    order.functionArn,
                    order.clientContext,
                    order.traceId,
                    order.sink);
        }

        /** @param nanos what the invocation may take, counted from its start: its extensions have what is left of it */
        private Outcome finish(Ending ending, long micros, long nanos) throws InterruptedException {
            environment.settleLog();
            Kind kind = kind(ending);
            long peakMib = kind == Kind.OUT_OF_MEMORY ? order.target.memoryMib() : environment.peakMemoryMib();
            String error = kind == Kind.SUCCESS ? null : errorType(ending);
            String status = status(kind);
            platform.runtimeDone(new PlatformLines.Report(
                    order.requestId,
                    micros,
                    0,
                    order.target.memoryMib(),
                    peakMib,
                    null,
                    kind == Kind.ERROR ? "error" : status,
                    error));
            long after = kind == Kind.SUCCESS || kind == Kind.ERROR
                    ? environment.awaitExtensions(nanos - (System.nanoTime() - startedNanos))
                    : 0;
            reusable = (kind == Kind.SUCCESS || kind == Kind.ERROR) && environment.usable(clock.instant());
            switch (ending) {
                case Ending.TimedOut _ -> platform.timedOut(order.requestId, order.target.timeoutSeconds());
                case Ending.Exited(Exit exit) ->
                    platform.exited(order.requestId, PlatformLines.exitReason(exit.code()), "Runtime.ExitError");
                case Ending.NoEntrypoint(String reason) -> platform.exited(order.requestId, reason, INVALID_ENTRYPOINT);
                case Ending.ExtensionFailed(Extensions.Failure failure) ->
                    platform.exited(order.requestId, failure.message(), failure.type());
                default -> {}
            }
            long billed = (micros + after + (initMicros == null ? 0 : initMicros) + 999) / 1000;
            platform.end(new PlatformLines.Report(
                    order.requestId,
                    micros,
                    billed,
                    order.target.memoryMib(),
                    peakMib,
                    initMicros,
                    status,
                    "error".equals(status) ? error : null));
            log.send();
            environment.note(null);
            byte[] tail = order.tail ? log.endTail() : new byte[0];
            return new Outcome(
                    kind, payload(ending), error, tail, cold, micros, initMicros, billed, peakMib, after, provision);
        }

        private byte[] payload(Ending ending) {
            String reason = switch (ending) {
                case Ending.Result(byte[] body) -> null;
                case Ending.Reported(RuntimeSession.Problem problem) -> null;
                case Ending.TooLarge _ ->
                    "Response payload size exceeded maximum allowed payload size (" + RuntimeApi.LARGEST_RESULT_BYTES
                            + " bytes).";
                case Ending.TimedOut _ ->
                    "RequestId: " + order.requestId + " Error: "
                            + PlatformLines.timeoutText(order.target.timeoutSeconds());
                case Ending.Exited(Exit exit) ->
                    "RequestId: " + order.requestId + " Error: " + PlatformLines.exitReason(exit.code());
                case Ending.ExtensionFailed(Extensions.Failure failure) ->
                    "RequestId: " + order.requestId + " Error: " + failure.message();
                case Ending.NoEntrypoint(String why) ->
                    order.target.program() == null ? "Unknown" : "RequestId: " + order.requestId + " Error: " + why;
                default -> "Unknown";
            };
            if (ending instanceof Ending.Result(byte[] body)) {
                return body;
            }
            if (ending instanceof Ending.Reported(RuntimeSession.Problem problem)) {
                return problem.body();
            }
            String document = "{\"errorType\":\"" + errorType(ending) + "\",\"errorMessage\":\"" + reason + "\"}";
            return document.getBytes(StandardCharsets.UTF_8);
        }
    }

    private static Kind kind(Ending ending) {
        return switch (ending) {
            case Ending.Result _ -> Kind.SUCCESS;
            case Ending.Reported _, Ending.TooLarge _ -> Kind.ERROR;
            case Ending.TimedOut _ -> Kind.TIMEOUT;
            case Ending.Exited(Exit exit) -> exit.outOfMemory() ? Kind.OUT_OF_MEMORY : Kind.EXIT;
            case Ending.NoEntrypoint _, Ending.ExtensionFailed _ -> Kind.EXIT;
            case Ending.Ready _, Ending.NotDelivered _ -> throw new IllegalStateException("not an end: " + ending);
        };
    }

    private static @Nullable String status(Kind kind) {
        return switch (kind) {
            case SUCCESS, ERROR -> null;
            case TIMEOUT -> "timeout";
            case EXIT, OUT_OF_MEMORY -> "error";
        };
    }

    private static String errorType(Ending ending) {
        return switch (ending) {
            case Ending.Reported(RuntimeSession.Problem problem) ->
                problem.type().isEmpty() ? "Runtime.Unknown" : problem.type();
            case Ending.TooLarge _ -> "Function.ResponseSizeTooLarge";
            case Ending.TimedOut _ -> "Sandbox.Timedout";
            case Ending.Exited(Exit exit) -> exit.outOfMemory() ? "Runtime.OutOfMemory" : "Runtime.ExitError";
            case Ending.NoEntrypoint _ -> INVALID_ENTRYPOINT;
            case Ending.ExtensionFailed(Extensions.Failure failure) -> failure.type();
            case Ending.Ready _, Ending.Result _, Ending.NotDelivered _ -> "Runtime.Unknown";
        };
    }
}
