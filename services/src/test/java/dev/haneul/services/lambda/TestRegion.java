package dev.haneul.services.lambda;

import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.FunctionCode;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.delivery.Targets;
import dev.haneul.engines.Engine;
import dev.haneul.engines.Workload;
import dev.haneul.engines.process.ProcessEngine;
import dev.haneul.engines.sandbox.SandboxEngine;
import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.fabric.vpc.UnavailableVpcFabric;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.metrics.MetricBuffer;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.Clock;
import dev.haneul.kernel.time.SystemClock;
import dev.haneul.kernel.usage.UsageMeter;
import dev.haneul.storage.DiskBlobs;
import java.io.File;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A Lambda room with real storage, a real driver and a real engine, and small neighbours. */
final class TestRegion implements AutoCloseable {
    static final String ACCOUNT = "000000000000";
    static final String REGION = "us-east-1";
    private static final String CURSOR = "test";
    private static final String EVENTS = "test-events";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final Neighbours.Logs logs;
    final Neighbours.S3 s3 = new Neighbours.S3();
    final Neighbours.Sts sts;
    final Neighbours.Queues queues = new Neighbours.Queues();
    final SqliteStore store;
    final LambdaService lambda;
    final Clock clock;
    final ReconcileDriver driver;
    final DataFolder data;
    final UsageMeter usage;
    final MetricBuffer measured = new MetricBuffer();
    private final DiskBlobs blobs;
    private final Engine engine;
    private final SocketHttpServer doors;
    volatile Permissions permissions = (call, action, arn, context) -> {};
    volatile Principal signer = Principal.ANONYMOUS;
    volatile Consumer<SocketChannel> frontDoor = TestRegion::hangUp;

    /** What a region is made of, where a test wants something special. */
    record Parts(Path folder, Clock clock, EngineChoice engine, UnaryOperator<LambdaSettings> settings) {
        static Parts of(Path folder) {
            return new Parts(folder, new SystemClock(), EngineChoice.BEST, settings -> settings);
        }

        Parts with(Clock other) {
            return new Parts(folder, other, engine, settings);
        }

        Parts with(EngineChoice other) {
            return new Parts(folder, clock, other, settings);
        }

        Parts with(UnaryOperator<LambdaSettings> other) {
            return new Parts(folder, clock, engine, other);
        }
    }

    enum EngineChoice {
        BEST,
        PROCESS
    }

    TestRegion(Path folder) throws IOException {
        this(Parts.of(folder), new Neighbours.Logs());
    }

    TestRegion(Parts parts) throws IOException {
        this(parts, new Neighbours.Logs());
    }

    TestRegion(Parts parts, Neighbours.Logs logs) throws IOException {
        this.logs = logs;
        clock = parts.clock;
        sts = new Neighbours.Sts(clock::instant);
        data = DataFolder.open(parts.folder);
        store = SqliteStore.open(data);
        blobs = DiskBlobs.open(data, store);
        ServiceEvent.open(store);
        usage = new UsageMeter(store, clock);
        driver = new ReconcileDriver(store.feed(), clock, new Random(7));
        Dispatcher dispatcher =
                new Dispatcher((operation, input, call) -> {}, (operation, input, output, call, fault) -> {});
        dispatcher.add(sts);
        dispatcher.add(logs);
        dispatcher.add(new Neighbours.Registries());
        dispatcher.add(s3);
        engine = engine(parts.engine, data.path());
        doors = new SocketHttpServer();
        LambdaSettings settings = LambdaSettings.ofHost(data.folder("lambda"), javaJars(), false);
        lambda = new LambdaService(
                new LambdaService.Ground(
                        store,
                        blobs,
                        clock,
                        driver,
                        dispatcher,
                        sts,
                        (call, action, arn, context) -> permissions.require(call, action, arn, context),
                        (exchange, service, region, body) -> signer,
                        new Targets(dispatcher, sts, clock),
                        engine,
                        doors,
                        socket -> frontDoor.accept(socket),
                        new Wires(new UnavailableVpcFabric("a test has none"), () -> {}),
                        Neighbours.NO_LAYERS,
                        usage),
                parts.settings.apply(settings));
        lambda.measure(driver, measured, clock);
        dispatcher.add(lambda);
        dispatcher.add(queues);
        store.feed().subscribe(CURSOR, Set.of(LambdaTables.INVOCATIONS.name()));
        store.feed().subscribe(EVENTS, Set.of(ServiceEvent.TOPIC.name()));
        driver.start();
        lambda.start(engine.recover());
    }

    private static Engine engine(EngineChoice choice, Path data) {
        if (choice == EngineChoice.BEST) {
            SandboxEngine sandbox = new SandboxEngine(data.resolve("engines/sandbox"));
            if (sandbox.probe().usable()) {
                return sandbox;
            }
        }
        return new ProcessEngine(data.resolve("engines/process"));
    }

