package dev.haneul.server;

import dev.haneul.api.Catalog;
import dev.haneul.api.runtime.Api;
import dev.haneul.delivery.Targets;
import dev.haneul.engines.Engine;
import dev.haneul.engines.Workload;
import dev.haneul.engines.container.CrunContainers;
import dev.haneul.engines.machine.Machines;
import dev.haneul.engines.machine.SystemContainers;
import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.fabric.vpc.LinuxVpcFabric;
import dev.haneul.fabric.vpc.UnavailableVpcFabric;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.call.AccountRules;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.certificates.CertificateSource;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.metrics.MetricBuffer;
import dev.haneul.kernel.plane.CrossOrigin;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Ingress;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.kernel.usage.UsageMeter;
import dev.haneul.services.account.AccountService;
import dev.haneul.services.cloudtrail.CloudTrailService;
import dev.haneul.services.cloudtrail.Recorder;
import dev.haneul.services.cloudwatch.CloudWatchService;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Ec2Service;
import dev.haneul.services.ec2.compute.AmiParameters;
import dev.haneul.services.ec2.compute.Compute;
import dev.haneul.services.ec2.compute.InstanceNetworks;
import dev.haneul.services.ec2.compute.MachineServers;
import dev.haneul.services.ec2.network.Network;
import dev.haneul.services.ec2instanceconnect.Ec2InstanceConnectService;
import dev.haneul.services.ecr.EcrService;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsService;
import dev.haneul.services.ecs.instance.Agents;
import dev.haneul.services.ecs.task.Machinery;
import dev.haneul.services.ecs.task.MetadataDoor;
import dev.haneul.services.ecs.task.TaskWork;
import dev.haneul.services.ecs.task.VpcTaskNetworks;
import dev.haneul.services.events.EventsService;
import dev.haneul.services.iam.IamAuthorizer;
import dev.haneul.services.iam.IamService;
import dev.haneul.services.iam.IamState;
import dev.haneul.services.iam.MfaFactors;
import dev.haneul.services.kms.KmsService;
import dev.haneul.services.lambda.LambdaService;
import dev.haneul.services.lambda.LambdaSettings;
import dev.haneul.services.lambda.Wires;
import dev.haneul.services.logs.LogsService;
import dev.haneul.services.organizations.OrganizationsService;
import dev.haneul.services.pipes.PipesService;
import dev.haneul.services.elbv2.Elbv2Service;
import dev.haneul.services.route53.Route53Service;
import dev.haneul.services.s3.FormUpload;
import dev.haneul.services.s3.S3Service;
import dev.haneul.services.s3.WebsitePlane;
import dev.haneul.services.scheduler.SchedulerService;
import dev.haneul.services.secretsmanager.SecretsManagerService;
import dev.haneul.services.servicediscovery.ServiceDiscoveryService;
import dev.haneul.services.sns.SnsService;
import dev.haneul.services.sqs.SqsService;
import dev.haneul.services.ssm.PublicParameters;
import dev.haneul.services.ssm.SsmService;
import dev.haneul.services.sts.StsService;
import dev.haneul.storage.DiskBlobs;
import dev.haneul.storage.DiskLayers;
import dev.haneul.storage.Layers;
import dev.haneul.storage.Segments;
import dev.haneul.wire.sigv4.PlaneSigners;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every service of the region, each made in a method of its own, in the order in which they are made. */
final class Rooms implements AutoCloseable {
    /** Where the region's API answers inside networks, with TLS or without, besides its port on the host. */
    private static final List<Integer> API_PORTS = List.of(80, 443);

    /** The certificate of the region's own authority, within its folder. */
    private static final String AUTHORITY = "ca.pem";

    /** How long a layer that no image refers to stays. */
    private static final Duration LAYER_GRACE = Duration.ofDays(1);

    /** What to close, last opened first. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private final Ground ground;
    private final ResourcePolicies.Registry policies;
    private final List<DataPlane> planes = new ArrayList<>();
    private final Targets targets;
    private final OrganizationsService organizations;
    private final AccountService account;
    private final Network network;
    private final Compute compute;
    private final LambdaService lambda;
    private final Elbv2Service elbv2;
    private final TaskWork containers;
    private final LogsService logs;
    private final CloudTrailService trail;
    private final SqsService sqs;
    private final EventsService events;
    private final S3Service s3;
    /** What rooms measure, on its way to CloudWatch. */
    private final MetricBuffer measured = new MetricBuffer();

    /** Images' layers, which several rooms read. */
    private final Layers layers;

    private final CloudWatchService cloudWatch;

