package dev.haneul.services.lambda.run;

import dev.haneul.engines.Workload;
import dev.haneul.engines.Workload.Exit;
import dev.haneul.services.lambda.run.Environment.Launched;
import dev.haneul.services.lambda.run.Passport.Holder;
import dev.haneul.services.lambda.run.Passport.UnderWay;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes over what an earlier server of this data folder left: environments whose runtime still lives go on, warm or in
 * the middle of an invocation; those that ended meanwhile have their log completed and their end told; runtimes that
 * stood by for no function are ended, and so are environments of functions that have changed, after their invocation.
 */
public final class Adoption {
    /** An idle runtime whose server went away knocks again within moments; one that does not is of no use. */
    private static final long POLL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Fleet fleet;
    private final Launcher launcher;
    private final Runner runner;
    private final Passports passports;

    public Adoption(Fleet fleet, Launcher launcher, Runner runner, Passports passports) {
        this.fleet = fleet;
        this.launcher = launcher;
        this.runner = runner;
        this.passports = passports;
    }

    /** Knows functions as they are now. */
    public interface Targets {
        /** A function's version; empty where it is gone. */
        Optional<Known> of(String account, String region, String name, String version, String revision);
    }

    /**
     * A function's version.
     *
     * @param same whether it is what the environment was started for; one that has changed meanwhile gets to the end of
     *     its invocation and takes no other, and its log is complete
     */
    public record Known(Target target, boolean same) {}

    /**
     * An invocation that was under way when the earlier server went.
     *
     * @param event whether it was an asynchronous one
     */
    public record Interrupted(Target target, String requestId, boolean event, Waiting waiting) {}

    /** Waits for the end of an interrupted invocation; to be called once. */
    @FunctionalInterface
    public interface Waiting {
        /** What became of it; empty where nobody can tell, so that an event is run again. */
        Optional<Outcome> await() throws InterruptedException;
    }

    /**
     * Takes over what can be. Nothing of the rest is left when this returns, except that the caller has to await each
     * interrupted invocation.
     *
     * @param leftovers functions' workloads that the engine found, running or ended
     */
    public List<Interrupted> take(List<Workload> leftovers, Targets targets) throws InterruptedException {
        List<Interrupted> interrupted = new ArrayList<>();
        Set<String> kept = new HashSet<>();
        for (Workload workload : leftovers) {
            Passport passport = null;
            boolean taken = false;
            try {
                passport = passports.of(workload.id()).orElse(null);
                Known known = passport == null ? null : known(passport.holder(), targets);
                if (passport != null && known != null) {
                    kept.add(workload.id());
                    Interrupted work = workload.running()
                            ? adopt(workload, known, passport)
                            : bury(workload, known.target, passport);
                    if (work != null) {
                        interrupted.add(work);
                    }
                    taken = workload.running();
                }
            } catch (IOException e) {
                System.getLogger(Adoption.class.getName())
                        .log(System.Logger.Level.WARNING, workload.id() + " cannot be taken over and is ended", e);
            } finally {
                if (!taken) {
                    workload.close();
                    if (passport != null) {
                        passport.close();
                    }
                }
            }
        }
        sweep(kept);
        return interrupted;
    }

    private static @Nullable Known known(Holder holder, Targets targets) {
        return targets.of(holder.account(), holder.region(), holder.name(), holder.version(), holder.revision())
                .orElse(null);
    }

    private void sweep(Set<String> kept) {
        try {
            passports.sweep(kept);
        } catch (IOException e) {
            System.getLogger(Adoption.class.getName())
                    .log(System.Logger.Level.WARNING, "notes about environments that are gone stay", e);
        }
    }

    private @Nullable Interrupted adopt(Workload workload, Known known, Passport passport)
            throws IOException, InterruptedException {
        Target target = known.target;
        Environment environment = fleet.adopt(target, passport.holder().stream());
        boolean whole = false;
        try {
            Launched launched = launcher.adopt(workload, target, passport, environment.log());
            environment.adopt(launched);
            whole = true;
        } finally {
            if (!whole) {
                fleet.discard(environment);
            }
        }
        UnderWay work = passport.underWay();
        if (!known.same) {
            environment.retire();
            if (work == null) {
                fleet.discard(environment); // with its log brought
                return null;
            }
        }
        if (work == null) {
            Thread.ofVirtual().name("lambda-adopt-" + workload.id()).start(() -> awaitPoll(environment));
            return null;
        }
        return new Interrupted(
                target,
                work.requestId(),
                work.event(),
                () -> runner.resume(environment, work).filter(outcome -> counts(work, outcome)));
    }

    private void awaitPoll(Environment environment) {
        boolean polls = false;
        try {
            polls = environment.awaitKnock(POLL_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (polls) {
                fleet.release(environment);
            } else {
                fleet.discard(environment);
            }
        }
    }

    /** Brings the rest of an ended workload's log, and tells how its last invocation ended. */
    private @Nullable Interrupted bury(Workload workload, Target target, Passport passport)
            throws IOException, InterruptedException {
        Environment environment = fleet.adopt(target, passport.holder().stream());
        try {
            Interrupted told = tellEnd(workload, environment, passport);
            environment.log().detach();
            environment.log().bring(); // the workload, and what it printed, is cleared away next
            return told;
        } finally {
            fleet.discard(environment);
        }
    }

    private @Nullable Interrupted tellEnd(Workload workload, Environment environment, Passport passport)
            throws IOException, InterruptedException {
        environment.log().resume(workload.stdout(), workload.stdoutStart(), passport);
        if (!workload.stderr().equals(workload.stdout())) {
            environment.log().resumeExtensions(workload.stderr(), workload.stderrStart(), passport);
        }
        environment.ended(workload, passport);
        UnderWay work = passport.underWay();
        if (work == null) {
            return null;
        }
        Exit exit = workload.await(java.time.Duration.ZERO).orElse(new Exit(1, false));
        Outcome outcome = runner.tellEnd(environment, work, exit);
        Optional<Outcome> told = Optional.of(outcome).filter(end -> counts(work, end));
        return new Interrupted(environment.target(), work.requestId(), work.event(), () -> told);
    }

    /**
     * A runtime that lost its server may have ended for that alone, at once or after it had knocked for as long as it
     * does: only what the function did itself counts for an event. One whose runtime always ends is not run for ever: the
     * next end counts, unless a server was lost again.
     */
    private static boolean counts(UnderWay work, Outcome outcome) {
        return !work.event() || outcome.kind() != Outcome.Kind.EXIT;
    }
}
