package dev.haneul.fabric.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.fabric.linux.NativeSpawn.ChildFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessesTest {
    @TempDir
    Path temp;

    @BeforeEach
    void onLinux() {
        assumeTrue(NativeSpawn.available(), "needs Linux with glibc 2.34");
    }

    private long spawn(String script, ChildFd... more) throws IOException {
        var fds = new java.util.ArrayList<ChildFd>(List.of(
                new ChildFd.Open("/dev/null", Linux.O_RDONLY),
                new ChildFd.Open(temp.resolve("out").toString(), Linux.O_WRONLY | Linux.O_CREAT | Linux.O_APPEND),
                new ChildFd.Open("/dev/null", Linux.O_WRONLY)));
        fds.addAll(List.of(more));
        return NativeSpawn.spawn(
                "/bin/sh", List.of("a-name", "-c", script), NativeSpawn.environment(Map.of("A", "b c")), fds);
    }

    private void awaitEnd(long pid) throws Exception {
        try (var exits = new ProcessExits()) {
            var ended = new CountDownLatch(1);
            exits.watch(Linux.pidfdOpen(pid), ended::countDown);
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aChildHasJustWhatItWasGiven() throws Exception {
        var pid = spawn("echo $0 $A $#; env | sort | grep -v -e PWD -e _=; ls /proc/self/fd | wc -l");

        awaitEnd(pid);

        assertThat(temp.resolve("out")).hasContent("a-name b c 0\nA=b c\n4\n"); // ls itself opens the fourth
    }

    @Test
    void aChildIsInASessionOfItsOwn() throws Exception {
        var pid = spawn("read -r stat </proc/$$/stat; set -- ${stat##*) }; [ $4 = $$ ] && echo leader");

        awaitEnd(pid);

        assertThat(temp.resolve("out")).hasContent("leader\n");
    }

    @Test
    void aDescriptorCanBeHandedOver() throws Exception {
        int memory = Linux.memoryFile("test", "from memory".getBytes());
        int high = Linux.duplicate(memory, NativeSpawn.LOWEST_INHERITED);
        try {
            awaitEnd(spawn("cat <&3", new ChildFd.Inherit(high)));
        } finally {
            Linux.close(memory);
            Linux.close(high);
        }

        assertThat(temp.resolve("out")).hasContent("from memory");
    }

    @Test
    void aLowDescriptorIsRefusedForItCouldBeOverwritten() {
        assertThatThrownBy(() -> spawn("true", new ChildFd.Inherit(3))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aProgramThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> NativeSpawn.spawn("/no/such", List.of("x"), List.of(), List.of()))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("ENOENT");
    }

    @Test
    void endedChildrenAreReaped() throws Exception {
        var pid = spawn("exit 0");

        awaitEnd(pid);

        assertThat(Path.of("/proc/" + pid)).doesNotExist();
    }

    @Test
    void theEndOfAProcessThatIsNotOursIsTold() throws Exception {
        spawn("sleep 600 >/dev/null & echo $!");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (Files.readString(temp.resolve("out")).isBlank()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
        long grandchild = Long.parseLong(Files.readString(temp.resolve("out")).strip());
        try (var exits = new ProcessExits()) {
            var ended = new CountDownLatch(1);
            exits.watch(Linux.pidfdOpen(grandchild), ended::countDown);

            Linux.kill(grandchild, Linux.SIGKILL);

            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void manyEndsAreAllTold() throws Exception {
        int count = 100;
        try (var exits = new ProcessExits()) {
            var ended = new CountDownLatch(count);
            for (int i = 0; i < count; i++) {
                exits.watch(Linux.pidfdOpen(spawn("exit 0")), ended::countDown);
            }
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void limitsAreLoweredAndNeverRaised() throws Exception {
        try (var process = new Sleeper()) {
            Linux.lowerLimit(process.pid(), Linux.RLIMIT_NOFILE, 50);
            Linux.lowerLimit(process.pid(), Linux.RLIMIT_NOFILE, 5000);

            assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/limits")))
                    .containsPattern("Max open files +50 +50 ");
        }
    }

    @Test
    void aHoleGivesSpaceBackAndKeepsTheLength() throws Exception {
        var file = temp.resolve("big");
        Files.write(file, new byte[1 << 20]);
        int fd = Linux.open(file.toString(), Linux.O_RDWR);
        try {
            Linux.punchHole(fd, 0, 1 << 19);

            assertThat(Files.size(file)).isEqualTo(1 << 20);
            assertThat(Linux.firstData(fd, 1 << 20)).isEqualTo(1 << 19);
        } finally {
            Linux.close(fd);
        }
    }

    /** A process of the JDK's making. */
    private static final class Sleeper implements AutoCloseable {
        private final Process process = new ProcessBuilder("sleep", "600").start();

        Sleeper() throws IOException {}

        long pid() {
            return process.pid();
        }

        @Override
        public void close() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }
    }
}