    String engineName() {
        return engine.name();
    }

    /** The runtime interface client, from the tests' own class path. */
    static List<Path> javaJars() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path ->
                        path.getFileName().toString().matches("(aws-lambda-java-|utils-lite-|runtime-java-).*\\.jar"))
                .toList();
    }

    Call call() {
        return new Call(
                Principal.root(ACCOUNT, "test"),
                ACCOUNT,
                REGION,
                UUID.randomUUID().toString(),
                Instant.now().plusSeconds(60),
                new Call.Origin("127.0.0.1", "test", false, "http://localhost:4566", Map.of()));
    }

    /** A request for a function of one text file. */
    static CreateFunctionRequest function(String name, String runtime, String handler, String file, String text) {
        return function(name, runtime, handler, Zips.of(file, text));
    }

    static CreateFunctionRequest function(String name, String runtime, String handler, byte[] zip) {
        return new CreateFunctionRequest()
                .functionName(name)
                .runtime(runtime)
                .handler(handler)
                .role(Neighbours.Sts.ROLE)
                .memorySize(256)
                .timeout(10)
                .code(new FunctionCode().zipFile(zip));
    }

    FunctionConfiguration create(CreateFunctionRequest request) {
        return lambda.createFunction(request, call());
    }

    FunctionConfiguration python(String name, String code) {
        return create(function(name, "python3.11", "app.handler", "app.py", code));
    }

    FunctionConfiguration node(String name, String code) {
        return create(function(name, "nodejs20.x", "index.handler", "index.js", code));
    }

    InvocationResponse invoke(String name, String payload) {
        return invoke(new InvocationRequest()
                .functionName(name)
                .logType("Tail")
                .payload(payload.getBytes(StandardCharsets.UTF_8)));
    }

    InvocationResponse invoke(InvocationRequest request) {
        return lambda.invoke_(request, call());
    }

    void event(String name, String payload) {
        InvocationResponse answer = invoke(new InvocationRequest()
                .functionName(name)
                .invocationType("Event")
                .payload(payload.getBytes(StandardCharsets.UTF_8)));
        if (answer.statusCode() != 202) {
            throw new AssertionError("status " + answer.statusCode());
        }
    }

    static String text(InvocationResponse answer) {
        return new String(answer.payload(), StandardCharsets.UTF_8);
    }

    static String tail(InvocationResponse answer) {
        return new String(java.util.Base64.getDecoder().decode(answer.logResult()), StandardCharsets.UTF_8);
    }

    /** Waits until nothing is under way. */
    void settle() {
        if (!driver.awaitIdle(PATIENCE)) {
            throw new AssertionError("the region does not come to rest");
        }
    }

    /** A function's log so far. */
    List<String> log(String name) {
        settle();
        return logs.messages("/aws/lambda/" + name);
    }

    /** All facts about a function's invocations, in their order. */
    List<LambdaTables.InvocationFact> facts(String name) {
        settle();
        List<LambdaTables.InvocationFact> facts = new ArrayList<>();
        for (Change change : store.feed().peek(CURSOR, 1000)) {
            LambdaTables.InvocationFact fact =
                    change.after(LambdaTables.INVOCATIONS.codec()).orElseThrow();
            if (fact.functionArn().endsWith(":" + name)) {
                facts.add(fact);
            }
        }
        return facts;
    }

    /** Waits until so many facts about a function's invocations are there. */
    void awaitFacts(String name, int count) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (facts(name).size() < count) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(facts(name) + " of " + name);
            }
            Thread.onSpinWait();
        }
    }

    /** Waits until so many lines of a function's log begin like this. It may still be running. */
    void awaitLine(String name, String start, int times) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (logs.messages("/aws/lambda/" + name).stream()
                        .filter(line -> line.startsWith(start))
                        .count()
                < times) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(logs.messages("/aws/lambda/" + name).toString());
            }
            Thread.onSpinWait();
        }
    }

    /** What EventBridge was told, in its order. */
    List<ServiceEvent> events() {
        settle();
        return store.feed().peek(EVENTS, 1000).stream()
                .map(change -> change.after(ServiceEvent.TOPIC.codec()).orElseThrow())
                .toList();
    }

    List<Workload> workloads() {
        return engine.recover();
    }

    @Override
    public void close() {
        lambda.close();
        abandon();
    }

    /** Goes away without ending functions: what a crash leaves behind, but for the lock on the folder. */
    void abandon() {
        driver.close();
        doors.close();
        engine.close();
        blobs.close();
        store.close();
        data.close();
        if (clock instanceof SystemClock system) {
            system.close();
        }
    }

    private static void hangUp(SocketChannel socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
