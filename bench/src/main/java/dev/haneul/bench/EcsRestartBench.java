package dev.haneul.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.AssignPublicIp;
import software.amazon.awssdk.services.ecs.model.Compatibility;
import software.amazon.awssdk.services.ecs.model.LaunchType;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.ecs.model.Service;

/**
 * The server is killed while a service of three tasks behind a load balancer is being deployed: how long, from the
 * command that starts the server again, until the balancer's address answers. After each kill the deployment ends as it
 * should, with three tasks.
 */
final class EcsRestartBench {
    private static final int KILLS = 5;
    private static final int TASKS = 3;
    private static final int PORT = 80;
    private static final int CONNECT_MILLIS = 50;
    private static final int ANSWER_MILLIS = 500;
    private static final long LOOK_NANOS = 5_000_000;
    private static final long POLL_NANOS = 200_000_000;
    private static final long INTO_IT_NANOS = 1_500_000_000L;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final Server server;

    private EcsRestartBench(Server server) {
        this.server = server;
    }

    static void run(Report report) throws Exception {
        if (!BusyboxImage.possible() || !Files.isExecutable(Path.of("/usr/bin/crun"))) {
            report.figure("ECS after a kill", "not measured: apt-get install crun busybox-static");
            return;
        }
        Path folder = Files.createTempDirectory("haneul-bench-ecs");
        try (Server server = new Server()) {
            new BusyboxImage(folder).layout(server.data().resolve("ecs/images/busybox"));
            server.up();
            new EcsRestartBench(server).measure(report);
        } finally {
            Bare.run(List.of("rm", "-rf", folder.toString()));
        }
    }

    private void measure(Report report) throws Exception {
        Samples resumed = new Samples();
        Samples ready = new Samples();
        String address = deploy();
        for (int kill = 1; kill <= KILLS; kill++) {
            String version = "web:" + (kill % 2 + 1);
            try (EcsClient ecs = server.ecs()) {
                ecs.updateService(request -> request.service("web").taskDefinition(version));
            }
            LockSupport.parkNanos(INTO_IT_NANOS);
            ProcessHandle region = ProcessHandle.of(server.pid()).orElseThrow();
            region.destroyForcibly();
            region.onExit().get();
            long started = System.nanoTime();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Long> answered = threads.submit((Callable<Long>) () -> awaitAnswer(address));
                server.up();
                ready.add(System.nanoTime() - started);
                resumed.add(answered.get() - started);
            }
            try (EcsClient ecs = server.ecs()) {
                awaitStable(ecs, version);
            }
        }
        report.row("a load balancer answers again after SIGKILL in a deployment", resumed, "haneul up", ready);
    }

    /** A service behind a balancer; answers where the balancer is. */
    private String deploy() throws Exception {
        EcsBench.role(server);
        try (EcsClient ecs = server.ecs();
                LeanCall call = new LeanCall(server.endpoint())) {
            Ec2Query ec2 = new Ec2Query(server.endpoint(), call);
            Ec2Query balancing = Ec2Query.loadBalancing(server.endpoint(), call);
            String group = Ec2Query.first(ec2.ask("DescribeSecurityGroups"), "groupId");
            ec2.authorize(group, PORT);
            List<String> subnets = Ec2Query.all(ec2.ask("DescribeSubnets"), "subnetId");
            String balancer = Ec2Query.first(
                    balancing.ask(
                            "CreateLoadBalancer",
                            "Name",
                            "front",
                            "Subnets.member.1",
                            subnets.get(0),
                            "Subnets.member.2",
                            subnets.get(1),
                            "SecurityGroups.member.1",
                            group),
                    "LoadBalancerArn");
            String targets = targets(balancing, Ec2Query.first(ec2.ask("DescribeVpcs"), "vpcId"));
            balancing.ask(
                    "CreateListener",
                    "LoadBalancerArn",
                    balancer,
                    "Protocol",
                    "HTTP",
                    "Port",
                    "" + PORT,
                    "DefaultActions.member.1.Type",
                    "forward",
                    "DefaultActions.member.1.TargetGroupArn",
                    targets);
            ecs.createCluster(request -> request.clusterName("default"));
            define(ecs, "one");
            define(ecs, "two");
            ecs.createService(request -> request.serviceName("web")
                    .taskDefinition("web:1")
                    .desiredCount(TASKS)
                    .launchType(LaunchType.FARGATE)
                    .networkConfiguration(
                            network -> network.awsvpcConfiguration(vpc -> vpc.subnets(subnets.subList(0, 2))
                                    .securityGroups(group)
                                    .assignPublicIp(AssignPublicIp.ENABLED)))
                    .loadBalancers(each ->
                            each.targetGroupArn(targets).containerName("main").containerPort(PORT)));
            awaitStable(ecs, "web:1");
            String address = Ec2Query.first(
                    ec2.ask(
                            "DescribeNetworkInterfaces",
                            "Filter.1.Name",
                            "description",
                            "Filter.1.Value.1",
                            "ELB app/front/*"),
                    "publicIp");
            awaitAnswer(address);
            return address;
        }
    }

    private static String targets(Ec2Query balancing, String vpc) throws IOException {
        String targets = Ec2Query.first(
                balancing.ask(
                        "CreateTargetGroup",
                        "Name",
                        "web",
                        "Protocol",
                        "HTTP",
                        "Port",
                        "" + PORT,
                        "VpcId",
                        vpc,
                        "TargetType",
                        "ip",
                        "HealthCheckIntervalSeconds",
                        "5",
                        "HealthCheckTimeoutSeconds",
                        "2",
                        "HealthyThresholdCount",
                        "2"),
                "TargetGroupArn");
        balancing.ask(
                "ModifyTargetGroupAttributes",
                "TargetGroupArn",
                targets,
                "Attributes.member.1.Key",
                "deregistration_delay.timeout_seconds",
                "Attributes.member.1.Value",
                "3");
        return targets;
    }

    private static void define(EcsClient ecs, String version) {
        ecs.registerTaskDefinition(request -> request.family("web")
                .requiresCompatibilities(Compatibility.FARGATE)
                .networkMode(NetworkMode.AWSVPC)
                .cpu("256")
                .memory("512")
                .containerDefinitions(container -> container
                        .name("main")
                        .image("busybox")
                        .stopTimeout(2)
                        .portMappings(port -> port.containerPort(PORT))
                        .command(
                                "sh",
                                "-c",
                                "echo " + version + " >/tmp/index.html; exec httpd -f -p " + PORT + " -h /tmp")));
    }

    private static void awaitStable(EcsClient ecs, String version) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            Service web = ecs.describeServices(request -> request.services("web"))
                    .services()
                    .getFirst();
            boolean stable = web.deployments().size() == 1
                    && web.runningCount() == TASKS
                    && web.taskDefinition().endsWith("/" + version)
                    && ecs.listTasks(request -> request.serviceName("web"))
                                    .taskArns()
                                    .size()
                            == TASKS;
            if (stable) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new IOException("not stable: " + web);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** When it answered, as nanoTime. */
    private static long awaitAnswer(String address) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < end) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(address, PORT), CONNECT_MILLIS);
                socket.setSoTimeout(ANSWER_MILLIS);
                socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
                if (answer.endsWith(" 200")) {
                    return System.nanoTime();
                }
            } catch (IOException notYet) {
                // Nobody listens, or nobody says anything.
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        throw new IOException("no answer at " + address);
    }
}
