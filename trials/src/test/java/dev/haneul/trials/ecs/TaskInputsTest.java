package dev.haneul.trials.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.LaunchedRegion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.CapacityProviderStrategyItem;
import software.amazon.awssdk.services.ecs.model.Compatibility;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.EnvironmentFileType;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.ParameterType;

/**
 * What tasks are given, through the SDK: variables from a file in S3, a parameter and a key of a secret, a folder that
 * two tasks share as they would an EFS file system; and the providers a strategy picks. The second task ends with zero
 * only where it found in the folder what the first was given.
 */
class TaskInputsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final StaticCredentialsProvider KEYS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    private static final String TRUST = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},\
            "Action":"sts:AssumeRole"}]}""";
    private static final String MAY = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":\
            ["s3:GetObject","s3:GetBucketLocation","ssm:GetParameters","secretsmanager:GetSecretValue"]}]}""";

    @Test
    void variablesSecretsFoldersAndProviders() throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root")
                        && BusyboxLayout.possible()
                        && Files.isExecutable(Path.of("/usr/bin/crun")),
                "tasks need root, networks, crun and a busybox");
        try (LaunchedRegion region = new LaunchedRegion()) {
            BusyboxLayout.write(region.data().resolve("ecs/images/busybox"));
            region.up();
            String secret = sources(region);
            try (EcsClient ecs = at(EcsClient.builder(), region).build()) {
                ecs.createCluster(
                        request -> request.clusterName("default").capacityProviders("FARGATE", "FARGATE_SPOT"));
                define(ecs, "writer", "echo $PLAIN/$FILED/$PARAMETER/$SECRET >/shared/said", secret);
                define(ecs, "reader", "test \"$(cat /shared/said)\" = over/filed/parameter/word", secret);
                assertThat(exitCode(ecs, run(ecs, region, "writer", 1).getFirst()))
                        .isZero();
                assertThat(exitCode(ecs, run(ecs, region, "reader", 1).getFirst()))
                        .isZero();

                Map<String, Long> providers = run(ecs, region, "reader", 5).stream()
                        .collect(Collectors.groupingBy(Task::capacityProviderName, Collectors.counting()));
                // One of the base, and one in four of the rest.
                assertThat(providers).isEqualTo(Map.of("FARGATE", 2L, "FARGATE_SPOT", 3L));
            }
            assertThat(region.command("reset").code()).isZero();
        }
    }

    private static String sources(LaunchedRegion region) {
        try (IamClient iam = at(IamClient.builder(), region).build();
                S3Client s3 =
                        at(S3Client.builder(), region).forcePathStyle(true).build();
                SsmClient ssm = at(SsmClient.builder(), region).build();
                SecretsManagerClient secrets =
                        at(SecretsManagerClient.builder(), region).build()) {
            iam.createRole(request -> request.roleName("execution").assumeRolePolicyDocument(TRUST));
            iam.putRolePolicy(
                    request -> request.roleName("execution").policyName("may").policyDocument(MAY));
            s3.createBucket(request -> request.bucket("given-to-tasks"));
            s3.putObject(
                    request -> request.bucket("given-to-tasks").key("some.env"),
                    RequestBody.fromString("# a comment\nFILED=filed\nPLAIN=filed too\n"));
            ssm.putParameter(
                    request -> request.name("/given/one").value("parameter").type(ParameterType.STRING));
            return secrets.createSecret(request -> request.name("given").secretString("{\"key\":\"word\"}"))
                    .arn();
        }
    }

    private static void define(EcsClient ecs, String family, String command, String secret) {
        ContainerDefinition container = ContainerDefinition.builder()
                .name("main")
                .image("busybox")
                .command("sh", "-c", command)
                .environmentFiles(
                        file -> file.type(EnvironmentFileType.S3).value("arn:aws:s3:::given-to-tasks/some.env"))
                .environment(plain -> plain.name("PLAIN").value("over"))
                .secrets(
                        one -> one.name("PARAMETER")
                                .valueFrom("arn:aws:ssm:us-east-1:000000000000:parameter/given/one"),
                        one -> one.name("SECRET").valueFrom(secret + ":key::"))
                .mountPoints(mount -> mount.sourceVolume("files").containerPath("/shared"))
                .build();
        ecs.registerTaskDefinition(request -> request.family(family)
                .requiresCompatibilities(Compatibility.FARGATE)
                .networkMode(NetworkMode.AWSVPC)
                .cpu("256")
                .memory("512")
                .executionRoleArn("arn:aws:iam::000000000000:role/execution")
                .volumes(volume ->
                        volume.name("files").efsVolumeConfiguration(efs -> efs.fileSystemId("fs-0123456789abcdef0")))
                .containerDefinitions(container));
    }

    private static List<Task> run(EcsClient ecs, LaunchedRegion region, String family, int count) throws Exception {
        String subnet = subnet(region);
        return ecs.runTask(request -> request.taskDefinition(family)
                        .count(count)
                        .capacityProviderStrategy(provider("FARGATE", 1, 1), provider("FARGATE_SPOT", 3, 0))
                        .networkConfiguration(network -> network.awsvpcConfiguration(vpc -> vpc.subnets(subnet))))
                .tasks();
    }

    private static CapacityProviderStrategyItem provider(String name, int weight, int base) {
        return CapacityProviderStrategyItem.builder()
                .capacityProvider(name)
                .weight(weight)
                .base(base)
                .build();
    }

    private static int exitCode(EcsClient ecs, Task task) throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            Task now = ecs.describeTasks(request -> request.tasks(task.taskArn()))
                    .tasks()
                    .getFirst();
            if (now.lastStatus().equals("STOPPED")) {
                assertThat(now.containers().getFirst().exitCode())
                        .as(now.toString())
                        .isNotNull();
                return now.containers().getFirst().exitCode();
            }
            assertThat(Instant.now()).as(now.toString()).isBefore(end);
            Thread.sleep(100);
        }
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
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return output;
    }

    private static <B extends AwsClientBuilder<B, ?>> B at(B builder, LaunchedRegion region) {
        return builder.endpointOverride(region.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(KEYS);
    }
}
