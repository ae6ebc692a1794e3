package dev.haneul.engines.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.engines.Engine;
import dev.haneul.engines.EngineContract;
import dev.haneul.engines.Spec;
import dev.haneul.engines.Workload.Exit;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Containers, against Podman's Docker API. */
final class DockerEngineTest extends EngineContract {
    private static PodmanService podman;
    /** The daemon is the same for all: one test tries it out. */
    private static boolean probed;

    @BeforeAll
    static void serve() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/podman")) && Daemon.root(),
                "Podman, run by root, is the daemon these run against");
        podman = new PodmanService();
        probed = false;
    }

    @AfterAll
    static void stop() throws IOException {
        if (podman != null) {
            podman.close();
        }
    }

    @Override
    protected Engine open(Path home) {
        var opened = new DockerEngine(home, podman::found, probed);
        probed = true;
        return opened;
    }

    @Override
    protected String crashKind() {
        return "docker:" + podman.socket();
    }

    /** Once: a container takes ten times as long as a sandbox. */
    @Override
    @Test
    protected void aKilledServerLeavesNothingUnknown() throws Exception {
        super.aKilledServerLeavesNothingUnknown();
    }

    @Test
    void aProgramThatWantsTooMuchMemoryIsKilledAndTold() throws Exception {
        var workload = launch(new Spec(List.of("/usr/bin/python3", "-c", "x = bytearray(512 << 20); print('alive')"))
                .limits(new Limits(64, 0, 16, 0)));

        assertThat(workload.await(PATIENCE)).hasValue(new Exit(137, true));
        assertThat(workload.usage().peakMemoryBytes()).isGreaterThan(32 << 20);
    }

    @Test
    void limitsCanBeChanged() throws Exception {
        var workload = launch(new Spec(List.of("/usr/bin/python3", "-c", """
                import time
                open('/tmp/ready', 'w')
                print('ready', flush=True)
                time.sleep(0.5)
                x = bytearray(512 << 20)
                """)).limits(new Limits(1024, 0, 16, 0)));
        awaitContent(workload.stdout(), "ready");

        workload.limit(new Limits(64, 500, 16, 0));

        assertThat(workload.await(PATIENCE)).hasValue(new Exit(137, true));
    }

    @Test
    void wallsStand() throws Exception {
        var seen = outputOf(sh("""
                exec 2>&1
                (echo x >/usr/x) && echo GOT write; (echo x >/etc/x) && echo GOT etc; (echo x >/x) && echo GOT root
                ls /root /home/* /var/lib && echo GOT files
                mount -t tmpfs none /tmp && echo GOT mount
                id -u; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; cd /proc; echo pids [0-9]*
                """));

        assertThat(seen)
                .doesNotContain("GOT")
                .contains("CapEff:\t0000000000000000")
                .contains("CapBnd:\t0000000000000000")
                .contains("NoNewPrivs:\t1")
                .contains("pids 1 ");
        assertThat(seen.lines().anyMatch("0"::equals)).isFalse();
    }

    @Test
    void scratchEndsAtItsSize() throws Exception {
        var seen = outputOf(
                sh("head -c 64M /dev/zero >/tmp/f; wc -c </tmp/f").mount("tmp", new Mount.Scratch("/tmp", 16)));

        assertThat(seen.strip()).isEqualTo(Integer.toString(16 << 20));
    }

    @Test
    void withoutADaemonItSaysSo() {
        try (var none = new DockerEngine(temp.resolve("none"), Optional::empty)) {
            assertThat(none.probe().usable()).isFalse();
            assertThat(none.probe().reason()).contains("DOCKER_HOST");
        }
        try (var deaf = new DockerEngine(temp.resolve("none"), () -> Optional.of(temp.resolve("no.sock")))) {
            assertThat(deaf.probe().usable()).isFalse();
        }
        assertThat(DockerSockets.find(Map.of("DOCKER_HOST", "tcp://10.0.0.1:2375")))
                .isEmpty();
    }
}
