package dev.haneul.services.ecs.instance;

import dev.haneul.api.ec2.DescribeInstanceTypesRequest;
import dev.haneul.api.ec2.DescribeInstancesRequest;
import dev.haneul.api.ec2.Ec2Client;
import dev.haneul.api.ec2.Instance;
import dev.haneul.api.ec2.InstanceNetworkInterface;
import dev.haneul.api.ec2.InstanceTypeInfo;
import dev.haneul.api.ec2.Reservation;
import dev.haneul.api.ecs.Attribute;
import dev.haneul.api.ecs.ContainerInstance;
import dev.haneul.api.ecs.RegisterContainerInstanceRequest;
import dev.haneul.api.ecs.RegisterContainerInstanceResponse;
import dev.haneul.api.ecs.Resource;
import dev.haneul.api.ecs.VersionInfo;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.EcsTables.InstanceRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.cluster.Clusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** RegisterContainerInstance. */
final class Registration {
    /** The agent's own version, and what it would need of Docker's. */
    static final VersionInfo VERSION =
            new VersionInfo().agentVersion("1.89.0").agentHash("*haneul").dockerVersion("DockerVersion: none");

    private static final int UNITS = 1024;
    private static final int ID_CHARS = 32;
    private static final Set<Integer> TAKEN = Set.of(22, 2375, 2376, 51678, 51679);

    private final EcsRoom room;

    Registration(EcsRoom room) {
        this.room = room;
    }

    /** The EC2 instance behind a container instance. */
    private record Server(Instance told, String type, Instances.Resources size) {
        String eni() {
            return told.networkInterfaces().stream()
                    .map(InstanceNetworkInterface::networkInterfaceId)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse("");
        }
    }

    RegisterContainerInstanceResponse register(RegisterContainerInstanceRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        in.attributes().forEach(Attributes::check);
        Map<String, String> tags = EcsTags.check(in.tags());
        Server server = server(in.instanceIdentityDocument(), scope);
        return room.change(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            InstanceRow before = before(tx, scope, cluster, in, server).orElse(null);
            ContainerInstance told = before == null ? made(scope, cluster) : Copies.of(before.told());
            List<Attribute> attributes = attributes(server);
            for (Attribute each : in.attributes()) {
                attributes = Attributes.with(attributes, each);
            }
            List<Resource> resources = server == null
                            || in.hasTotalResources() && !in.totalResources().isEmpty()
                    ? in.totalResources()
                    : Instances.resources(server.size());
            told.ec2InstanceId(server == null ? null : server.told().instanceId())
                    .versionInfo(in.versionInfo() == null ? VERSION : in.versionInfo())
                    .registeredResources(resources)
                    .attributes(attributes)
                    .agentConnected(true);
            InstanceRow row = InstanceChanges.put(
                    tx,
                    scope,
                    room,
                    new InstanceRow(told, cluster.name(), server == null ? "" : server.eni(), room.now()));
            EcsTags.put(tx, scope, "container-instance/" + cluster.name() + "/" + row.id(), tags);
            return new RegisterContainerInstanceResponse().containerInstance(Instances.told(tx, scope, row));
        });
    }

    private ContainerInstance made(Scope scope, ClusterRow cluster) {
        String id = room.ids().hex(ID_CHARS);
        return new ContainerInstance()
                .containerInstanceArn(EcsRoom.arn(scope, "container-instance/" + cluster.name() + "/" + id))
                .status("ACTIVE")
                .registeredAt(room.now())
                .attachments(List.of())
                .version(0L);
    }

    /** An agent that comes back is the instance it was. */
    private static Optional<InstanceRow> before(
            ReadTx tx, Scope scope, ClusterRow cluster, RegisterContainerInstanceRequest in, @Nullable Server server) {
        if (in.containerInstanceArn() != null) {
            return Optional.of(Instances.find(tx, scope, cluster.name(), in.containerInstanceArn())
                    .orElseThrow(() -> EcsFaults.client("Container instance not found.")));
        }
        return server == null
                ? Optional.empty()
                : Instances.of(tx, scope, cluster.name()).stream()
                        .filter(row -> Objects.equals(
                                row.told().ec2InstanceId(), server.told().instanceId()))
                        .findFirst();
    }

    private @Nullable Server server(@Nullable String document, Scope scope) {
        if (document == null || document.isBlank()) {
            return null;
        }
        String id = Json.object(document)
                .map(tree -> String.valueOf(tree.get("instanceId")))
                .orElseThrow(() -> EcsFaults.client("The instance identity document is invalid."));
        Ec2Client ec2 = new Ec2Client(room.caller());
        Instance told;
        try {
            told = ec2
                    .describeInstances(new DescribeInstancesRequest().instanceIds(List.of(id)), room.inside(scope))
                    .reservations()
                    .stream()
                    .map(Reservation::instances)
                    .flatMap(List::stream)
                    .findFirst()
                    .orElse(null);
        } catch (Fault fault) {
            throw EcsFaults.client("The instance " + id + " of the identity document was not found.");
        }
        if (told == null
                || told.state() == null
                || !"running".equals(told.state().name())) {
            throw EcsFaults.client("The instance " + id + " of the identity document is not running.");
        }
        String type = Objects.requireNonNull(told.instanceType());
        InstanceTypeInfo info = ec2.describeInstanceTypes(
                        new DescribeInstanceTypesRequest().instanceTypes(List.of(type)), room.inside(scope))
                .instanceTypes()
                .getFirst();
        int cpus = info.vCpuInfo() == null
                ? 1
                : Objects.requireNonNullElse(info.vCpuInfo().defaultVCpus(), 1);
        long memory = info.memoryInfo() == null
                ? UNITS
                : Objects.requireNonNullElse(info.memoryInfo().sizeInMiB(), (long) UNITS);
        // The system and the agent take their part of the memory.
        int usable = (int) (memory - Math.max(64, memory / 32));
        return new Server(told, type, new Instances.Resources(cpus * UNITS, usable, TAKEN, Set.of()));
    }

    private static List<Attribute> attributes(@Nullable Server server) {
        List<Attribute> found = new ArrayList<>();
        if (server == null) {
            found.add(new Attribute().name("ecs.capability.external"));
        }
        Attributes.CAPABILITIES.forEach(name -> found.add(new Attribute().name(name)));
        found.add(new Attribute().name("ecs.os-type").value("linux"));
        if (server != null) {
            Instance told = server.told();
            found.add(new Attribute().name("ecs.instance-type").value(server.type()));
            found.add(new Attribute().name("ecs.ami-id").value(told.imageId()));
            found.add(new Attribute().name("ecs.vpc-id").value(told.vpcId()));
            found.add(new Attribute().name("ecs.subnet-id").value(told.subnetId()));
            found.add(new Attribute().name("ecs.cpu-architecture").value(told.architecture()));
            if (told.placement() != null) {
                found.add(new Attribute()
                        .name("ecs.availability-zone")
                        .value(told.placement().availabilityZone()));
            }
        }
        return found;
    }
}
