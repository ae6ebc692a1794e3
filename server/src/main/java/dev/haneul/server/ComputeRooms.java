package dev.haneul.server;

import dev.haneul.api.Catalog;
import dev.haneul.api.runtime.Api;
import dev.haneul.delivery.Targets;
import dev.haneul.edge.stream.Acceptor;
import dev.haneul.edge.stream.Dialer;
import dev.haneul.engines.Engine;
import dev.haneul.engines.Workload;
import dev.haneul.engines.container.CrunContainers;
import dev.haneul.engines.machine.MachineWay;
import dev.haneul.engines.machine.Machines;
import dev.haneul.engines.machine.SystemContainers;
import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.fabric.vpc.LinuxVpcFabric;
import dev.haneul.fabric.vpc.NameSource;
import dev.haneul.fabric.vpc.UnavailableVpcFabric;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.metrics.MetricBuffer;
import dev.haneul.kernel.names.DnsLookup;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Ingress;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.usage.UsageMeter;
import dev.haneul.services.acm.AcmService;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Ec2Service;
import dev.haneul.services.ec2.compute.Compute;
import dev.haneul.services.ec2.compute.InstanceNetworks;
import dev.haneul.services.ec2.compute.MachineServers;
import dev.haneul.services.ec2.network.Network;
import dev.haneul.services.ec2instanceconnect.Ec2InstanceConnectService;
import dev.haneul.services.ecr.EcrService;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsService;
import dev.haneul.services.ecs.express.ExpressNames;
import dev.haneul.services.ecs.instance.Agents;
import dev.haneul.services.ecs.task.Machinery;
import dev.haneul.services.ecs.task.MetadataDoor;
import dev.haneul.services.ecs.task.TaskWork;
import dev.haneul.services.ecs.task.VpcTaskNetworks;
import dev.haneul.services.elbv2.Elbv2Service;
import dev.haneul.services.lambda.LambdaService;
import dev.haneul.services.lambda.LambdaSettings;
import dev.haneul.services.lambda.Wires;
import dev.haneul.services.route53.Route53Service;
import dev.haneul.services.servicediscovery.ServiceDiscoveryService;
import dev.haneul.services.ssm.session.Sessions;
import dev.haneul.storage.Layers;
import dev.haneul.wire.sigv4.PlaneSigners;
import dev.haneul.wire.tls.Certificates;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The services in which something runs (servers, containers, functions), their networks, and what leads to them. */
final class ComputeRooms implements AutoCloseable {
    /** Where the region's API answers inside networks, with TLS or without, besides its port on the host. */
    private static final List<Integer> API_PORTS = List.of(80, 443);

    /** The certificate of the region's own authority, within its folder. */
    private static final String AUTHORITY = "ca.pem";

    /** What to close, last opened first. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private final Site site;
    private final Rooms.Ground ground;
    private final Network network;
    private final Compute compute;
    private final LambdaService lambda;
    private final Elbv2Service elbv2;
    private final TaskWork containers;

    /**
     * What these rooms share with all others.
     *
     * @param policies the rooms whose resources carry policies register here
     * @param planes where rooms put the hosts and paths that are no operation
     * @param measured what rooms measure, on its way to CloudWatch
     * @param layers images' layers
     */
    record Site(
            Rooms.Ground ground,
            ResourcePolicies.Registry policies,
            List<DataPlane> planes,
            Targets targets,
            MetricBuffer measured,
            Layers layers,
            UsageMeter usage) {}

    /**
     * Makes these rooms, adds them to the dispatcher and joins the driver, which starts later.
     *
     * @param engine runs functions
     * @param ingress the region's front door, which workloads reach through doors of their own
     * @throws IOException where a room's folder cannot be used; what was opened is closed
     */
    ComputeRooms(Site site, Settings settings, Engine engine, Ingress ingress) throws IOException {
        this.site = site;
        this.ground = site.ground();
        boolean made = false;
        try {
            ecr();
            SocketHttpServer doors = keep(new SocketHttpServer());
            Ec2 ec2 = ec2(settings, ingress, doors);
            network = ec2.network();
            compute = ec2.compute();
            elbv2 = elbv2(acm(route53().names()));
            cloudMap();
            lambda = lambda(settings, engine, ingress, doors);
            Thread.ofVirtual().name("resume").start(() -> resume(network, elbv2));
            containers = ecs(doors);
            made = true;
        } finally {
            if (!made) {
                close();
            }
        }
    }

    /** Traffic first: networks as they were, and who carries it in them, while everything else is still being made. */
    private static void resume(Network network, Elbv2Service elbv2) {
        try {
            network.apply();
            elbv2.resume();
        } catch (IOException | RuntimeException e) {
            // Their reconcilers do the same, later and as often as it takes.
            System.getLogger(ComputeRooms.class.getName())
                    .log(System.Logger.Level.DEBUG, "traffic is taken up later", e);
        }
    }

    private void ecr() {
        EcrService service = add(new EcrService(new EcrService.Ground(
                ground.store(),
                site.layers(),
                ground.clock(),
                ground.dispatcher(),
                ground.authorizer(),
                ground.recorder(),
                ground.authorizer(),
                site.usage(),
                ground.folder().key())));
        site.policies().add("ecr", service.resourcePolicies());
        site.planes().add(service.registries());
        service.join(ground.driver());
    }

