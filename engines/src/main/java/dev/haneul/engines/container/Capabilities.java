package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * What root in a container may do (capabilities(7)). The usual ones are those that container runtimes give, without
 * CAP_MKNOD: nothing here would keep a container from the host's disks if it could make nodes for them.
 */
final class Capabilities {
    private static final List<String> USUAL = List.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "NET_BIND_SERVICE",
            "NET_RAW",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");

    /** What may be added: powers over the container's own namespaces and processes. */
    private static final List<String> MORE = List.of(
            "IPC_LOCK",
            "IPC_OWNER",
            "LEASE",
            "LINUX_IMMUTABLE",
            "NET_ADMIN",
            "NET_BROADCAST",
            "SYS_NICE",
            "SYS_PTRACE",
            "SYS_TTY_CONFIG");

    private Capabilities() {}

    /** The capabilities of root under these walls, sorted, e.g. {@code CAP_CHOWN}. */
    static List<String> of(ContainerSpec.Walls walls) throws LaunchException {
        if (walls.privileged()) {
            throw new LaunchException("privileged containers are not run here: they would have the host's powers");
        }
        var granted = new TreeSet<>(USUAL);
        var dropped = names(walls.dropped());
        if (dropped.contains("ALL")) {
            granted.clear();
        }
        granted.removeAll(dropped);
        for (var name : names(walls.added())) {
            if (!USUAL.contains(name) && !MORE.contains(name)) {
                throw new LaunchException(
                        "the capability " + name + " is not given to containers here: it would be one over the host");
            }
            granted.add(name);
        }
        return granted.stream().map(it -> "CAP_" + it).toList();
    }

    private static List<String> names(Collection<String> given) {
        return given.stream()
                .map(it -> it.toUpperCase(Locale.ROOT))
                .map(it -> it.startsWith("CAP_") ? it.substring(4) : it)
                .toList();
    }
}
