package dev.haneul.engines.machine;

import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.work.FileSystemTemplates;
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

/** Finds out whether servers can run here, by doing what running one takes. */
final class MachineProbing {
    private static final List<String> TOOLS = List.of(
            "crun", "mmdebstrap", "mkfs.ext4", "resize2fs", "script", "nsenter", "unshare", "mount", "tar", "sed");
    private static final String INSTALL = "apt-get install crun mmdebstrap e2fsprogs util-linux";
    private static final long PROBE_DISK_BYTES = 64 << 20;

    private MachineProbing() {}

    static MachineProbe probe(Path home, Supplier<Cgroups> cgroups) {
        var problems = problems(home);
        if (!problems.isEmpty()) {
            return new MachineProbe(false, String.join("; ", problems), "", List.of(), List.of());
        }
        var guarantees = new ArrayList<>(List.of(
                "own init, pid, mount, uts, ipc, cgroup and network namespaces",
                "no capabilities over the host, a system-call filter, devices of its own disks only"));
        guarantees.addAll(cgroups.get().guarantees());
        var weaknesses = new ArrayList<>(cgroups.get().weaknesses());
        weaknesses.add(
                "Servers share the host's kernel, and root in a server is root to the kernel, with most powers taken: "
                        + "no mounting but of its disks, no kernel modules, no containers inside.");
        return new MachineProbe(true, "system containers (crun, systemd), no daemon", "", guarantees, weaknesses);
    }

    private static List<String> problems(Path home) {
        var problems = new ArrayList<String>();
        if (!Linux.available() || !NativeSpawn.available()) {
            return List.of("servers need Linux with glibc 2.34");
        }
        if (!root()) {
            return List.of("servers need root: start Haneul as root");
        }
        var missing = TOOLS.stream().filter(tool -> !Tools.present(tool)).toList();
        if (!missing.isEmpty()) {
            problems.add("not installed: " + String.join(", ", missing) + " (" + INSTALL + ")");
            return problems;
        }
        try {
            tryOut(home);
        } catch (IOException e) {
            problems.add("disks, namespaces or overlays cannot be had: " + e.getMessage());
        }
        return problems;
    }

    private static boolean root() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** A disk, a file system on it, an overlay on that, and the namespaces for it: all that a machine is made of. */
    private static void tryOut(Path home) throws IOException {
        Files.createDirectories(home);
        var folder = Files.createTempDirectory(home, "probe");
        try {
            for (var name : List.of("disk", "lower", "root", "cgroup")) {
                Files.createDirectory(folder.resolve(name));
            }
            var image = folder.resolve("image");
            Sparse.copy(
                    new FileSystemTemplates(home.resolve("templates"), DiskStore.ROOT_OPTIONS)
                            .template(PROBE_DISK_BYTES),
                    image);
            DiskStore.setLength(image, PROBE_DISK_BYTES);
            NamespaceThread.call("machine probe", () -> {
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
                Linux.mount("cgroup2", folder.resolve("cgroup").toString(), "cgroup2", 0, "");
                return Boolean.TRUE;
            });
        } finally {
            FileTrees.delete(folder);
        }
    }
}
