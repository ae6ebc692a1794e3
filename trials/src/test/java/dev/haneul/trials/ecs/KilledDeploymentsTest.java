package dev.haneul.trials.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.ec2.ServerScript;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.Compatibility;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.ecs.model.DesiredStatus;
import software.amazon.awssdk.services.ecs.model.HealthCheck;
import software.amazon.awssdk.services.ecs.model.LaunchType;
import software.amazon.awssdk.services.ecs.model.LoadBalancer;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.ecs.model.PortMapping;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.Task;

/**
 * The server is killed at random points of rolling deployments of two services, one on Fargate and one on an EC2 instance,
 * both behind a load balancer and asked all the time. Traffic flows again within two seconds of the restart, and no request
 * fails while the server is there; both deployments end as they should; neither a task nor what runs for it is ever lost or
 * there twice. Takes minutes: with {@code -Dhaneul.soak} only.
 */
@Tag("alone")
class KilledDeploymentsTest {
    private static final int KILLS = 20;
    /** Longer than a deployment takes: some kills find it done. */
    private static final int WITHIN_MILLIS = 20_000;

    /** How long after a restart traffic may not flow, where the restart itself does not take longer: on a busy machine. */
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private static final Path NAMESPACES = Path.of("/run/netns");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Map<String, Integer> WANTED = Map.of("serverless", 3, "servers", 2);

    @TempDir
    Path folder;

    @Test
    void killedAtAnyPoint() throws Exception {
        assumeTrue(System.getProperty("haneul.soak") != null, "takes minutes: -Dhaneul.soak=1");
        assumeTrue(
                System.getProperty("user.name").equals("root")
                        && BusyboxLayout.possible()
                        && Files.isExecutable(Path.of("/usr/bin/crun")),
                "services need root, networks, crun and a busybox");
        long seed = Long.getLong("haneul.seed", System.nanoTime());
        System.out.println("killedAtAnyPoint: -Dhaneul.seed=" + seed);
        Random random = new Random(seed);
        try (LaunchedRegion region = new LaunchedRegion()) {
            BusyboxLayout.write(region.data().resolve("ecs/images/busybox"));
            region.up();
            Ground ground = ground(region);
            try (EcsClient ecs = ecs(region)) {
                create(ecs, ground);
                settle(ecs, region, "1", true);
                try (Traffic traffic = new Traffic(ground.balanced())) {
                    traffic.flowsFrom(Instant.now(), PATIENCE);
                    traffic.forgive();
                    for (int kill = 1; kill <= KILLS; kill++) {
                        String revision = kill % 2 == 0 ? "1" : "2";
                        deployAndKill(ecs, region, traffic, revision, random.nextInt(WITHIN_MILLIS));
                        settle(ecs, region, revision, false);
                    }
                    assertThat(traffic.failures()).isEmpty();
                    System.out.println("killedAtAnyPoint: " + traffic.asked() + " requests");
                }
            }
            String networks = networks(ground.vpc());
            assertThat(region.command("reset").code()).isZero();
            assertThat(pods(region)).isEmpty();
            assertThat(groups(region)).isEmpty();
            assertThat(held(region, networks)).isEmpty();
        }
    }

    private static void deployAndKill(EcsClient ecs, LaunchedRegion region, Traffic traffic, String revision, int after)
            throws Exception {
        WANTED.keySet()
                .forEach(name ->
                        ecs.updateService(request -> request.service(name).taskDefinition(name + ":" + revision)));
        Thread.sleep(after);
        assertThat(traffic.failures()).isEmpty();
        region.killHard();
        Instant killed = Instant.now();
        region.up();
        Instant up = Instant.now();
        Duration restart = Duration.between(killed, up);
        Duration pause = traffic.flowsFrom(up, PATIENCE);
        System.out.println("killedAtAnyPoint: killed after " + after + " ms; restarted in " + restart.toMillis()
                + " ms, traffic again " + pause.toMillis() + " ms later");
        assertThat(pause)
                .as(String.join("\n", traffic.failures()))
                .isLessThanOrEqualTo(restart.compareTo(PAUSE) > 0 ? restart : PAUSE);
        traffic.forgive();
    }

    /**
     * What services stand on.
     *
     * @param serverless the target group of tasks on Fargate
     * @param servers that of tasks on the instance
     * @param balanced where each of them is asked
     */
    private record Ground(String vpc, String subnet, String serverless, String servers, List<URI> balanced) {}

