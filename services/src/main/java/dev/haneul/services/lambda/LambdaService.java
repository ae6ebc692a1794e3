package dev.haneul.services.lambda;

import dev.haneul.api.ec2.Ec2Client;
import dev.haneul.api.ecr.EcrClient;
import dev.haneul.api.lambda.*;
import dev.haneul.api.logs.LogsClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.s3.S3Client;
import dev.haneul.api.sts.StsClient;
import dev.haneul.delivery.Targets;
import dev.haneul.engines.Engine;
import dev.haneul.engines.Workload;
import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Ingress;
import dev.haneul.kernel.plane.Signers;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.kernel.usage.Usage;
import dev.haneul.services.lambda.code.CodeStore;
import dev.haneul.services.lambda.image.OciLayouts;
import dev.haneul.services.lambda.run.Adoption;
import dev.haneul.services.lambda.run.Doors;
import dev.haneul.services.lambda.run.Fleet;
import dev.haneul.services.lambda.run.JavaTrainer;
import dev.haneul.services.lambda.run.Launcher;
import dev.haneul.services.lambda.run.LogShipper;
import dev.haneul.services.lambda.run.Passports;
import dev.haneul.services.lambda.run.Runner;
import dev.haneul.services.lambda.run.Snapshots;
import dev.haneul.services.lambda.run.StandbyLauncher;
import dev.haneul.services.lambda.run.Standbys;
import dev.haneul.services.lambda.runtimes.Runtimes;
import dev.haneul.storage.Blobs;
import dev.haneul.storage.LayerSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** AWS Lambda. See the package for what is built. */
public final class LambdaService extends DurableOperations implements AutoCloseable {
    private static final int MOST_EVENTS_AT_ONCE = 256;
    private static final int LOG_STREAMS_AT_ONCE = 32;

    private final CreateFunction create;
    private final UpdateFunction update;
    private final DeleteFunction delete;
    private final Listings listings;
    private final Versions versions;
    private final Aliases aliases;
    private final Policies policies;
    private final Layers layers;
    private final LayerPolicies layerPolicies;
    private final Tags tags;
    private final Concurrency concurrency;
    private final InvokeConfigs invokeConfigs;
    private final Invoke invoke;
    private final InvokeStream invokeStream;
    private final Mappings mappings;
    private final Pollers pollers;
    private final Provisioned provisioned;
    private final UrlConfigs urls;
    private final FunctionUrls functionUrls;
    private final CodeDownloads downloads;
    private final Runtimes runtimes;
    private final Life life;
    private final Loops loops;
    private final Destinations destinations;
    private final SnapStarts snapStarts;
    private final VpcInterfaces networks;
    private final CodeSigning signing;
    private final Settings settings;
    private final DurableExecutions durable;
    private final DurableWork durableWork;

    /**
     * What the room stands on.
     *
     * @param caller carries calls to neighbours: S3, STS, CloudWatch Logs
     * @param credentials whose keys STS gave
     * @param permissions asks what callers of function URLs may do
     * @param signers proves who they are
     * @param targets brings the ends of asynchronous invocations where they are to be told
     * @param engine runs the functions
     * @param doors answers inside the functions' networks
     * @param ingress the region's front door, which functions reach through a door of their own
     * @param usage told what the bill is made of
     */
    public record Ground(
            Store store,
            Blobs blobs,
            Clock clock,
            Driver driver,
            Caller caller,
            Credentials credentials,
            Permissions permissions,
            Signers signers,
            Targets targets,
            Engine engine,
            SocketHttpServer doors,
            Ingress ingress,
            Wires wires,
            LayerSource layers,
            Usage usage) {}

