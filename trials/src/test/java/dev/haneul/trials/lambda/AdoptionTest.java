package dev.haneul.trials.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilteredLogEvent;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvocationType;

/** What runs goes on when the server is killed, and the next server takes it over; nothing is left behind. */
class AdoptionTest {
    /** Kills in the suite; {@code -Dhaneul.soak=1000} makes a thousand. */
    private static final int KILLS = Integer.getInteger("haneul.soak", 3);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String FUNCTION = """
            import time
            calls = 0
            def handler(event, context):
                global calls
                calls += 1
                print('call', calls, 'begun', event.get('id'))
                for i in range(event.get('steps', 0)):
                    time.sleep(0.1)
                    print('step', event.get('id'), i)
                return calls
            """;

    @Test
    void whatRunsOutlivesTheServer() throws Exception {
        try (LaunchedRegion region = new LaunchedRegion()) {
            region.up();
            try (Clients clients = Clients.root(region.endpoint())) {
                deploy(clients);
                LambdaClient lambda = clients.lambda();
                int calls = 0;
                for (int round = 0; round < KILLS; round++) {
                    String id = "event-" + round;
                    event(lambda, "{\"id\":\"" + id + "\",\"steps\":30}");
                    calls++;
                    await(clients, "step " + id + " 2\n");
                    region.killHard();
                    region.up();
                    await(clients, "step " + id + " 29\n");
                    calls++;
                    assertThat(call(lambda)).isEqualTo(Integer.toString(calls)); // the same environment, still warm
                    List<String> log = log(clients, id);
                    for (int step = 0; step < 30; step++) {
                        String line = "step " + id + " " + step + "\n";
                        assertThat(log).filteredOn(line::equals).as(line).isNotEmpty();
                    }
                    assertThat(log)
                            .filteredOn(line -> line.contains("begun " + id))
                            .hasSize(1);
                    assertThat(Held.of(region.data()).cgroups()).as("cgroups").hasSizeLessThan(60);
                    assertThat(files(region.data().resolve("lambda/environments")))
                            .isEqualTo(1);
                }
            }
            region.command("down");
            assertThat(Held.of(region.data())).isEqualTo(Held.NOTHING);
        }
    }

    private static void deploy(Clients clients) {
        String role = clients.iam()
                .createRole(request -> request.roleName("lasting").assumeRolePolicyDocument("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                        "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"""))
                .role()
                .arn();
        clients.iam()
                .attachRolePolicy(request -> request.roleName("lasting")
                        .policyArn("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"));
        clients.lambda()
                .createFunction(request -> request.functionName("lasting")
                        .runtime(HostRuntimes.python())
                        .handler("app.handler")
                        .role(role)
                        .timeout(60)
                        .code(code -> code.zipFile(Zips.of("app.py", FUNCTION))));
        clients.lambda().waiter().waitUntilFunctionActiveV2(request -> request.functionName("lasting"));
    }

    private static void event(LambdaClient lambda, String payload) {
        lambda.invoke(request -> request.functionName("lasting")
                .invocationType(InvocationType.EVENT)
                .payload(SdkBytes.fromUtf8String(payload)));
    }

    private static String call(LambdaClient lambda) {
        return lambda.invoke(request -> request.functionName("lasting").payload(SdkBytes.fromUtf8String("{}")))
                .payload()
                .asUtf8String();
    }

    private static void await(Clients clients, String line) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!log(clients, line.split(" ")[1]).contains(line)) {
            assertThat(System.nanoTime()).as(line).isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    private static List<String> log(Clients clients, String id) {
        try {
            return clients
                    .logs()
                    .filterLogEventsPaginator(request ->
                            request.logGroupName("/aws/lambda/lasting").filterPattern("\"" + id + "\""))
                    .events()
                    .stream()
                    .map(FilteredLogEvent::message)
                    .toList();
        } catch (software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException e) {
            return List.of(); // nothing has come yet
        }
    }

    private static int files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return (int) all.count();
        }
    }

    /** What the host holds on behalf of a region: processes and mounts that name its folder, and its cgroups. */
    private record Held(Set<String> processes, Set<String> mounts, Set<String> cgroups) {
        static final Held NOTHING = new Held(Set.of(), Set.of(), Set.of());

        static Held of(Path data) throws IOException {
            String name = data.toString();
            Set<String> mounts = Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                    .filter(line -> line.contains(name))
                    .collect(Collectors.toSet());
            Set<String> processes = new TreeSet<>();
            try (var folders = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
                for (Path folder : folders) {
                    String line = read(folder.resolve("cmdline"));
                    if (line.startsWith("haneul-sandbox:") && line.contains(name)) {
                        processes.add(line.replace('\0', ' '));
                    }
                }
            }
            return new Held(processes, mounts, cgroups(data));
        }

        /** The sandbox engine's cgroups are below one that is named by its folder's checksum. */
        private static Set<String> cgroups(Path data) throws IOException {
            CRC32 crc = new CRC32();
            crc.update(data.resolve("engines/sandbox").toString().getBytes(StandardCharsets.UTF_8));
            String parent = "haneul-%08x/".formatted(crc.getValue());
            Path root = Path.of("/sys/fs/cgroup");
            if (!Files.isDirectory(root)) {
                return Set.of();
            }
            Set<String> found = new TreeSet<>();
            Files.walkFileTree(root, Set.of(), 8, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    if (folder.toString().contains(parent)) {
                        found.add(folder.toString());
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    return FileVisitResult.CONTINUE; // others' come and go
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException gone) {
                    return FileVisitResult.CONTINUE;
                }
            });
            return found;
        }

        private static String read(Path file) {
            try {
                return Files.readString(file, StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                return ""; // ended
            }
        }
    }
}