    /** What all rooms stand on. */
    record Ground(
            Store store,
            DiskBlobs blobs,
            Segments segments,
            Clock clock,
            Driver driver,
            DataFolder folder,
            IamState iam,
            Credentials credentials,
            IamAuthorizer authorizer,
            Dispatcher dispatcher,
            Recorder recorder) {}

    /**
     * Makes every room, adds it to the dispatcher and joins the driver, which starts later.
     *
     * @param policies the rooms whose resources carry policies register here
     * @param accounts the rooms that know what holds for whole accounts register here
     * @param engine runs workloads
     * @param ingress the region's front door, which workloads reach through doors of their own
     * @throws IOException where a room's folder cannot be used; what was opened is closed
     */
    Rooms(
            Ground ground,
            ResourcePolicies.Registry policies,
            AccountRules accounts,
            Settings settings,
            Engine engine,
            Ingress ingress)
            throws IOException {
        this.ground = ground;
        this.policies = policies;
        this.targets = new Targets(ground.dispatcher, ground.credentials, ground.clock);
        ServiceEvent.open(ground.store);
        boolean made = false;
        try {
            add(new IamService(ground.iam, accounts));
            organizations = organizations(accounts);
            account = account(accounts);
            ground.iam.join(ground.driver);
            add(new StsService(ground.dispatcher, new MfaFactors(ground.iam), ground.folder.key(), ground.clock));
            UsageMeter usage = usage();
            layers = layers();
            s3 = s3(usage);
            logs = logs();
            trail = trail();
            sqs = sqs();
            sns();
            events = events();
            cloudWatch = cloudWatch();
            trail.tellCalls(events.callsWanted());
            scheduler();
            kms();
            ssm();
            secretsManager();
            pipes();
            ecr(usage);
            SocketHttpServer doors = keep(new SocketHttpServer());
            Ec2 ec2 = ec2(settings, ingress, doors, usage);
            network = ec2.network();
            compute = ec2.compute();
            route53();
            elbv2 = elbv2(usage);
            cloudMap();
            lambda = lambda(settings, engine, ingress, doors, usage);
            containers = ecs(doors, usage);
            made = true;
        } finally {
            if (!made) {
                close();
            }
        }
    }

    private OrganizationsService organizations(AccountRules accounts) {
        OrganizationsService service =
                add(new OrganizationsService(ground.store, ground.clock, ground.dispatcher, ground.folder.key()));
        service.join(ground.driver);
        accounts.organizations(service.memberships());
        return service;
    }

    private AccountService account(AccountRules accounts) {
        AccountService service = add(new AccountService(ground.store, ground.folder.key()));
        accounts.regions(service.regions());
        return service;
    }

    private Layers layers() {
        DiskLayers made = new DiskLayers(ground.store, ground.blobs, ground.clock, LAYER_GRACE);
        made.join(ground.driver);
        return made;
    }

    private UsageMeter usage() {
        UsageMeter usage = keep(new UsageMeter(ground.store, ground.clock));
        usage.join(ground.driver);
        return usage;
    }

    private S3Service s3(UsageMeter usage) {
        S3Service s3 = new S3Service(
                ground.store,
                ground.blobs,
                ground.clock,
                ground.authorizer,
                ground.dispatcher,
                ground.folder.key(),
                new MfaFactors(ground.iam),
                usage);
        policies.add("s3", s3.policies());
        s3.join(ground.driver);
        s3.measure(ground.driver, measured);
        s3.replicate(ground.driver, ground.credentials);
        ground.blobs.reapWith(ground.driver);
        planes.add(new WebsitePlane(ground.store, ground.dispatcher, ground.clock));
        planes.add(new FormUpload(ground.dispatcher, ground.credentials, ground.clock));
        return add(s3);
    }

    private LogsService logs() {
        LogsService service = add(new LogsService(
                new LogsService.Ground(
                        ground.store,
                        ground.segments,
                        ground.clock,
                        measured,
                        targets,
                        ground.dispatcher,
                        ground.authorizer),
                ground.folder.key()));
        service.join(ground.driver);
        return service;
    }

    private void kms() {
        KmsService service = add(new KmsService(ground.store, ground.clock, ground.folder.key(), ground.authorizer));
        policies.add("kms", service.policies());
        service.join(ground.driver);
    }

    private void ssm() {
        SsmService service = add(
                new SsmService(ground.store, ground.clock, ground.dispatcher, ground.folder.key(), Rooms::published));
        service.join(ground.driver);
    }

    private static List<PublicParameters.Published> published(String prefix, String region) {
        return AmiParameters.beginning(prefix, region).entrySet().stream()
                .map(each -> new PublicParameters.Published(each.getKey(), each.getValue()))
                .toList();
    }

