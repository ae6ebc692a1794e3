package dev.haneul.trials.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.session.SessionClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.Compatibility;
import software.amazon.awssdk.services.ecs.model.EcsException;
import software.amazon.awssdk.services.ecs.model.ExecuteCommandLogging;
import software.amazon.awssdk.services.ecs.model.ExecuteCommandResponse;
import software.amazon.awssdk.services.ecs.model.LaunchType;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.Session;
import software.amazon.awssdk.services.ssm.model.SessionState;

/** Commands in containers over the session plugin's protocol, and what becomes of them. */
class ExecTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final StaticCredentialsProvider KEYS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    private static final String TRUST = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},\
            "Action":"sts:AssumeRole"}]}""";
    private static final String ALL = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*","s3:*"],"Resource":"*"}]}""";
    private static final String ONE_CONTAINER = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecs:ExecuteCommand","Resource":"*",\
            "Condition":{"StringEquals":{"ecs:container-name":"other"}}}]}""";

    @Test
    void commandsRunAreRecordedAndEnd() throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root")
                        && BusyboxLayout.possible()
                        && Files.isExecutable(Path.of("/usr/bin/crun")),
                "tasks need root, networks, crun and a busybox");
        try (LaunchedRegion region = new LaunchedRegion()) {
            BusyboxLayout.write(region.data().resolve("ecs/images/busybox"));
            region.up();
            try (EcsClient ecs = client(EcsClient.builder(), region);
                    SsmClient ssm = client(SsmClient.builder(), region)) {
                prepare(region, ecs);
                String task = run(ecs, region, true);
                refusals(region, ecs, task);
                recorded(region, talk(ecs, ssm, task));
                lostAndFound(ecs, ssm, task);
                gone(region, ecs, ssm, task);
                ecs.stopTask(request -> request.task(task));
                await(
                        () -> ecs.describeTasks(request -> request.tasks(task)),
                        it -> it.tasks().getFirst().lastStatus().equals("STOPPED"));
            }
            assertThat(region.command("reset").code()).isZero();
        }
    }

    private static void prepare(LaunchedRegion region, EcsClient ecs) {
        try (IamClient iam = client(IamClient.builder(), region);
                S3Client s3 = client(S3Client.builder().forcePathStyle(true), region);
                CloudWatchLogsClient logs = client(CloudWatchLogsClient.builder(), region)) {
            iam.createRole(request -> request.roleName("task").assumeRolePolicyDocument(TRUST));
            iam.putRolePolicy(
                    request -> request.roleName("task").policyName("all").policyDocument(ALL));
            iam.createUser(request -> request.userName("narrow"));
            iam.putUserPolicy(
                    request -> request.userName("narrow").policyName("one").policyDocument(ONE_CONTAINER));
            s3.createBucket(request -> request.bucket("typed"));
            logs.createLogGroup(request -> request.logGroupName("/typed"));
        }
        ecs.createCluster(request -> request.configuration(configuration ->
                configuration.executeCommandConfiguration(exec -> exec.logging(ExecuteCommandLogging.OVERRIDE)
                        .logConfiguration(to -> to.cloudWatchLogGroupName("/typed")
                                .s3BucketName("typed")
                                .s3KeyPrefix("exec")))));
        ecs.registerTaskDefinition(request -> request.family("sleepy")
                .requiresCompatibilities(Compatibility.FARGATE)
                .networkMode(NetworkMode.AWSVPC)
                .cpu("256")
                .memory("512")
                .taskRoleArn("arn:aws:iam::000000000000:role/task")
                .containerDefinitions(container -> container
                        .name("main")
                        .image("busybox")
                        .command("sh", "-c", "trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done")));
    }

    private static String run(EcsClient ecs, LaunchedRegion region, boolean exec) throws Exception {
        String subnet = aws(region, "ec2", "describe-subnets", "--query", "Subnets[0].SubnetId");
        String task = ecs.runTask(request -> request.taskDefinition("sleepy")
                        .launchType(LaunchType.FARGATE)
                        .enableExecuteCommand(exec)
                        .networkConfiguration(network -> network.awsvpcConfiguration(vpc -> vpc.subnets(subnet))))
                .tasks()
                .getFirst()
                .taskArn();
        await(
                () -> ecs.describeTasks(request -> request.tasks(task)),
                it -> it.tasks().getFirst().lastStatus().equals("RUNNING"));
        return task;
    }

    private static void refusals(LaunchedRegion region, EcsClient ecs, String task) throws Exception {
        assertThatThrownBy(() -> ecs.executeCommand(
                        request -> request.task(task).command("sh").interactive(false)))
                .isInstanceOf(EcsException.class)
                .hasMessageContaining("Interactive is the only mode supported currently.");
        assertThatThrownBy(() -> ecs.executeCommand(
                        request -> request.task("a".repeat(32)).command("sh").interactive(true)))
                .hasMessageContaining("The referenced task was not found.");
        String closed = run(ecs, region, false);
        assertThatThrownBy(() -> execute(ecs, closed, "sh"))
                .isInstanceOf(EcsException.class)
                .hasMessageContaining("execute command was not enabled when the task was run");
        ecs.stopTask(request -> request.task(closed));
        try (IamClient iam = client(IamClient.builder(), region)) {
            var key = iam.createAccessKey(request -> request.userName("narrow")).accessKey();
            try (EcsClient narrow = EcsClient.builder()
                    .endpointOverride(region.endpoint())
                    .region(Region.US_EAST_1)
                    .credentialsProvider(StaticCredentialsProvider.create(
                            AwsBasicCredentials.create(key.accessKeyId(), key.secretAccessKey())))
                    .build()) {
                assertThatThrownBy(() -> narrow.executeCommand(request -> request.task(task)
                                .container("main")
                                .command("sh")
                                .interactive(true)))
                        .hasMessageContaining("is not authorized to perform: ecs:ExecuteCommand");
            }
        }
    }

    private static ExecuteCommandResponse execute(EcsClient ecs, String task, String command) {
        return ecs.executeCommand(request -> request.task(task).command(command).interactive(true));
    }

    /** Answers the session that was talked in; another one after it did not come about, and is recorded as well. */
    private static String talk(EcsClient ecs, SsmClient ssm, String task) throws Exception {
        ExecuteCommandResponse told = execute(ecs, task, "sh -c 'echo at $PWD; exec sh'");
        assertThat(told.session().sessionId()).startsWith("ecs-execute-command-");
        assertThat(told.session().streamUrl()).startsWith("ws://127.0.0.1:");
        try (SessionClient client =
                new SessionClient(told.session().streamUrl(), told.session().tokenValue())) {
            client.await("at /");
            assertThat(client.handshake()).contains("\"SessionType\":\"InteractiveCommands\"");
            assertThat(client.complete()).isTrue();
            client.resize(51, 137);
            client.type("echo said-$((6*7))\r");
            client.await("said-42");
            client.type("busybox stty size\r");
            client.await("51 137");
            client.type("busybox id -u; seq=0; while [ $seq -lt 3000 ]; do seq=$((seq+1)); echo line $seq; done\r");
            client.await("line 3000\r\n");
            assertThat(described(ssm, told, SessionState.ACTIVE).statusAsString())
                    .isEqualTo("Connected");
            try (SessionClient again =
                    new SessionClient(told.session().streamUrl(), told.session().tokenValue())) {
                again.awaitClosed();
                assertThat(again.code()).as("a token opens once").isEqualTo(1008);
            }
            client.type("exit\r");
            assertThat(client.awaitClosed()).contains("\"Output\":\"\"");
        }
        Session after = await(() -> described(ssm, told, SessionState.HISTORY), it -> it != null);
        assertThat(after.statusAsString()).isEqualTo("Terminated");
        assertThat(after.owner()).isEqualTo("arn:aws:iam::000000000000:root");
        assertThat(after.documentName()).isEqualTo("AmazonECS-ExecuteInteractiveCommand");

        ExecuteCommandResponse absent = execute(ecs, task, "/bin/absent");
        try (SessionClient client =
                new SessionClient(absent.session().streamUrl(), absent.session().tokenValue())) {
            client.awaitClosed();
        }
        return told.session().sessionId();
    }

    private static Session described(SsmClient ssm, ExecuteCommandResponse told, SessionState state) {
        return ssm.describeSessions(request -> request.state(state)).sessions().stream()
                .filter(each -> each.sessionId().equals(told.session().sessionId()))
                .findFirst()
                .orElse(null);
    }

    private static void recorded(LaunchedRegion region, String session) throws Exception {
        try (S3Client s3 = client(S3Client.builder().forcePathStyle(true), region);
                CloudWatchLogsClient logs = client(CloudWatchLogsClient.builder(), region)) {
            String key = "exec/" + session + ".log";
            await(() -> s3.listObjectsV2(request -> request.bucket("typed").prefix(key)), it -> it.keyCount() > 0);
            assertThat(s3.getObjectAsBytes(request -> request.bucket("typed").key(key))
                            .asUtf8String())
                    .contains("said-42", "line 2999");
            assertThat(logs.getLogEvents(request -> request.logGroupName("/typed")
                                    .logStreamName(session)
                                    .startFromHead(true))
                            .events()
                            .getFirst()
                            .message())
                    .contains("said-42");
        }
    }

    /** A client comes back to the shell it had, and TerminateSession ends what runs in it. */
    private static void lostAndFound(EcsClient ecs, SsmClient ssm, String task) throws Exception {
        ExecuteCommandResponse told = execute(ecs, task, "sh");
        try (SessionClient client =
                new SessionClient(told.session().streamUrl(), told.session().tokenValue())) {
            client.await("# ");
            client.type("mine=kept\r");
            client.await("mine=kept");
            client.lose();
            await(
                    () -> described(ssm, told, SessionState.ACTIVE),
                    it -> it.statusAsString().equals("Disconnected"));
            client.type("echo it-is-$mine\r");
            var resumed = ssm.resumeSession(
                    request -> request.sessionId(told.session().sessionId()));
            client.open(resumed.streamUrl(), resumed.tokenValue());
            client.await("it-is-kept");
            client.type("sleep 98765\r");
            await(() -> running("98765"), it -> it);
            ssm.terminateSession(request -> request.sessionId(told.session().sessionId()));
            client.awaitClosed();
            await(() -> running("98765"), it -> !it);
        }
        var over = ssm.resumeSession(request -> request.sessionId(told.session().sessionId()));
        assertThat(over.tokenValue()).isNull();
    }

    /** The server is killed: the task goes on, the session and its program do not. */
    private static void gone(LaunchedRegion region, EcsClient ecs, SsmClient ssm, String task) throws Exception {
        ExecuteCommandResponse told = execute(ecs, task, "sleep 98766");
        try (SessionClient client =
                new SessionClient(told.session().streamUrl(), told.session().tokenValue())) {
            await(() -> running("98766"), it -> it);
            region.killHard();
        }
        region.up();
        await(() -> running("98766"), it -> !it);
        assertThat(await(() -> described(ssm, told, SessionState.HISTORY), it -> it != null)
                        .statusAsString())
                .isEqualTo("Terminated");
        assertThat(ecs.describeTasks(request -> request.tasks(task))
                        .tasks()
                        .getFirst()
                        .lastStatus())
                .isEqualTo("RUNNING");
    }

    private static boolean running(String word) throws IOException {
        try (var folders = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path folder : folders) {
                try {
                    String line = Files.readString(folder.resolve("cmdline"), StandardCharsets.ISO_8859_1);
                    if (line.equals("sleep\0" + word + "\0")) {
                        return true;
                    }
                } catch (IOException e) {
                    continue; // it ended
                }
            }
        }
        return false;
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
        List<String> line = new java.util.ArrayList<>(List.of("aws"));
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
                .credentialsProvider(KEYS)
                .build();
    }
}
