package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.NetworkBinding;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.engines.container.PodSpec;
import dev.haneul.fabric.bridge.BridgeNetwork;
import dev.haneul.fabric.bridge.BridgeNetwork.Mapping;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.definition.Definitions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Networks of tasks that use their container instance's: its own (host), or a bridge in it. The containers of one task
 * share one address on the bridge, where Docker gives each its own.
 */
final class ServerNetworks {
    static final String RESOLV_CONF = "nameserver " + VpcFabric.RESOLVER_ADDRESS + "\n";

    private static final System.Logger LOG = System.getLogger(ServerNetworks.class.getName());
    private static final String UDP = "udp";

    private final EcsRoom room;
    private final Machinery machinery;
    /** One object for each bridge, by the EC2 instance. */
    private final Map<String, Bridge> bridges = new ConcurrentHashMap<>();

    private record Bridge(Path server, BridgeNetwork network) {}

    ServerNetworks(EcsRoom room, Machinery machinery) {
        this.room = room;
        this.machinery = machinery;
    }

    PodSpec.Network network(Scope scope, TaskRow row, TaskDefinition definition) throws IOException {
        return Definitions.network(definition).equals("host")
                ? new PodSpec.Network.Join(server(scope, row))
                : new PodSpec.Network.Own();
    }

    private String instance(Scope scope, TaskRow row) throws IOException {
        String id = Objects.requireNonNullElse(row.instance(), "-");
        return room.read(tx -> tx.get(EcsTables.INSTANCES, scope.key(id)))
                .map(found -> found.value().told().ec2InstanceId())
                .orElseThrow(() -> new IOException("the container instance is gone"));
    }

    private Path server(Scope scope, TaskRow row) throws IOException {
        Path found = machinery.servers().apply(instance(scope, row));
        if (found == null) {
            throw new IOException("the container instance does not run");
        }
        return found;
    }

    /** Puts a pod on its server's bridge, where it belongs on one. */
    void connect(Scope scope, TaskRow row, TaskDefinition definition, Path netns) throws IOException {
        if (!Definitions.network(definition).equals("bridge")) {
            return;
        }
        Path server = server(scope, row);
        BridgeNetwork bridge = bridges.compute(
                        instance(scope, row),
                        (id, known) -> known != null && known.server().equals(server)
                                ? known
                                : new Bridge(server, new BridgeNetwork(server)))
                .network();
        if (bridge.attached().containsKey(row.id())) {
            return;
        }
        List<Mapping> ports = new ArrayList<>();
        for (Container each : row.told().containers()) {
            for (NetworkBinding bound : each.networkBindings()) {
                ports.add(new Mapping(
                        Objects.requireNonNullElse(bound.containerPort(), 0),
                        Objects.requireNonNullElse(bound.hostPort(), 0),
                        UDP.equals(bound.protocol())));
            }
        }
        bridge.attach(row.id(), netns, ports);
    }

    /** Takes a task off its bridge; one whose server is gone is on none. */
    void disconnect(Scope scope, TaskRow row) {
        if (row.instance() == null || row.course().eni() != null) {
            return;
        }
        try {
            Bridge bridge = bridges.get(instance(scope, row));
            Path server = machinery.servers().apply(instance(scope, row));
            if (server != null) {
                (bridge != null && bridge.server().equals(server) ? bridge.network() : new BridgeNetwork(server))
                        .detach(row.id());
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, row.id() + " is on no bridge: " + e.getMessage());
        }
    }
}
