package dev.haneul.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.lambda.LambdaClient;

/**
 * Cold and warm invokes of a hello-world in each runtime: with a runtime that stands by and without, as the client sees
 * them and as the REPORT line tells, beside the bare interpreter and beside the docker engine in the same run.
 */
final class LambdaBench {
    private static final int COLD = 15;
    private static final int COLD_DOCKER = 7;
    private static final int WARM = 2000;
    private static final int AT_ONCE = 100;
    private static final int CONNECTIONS = 8;
    private static final int CALLS_EACH = 1500;
    private static final int EARLY_CALLS = WARM + 100 + CONNECTIONS * CALLS_EACH * 4 / 3;
    private static final Duration LEARNING = Duration.ofSeconds(20);
    private static final int MANY = 10_000;
    private static final int MAKERS = 4;
    /** The cold starts of one kind take at most about so long; what was measured by then is told, with its count. */
    private static final Duration COLD_LIMIT = Duration.ofSeconds(40);
    /** So long at most are functions made; their number is told. */
    private static final Duration MAKING_LIMIT = Duration.ofSeconds(75);

    /** The pool boots what was taken within a second after the last start; Java's runtime needs another. */
    private static final int PAUSE_MILLIS = 1500;
    /** A variable that the runtime reads when it starts, so that none may stand by; its value is the default. */
    private static final Map<String, String> OWN_START = Map.of("TZ", ":UTC");

    private LambdaBench() {}

    /** One runtime: how its hello-world looks and what its bare interpreter is. */
    private record Hello(String runtime, String handler, Map<String, byte[]> files, List<String> bare) {
        String bareName() {
            return bare.getFirst().replaceAll(".*/", "") + " alone";
        }
    }

    /** Cold starts as the client saw them, and as the platform told of them. */
    private record Cold(Samples seen, Samples init) {}

    /** What can be measured by itself: {@code lambda} is all of it, {@code lambda-warm} and the like a part. */
    static Map<String, Main.Bench> parts() {
        Map<String, Main.Bench> parts = new LinkedHashMap<>();
        parts.put("lambda-python", report -> cold(report, _ -> python()));
        parts.put("lambda-node", report -> cold(report, _ -> node()));
        parts.put("lambda-java", report -> cold(report, LambdaBench::java));
        parts.put("lambda-warm-python", report -> warm(report, _ -> python()));
        parts.put("lambda-warm-node", report -> warm(report, _ -> node()));
        parts.put("lambda-warm-java", report -> warm(report, LambdaBench::java));
        parts.put("lambda-at-once", LambdaBench::atOnce);
        parts.put("lambda-many", LambdaBench::many);
        return parts;
    }

    static void run(Report report) throws Exception {
        for (Main.Bench part : parts().values()) {
            part.run(report);
        }
    }

    /** Makes a hello-world; what it has to compile lies in the folder. */
    private interface Maker {
        Hello make(Path folder) throws Exception;
    }

    /** Something measured in a region of its own. */
    private interface Visit {
        void to(Region region) throws Exception;
    }

    private static void visit(Visit visit) throws Exception {
        try (Server server = new Server()) {
            server.up();
            try (Region region = new Region(server, "bench")) {
                visit.to(region);
            }
        }
    }

    private static @Nullable Region onDocker(Server docker, Path socket) throws InterruptedException {
        try {
            docker.up(Map.of("DOCKER_HOST", "unix://" + socket), "--engine", "docker");
            return new Region(docker, "bench");
        } catch (IOException e) {
            System.err.println("no rows beside the docker engine: " + e.getMessage());
            return null;
        }
    }

    /** A region under test and its clients. */
    private static final class Region implements AutoCloseable {
        final URI endpoint;
        final LambdaClient lambda;
        final String role;
        final AtomicInteger functions = new AtomicInteger();

        Region(Server server, String roleName) {
            endpoint = server.endpoint();
            lambda = server.lambda();
            try (IamClient iam = server.iam()) {
                role = iam.createRole(r -> r.roleName(roleName).assumeRolePolicyDocument("""
                                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                                        "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"""))
                        .role()
                        .arn();
            }
        }

        String create(Hello hello, byte[] zip, Map<String, String> variables) {
            String name = "hello-" + functions.incrementAndGet();
            lambda.createFunction(r -> r.functionName(name)
                    .runtime(hello.runtime())
                    .handler(hello.handler())
                    .role(role)
                    .memorySize(1769)
                    .environment(e -> e.variables(variables))
                    .code(c -> c.zipFile(SdkBytes.fromByteArray(zip))));
            return name;
        }

