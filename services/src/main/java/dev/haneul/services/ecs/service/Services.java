package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.CreateServiceRequest;
import dev.haneul.api.ecs.Service;
import dev.haneul.api.ecs.ServiceNotActiveException;
import dev.haneul.api.ecs.ServiceNotFoundException;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.service.ServiceTables.EventRow;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import dev.haneul.services.ecs.task.HostNames;
import dev.haneul.services.ecs.task.Machinery;
import dev.haneul.services.ecs.task.Tasks;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What the story of services stands on. */
public final class Services implements AutoCloseable {
    private static final long MOST_EVENTS = 100;

    private final EcsRoom room;
    private final Tasks tasks;
    private final Rolls rolls;
    private final Neighbours neighbours;
    private final Connects connects;
    private Driver.@Nullable Waker<Key> waker;
    private @Nullable ConnectWork connecting;

    /** Services over the room's tasks. */
    public Services(EcsRoom room, Tasks tasks) {
        this.room = room;
        this.tasks = tasks;
        this.rolls = new Rolls(room);
        this.neighbours = new Neighbours(room);
        this.connects = new Connects(room);
        room.store().open(ServiceTables.ALL, List.of());
        room.store().open(ConnectTables.ALL, List.of());
    }

    EcsRoom room() {
        return room;
    }

    Tasks tasks() {
        return tasks;
    }

    Rolls rolls() {
        return rolls;
    }