    /** EC2's two halves. */
    private record Ec2(Network network, Compute compute) {}

    private Ec2 ec2(Settings settings, Ingress ingress, SocketHttpServer doors) throws IOException {
        VpcFabric fabric = fabric();
        Ec2Room room = new Ec2Room(new Ec2Room.Ground(
                ground.store(),
                ground.clock(),
                ground.dispatcher(),
                ground.authorizer(),
                ground.folder().key(),
                site.usage()));
        Network network = new Network(room, fabric);
        keep(() -> network.close(settings.ephemeral()));
        List<Integer> ports = Stream.concat(API_PORTS.stream(), Stream.of(settings.port()))
                .filter(port -> port != 0)
                .distinct()
                .toList();
        for (int port : ports) {
            keep(fabric.serve(
                    new InetSocketAddress(VpcFabric.API_ADDRESS, port),
                    (connection, caller) -> ingress.adopt(connection)));
        }
        network.join(ground.driver());
        network.deliver(ground.driver(), site.targets());
        Compute servers = servers(settings, room, network, fabric, doors);
        Ec2Service service = add(new Ec2Service(room, network, servers));
        site.policies().add("ec2", service.resources());
        return new Ec2(network, servers);
    }

    private Elbv2Service elbv2(AcmService acm) throws IOException {
        VpcFabric fabric = network.fabric();
        Elbv2Service service = keep(add(new Elbv2Service(new Elbv2Service.Ground(
                ground.store(),
                ground.clock(),
                ground.dispatcher(),
                ground.folder().key(),
                acm.source(),
                acceptor(fabric),
                dialer(fabric),
                () -> fabric.probe().works(),
                site.measured(),
                site.usage()))));
        add(service.classic());
        site.policies().add("elasticloadbalancing", service.policies());
        service.join(ground.driver());
        site.planes().add(service.plane());
        site.planes().add(service.downloads());
        keep(fabric.resolve(service.names()));
        return service;
    }

    private static Acceptor acceptor(VpcFabric fabric) {
        return new Acceptor() {
            @Override
            public Closeable listen(String node, int port, Visitor visitor) throws IOException {
                return fabric.listen(node, port, (connection, caller) -> visitor.visit(connection, caller.address()));
            }

            @Override
            public DatagramChannel datagrams(String node, int port) throws IOException {
                return fabric.datagrams(node, port);
            }

            @Override
            public DatagramChannel datagramsFor(InetSocketAddress client, String node, InetAddress target)
                    throws IOException {
                return fabric.datagramsFor(client, node, target);
            }
        };
    }

    private static Dialer dialer(VpcFabric fabric) {
        return new Dialer() {
            @Override
            public SocketChannel connect(String node, InetSocketAddress target, int timeoutMillis) throws IOException {
                return node.isEmpty() ? dialled(target, timeoutMillis) : fabric.connect(node, target, timeoutMillis);
            }

            @Override
            public SocketChannel connectFor(
                    InetSocketAddress client, String node, InetSocketAddress target, int timeoutMillis)
                    throws IOException {
                return node.isEmpty()
                        ? dialled(target, timeoutMillis)
                        : fabric.connectFor(client, node, target, timeoutMillis);
            }
        };
    }

