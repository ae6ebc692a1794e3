package dev.haneul.engines.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.engines.Engine;
import dev.haneul.engines.EngineContract;
import dev.haneul.engines.HostSnapshot;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Spec;
import dev.haneul.engines.TestDoor;
import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The contract, and what only walls can promise. */
final class SandboxEngineTest extends EngineContract {
    @Override
    protected Engine open(Path home) {
        return new SandboxEngine(home);
    }

    @Override
    protected String crashKind() {
        return "sandbox";
    }

    @Test
    void theHostsLimitsAreAllEnforced() {
        assertThat(engine.probe().weaknesses()).allMatch(weakness -> weakness.startsWith("Scratch space"));
    }

    @Test
    void aProbeOfAKilledServerIsClearedAwayByTheNext() throws Exception {
        var probe = engine.launch(sh("true").build(engine, SandboxProbe.PREFIX + "mine"));
        assertThat(probe.await(PATIENCE)).isPresent();
        var folder = temp.resolve("engine/workloads/" + probe.id());
        assertThat(folder).isDirectory();
        engine.close(); // which ends nothing
        engine = open(temp.resolve("engine"));
        assertThat(engine.recover()).isEmpty();
        assertThat(folder).doesNotExist();
        assertNothingLeft();
    }

    @Test
    void tooMuchMemoryIsKilledAndSaid() throws Exception {
        var workload = launch(new Spec(List.of("/usr/bin/python3", "-c", "x = bytearray(200 << 20)"))
                .limits(new Limits(64, 0, 0, 0)));

        var exit = workload.await(PATIENCE).orElseThrow();

        assertThat(exit.code()).isEqualTo(137);
        assertThat(exit.outOfMemory()).isTrue();
        assertThat(workload.usage().peakMemoryBytes()).isBetween(60L << 20, 64L << 20);
    }

    @Test
    void aKillThatIsNotTheMemorysIsNotSaidToBe() throws Exception {
        assertThat(launch(sh("kill -KILL $$")).await(PATIENCE).orElseThrow().outOfMemory())
                .isFalse();
    }

    @Test
    void aForkBombStopsAtItsWall() throws Exception {
        var workload = launch(sh("i=0; while [ $i -lt 100 ]; do sleep 60 & i=$((i+1)); done; echo all")
                .limits(new Limits(0, 0, 10, 0)));

        assertThat(workload.await(PATIENCE).orElseThrow().code()).isNotZero();
        assertThat(workload.stdout()).isEmptyFile();
    }

    @Test
    void scratchHasAnEnd() throws Exception {
        var text = outputOf(sh("head -c 3000000 /dev/zero >${tmp}/f; stat -c %s ${tmp}/f")
                .mount("tmp", new Mount.Scratch("/tmp", 1)));

        assertThat(text).isEqualTo((1 << 20) + "\n");
    }

    @Test
    void scratchOfSomeSizeIsADiskThatEndsAtItsSizeAndIsNoMemory() throws Exception {
        Assumptions.assumeTrue(engine.probe().guarantees().stream().anyMatch(word -> word.contains("disks")));
        var workload = launch(sh("ls -A ${tmp}; head -c 700M /dev/zero >${tmp}/f; stat -c %s ${tmp}/f")
                .mount("tmp", new Mount.Scratch("/tmp", 600))
                .limits(new Limits(64, 0, 16, 0)));

        assertThat(workload.await(PATIENCE).orElseThrow()).isEqualTo(new Workload.Exit(0, false));

        long size = Long.parseLong(Files.readString(workload.stdout()).strip());
        assertThat(size).isBetween(598L << 20, 625L << 20);
        workload.close();
        assertNothingLeft();
    }

    @Test
    void nothingElseIsWritable() throws Exception {
        var text = outputOf(sh("for d in / /usr /etc /var /run /home /dev /dev/shm /proc /proc/sys/kernel; do"
                + " touch $d/x 2>/dev/null && echo $d; done; echo done"));

        assertThat(text).isEqualTo("done\n");
    }

