package dev.haneul.services.ecs.service;

import dev.haneul.api.cloudwatch.DescribeAlarmsInput;
import dev.haneul.api.cloudwatch.DescribeAlarmsOutput;
import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.api.ec2.DescribeSubnetsRequest;
import dev.haneul.api.ec2.DescribeSubnetsResult;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.ecs.*;
import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.EcsTables.DefinitionRow;
import dev.haneul.services.ecs.EcsTables.FamilyRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.cluster.ClusterOperations;
import dev.haneul.services.ecs.definition.DefinitionOperations;
import dev.haneul.services.ecs.express.Express;
import dev.haneul.services.ecs.express.ExpressOperations;
import dev.haneul.services.ecs.task.Tasks;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Services over a store of their own; tasks come up and go at the seam, neighbours only remember. It can be killed and
 * made anew, and its neighbours can fail before or after they did what they were asked.
 */
final class ServiceRig
        implements AutoCloseable, ServiceOperations, ClusterOperations, DefinitionOperations, ExpressOperations {
    static final String ACCOUNT = "111111111111";
    static final Scope SCOPE = new Scope(ACCOUNT, "us-east-1");
    static final String GROUP = "arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/blue/1";
    static final String GREEN = "arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/green/2";
    private static final Duration UP = Duration.ofSeconds(3);
    private static final Duration DOWN = Duration.ofSeconds(2);

    private final DataFolder folder = DataFolder.temporary();
    SqliteStore store = SqliteStore.open(folder);
    final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-02T03:00:00Z"));
    final FakeBalancer balancer = new FakeBalancer(clock);
    final List<String> events = new CopyOnWriteArrayList<>();
    final Set<String> ringing = java.util.concurrent.ConcurrentHashMap.newKeySet();
    final List<String> hooked = new CopyOnWriteArrayList<>();
    final List<Struct> asked = new CopyOnWriteArrayList<>();
    /** What went wrong in an order of things that must not be. */
    final List<String> wrongs = new CopyOnWriteArrayList<>();
    /** Definitions whose tasks exit at once. */
    volatile Predicate<String> broken = arn -> false;

    volatile String hookStatus = "SUCCEEDED";
    /** How many calls of neighbours in a hundred fail, half of them after they were done. */
    volatile int failing;

    private final Random random = new Random(5);
    private final AtomicInteger addresses = new AtomicInteger(10);
    private EcsRoom room;
    private Tasks tasks;
    private Services services;
    private Express express;
    private ReconcileDriver driver;
    /** Answers before all other neighbours; null for what it does not know. */
    volatile Function<Struct, Struct> world = in -> null;

    ServiceRig() {
        begin();
        put("default", "web");
        put("default", "next");
    }

    private void begin() {
        ServiceEvent.open(store);
        room = new EcsRoom(new EcsRoom.Ground(
                store,
                clock,
                this::neighbour,
                (id, token) -> java.util.Optional.empty(),
                (call, action, arn, context) -> {},
                folder.key(),
                (what, quantity) -> {},
                new dev.haneul.kernel.metrics.MetricBuffer()));
        tasks = new Tasks(room);
        services = new Services(room, tasks);
        express = new Express(room, services, this);
        driver = new ReconcileDriver(store.feed(), clock, new Random(7));
        services.join(driver);
        express.join(driver);
        Driver.Waker<Key> waker = driver.add(new Actor(), 4);
        driver.follow("test.tasks", Set.of(EcsTables.TASKS.name()), change -> waker.wake(change.key()));
        room.read(tx -> EcsTables.everywhere(tx, EcsTables.TASKS, EcsTables.OPEN, "yes"))
                .forEach(waker::wake);
        driver.follow(
                "test.events",
                Set.of(ServiceEvent.TOPIC.name()),
                change -> change.after(ServiceEvent.TOPIC.codec())
                        .filter(event -> !event.detailType().equals("ECS Task State Change"))
                        .ifPresent(event -> events.add(event.detail())));
        driver.start();
        clock.settleWith(this::settle);
    }

    @Override
    public Services services() {
        return services;
    }

    @Override
    public EcsRoom room() {
        return room;
    }

    @Override
    public Express express() {
        return express;
    }

    /** Brings tasks where they are wanted, as containers would. */
    private final class Actor implements Reconciler<Key> {
        @Override
        public String name() {
            return "test.tasks";
        }

        @Override
        public Next reconcile(Key key) {
            TaskRow row = store.read(tx -> tx.get(EcsTables.TASKS, key))
                    .map(Row::value)
                    .orElse(null);
            if (row == null || row.stopped()) {
                return Next.DONE;
            }
            boolean wanted = row.desiredStatus().equals("RUNNING");
            if (wanted && row.lastStatus().equals("RUNNING")) {
                return Next.DONE;
            }
            Instant since = wanted ? row.told().createdAt() : row.told().stoppingAt();
            Instant due = since.plus(wanted ? UP : DOWN);
            if (!wanted) {
                if (!store.read(tx -> services.letsGo(tx, key.scope(), row))) {
                    deactivate(key);
                    return Next.after(Duration.ofSeconds(1));
                }
                judge(row);
            }
            if (due.isAfter(clock.instant())) {
                return Next.at(due);
            }
            store.write(tx -> tx.get(EcsTables.TASKS, key).map(Row::value).ifPresent(now -> {
                if (now.desiredStatus().equals("RUNNING") == wanted) {
                    tasks.put(tx, key.scope(), now.with(moved(now, wanted)));
                }
            }));
            return Next.after(Duration.ZERO);
        }
    }

    private void deactivate(Key key) {
        store.write(tx -> tx.get(EcsTables.TASKS, key)
                .map(Row::value)
                .filter(row -> row.lastStatus().equals("RUNNING"))
                .ifPresent(row -> tasks.put(
                        tx, key.scope(), row.with(Copies.of(row.told()).lastStatus("DEACTIVATING")))));
    }

    /** A task may hear that it shall end only when nobody sends it requests any longer, whoever asked for it. */
    private void judge(TaskRow row) {
        String address = address(row);
        if (balancer.using(GROUP).contains(address) || balancer.using(GREEN).contains(address)) {
            wrongs.add("stopped while in use: " + address);
        }
    }

    static String address(TaskRow row) {
        return row.told().containers().getFirst().networkInterfaces().isEmpty()
                ? ""
                : row.told()
                        .containers()
                        .getFirst()
                        .networkInterfaces()
                        .getFirst()
                        .privateIpv4Address();
    }

    private Task moved(TaskRow row, boolean up) {
        Task told = Copies.of(row.told());
        if (up && broken.test(row.told().taskDefinitionArn())) {
            return told.lastStatus("STOPPED")
                    .desiredStatus("STOPPED")
                    .stopCode("EssentialContainerExited")
                    .stoppedAt(room.now());
        }
        if (!up) {
            return told.lastStatus("STOPPED").stoppedAt(room.now());
        }
        String address = "10.0.0." + addresses.incrementAndGet();
        return told.lastStatus("RUNNING")
                .startedAt(room.now())
                .containers(told.containers().stream()
                        .map(each -> Copies.of(each)
                                .networkInterfaces(List.of(new NetworkInterface().privateIpv4Address(address))))
                        .toList());
    }

    private synchronized Struct neighbour(OperationShape operation, Struct input, Call call) {
        asked.add(input);
        boolean fails = random.nextInt(100) < failing;
        boolean before = random.nextBoolean();
        if (fails && before) {
            throw new IllegalStateException("killed before " + operation);
        }
        Struct answer = answer(operation, input);
        if (fails) {
            throw new IllegalStateException("killed after " + operation);
        }
        return answer;
    }

    private Struct answer(OperationShape operation, Struct input) {
        Struct known = world.apply(input);
        Struct answer = known == null ? balancer.answer(input) : known;
        if (answer != null) {
            return answer;
        }
        return switch (input) {
            case DescribeSubnetsRequest in ->
                new DescribeSubnetsResult()
                        .subnets(in.subnetIds().stream()
                                .map(id -> new Subnet().subnetId(id).availabilityZone("zone-" + id))
                                .toList());
            case DescribeAlarmsInput in ->
                new DescribeAlarmsOutput()
                        .metricAlarms(in.alarmNames().stream()
                                .map(name -> new MetricAlarm()
                                        .alarmName(name)
                                        .period(60)
                                        .evaluationPeriods(2)
                                        .stateValue(ringing.contains(name) ? "ALARM" : "OK"))
                                .toList());
            case InvocationRequest in -> {
                hooked.add(new String(in.payload(), StandardCharsets.UTF_8));
                yield new InvocationResponse()
                        .payload(("{\"hookStatus\":\"" + hookStatus + "\"}").getBytes(StandardCharsets.UTF_8));
            }
            default -> operation.outputShape().create();
        };
    }

    /** A task definition of one container with port 80, and the cluster it may run in. */
    String put(String cluster, String family) {
        return store.transact(tx -> {
            tx.put(
                    EcsTables.CLUSTERS,
                    SCOPE.key(cluster),
                    new ClusterRow(new Cluster()
                            .clusterName(cluster)
                            .clusterArn(EcsRoom.arn(SCOPE, "cluster/" + cluster))
                            .status("ACTIVE")
                            .capacityProviders(List.of("FARGATE", "FARGATE_SPOT"))));
            int number = tx.get(EcsTables.FAMILIES, SCOPE.key(family))
                            .map(row -> row.value().last())
                            .orElse(0)
                    + 1;
            TaskDefinition told = new TaskDefinition()
                    .family(family)
                    .revision(number)
                    .status("ACTIVE")
                    .taskDefinitionArn(EcsRoom.arn(SCOPE, "task-definition/" + family + ":" + number))
                    .networkMode("awsvpc")
                    .compatibilities(List.of("EC2", "FARGATE"))
                    .cpu("256")
                    .memory("512")
                    .containerDefinitions(List.of(new ContainerDefinition()
                            .name("app")
                            .image("app")
                            .essential(true)
                            .portMappings(List.of(new PortMapping().containerPort(80)))));
            tx.put(EcsTables.FAMILIES, SCOPE.key(family), new FamilyRow(number));
            tx.put(EcsTables.DEFINITIONS, SCOPE.key(EcsTables.definition(family, number)), new DefinitionRow(told));
            return told.taskDefinitionArn();
        });
    }

    static Call call() {
        return new Call(
                Principal.root(ACCOUNT, ACCOUNT), ACCOUNT, "us-east-1", "r", Instant.MAX, Call.Origin.inside("test"));
    }

    static CreateServiceRequest web(int count) {
        return new CreateServiceRequest()
                .serviceName("web")
                .taskDefinition("web")
                .desiredCount(count)
                .launchType("FARGATE")
                .networkConfiguration(new NetworkConfiguration()
                        .awsvpcConfiguration(new AwsVpcConfiguration().subnets(List.of("subnet-a", "subnet-b"))));
    }

    static CreateServiceRequest balanced(int count) {
        return web(count)
                .loadBalancers(List.of(new LoadBalancer()
                        .targetGroupArn(GROUP)
                        .containerName("app")
                        .containerPort(80)));
    }

    Service create(CreateServiceRequest in) {
        return createService(in, call()).service();
    }

    Service update(UpdateServiceRequest in) {
        return updateService(in.service("web"), call()).service();
    }

    Service describe() {
        return describeServices(new DescribeServicesRequest().services(List.of("web")), call())
                .services()
                .getFirst();
    }

    List<String> messages() {
        return describe().events().stream()
                .map(dev.haneul.api.ecs.ServiceEvent::message)
                .toList();
    }

    /** The service's tasks that nobody asked to end. */
    List<TaskRow> wanted() {
        return store.read(tx -> Tasks.ofGroup(tx, SCOPE, "default", "service:web")).stream()
                .filter(each -> each.desiredStatus().equals("RUNNING"))
                .toList();
    }

    /** Every task the service ever had. */
    List<TaskRow> all() {
        return store.read(tx -> Tasks.ofGroup(tx, SCOPE, "default", "service:web"));
    }

    List<String> addresses() {
        return wanted().stream().map(ServiceRig::address).sorted().toList();
    }

    /** A task dies by itself. */
    void kill(TaskRow row) {
        store.write(tx -> tasks.put(
                tx,
                SCOPE,
                row.with(Copies.of(row.told())
                        .lastStatus("STOPPED")
                        .desiredStatus("STOPPED")
                        .stopCode("EssentialContainerExited"))));
    }

    /** As StopTask does. */
    void stop(TaskRow row) {
        store.write(tx -> tasks.stop(tx, SCOPE, row.id(), "UserInitiated", "Task stopped by user"));
    }

    TaskRow task(String id) {
        return all().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
    }

    void protect(TaskRow row, Instant until) {
        store.write(tx -> tasks.put(
                tx,
                SCOPE,
                row.with(new TaskRow.Means(
                        row.means().network(), "", "", row.means().service(), until))));
    }

    /** The process dies, and another one takes over. */
    void restart() {
        clock.settleWith(() -> {});
        driver.close();
        store.close();
        store = SqliteStore.open(folder);
        begin();
    }

    void settle() {
        if (!driver.awaitIdle(Duration.ofSeconds(30))) {
            throw new AssertionError("the driver does not come to rest");
        }
    }

    void advance(Duration time) {
        settle();
        clock.advance(time);
        settle();
    }

    /** What is kept of the service's tasks. */
    int members() {
        return store.read(tx -> new ArrayList<>(tx.range(ServiceTables.MEMBERS, SCOPE, "", null, 1000)))
                .size();
    }

    Map<String, Integer> weights(String rule) {
        return balancer.weights.getOrDefault(rule, Map.of());
    }

    @Override
    public void close() {
        clock.settleWith(() -> {});
        driver.close();
        store.close();
        folder.close();
    }
}
