package dev.haneul.trials.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.CallbackTimeoutException;
import software.amazon.awssdk.services.lambda.model.DurableExecutionAlreadyStartedException;
import software.amazon.awssdk.services.lambda.model.Event;
import software.amazon.awssdk.services.lambda.model.EventType;
import software.amazon.awssdk.services.lambda.model.ExecutionStatus;
import software.amazon.awssdk.services.lambda.model.GetDurableExecutionResponse;
import software.amazon.awssdk.services.lambda.model.InvalidParameterValueException;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;

/** A workflow with AWS's own durable execution SDK for JavaScript, through a kill of the server and a wait of days. */
class DurableFunctionTest {
    /** The last that runs on Node.js 20 too. */
    private static final String SDK = "@aws/durable-execution-sdk-js@1.1.7";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String WORKFLOW = """
            const { withDurableExecution } = require('@aws/durable-execution-sdk-js');
            exports.handler = withDurableExecution(async (event, context) => {
              const flaky = await context.step('flaky', async (step) => {
                const tries = (global.tries = (global.tries ?? 0) + 1);
                if (tries === 1) throw new Error('not yet');
                return 'tried again';
              }, { retryStrategy: (error, attempt) => ({ shouldRetry: attempt < 3, delay: { seconds: 1 } }) });
              const slow = await context.step('slow', async () => {
                await new Promise((done) => setTimeout(done, event.slowMillis ?? 0));
                return event.n * 2;
              });
              await context.wait('days', { seconds: event.waitSeconds ?? 1 });
              const doubled = await context.invoke('chained', event.target, { n: slow });
              let answer = 'none';
              if (event.ask) {
                answer = await context.waitForCallback('ask', async () => {}, { timeout: { days: 30 } });
              }
              return { flaky, slow, doubled, answer };
            });
            """;

    private static final String ORDER = """
            {"n":4,"slowMillis":1500,"waitSeconds":259200,"target":"plain:$LATEST","ask":true}""";

    private static final String PLAIN = "exports.handler = async (event) => event.n + 1;";

    @Test
    void aWorkflowGoesOnThroughAKillAndAWaitOfDays(@TempDir Path folder) throws Exception {
        install(folder);
        try (LaunchedRegion region = new LaunchedRegion()) {
            region.up();
            try (Clients clients = Clients.root(region.endpoint())) {
                LambdaClient lambda = clients.lambda();
                deploy(clients, folder);
                synchronous(lambda);
                String arn = start(lambda, "order-1", ORDER);
                assertThat(start(lambda, "order-1", ORDER)).as("the same again").isEqualTo(arn);
                assertThatThrownBy(() -> start(lambda, "order-1", "{\"n\":5}"))
                        .isInstanceOf(DurableExecutionAlreadyStartedException.class);
                await(lambda, arn, events -> count(events, EventType.STEP_STARTED, "slow") == 1);
                region.killHard();
                region.up();
                await(lambda, arn, events -> count(events, EventType.WAIT_STARTED, "days") == 1);
                region.killHard();
                region.up();
                assertThat(region.command("clock", "advance", "3d").code()).isZero();
                List<Event> events =
                        await(lambda, arn, all -> all.stream().anyMatch(e -> e.callbackStartedDetails() != null));
                assertThat(count(events, EventType.CHAINED_INVOKE_SUCCEEDED, "chained"))
                        .isEqualTo(1);
                String callback = events.stream()
                        .filter(event -> event.callbackStartedDetails() != null)
                        .findFirst()
                        .orElseThrow()
                        .callbackStartedDetails()
                        .callbackId();
                lambda.sendDurableExecutionCallbackSuccess(
                        request -> request.callbackId(callback).result(SdkBytes.fromUtf8String("yes")));
                GetDurableExecutionResponse ended = ended(lambda, arn);
                assertThat(ended.status()).isEqualTo(ExecutionStatus.SUCCEEDED);
                assertThat(ended.result())
                        .isEqualTo("{\"flaky\":\"tried again\",\"slow\":8,\"doubled\":9,\"answer\":\"yes\"}");
                assertThatThrownBy(() ->
                                lambda.sendDurableExecutionCallbackSuccess(request -> request.callbackId(callback)))
                        .isInstanceOf(CallbackTimeoutException.class);
                stopped(lambda);
            }
        }
    }

