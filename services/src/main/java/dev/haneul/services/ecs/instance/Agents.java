package dev.haneul.services.ecs.instance;

import dev.haneul.api.ec2.DescribeInstancesRequest;
import dev.haneul.api.ec2.Ec2Client;
import dev.haneul.api.ec2.Instance;
import dev.haneul.api.ec2.Reservation;
import dev.haneul.api.ecs.Attribute;
import dev.haneul.api.ecs.EcsClient;
import dev.haneul.api.ecs.RegisterContainerInstanceRequest;
import dev.haneul.api.iam.GetInstanceProfileRequest;
import dev.haneul.api.iam.IamClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.StsClient;
import dev.haneul.delivery.Json;
import dev.haneul.fabric.HttpVisit;
import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.InstanceRow;
import dev.haneul.services.ecs.task.Tasks;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The agents on servers: they tell their configuration every few seconds at a link-local address, and are registered
 * with the permissions of their server's instance profile. An agent that is not heard of is not connected, and a server
 * that is terminated takes its container instance along.
 */
public final class Agents implements Reconciler<String> {
    private static final int PORT = 51_678;
    private static final int CONNECTIONS_EACH = 8;
    private static final long BODY_BYTES = 16 * 1024;
    private static final Duration PERIOD = Duration.ofSeconds(15);
    private static final Duration SILENCE = Duration.ofSeconds(45);

    private final EcsRoom room;
    private final Tasks tasks;
    private final SocketHttpServer server;
    private final Function<String, @Nullable Key> servers;
    private final Map<String, SocketHttpServer.Site> sites = new ConcurrentHashMap<>();
    /** When an EC2 instance's agent was heard of last. */
    private final Map<String, Instant> heard = new ConcurrentHashMap<>();

    private volatile Instant began;

    /** @param servers tells the EC2 instance of a network interface, by its key */
    public Agents(EcsRoom room, Tasks tasks, SocketHttpServer server, Function<String, @Nullable Key> servers) {
        this.room = room;
        this.tasks = tasks;
        this.server = server;
        this.servers = servers;
        this.began = room.now();
    }

