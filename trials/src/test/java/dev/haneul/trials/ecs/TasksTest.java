package dev.haneul.trials.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.LaunchedRegion;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ClientException;
import software.amazon.awssdk.services.ecs.model.Compatibility;
import software.amazon.awssdk.services.ecs.model.ContainerCondition;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.ContainerDependency;
import software.amazon.awssdk.services.ecs.model.LaunchType;
import software.amazon.awssdk.services.ecs.model.LogConfiguration;
import software.amazon.awssdk.services.ecs.model.LogDriver;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Tasks on Fargate through the SDK: two containers that share a network, logs, a role's credentials, exit codes; the
 * server is killed, and the task goes on, its lines complete. One on Fargate Spot is interrupted.
 */
class TasksTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String TRUST = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},\
            "Action":"sts:AssumeRole"}]}""";
    private static final StaticCredentialsProvider KEYS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    private static final String GROUP = "/trial/tasks";

    @Test
    void tasksRunTellAndOutliveTheServer() throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root")
                        && BusyboxLayout.possible()
                        && Files.isExecutable(Path.of("/usr/bin/crun")),
                "tasks need root, networks, crun and a busybox");
        try (LaunchedRegion region = new LaunchedRegion()) {
            BusyboxLayout.write(region.data().resolve("ecs/images/busybox"));
            region.up();
            try (EcsClient ecs = ecs(region);
                    CloudWatchLogsClient logs = logs(region)) {
                role(region);
                ecs.createCluster(
                        request -> request.clusterName("default").capacityProviders("FARGATE", "FARGATE_SPOT"));
                refusals(ecs);
                register(ecs);
                String task = run(ecs, region);
                await(ecs, task, each -> each.lastStatus().equals("RUNNING"));
                awaitLines(logs, "main", task, lines -> lines.stream().anyMatch("line 3"::equals));

                region.killHard();
                Thread.sleep(1500);
                region.up();
                assertThat(describe(ecs, task).lastStatus()).isEqualTo("RUNNING");
                ecs.stopTask(request -> request.task(task).reason("enough"));
                Task stopped = await(ecs, task, each -> each.lastStatus().equals("STOPPED"));
                assertThat(stopped.stopCode()).isEqualTo(TaskStopCode.USER_INITIATED);
                assertThat(stopped.stoppedReason()).isEqualTo("enough");
                assertThat(stopped.containers())
                        .filteredOn(each -> each.name().equals("main"))
                        .allMatch(each -> each.exitCode() == 7);

                List<String> lines = awaitLines(logs, "main", task, all -> all.contains("asked to end"));
                List<Integer> numbers = lines.stream()
                        .filter(line -> line.startsWith("line "))
                        .map(line -> Integer.parseInt(line.substring("line ".length())))
                        .toList();
                assertThat(numbers)
                        .isEqualTo(
                                IntStream.rangeClosed(1, numbers.size()).boxed().toList());
                assertThat(lines)
                        .anyMatch(line -> line.contains("\"RoleArn\":\"arn:aws:iam::000000000000:role/task\""));
                assertThat(awaitLines(logs, "side", task, all -> !all.isEmpty()))
                        .contains("main is well");
                interrupted(ecs, logs, region, task);
            }
            assertThat(region.command("reset").code()).isZero();
        }
    }

    private static void refusals(EcsClient ecs) {
        assertThatThrownBy(() -> ecs.registerTaskDefinition(request -> request.family("odd")
                        .requiresCompatibilities(Compatibility.FARGATE)
                        .networkMode(NetworkMode.AWSVPC)
                        .cpu("256")
                        .memory("4096")
                        .containerDefinitions(ContainerDefinition.builder()
                                .name("main")
                                .image("busybox")
                                .build())))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("No Fargate configuration exists for given values: 256 CPU, 4096 memory.");
        assertThatThrownBy(() -> ecs.runTask(request -> request.taskDefinition("nobody")))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("TaskDefinition not found.");
    }

    private static void register(EcsClient ecs) {
        ContainerDefinition main = ContainerDefinition.builder()
                .name("main")
                .image("busybox")
                .logConfiguration(logging())
                .command("sh", "-c", """
                        echo well > /tmp/index.html
                        httpd -p 8080 -h /tmp
                        wget -q -O- http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; echo
                        trap 'echo asked to end; exit 7' TERM
                        i=0
                        while true; do i=$((i+1)); echo line $i; sleep 0.2 & wait $!; done""")
                .build();
        ContainerDefinition side = ContainerDefinition.builder()
                .name("side")
                .image("busybox")
                .essential(false)
                .stopTimeout(2) // it does not heed its stop signal
                .logConfiguration(logging())
                .dependsOn(ContainerDependency.builder()
                        .containerName("main")
                        .condition(ContainerCondition.START)
                        .build())
                .command(
                        "sh",
                        "-c",
                        "while true; do echo main is $(wget -q -O- http://localhost:8080/); sleep 0.5; done")
                .build();
        ecs.registerTaskDefinition(request -> request.family("two")
                .requiresCompatibilities(Compatibility.FARGATE)
                .networkMode(NetworkMode.AWSVPC)
                .cpu("256")
                .memory("512")
                .executionRoleArn("arn:aws:iam::000000000000:role/execution")
                .taskRoleArn("arn:aws:iam::000000000000:role/task")
                .containerDefinitions(main, side));
    }

    /** A task on Fargate Spot is warned: by an event and by its stop signal. One that is not on Spot is left alone. */
    private static void interrupted(EcsClient ecs, CloudWatchLogsClient logs, LaunchedRegion region, String other)
            throws Exception {
        ecs.registerTaskDefinition(request -> request.family("spot")
                .requiresCompatibilities(Compatibility.FARGATE)
                .networkMode(NetworkMode.AWSVPC)
                .cpu("256")
                .memory("512")
                .executionRoleArn("arn:aws:iam::000000000000:role/execution")
                .containerDefinitions(ContainerDefinition.builder()
                        .name("main")
                        .image("busybox")
                        .logConfiguration(logging())
                        .command("sh", "-c", "trap 'echo warned; exit 9' TERM; echo up; sleep infinity & wait")
                        .build()));
        String subnet = subnet(region);
        try (SqsClient sqs = sqs(region)) {
            String queue = listen(region, sqs);
            String task = ecs.runTask(request -> request.taskDefinition("spot")
                            .capacityProviderStrategy(provider ->
                                    provider.capacityProvider("FARGATE_SPOT").weight(1))
                            .networkConfiguration(network -> network.awsvpcConfiguration(vpc -> vpc.subnets(subnet))))
                    .tasks()
                    .getFirst()
                    .taskArn();
            await(ecs, task, each -> each.lastStatus().equals("RUNNING"));
            awaitLines(logs, "main", task, lines -> lines.contains("up"));

            assertThat(region.command("interrupt", other)).satisfies(outcome -> {
                assertThat(outcome.code()).isEqualTo(1);
                assertThat(outcome.text()).contains("no task on Fargate Spot");
            });
            assertThat(region.command("interrupt", task).code()).isZero();
            Task stopped = await(ecs, task, each -> each.lastStatus().equals("STOPPED"));
            assertThat(stopped.stopCode()).isEqualTo(TaskStopCode.SPOT_INTERRUPTION);
            assertThat(stopped.stoppedReason()).isEqualTo("Your Spot Task was interrupted.");
            assertThat(stopped.containers()).allMatch(each -> each.exitCode() == 9);
            awaitLines(logs, "main", task, lines -> lines.contains("warned"));
            String warning = sqs.receiveMessage(
                            request -> request.queueUrl(queue).waitTimeSeconds(20))
                    .messages()
                    .getFirst()
                    .body();
            assertThat(warning)
                    .contains("\"detail-type\":\"ECS Task State Change\"", task, "Your Spot Task was interrupted.")
                    .contains("\"lastStatus\":\"RUNNING\"", "\"desiredStatus\":\"STOPPED\"");
        }
    }

    /** A queue that is told of interruptions. */
    private static String listen(LaunchedRegion region, SqsClient sqs) {
        String queue =
                sqs.createQueue(request -> request.queueName("interruptions")).queueUrl();
        String arn = "arn:aws:sqs:us-east-1:000000000000:interruptions";
        sqs.setQueueAttributes(
                request -> request.queueUrl(queue).attributes(Map.of(QueueAttributeName.POLICY, """
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage",\
                        "Principal":{"Service":"events.amazonaws.com"},"Resource":"%s"}]}""".formatted(arn))));
        try (EventBridgeClient events = EventBridgeClient.builder()
                .endpointOverride(region.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(KEYS)
                .build()) {
            events.putRule(request -> request.name("interruptions").eventPattern("""
                    {"source":["aws.ecs"],"detail":{"stopCode":["SpotInterruption"],"lastStatus":["RUNNING"]}}"""));
            events.putTargets(request -> request.rule("interruptions")
                    .targets(target -> target.id("queue").arn(arn)));
        }
        return queue;
    }

    private static SqsClient sqs(LaunchedRegion region) {
        return SqsClient.builder()
                .endpointOverride(region.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(KEYS)
                .build();
    }

    private static LogConfiguration logging() {
        return LogConfiguration.builder()
                .logDriver(LogDriver.AWSLOGS)
                .options(Map.of(
                        "awslogs-group", GROUP,
                        "awslogs-region", "us-east-1",
                        "awslogs-stream-prefix", "trial",
                        "awslogs-create-group", "true"))
                .build();
    }

    private static void role(LaunchedRegion region) {
        try (IamClient iam = IamClient.builder()
                .endpointOverride(region.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(KEYS)
                .build()) {
            for (String name : List.of("execution", "task")) {
                iam.createRole(request -> request.roleName(name).assumeRolePolicyDocument(TRUST));
            }
            iam.putRolePolicy(
                    request -> request.roleName("execution").policyName("logs").policyDocument("""
                            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}"""));
        }
    }

    private static String run(EcsClient ecs, LaunchedRegion region) throws Exception {
        String subnet = subnet(region);
        return ecs.runTask(request -> request.taskDefinition("two")
                        .launchType(LaunchType.FARGATE)
                        .networkConfiguration(network -> network.awsvpcConfiguration(vpc -> vpc.subnets(subnet))))
                .tasks()
                .getFirst()
                .taskArn();
    }

    /** A default subnet, by the AWS CLI, as the SDK's EC2 client is not here. */
    private static String subnet(LaunchedRegion region) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                "aws", "ec2", "describe-subnets", "--query", "Subnets[0].SubnetId", "--output", "text");
        builder.environment()
                .putAll(Map.of(
                        "AWS_ENDPOINT_URL", region.endpoint().toString(),
                        "AWS_ACCESS_KEY_ID", "test",
                        "AWS_SECRET_ACCESS_KEY", "test",
                        "AWS_DEFAULT_REGION", "us-east-1"));
        Process process = builder.redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).strip();
    }

    private static Task describe(EcsClient ecs, String task) {
        return ecs.describeTasks(request -> request.tasks(task)).tasks().getFirst();
    }

    private static Task await(EcsClient ecs, String task, Predicate<Task> wanted) throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        Task now = describe(ecs, task);
        while (!wanted.test(now)) {
            assertThat(Instant.now()).as(now.toString()).isBefore(end);
            Thread.sleep(100);
            now = describe(ecs, task);
        }
        return now;
    }

    private static List<String> awaitLines(
            CloudWatchLogsClient logs, String container, String task, Predicate<List<String>> wanted)
            throws InterruptedException {
        String stream = "trial/" + container + "/" + task.substring(task.lastIndexOf('/') + 1);
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            List<String> lines = logs
                    .getLogEvents(request ->
                            request.logGroupName(GROUP).logStreamName(stream).startFromHead(true))
                    .events()
                    .stream()
                    .map(OutputLogEvent::message)
                    .toList();
            if (wanted.test(lines)) {
                return lines;
            }
            assertThat(Instant.now()).as(lines.toString()).isBefore(end);
            Thread.sleep(200);
        }
    }

    private static EcsClient ecs(LaunchedRegion region) {
        URI endpoint = region.endpoint();
        return EcsClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(KEYS)
                .build();
    }

    private static CloudWatchLogsClient logs(LaunchedRegion region) {
        return CloudWatchLogsClient.builder()
                .endpointOverride(region.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(KEYS)
                .build();
    }
}
