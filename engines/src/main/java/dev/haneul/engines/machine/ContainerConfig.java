package dev.haneul.engines.machine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What crun is told (the OCI runtime specification's {@code config.json}). The capabilities are what a server's root
 * needs inside its own namespaces. CAP_SYS_ADMIN is not among them: there is no user namespace around a machine, and with
 * it root would be the host's. So a machine may not mount: {@link HostDoor} does that for it. CAP_MKNOD is not either,
 * and no file system of a machine but {@code /dev} honours device nodes.
 */
final class ContainerConfig {
    private static final List<String> CAPABILITIES = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "SETGID",
            "SETUID",
            "SETPCAP",
            "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE",
            "NET_BROADCAST",
            "NET_ADMIN",
            "NET_RAW",
            "IPC_LOCK",
            "IPC_OWNER",
            "SYS_CHROOT",
            "SYS_PTRACE",
            "SYS_BOOT",
            "SYS_NICE",
            "SYS_TTY_CONFIG",
            "AUDIT_WRITE",
            "SETFCAP",
            "LEASE");

    private ContainerConfig() {}

    /** A block device that is there from the boot on. */
    record Device(String name, int major, int minor) {}

    /** @param box the machine's own group within the cgroup2 tree, from its root */
    static String of(MachineFolder folder, String hostname, String box, List<Device> devices) throws IOException {
        var capabilities =
                CAPABILITIES.stream().map(it -> "\"CAP_" + it + "\"").collect(Collectors.joining(", ", "[", "]"));
        return resource("config.json")
                .replace("@CAPABILITIES@", capabilities)
                .replace("@ROOT@", quoted(folder.root()))
                .replace("@HOSTNAME@", '"' + hostname + '"')
                .replace("@GROUP@", quoted(Path.of(folder.cgroup() + box)))
                .replace("@HOST@", quoted(folder.host()))
                .replace("@UNITS@", quoted(folder.units()))
                .replace(
                        "@DEVICES@",
                        devices.stream().map(ContainerConfig::device).collect(Collectors.joining(", ")));
    }

    private static String device(Device it) {
        return "{\"path\": \"" + it.name() + "\", \"type\": \"b\", \"major\": " + it.major() + ", \"minor\": "
                + it.minor() + ", \"fileMode\": 432, \"uid\": 0, \"gid\": 6}";
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** A file that comes with this package. */
    static String resource(String name) throws IOException {
        try (InputStream in = ContainerConfig.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("the resource " + name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
