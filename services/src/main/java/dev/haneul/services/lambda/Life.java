package dev.haneul.services.lambda;

import dev.haneul.api.runtime.Fault;
import dev.haneul.engines.Workload;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.services.lambda.LambdaTables.LayerVersion;
import dev.haneul.services.lambda.LambdaTables.Version;
import dev.haneul.services.lambda.code.CodeStore;
import dev.haneul.services.lambda.run.Adoption;
import dev.haneul.services.lambda.run.Fleet;
import dev.haneul.services.lambda.run.Launcher;
import dev.haneul.services.lambda.run.LogShipper;
import dev.haneul.services.lambda.run.Standbys;
import dev.haneul.services.lambda.run.Target;
import dev.haneul.services.lambda.runtimes.Runtimes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The room's beginning and end, and the end of what ran a function's former states. */
final class Life implements UpdateFunction.Retirement {
    private static final int SCAN = 1000;
    private static final int EXPECTED_AT_START = 8;

    private final Store store;
    private final Known known;
    private final CodeStore code;
    private final Fleet fleet;
    private final Adoption adoption;
    private final Standbys standbys;
    private final LogShipper shipper;
    private final Facts facts;
    private final EventRunner events;
    private final AsyncQueue queue;
    private final Concurrency concurrency;
    private final Roles roles;

    Life(
            Store store,
            Known known,
            CodeStore code,
            Fleet fleet,
            Adoption adoption,
            Standbys standbys,
            LogShipper shipper,
            Facts facts,
            EventRunner events,
            AsyncQueue queue,
            Concurrency concurrency,
            Roles roles) {
        this.store = store;
        this.known = known;
        this.code = code;
        this.fleet = fleet;
        this.adoption = adoption;
        this.standbys = standbys;
        this.shipper = shipper;
        this.facts = facts;
        this.events = events;
        this.queue = queue;
        this.concurrency = concurrency;
        this.roles = roles;
    }

    void start(List<Workload> leftovers, DurableWork durable) {
        takeOver(
                durable,
                leftovers.stream()
                        .filter(workload -> workload.labels().containsKey(Launcher.LABEL))
                        .toList());
        try {
            standbys.sweep();
            code.sweep(packages());
        } catch (IOException e) {
            System.getLogger(Life.class.getName())
                    .log(System.Logger.Level.WARNING, "unpacked packages that nobody has any longer stay", e);
        }
        queue.resume();
        store.read(tx -> tx.all(LambdaTables.FUNCTIONS, null, EXPECTED_AT_START)).stream()
                .map(row -> new FunctionRef(
                        row.key().account(), row.key().region(), row.key().id(), null))
                .forEach(this::expect);
    }

    private void takeOver(DurableWork durable, List<Workload> leftovers) {
        try {
            List<Adoption.Interrupted> all = adoption.take(leftovers, this::target);
            durable.adopting(all.stream().map(Adoption.Interrupted::requestId).toList());
            durable.resume();
            for (Adoption.Interrupted each : all) {
                Adoption.Interrupted one = new Adoption.Interrupted(
                        each.target(),
                        each.requestId(),
                        each.event(),
                        () -> durable.heard(each.requestId(), each.waiting().await()));
                Runnable settle = events.settling(one, queue);
                Thread.ofVirtual().name("lambda-resume-" + one.requestId()).start(settle);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<Adoption.Known> target(
            String account, String region, String name, String version, String revision) {
        FunctionRef ref = new FunctionRef(account, region, name, version.equals(FunctionRef.LATEST) ? null : version);
        try {
            Target now = Functions.target(ref, store.read(tx -> Functions.find(tx, ref)));
            boolean apart =
                    Tenants.apart(store.read(tx -> Functions.find(tx, ref)).configuration());
            // Of tenants' environments it is forgotten whose they are.
            return Optional.of(new Adoption.Known(now, !apart && now.revision().equals(revision)));
        } catch (Fault gone) {
            return Optional.empty();
        }
    }

    /** The function may soon be called: it is known by then, and a runtime for it stands by. */
    void expect(FunctionRef ref) {
        store.read(tx -> known.latest(tx, ref))
                .filter(found -> found.function().code().image() == null)
                .map(found -> Functions.target(ref, found))
                .ifPresent(standbys::expect);
    }

    private Set<String> packages() {
        Set<String> wanted = new HashSet<>();
        Key after = null;
        while (true) {
            Key from = after;
            List<Row<Function>> rows = store.read(tx -> tx.all(LambdaTables.FUNCTIONS, from, SCAN));
            rows.forEach(row -> wanted.addAll(row.value().code().folders()));
            if (rows.size() < SCAN) {
                break;
            }
            after = rows.getLast().key();
        }
        after = null;
        while (true) {
            Key from = after;
            List<Row<Version>> rows = store.read(tx -> tx.all(LambdaTables.VERSIONS, from, SCAN));
            rows.forEach(row -> wanted.addAll(row.value().code().folders()));
            if (rows.size() < SCAN) {
                break;
            }
            after = rows.getLast().key();
        }
        after = null;
        while (true) {
            Key from = after;
            List<Row<LayerVersion>> rows = store.read(tx -> tx.all(LambdaTables.LAYER_VERSIONS, from, SCAN));
            rows.forEach(row -> wanted.addAll(row.value().code().folders()));
            if (rows.size() < SCAN) {
                return wanted;
            }
            after = rows.getLast().key();
        }
    }

    @Override
    public void formerStatesOf(FunctionRef ref) {
        concurrency.forget(ref.scope());
        Optional<Function> now =
                store.read(tx -> tx.get(LambdaTables.FUNCTIONS, ref.key())).map(Row::value);
        String revision = now.map(function -> function.latest().revisionId()).orElse(null);
        String function = ref.account() + ":" + ref.region() + ":" + ref.name();
        String version = ref.qualifier();
        fleet.retire(target -> target.function().equals(function) && former(target, revision, version));
        expect(ref);
    }

    /** Everything of a function that is gone; a version that was deleted; older states of {@code $LATEST}. */
    private static boolean former(Target target, @Nullable String revision, @Nullable String deletedVersion) {
        if (revision == null || target.version().equals(deletedVersion)) {
            return true;
        }
        return target.version().equals(FunctionRef.LATEST) && !target.revision().equals(revision);
    }

    void reset(@Nullable String account) {
        fleet.retire(target -> account == null || target.account().equals(account));
        roles.forgetAll();
        concurrency.forgetAll();
        try {
            code.discardAllBut(packages());
        } catch (IOException e) {
            System.getLogger(Life.class.getName())
                    .log(System.Logger.Level.WARNING, "unpacked packages that nobody has any longer stay", e);
        }
    }

    List<String> status(Runtimes runtimes) {
        List<String> lines = new ArrayList<>(runtimes.status());
        int[] count = fleet.count();
        lines.add("environments: " + count[0] + " idle, " + count[1] + " in use");
        lines.add("runtimes booted ahead of time: " + standbys.count());
        return lines;
    }

    void close(Duration patience) {
        events.stopping();
        standbys.close();
        fleet.close();
        try {
            shipper.drain(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        facts.flush();
    }
}
