package dev.haneul.engines.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.container.ContainerSpec.Limits;
import dev.haneul.engines.container.ContainerSpec.Mount;
import dev.haneul.engines.container.ContainerSpec.Process;
import dev.haneul.engines.container.ContainerSpec.Ulimit;
import dev.haneul.engines.container.ContainerSpec.Walls;
import dev.haneul.engines.work.HostProcesses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every engine for containers does. */
abstract class ContainersContract {
    /** One for all tests, so that images are unpacked once. */
    @TempDir
    static Path home;

    Containers engine;
    ImageRoot image;

    /** An engine of this home; opened again it finds what an earlier one left. */
    abstract Containers open(Path home);

    @BeforeEach
    void open() throws Exception {
        engine = open(home);
        if (!engine.probe().usable()) {
            System.out.println(
                    "SKIPPED, no containers run here: " + engine.probe().reason());
        }
        assumeTrue(engine.probe().usable(), engine.probe().reason());
        assumeTrue(Files.exists(TestImages.BUSYBOX), "busybox-static is not installed");
        image = engine.images().unpack(List.of(TestImages.system()));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        engine.close();
        try (var last = open(home)) {
            last.recover().forEach(Pod::close);
        }
        assertThat(Pods.leftovers(home)).isEmpty();
    }

    @Test
    void endsWithItsCodeAndTellsSo() throws Exception {
        var heard = new ConcurrentLinkedQueue<String>();
        engine.watch(heard::add);
        try (var pod = engine.prepare(Pods.spec("end"))) {
            var container = pod.start(Pods.sh("c", image, "echo out; echo err >&2; exit 7"));
            var exit = container.await(Pods.PATIENCE).orElseThrow();

            assertThat(exit.code()).isEqualTo(7);
            assertThat(exit.outOfMemory()).isFalse();
            assertThat(exit.at()).isAfterOrEqualTo(container.startedAt().minusSeconds(1));
            assertThat(Files.readString(container.stdout().path())).isEqualTo("out\n");
            assertThat(Files.readString(container.stderr().path())).isEqualTo("err\n");
            assertThat(container.pid()).isZero();
            HostProcesses.await(5_000_000_000L, () -> heard.contains("end"));
            assertThat(heard).contains("end");
            assertThatThrownBy(() -> pod.start(Pods.sh("c", image, "true"))).isInstanceOf(LaunchException.class);
            assertThat(engine.find("end")).isPresent();
        }
        assertThat(engine.find("end")).isEmpty();
    }

    @Test
    void startsAgainWithWhatItWrote() throws Exception {
        try (var pod = engine.prepare(Pods.spec("again"))) {
            var container = pod.start(Pods.sh("c", image, "echo x >>/count; cat /count; exit 3"));
            container.await(Pods.PATIENCE);
            container.restart();
            assertThat(container.await(Pods.PATIENCE).orElseThrow().code()).isEqualTo(3);
            assertThat(container.starts()).isEqualTo(2);
            assertThat(Pods.said(container)).isEqualTo("x\nx\nx\n");
        }
    }

    @Test
    void whatCannotStartSaysWhyAndLeavesNothing() throws Exception {
        try (var pod = engine.prepare(Pods.spec("bad"))) {
            assertThatThrownBy(() -> pod.start(ContainerSpec.of("c", image, "nowhere")))
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("exec: \"nowhere\": executable file not found in $PATH");
            assertThatThrownBy(() -> pod.start(ContainerSpec.of("c", image, "/bin/absent")))
                    .hasMessageContaining("exec: \"/bin/absent\": stat /bin/absent: no such file or directory");
            assertThatThrownBy(() -> pod.start(Pods.sh("c", image, "true").with(process("nobody-here", "true"))))
                    .hasMessageContaining("unable to find user nobody-here");
            var other = new ContainerSpec(
                    "c", Map.of(), image, "s390x", Process.of("true"), List.of(), Walls.USUAL, Limits.NONE);
            assertThatThrownBy(() -> pod.start(other)).hasMessageContaining("linux/s390x");
            assertThatThrownBy(() -> pod.start(ContainerSpec.of("c", new ImageRoot(List.of("0".repeat(64))), "true")))
                    .hasMessageContaining("not here");
            assertThat(pod.containers()).isEmpty();
            var nonsense = pod.start(ContainerSpec.of("c", image, "/bin/nonsense"));
            var exit = nonsense.await(Pods.PATIENCE).orElseThrow();
            assertThat(exit.code()).isNotZero();
            assertThat(Pods.said(nonsense) + exit.reason()).containsIgnoringCase("exec format error");
        }
    }

