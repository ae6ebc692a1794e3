package dev.haneul.engines.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with pods is killed in the middle of its work. */
final class ContainersCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("haneul.soak") ? 20 : 2;
    private static final int PODS = 4;

    @TempDir
    Path home;

    /** A server that makes pods and closes every third, until it is killed. */
    static final class Main {
        public static void main(String[] args) throws Exception {
            var engine = new CrunContainers(Path.of(args[0]));
            var image = engine.images().unpack(List.of(TestImages.system()));
            for (int i = 0; ; i++) {
                var pod = engine.prepare(Pods.spec(args[1] + "-" + i));
                pod.start(Pods.sh("main", image, "echo ready; sleep 1000"));
                pod.start(Pods.sh("quick", image, "exit 3"));
                System.out.println("started " + pod.id());
                if (i % 3 == 2) {
                    pod.close();
                    System.out.println("closed " + pod.id());
                }
            }
        }

        private Main() {}
    }

    @Test
    void whatWasStartedIsFoundAndNothingElse() throws Exception {
        try (var probing = new CrunContainers(home)) {
            assumeTrue(
                    probing.probe().usable() && Files.exists(TestImages.BUSYBOX),
                    probing.probe().reason());
        }
        for (int round = 0; round < ROUNDS; round++) {
            var said = killedServer("r" + round);
            try (var next = new CrunContainers(home)) {
                var found = new HashSet<String>();
                for (var pod : next.recover()) {
                    found.add(pod.id());
                    if (said.contains("started " + pod.id())) {
                        assertThat(pod.find("main").orElseThrow().running())
                                .as(pod.id())
                                .isTrue();
                        var quick = pod.find("quick").orElseThrow().await(Pods.PATIENCE);
                        assertThat(quick)
                                .get()
                                .satisfies(it -> assertThat(it.code()).isEqualTo(3));
                    }
                    pod.close();
                }
                for (var line : said) {
                    var id = line.substring(line.indexOf(' ') + 1);
                    if (line.startsWith("started ") && !said.contains("closed " + id) && !isClosing(id)) {
                        assertThat(found).contains(id);
                    }
                    if (line.startsWith("closed ")) {
                        assertThat(found).doesNotContain(id);
                    }
                }
            }
            assertThat(Pods.leftovers(home)).isEmpty();
        }
    }

    private static boolean isClosing(String id) {
        return Integer.parseInt(id.substring(id.indexOf('-') + 1)) % 3 == 2;
    }

    /** Runs a server until it has made some pods, and kills it. */
    private List<String> killedServer(String prefix) throws Exception {
        var server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        home.toString(),
                        prefix)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var said = new java.util.ArrayList<String>();
        try (var out = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            int started = 0;
            for (var line = out.readLine(); line != null; line = out.readLine()) {
                said.add(line);
                started += line.startsWith("started") ? 1 : 0;
                if (started == PODS) {
                    server.toHandle().destroyForcibly();
                    started++;
                }
            }
        }
        server.waitFor();
        assertThat(said).hasSizeGreaterThanOrEqualTo(PODS);
        return said;
    }
}