    /** An instance joins the cluster, and there is a balancer. */
    private Ground ground(LaunchedRegion region) throws Exception {
        ServerScript.run(
                KilledDeploymentsTest.class,
                region.endpoint(),
                folder,
                List.of("bash", "join.sh"),
                "JOINED",
                Map.of("AWS_ACCESS_KEY_ID", "test"));
        List<String> said = Files.readAllLines(folder.resolve("output"));
        List<String> found = said.subList(said.size() - 6, said.size() - 1);
        String node = "http://" + found.getLast();
        return new Ground(
                found.get(0),
                found.get(1),
                found.get(2),
                found.get(3),
                List.of(URI.create(node + ":80/"), URI.create(node + ":81/")));
    }

    private static void create(EcsClient ecs, Ground ground) {
        for (String version : List.of("one", "two")) {
            ecs.registerTaskDefinition(request -> request.family("serverless")
                    .requiresCompatibilities(Compatibility.FARGATE)
                    .networkMode(NetworkMode.AWSVPC)
                    .cpu("256")
                    .memory("512")
                    .containerDefinitions(container(version)));
            ecs.registerTaskDefinition(request -> request.family("servers")
                    .requiresCompatibilities(Compatibility.EC2)
                    .networkMode(NetworkMode.BRIDGE)
                    .containerDefinitions(container(version)));
        }
        ecs.createService(request -> request.serviceName("serverless")
                .taskDefinition("serverless:1")
                .desiredCount(WANTED.get("serverless"))
                .launchType(LaunchType.FARGATE)
                .networkConfiguration(network -> network.awsvpcConfiguration(vpc -> vpc.subnets(ground.subnet())))
                .loadBalancers(balanced(ground.serverless())));
        ecs.createService(request -> request.serviceName("servers")
                .taskDefinition("servers:1")
                .desiredCount(WANTED.get("servers"))
                .launchType(LaunchType.EC2)
                .loadBalancers(balanced(ground.servers())));
    }

    private static LoadBalancer balanced(String group) {
        return LoadBalancer.builder()
                .targetGroupArn(group)
                .containerName("main")
                .containerPort(80)
                .build();
    }

    private static ContainerDefinition container(String version) {
        return ContainerDefinition.builder()
                .name("main")
                .image("busybox")
                .memory(64)
                .stopTimeout(2)
                // Healthy, and so in its deployment's count, after five seconds.
                .healthCheck(HealthCheck.builder()
                        .command("CMD-SHELL", "true")
                        .interval(5)
                        .build())
                .portMappings(PortMapping.builder().containerPort(80).build())
                .command(
                        "sh",
                        "-c",
                        "trap 'exit 0' TERM; echo " + version
                                + " >/tmp/index.html; httpd -p 80 -h /tmp; while true; do sleep 1 & wait $!; done")
                .build();
    }

