package dev.haneul.services.lambda;

import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.SnapStart;
import dev.haneul.api.lambda.SnapStartNotReadyException;
import dev.haneul.api.lambda.SnapStartResponse;
import dev.haneul.api.runtime.Fault;
import dev.haneul.engines.LaunchException;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.LambdaTables.Version;
import dev.haneul.services.lambda.run.Launcher;
import dev.haneul.services.lambda.run.Snapshots;
import dev.haneul.services.lambda.run.Target;
import dev.haneul.services.lambda.runtimes.Family;
import dev.haneul.services.lambda.runtimes.RuntimeName;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SnapStart: a published version of a Java function is started once, and what that start loads is kept for all later
 * ones. Until then the version is {@code Pending}.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html">Improving startup performance with Lambda
 *     SnapStart</a>
 */
final class SnapStarts implements Reconciler<Key> {
    static final String PUBLISHED = "PublishedVersions";
    private static final String NONE = "None";
    private static final String PENDING = "Pending";
    private static final String ON = "On";
    private static final String OFF = "Off";
    private static final int SCAN = 500;

    private final Store store;
    private final Launcher launcher;
    private final Snapshots snapshots;
    private Driver.@Nullable Waker<Key> waker;

    SnapStarts(Store store, Launcher launcher, Snapshots snapshots) {
        this.store = store;
        this.launcher = launcher;
        this.snapshots = snapshots;
    }

    void join(Driver driver) {
        waker = driver.add(this, 1);
        driver.follow(
                "lambda.snapstart.versions",
                Set.of(LambdaTables.VERSIONS.name()),
                change -> change.after(LambdaTables.VERSIONS.codec())
                        .ifPresent(version -> made(change.key(), version.configuration())));
    }

    /** Goes on with what an earlier server had not finished, and clears away what no version has any longer. */
    void resume() {
        Set<String> wanted = new HashSet<>();
        Key after = null;
        List<Row<Version>> rows;
        do {
            Key from = after;
            rows = store.read(tx -> tx.all(LambdaTables.VERSIONS, from, SCAN));
            for (Row<Version> row : rows) {
                FunctionConfiguration at = row.value().configuration();
                if (wanted(at)) {
                    wanted.add(Functions.or(at.revisionId(), ""));
                    made(row.key(), at);
                }
                after = row.key();
            }
        } while (rows.size() == SCAN);
        try {
            snapshots.sweep(wanted);
        } catch (IOException e) {
            System.getLogger(SnapStarts.class.getName())
                    .log(System.Logger.Level.WARNING, "snapshots that no version has stay", e);
        }
    }

    /** A version is new: its snapshot is made soon, where it wants one. */
    void made(Key key, FunctionConfiguration version) {
        Driver.Waker<Key> driver = waker;
        if (driver != null && PENDING.equals(version.state())) {
            driver.wake(key);
        }
    }

    /** The setting as answers have it; refused for runtimes that cannot have it. */
    static SnapStartResponse setting(@Nullable SnapStart wanted, @Nullable RuntimeName runtime) {
        String on = wanted == null ? NONE : Functions.or(wanted.applyOn(), NONE);
        if (!on.equals(NONE) && !on.equals(PUBLISHED)) {
            throw Problems.validation("Value '" + on
                    + "' at 'snapStart.applyOn' failed to satisfy constraint: Member must satisfy enum value set:"
                    + " [PublishedVersions, None]");
        }
        if (on.equals(PUBLISHED) && runtime != null && runtime.family() != Family.JAVA) {
            if (runtime.family() == Family.PYTHON || runtime.family() == Family.DOTNET) {
                throw Problems.notBuilt("SnapStart of " + runtime.name());
            }
            throw Problems.invalid(runtime.name() + " is not supported for SnapStart enabled functions.");
        }
        return new SnapStartResponse().applyOn(on).optimizationStatus(OFF);
    }

    static boolean wanted(FunctionConfiguration at) {
        SnapStartResponse setting = at.snapStart();
        return setting != null && PUBLISHED.equals(setting.applyOn());
    }

    /** A new version's configuration: it waits for its snapshot where it wants one. */
    static FunctionConfiguration published(FunctionConfiguration version) {
        return wanted(version)
                ? version.state(PENDING)
                        .stateReason("The function is being created.")
                        .stateReasonCode("Creating")
                : version;
    }

    /** What two versions are compared by: not how far a snapshot has come. */
    static FunctionConfiguration bare(FunctionConfiguration of) {
        SnapStartResponse setting = of.snapStart();
        return of.state(null)
                .stateReason(null)
                .stateReasonCode(null)
                .snapStart(setting == null ? null : new SnapStartResponse().applyOn(setting.applyOn()));
    }

    /** The snapshot's name; null where there is none to use. */
    static @Nullable String name(FunctionConfiguration at) {
        SnapStartResponse setting = at.snapStart();
        return setting != null && ON.equals(setting.optimizationStatus()) ? at.revisionId() : null;
    }

    /** Refuses to run a version whose snapshot is being made, or could not be. */
    static void requireReady(Found found) {
        FunctionConfiguration at = found.configuration();
        if (wanted(at) && PENDING.equals(at.state())) {
            throw Fault.of(
                    new SnapStartNotReadyException().type("User"),
                    "Lambda is initializing your function. It will be ready to invoke once your function state becomes"
                            + " ACTIVE.");
        }
        if (wanted(at) && "Failed".equals(at.state())) {
            throw Problems.conflict("The operation cannot be performed at this time. The function is currently in the"
                    + " following state: Failed");
        }
    }

    @Override
    public String name() {
        return "lambda.snapstart";
    }

    @Override
    public Next reconcile(Key key) throws InterruptedException {
        Optional<Version> version =
                store.read(tx -> tx.get(LambdaTables.VERSIONS, key)).map(Row::value);
        if (version.isEmpty() || !PENDING.equals(version.get().configuration().state())) {
            return Next.DONE;
        }
        FunctionConfiguration at = version.get().configuration();
        FunctionRef ref = new FunctionRef(key.account(), key.region(), String.valueOf(at.functionName()), at.version());
        String problem = "";
        boolean made = false;
        try {
            Target target = Functions.target(ref, store.read(tx -> Functions.find(tx, ref)));
            problem = launcher.snapshot(target, String.valueOf(at.revisionId()));
            made = problem.isEmpty();
        } catch (LaunchException | IOException | Fault e) {
            System.getLogger(SnapStarts.class.getName())
                    .log(System.Logger.Level.WARNING, ref.qualifiedArn() + " starts without a snapshot", e);
        }
        settle(key, at, made, problem);
        return Next.DONE;
    }

    private void settle(Key key, FunctionConfiguration before, boolean made, String problem) {
        FunctionConfiguration after = Functions.copy(before)
                .state(problem.isEmpty() ? "Active" : "Failed")
                .stateReason(problem.isEmpty() ? null : problem)
                .stateReasonCode(problem.isEmpty() ? null : "FunctionError")
                .snapStart(new SnapStartResponse().applyOn(PUBLISHED).optimizationStatus(made ? ON : OFF));
        store.write(tx -> tx.get(LambdaTables.VERSIONS, key)
                .filter(row -> row.value().configuration().equals(before))
                .ifPresent(row -> tx.put(
                        LambdaTables.VERSIONS,
                        key,
                        new Version(after, row.value().code(), row.value().sealed()))));
    }
}