    private static Process process(String user, String... command) {
        return new Process(List.of(command), Map.of(), "/", user, false, false, false, "SIGTERM");
    }

    @Test
    void usersAreTheImagesOwn() throws Exception {
        try (var pod = engine.prepare(Pods.spec("users"))) {
            int number = 0;
            for (var it : Map.of(
                            "app", "uid=1000(app) gid=1001(app) groups=2000(extra)",
                            "1000", "uid=1000(app) gid=1001(app) groups=2000(extra)",
                            "app:extra", "uid=1000(app) gid=2000(extra)",
                            "4242:77", "uid=4242 gid=77",
                            "", "uid=0(root) gid=0(root)")
                    .entrySet()) {
                var spec = Pods.sh("c" + ++number, image, "").with(process(it.getKey(), "id"));
                assertThat(Pods.run(pod, spec).strip()).isEqualTo(it.getValue());
            }
            var home = Pods.sh("home", image, "").with(process("app", "sh", "-c", "echo $HOME $HOSTNAME; hostname"));
            assertThat(Pods.run(pod, home)).isEqualTo("/home/app host-users\nhost-users\n");
        }
    }

    @Test
    void aSidecarSharesNetworkAndVolumes() throws Exception {
        try (var pod = engine.prepare(Pods.spec("side"))) {
            var volume = List.<Mount>of(new Mount.Volume("data", "/srv/data", false));
            var web = pod.start(Pods.sh("web", image, "echo hi >/srv/data/index.html; httpd -f -p 8080 -h /srv/data")
                    .with(volume));
            var side = pod.start(Pods.sh(
                            "side",
                            image,
                            "for i in $(seq 100); do wget -q -O- localhost:8080/ && break; sleep 0.1; done;"
                                    + " cat /view/from-image; touch /view/x || echo read-only; stat -c %u:%a /view")
                    .with(List.of(new Mount.Volume("data", "/view", true))));
            assertThat(side.await(Pods.PATIENCE)).isPresent();
            assertThat(Pods.said(side))
                    .startsWith("hi\nimage")
                    .contains("read-only\n")
                    .contains("1000:750");
            assertThat(web.running()).isTrue();
            assertThat(pod.containers()).extracting(Container::name).containsExactly("web", "side");
            assertThat(pod.netns()).exists();
        }
    }

    @Test
    void mountsAndAReadOnlyRoot() throws Exception {
        var host = Files.createDirectory(home.resolve("bound"));
        Files.writeString(host.resolve("file"), "of the host\n");
        try (var pod = engine.prepare(Pods.spec("mounts"))) {
            var spec = Pods.sh(
                            "c",
                            image,
                            "touch /x; cat /in/file /run/secrets/token; echo back >/in/back; touch /ro/x;"
                                    + " touch /mem/x && df -k /mem | tail -1; cat /etc/resolv.conf; df -k /dev/shm | tail -1")
                    .with(new Walls(true, false, true, Set.of(), Set.of(), Map.of()))
                    .with(new Limits(0, 0, 0, 0, 0, 8, Map.of()))
                    .with(List.of(
                            new Mount.Bind(host, "/in", false),
                            new Mount.Bind(host, "/ro", true),
                            new Mount.Memory("/mem", 2, List.of("mode=1777")),
                            new Mount.Text("/run/secrets/token", "s3cret\n", 0400)));
            var said = Pods.run(pod, spec);
            assertThat(said)
                    .contains("/x: Read-only")
                    .contains("of the host\ns3cret\n")
                    .contains("/ro/x: Read-only")
                    .contains("2048")
                    .contains("nameserver 10.0.0.2")
                    .contains("8192");
            assertThat(host.resolve("back")).hasContent("back\n");
        }
    }

    @Test
    void whoIgnoresItsStopSignalIsKilled() throws Exception {
        try (var pod = engine.prepare(Pods.spec("stop"))) {
            var polite =
                    pod.start(Pods.sh("polite", image, "trap 'exit 5' TERM; echo on; while :; do sleep 0.1; done"));
            var deaf = pod.start(Pods.sh("deaf", image, "trap '' TERM; echo on; while :; do sleep 0.1; done"));
            Pods.awaitSaid(polite, "on");
            Pods.awaitSaid(deaf, "on");
            assertThat(polite.stop(Duration.ofSeconds(30)).code()).isEqualTo(5);
            assertThat(deaf.stop(Duration.ofMillis(300)).code()).isEqualTo(137);
            assertThat(deaf.running()).isFalse();
            var init = new Process(
                    List.of("/bin/sh", "-c", "echo on; exec sleep 100"),
                    Map.of(),
                    "/",
                    "",
                    false,
                    false,
                    true,
                    "SIGINT");
            assumeTrue(!ContainersProbing.init().isEmpty(), "catatonit is not installed");
            var sleeper = pod.start(Pods.sh("init", image, "").with(init));
            // An init that has not yet made ready to pass signals on loses them, whoever sends them.
            Pods.awaitSaid(sleeper, "on");
            assertThat(Pods.exec(sleeper, "readlink /proc/1/exe")).contains("init");
            assertThat(sleeper.stop(Duration.ofSeconds(30)).code()).isEqualTo(130);
        }
    }

