package dev.haneul.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.AssignPublicIp;
import software.amazon.awssdk.services.ecs.model.Compatibility;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.KeyValuePair;
import software.amazon.awssdk.services.ecs.model.LaunchType;
import software.amazon.awssdk.services.ecs.model.LogConfiguration;
import software.amazon.awssdk.services.ecs.model.LogDriver;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.iam.IamClient;

/**
 * RunTask on Fargate, the image unpacked: until the task is told to be RUNNING, and until it answers a request at its
 * public address; beside crun and podman that run the same image until its first line, with no network but a loopback.
 * Then what many idle tasks cost the server that keeps them.
 */
final class EcsBench {
    private static final int WARM_UPS = 5;
    private static final int ROUNDS = 25;
    private static final int MANY = 500;
    private static final int BATCH = 10;
    private static final int MOST_DESCRIBED = 100;
    private static final long LOOK_NANOS = 3_000_000;
    private static final long PATIENCE_NANOS = 200_000_000_000L;
    private static final long SETTLE_NANOS = 10_000_000_000L;
    private static final long IDLE_NANOS = 15_000_000_000L;
    private static final int CONNECT_MILLIS = 50;
    private static final int PORT = 80;
    private static final String UNTIL_ASKED = "trap 'exit 0' TERM; sleep infinity & wait";
    private static final List<String> STATES = List.of("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING");

    private final EcsClient ecs;
    private final Ec2Query ec2;
    private final String subnet;

    private EcsBench(EcsClient ecs, Ec2Query ec2) throws IOException {
        this.ecs = ecs;
        this.ec2 = ec2;
        this.subnet = Ec2Query.first(ec2.ask("DescribeSubnets"), "subnetId");
    }

    /** What is measured in a region made for it. */
    @FunctionalInterface
    private interface Measure {
        void run(EcsBench bench, Server server, BusyboxImage image) throws Exception;
    }

    static void run(Report report) throws Exception {
        in(report, (bench, server, image) -> {
            try (RuntimePeers peers = new RuntimePeers(image)) {
                bench.starts(report, peers);
            }
        });
    }

    static void idle(Report report) throws Exception {
        in(report, (bench, server, image) -> bench.many(report, server));
    }

    private static void in(Report report, Measure measure) throws Exception {
        if (!BusyboxImage.possible() || !Files.isExecutable(Path.of("/usr/bin/crun"))) {
            report.figure("ECS tasks", "not measured: apt-get install crun busybox-static");
            return;
        }
        Path folder = Files.createTempDirectory("haneul-bench-ecs");
        try (Server server = new Server()) {
            BusyboxImage image = new BusyboxImage(folder);
            image.layout(server.data().resolve("ecs/images/busybox"));
            server.up();
            try (EcsClient ecs = server.ecs();
                    LeanCall call = new LeanCall(server.endpoint())) {
                EcsBench bench = new EcsBench(ecs, new Ec2Query(server.endpoint(), call));
                role(server);
                bench.prepare();
                measure.run(bench, server, image);
            }
        } finally {
            Bare.run(List.of("rm", "-rf", folder.toString()));
        }
    }

    static void role(Server server) {
        try (IamClient iam = server.iam()) {
            iam.createRole(request -> request.roleName("execution").assumeRolePolicyDocument("""
                    {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
                     "Principal":{"Service":"ecs-tasks.amazonaws.com"}}]}"""));
            iam.putRolePolicy(
                    request -> request.roleName("execution").policyName("logs").policyDocument("""
                    {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}"""));
        }
    }

    private void prepare() throws IOException {
        ec2.authorize(Ec2Query.first(ec2.ask("DescribeSecurityGroups"), "groupId"), PORT);
        ecs.createCluster(request -> request.clusterName("default"));
        define("web", "echo well >/tmp/index.html; httpd -p " + PORT + " -h /tmp; " + UNTIL_ASKED);
        define("idle", "echo up; " + UNTIL_ASKED);
    }

    private void define(String family, String command) {
        ContainerDefinition container = ContainerDefinition.builder()
                .name("main")
                .image("busybox")
                .stopTimeout(2)
                .command("sh", "-c", command)
                .logConfiguration(LogConfiguration.builder()
                        .logDriver(LogDriver.AWSLOGS)
                        .options(Map.of(
                                "awslogs-group", "/bench",
                                "awslogs-region", "us-east-1",
                                "awslogs-stream-prefix", "bench",
                                "awslogs-create-group", "true"))
                        .build())
                .build();
        ecs.registerTaskDefinition(request -> request.family(family)
                .requiresCompatibilities(Compatibility.FARGATE)
                .networkMode(NetworkMode.AWSVPC)
                .cpu("256")
                .memory("512")
                .executionRoleArn("arn:aws:iam::000000000000:role/execution")
                .containerDefinitions(container));
    }

