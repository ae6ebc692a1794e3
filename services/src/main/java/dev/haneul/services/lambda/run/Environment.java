package dev.haneul.services.lambda.run;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Workload;
import dev.haneul.engines.Workload.Usage;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.services.lambda.run.RuntimeSession.News;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One execution environment: a workload with a runtime in it that takes one invocation at a time. Used by the thread
 * that holds it (an invocation, or the fleet while it is idle), never by two at once.
 */
public final class Environment {
    /** A runtime that works on after its answer is frozen then; its next invocation waits for it. */
    private static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** While a function runs, its output is brought this often. */
    private static final long PUMP_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** A runtime that ended is waited for this long, to learn how. */
    static final Duration EXIT_PATIENCE = Duration.ofSeconds(2);

    private static final long READ_LOG_BYTES = 1 << 20;

    private static final Usage NOTHING = new Usage(Duration.ZERO, 0, 0, 0);

    private final Target target;
    private final String stream;
    private final Launcher launcher;
    private final EnvironmentLog log;
    private final WorkloadEnd.Ear ear;
    private volatile @Nullable Launched running;
    private Instant idleSince = Instant.MIN;
    private final ReentrantLock ice = new ReentrantLock();
    private volatile boolean frozen;
    private volatile boolean unfreezable;
    private volatile boolean lent = true;
    private boolean fresh = true;
    private volatile boolean retired;
    private volatile @Nullable Usage lastUsage;
    private String endReason = Shutdown.SPINDOWN;

    /** A started workload, what answers it and what it holds. */
    record Launched(
            Workload workload,
            RuntimeSession session,
            Instant usableUntil,
            Limits limits,
            AutoCloseable held,
            Passport passport) {}

    Environment(Target target, String stream, Launcher launcher, EnvironmentLog log, WorkloadEnd.Ear ear) {
        this.target = target;
        this.stream = stream;
        this.launcher = launcher;
        this.log = log;
        this.ear = ear;
    }

    public Target target() {
        return target;
    }

    /** Its log stream's name. */
    public String stream() {
        return stream;
    }

    /** What the platform says in its log. */
    PlatformLog platform() {
        return launcher.platform(target, log);
    }

    EnvironmentLog log() {
        return log;
    }

    /** Whether it has not served an invocation yet. */
    boolean fresh() {
        return fresh;
    }

    /** It was started before its first invocation came: for that one it is warm. */
    void ready() {
        fresh = false;
    }

    /** Whether its runtime lives and its credentials will last for another invocation. */
    boolean usable(Instant now) {
        Launched current = running;
        return current != null
                && current.session.alive()
                && !current.session.extensions().broken()
                && current.workload.running()
                && now.plusSeconds(target.timeoutSeconds()).isBefore(current.usableUntil);
    }

    /** Lets it take no further invocation after the one under way. */
    void retire() {
        retired = true;
    }

    boolean retired() {
        return retired;
    }

    Instant idleSince() {
        return idleSince;
    }

    void idleSince(Instant moment) {
        idleSince = moment;
    }

    /** Lends it, or takes it back: only what idles may be frozen. Called with the fleet's lock held. */
    void lent(boolean now) {
        lent = now;
    }

    /** Whether freezing is over and done with: it is frozen, or this host cannot freeze. */
    boolean settled() {
        return frozen || unfreezable;
    }

    /** Stops it from using the CPU, unless it was lent meanwhile. */
    void freeze() {
        ice.lock();
        try {
            Launched current = running;
            if (current != null && !lent && !settled()) {
                current.session.telemetry().pause(true);
                current.workload.freeze();
                frozen = true;
            }
        } catch (UnsupportedOperationException | UncheckedIOException e) {
            unfreezable = true; // no freezer here, or it has just ended; it idles without being held
        } finally {
            ice.unlock();
        }
    }

    void thaw() {
        ice.lock();
        try {
            Launched current = running;
            if (current != null && frozen) {
                current.workload.thaw();
                frozen = false;
                current.session.telemetry().pause(false);
            }
        } finally {
            ice.unlock();
        }
    }

    /**
     * Starts the runtime and waits until it asks for work. Called again, it starts over: whatever ran before is
     * cleared away.
     *
     * @param nanos at most so long
     */
    Ending boot(long nanos) throws LaunchException, IOException, InterruptedException {
        stop();
        long started = System.nanoTime();
        Launched launched;
        try {
            launched = launcher.launch(target, stream, log);
        } catch (NoEntrypointException e) {
            return new Ending.NoEntrypoint(String.valueOf(e.getMessage()));
        }
        running = launched;
        log.attach(launched.workload.stdout(), launched.passport);
        if (launched.session.extensions().external()) {
            log.attachExtensions(launched.workload.stderr());
        }
        watch(launched);
        Ending ending = awaitStart(launched, started, nanos);
        if (ending instanceof Ending.Ready) {
            launched.session.extensions().closeRegistration();
            log.telemetry().started();
            endReason = Shutdown.SPINDOWN;
        } else {
            endReason = ending instanceof Ending.TimedOut ? Shutdown.TIMEOUT : Shutdown.FAILURE;
        }
        return ending;
    }

