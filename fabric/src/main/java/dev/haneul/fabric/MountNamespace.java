package dev.haneul.fabric;

import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Mounts made inside another process's mount namespace and nowhere else: the host never sees them, and they go with the
 * namespace. Needs root (CAP_SYS_ADMIN over both namespaces) and Linux 5.12.
 */
public final class MountNamespace {
    private MountNamespace() {}

    /**
     * Shows a folder of ours in the namespace of a process, on a thread that is thrown away.
     *
     * @param pid a process in that namespace
     * @param source what to show
     * @param target a folder that is there already, as the namespace sees it
     * @throws IOException where the kernel does not allow it; nothing is mounted then
     */
    public static void attach(long pid, Path source, String target, boolean readOnly) throws IOException {
        int namespace = Linux.open("/proc/" + pid + "/ns/mnt", Linux.O_RDONLY);
        try {
            int copy = Linux.copyMount(source.toString(), readOnly);
            try {
                NamespaceThread.call("mntns-" + pid, () -> {
                    Linux.unshareFileSystem();
                    Linux.setns(namespace, Linux.CLONE_NEWNS);
                    Linux.attachMount(copy, target);
                    return Boolean.TRUE;
                });
            } finally {
                Linux.close(copy);
            }
        } finally {
            Linux.close(namespace);
        }
    }
}