        /** Makes so many functions, each a moment before it is called for the first time. */
        Cold cold(Hello hello, Map<String, String> variables, int rounds, int pauseMillis) throws Exception {
            byte[] zip = zip(hello.files());
            Cold cold = new Cold(new Samples(), new Samples());
            try (LeanInvoke lean = new LeanInvoke(endpoint)) {
                long until = System.nanoTime() + COLD_LIMIT.toNanos();
                for (int i = -2; i < rounds && System.nanoTime() < until; i++) {
                    String name = create(hello, zip, variables);
                    Thread.sleep(pauseMillis);
                    byte[] call = LeanInvoke.prepare(endpoint, name, true);
                    long started = System.nanoTime();
                    String log = lean.call(call);
                    long seen = System.nanoTime() - started;
                    if (i >= 0) {
                        cold.seen.add(seen);
                        cold.init.add(LeanInvoke.nanos(log, true));
                    }
                }
            }
            return cold;
        }

        @Override
        public void close() {
            lambda.close();
        }
    }

    private static void cold(Report report, Maker maker) throws Exception {
        try (Server server = new Server();
                DockerPeer peer = DockerPeer.start();
                Server docker = new Server()) {
            server.up();
            Hello hello = maker.make(server.data());
            try (Region ours = new Region(server, "bench")) {
                Path socket = peer.socket();
                cold(report, ours, hello, socket == null ? null : () -> onDocker(docker, socket));
            }
        }
    }

    private static void cold(Report report, Region ours, Hello hello, @Nullable Callable<@Nullable Region> peer)
            throws Exception {
        Samples bare = Samples.of(2, COLD, () -> Bare.run(hello.bare()));
        Cold pooled = ours.cold(hello, Map.of(), COLD, PAUSE_MILLIS);
        Cold instant = ours.cold(hello, Map.of(), COLD, 0);
        Cold own = ours.cold(hello, OWN_START, COLD, 0);
        String what = "cold invoke " + hello.runtime();
        report.row(what + ", one stands by", pooled.seen, hello.bareName(), bare);
        report.row(what + ", created this instant", instant.seen, hello.bareName(), bare);
        report.row(what + ", none may stand by", own.seen, hello.bareName(), bare);
        report.row("Init Duration " + hello.runtime() + ", one stands by", pooled.init, "without", own.init);
        try (Region theirs = peer == null ? null : peer.call()) {
            if (theirs != null) {
                Cold docker = theirs.cold(hello, OWN_START, COLD_DOCKER, 0);
                Cold dockerPooled = theirs.cold(hello, Map.of(), COLD_DOCKER, PAUSE_MILLIS);
                report.row(what + ", none may stand by", own.seen, "docker engine", docker.seen);
                report.row(what + ", one stands by", pooled.seen, "docker engine", dockerPooled.seen);
            }
        }
    }

    private static void warm(Report report, Maker maker) throws Exception {
        try (Server server = new Server()) {
            server.up();
            try (Region region = new Region(server, "bench")) {
                warm(report, region, maker.make(server.data()));
            }
        }
    }

    private static void warm(Report report, Region region, Hello hello) throws Exception {
        String name = region.create(hello, zip(hello.files()), Map.of());
        byte[] plain = LeanInvoke.prepare(region.endpoint, name, false);
        byte[] tail = LeanInvoke.prepare(region.endpoint, name, true);
        Samples own = new Samples();
        Samples warm;
        try (LeanInvoke lean = new LeanInvoke(region.endpoint)) {
            warm = Samples.of(WARM, WARM, () -> lean.call(plain));
            for (int i = 0; i < 100; i++) {
                own.add(LeanInvoke.nanos(lean.call(tail), false));
            }
        }
        report.row("warm invoke " + hello.runtime(), warm, "the handler's own duration", own);
        String what = "warm invokes " + hello.runtime() + " over " + CONNECTIONS + " connections, per second";
        concurrent(region, plain, CALLS_EACH / 3);
        long early = Math.round(CONNECTIONS * CALLS_EACH / concurrent(region, plain, CALLS_EACH));
        report.figure(what + ", within a region's first " + EARLY_CALLS + " calls", "" + early);
        // A JVM that has just started shares the processors with its compilers for tens of thousands of calls.
        long until = System.nanoTime() + LEARNING.toNanos();
        while (System.nanoTime() < until) {
            concurrent(region, plain, CALLS_EACH / 3);
        }
        report.figure(
                what + ", after another " + LEARNING.toSeconds() + " s of that",
                "" + Math.round(CONNECTIONS * CALLS_EACH / concurrent(region, plain, CALLS_EACH)));
    }