    /** Opens the room's tables and joins the driver, which is started later. */
    public LambdaService(Ground on, LambdaSettings settings) {
        Store store = on.store;
        Clock clock = on.clock;
        store.open(LambdaTables.TABLES, LambdaTables.TOPICS);
        CodeStore code = new CodeStore(settings.folder().resolve("code"), on.blobs);
        CodeSource source = new CodeSource(code, new S3Client(on.caller));
        Path folder = settings.folder();
        runtimes = settings.runtimes();
        Roles roles = new Roles(new StsClient(on.caller), on.credentials, clock);
        LogShipper shipper = new LogShipper(new LogsClient(on.caller), roles, clock);
        Doors doors = new Doors(on.doors, on.ingress);
        DestinationRules rules = new DestinationRules(on.permissions, roles, clock);
        networks = new VpcInterfaces(store, clock, new Ec2Client(on.caller), rules, on.wires);
        networks.join(on.driver);
        Standbys standbys = new Standbys(
                new StandbyLauncher(on.engine, runtimes, doors, networks, folder.resolve("standby")), clock);
        Passports passports = new Passports(folder.resolve("environments"));
        SealedVariables variables = new SealedVariables(on.caller, clock);
        Snapshots snapshots = new Snapshots(folder.resolve("snapshots"));
        Launcher launcher = new Launcher(
                on.engine, runtimes, code, roles, doors, standbys, passports, clock, variables, snapshots, networks);
        Facts facts = new Facts(store, on.usage);
        Fleet fleet = new Fleet(launcher, shipper, clock, settings.size(), facts::add);
        Runner runner = new Runner(fleet, clock);
        concurrency = new Concurrency(store);
        destinations = new Destinations(store, clock, on.targets);
        loops = new Loops(store);
        EventRunner eventRunner =
                new EventRunner(store, on.blobs, clock, runner, concurrency, facts, destinations, loops);
        AsyncQueue queue = new AsyncQueue(store, on.blobs, clock, eventRunner, settings.parallelEvents());
        Adoption adoption = new Adoption(fleet, launcher, runner, passports);
        Known known = new Known();
        life = new Life(
                store, known, code, fleet, adoption, standbys, shipper, facts, eventRunner, queue, concurrency, roles);
        Durables durables = new Durables(store, clock);
        invoke = new Invoke(store, clock, runner, concurrency, queue, facts, loops, durables, known);
        durable = new DurableExecutions(store, clock);
        durableWork = new DurableWork(store, clock, durables, invoke, rules, destinations);
        invokeStream = new InvokeStream(invoke);
        MappingRules mappingRules = new MappingRules(on.caller, on.permissions, roles, clock);
        pollers = new Pollers(store, clock, on.caller, mappingRules, invoke);
        mappings = new Mappings(store, clock, mappingRules, pollers::changed);
        provisioned = new Provisioned(store, clock, fleet);
        urls = new UrlConfigs(store, clock);
        functionUrls = new FunctionUrls(urls, clock, invoke, concurrency, on.permissions, on.signers);
        downloads = new CodeDownloads(store, code, clock);
        JavaTrainer trainer = new JavaTrainer(on.engine, runtimes, on.doors, folder.resolve("training"));
        LayerChoice chosen = new LayerChoice(store, on.permissions);
        layers = new Layers(store, clock, source, downloads);
        layerPolicies = new LayerPolicies(store);
        Images images = new Images(
                new EcrImages(new EcrClient(on.caller), on.layers, clock),
                OciLayouts.ofHost(folder.resolve("images")),
                code);
        signing = new CodeSigning(store, clock);
        this.settings = new Settings(store);
        Deployment deployment =
                new Deployment(source, runtimes, trainer, roles, chosen, rules, signing, variables, images, networks);
        create = new CreateFunction(store, clock, deployment, life::expect);
        update = new UpdateFunction(store, clock, deployment, life);
        delete = new DeleteFunction(store, clock, source, life, networks);
        listings = new Listings(store, downloads, concurrency, variables);
        versions = new Versions(store, clock, source);
        aliases = new Aliases(store);
        policies = new Policies(store, layerPolicies);
        tags = new Tags(store);
        invokeConfigs = new InvokeConfigs(store, clock, rules);
        snapStarts = new SnapStarts(store, launcher, snapshots);
        join(on.driver, fleet, standbys, shipper, facts, queue);
    }

    private void join(
            Driver driver, Fleet fleet, Standbys standbys, LogShipper shipper, Facts facts, AsyncQueue queue) {
        snapStarts.join(driver);
        destinations.join(driver);
        pollers.join(driver);
        provisioned.join(driver);
        durableWork.join(driver);
        fleet.join(driver);
        standbys.join(driver);
        shipper.wakenBy(driver.add(shipper, LOG_STREAMS_AT_ONCE));
        facts.wakenBy(driver.add(facts, 1));
        queue.wakenBy(driver.add(queue, MOST_EVENTS_AT_ONCE));
    }