    private void secretsManager() {
        SecretsManagerService service = add(new SecretsManagerService(
                ground.store, ground.clock, ground.dispatcher, ground.authorizer, ground.folder.key()));
        policies.add("secretsmanager", service.policies());
        service.join(ground.driver);
    }

    private CloudTrailService trail() {
        CloudTrailService service = add(new CloudTrailService(
                ground.store,
                ground.segments,
                ground.clock,
                ground.recorder,
                ground.dispatcher,
                ground.credentials,
                ground.folder.key()));
        service.join(ground.driver);
        return service;
    }

    private void sns() {
        SnsService sns = add(new SnsService(ground.store, ground.clock, ground.dispatcher, targets, ground.folder));
        planes.add(sns.visits());
        policies.add("sns", sns.resourcePolicies());
        sns.measure(measured);
        sns.join(ground.driver);
    }

    private SqsService sqs() {
        SqsService service = add(
                new SqsService(ground.store, ground.segments, ground.clock, ground.dispatcher, ground.folder.key()));
        policies.add("sqs", service.resourcePolicies());
        service.measure(ground.driver, measured);
        service.join(ground.driver);
        return service;
    }

    private EventsService events() {
        EventsService service = add(new EventsService(
                ground.store,
                ground.segments,
                ground.clock,
                targets,
                ground.dispatcher,
                ground.authorizer,
                ground.folder.key()));
        policies.add("events", service.policies());
        service.measure(measured);
        service.join(ground.driver);
        return service;
    }

    private CloudWatchService cloudWatch() {
        CloudWatchService service = add(new CloudWatchService(
                ground.store, ground.segments, ground.clock, measured, targets, ground.folder.key()));
        service.join(ground.driver);
        return service;
    }

    private void scheduler() {
        add(new SchedulerService(ground.store, ground.clock, targets, ground.folder.key()))
                .join(ground.driver);
    }

    private void pipes() {
        add(new PipesService(ground.store, ground.clock, ground.dispatcher, targets, ground.folder.key()))
                .join(ground.driver);
    }

    private void ecr(UsageMeter usage) {
        EcrService service = add(new EcrService(new EcrService.Ground(
                ground.store,
                layers,
                ground.clock,
                ground.dispatcher,
                ground.authorizer,
                ground.recorder,
                ground.authorizer,
                usage,
                ground.folder.key())));
        policies.add("ecr", service.resourcePolicies());
        planes.add(service.registries());
        service.join(ground.driver);
    }

    /** EC2's two halves. */
    private record Ec2(Network network, Compute compute) {}

    private Ec2 ec2(Settings settings, Ingress ingress, SocketHttpServer doors, UsageMeter usage) throws IOException {
        VpcFabric fabric = fabric();
        Ec2Room room = new Ec2Room(new Ec2Room.Ground(
                ground.store, ground.clock, ground.dispatcher, ground.authorizer, ground.folder.key(), usage));
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
        network.join(ground.driver);
        network.deliver(ground.driver, targets);
        Compute servers = servers(settings, room, network, fabric, doors);
        Ec2Service service = add(new Ec2Service(room, network, servers));
        policies.add("ec2", service.resources());
        return new Ec2(network, servers);
    }

