package dev.haneul.trials.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilteredLogEvent;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.lambda.model.PackageType;

/** A function out of a container image goes on when the server is killed, and the next server takes it over. */
class ImageAdoptionTest {
    private static final int KILLS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void anImageOutlivesTheServer(@TempDir Path folder) throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root") && Files.isExecutable(Path.of("/usr/bin/bwrap")),
                "images need a root of their own");
        try (LaunchedRegion region = new LaunchedRegion()) {
            region.up();
            layout(folder, region.data().resolve("lambda/images/team/counting"));
            try (Clients clients = Clients.root(region.endpoint())) {
                deploy(clients);
                LambdaClient lambda = clients.lambda();
                int calls = 0;
                for (int round = 0; round < KILLS; round++) {
                    calls++;
                    lambda.invoke(request -> request.functionName("counting")
                            .invocationType(InvocationType.EVENT)
                            .payload(SdkBytes.fromUtf8String("30")));
                    await(clients, "call " + calls + " step 2\n");
                    region.killHard();
                    region.up();
                    await(clients, "call " + calls + " step 29\n");
                    await(clients, "call " + calls + " done\n");
                    for (int step = 0; step < 30; step++) {
                        assertThat(log(clients)).contains("call " + calls + " step " + step + "\n");
                    }
                    calls++;
                    assertThat(lambda.invoke(request ->
                                            request.functionName("counting").payload(SdkBytes.fromUtf8String("0")))
                                    .payload()
                                    .asUtf8String())
                            .as("the same environment, still warm")
                            .isEqualTo(Integer.toString(calls));
                }
            }
            region.command("down");
        }
    }

    /** An image of bash and a runtime written in it, as an OCI layout. */
    private static void layout(Path folder, Path layout) throws Exception {
        Files.createDirectories(layout);
        for (String name : List.of("counting.sh", "image.py")) {
            try (InputStream in = ImageAdoptionTest.class.getResourceAsStream(name)) {
                Files.copy(in, folder.resolve(name));
            }
        }
        Process made = new ProcessBuilder("python3", "image.py", "counting.sh", layout.toString())
                .directory(folder.toFile())
                .inheritIO()
                .start();
        assertThat(made.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(made.exitValue()).isZero();
    }

    private static void deploy(Clients clients) {
        String role = clients.iam()
                .createRole(request -> request.roleName("counting").assumeRolePolicyDocument("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                        "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"""))
                .role()
                .arn();
        clients.iam()
                .attachRolePolicy(request -> request.roleName("counting")
                        .policyArn("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"));
        clients.lambda()
                .createFunction(request -> request.functionName("counting")
                        .packageType(PackageType.IMAGE)
                        .role(role)
                        .timeout(60)
                        .code(code -> code.imageUri("000000000000.dkr.ecr.us-east-1.amazonaws.com/team/counting:v1")));
        clients.lambda().waiter().waitUntilFunctionActiveV2(request -> request.functionName("counting"));
    }

    private static void await(Clients clients, String line) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!log(clients).contains(line)) {
            assertThat(System.nanoTime()).as(line).isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    private static List<String> log(Clients clients) {
        try {
            return clients
                    .logs()
                    .filterLogEventsPaginator(request -> request.logGroupName("/aws/lambda/counting"))
                    .events()
                    .stream()
                    .map(FilteredLogEvent::message)
                    .toList();
        } catch (software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException e) {
            return List.of(); // nothing has come yet
        }
    }
}
