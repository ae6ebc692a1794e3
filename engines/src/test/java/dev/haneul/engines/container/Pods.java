package dev.haneul.engines.container;

import dev.haneul.engines.HostSnapshot;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.Sparse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Pods for tests, and what is left of them. */
final class Pods {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final int DISK_MIB = 24;

    private Pods() {}

    static PodSpec spec(String id) {
        return spec(id, PodSpec.Limits.NONE);
    }

    static PodSpec spec(String id, PodSpec.Limits limits) {
        return new PodSpec(
                id,
                "host-" + id,
                new PodSpec.Network.Own(),
                "127.0.0.1 localhost\n",
                "nameserver 10.0.0.2\n",
                limits,
                DISK_MIB,
                false,
                Map.of("task", id),
                OptionalLong.empty());
    }

    static PodSpec shared(String id) {
        var it = spec(id);
        return new PodSpec(
                it.id(),
                it.hostname(),
                it.network(),
                it.hosts(),
                it.resolvConf(),
                it.limits(),
                0,
                true,
                it.labels(),
                it.accountedTo());
    }

    static ContainerSpec sh(String name, ImageRoot image, String script) {
        return ContainerSpec.of(name, image, "sh", "-c", script);
    }

    /** Runs a script to its end; answers what it printed, and its code where that is not zero. */
    static String run(Pod pod, ContainerSpec spec) throws Exception {
        var container = pod.start(spec);
        var exit = container.await(PATIENCE).orElseThrow();
        return said(container) + (exit.code() == 0 ? "" : "[" + exit.code() + "]");
    }

    static String said(Container container) throws IOException {
        return Files.readString(container.stdout().path())
                + (Files.exists(container.stderr().path())
                        ? Files.readString(container.stderr().path())
                        : "");
    }

    static void awaitSaid(Container container, String text) throws Exception {
        HostProcesses.await(PATIENCE.toNanos(), () -> {
            try {
                return said(container).contains(text);
            } catch (IOException e) {
                return false;
            }
        });
    }

    static String exec(Container container, String script) throws Exception {
        var outcome = container.exec(ExecSpec.of("sh", "-c", script)).finish(PATIENCE, 100_000);
        return outcome.output().strip() + (outcome.code().orElse(-1) == 0 ? "" : " [" + outcome.code() + "]");
    }

    /** What the host holds on behalf of pods of this home; waits a moment for the kernel. */
    static List<String> leftovers(Path home) throws Exception {
        HostProcesses.await(5_000_000_000L, () -> {
            try {
                return look(home).isEmpty();
            } catch (IOException e) {
                return false;
            }
        });
        return look(home);
    }

    /** What the host holds at this moment. */
    static List<String> look(Path home) throws IOException {
        var found = new ArrayList<>(HostSnapshot.of(home.resolve("pods")));
        Sparse.loopsOf(home).forEach(it -> found.add("loop " + it));
        var parent = "haneul-pods-" + Integer.toHexString(home.toString().hashCode());
        groups(Path.of("/sys/fs/cgroup"), 4, parent, found);
        if (Files.isDirectory(home.resolve("pods"))) {
            try (var folders = Files.list(home.resolve("pods"))) {
                folders.forEach(it -> found.add("folder " + it));
            }
        }
        return found;
    }

    /** A walk of our own: others' groups come and go meanwhile. */
    private static void groups(Path folder, int depth, String parent, List<String> found) {
        var names = folder.toFile().list((at, name) -> new java.io.File(at, name).isDirectory());
        for (var name : names == null || depth == 0 ? new String[0] : names) {
            if (folder.getFileName().toString().equals(parent)) {
                found.add("cgroup " + folder.resolve(name));
            } else {
                groups(folder.resolve(name), depth - 1, parent, found);
            }
        }
    }
}
