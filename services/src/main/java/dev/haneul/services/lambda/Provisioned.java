package dev.haneul.services.lambda;

import dev.haneul.api.lambda.DeleteProvisionedConcurrencyConfigRequest;
import dev.haneul.api.lambda.GetProvisionedConcurrencyConfigRequest;
import dev.haneul.api.lambda.GetProvisionedConcurrencyConfigResponse;
import dev.haneul.api.lambda.ListProvisionedConcurrencyConfigsRequest;
import dev.haneul.api.lambda.ListProvisionedConcurrencyConfigsResponse;
import dev.haneul.api.lambda.ProvisionedConcurrencyConfigListItem;
import dev.haneul.api.lambda.ProvisionedConcurrencyConfigNotFoundException;
import dev.haneul.api.lambda.PutProvisionedConcurrencyConfigRequest;
import dev.haneul.api.lambda.PutProvisionedConcurrencyConfigResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.services.lambda.LambdaTables.Reservation;
import dev.haneul.services.lambda.run.Fleet;
import dev.haneul.services.lambda.run.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Provisioned concurrency: environments of a version that are started before they are needed and kept. An alias's move
 * with it to its new version. See "Configuring provisioned concurrency for a function".
 */
final class Provisioned implements Reconciler<Key> {
    private static final int PAGE = 50;
    private static final int SCAN = 500;
    private static final int AT_ONCE = 4;
    /** What ended by itself is replaced this soon. */
    private static final Duration LOOK = Duration.ofSeconds(5);

    private static final String READY = "READY";
    private static final String IN_PROGRESS = "IN_PROGRESS";
    private static final String FAILED = "FAILED";

    private final Store store;
    private final Clock clock;
    private final Fleet fleet;
    /** Why the last start of a configuration's environment failed. */
    private final Map<Key, String> failures = new ConcurrentHashMap<>();

    private Driver.@Nullable Waker<Key> waker;

    Provisioned(Store store, Clock clock, Fleet fleet) {
        this.store = store;
        this.clock = clock;
        this.fleet = fleet;
    }

    void join(Driver driver) {
        waker = driver.add(this, AT_ONCE);
    }