    /** Answers agents in every network of the region. */
    public Closeable listen(VpcFabric fabric) throws IOException {
        return fabric.serve(new InetSocketAddress(VpcFabric.TASK_METADATA_ADDRESS, PORT), this::visit);
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {
        driver.add(this, 1).wake("all");
    }

    private void visit(SocketChannel connection, VpcFabric.Caller caller) throws IOException {
        String eni = caller.eniId();
        if (eni == null || servers.apply(eni) == null) {
            connection.close();
            return;
        }
        sites.computeIfAbsent(eni, id -> server.site(CONNECTIONS_EACH, BODY_BYTES, visit -> serve(visit, id)))
                .adopt(connection);
    }

    private void serve(HttpVisit visit, String eni) throws IOException {
        Key instance = servers.apply(eni);
        if (instance == null || !visit.method().equals("POST") || !visit.path().equals("/v1/agent")) {
            sites.remove(eni);
            answer(visit, 404, "not found");
            return;
        }
        String text;
        try (InputStream in = visit.body()) {
            text = new String(in.readNBytes((int) BODY_BYTES), StandardCharsets.UTF_8);
        }
        try {
            answer(visit, 200, hear(instance, Configuration.of(text)));
        } catch (Fault fault) {
            answer(visit, 400, fault.code() + ": " + fault.message());
        }
    }

    private static void answer(HttpVisit visit, int status, String text) throws IOException {
        visit.answer(
                status, Map.of("Content-Type", List.of("text/plain")), (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** What {@code /etc/ecs/ecs.config} says. */
    record Configuration(String cluster, List<Attribute> attributes) {
        static Configuration of(String text) {
            Map<String, String> values = new LinkedHashMap<>();
            text.lines()
                    .map(String::strip)
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> {
                        int equals = line.indexOf('=');
                        if (equals > 0) {
                            String value = line.substring(equals + 1).strip();
                            boolean quoted = value.length() > 1 && value.matches("'.*'|\".*\"");
                            values.put(
                                    line.substring(0, equals).strip(),
                                    quoted ? value.substring(1, value.length() - 1) : value);
                        }
                    });
            List<Attribute> attributes = new ArrayList<>();
            Json.object(values.getOrDefault("ECS_INSTANCE_ATTRIBUTES", "{}"))
                    .orElse(Map.of())
                    .forEach((name, value) ->
                            attributes.add(new Attribute().name(name).value(String.valueOf(value))));
            return new Configuration(values.getOrDefault("ECS_CLUSTER", "default"), attributes);
        }
    }

    /** An agent said that it is there. */
    private String hear(Key instance, Configuration configuration) {
        heard.put(instance.id(), room.now());
        InstanceRow known = row(instance.scope(), instance.id()).orElse(null);
        if (known != null && Boolean.TRUE.equals(known.told().agentConnected())) {
            return known.arn();
        }
        Scope scope = instance.scope();
        Principal role = role(scope, instance.id());
        String document = Json.write(Map.of("instanceId", instance.id(), "region", scope.region()));
        return String.valueOf(Objects.requireNonNull(new EcsClient(room.caller())
                        .registerContainerInstance(
                                new RegisterContainerInstanceRequest()
                                        .cluster(known == null ? configuration.cluster() : known.cluster())
                                        .instanceIdentityDocument(document)
                                        .attributes(configuration.attributes()),
                                room.as(role, scope))
                        .containerInstance())
                .containerInstanceArn());
    }

    private Optional<InstanceRow> row(Scope scope, String ec2Instance) {
        return room.read(tx -> EcsTables.every(tx, EcsTables.INSTANCES, scope).stream()
                .filter(row -> ec2Instance.equals(row.told().ec2InstanceId()))
                .findFirst());
    }

    /** The principal of a server's instance profile. */
    private Principal role(Scope scope, String ec2Instance) {
        Instance told = describe(scope, ec2Instance)
                .orElseThrow(() -> Fault.client("ClientException", 400, "There is no such instance."));
        if (told.iamInstanceProfile() == null) {
            throw Fault.client("NoCredentialProviders", 400, "The instance has no instance profile.");
        }
        String arn = String.valueOf(told.iamInstanceProfile().arn());
        var profile = Objects.requireNonNull(new IamClient(room.caller())
                .getInstanceProfile(
                        new GetInstanceProfileRequest().instanceProfileName(arn.substring(arn.lastIndexOf('/') + 1)),
                        room.inside(scope))
                .instanceProfile());
        if (profile.roles().isEmpty()) {
            throw Fault.client("NoCredentialProviders", 400, "The instance profile has no role.");
        }
        Call call = room.as(Principal.service("ec2.amazonaws.com"), scope);
        var keys = Objects.requireNonNull(new StsClient(room.caller())
                .assumeRole(
                        new AssumeRoleRequest()
                                .roleArn(profile.roles().getFirst().arn())
                                .roleSessionName(ec2Instance),
                        call)
                .credentials());
        return room.credentials()
                .find(Objects.requireNonNull(keys.accessKeyId()), keys.sessionToken())
                .orElseThrow(() -> Fault.server("ServerException", 500, "STS does not know its own key."))
                .principal();
    }

    private Optional<Instance> describe(Scope scope, String id) {
        try {
            return new Ec2Client(room.caller())
                            .describeInstances(
                                    new DescribeInstancesRequest().instanceIds(List.of(id)), room.inside(scope))
                            .reservations()
                            .stream()
                            .map(Reservation::instances)
                            .flatMap(List::stream)
                            .findFirst();
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            return Optional.empty();
        }
    }

    @Override
    public String name() {
        return "ecs.agents";
    }

    @Override
    public Next reconcile(String all) {
        List<Row<InstanceRow>> rows = room.read(tx -> tx.all(EcsTables.INSTANCES, null, 10_000));
        for (Row<InstanceRow> each : rows) {
            look(each.key(), each.value());
        }
        heard.keySet()
                .retainAll(rows.stream()
                        .map(row -> String.valueOf(row.value().told().ec2InstanceId()))
                        .toList());
        return Next.after(PERIOD);
    }

    private void look(Key key, InstanceRow row) {
        String id = row.told().ec2InstanceId();
        if (id == null) {
            return;
        }
        Instant last = heard.getOrDefault(id, began);
        boolean silent = last.plus(SILENCE).isBefore(room.now());
        if (!silent) {
            return;
        }
        String state = describe(key.scope(), id)
                .map(told ->
                        told.state() == null ? "" : String.valueOf(told.state().name()))
                .orElse("terminated");
        boolean gone = state.equals("terminated") || state.equals("shutting-down");
        boolean down = gone || state.equals("stopped") || state.equals("stopping");
        room.store().write(tx -> {
            InstanceRow now = tx.get(EcsTables.INSTANCES, key).map(Row::value).orElse(null);
            if (now == null) {
                return;
            }
            String why = "Host EC2 (instance " + id + ") " + (gone ? "terminated." : "stopped.");
            if (gone) {
                InstanceChanges.remove(tx, key.scope(), room, tasks, now, why);
                return;
            }
            if (down) {
                Instances.tasks(tx, key.scope(), now)
                        .forEach(task -> tasks.stop(tx, key.scope(), task.arn(), "TerminationNotice", why));
            }
            if (Boolean.TRUE.equals(now.told().agentConnected())) {
                InstanceChanges.put(
                        tx, key.scope(), room, now.with(Copies.of(now.told()).agentConnected(false)));
            }
        });
    }
}