    private static double concurrent(Region region, byte[] call, int each) throws Exception {
        List<Future<?>> clients = new ArrayList<>();
        long started = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(threads.submit(() -> {
                    try (LeanInvoke lean = new LeanInvoke(region.endpoint)) {
                        for (int n = 0; n < each; n++) {
                            lean.call(call);
                        }
                    }
                    return null;
                }));
            }
        }
        for (Future<?> client : clients) {
            client.get();
        }
        return (System.nanoTime() - started) / 1e9;
    }

    private static void atOnce(Report report) throws Exception {
        visit(region -> atOnce(report, region, python()));
    }

    private static void atOnce(Report report, Region region, Hello hello) throws Exception {
        byte[] zip = zip(hello.files());
        List<byte[]> calls = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            calls.add(LeanInvoke.prepare(region.endpoint, region.create(hello, zip, Map.of()), false));
        }
        List<Future<?>> clients = new ArrayList<>();
        long started = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (byte[] call : calls) {
                clients.add(threads.submit(() -> {
                    try (LeanInvoke lean = new LeanInvoke(region.endpoint)) {
                        return lean.call(call);
                    }
                }));
            }
        }
        for (Future<?> client : clients) {
            client.get();
        }
        report.figure(
                AT_ONCE + " cold starts at once, " + hello.runtime() + ", all answered after (ms)",
                "" + (System.nanoTime() - started) / 1_000_000);
    }

    private static void many(Report report) throws Exception {
        visit(region -> many(report, region, python()));
    }

    private static void many(Report report, Region region, Hello hello) throws Exception {
        byte[] zip = zip(hello.files());
        Cold before = region.cold(hello, OWN_START, COLD, 0);
        List<String> names = make(region, hello, zip);
        Samples after = new Samples();
        Random random = new Random(1);
        try (LeanInvoke lean = new LeanInvoke(region.endpoint)) {
            for (int i = 0; i < COLD; i++) {
                byte[] call = LeanInvoke.prepare(region.endpoint, names.get(random.nextInt(names.size())), false);
                long started = System.nanoTime();
                lean.call(call);
                after.add(System.nanoTime() - started);
            }
        }
        String what = "cold invoke, any of " + names.size() + " functions";
        report.row(what, after, "before they were made", before.seen);
    }

    /** Makes functions until there are enough, or the time is up. */
    private static List<String> make(Region region, Hello hello, byte[] zip) throws Exception {
        long until = System.nanoTime() + MAKING_LIMIT.toNanos();
        List<Future<List<String>>> makers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < MAKERS; i++) {
                makers.add(threads.submit(() -> {
                    List<String> made = new ArrayList<>();
                    while (made.size() < MANY / MAKERS && System.nanoTime() < until) {
                        made.add(region.create(hello, zip, OWN_START));
                    }
                    return made;
                }));
            }
        }
        List<String> names = new ArrayList<>();
        for (Future<List<String>> maker : makers) {
            names.addAll(maker.get());
        }
        return names;
    }

    private static Hello python() throws IOException, InterruptedException {
        String version = output(List.of("/usr/bin/python3", "-c", "import sys;print('%d.%d'%sys.version_info[:2])"));
        byte[] code = "def handler(event, context):\n    return 'hello'\n".getBytes(StandardCharsets.UTF_8);
        return new Hello(
                "python" + version, "app.handler", Map.of("app.py", code), List.of("/usr/bin/python3", "-c", "pass"));
    }

    private static Hello node() throws IOException, InterruptedException {
        String major = output(List.of("node", "-p", "process.versions.node.split('.')[0]"));
        byte[] code = "exports.handler = async () => 'hello';\n".getBytes(StandardCharsets.UTF_8);
        return new Hello(
                "nodejs" + major + ".x", "index.handler", Map.of("index.js", code), List.of("node", "-e", "0"));
    }

    private static Hello java(Path folder) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("hello"));
        Path source = classes.resolve("Hello.java");
        Files.writeString(source, """
                public class Hello {
                    public String handle(Object event) { return "hello"; }
                    public static void main(String[] args) { }
                }
                """);
        int failed = ToolProvider.getSystemJavaCompiler().run(null, null, null, "--release", "25", source.toString());
        if (failed != 0) {
            throw new IOException("the hello-world does not compile");
        }
        byte[] compiled = Files.readAllBytes(source.resolveSibling("Hello.class"));
        List<String> bare =
                List.of(Bare.java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classes.toString(), "Hello");
        return new Hello("java25", "Hello::handle", Map.of("Hello.class", compiled), bare);
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return text;
    }

    private static byte[] zip(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