    /** Starts again what an earlier server had. */
    void resume() {
        Key after = null;
        List<Row<Reservation>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(LambdaTables.PROVISIONED, from, SCAN));
            for (Row<Reservation> row : page) {
                wake(row.key());
                after = row.key();
            }
        } while (page.size() == SCAN);
    }

    PutProvisionedConcurrencyConfigResponse put(PutProvisionedConcurrencyConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        int wanted = in.provisionedConcurrentExecutions();
        if (FunctionRef.LATEST.equals(ref.qualifier())) {
            throw Problems.invalid(
                    "Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
        }
        Key key = ref.qualifiedKey();
        Reservation made = new Reservation(wanted, clock.instant());
        store.write(tx -> {
            Function function = Functions.find(tx, ref).function();
            Tenants.refuse(function.latest(), "Provisioned concurrency");
            requireShare(tx, ref, function, wanted);
            refuseSecond(tx, ref);
            tx.put(LambdaTables.PROVISIONED, key, made);
        });
        failures.remove(key);
        wake(key);
        return new PutProvisionedConcurrencyConfigResponse()
                .requestedProvisionedConcurrentExecutions(wanted)
                .allocatedProvisionedConcurrentExecutions(0)
                .availableProvisionedConcurrentExecutions(0)
                .status(IN_PROGRESS)
                .lastModified(Functions.lastModified(made.lastModified()));
    }

    private static void requireShare(ReadTx tx, FunctionRef ref, Function function, int wanted) {
        int others = 0;
        for (Row<Reservation> row :
                tx.range(LambdaTables.PROVISIONED, ref.scope(), ref.name() + ":", ref.name() + ";", SCAN)) {
            others += row.key().equals(ref.qualifiedKey()) ? 0 : row.value().requested();
        }
        Integer reserved = function.reservedConcurrency();
        if (reserved != null && others + wanted > reserved) {
            throw Problems.invalid("Requested Provisioned Concurrency should not be greater than the"
                    + " reservedConcurrentExecution for function");
        }
        int left = Concurrency.ACCOUNT_LIMIT - Concurrency.LEAST_UNRESERVED;
        if (reserved == null && others + wanted > left) {
            throw Problems.invalid("Specified ConcurrentExecutions for function is greater than account's unreserved"
                    + " concurrency [" + left + "].");
        }
    }

    /** An alias and the version it leads to cannot both have one. */
    private static void refuseSecond(ReadTx tx, FunctionRef ref) {
        String version = Functions.find(tx, ref).version();
        for (Row<Reservation> row :
                tx.range(LambdaTables.PROVISIONED, ref.scope(), ref.name() + ":", ref.name() + ";", SCAN)) {
            String qualifier = row.key().id().substring(ref.name().length() + 1);
            if (!qualifier.equals(ref.qualifier())
                    && find(tx, ref.with(qualifier)).filter(version::equals).isPresent()) {
                throw Problems.conflict("Alias and its version cannot both have provisioned concurrency: "
                        + ref.with(qualifier).qualifiedArn() + " has it already.");
            }
        }
    }

    private static Optional<String> find(ReadTx tx, FunctionRef ref) {
        try {
            return Optional.of(Functions.find(tx, ref).version());
        } catch (Fault gone) {
            return Optional.empty();
        }
    }

    GetProvisionedConcurrencyConfigResponse get(GetProvisionedConcurrencyConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        ProvisionedConcurrencyConfigListItem item = item(ref, store.read(tx -> {
            Functions.find(tx, ref);
            return require(tx, ref);
        }));
        return new GetProvisionedConcurrencyConfigResponse()
                .requestedProvisionedConcurrentExecutions(item.requestedProvisionedConcurrentExecutions())
                .availableProvisionedConcurrentExecutions(item.availableProvisionedConcurrentExecutions())
                .allocatedProvisionedConcurrentExecutions(item.allocatedProvisionedConcurrentExecutions())
                .status(item.status())
                .statusReason(item.statusReason())
                .lastModified(item.lastModified());
    }

    void delete(DeleteProvisionedConcurrencyConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        store.write(tx -> {
            Functions.find(tx, ref);
            require(tx, ref);
            tx.delete(LambdaTables.PROVISIONED, ref.qualifiedKey());
        });
        wake(ref.qualifiedKey());
    }

    ListProvisionedConcurrencyConfigsResponse list(ListProvisionedConcurrencyConfigsRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        int limit = Math.min(Functions.or(in.maxItems(), PAGE), PAGE);
        String from = in.marker() == null ? ref.name() + ":" : ref.name() + ":" + in.marker() + "\0";
        List<Row<Reservation>> rows = store.read(tx -> {
            Functions.get(tx, ref);
            return tx.range(LambdaTables.PROVISIONED, ref.scope(), from, ref.name() + ";", limit + 1);
        });
        List<ProvisionedConcurrencyConfigListItem> page = new ArrayList<>();
        for (Row<Reservation> row : rows.subList(0, Math.min(limit, rows.size()))) {
            page.add(item(ref.with(qualifier(row.key(), ref.name())), row.value()));
        }
        ListProvisionedConcurrencyConfigsResponse out =
                new ListProvisionedConcurrencyConfigsResponse().provisionedConcurrencyConfigs(page);
        return rows.size() > limit
                ? out.nextMarker(qualifier(rows.get(limit - 1).key(), ref.name()))
                : out;
    }

    private static String qualifier(Key key, String function) {
        return key.id().substring(function.length() + 1);
    }

    private static Reservation require(ReadTx tx, FunctionRef ref) {
        return tx.get(LambdaTables.PROVISIONED, ref.qualifiedKey())
                .orElseThrow(() -> Fault.of(
                        new ProvisionedConcurrencyConfigNotFoundException().type("User"),
                        "No Provisioned Concurrency Config found for this function"))
                .value();
    }

    private ProvisionedConcurrencyConfigListItem item(FunctionRef ref, Reservation of) {
        int there = target(ref.qualifiedKey()).map(fleet::provisioned).orElse(0);
        String failure = failures.get(ref.qualifiedKey());
        boolean ready = there >= of.requested();
        return new ProvisionedConcurrencyConfigListItem()
                .functionArn(ref.qualifiedArn())
                .requestedProvisionedConcurrentExecutions(of.requested())
                .allocatedProvisionedConcurrentExecutions(Math.min(there, of.requested()))
                .availableProvisionedConcurrentExecutions(Math.min(there, of.requested()))
                .status(ready ? READY : failure == null ? IN_PROGRESS : FAILED)
                .statusReason(ready ? null : failure)
                .lastModified(Functions.lastModified(of.lastModified()));
    }

    @Override
    public String name() {
        return "lambda.provisioned";
    }

    @Override
    public Next reconcile(Key key) throws InterruptedException {
        Reservation wanted = store.read(tx -> tx.get(LambdaTables.PROVISIONED, key))
                .map(Row::value)
                .orElse(null);
        Target target = target(key).orElse(null);
        String function = key.id().substring(0, key.id().indexOf(':'));
        if (wanted == null || target == null) {
            failures.remove(key);
            retireUnwanted(key, function);
            return Next.DONE;
        }
        int there = fleet.provisioned(target);
        if (there > wanted.requested()) {
            fleet.retireProvisioned(target, there - wanted.requested());
        }
        retireUnwanted(key, function); // of the version that an alias led to before
        if (there < wanted.requested()) {
            String failure = fleet.provision(target);
            if (failure == null) {
                failures.remove(key);
                return Next.after(Duration.ZERO);
            }
            failures.put(key, failure);
        }
        return Next.after(LOOK);
    }

    /** Ends provisioned environments of versions that no configuration of the function leads to. */
    private void retireUnwanted(Key key, String function) {
        List<String> wanted = new ArrayList<>();
        for (Row<Reservation> row : store.read(
                tx -> tx.range(LambdaTables.PROVISIONED, key.scope(), function + ":", function + ";", SCAN))) {
            target(row.key()).map(Target::identity).ifPresent(wanted::add);
        }
        String named = key.account() + ":" + key.region() + ":" + function;
        fleet.retire(target ->
                target.provisioned() && target.function().equals(named) && !wanted.contains(target.identity()));
    }

    private Optional<Target> target(Key key) {
        int colon = key.id().indexOf(':');
        FunctionRef ref = new FunctionRef(
                key.account(),
                key.region(),
                key.id().substring(0, colon),
                key.id().substring(colon + 1));
        try {
            return Optional.of(store.read(
                    tx -> Functions.target(ref, Functions.find(tx, ref)).asProvisioned()));
        } catch (Fault gone) {
            return Optional.empty();
        }
    }

    private void wake(Key key) {
        Driver.Waker<Key> driver = waker;
        if (driver != null) {
            driver.wake(key);
        }
    }
}
