package dev.haneul.trials.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.LaunchedRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server is killed; its instances go on, the next server adopts them and knows which died meanwhile, and terminating
 * leaves nothing. With {@code -Dhaneul.soak=1} there are 20.
 */
@Tag("alone")
class ServerAdoptionTest {
    private static final int INSTANCES = System.getProperty("haneul.soak") == null ? 3 : 20;
    /** The goal is 5 s; a machine that is shared by many is slower, and each look starts a Python. */
    private static final Duration TRUE_AGAIN = Duration.ofSeconds(20);

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    @Test
    void instancesOutliveTheServer() throws Exception {
        assumeTrue(ServerHost.works(), "servers need root, namespaces and networks");
        Leftovers before = Leftovers.now();
        try (LaunchedRegion region = new LaunchedRegion()) {
            region.up();
            String image = "resolve:ssm:/aws/service/debian/release/12/latest/amd64";
            aws(region, "run-instances", "--image-id", image, "--instance-type", "t2.micro", "--count", "" + INSTANCES);
            await(region, states -> states.stream().allMatch("running"::equals));
            List<Long> servers = pids(region.data());
            assertThat(servers).hasSize(INSTANCES);

            region.killHard();
            assertThat(pids(region.data())).isEqualTo(servers);
            ProcessHandle.of(servers.getFirst()).orElseThrow().destroyForcibly();
            region.up();
            Instant up = Instant.now();
            List<Long> living = servers.subList(1, INSTANCES);
            assertThat(pids(region.data())).isEqualTo(living);
            await(region, states -> states.stream().filter("stopped"::equals).count() == 1);
            assertThat(states(region)).filteredOn("running"::equals).hasSize(INSTANCES - 1);
            assertThat(Duration.between(up, Instant.now()))
                    .as("from the server's start to a true answer")
                    .isLessThan(TRUE_AGAIN);
            assertThat(pids(region.data())).isEqualTo(living);

            List<String> terminate = new ArrayList<>(List.of("terminate-instances", "--instance-ids"));
            List<String> ids = describe(region, "InstanceId");
            terminate.addAll(ids);
            aws(region, terminate.toArray(String[]::new));
            await(region, states -> states.stream().allMatch("terminated"::equals));
            assertThat(region.command("reset").code()).isZero();
            await(() -> Leftovers.now().since(before, region, ids), List::isEmpty);
        }
    }

    /** The inits of this region's servers. */
    private static List<Long> pids(Path data) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> holds(pid, data))
                .sorted()
                .toList();
    }

    private static boolean holds(long pid, Path data) {
        try {
            // A server's root is an overlay that lies in the region's folder.
            String mounts = Files.readString(Path.of("/proc/" + pid + "/mountinfo"));
            String name = Files.readString(Path.of("/proc/" + pid + "/comm")).strip();
            return name.equals("systemd") && mounts.contains(data.toString());
        } catch (IOException e) {
            return false;
        }
    }

    private void await(LaunchedRegion region, Predicate<List<String>> wanted) throws Exception {
        await(() -> states(region), wanted);
    }

    private static void await(Callable<List<String>> seen, Predicate<List<String>> wanted) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        for (List<String> now = seen.call(); !wanted.test(now); now = seen.call()) {
            assertThat(Instant.now()).as(now.toString()).isBefore(end);
            Thread.sleep(200);
        }
    }

    private List<String> states(LaunchedRegion region) throws Exception {
        return describe(region, "State.Name");
    }

    private List<String> describe(LaunchedRegion region, String field) throws Exception {
        String text =
                aws(region, "describe-instances", "--query", "Reservations[].Instances[]." + field, "--output", "text");
        return List.of(text.strip().split("\\s+"));
    }

    private String aws(LaunchedRegion region, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("aws", "ec2"));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(folder, "aws", ".out");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("AWS_"));
        environment.put("AWS_ENDPOINT_URL", region.endpoint().toString());
        environment.put("AWS_ACCESS_KEY_ID", "test");
        environment.put("AWS_SECRET_ACCESS_KEY", "test");
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        environment.put("AWS_PAGER", "");
        Process process = builder.start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output);
    }
}
