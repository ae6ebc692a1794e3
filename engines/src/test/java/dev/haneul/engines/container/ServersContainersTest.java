package dev.haneul.engines.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.container.ContainerSpec.Mount;
import dev.haneul.engines.container.PodSpec.Network;
import dev.haneul.fabric.bridge.BridgeNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods on a server: in its network or on its bridge, with its folders, counted to its control group. */
final class ServersContainersTest {
    @TempDir
    static Path home;

    private CrunContainers engine;
    private ImageRoot image;
    private Process server;

    @BeforeEach
    void open() throws Exception {
        engine = new CrunContainers(home);
        assumeTrue(
                engine.probe().usable() && Files.exists(TestImages.BUSYBOX),
                engine.probe().reason());
        image = engine.images().unpack(List.of(TestImages.system()));
        server = new ProcessBuilder(
                        "unshare",
                        "--net",
                        "--mount",
                        "sh",
                        "-c",
                        "ip link set lo up; mount -t tmpfs none /mnt; echo of the server >/mnt/file; echo up; exec sleep 1000")
                .redirectErrorStream(true)
                .start();
        server.inputReader().readLine();
    }

    @AfterEach
    void close() throws Exception {
        server.destroyForcibly().waitFor();
        engine.close();
        assertThat(Pods.leftovers(home)).isEmpty();
    }

    private Path netns() {
        return Path.of("/proc/" + server.pid() + "/ns/net");
    }

    private PodSpec spec(String id, Network network, OptionalLong accountedTo) {
        var it = Pods.spec(id);
        return new PodSpec(
                id,
                it.hostname(),
                network,
                it.hosts(),
                it.resolvConf(),
                it.limits(),
                0,
                false,
                it.labels(),
                accountedTo);
    }

    @Test
    void aPodInTheServersNetworkWithItsFolders() throws Exception {
        try (var pod = engine.prepare(spec("host", new Network.Join(netns()), OptionalLong.empty()))) {
            assertThat(Files.readSymbolicLink(pod.netns())).isEqualTo(Files.readSymbolicLink(netns()));
            var container = pod.start(Pods.sh("c", image, "cat /in/file; echo back >/new/x; cat /one; sleep 100")
                    .with(List.of(
                            new Mount.Foreign(server.pid(), "/mnt", "/in", true),
                            new Mount.Foreign(server.pid(), "/mnt/made/for/it", "/new", false),
                            new Mount.Foreign(server.pid(), "/mnt/file", "/one", true))));
            Pods.awaitSaid(container, "server\nof the server\n");
            assertThat(Pods.said(container)).isEqualTo("of the server\nof the server\n");
            assertThat(Path.of("/proc/" + server.pid() + "/root/mnt/made/for/it/x"))
                    .hasContent("back\n");
            assertThat(Path.of("/mnt/file")).doesNotExist();
            assertThat(Pods.exec(container, "touch /in/x")).contains("Read-only");
            container.stop(java.time.Duration.ZERO);
            container.restart();
            assertThat(Pods.exec(container, "cat /in/file")).isEqualTo("of the server");
        }
    }

    @Test
    void aPodOnTheServersBridge() throws Exception {
        var bridge = new BridgeNetwork(netns());
        try (var pod = engine.prepare(spec("bridged", new Network.Own(), OptionalLong.empty()))) {
            var it = bridge.attach(pod.id(), pod.netns(), List.of(new BridgeNetwork.Mapping(8080, 80, false)));
            var web = pod.start(Pods.sh("web", image, "echo hi >/srv/index.html; exec httpd -f -p 8080 -h /srv"));
            try (var host = engine.prepare(spec("host", new Network.Join(netns()), OptionalLong.empty()))) {
                var said = Pods.run(
                        host,
                        Pods.sh(
                                "c",
                                image,
                                "for i in $(seq 100); do wget -q -O- 127.0.0.1:80/ && break; sleep 0.1; done;"
                                        + " wget -q -O- " + it.address() + ":8080/"));
                assertThat(said).endsWith("hi\nhi\n");
            }
            assertThat(web.running()).isTrue();
            assertThat(pod.traffic()).containsOnlyKeys("eth0");
            assertThat(pod.traffic().get("eth0").bytesOut()).isGreaterThan(100);
        }
        bridge.detach("bridged");
        assertThat(bridge.attached()).isEmpty();
    }

    @Test
    void aPodCountsToTheServer() throws Exception {
        try (var groups = Cgroups.detect(
                "haneul-servers-" + Integer.toHexString(home.toString().hashCode()))) {
            assumeTrue(groups.threadsMayEnter(), "control groups of version 1 only");
            var group = groups.create("i-1");
            group.add(server.pid());
            try {
                try (var pod = engine.prepare(spec("counted", new Network.Own(), OptionalLong.of(server.pid())))) {
                    Pods.run(pod, Pods.sh("c", image, "head -c 5000000 /dev/zero | tail -c 4000000 | wc -c"));
                    var left = pod.start(Pods.sh("left", image, "sleep 1000"));
                    assertThat(group.stats().peakMemoryBytes()).isGreaterThan(4_000_000);
                    assertThat(group.stats().cpu())
                            .isGreaterThanOrEqualTo(pod.stats().cpu());
                    assertThat(group.allProcesses()).contains(left.pid());
                    engine.close();
                    engine = new CrunContainers(home);
                    assertThat(engine.recover().getFirst().labels()).isEqualTo(Map.of("task", "counted"));
                    engine.find("counted").orElseThrow().close();
                }
                assertThat(group.allProcesses()).containsExactly(server.pid());
            } finally {
                server.destroyForcibly().waitFor();
                group.remove();
            }
        }
    }
}