    private void starts(Report report, RuntimePeers peers) throws Exception {
        Samples first = new Samples();
        Samples running = new Samples();
        Samples answered = new Samples();
        Samples crun = new Samples();
        Samples podman = new Samples();
        for (int round = 0; round < WARM_UPS + ROUNDS; round++) {
            boolean counted = round >= WARM_UPS;
            // The region's only workload: its VPC's router is made with it, and goes with it.
            timed(first, counted, () -> awaitRunning(launch("idle", 1).getFirst()));
            timed(crun, counted, peers::crun);
            if (peers.hasPodman()) {
                timed(podman, counted, peers::podman);
            }
        }
        Runnable other = awaitRunning(launch("idle", 1).getFirst());
        for (int round = 0; round < WARM_UPS + ROUNDS; round++) {
            boolean counted = round >= WARM_UPS;
            timed(running, counted, () -> awaitRunning(launch("idle", 1).getFirst()));
            timed(answered, counted, () -> awaitAnswer(launch("web", 1).getFirst()));
        }
        other.run();
        report.row("run-task to RUNNING, Fargate, image unpacked", running, "crun run to the first line", crun);
        report.row("run-task to RUNNING, the first in its VPC", first, "crun run to the first line", crun);
        report.row("run-task to its first answer", answered, "crun run to the first line", crun);
        if (podman.count() > 0) {
            report.row("run-task to RUNNING", running, "podman run to the first line, without a network", podman);
        }
    }

    /** A step, and what it left to be ended, which is not counted. */
    @FunctionalInterface
    private interface Step {
        Runnable run() throws Exception;
    }

    private static void timed(Samples samples, boolean counted, Step step) throws Exception {
        long started = System.nanoTime();
        Runnable end = step.run();
        long took = System.nanoTime() - started;
        end.run();
        if (counted) {
            samples.add(took);
        }
    }

    private List<String> launch(String family, int count) {
        return ecs
                .runTask(request -> request.taskDefinition(family)
                        .count(count)
                        .launchType(LaunchType.FARGATE)
                        .networkConfiguration(network -> network.awsvpcConfiguration(
                                vpc -> vpc.subnets(subnet).assignPublicIp(AssignPublicIp.ENABLED))))
                .tasks()
                .stream()
                .map(Task::taskArn)
                .toList();
    }

    private Task look(String task) {
        return ecs.describeTasks(request -> request.tasks(task)).tasks().getFirst();
    }

    /** Looks all the time; the states that are seen must come in AWS's order. */
    private Runnable awaitRunning(String task) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        int state = 0;
        while (true) {
            Task seen = look(task);
            int now = STATES.indexOf(seen.lastStatus());
            if (now < state || System.nanoTime() > end) {
                throw new IOException(task + " is " + seen.lastStatus() + " after " + STATES.get(state));
            }
            if (seen.lastStatus().equals("RUNNING")) {
                return () -> end(task);
            }
            state = now;
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private Runnable awaitAnswer(String task) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        String address = null;
        while (System.nanoTime() < end) {
            if (address == null) {
                address = address(look(task));
            }
            if (address != null && answers(address)) {
                return () -> end(task);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        throw new IOException(task + " does not answer at " + address);
    }

    /** The public address of a task's interface; null before there is one. */
    private @Nullable String address(Task task) throws IOException {
        for (KeyValuePair each : task.attachments().getFirst().details()) {
            if (each.name().equals("networkInterfaceId")) {
                return Ec2Query.first(
                        ec2.ask("DescribeNetworkInterfaces", "NetworkInterfaceId.1", each.value()), "publicIp");
            }
        }
        return null;
    }

    private static boolean answers(String address) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, PORT), CONNECT_MILLIS);
            socket.setSoTimeout(CONNECT_MILLIS);
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.endsWith("\r\n\r\nwell\n");
        } catch (IOException notYet) {
            return false;
        }
    }

    private void end(String task) {
        ecs.stopTask(request -> request.task(task));
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!look(task).lastStatus().equals("STOPPED")) {
            if (System.nanoTime() > end) {
                throw new UncheckedIOException(new IOException(task + " does not stop"));
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void many(Report report, Server server) throws Exception {
        awaitRunning(launch("idle", 1).getFirst()).run();
        LockSupport.parkNanos(SETTLE_NANOS);
        ServerLoad before = ServerLoad.of(server.pid(), IDLE_NANOS);
        long started = System.nanoTime();
        List<String> tasks = new ArrayList<>();
        while (tasks.size() < MANY) {
            tasks.addAll(launch("idle", BATCH));
        }
        for (int i = 0; i < tasks.size(); i += MOST_DESCRIBED) {
            awaitAll(tasks.subList(i, Math.min(tasks.size(), i + MOST_DESCRIBED)));
        }
        double took = (System.nanoTime() - started) / 1e9;
        report.figure("run-task of " + MANY + " to the last RUNNING (s)", String.format(Locale.ROOT, "%.1f", took));
        LockSupport.parkNanos(SETTLE_NANOS);
        ServerLoad after = ServerLoad.of(server.pid(), IDLE_NANOS);
        report.figure("the server without tasks", before.toString());
        report.figure("the server with " + MANY + " idle tasks that log to awslogs", after.toString());
    }

    private void awaitAll(List<String> tasks) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            List<Task> seen = ecs.describeTasks(request -> request.tasks(tasks)).tasks();
            for (Task each : seen) {
                if (each.desiredStatus().equals("STOPPED")) {
                    throw new IOException(each.taskArn() + " stopped: " + each.stoppedReason());
                }
            }
            if (seen.stream().allMatch(each -> each.lastStatus().equals("RUNNING"))) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new IOException("not all run");
            }
            LockSupport.parkNanos(100 * LOOK_NANOS);
        }
    }
}