    /** From the host itself. */
    private static SocketChannel dialled(InetSocketAddress target, int timeoutMillis) throws IOException {
        SocketChannel channel = SocketChannel.open();
        boolean done = false;
        try {
            channel.socket().connect(target, timeoutMillis);
            done = true;
            return channel;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    private Route53Service route53() throws IOException {
        Route53Service service = add(new Route53Service(ground.store(), ground.clock(), ground.dispatcher()));
        keep(network.fabric().resolve(service.names()));
        return service;
    }

    private AcmService acm(NameSource zones) {
        Certificates authority = new Certificates(ground.folder().path(), List.of(), InstantSource.system());
        DnsLookup lookup = (name, type) -> zones.find(null, name).stream()
                .flatMap(answer -> answer.entries().stream())
                .filter(entry -> entry.type().equals(type))
                .map(entry -> entry.data())
                .toList();
        AcmService service = add(new AcmService(new AcmService.Ground(
                ground.store(),
                ground.clock(),
                authority,
                lookup,
                arn -> elbv2.uses().of(arn),
                ground.folder().key())));
        site.policies().add("acm", service.resources());
        service.join(ground.driver());
        return service;
    }

    private void cloudMap() throws IOException {
        ServiceDiscoveryService service = add(new ServiceDiscoveryService(
                ground.store(),
                ground.clock(),
                ground.dispatcher(),
                ground.folder().key()));
        service.join(ground.driver());
        keep(network.fabric().resolve(service.names()));
    }

    private Compute servers(Settings settings, Ec2Room room, Network network, VpcFabric fabric, SocketHttpServer doors)
            throws IOException {
        Path images = Path.of(System.getProperty("user.home"), ".cache", "haneul", "images");
        Machines machines = keep(new SystemContainers(ground.folder().folder("servers"), images, settings.virtual()));
        MachineServers servers = new MachineServers(machines, ground.folder().folder("consoles"));
        if (settings.ephemeral()) {
            keep(servers::end);
        }
        Compute made = new Compute(
                room,
                servers,
                new InstanceNetworks(room, network),
                settings.scale(),
                settings.virtual() ? MachineWay.VIRTUAL : MachineWay.CONTAINER);
        made.join(ground.driver(), this::authority);
        made.imports(ground.driver(), ground.credentials());
        keep(made.listen(
                fabric,
                doors,
                ground.folder().folder("identity"),
                ground.folder().key()));
        add(new Ec2InstanceConnectService(ground.dispatcher(), made::authorize));
        return made;
    }

    /** The authority that instances trust when they call the region; none before it is made. */
    private List<String> authority() {
        try {
            return List.of(Files.readString(ground.folder().path().resolve(AUTHORITY)));
        } catch (IOException e) {
            return List.of();
        }
    }

    private TaskWork ecs(SocketHttpServer doors) throws IOException {
        EcsRoom room = new EcsRoom(new EcsRoom.Ground(
                ground.store(),
                ground.clock(),
                ground.dispatcher(),
                ground.credentials(),
                ground.authorizer(),
                ground.folder().key(),
                site.usage(),
                site.measured()));
        EcsService service = keep(add(new EcsService(room)));
        site.policies().add("ecs", service.resources());
        ExpressNames endpoints = service.express().names(elbv2.plane());
        site.planes().add(endpoints);
        keep(network.fabric().resolve(endpoints));
        Path folder = ground.folder().folder("ecs");
        TaskWork work = service.join(
                ground.driver(),
                new Machinery(
                        keep(new CrunContainers(folder.resolve("pods"))),
                        new VpcTaskNetworks(room, network.fabric(), network::apply),
                        site.layers(),
                        compute::namespace,
                        folder));
        Agents agents = new Agents(room, service.tasks(), doors, compute::instance);
        keep(agents.listen(network.fabric()));
        agents.join(ground.driver());
        keep(new MetadataDoor(work, doors).listen(network.fabric()));
        return work;
    }

    private VpcFabric fabric() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return new UnavailableVpcFabric("only Linux can");
        }
        try {
            return new LinuxVpcFabric(ground.folder().folder("networks"));
        } catch (IOException e) {
            return new UnavailableVpcFabric(String.valueOf(e.getMessage()));
        }
    }

    private LambdaService lambda(Settings settings, Engine engine, Ingress ingress, SocketHttpServer doors)
            throws IOException {
        LambdaService service = keep(add(new LambdaService(
                new LambdaService.Ground(
                        ground.store(),
                        ground.blobs(),
                        ground.clock(),
                        ground.driver(),
                        ground.dispatcher(),
                        ground.credentials(),
                        ground.authorizer(),
                        new PlaneSigners(ground.credentials(), ground.clock()),
                        site.targets(),
                        engine,
                        doors,
                        ingress,
                        new Wires(network.fabric(), network::apply),
                        site.layers(),
                        site.usage()),
                LambdaSettings.ofHost(
                        ground.folder().folder("lambda"), settings.javaRuntimeJars(), settings.exactRuntimes()))));
        site.policies().add("lambda", service.resourcePolicies());
        Catalog.SERVICES.forEach(ground.authorizer()::know);
        site.planes().add(service.functionUrls());
        service.measure(ground.driver(), site.measured(), ground.clock());
        site.planes().add(service.codeDownloads());
        return service;
    }

    /** Takes up where an earlier server left off, once the gateway and the driver run. */
    void start(List<Workload> leftovers) {
        lambda.start(leftovers);
    }

    /** What runs and how, one sentence a line. */
    List<String> status() {
        List<String> lines = new ArrayList<>(lambda.status());
        lines.add(network.status());
        lines.add(compute.status());
        lines.add(containers.status());
        return List.copyOf(lines);
    }

    /** Lets sessions be held with what runs here. */
    void reach(Sessions sessions) {
        sessions.reach((account, region, name) -> containers.sessions().find(new Scope(account, region), name));
    }

    /** The command that opens a shell on an instance, or why there is none. */
    String ssh(String instance) {
        return compute.ssh(instance);
    }

    /** Runs a command in a container: the exit code on the first line, then what it printed. */
    String exec(String words) {
        return PlainExec.run(containers, words);
    }

    /** Takes the spot capacity of a task away; an IllegalArgumentException tells why it cannot. */
    String interrupt(String task) {
        return containers.interrupt(task);
    }

    /** Forgets what these rooms keep beside the store, after the store's records of the account (null for all) are gone. */
    void reset(@Nullable String account) {
        lambda.reset(account);
        elbv2.forget();
        network.forget();
        compute.forget();
        containers.forget();
    }

    private <A extends Api> A add(A service) {
        ground.dispatcher().add(service);
        return service;
    }

    private <C extends AutoCloseable> C keep(C part) {
        open.push(part);
        return part;
    }

    @Override
    public void close() {
        Closing.all(open);
    }
}
