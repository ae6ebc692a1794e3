package dev.haneul.engines.container;

import dev.haneul.engines.Probe;
import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.work.Sparse;
import dev.haneul.engines.work.Tools;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.LoopDevice;
import dev.haneul.fabric.linux.NamespaceThread;
import dev.haneul.fabric.linux.NativeSpawn;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Finds out whether containers can run here, by doing what running one takes. */
final class ContainersProbing {
    private static final List<String> TOOLS = List.of("crun", "mkfs.ext4", "script", "stty", "nsenter", "sleep", "sh");
    private static final String INSTALL = "apt-get install crun e2fsprogs util-linux";
    private static final List<String> INITS = List.of(
            "/usr/bin/catatonit", "/usr/libexec/podman/catatonit", "/usr/bin/tini-static", "/usr/bin/docker-init");
    private static final long PROBE_DISK_BYTES = 16 << 20;

    private ContainersProbing() {}

    /** The small init that containers may have as their first process; empty where none is installed. */
    static String init() {
        return INITS.stream()
                .filter(it -> Files.isExecutable(Path.of(it)))
                .findFirst()
                .orElse("");
    }

    static Probe probe(Path home, Supplier<Cgroups> cgroups) {
        var problem = problem(home);
        if (!problem.isEmpty()) {
            return new Probe(false, problem, List.of(), List.of());
        }
        var guarantees = new ArrayList<>(List.of(
                "own pid, mount, uts, ipc and cgroup namespaces, a network namespace for each pod",
                "the usual capabilities of containers but CAP_MKNOD, a system-call filter, masked /proc and /sys",
                "a disk of limited size for each pod"));
        guarantees.addAll(cgroups.get().guarantees());
        var weaknesses = new ArrayList<>(cgroups.get().weaknesses());
        weaknesses.add(
                "Containers share the host's kernel, and root in an image is root to the kernel, with few powers: "
                        + "there is no user namespace around it.");
        if (init().isEmpty()) {
            weaknesses.add(
                    "No small init is installed (apt-get install catatonit): containers can have none of ours, and"
                            + " cannot share their processes.");
        }
        return new Probe(true, "crun, no daemon", guarantees, weaknesses);
    }

    private static String problem(Path home) {
        if (!Linux.available() || !NativeSpawn.available()) {
            return "containers need Linux with glibc 2.34";
        }
        var missing = TOOLS.stream().filter(tool -> !Tools.present(tool)).toList();
        if (!missing.isEmpty()) {
            return "not installed: " + String.join(", ", missing) + " (" + INSTALL + ")";
        }
        try {
            if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
                return "containers need root: start Haneul as root";
            }
            tryOut(home);
            return "";
        } catch (IOException | RuntimeException e) {
            return "disks, namespaces or overlays cannot be had: " + e.getMessage();
        }
    }

    /** A disk, a file system on it, an overlay on that with what hides files below, and the namespaces for it. */
    private static void tryOut(Path home) throws IOException {
        Files.createDirectories(home);
        var folder = Files.createTempDirectory(home, "probe");
        try {
            for (var name : List.of("disk", "lower", "root")) {
                Files.createDirectory(folder.resolve(name));
            }
            var image = folder.resolve("image");
            Sparse.copy(CrunContainers.templates(home).template(PROBE_DISK_BYTES), image);
            Sparse.setLength(image, PROBE_DISK_BYTES);
            Linux.makeWhiteout(folder.resolve("lower/hidden").toString());
            NamespaceThread.call("container probe", () -> {
                Linux.unshareMounts();
                Linux.unshareNetwork();
                try (var device = LoopDevice.attach(image.toString())) {
                    Linux.mount(device.path(), folder.resolve("disk").toString(), "ext4", 0, "");
                }
                Files.createDirectory(folder.resolve("disk/upper"));
                Files.createDirectory(folder.resolve("disk/work"));
                var options = "lowerdir=" + folder.resolve("lower") + ",upperdir=" + folder.resolve("disk/upper")
                        + ",workdir=" + folder.resolve("disk/work");
                Linux.mount("overlay", folder.resolve("root").toString(), "overlay", 0, options);
                return Boolean.TRUE;
            });
        } finally {
            FileTrees.delete(folder);
        }
    }
}
