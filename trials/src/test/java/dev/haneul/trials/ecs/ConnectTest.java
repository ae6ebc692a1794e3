package dev.haneul.trials.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.LaunchedRegion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ApplicationProtocol;
import software.amazon.awssdk.services.ecs.model.Compatibility;
import software.amazon.awssdk.services.ecs.model.CreateServiceRequest;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.InvalidParameterException;
import software.amazon.awssdk.services.ecs.model.LaunchType;
import software.amazon.awssdk.services.ecs.model.NamespaceNotFoundException;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.ecs.model.ServiceConnectConfiguration;

/** Service Connect: tasks call a service by its alias, whatever becomes of its tasks and of the server. */
class ConnectTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Test
    void tasksCallServicesByName() throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root")
                        && BusyboxLayout.possible()
                        && Files.isExecutable(Path.of("/usr/bin/crun")),
                "tasks need root, networks, crun and a busybox");
        try (LaunchedRegion region = new LaunchedRegion()) {
            BusyboxLayout.write(region.data().resolve("ecs/images/busybox"));
            region.up();
            try (EcsClient ecs = client(EcsClient.builder(), region)) {
                String namespace = ecs.createCluster(
                                request -> request.serviceConnectDefaults(defaults -> defaults.namespace("shop")))
                        .cluster()
                        .serviceConnectDefaults()
                        .namespace();
                assertThat(namespace).matches("arn:aws:servicediscovery:us-east-1:000000000000:namespace/ns-.+");
                define(ecs);
                refusals(ecs, region);
                String subnet = aws(region, "ec2", "describe-subnets", "--query", "Subnets[0].SubnetId");
                service(ecs, subnet, "back", 2, backend());
                steady(ecs, "back", 2);
                service(
                        ecs,
                        subnet,
                        "front",
                        1,
                        ServiceConnectConfiguration.builder().enabled(true).build());
                service(ecs, subnet, "apart", 1, null);
                steady(ecs, "front", 1);
                steady(ecs, "apart", 1);
                told(ecs, region, namespace);
                String front = tasks(ecs, "front").getFirst();
                carried(ecs, region, front);

                region.killHard();
                region.up();
                await(() -> ask(region, front, "http://back/"), answer -> answer.startsWith("ip-"));
                assertThat(ask(region, front, "http://back.raw:81/")).startsWith("ip-");

                counted(region);
                for (String each : List.of("front", "apart", "back")) {
                    ecs.deleteService(request -> request.service(each).force(true));
                }
                await(
                        () -> ecs.listServicesByNamespace(request -> request.namespace("shop")),
                        it -> it.serviceArns().isEmpty());
                await(() -> ecs.listTasks(request -> {}).taskArns(), List::isEmpty);
            }
            assertThat(region.command("reset").code()).isZero();
        }
    }

    private static ServiceConnectConfiguration backend() {
        return ServiceConnectConfiguration.builder()
                .enabled(true)
                .namespace("shop")
                .services(
                        web -> web.portName("web")
                                .discoveryName("back")
                                .clientAliases(alias -> alias.port(80).dnsName("back")),
                        raw -> raw.portName("web")
                                .discoveryName("raw")
                                .clientAliases(alias -> alias.port(81).dnsName("back.raw")))
                .build();
    }

    private static void define(EcsClient ecs) {
        for (String family : List.of("back", "front", "apart")) {
            String command = family.equals("back")
                    ? "cat /proc/sys/kernel/hostname > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"
                    : "trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done";
            ecs.registerTaskDefinition(request -> request.family(family)
                    .requiresCompatibilities(Compatibility.FARGATE)
                    .networkMode(NetworkMode.AWSVPC)
                    .cpu("256")
                    .memory("512")
                    .containerDefinitions(container -> {
                        container.name("main").image("busybox").command("sh", "-c", command);
                        if (family.equals("back")) {
                            container.portMappings(
                                    port -> port.name("web").containerPort(8080).appProtocol(ApplicationProtocol.HTTP));
                        }
                    }));
        }
    }

    private static void refusals(EcsClient ecs, LaunchedRegion region) {
        assertThatThrownBy(() -> create(
                        ecs,
                        "subnet-1",
                        "odd",
                        1,
                        ServiceConnectConfiguration.builder()
                                .enabled(true)
                                .services(web -> web.portName("none"))
                                .build()))
                .isInstanceOf(InvalidParameterException.class);
        assertThatThrownBy(() -> ecs.listServicesByNamespace(request -> request.namespace("nowhere")))
                .isInstanceOf(NamespaceNotFoundException.class);
    }

    private static void create(
            EcsClient ecs, String subnet, String name, int count, ServiceConnectConfiguration connect) {
        Consumer<CreateServiceRequest.Builder> request = builder -> builder.serviceName(name)
                .taskDefinition(name.equals("odd") ? "back" : name)
                .launchType(LaunchType.FARGATE)
                .desiredCount(count)
                .serviceConnectConfiguration(connect)
                .networkConfiguration(network -> network.awsvpcConfiguration(vpc -> vpc.subnets(subnet)));
        ecs.createService(request);
    }

    private static void service(
            EcsClient ecs, String subnet, String name, int count, ServiceConnectConfiguration connect) {
        create(ecs, subnet, name, count, connect);
    }

    private static void steady(EcsClient ecs, String name, int count) throws Exception {
        await(
                () -> ecs.describeServices(request -> request.services(name))
                        .services()
                        .getFirst(),
                it -> it.runningCount() == count && it.deployments().size() == 1);
    }

    private static void told(EcsClient ecs, LaunchedRegion region, String namespace) throws Exception {
        Deployment deployment = ecs.describeServices(request -> request.services("back"))
                .services()
                .getFirst()
                .deployments()
                .getFirst();
        assertThat(deployment.serviceConnectConfiguration().namespace()).isEqualTo(namespace);
        assertThat(deployment.serviceConnectResources())
                .extracting(each -> each.discoveryName())
                .containsExactly("back", "raw");
        assertThat(aws(region, "servicediscovery", "list-services", "--query", "Services[].Name"))
                .contains("back", "raw");
        assertThat(ecs.listServicesByNamespace(request -> request.namespace("shop"))
                        .serviceArns())
                .hasSize(2)
                .noneMatch(arn -> arn.endsWith("/apart"));
    }

    private static void carried(EcsClient ecs, LaunchedRegion region, String front) throws Exception {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < 8; i++) {
            answers.add(ask(region, front, "http://back/"));
        }
        assertThat(answers).as("both tasks answer").hasSize(2).allMatch(answer -> answer.startsWith("ip-"));
        assertThat(ask(region, front, "http://back.raw:81/")).startsWith("ip-");
        assertThat(ask(region, tasks(ecs, "apart").getFirst(), "http://back/")).contains("bad address");
        String gone = tasks(ecs, "back").getFirst();
        ecs.stopTask(request -> request.task(gone));
        await(() -> tasks(ecs, "back"), now -> now.size() == 2 && !now.contains(gone));
        steady(ecs, "back", 2);
        Set<String> after = new HashSet<>();
        for (int i = 0; i < 8; i++) {
            after.add(ask(region, front, "http://back/"));
        }
        assertThat(after).hasSize(2).isNotEqualTo(answers).allMatch(answer -> answer.startsWith("ip-"));
    }

    private static void counted(LaunchedRegion region) throws Exception {
        try (CloudWatchClient cloudWatch = client(CloudWatchClient.builder(), region)) {
            List<Metric> metrics = await(
                    () -> cloudWatch
                            .listMetrics(request -> request.namespace("AWS/ECS").metricName("RequestCount"))
                            .metrics(),
                    it -> it.size() >= 2);
            assertThat(metrics)
                    .anyMatch(each -> each.dimensions().stream()
                            .anyMatch(dimension -> dimension.name().equals("ServiceName")
                                    && dimension.value().equals("back")));
        }
    }

    /** What a container in a task is answered. */
    private static String ask(LaunchedRegion region, String task, String url) throws Exception {
        return region.command("exec", task, "main", "wget", "-q", "-O-", url)
                .text()
                .strip();
    }

    private static List<String> tasks(EcsClient ecs, String service) {
        return ecs.listTasks(request -> request.serviceName(service)).taskArns();
    }

    private static <T> T await(Callable<T> look, Predicate<T> wanted) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        T now = look.call();
        while (!wanted.test(now)) {
            assertThat(Instant.now()).as(String.valueOf(now)).isBefore(end);
            Thread.sleep(100);
            now = look.call();
        }
        return now;
    }

    private static String aws(LaunchedRegion region, String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("aws"));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--output", "text"));
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment()
                .putAll(Map.of(
                        "AWS_ENDPOINT_URL", region.endpoint().toString(),
                        "AWS_ACCESS_KEY_ID", "test",
                        "AWS_SECRET_ACCESS_KEY", "test",
                        "AWS_DEFAULT_REGION", "us-east-1"));
        Process process = builder.redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    private static <B extends AwsClientBuilder<B, C>, C> C client(B builder, LaunchedRegion region) {
        return builder.endpointOverride(region.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .build();
    }
}