    /**
     * Takes up where an earlier server left off, once all neighbours are there and the driver runs: functions'
     * environments are taken over with the invocations they work on, and accepted events go on.
     *
     * @param leftovers workloads the engine found, running or ended meanwhile; those of other rooms are left alone
     */
    public void start(List<Workload> leftovers) {
        life.start(leftovers, durableWork);
        pollers.resume();
        provisioned.resume();
        networks.resume();
        snapStarts.resume();
    }

    /** Tells AWS/Lambda's metrics; before the driver starts. */
    public void measure(Driver driver, Metrics metrics, Clock clock) {
        LambdaMetrics measuring = new LambdaMetrics(metrics, clock);
        measuring.join(driver);
        durableWork.measure(driver, metrics, clock);
        concurrency.measuredBy(measuring);
        loops.measuredBy(measuring);
        destinations.measuredBy(measuring);
    }

    /** The addresses that GetFunction gives for packages. */
    public DataPlane codeDownloads() {
        return downloads;
    }

    @Override
    DurableExecutions durable() {
        return durable;
    }

    @Override
    Provisioned provisioned() {
        return provisioned;
    }

    @Override
    CodeSigning signing() {
        return signing;
    }

    @Override
    Settings settings() {
        return settings;
    }

    @Override
    Layers layers() {
        return layers;
    }

    @Override
    LayerPolicies layerPolicies() {
        return layerPolicies;
    }

    /** The hosts of function URLs. */
    public DataPlane functionUrls() {
        return functionUrls;
    }

    /** Functions' owners and policies, for the authorizer. */
    public ResourcePolicies resourcePolicies() {
        return policies;
    }

    /** What runs here and how, one sentence a line, for {@code haneul status}. */
    public List<String> status() {
        List<String> lines = new ArrayList<>(life.status(runtimes));
        lines.add(networks.status());
        return List.copyOf(lines);
    }

    /** Ends what runs for an account (for all, where null) whose records were removed, and clears its packages away. */
    public void reset(@Nullable String account) {
        life.reset(account);
    }

    /**
     * Stops running functions and brings their logs home. Call it while the store, the driver and CloudWatch Logs still
     * work. Invocations under way end in errors; events under way are run again after the next start.
     */
    @Override
    public void close() {
        durableWork.stopping();
        life.close(Duration.ofSeconds(10));
        networks.close();
    }

    @Override
    public FunctionConfiguration createFunction(CreateFunctionRequest in, Call call) {
        return create.create(in, call);
    }

    @Override
    public FunctionConfiguration updateFunctionCode(UpdateFunctionCodeRequest in, Call call) {
        return update.code(in, call);
    }

    @Override
    public FunctionConfiguration updateFunctionConfiguration(UpdateFunctionConfigurationRequest in, Call call) {
        return update.configuration(in, call);
    }

    @Override
    public DeleteFunctionResponse deleteFunction(DeleteFunctionRequest in, Call call) {
        delete.delete(in, call);
        return new DeleteFunctionResponse().statusCode(204);
    }

    @Override
    public GetFunctionResponse getFunction(GetFunctionRequest in, Call call) {
        return listings.get(in, call);
    }

    @Override
    public FunctionConfiguration getFunctionConfiguration(GetFunctionConfigurationRequest in, Call call) {
        return listings.configuration(in, call);
    }

    @Override
    public ListFunctionsResponse listFunctions(ListFunctionsRequest in, Call call) {
        return listings.list(in, call);
    }

    @Override
    public GetAccountSettingsResponse getAccountSettings(GetAccountSettingsRequest in, Call call) {
        return listings.account(call);
    }

    @Override
    public InvocationResponse invoke_(InvocationRequest in, Call call) {
        return invoke.invoke(in, call);
    }

    @Override
    @SuppressWarnings("deprecation") // AWS's own word for it; old clients still call it
    public InvokeAsyncResponse invokeAsync(InvokeAsyncRequest in, Call call) {
        return invoke.invokeAsync(in, call);
    }

    @Override
    public InvokeWithResponseStreamResponse invokeWithResponseStream(InvokeWithResponseStreamRequest in, Call call) {
        return invokeStream.invoke(in, call);
    }

    @Override
    public FunctionConfiguration publishVersion(PublishVersionRequest in, Call call) {
        return versions.publish(in, call);
    }

    @Override
    public ListVersionsByFunctionResponse listVersionsByFunction(ListVersionsByFunctionRequest in, Call call) {
        return versions.list(in, call);
    }