    /** A region that is emptied and stopped at once would leave groups that nobody knows any more. */
    @Test
    void whoeverClosesReturnsWhenAllIsGone() throws Exception {
        var pod = engine.prepare(Pods.spec("twice"));
        pod.start(Pods.sh("c", image, "trap '' TERM; while :; do sleep 0.1; done"));
        var left = new ConcurrentLinkedQueue<String>();
        var closers = new ArrayList<Thread>();
        for (int i = 0; i < 8; i++) {
            closers.add(Thread.ofVirtual().start(() -> {
                pod.close();
                left.addAll(held());
            }));
        }
        for (var closer : closers) {
            closer.join();
        }
        assertThat(left).isEmpty();
    }

    @Test
    void closesToTheEndThoughInterrupted() throws Exception {
        var pod = engine.prepare(Pods.spec("interrupted"));
        pod.start(Pods.sh("c", image, "trap '' TERM; while :; do sleep 0.1; done"));
        Thread.currentThread().interrupt();
        pod.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(held()).isEmpty();
    }

    static List<String> held() {
        try {
            return Pods.look(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void limitsBite() throws Exception {
        try (var pod = engine.prepare(Pods.spec("limits", new PodSpec.Limits(64, 1000, 512, 200)))) {
            var hog = pod.start(Pods.sh("hog", image, "head -c 60000000 /dev/zero | tail -c 50000000 | wc -c")
                    .with(new Limits(16, 0, 500, 128, 0, 0, Map.of())));
            assertThat(hog.await(Pods.PATIENCE))
                    .get()
                    .satisfies(it -> assertThat(it.outOfMemory()).isTrue());

            var bomb = pod.start(Pods.sh("bomb", image, "b() { b | b & }; b; for i in 1 2 3 4 5; do sleep 0.1; done")
                    .with(new Limits(0, 0, 0, 0, 20, 0, Map.of("nofile", new Ulimit(50, 60)))));
            var exit = bomb.await(Pods.PATIENCE).orElseThrow();
            assertThat(Pods.said(bomb)).contains("can't fork");
            assertThat(exit.outOfMemory()).isFalse();

            var full = Pods.run(
                    pod,
                    Pods.sh("full", image, "dd if=/dev/zero of=/fill bs=1M count=100; rm /fill; echo ok; ulimit -n")
                            .with(new Limits(0, 0, 0, 0, 0, 0, Map.of("nofile", new Ulimit(50, 60)))));
            assertThat(full).contains("No space left").contains("ok\n50\n");
            assertThat(pod.disk().sizeBytes()).isBetween(20L << 20, 30L << 20);
            assertThat(pod.stats().cpu()).isPositive();
            assertThat(pod.stats().memoryLimitBytes()).isGreaterThanOrEqualTo(64L << 20);
        }
    }

    @Test
    void anImageOfManyLayers() throws Exception {
        var layers = new java.util.ArrayList<>(List.of(TestImages.system()));
        for (int i = 1; i < 120; i++) {
            layers.add(new TestImages.Tar().file("layer", "number " + i).layer(TestImages.Form.PLAIN));
        }
        var tall = engine.images().unpack(layers);
        try (var pod = engine.prepare(Pods.spec("tall"))) {
            assertThat(Pods.run(pod, Pods.sh("c", tall, "cat /layer"))).isEqualTo("number 119");
        }
        engine.images().prune(0);
        assertThat(engine.images().bytes()).as("asked for lately").isPositive();
    }

    @Test
    void oneMoreProgram() throws Exception {
        try (var pod = engine.prepare(Pods.spec("exec"))) {
            var container = pod.start(Pods.sh("c", image, "sleep 1000"));
            assertThat(Pods.exec(container, "echo one; echo two >&2; exit 4"))
                    .contains("one")
                    .contains("two")
                    .endsWith("[OptionalInt[4]]");
            var as = new ExecSpec(List.of("sh", "-c", "id -u; echo $A"), Map.of("A", "b"), "app", false, 0, 0);
            assertThat(container.exec(as).finish(Pods.PATIENCE, 1000).output()).isEqualTo("1000\nb\n");
            try (var cat = container.exec(ExecSpec.of("cat"))) {
                cat.stdin().write("through\n".getBytes(StandardCharsets.UTF_8));
                cat.stdin().close();
                assertThat(new String(cat.stdout().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("through\n");
                assertThat(cat.await(Pods.PATIENCE)).hasValue(0);
            }
            var slow = container
                    .exec(ExecSpec.of("sh", "-c", "echo begun; sleep 500"))
                    .finish(Duration.ofSeconds(2), 10);
            assertThat(slow.code()).isEmpty();
            assertThat(slow.output()).isEqualTo("begun\n");
            assertThat(Pods.exec(container, "ps | grep -c 'sleep 50[0]'")).startsWith("0");
            assertThat(container.running()).isTrue();
        }
    }

    @Test
    void aTerminal() throws Exception {
        try (var pod = engine.prepare(Pods.spec("tty"))) {
            var process =
                    new Process(List.of("sh", "-c", "tty; sleep 1000"), Map.of(), "/", "", true, true, false, "TERM");
            var container = pod.start(Pods.sh("c", image, "").with(process));
            Pods.awaitSaid(container, "/dev/");
            assertThat(Pods.said(container)).startsWith("/dev/");
            try (var shell = container.exec(ExecSpec.terminal(30, 100, "sh"))) {
                shell.stdin().write("stty size; tty\n".getBytes(StandardCharsets.UTF_8));
                shell.stdin().flush();
                var out = new StringBuilder();
                read(shell, out, "30 100");
                shell.resize(41, 123);
                shell.stdin().write("stty size; exit 9\n".getBytes(StandardCharsets.UTF_8));
                shell.stdin().flush();
                read(shell, out, "41 123");
                assertThat(out.toString()).contains("30 100").contains("41 123");
                assertThat(shell.await(Pods.PATIENCE)).hasValue(9);
            }
        }
    }

    private static void read(Exec shell, StringBuilder out, String until) throws Exception {
        var buffer = new byte[1000];
        while (out.indexOf(until) < 0) {
            int count = shell.stdout().read(buffer);
            if (count < 0) {
                return;
            }
            out.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        }
    }

    @Test
    void processesMayBeShared() throws Exception {
        assumeTrue(!ContainersProbing.init().isEmpty(), "catatonit is not installed");
        try (var pod = engine.prepare(Pods.shared("pids"))) {
            var one = pod.start(Pods.sh("one", image, "sleep 777"));
            var two = pod.start(Pods.sh("two", image, "sleep 888"));
            assertThat(Pods.exec(two, "ps"))
                    .contains("sleep 777")
                    .contains("sleep 888")
                    .contains("catatonit");
            assertThat(one.stop(Duration.ofSeconds(20)).code()).isEqualTo(143);
            assertThat(two.running()).isTrue();
            assertThat(pod.containers()).hasSize(2);
        }
    }

    @Test
    void goesOnWithoutUs() throws Exception {
        var pod = engine.prepare(Pods.spec("keep"));
        var runs = pod.start(Pods.sh("runs", image, "while :; do echo tick; sleep 0.05; done"));
        var ends = pod.start(Pods.sh("ends", image, "sleep 0.3; echo last words; exit 6"));
        long pid = runs.pid();
        engine.close();
        HostProcesses.await(
                5_000_000_000L, () -> !((CrunContainer) ends).watcher().alive());

        engine = open(home);
        var found = engine.recover();
        assertThat(found).extracting(Pod::id).containsExactly("keep");
        assertThat(found.getFirst().labels()).isEqualTo(Map.of("task", "keep"));
        var adopted = found.getFirst().find("runs").orElseThrow();
        var ended = found.getFirst().find("ends").orElseThrow();
        assertThat(ended.await(Pods.PATIENCE))
                .get()
                .satisfies(it -> assertThat(it.code()).isEqualTo(6));
        assertThat(Pods.said(ended)).isEqualTo("last words\n");
        assertThat(adopted.pid()).isEqualTo(pid);
        assertThat(Pods.exec(adopted, "echo well")).isEqualTo("well");
        ended.restart();
        assertThat(ended.await(Pods.PATIENCE))
                .get()
                .satisfies(it -> assertThat(it.code()).isEqualTo(6));
        found.getFirst().start(Pods.sh("more", image, "sleep 100"));
        assertThat(adopted.stop(Duration.ofMillis(100)).code()).isEqualTo(137);
        found.getFirst().close();
    }
}