    private Ending awaitStart(Launched launched, long started, long nanos) throws InterruptedException {
        while (true) {
            long left = nanos - (System.nanoTime() - started);
            News news = launched.session.awaitReady(Math.min(PUMP_NANOS, left));
            log.pump();
            switch (news) {
                case POLLING -> {
                    slowDown(launched);
                    return new Ending.Ready();
                }
                case INIT_FAILED -> {
                    RuntimeSession.Problem problem = launched.session.initProblem();
                    if (problem != null) {
                        log.flush();
                        return new Ending.Reported(problem);
                    }
                }
                case EXTENSION_FAILED -> {
                    log.flush();
                    return Endings.extensionFailed(launched);
                }
                case ENDED -> {
                    log.flush();
                    return new Ending.Exited(Endings.exit(launched));
                }
                default -> {
                    if (left <= 0) {
                        return new Ending.TimedOut();
                    }
                }
            }
        }
    }

    private static void watch(Launched launched) {
        Thread.ofVirtual().name("lambda-exit-" + launched.workload.id()).start(() -> awaitExit(launched));
    }

    /** Takes over what an earlier server started. Its log goes on where it ended. */
    void adopt(Launched launched) throws IOException, InterruptedException {
        running = launched;
        fresh = false;
        launched.workload.thaw();
        log.resume(launched.workload.stdout(), launched.workload.stdoutStart(), launched.passport);
        if (!launched.workload.stderr().equals(launched.workload.stdout())) {
            log.resumeExtensions(launched.workload.stderr(), launched.workload.stderrStart(), launched.passport);
        }
        watch(launched);
    }

    /** Waits until an adopted runtime that had no work asks for some, and its extensions too; false where they do not. */
    boolean awaitKnock(long nanos) throws InterruptedException {
        Launched current = running;
        boolean polls = current != null && current.session.awaitReady(nanos) == News.POLLING;
        log.pump();
        return polls;
    }

    /** Waits for what becomes of the invocation that an earlier server handed in, for at most so long. */
    Ending resume(long nanos) throws InterruptedException {
        Launched current = running;
        if (current == null) {
            return new Ending.NotDelivered();
        }
        long started = System.nanoTime();
        while (true) {
            long left = nanos - (System.nanoTime() - started);
            switch (current.session.awaitOutcome(Math.min(PUMP_NANOS, left))) {
                case ANSWERED -> {
                    Ending ending = Endings.of(current.session.takeAnswer());
                    awaitRest(current, LONGEST_REST_NANOS);
                    return ending;
                }
                case POLLING -> {
                    return new Ending.NotDelivered();
                }
                case ENDED -> {
                    return new Ending.Exited(Endings.exit(current));
                }
                default -> {
                    if (left <= 0) {
                        return new Ending.TimedOut();
                    }
                    log.pump();
                }
            }
        }
    }

    /** Notes for a later server what it works on; null once that is over and told in the log. */
    void note(Passport.@Nullable UnderWay work) {
        Launched current = running;
        if (current != null && work != null) {
            current.passport.begin(work);
        } else if (current != null) {
            current.passport.end();
        }
    }

    /** Runs one invocation, for at most so long. */
    Ending run(Invocation invocation, long nanos) throws InterruptedException {
        Launched current = running;
        if (current == null) {
            return new Ending.NotDelivered();
        }
        fresh = false;
        long started = System.nanoTime();
        current.session.offer(invocation);
        while (true) {
            long left = nanos - (System.nanoTime() - started);
            News news = current.session.awaitAnswer(Math.min(PUMP_NANOS, left));
            endReason = left <= 0 ? Shutdown.TIMEOUT : Shutdown.FAILURE;
            switch (news) {
                case ANSWERED -> {
                    Ending ending = Endings.of(current.session.takeAnswer());
                    awaitRest(current, nanos - (System.nanoTime() - started));
                    endReason = Shutdown.SPINDOWN;
                    return ending;
                }
                case EXTENSION_FAILED -> {
                    log.flush();
                    return Endings.extensionFailed(current);
                }
                case ENDED -> {
                    if (current.session.withdraw()) {
                        return new Ending.NotDelivered();
                    }
                    return new Ending.Exited(Endings.exit(current));
                }
                default -> {
                    if (left <= 0) {
                        return new Ending.TimedOut();
                    }
                    log.pump();
                }
            }
        }
    }

