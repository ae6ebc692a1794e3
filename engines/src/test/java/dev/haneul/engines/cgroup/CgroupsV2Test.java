package dev.haneul.engines.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.haneul.engines.WorkloadSpec.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written where, on plain files; and on a real tree, where one is mounted, what needs no controller. */
final class CgroupsV2Test {
    @TempDir
    Path temp;

    private Cgroup group() throws IOException {
        var group = new CgroupsV2(temp, Set.of("memory", "cpu", "pids")).create("w");
        for (var file : List.of("memory.max", "memory.swap.max", "pids.max", "cpu.max", "cgroup.procs")) {
            Files.createFile(temp.resolve("w").resolve(file));
        }
        return group;
    }

    private String file(String name) throws IOException {
        return Files.readString(temp.resolve("w").resolve(name));
    }

    @Test
    void limitsAreWrittenInTheKernelsWords() throws Exception {
        var group = group();

        group.limitSpace(new Limits(128, 0, 66, 0));
        group.limitCpu(72);

        assertThat(file("memory.max")).isEqualTo("134217728");
        assertThat(file("memory.swap.max")).isEqualTo("0");
        assertThat(file("pids.max")).isEqualTo("66");
        assertThat(file("cpu.max")).isEqualTo("7200 100000");
    }

    @Test
    void theMostMemoryIsWhatTheKernelRemembersOrElseWhatIsUsedNow() throws Exception {
        var group = group();

        assertThat(group.peakMemoryBytes()).isZero();

        Files.writeString(temp.resolve("w/memory.current"), "4096\n");
        assertThat(group.peakMemoryBytes()).isEqualTo(4096);

        Files.writeString(temp.resolve("w/memory.peak"), "18446744073709\n");
        assertThat(group.peakMemoryBytes()).isEqualTo(18_446_744_073_709L);
        assertThat(group.usage().peakMemoryBytes()).isEqualTo(18_446_744_073_709L);
    }

    @Test
    void noCpuLimitIsMax() throws Exception {
        group().limitCpu(0);

        assertThat(file("cpu.max")).isEqualTo("max 100000");
    }

    @Test
    void aGroupWithinBoundsBesideItsParent() throws Exception {
        var group = group();
        Files.writeString(temp.resolve("w/cgroup.subtree_control"), "cpu memory pids");
        var inner = group.within("c");
        for (var file : List.of("cpu.weight", "memory.low", "memory.max", "pids.max", "cgroup.procs")) {
            Files.createFile(temp.resolve("w/c").resolve(file));
        }
        inner.weigh(1024);
        inner.reserve(3);
        inner.limitSpace(new Limits(5, 0, 7, 0));

        assertThat(file("c/cpu.weight")).isEqualTo("39");
        assertThat(file("c/memory.low")).isEqualTo("3145728");
        assertThat(file("c/memory.max")).isEqualTo("5242880");
        assertThat(inner.entrances()).containsExactly(temp.resolve("w/c/cgroup.procs"));
        Files.writeString(
                temp.resolve("w/c/cpu.stat"), "usage_usec 30\nuser_usec 10\nsystem_usec 20\nnr_throttled 4\n");
        Files.writeString(temp.resolve("w/c/memory.current"), "77\n");
        Files.writeString(temp.resolve("w/c/pids.max"), "max\n");
        assertThat(group.inner("c").stats().systemCpu()).isEqualTo(Duration.ofNanos(20_000));
        assertThat(inner.stats().throttledPeriods()).isEqualTo(4);
        assertThat(inner.stats().memoryBytes()).isEqualTo(77);
        assertThat(inner.stats().memoryLimitBytes()).isEqualTo(5_242_880);
        assertThat(inner.stats().pidsLimit()).isZero();
    }

    @Test
    void usageAndKillsAreRead() throws Exception {
        var group = group();
        Files.writeString(temp.resolve("w/cpu.stat"), "usage_usec 1500\nuser_usec 1000\n");
        Files.writeString(temp.resolve("w/memory.peak"), "4096\n");
        Files.writeString(temp.resolve("w/memory.events"), "low 0\noom 2\noom_kill 1\n");

        assertThat(group.usage().cpu()).isEqualTo(Duration.ofNanos(1_500_000));
        assertThat(group.usage().peakMemoryBytes()).isEqualTo(4096);
        assertThat(group.outOfMemoryKills()).isEqualTo(1);
    }

    @Test
    void aRealProcessIsMovedFrozenThawedAndLeftBehind() throws Exception {
        CgroupsV2 groups;
        try {
            groups = CgroupsV2.open("haneul-test-" + ProcessHandle.current().pid());
        } catch (IOException e) {
            assumeThat(e).as("no cgroup v2 tree can be written to").isNull();
            return;
        }
        var process = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
        var group = groups.create("w");
        try {
            group.add(process.pid());
            assertThat(group.processes()).containsExactly(process.pid());
            assertThat(group.freeze()).isTrue();
            var frozen = group.usage().cpu();
            Thread.sleep(100);
            assertThat(group.usage().cpu()).isEqualTo(frozen);
            group.thaw();
        } finally {
            process.destroyForcibly().waitFor();
            group.remove();
            groups.close();
        }
        assertThat(groups.names()).isEmpty();
    }
}