    @Test
    void limitsCanBeChangedLater() throws Exception {
        var workload = launch(new Spec(List.of("/usr/bin/python3", "-c", """
                import os, time
                while not os.path.exists("/mnt/run/go"): time.sleep(0.01)
                x = bytearray(100 << 20)
                """))
                .limits(new Limits(64, 0, 0, 0))
                .mount("run", new Mount.Bind(Files.createDirectory(temp.resolve("run")), "/mnt/run", true)));

        workload.limit(new Limits(256, 500, 0, 0));
        Files.createFile(temp.resolve("run/go"));

        assertThat(workload.await(PATIENCE).orElseThrow().code()).isZero();
    }

    @Test
    void theLimitsSaidLastHold() throws Exception {
        var workload = launch(new Spec(List.of("/usr/bin/python3", "-c", """
                import os, time
                while not os.path.exists("/mnt/run/go"): time.sleep(0.01)
                x = bytearray(100 << 20)
                """))
                .limits(new Limits(64, 0, 0, 0))
                .mount("run", new Mount.Bind(Files.createDirectory(temp.resolve("run")), "/mnt/run", true)));

        workload.limit(new Limits(256, 500, 0, 0));
        workload.limit(new Limits(256, 0, 0, 0));
        workload.limit(new Limits(64, 0, 0, 0));
        Files.createFile(temp.resolve("run/go"));

        assertThat(workload.await(PATIENCE).orElseThrow().outOfMemory()).isTrue();
    }

    @Test
    void aLimitThatHoldsIsNotSaidAgain() throws Exception {
        engine.close();
        var breaking = new java.util.concurrent.atomic.AtomicReference<BreakingCgroups>();
        engine = new SandboxEngine(temp.resolve("engine"), name -> {
            breaking.set(new BreakingCgroups(Cgroups.detect(name)));
            return breaking.get();
        });
        var workload = launch(sh("sleep 60").limits(new Limits(64, 0, 8, 64)));

        breaking.get().breakAt(BreakingCgroups.Step.LIMIT_SPACE);
        workload.limit(new Limits(64, 500, 8, 64));
        breaking.get().breakAt(BreakingCgroups.Step.LIMIT_CPU);
        workload.limit(new Limits(128, 500, 8, 64));

        assertThatThrownBy(() -> workload.limit(new Limits(128, 250, 8, 64))).hasMessageContaining("broken");
        assertThatThrownBy(() -> workload.limit(new Limits(128, 250, 8, 64)))
                .as("what failed is not taken for done")
                .hasMessageContaining("broken");
        breaking.get().breakAt(BreakingCgroups.Step.LIMIT_SPACE);
        assertThatThrownBy(() -> workload.limit(new Limits(128, 250, 9, 64))).hasMessageContaining("broken");
    }

    @Test
    void whoMakesMountsComesHomeAndKeepsNothing() throws Exception {
        Assumptions.assumeTrue(engine.mountsLater());
        var nothing = Files.createDirectory(temp.resolve("nothing"));
        var code = Files.createDirectory(temp.resolve("code"));
        Files.writeString(code.resolve("file"), "hello");
        var later = new Mount.Bind(code, "/var/task", true);
        var astray = new Mount.Bind(code, "/var/nowhere", true);
        var workload = launch(sh("until [ -e /var/task/file ]; do sleep 0.02; done; cat /var/task/file; sleep 60")
                .mount("task", new Mount.Bind(nothing, "/var/task", true)));
        int before = HostSnapshot.descriptors();

        assertThatThrownBy(() -> workload.mount(astray)).isInstanceOf(IOException.class);
        var first = workload.mounting(List.of(later));
        var second = workload.mounting(List.of(later, astray));
        var third = workload.mounting(List.of(later, later));
        first.await();
        assertThatThrownBy(second::await).isInstanceOf(IOException.class);
        third.await();

        assertThat(HostSnapshot.descriptorsBeyond(before)).isEmpty();
        assertThat(Files.readAllLines(Path.of("/proc/self/mounts"))).noneMatch(line -> line.contains("/var/task"));
        var home = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt"));
        try (var threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (var thread : threads) {
                if (Files.readString(thread.resolve("comm")).startsWith("mount-visitor")) {
                    assertThat(Files.readSymbolicLink(thread.resolve("ns/mnt"))).isEqualTo(home);
                }
            }
        }
        workload.close();
        assertThatThrownBy(() -> workload.mount(later)).isInstanceOf(IOException.class);
        assertThat(HostSnapshot.descriptorsBeyond(before)).isEmpty();
    }