    /** Waits until both services are what they should be, and looks at every task all the while. */
    private static void settle(EcsClient ecs, LaunchedRegion region, String revision, boolean first) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            boolean settled = true;
            for (Map.Entry<String, Integer> each : WANTED.entrySet()) {
                List<Task> wanted = wanted(ecs, each.getKey());
                // As the deployment's minimum and maximum percent have it: 100 and 200.
                assertThat(wanted.size())
                        .as(() -> each.getKey() + ": " + wanted + "\n" + story(ecs, each.getKey()))
                        .isBetween(first ? 0 : each.getValue(), 2 * each.getValue());
                settled &= settled(ecs, each.getKey(), each.getValue(), revision);
            }
            if (settled) {
                break;
            }
            assertThat(Instant.now())
                    .as(ecs.describeServices(r -> r.services(WANTED.keySet())).toString())
                    .isBefore(end);
            Thread.sleep(200);
        }
        Set<String> running = new TreeSet<>();
        for (String name : WANTED.keySet()) {
            wanted(ecs, name).forEach(task -> running.add(id(task)));
        }
        assertThat(running)
                .hasSize(WANTED.values().stream().mapToInt(Integer::intValue).sum());
        // What has stopped is cleared away in a moment.
        while (!pods(region).equals(running) && Instant.now().isBefore(end)) {
            Thread.sleep(100);
        }
        assertThat(pods(region)).isEqualTo(running);
        assertThat(groups(region)).isEqualTo(running);
    }

    /** Why tasks of a service ended, and what it tells itself. */
    private static String story(EcsClient ecs, String service) {
        List<String> ended = ecs.listTasks(
                        request -> request.serviceName(service).desiredStatus(DesiredStatus.STOPPED))
                .taskArns();
        Stream<String> tasks = ended.isEmpty()
                ? Stream.of()
                : ecs.describeTasks(request -> request.tasks(ended)).tasks().stream()
                        .map(task -> task.stoppingAt() + " " + id(task) + " of " + task.taskDefinitionArn() + ": "
                                + task.stoppedReason());
        Stream<String> events =
                ecs.describeServices(request -> request.services(service)).services().getFirst().events().stream()
                        .map(event -> event.createdAt() + " " + event.message());
        return Stream.concat(tasks, events).sorted().collect(Collectors.joining("\n"));
    }

    private static boolean settled(EcsClient ecs, String name, int count, String revision) {
        Service service = ecs.describeServices(request -> request.services(name))
                .services()
                .getFirst();
        return service.deployments().size() == 1
                && service.deployments().getFirst().rolloutState() == DeploymentRolloutState.COMPLETED
                && service.runningCount() == count
                && service.taskDefinition().endsWith("/" + name + ":" + revision)
                && wanted(ecs, name).stream()
                        .allMatch(task -> task.lastStatus().equals("RUNNING")
                                && task.taskDefinitionArn().equals(service.taskDefinition()));
    }

    /** The tasks of a service that nobody has asked to stop. */
    private static List<Task> wanted(EcsClient ecs, String service) {
        List<String> arns = ecs.listTasks(
                        request -> request.serviceName(service).desiredStatus(DesiredStatus.RUNNING))
                .taskArns();
        return arns.isEmpty()
                ? List.of()
                : ecs.describeTasks(request -> request.tasks(arns)).tasks();
    }

    private static String id(Task task) {
        return task.taskArn().substring(task.taskArn().lastIndexOf('/') + 1);
    }

    /** What runs for tasks, by their ids. */
    private static Set<String> pods(LaunchedRegion region) throws IOException {
        return folders(List.of(region.data().resolve("ecs/pods/pods")));
    }

    /** The control groups of this region's tasks, of whatever controller. */
    private static Set<String> groups(LaunchedRegion region) throws IOException {
        String parent = "haneul-pods-"
                + Integer.toHexString(region.data()
                        .resolve("ecs/pods")
                        .toAbsolutePath()
                        .normalize()
                        .toString()
                        .hashCode());
        List<Path> places = new ArrayList<>(List.of(Path.of("/sys/fs/cgroup", parent)));
        try (Stream<Path> controllers = Files.list(Path.of("/sys/fs/cgroup"))) {
            controllers.map(each -> each.resolve(parent)).forEach(places::add);
        }
        return folders(places);
    }

    /** What every network of the region's begins with on this machine. */
    private static String networks(String vpc) throws IOException {
        return names(NAMESPACES).stream()
                .filter(name -> name.endsWith("-" + vpc))
                .map(name -> name.substring(0, name.indexOf('-')))
                .findFirst()
                .orElseThrow();
    }

    /** What this machine holds of an empty region: networks, filters, mounts, disks, processes. */
    private static List<String> held(LaunchedRegion region, String networks) throws Exception {
        String data = region.data().toString();
        List<String> found = new ArrayList<>();
        for (Path folder : List.of(NAMESPACES, Path.of("/sys/class/net"))) {
            names(folder).stream().filter(name -> name.startsWith(networks)).forEach(found::add);
        }
        Process tables = new ProcessBuilder("nft", "list", "tables").start();
        tables.inputReader().lines().filter(line -> line.contains(networks)).forEach(found::add);
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .filter(line -> line.contains(data))
                .forEach(found::add);
        for (String device : names(Path.of("/sys/block"))) {
            String file = read(Path.of("/sys/block", device, "loop/backing_file"));
            if (file.contains(data)) {
                found.add(device + " " + file);
            }
        }
        long server = region.pid();
        ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> pid != server)
                .filter(pid -> Stream.of("cmdline", "mountinfo")
                        .anyMatch(file -> read(Path.of("/proc/" + pid, file)).contains(data)))
                .forEach(pid -> found.add("process " + pid + " " + read(Path.of("/proc/" + pid, "comm"))));
        return found;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    private static Set<String> folders(List<Path> parents) throws IOException {
        Set<String> found = new TreeSet<>();
        for (Path parent : parents) {
            names(parent).stream()
                    .filter(name -> Files.isDirectory(parent.resolve(name)))
                    .forEach(found::add);
        }
        return found;
    }

    private static Set<String> names(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return Set.of();
        }
        try (Stream<Path> inner = Files.list(parent)) {
            return inner.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static EcsClient ecs(LaunchedRegion region) {
        return EcsClient.builder()
                .endpointOverride(region.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .build();
    }
}
