package dev.haneul.engines.container;

import dev.haneul.engines.container.PodSpec.Network;
import dev.haneul.engines.work.FileSystemTemplates;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.Sparse;
import dev.haneul.engines.work.Tools;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.LoopDevice;
import dev.haneul.fabric.linux.NamespaceThread;
import dev.haneul.fabric.linux.NativeSpawn;
import dev.haneul.fabric.linux.NativeSpawn.ChildFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * Makes what a pod's containers share, on a throwaway thread with namespaces of its own, and starts the holder that keeps
 * them: what is mounted there goes with the pod, so there is nothing to unmount, ever.
 */
final class PodLaunch {
    private static final long MS_NODEV = 4;
    private static final int MNT_DETACH = 2;

    /** Where the host's own file system cannot be the upper one of an overlay, as in most containers. */
    private static final int DEFAULT_DISK_MIB = 32 * 1024;

    private final PodSpec spec;
    private final PodFolder folder;
    private final int diskMib;

    PodLaunch(PodSpec spec, PodFolder folder) throws IOException {
        this.spec = spec;
        this.folder = folder;
        boolean layered = Files.getFileStore(folder.path()).type().equals("overlay");
        this.diskMib = spec.diskMib() == 0 && layered ? DEFAULT_DISK_MIB : spec.diskMib();
    }

    /** @param templates empty file systems to copy */
    ProcessIdentity run(FileSystemTemplates templates) throws IOException {
        if (diskMib > 0) {
            // The file system's own tables come on top.
            long bytes = ((long) diskMib + diskMib / 32 + 4) << 20;
            Sparse.copy(templates.template(bytes), folder.image());
            Sparse.setLength(folder.image(), bytes);
        }
        int joined =
                spec.network() instanceof Network.Join(Path netns) ? Linux.open(netns.toString(), Linux.O_RDONLY) : -1;
        try {
            return NamespaceThread.call("pod " + spec.id(), () -> inside(joined));
        } finally {
            Linux.close(joined);
        }
    }

    private ProcessIdentity inside(int joined) throws IOException {
        Linux.unshareMounts();
        if (joined >= 0) {
            Linux.setns(joined, Linux.CLONE_NEWNET);
        } else {
            Linux.unshareNetwork();
        }
        if (diskMib > 0) {
            try (var device = LoopDevice.attach(folder.image().toString())) {
                Linux.mount(device.path(), folder.disk().toString(), "ext4", MS_NODEV, "noinit_itable,discard");
            }
        }
        hideSecondTree();
        write();
        int pid = NativeSpawn.spawn(
                "/usr/bin/sleep",
                List.of(folder.marker(), "infinity"),
                List.of("PATH=" + Tools.SEARCHED),
                List.of(nothing(), nothing(), nothing()));
        return ProcessIdentity.of(pid).orElseThrow(() -> new IOException("the pod's holder ended at once"));
    }

    private static ChildFd nothing() {
        return new ChildFd.Open("/dev/null", Linux.O_RDWR);
    }

    /** crun refuses to work where it finds both versions of control groups mounted, so the second goes out of its sight. */
    private static void hideSecondTree() throws IOException {
        var mounts = Files.readAllLines(Path.of("/proc/thread-self/mounts")).stream()
                .map(line -> line.split(" "))
                .toList();
        boolean first = mounts.stream().anyMatch(words -> words[2].equals("cgroup"));
        for (var words : mounts) {
            if (first && words[2].equals("cgroup2")) {
                Linux.unmount(words[1].replace("\\040", " "), MNT_DETACH);
            }
        }
    }

    /** What containers see of it, on the pod's disk: they may write there, and the host's must not fill. */
    private void write() throws IOException {
        for (var path : List.of(
                folder.etc(), folder.volume("x").getParent(), folder.disk().resolve("containers"))) {
            Files.createDirectory(path);
        }
        text("hosts", spec.hosts());
        text("resolv.conf", spec.resolvConf());
        text("hostname", spec.hostname() + "\n");
    }

    private void text(String name, String content) throws IOException {
        var file = folder.etc().resolve(name);
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
}
