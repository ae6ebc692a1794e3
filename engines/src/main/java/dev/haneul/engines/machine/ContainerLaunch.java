package dev.haneul.engines.machine;

import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.Tools;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.LoopDevice;
import dev.haneul.fabric.linux.NamespaceThread;
import dev.haneul.fabric.linux.NativeSpawn;
import dev.haneul.fabric.linux.NativeSpawn.ChildFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts a machine's root together and starts its watcher, on a throwaway thread with namespaces of its own: whatever is
 * mounted there goes with the watcher, so there is nothing to unmount, ever.
 */
final class ContainerLaunch {
    private static final long MS_NODEV = 4;
    private static final int MNT_DETACH = 2;

    private final MachineFolder folder;
    private final String id;
    private final Path rootDisk;
    private final List<Path> layers;

    ContainerLaunch(MachineFolder folder, String id, Path rootDisk, List<Path> layers) {
        this.folder = folder;
        this.id = id;
        this.rootDisk = rootDisk;
        this.layers = layers;
    }

    /**
     * A machine whose init waits.
     *
     * @param watcher the process that holds everything
     * @param loop the root disk's block device
     * @param gate the end to write a line to; the caller closes it
     */
    record Waiting(ProcessIdentity watcher, String loop, int gate) {}

    /** @param group where the watcher shall be born; none where threads may not enter groups */
    Waiting run(@Nullable Cgroup group) throws IOException {
        return NamespaceThread.call("machine " + id, () -> {
            if (group != null) {
                group.enterThread();
            }
            return inside();
        });
    }

    private Waiting inside() throws IOException {
        Linux.unshareMounts();
        Linux.unshareNetwork();
        String loop;
        try (var device = LoopDevice.attach(rootDisk.toString())) {
            loop = device.path();
            Linux.mount(loop, folder.disk().toString(), "ext4", MS_NODEV, "noinit_itable,discard");
        }
        mountRoot();
        mountCgroups();
        return spawn(loop);
    }

    private void mountRoot() throws IOException {
        var upper = folder.disk().resolve("upper");
        var work = folder.disk().resolve("work");
        for (var path : List.of(upper, work)) {
            if (!Files.exists(path)) {
                Files.createDirectory(path);
            }
        }
        var lower = layers.stream().map(ContainerLaunch::escaped).collect(Collectors.joining(":"));
        var options = "lowerdir=" + lower + ",upperdir=" + escaped(upper) + ",workdir=" + escaped(work);
        Linux.mount("overlay", folder.root().toString(), "overlay", MS_NODEV, options);
    }

    static String escaped(Path path) {
        return path.toAbsolutePath().toString().replaceAll("([\\\\,:])", "\\\\$1");
    }

    /**
     * Every kernel has the cgroup2 tree, with controllers in it or without. Init gets a group of it as its own, which is
     * all it sees of cgroups; its limits are further up or in other trees. crun refuses to work where it finds both
     * versions mounted, so the second goes out of its sight.
     */
    private void mountCgroups() throws IOException {
        var mounts = Files.readAllLines(Path.of("/proc/thread-self/mounts")).stream()
                .map(line -> line.split(" "))
                .toList();
        boolean first = mounts.stream().anyMatch(words -> words[2].equals("cgroup"));
        for (var words : mounts) {
            if (first && words[2].equals("cgroup2")) {
                Linux.unmount(words[1].replace("\\040", " "), MNT_DETACH);
            }
        }
        Linux.mount("cgroup2", folder.cgroup().toString(), "cgroup2", 0, "");
    }

    private Waiting spawn(String loop) throws IOException {
        int[] input = Linux.pipe();
        int[] gate = Linux.pipe();
        try {
            var fds = List.of(
                    // Opened for both directions, so that neither ever ends: not the console's input, and not the gate.
                    both(input[0]),
                    new ChildFd.Open(folder.console().toString(), Linux.O_WRONLY | Linux.O_APPEND),
                    new ChildFd.Open(folder.console().toString(), Linux.O_WRONLY | Linux.O_APPEND),
                    both(gate[0]));
            int pid = NativeSpawn.spawn(
                    "/usr/bin/script",
                    List.of(
                            folder.marker(),
                            "-qefc",
                            "exec sh " + FirstBoot.quoted(folder.script().toString()),
                            "/dev/null"),
                    List.of(
                            "PATH=" + Tools.SEARCHED,
                            "FOLDER=" + folder.path(),
                            "NAME=" + id,
                            "BOX=" + Boxes.name(folder),
                            "SHELL=/bin/sh"),
                    fds);
            var watcher = ProcessIdentity.of(pid).orElseThrow(() -> new IOException("the watcher ended at once"));
            return new Waiting(watcher, loop, Linux.duplicate(gate[1], NativeSpawn.LOWEST_INHERITED));
        } finally {
            for (int fd : new int[] {input[0], input[1], gate[0], gate[1]}) {
                Linux.close(fd);
            }
        }
    }

    private static ChildFd both(int fd) {
        return new ChildFd.Open("/proc/self/fd/" + fd, Linux.O_RDWR);
    }
}
