package dev.haneul.engines.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where control groups are mounted, and where in them we are: {@code /proc/self/mounts} and {@code /proc/self/cgroup}
 * (cgroups(7)). New groups go below our own, so that whatever bounds us bounds our workloads too.
 */
final class MountedHierarchies {
    private MountedHierarchies() {}

    private static final Path OURS = Path.of("/proc/self/cgroup");

    /** Our own folder for each v1 controller that is mounted. */
    static Map<String, Path> v1() throws IOException {
        return v1(OURS);
    }

    /** @param process a process's {@code cgroup} file in {@code /proc} */
    static Map<String, Path> v1(Path process) throws IOException {
        var own = new HashMap<String, String>();
        for (var line : Files.readAllLines(process)) {
            var parts = line.split(":", 3);
            for (var controller : parts[1].split(",")) {
                own.put(controller, parts[2]);
            }
        }
        var found = new HashMap<String, Path>();
        for (var mount : mounts()) {
            if (!mount.type().equals("cgroup")) {
                continue;
            }
            for (var option : mount.options()) {
                var path = own.get(option);
                if (path != null && !option.isEmpty()) {
                    found.put(option, below(mount.path(), path));
                }
            }
        }
        return found;
    }

    /** Our own folder in the v2 tree, then its root; empty where there is none. */
    static List<Path> v2() throws IOException {
        return v2(OURS);
    }

    /** @param process a process's {@code cgroup} file in {@code /proc} */
    static List<Path> v2(Path process) throws IOException {
        String own = "/";
        for (var line : Files.readAllLines(process)) {
            if (line.startsWith("0::")) {
                own = line.substring(3);
            }
        }
        for (var mount : mounts()) {
            if (mount.type().equals("cgroup2")) {
                return List.of(below(mount.path(), own), mount.path());
            }
        }
        return List.of();
    }

    private record Mount(Path path, String type, List<String> options) {}

    private static List<Mount> mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .map(line -> line.split(" "))
                .filter(words -> words.length >= 4)
                .map(words -> new Mount(
                        Path.of(words[1].replace("\\040", " ")), words[2], Arrays.asList(words[3].split(","))))
                .toList();
    }

    /** In a container our path as the host sees it may not exist: the mount itself is our place then. */
    private static Path below(Path mount, String path) {
        var own = mount.resolve(path.substring(1)).normalize();
        return own.startsWith(mount) && Files.isDirectory(own) ? own : mount;
    }
}