    @Test
    void aDoorCannotBeReachedFromOutside() throws Exception {
        var workload = launch(sh("sleep 60").door(new TestDoor("secret").named("API", 39173)));

        assertThatThrownBy(() -> connect(39173)).isInstanceOf(java.net.ConnectException.class);
        assertThat(workload.running()).isTrue();
    }

    private static void connect(int port) throws Exception {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 2000);
        }
    }

    @Test
    void everyWorkloadHasTheSamePortToItself() throws Exception {
        var command = List.of("/bin/bash", "-c", "exec 3<>/dev/tcp/${API/://} && cat <&3");

        var one = outputOf(new Spec(command).door(new TestDoor("one").named("API", 9001)));
        var two = outputOf(new Spec(command).door(new TestDoor("two").named("API", 9001)));

        assertThat(one).isEqualTo("one");
        assertThat(two).isEqualTo("two");
    }

    @Test
    void aNetworkThatIsReadyIsMovedIntoAndNotJoined() throws Exception {
        int ready = NamespaceThread.call("ready", () -> {
            Linux.unshareNetwork();
            return Linux.open("/proc/thread-self/ns/net", Linux.O_RDONLY);
        });
        var network = Files.readSymbolicLink(Path.of("/proc/self/fd/" + ready)).toString();
        var link = new WorkloadSpec.Link() {
            @Override
            public void join(Path netns) throws IOException {
                throw new IOException("joined a second time");
            }

            @Override
            public int ready() {
                return ready;
            }
        };
        var command = "readlink /proc/self/ns/net; exec 3<>/dev/tcp/${API/://} && cat <&3; sleep 60";
        var workload = engine.launch(new Spec(List.of("/bin/bash", "-c", command))
                .door(new TestDoor("hello").named("API", 9001))
                .build(engine, "ready")
                .linked(link));
        try (workload) {
            for (int i = 0; i < 500 && !Files.readString(workload.stdout()).contains("hello"); i++) {
                Thread.sleep(10);
            }
            assertThat(Files.readString(workload.stdout())).isEqualTo(network + "\nhello");
        }
        assertNothingLeft();
    }

    @Test
    void standardOutputCanBeOpenedByName() throws Exception {
        assertThat(outputOf(sh("echo one >>/dev/stdout; echo two"))).isEqualTo("one\ntwo\n");
    }

    @Test
    void argumentsCannotSmuggleInArguments() {
        assertThatThrownBy(() -> launch(sh("true").with("A", "b\0--bind\0/\0/host")))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("NUL");
        assertNothingLeft();
    }

    /** Threads inherit namespaces and cgroups from whoever starts them; none of ours may be caught in a workload's. */
    @Test
    void ourOwnThreadsStayWhereTheyWere() throws Exception {
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Integer> one = () -> launch(sh("exit 0").door(new TestDoor("x").named("API", 9001)))
                    .await(PATIENCE)
                    .orElseThrow()
                    .code();
            for (var result : pool.invokeAll(java.util.Collections.nCopies(20, one))) {
                assertThat(result.get()).isZero();
            }
        }
        closeAll();
        engine.close();

        assertThat(HostSnapshot.threadHomes())
                .containsExactlyInAnyOrder(
                        Files.readString(Path.of("/proc/self/cgroup")),
                        Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
    }

    @Test
    void descriptorsAndCgroupsAreGivenBack() throws Exception {
        launch(sh("true").door(new TestDoor("x").named("API", 9001))).close();
        int before = HostSnapshot.descriptors();
        for (int i = 0; i < 10; i++) {
            launch(sh("true").door(new TestDoor("x").named("API", 9001))).close();
            assertThatThrownBy(() -> launch(new Spec(List.of("/no/such")))).isInstanceOf(LaunchException.class);
        }

        assertThat(HostSnapshot.descriptors()).isLessThanOrEqualTo(before + 1);
        engine.close();
        assertThat(HostSnapshot.cgroups()).isEmpty();
    }

    @Test
    void twoDoorsAtOneAddressLeaveNothing() throws Exception {
        assertThatThrownBy(() -> launch(
                        sh("true").door(new TestDoor("x").named("A", 9001)).door(new TestDoor("x").named("B", 9001))))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("in use");
        assertNothingLeft();
    }

    @Test
    void aRootOfItsOwnIsWritableThroughALayerThatVanishes() throws Exception {
        var root = Files.createDirectory(temp.resolve("ro,ot:\\"));
        for (var name : List.of("usr", "proc", "dev", "tmp", "data")) {
            Files.createDirectory(root.resolve(name));
        }
        Files.createSymbolicLink(root.resolve("lib64"), Path.of("usr/lib64"));
        Files.createSymbolicLink(root.resolve("lib"), Path.of("usr/lib"));
        Files.writeString(root.resolve("data/old"), "old\n");
        Files.setPosixFilePermissions(root.resolve("data"), PosixFilePermissions.fromString("rwxrwxrwx"));

        var spec = new WorkloadSpec(
                "rooted",
                new WorkloadSpec.Root.Directory(root),
                List.of(
                        "/usr/bin/sh",
                        "-c",
                        "cat /data/old; echo new >/data/new; rm /data/old; ls /data; echo x >/tmp/y"),
                java.util.Map.of("PATH", "/usr/bin"),
                "/",
                List.of(new Mount.Bind(Path.of("/usr"), "/usr", true), new Mount.Scratch("/var/made", 1)),
                new Limits(64, 0, 16, 0),
                List.of(),
                java.util.Map.of());
        try (var workload = engine.launch(spec)) {
            assertThat(workload.await(PATIENCE).orElseThrow().code()).isZero();
            assertThat(workload.stdout()).hasContent("old\nnew\n");
        }

        assertThat(root.resolve("data/old")).hasContent("old\n");
        assertThat(root.resolve("data/new")).doesNotExist();
        assertThat(root.resolve("var")).doesNotExist();
        assertNothingLeft();
    }

    @Test
    void tooLittleMemoryForTheSandboxItselfLeavesNothing() throws Exception {
        try (var workload = launch(sh("true").limits(new Limits(1, 0, 0, 0)))) {
            workload.await(PATIENCE).orElseThrow(); // some kernels squeeze it in
        } catch (LaunchException e) {
            assertThat(e).hasMessageContaining("could not be made");
        }
        assertNothingLeft();
    }

    @Test
    void aFailureAtAnyStepLeavesNothing() throws Exception {
        engine.close();
        for (var step : BreakingCgroups.Step.values()) {
            var breaking = new java.util.concurrent.atomic.AtomicReference<BreakingCgroups>();
            engine = new SandboxEngine(temp.resolve("engine"), name -> {
                breaking.set(new BreakingCgroups(Cgroups.detect(name)));
                return breaking.get();
            });
            assertThat(engine.probe().usable()).isTrue();
            int before = HostSnapshot.descriptors();
            breaking.get().breakAt(step);

            // Two waiting threads may have passed the step already; the third launch cannot.
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 3; i++) {
                            launch(sh("true")
                                            .limits(new Limits(64, 500, 8, 64))
                                            .door(new TestDoor("x").named("A", 9001)))
                                    .close();
                        }
                    })
                    .as(step.toString())
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("broken");

            assertThat(HostSnapshot.descriptorsBeyond(before))
                    .as(step.toString())
                    .isEmpty();
            assertNothingLeft();
            engine.close();
            assertThat(HostSnapshot.cgroups()).as(step.toString()).isEmpty();
        }
        engine = open(temp.resolve("engine"));
    }
}
