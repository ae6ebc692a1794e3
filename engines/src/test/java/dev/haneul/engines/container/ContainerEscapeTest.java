package dev.haneul.engines.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.container.ContainerSpec.Mount;
import dev.haneul.engines.container.ContainerSpec.Walls;
import dev.haneul.engines.container.TestImages.Form;
import dev.haneul.engines.container.TestImages.Tar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Root in a container tries to get out. */
final class ContainerEscapeTest {
    @TempDir
    static Path home;

    private Containers engine;
    private ImageRoot image;

    @BeforeEach
    void open() throws Exception {
        engine = new CrunContainers(home);
        assumeTrue(
                engine.probe().usable() && Files.exists(TestImages.BUSYBOX),
                engine.probe().reason());
        image = engine.images().unpack(List.of(TestImages.system()));
    }

    @AfterEach
    void close() throws Exception {
        engine.close();
        assertThat(Pods.leftovers(home)).isEmpty();
    }

    @Test
    void rootMayDoNothingToTheHost() throws Exception {
        try (var pod = engine.prepare(Pods.spec("walls"))) {
            var attempts = List.of(
                    "mount -t tmpfs none /tmp",
                    "mount -o remount,rw /proc/sys",
                    "umount /proc/sys",
                    "umount /proc/keys",
                    "mount -t cgroup -o memory none /tmp",
                    "mknod /dev/x b 7 0",
                    "echo x >/proc/sysrq-trigger",
                    "echo x >/proc/sys/kernel/core_pattern",
                    "echo 1 >/sys/fs/cgroup/memory/memory.force_empty",
                    "mkdir /sys/fs/cgroup/memory/x",
                    "unshare -U true",
                    "unshare -m true",
                    "chroot /proc/1/root/../../.. ls /work",
                    "cat /proc/kcore",
                    "sysctl -w net.ipv4.ip_forward=1",
                    "ls /proc/1/root/../../home/..//work",
                    "hostname changed",
                    "ls /sys/firmware/* /sys/block/*",
                    "kill -0 " + ProcessHandle.current().pid());
            var script = new StringBuilder();
            attempts.forEach(it -> script.append(it)
                    .append(" && echo 'GOT ")
                    .append(attempts.indexOf(it))
                    .append("'\n"));
            assertThat(Pods.run(pod, Pods.sh("c", image, script + "echo tried")))
                    .contains("tried")
                    .doesNotContain("GOT");
        }
    }

    @Test
    void theHostsProcessesAndFilesAreOutOfSight() throws Exception {
        try (var pod = engine.prepare(Pods.spec("sight"))) {
            var said = Pods.run(
                    pod,
                    Pods.sh(
                            "c",
                            image,
                            "ls -d /proc/[0-9]* | wc -l; ls /dev; ls -l /proc/self/fd; env; cat /proc/1/environ;"
                                    + " /bin/suid id -u"));
            assertThat(Integer.parseInt(said.lines().findFirst().orElseThrow().strip()))
                    .isLessThan(5);
            assertThat(said)
                    .doesNotContain("loop")
                    .doesNotContain("vda")
                    .doesNotContain("ENTRANCES")
                    .doesNotContain("STATE=");
            var plain = Pods.sh("nnp", image, "id -u; grep NoNewPrivs /proc/self/status; grep Cap /proc/self/status")
                    .with(new Walls(false, false, true, Set.of("SYS_PTRACE"), Set.of("ALL"), Map.of()));
            assertThat(Pods.run(pod, plain)).contains("NoNewPrivs:\t1").contains("CapEff:\t0000000000080000");
        }
    }

    @Test
    void linksInImagesLeadNowhereElse() throws Exception {
        var secret = Files.writeString(home.resolve("secret"), "root:x:4711:0:of the host:/:/bin/sh\n");
        var folder = Files.createDirectory(home.resolve("hosts"));
        Files.writeString(folder.resolve("file"), "of the host");
        var sly = new Tar()
                .link("etc/passwd", secret.toString())
                .folder("inner", 0755, 0)
                .link("volume", "../../../../../../inner")
                .link("place", "/inner/../../..//inner")
                .link("dangling", folder.toString());
        var bad = engine.images().unpack(List.of(TestImages.system(), sly.layer(Form.PLAIN)));
        try (var pod = engine.prepare(Pods.spec("links"))) {
            var spec = Pods.sh("c", bad, "id -u; ls -la /volume/ /place/; echo x >/place/y; cat /place/t")
                    .with(List.of(
                            new Mount.Volume("v", "/volume", false),
                            new Mount.Memory("/place", 1, List.of()),
                            new Mount.Text("/place/t", "text", 0444)));
            var said = Pods.run(pod, spec);
            assertThat(said).startsWith("0\n").doesNotContain("file").contains("text");
            var dangling = Pods.sh("d", bad, "ls /dangling").with(List.of(new Mount.Volume("w", "/dangling", false)));
            assertThatThrownBy(() -> pod.start(dangling)).isInstanceOf(LaunchException.class);
        }
    }

    @Test
    void whatWouldBeTheHostsIsRefused() throws Exception {
        try (var pod = engine.prepare(Pods.spec("refused"))) {
            for (var walls : List.of(
                    new Walls(false, true, false, Set.of(), Set.of(), Map.of()),
                    new Walls(false, false, false, Set.of("SYS_ADMIN"), Set.of(), Map.of()),
                    new Walls(false, false, false, Set.of("CAP_MKNOD"), Set.of(), Map.of()),
                    new Walls(false, false, false, Set.of(), Set.of(), Map.of("vm.swappiness", "1")),
                    new Walls(false, false, false, Set.of(), Set.of(), Map.of("kernel.core_pattern", "|/x")))) {
                assertThatThrownBy(() -> pod.start(Pods.sh("c", image, "true").with(walls)))
                        .as(walls.toString())
                        .isInstanceOf(LaunchException.class);
            }
            var own = new Walls(false, false, false, Set.of(), Set.of(), Map.of("net.core.somaxconn", "77"));
            assertThat(Pods.run(
                            pod,
                            Pods.sh("own", image, "cat /proc/sys/net/core/somaxconn")
                                    .with(own)))
                    .isEqualTo("77\n");
        }
    }

    @Test
    void sharedProcessesGiveNoWayOut() throws Exception {
        assumeTrue(!ContainersProbing.init().isEmpty(), "catatonit is not installed");
        try (var pod = engine.prepare(Pods.shared("shared"))) {
            var spec = Pods.sh(
                            "c", image, "ls /proc/1/root/; ls /proc/1/root/work /proc/1/root/home; cat /proc/1/environ")
                    .with(new Walls(false, false, false, Set.of("SYS_PTRACE"), Set.of(), Map.of()));
            assertThat(Pods.run(pod, spec)).doesNotContain("haneul").doesNotContain("usr\n");
        }
    }
}
