package dev.haneul.engines.machine;

import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.Tools;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread;
import dev.haneul.fabric.linux.NativeSpawn;
import dev.haneul.fabric.linux.NativeSpawn.ChildFd;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts a virtual machine's watcher, in a network namespace of its own. */
final class VirtualLaunch {
    private VirtualLaunch() {}

    /** @param group where the watcher shall be born; none where threads may not enter groups */
    static ContainerLaunch.Waiting run(MachineFolder folder, @Nullable Cgroup group) throws IOException {
        return NamespaceThread.call("virtual machine", () -> {
            if (group != null) {
                group.enterThread();
            }
            Linux.unshareNetwork();
            return spawn(folder);
        });
    }

    private static ContainerLaunch.Waiting spawn(MachineFolder folder) throws IOException {
        int[] gate = Linux.pipe();
        try {
            var fds = List.<ChildFd>of(
                    new ChildFd.Open("/dev/null", Linux.O_RDONLY),
                    new ChildFd.Open(folder.console().toString(), Linux.O_WRONLY | Linux.O_APPEND),
                    new ChildFd.Open(folder.console().toString(), Linux.O_WRONLY | Linux.O_APPEND),
                    // Opened for both directions, so that it never ends.
                    new ChildFd.Open("/proc/self/fd/" + gate[0], Linux.O_RDWR));
            int pid = NativeSpawn.spawn(
                    "/bin/sh",
                    List.of(folder.marker(), folder.script().toString()),
                    List.of("PATH=" + Tools.SEARCHED, "FOLDER=" + folder.path()),
                    fds);
            var watcher = ProcessIdentity.of(pid).orElseThrow(() -> new IOException("the watcher ended at once"));
            return new ContainerLaunch.Waiting(
                    watcher, MachineState.NO_LOOP, Linux.duplicate(gate[1], NativeSpawn.LOWEST_INHERITED));
        } finally {
            Linux.close(gate[0]);
            Linux.close(gate[1]);
        }
    }
}