    private Elbv2Service elbv2(UsageMeter usage) throws IOException {
        VpcFabric fabric = network.fabric();
        Elbv2Service service = keep(add(new Elbv2Service(new Elbv2Service.Ground(
                ground.store,
                ground.clock,
                ground.dispatcher,
                ground.folder.key(),
                CertificateSource.NONE,
                (eni, port, visitor) -> fabric.listen(
                        eni, port, (connection, caller) -> visitor.visit(connection, caller.address())),
                (eni, target, millis) -> eni.isEmpty() ? dialled(target, millis) : fabric.connect(eni, target, millis),
                () -> fabric.probe().works(),
                measured,
                usage))));
        policies.add("elasticloadbalancing", service.policies());
        service.join(ground.driver);
        planes.add(service.plane());
        keep(fabric.resolve(service.names()));
        return service;
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

    private void route53() throws IOException {
        Route53Service service = add(new Route53Service(ground.store, ground.clock, ground.dispatcher));
        keep(network.fabric().resolve(service.names()));
    }

    private void cloudMap() throws IOException {
        ServiceDiscoveryService service =
                add(new ServiceDiscoveryService(ground.store, ground.clock, ground.dispatcher, ground.folder.key()));
        service.join(ground.driver);
        keep(network.fabric().resolve(service.names()));
    }

    private Compute servers(Settings settings, Ec2Room room, Network network, VpcFabric fabric, SocketHttpServer doors)
            throws IOException {
        Path images = Path.of(System.getProperty("user.home"), ".cache", "haneul", "images");
        Machines machines = keep(new SystemContainers(ground.folder.folder("servers"), images));
        MachineServers servers = new MachineServers(machines, ground.folder.folder("consoles"));
        if (settings.ephemeral()) {
            keep(servers::end);
        }
        Compute made = new Compute(room, servers, new InstanceNetworks(room, network), settings.scale());
        made.join(ground.driver, this::authority);
        made.imports(ground.driver, ground.credentials);
        keep(made.listen(fabric, doors, ground.folder.folder("identity"), ground.folder.key()));
        add(new Ec2InstanceConnectService(ground.dispatcher, made::authorize));
        return made;
    }

    /** The authority that instances trust when they call the region; none before it is made. */
    private List<String> authority() {
        try {
            return List.of(Files.readString(ground.folder.path().resolve(AUTHORITY)));
        } catch (IOException e) {
            return List.of();
        }
    }

    private TaskWork ecs(SocketHttpServer doors, UsageMeter usage) throws IOException {
        EcsRoom room = new EcsRoom(new EcsRoom.Ground(
                ground.store,
                ground.clock,
                ground.dispatcher,
                ground.credentials,
                ground.authorizer,
                ground.folder.key(),
                usage,
                measured));
        EcsService service = add(new EcsService(room));
        policies.add("ecs", service.resources());
        Path folder = ground.folder.folder("ecs");
        TaskWork work = service.join(
                ground.driver,
                new Machinery(
                        keep(new CrunContainers(folder.resolve("pods"))),
                        new VpcTaskNetworks(room, network.fabric(), network::apply),
                        layers,
                        compute::namespace,
                        folder));
        Agents agents = new Agents(room, service.tasks(), doors, compute::instance);
        keep(agents.listen(network.fabric()));
        agents.join(ground.driver);
        keep(new MetadataDoor(work, doors).listen(network.fabric()));
        return work;
    }

    private VpcFabric fabric() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return new UnavailableVpcFabric("only Linux can");
        }
        try {
            return new LinuxVpcFabric(ground.folder.folder("networks"));
        } catch (IOException e) {
            return new UnavailableVpcFabric(String.valueOf(e.getMessage()));
        }
    }

    private LambdaService lambda(
            Settings settings, Engine engine, Ingress ingress, SocketHttpServer doors, UsageMeter usage)
            throws IOException {
        LambdaService service = keep(add(new LambdaService(
                new LambdaService.Ground(
                        ground.store,
                        ground.blobs,
                        ground.clock,
                        ground.driver,
                        ground.dispatcher,
                        ground.credentials,
                        ground.authorizer,
                        new PlaneSigners(ground.credentials, ground.clock),
                        targets,
                        engine,
                        doors,
                        ingress,
                        new Wires(network.fabric(), network::apply),
                        layers,
                        usage),
                LambdaSettings.ofHost(
                        ground.folder.folder("lambda"), settings.javaRuntimeJars(), settings.exactRuntimes()))));
        policies.add("lambda", service.resourcePolicies());
        Catalog.SERVICES.forEach(ground.authorizer::know);
        planes.add(service.functionUrls());
        service.measure(ground.driver, measured, ground.clock);
        planes.add(service.codeDownloads());
        return service;
    }

    /** The hosts and paths that are no operation, in the order in which they are asked. */
    List<DataPlane> planes() {
        return List.copyOf(planes);
    }

    /** What buckets let pages of other origins do. */
    CrossOrigin origins() {
        return s3.origins();
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
        return List.copyOf(lines);
    }

    /** The command that opens a shell on an instance, or why there is none. */
    String ssh(String instance) {
        return compute.ssh(instance);
    }

    /** Runs a command in a container: the exit code on the first line, then what it printed. */
    String exec(String words) {
        return PlainExec.run(containers, words);
    }

    /** Forgets what rooms keep beside the store, after the store's records of the account (null for all) are gone. */
    void reset(@Nullable String account) {
        targets.forget();
        organizations.forget();
        this.account.forget();
        logs.reset(account);
        trail.reset(account);
        sqs.reset(account);
        events.reset(account);
        cloudWatch.reset(account);
        lambda.reset(account);
        elbv2.forget();
        network.forget();
        compute.forget();
        containers.forget();
    }

    private <A extends Api> A add(A service) {
        ground.dispatcher.add(service);
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