    /** An execution that is waited for, and what is refused. */
    private static void synchronous(LambdaClient lambda) throws Exception {
        InvokeResponse answer = lambda.invoke(request -> request.functionName("short")
                .qualifier("$LATEST")
                .payload(SdkBytes.fromUtf8String("{\"n\":1,\"target\":\"plain:$LATEST\"}")));
        assertThat(answer.payload().asUtf8String()).contains("\"slow\":2,\"doubled\":3");
        assertThat(answer.functionError()).isNull();
        assertThat(answer.durableExecutionArn()).contains(":function:short:$LATEST/durable-execution/");
        assertThatThrownBy(() -> lambda.invoke(request -> request.functionName("short")))
                .isInstanceOf(InvalidParameterValueException.class)
                .hasMessageContaining("unqualified ARN");
        assertThatThrownBy(() -> lambda.invoke(
                        request -> request.functionName("workflow").qualifier("$LATEST")))
                .isInstanceOf(InvalidParameterValueException.class)
                .hasMessageContaining("greater than 15 minutes");
        String failed = start(lambda, "order-0", "{\"n\":1,\"target\":\"nobody:$LATEST\"}");
        GetDurableExecutionResponse ended = ended(lambda, failed);
        assertThat(ended.status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(ended.error().errorMessage()).contains("Function not found");
    }

    private static void stopped(LambdaClient lambda) throws Exception {
        String arn = start(lambda, "order-2", "{\"n\":1,\"waitSeconds\":3600,\"target\":\"plain:$LATEST\"}");
        await(lambda, arn, events -> count(events, EventType.WAIT_STARTED, "days") == 1);
        lambda.stopDurableExecution(request -> request.durableExecutionArn(arn));
        assertThat(ended(lambda, arn).status()).isEqualTo(ExecutionStatus.STOPPED);
        assertThat(lambda.listDurableExecutionsByFunction(request -> request.functionName("workflow")
                                .statuses(ExecutionStatus.STOPPED, ExecutionStatus.SUCCEEDED))
                        .durableExecutions())
                .extracting(one -> one.durableExecutionName())
                .containsExactly("order-1", "order-2");
    }

    private static String start(LambdaClient lambda, String name, String payload) {
        return lambda.invoke(request -> request.functionName("workflow")
                        .qualifier("$LATEST")
                        .invocationType(InvocationType.EVENT)
                        .durableExecutionName(name)
                        .payload(SdkBytes.fromUtf8String(payload)))
                .durableExecutionArn();
    }

    private static long count(List<Event> events, EventType type, String name) {
        return events.stream()
                .filter(event -> event.eventType() == type && name.equals(event.name()))
                .count();
    }

    private static List<Event> await(LambdaClient lambda, String arn, Predicate<List<Event>> there)
            throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            List<Event> events =
                    lambda
                            .getDurableExecutionHistoryPaginator(request -> request.durableExecutionArn(arn))
                            .events()
                            .stream()
                            .toList();
            if (there.test(events)) {
                return events;
            }
            assertThat(System.nanoTime()).as(events.toString()).isLessThan(deadline);
            Thread.sleep(100);
        }
    }

    private static GetDurableExecutionResponse ended(LambdaClient lambda, String arn) throws InterruptedException {
        await(
                lambda,
                arn,
                events -> events.stream()
                        .anyMatch(event ->
                                event.eventTypeAsString().matches("Execution(Succeeded|Failed|Stopped|TimedOut)")));
        return lambda.getDurableExecution(request -> request.durableExecutionArn(arn));
    }

    private static void deploy(Clients clients, Path folder) throws IOException {
        String role = clients.iam()
                .createRole(request -> request.roleName("durable").assumeRolePolicyDocument("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                        "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"""))
                .role()
                .arn();
        clients.iam()
                .attachRolePolicy(request -> request.roleName("durable")
                        .policyArn("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy"));
        clients.iam()
                .putRolePolicy(request ->
                        request.roleName("durable").policyName("chained").policyDocument("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:InvokeFunction",
                        "Resource":"*"}]}"""));
        SdkBytes zip = zip(folder);
        for (String name : List.of("workflow", "short")) {
            clients.lambda()
                    .createFunction(request -> request.functionName(name)
                            .runtime(HostRuntimes.node())
                            .handler("index.handler")
                            .role(role)
                            .timeout(30)
                            .memorySize(512)
                            .durableConfig(config -> config.executionTimeout(name.equals("short") ? 300 : 30 * 86_400)
                                    .retentionPeriodInDays(1))
                            .code(code -> code.zipFile(zip)));
        }
        clients.lambda()
                .createFunction(request -> request.functionName("plain")
                        .runtime(HostRuntimes.node())
                        .handler("index.handler")
                        .role(role)
                        .code(code -> code.zipFile(dev.haneul.trials.Zips.of("index.js", PLAIN))));
        assertThat(clients.lambda()
                        .getFunctionConfiguration(request -> request.functionName("short"))
                        .durableConfig()
                        .executionTimeout())
                .isEqualTo(300);
    }

    /** Without npm or a network there is nothing to be tried. */
    private static void install(Path folder) throws IOException, InterruptedException {
        boolean there =
                Stream.of(System.getenv("PATH").split(":")).anyMatch(part -> Files.isExecutable(Path.of(part, "npm")));
        assumeTrue(there, "NOT TRIED: node and npm are not installed");
        Files.writeString(folder.resolve("index.js"), WORKFLOW);
        Path log = folder.resolveSibling(folder.getFileName() + "-npm.log");
        Process npm = new ProcessBuilder("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", SDK)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = npm.waitFor(2, TimeUnit.MINUTES);
        String text = Files.readString(log);
        Files.delete(log);
        assumeTrue(ended && npm.exitValue() == 0, "NOT TRIED: npm gave nothing: " + text);
    }

    private static SdkBytes zip(Path folder) throws IOException {
        Path file = Files.createTempFile("durable", ".zip");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
                Stream<Path> files = Files.walk(folder)) {
            for (Path one : files.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(one).toString();
                if (!name.endsWith(".map") && !name.endsWith(".d.ts")) {
                    zip.putNextEntry(new ZipEntry(name));
                    Files.copy(one, zip);
                    zip.closeEntry();
                }
            }
        }
        SdkBytes bytes = SdkBytes.fromByteArray(Files.readAllBytes(file));
        Files.delete(file);
        return bytes;
    }
}