    /**
     * An invocation lasts until the runtime asks for the next one: what it prints after its answer (Java's tells errors
     * first and logs them then) is still the invocation's own.
     */
    private void awaitRest(Launched current, long nanos) throws InterruptedException {
        long until = System.nanoTime() + Math.min(nanos, LONGEST_REST_NANOS);
        while (current.session.awaitPoll(Math.min(PUMP_NANOS, until - System.nanoTime())) == News.NOTHING
                && System.nanoTime() < until) {
            log.pump();
        }
    }

    /**
     * Waits until all extensions ask for the next event, at most so long: they may work on after the runtime's answer,
     * and their time is billed.
     *
     * @return how long that took since the runtime asked for more, in microseconds; 0 without extensions
     */
    long awaitExtensions(long nanos) throws InterruptedException {
        Launched current = running;
        if (current == null || !current.session.extensions().any()) {
            return 0;
        }
        long polled = current.session.polledNanos();
        long until = System.nanoTime() + nanos;
        News news = News.NOTHING;
        while (news == News.NOTHING && System.nanoTime() < until) {
            news = current.session.awaitReady(Math.min(PUMP_NANOS, until - System.nanoTime()));
            log.pump();
        }
        if (news != News.POLLING) {
            retired = true; // they do not keep up with their function: it starts anew
            endReason = news == News.NOTHING ? Shutdown.TIMEOUT : Shutdown.FAILURE;
        }
        return Math.max(0, (System.nanoTime() - polled) / 1000);
    }

    /** Brings what the last invocation has printed, and gives back the disk it took. */
    void settleLog() throws InterruptedException {
        log.flush();
        Launched current = running;
        if (current != null && log.arrivedSinceForgotten() > READ_LOG_BYTES) {
            try {
                long arrived = log.arrived();
                long beside = log.extensionsOffset();
                current.workload.forgetLogs(arrived, beside == 0 ? arrived : beside);
                log.forgot(arrived);
            } catch (IOException e) {
                System.getLogger(Environment.class.getName())
                        .log(System.Logger.Level.DEBUG, "a function's output keeps its disk", e);
            }
        }
    }

    /** The most memory it has held, in MiB. */
    long peakMemoryMib() {
        Launched current = running;
        long bytes = current == null ? usage().peakMemoryBytes() : current.workload.peakMemoryBytes();
        return Math.min(Math.max(1, (bytes + (1 << 20) - 1) >> 20), target.memoryMib());
    }

    /** What it has used so far. */
    Usage usage() {
        Launched current = running;
        Usage last = lastUsage;
        if (current != null) {
            return current.workload.usage();
        }
        return last == null ? NOTHING : last;
    }

    /** It ended while no server was there. */
    void ended(Workload workload, Passport passport) {
        lastUsage = workload.usage();
        tellEnd(workload, passport);
    }

    private void tellEnd(Workload workload, Passport passport) {
        ear.ended(new WorkloadEnd(
                target,
                workload.id(),
                passport.holder().ahead(),
                workload.startedAt(),
                Instant.now(),
                workload.usage()));
    }

    /** Kills what runs. The log stays open, for the environment may be started over. */
    void stop() throws InterruptedException {
        Launched current = running;
        if (current == null) {
            return;
        }
        if (current.session.extensions().any()) {
            thaw();
            Shutdown.phase(current.workload, current.session, endReason);
        }
        running = null;
        boolean wasFrozen = frozen;
        frozen = false;
        current.session.close();
        try {
            if (!wasFrozen) { // a frozen one cannot die by a signal, and has nothing more to say
                current.workload.signal(Workload.Signal.KILL);
                current.workload.await(EXIT_PATIENCE);
            }
            log.detach();
            log.bring(); // before a later server could no longer bring it
        } catch (IOException e) {
            System.getLogger(Environment.class.getName())
                    .log(System.Logger.Level.WARNING, "the end of a function's output is lost", e);
        } finally {
            tellEnd(current.workload, current.passport);
            current.workload.close();
            current.passport.close();
            try {
                current.held.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Kills what runs and closes the log. */
    void close() throws InterruptedException {
        try {
            stop();
        } finally {
            log.close();
        }
    }

    /** Starting is given all the CPU there is, as AWS does; from now on the share that comes with its memory. */
    private static void slowDown(Launched launched) {
        try {
            launched.workload.limit(launched.limits);
        } catch (IOException e) {
            System.getLogger(Environment.class.getName())
                    .log(System.Logger.Level.WARNING, "a function's CPU share cannot be set", e);
        }
    }

    private static void awaitExit(Launched launched) {
        try {
            launched.workload.await(Duration.ofDays(365));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        launched.session.ended();
    }
}
