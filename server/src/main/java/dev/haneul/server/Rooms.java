package dev.haneul.server;

import dev.haneul.api.runtime.Api;
import dev.haneul.delivery.Targets;
import dev.haneul.engines.Engine;
import dev.haneul.engines.Workload;
import dev.haneul.kernel.call.AccountRules;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.call.ResourcePolicies;
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
import dev.haneul.services.applicationautoscaling.ApplicationAutoScalingService;
import dev.haneul.services.cloudtrail.CloudTrailService;
import dev.haneul.services.cloudtrail.Recorder;
import dev.haneul.services.cloudwatch.CloudWatchService;
import dev.haneul.services.ec2.compute.AmiParameters;
import dev.haneul.services.events.EventsService;
import dev.haneul.services.iam.IamAuthorizer;
import dev.haneul.services.iam.IamService;
import dev.haneul.services.iam.IamState;
import dev.haneul.services.iam.MfaFactors;
import dev.haneul.services.kms.KmsService;
import dev.haneul.services.logs.LogsService;
import dev.haneul.services.organizations.OrganizationsService;
import dev.haneul.services.pipes.PipesService;
import dev.haneul.services.s3.FormUpload;
import dev.haneul.services.s3.S3Service;
import dev.haneul.services.s3.WebsitePlane;
import dev.haneul.services.scheduler.SchedulerService;
import dev.haneul.services.secretsmanager.SecretsManagerService;
import dev.haneul.services.sns.SnsService;
import dev.haneul.services.sqs.SqsService;
import dev.haneul.services.ssm.PublicParameters;
import dev.haneul.services.ssm.SsmService;
import dev.haneul.services.ssm.session.Sessions;
import dev.haneul.services.sts.StsService;
import dev.haneul.storage.DiskBlobs;
import dev.haneul.storage.DiskLayers;
import dev.haneul.storage.Layers;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every service of the region, each made in a method of its own, in the order in which they are made. */
final class Rooms implements AutoCloseable {
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
    private final ComputeRooms compute;
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
            applicationAutoScaling();
            kms();
            Sessions sessions = ssm();
            secretsManager();
            pipes();
            compute = keep(new ComputeRooms(
                    new ComputeRooms.Site(ground, policies, planes, targets, measured, layers, usage),
                    settings,
                    engine,
                    ingress));
            compute.reach(sessions);
            keep(sessions);
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

    private Sessions ssm() {
        Sessions sessions =
                new Sessions(ground.store, ground.clock, ground.folder.path().resolve("sessions"), ground.folder.key());
        SsmService service = add(new SsmService(
                ground.store, ground.clock, ground.dispatcher, ground.folder.key(), Rooms::published, sessions));
        service.join(ground.driver);
        sessions.join(ground.driver);
        planes.add(sessions.door());
        return sessions;
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

    private void applicationAutoScaling() {
        add(new ApplicationAutoScalingService(ground.store, ground.clock, ground.dispatcher, ground.folder.key()))
                .join(ground.driver);
    }

    private void pipes() {
        add(new PipesService(ground.store, ground.clock, ground.dispatcher, targets, ground.folder.key()))
                .join(ground.driver);
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
        compute.start(leftovers);
    }

    /** What runs and how, one sentence a line. */
    List<String> status() {
        return compute.status();
    }

    /** The command that opens a shell on an instance, or why there is none. */
    String ssh(String instance) {
        return compute.ssh(instance);
    }

    /** Runs a command in a container: the exit code on the first line, then what it printed. */
    String exec(String words) {
        return compute.exec(words);
    }

    /** Takes spot capacity away; an IllegalArgumentException tells why it cannot. */
    String interrupt(String task) {
        return compute.interrupt(task);
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
        compute.reset(account);
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