    Neighbours neighbours() {
        return neighbours;
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {
        ServiceReconciler reconciler = new ServiceReconciler(this);
        waker = reconciler.join(driver);
    }

    /** Whether a task that shall stop may be told so: no service's load balancer sends anything to it any longer. */
    public boolean letsGo(ReadTx tx, Scope scope, TaskRow task) {
        String service = task.means().service();
        if (service == null) {
            return true;
        }
        ServiceRow row = find(tx, scope, task.cluster(), service).orElse(null);
        return row == null
                || row.status().equals("INACTIVE")
                || tx.get(ServiceTables.MEMBERS, ServiceTables.key(scope, row, task.id()))
                        .map(member -> MemberPlan.letsGo(member.value(), room.now()))
                        .orElse(true);
    }

    /** Service Connect's namespaces and endpoints. */
    public Connects connects() {
        return connects;
    }

    /**
     * Joins the driver that keeps Service Connect at work, before it starts.
     *
     * @return what tasks know by name
     */
    public HostNames connect(Driver driver, Machinery machinery) {
        ConnectWork work = new ConnectWork(room, machinery);
        work.join(driver);
        connecting = work;
        return work;
    }

    /** Ends what listens in the networks of tasks. */
    @Override
    public void close() {
        ConnectWork work = connecting;
        if (work != null) {
            work.close();
        }
    }

    /** A service's record was written. */
    void changed(Scope scope, ServiceRow row) {
        Driver.Waker<Key> found = waker;
        if (found != null) {
            found.wake(scope.key(row.id()));
        }
    }

    /** Makes a service whose resources ECS itself looks after. */
    public Service createManaged(CreateServiceRequest in, Call call) {
        return Objects.requireNonNull(
                new ServiceWrites(this).create(in, call, "ECS").service());
    }

    /** The status of a cluster's service; empty where there is none of the name. */
    public Optional<String> status(ReadTx tx, Scope scope, String cluster, String name) {
        return find(tx, scope, cluster, name).map(ServiceRow::status);
    }

    /** How many active services a cluster has. */
    public int active(ReadTx tx, Scope scope, String cluster) {
        return (int) of(tx, scope, cluster).stream().filter(ServiceRow::active).count();
    }

    /** A cluster's statistics of services by name, e.g. activeFargateServiceCount; those it does not tell are zero. */
    public Map<String, Integer> statistics(ReadTx tx, Scope scope, String cluster) {
        Map<String, Integer> counts = new HashMap<>();
        for (ServiceRow row : of(tx, scope, cluster)) {
            String status = row.status().toLowerCase(Locale.ROOT);
            if (!status.equals("inactive")) {
                counts.merge(status + ServiceSpec.kind(row.told()) + "ServiceCount", 1, Integer::sum);
            }
        }
        return counts;
    }

    /** Whether there is a service, task set or the like of this ARN, which can carry tags. */
    public boolean exists(ReadTx tx, Scope scope, Arn arn) {
        String id = arn.resourceId();
        return switch (arn.resourceType()) {
            case "service" ->
                tx.get(ServiceTables.SERVICES, scope.key(id))
                        .filter(row -> !row.value().status().equals("INACTIVE"))
                        .isPresent();
            case "task-set" -> {
                int slash = id.lastIndexOf('/');
                yield slash > 0
                        && tx.get(
                                        ServiceTables.SETS,
                                        scope.key(id.substring(0, slash) + "/ecs-svc" + id.substring(slash)))
                                .isPresent();
            }
            default -> false;
        };
    }

    static List<ServiceRow> of(ReadTx tx, Scope scope, String cluster) {
        return EcsTables.every(tx, ServiceTables.SERVICES, scope, ServiceTables.CLUSTER, cluster);
    }

    /** A service of a cluster, by its name or ARN, whatever its status. */
    static Optional<ServiceRow> find(ReadTx tx, Scope scope, String cluster, String reference) {
        String name = reference.startsWith("arn:") ? reference.substring(reference.lastIndexOf('/') + 1) : reference;
        return name.isEmpty()
                ? Optional.empty()
                : tx.get(ServiceTables.SERVICES, scope.key(ServiceTables.serviceId(cluster, name)))
                        .map(Row::value)
                        .filter(row -> !reference.startsWith("arn:") || sameService(row, reference));
    }

    /** Old ARNs do not name the cluster. */
    private static boolean sameService(ServiceRow row, String arn) {
        return row.arn().equals(arn)
                || row.arn().replace("/" + row.cluster() + "/", "/").equals(arn);
    }

    /**
     * A service that may be changed.
     *
     * @throws Fault ServiceNotFoundException, ServiceNotActiveException
     */
    static ServiceRow requireActive(ReadTx tx, Scope scope, String cluster, String reference) {
        ServiceRow row = find(tx, scope, cluster, reference).orElseThrow(Services::notFound);
        if (!row.active()) {
            throw Fault.of(new ServiceNotActiveException(), "Service was not ACTIVE.");
        }
        return row;
    }

    static Fault notFound() {
        return Fault.of(new ServiceNotFoundException(), "Service not found.");
    }

    /** Tells an event; the oldest beyond a hundred goes. */
    ServiceRow say(WriteTx tx, Scope scope, ServiceRow row, String message) {
        long number = row.events() + 1;
        tx.put(
                ServiceTables.EVENTS,
                eventKey(scope, row, number),
                new EventRow(room.ids().uuid(), room.now(), "(service " + row.name() + ") " + message));
        if (number > MOST_EVENTS) {
            tx.delete(ServiceTables.EVENTS, eventKey(scope, row, number - MOST_EVENTS));
        }
        return row.events(number);
    }

    /** Whether it told this last. */
    static boolean saidLast(ReadTx tx, Scope scope, ServiceRow row, String message) {
        return row.events() > 0
                && tx.get(ServiceTables.EVENTS, eventKey(scope, row, row.events()))
                        .filter(each -> each.value().message().equals("(service " + row.name() + ") " + message))
                        .isPresent();
    }

    private static Key eventKey(Scope scope, ServiceRow row, long number) {
        return ServiceTables.key(scope, row, String.format(Locale.ROOT, "%012d", number));
    }

    void put(WriteTx tx, Scope scope, ServiceRow row) {
        tx.put(ServiceTables.SERVICES, scope.key(row.id()), row);
    }

    /** Changes a service's record, if it is there. */
    void change(Key key, UnaryOperator<ServiceRow> how) {
        room.change(tx -> {
            tx.get(ServiceTables.SERVICES, key)
                    .map(Row::value)
                    .ifPresent(row -> tx.put(ServiceTables.SERVICES, key, how.apply(row)));
            return Boolean.TRUE;
        });
    }

    /** A deployment has failed: it is told, and the one before comes back if it shall. */
    ServiceRow failed(WriteTx tx, Scope scope, ServiceRow row, Step.Fail fail) {
        Rollout rollout = row.rollout(fail.rollout()).orElseThrow();
        ServiceRow next = rolls.fail(tx, scope, row, rollout, fail);
        next = say(
                tx,
                scope,
                next,
                "(deployment " + rollout.id() + ") deployment failed: "
                        + fail.cause().words());
        Rollout ended = next.rollout(rollout.id()).orElseThrow();
        ServiceNews.deployment(tx, scope, row.arn(), ended, "ERROR", "SERVICE_DEPLOYMENT_FAILED", room.now());
        String to = fail.to();
        Rollout back = to == null ? null : next.rollout(to).orElse(null);
        if (back == null) {
            return next;
        }
        ServiceNews.deployment(tx, scope, row.arn(), back, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS", room.now());
        return say(tx, scope, next, "rolling back to deployment " + to + ".");
    }

    /** Forgets all that belongs to a service but its record and its tasks. */
    static void forgetHistory(WriteTx tx, Scope scope, ServiceRow row) {
        for (var table : List.of(
                ServiceTables.EVENTS,
                ServiceTables.REVISIONS,
                ServiceTables.DEPLOYMENTS,
                ServiceTables.SETS,
                ServiceTables.MEMBERS)) {
            forget(tx, scope, table, row.id());
        }
    }

    private static <R> void forget(WriteTx tx, Scope scope, dev.haneul.kernel.store.Table<R> table, String id) {
        List<Row<R>> rows;
        do {
            rows = tx.range(table, scope, id + "/", id + "0", 1000);
            rows.forEach(each -> tx.delete(table, each.key()));
        } while (rows.size() == 1000);
    }
}