    @Override
    public AliasConfiguration createAlias(CreateAliasRequest in, Call call) {
        return aliases.create(in, call);
    }

    @Override
    public AliasConfiguration getAlias(GetAliasRequest in, Call call) {
        return aliases.get(in, call);
    }

    @Override
    public AliasConfiguration updateAlias(UpdateAliasRequest in, Call call) {
        return aliases.update(in, call);
    }

    @Override
    public DeleteAliasResponse deleteAlias(DeleteAliasRequest in, Call call) {
        aliases.delete(in, call);
        return new DeleteAliasResponse();
    }

    @Override
    public ListAliasesResponse listAliases(ListAliasesRequest in, Call call) {
        return aliases.list(in, call);
    }

    @Override
    public AddPermissionResponse addPermission(AddPermissionRequest in, Call call) {
        return policies.add(in, call);
    }

    @Override
    public RemovePermissionResponse removePermission(RemovePermissionRequest in, Call call) {
        policies.remove(in, call);
        return new RemovePermissionResponse();
    }

    @Override
    public GetPolicyResponse getPolicy(GetPolicyRequest in, Call call) {
        return policies.get(in, call);
    }

    @Override
    public CreateFunctionUrlConfigResponse createFunctionUrlConfig(CreateFunctionUrlConfigRequest in, Call call) {
        return urls.create(in, call);
    }

    @Override
    public UpdateFunctionUrlConfigResponse updateFunctionUrlConfig(UpdateFunctionUrlConfigRequest in, Call call) {
        return urls.update(in, call);
    }

    @Override
    public GetFunctionUrlConfigResponse getFunctionUrlConfig(GetFunctionUrlConfigRequest in, Call call) {
        return urls.get(in, call);
    }

    @Override
    public DeleteFunctionUrlConfigResponse deleteFunctionUrlConfig(DeleteFunctionUrlConfigRequest in, Call call) {
        urls.delete(in, call);
        return new DeleteFunctionUrlConfigResponse();
    }

    @Override
    public ListFunctionUrlConfigsResponse listFunctionUrlConfigs(ListFunctionUrlConfigsRequest in, Call call) {
        return urls.list(in, call);
    }

    @Override
    Mappings mappings() {
        return mappings;
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        tags.tag(in, call);
        return new TagResourceResponse();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        tags.untag(in, call);
        return new UntagResourceResponse();
    }

    @Override
    public ListTagsResponse listTags(ListTagsRequest in, Call call) {
        return tags.list(in, call);
    }

    @Override
    public dev.haneul.api.lambda.Concurrency putFunctionConcurrency(PutFunctionConcurrencyRequest in, Call call) {
        return concurrency.put(in, call);
    }

    @Override
    public GetFunctionConcurrencyResponse getFunctionConcurrency(GetFunctionConcurrencyRequest in, Call call) {
        return concurrency.get(in, call);
    }

    @Override
    public DeleteFunctionConcurrencyResponse deleteFunctionConcurrency(DeleteFunctionConcurrencyRequest in, Call call) {
        concurrency.delete(in.functionName(), call);
        return new DeleteFunctionConcurrencyResponse();
    }

    @Override
    public FunctionEventInvokeConfig putFunctionEventInvokeConfig(PutFunctionEventInvokeConfigRequest in, Call call) {
        return invokeConfigs.put(in, call);
    }

    @Override
    public FunctionEventInvokeConfig updateFunctionEventInvokeConfig(
            UpdateFunctionEventInvokeConfigRequest in, Call call) {
        return invokeConfigs.update(in, call);
    }

    @Override
    public FunctionEventInvokeConfig getFunctionEventInvokeConfig(GetFunctionEventInvokeConfigRequest in, Call call) {
        return invokeConfigs.get(in, call);
    }

    @Override
    public ListFunctionEventInvokeConfigsResponse listFunctionEventInvokeConfigs(
            ListFunctionEventInvokeConfigsRequest in, Call call) {
        return invokeConfigs.list(in, call);
    }

    @Override
    public DeleteFunctionEventInvokeConfigResponse deleteFunctionEventInvokeConfig(
            DeleteFunctionEventInvokeConfigRequest in, Call call) {
        invokeConfigs.delete(in, call);
        return new DeleteFunctionEventInvokeConfigResponse();
    }
}
