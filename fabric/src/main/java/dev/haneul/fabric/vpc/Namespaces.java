package dev.haneul.fabric.vpc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The network namespaces of one region, by name. */
final class Namespaces {
    /** Devices vanish by themselves, too, when their workload ends. */
    private static final int DELETE_ATTEMPTS = 5;

    private final Names names;

    Namespaces(Names names) {
        this.names = names;
    }

    static Path path(String name) {
        return Commands.NAMESPACES.resolve(name);
    }

    /** Those that are there. Names that a reboot left without a namespace are removed. */
    Set<String> present() throws IOException {
        var found = new LinkedHashSet<String>();
        if (!Files.isDirectory(Commands.NAMESPACES)) {
            return found;
        }
        Object folder = Files.getAttribute(Commands.NAMESPACES, "unix:dev");
        try (var files = Files.newDirectoryStream(Commands.NAMESPACES, names.region() + "-*")) {
            for (var file : files) {
                if (Files.getAttribute(file, "unix:dev").equals(folder)) {
                    Files.delete(file);
                } else {
                    found.add(file.getFileName().toString());
                }
            }
        }
        return found;
    }

    /** Makes them, as routers of IPv4 alone or as plain hosts. */
    void create(Collection<String> wanted) throws IOException {
        Commands.ip(wanted.stream().map(name -> "netns add " + name).toList());
        for (String name : wanted) {
            Commands.set(
                    path(name),
                    List.of(
                            "ipv6/conf/all/disable_ipv6=1",
                            "ipv6/conf/default/disable_ipv6=1",
                            "ipv4/conf/all/rp_filter=0",
                            "ipv4/conf/default/rp_filter=0",
                            "ipv4/conf/all/send_redirects=0",
                            "ipv4/conf/default/send_redirects=0",
                            "ipv4/conf/all/accept_redirects=0"));
        }
    }

    /**
     * Deletes them and, before, their devices: a namespace lives on while a connection in it is open, and goes later
     * than it is told to.
     */
    void delete(Collection<String> names) throws IOException {
        for (String name : names) {
            removeDevices(path(name));
        }
        Commands.ip(names.stream().map(name -> "netns del " + name).toList());
    }

    private static void removeDevices(Path netns) throws IOException {
        for (int attempt = 1; ; attempt++) {
            var devices = devices(netns);
            devices.removeIf(device -> !Names.isDevice(device));
            try {
                Commands.ip(
                        netns,
                        devices.stream().map(device -> "link del " + device).toList());
                return;
            } catch (IOException e) {
                if (attempt == DELETE_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** The devices of a namespace. */
    static Set<String> devices(Path netns) throws IOException {
        return Commands.inside(netns, () -> {
            var devices = new LinkedHashSet<String>();
            List<String> lines = Files.readAllLines(Path.of("/proc/thread-self/net/dev"));
            for (String line : lines) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    devices.add(line.substring(0, colon).strip());
                }
            }
            return devices;
        });
    }
}
