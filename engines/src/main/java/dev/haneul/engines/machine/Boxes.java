package dev.haneul.engines.machine;

import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The machines' own groups in the cgroup2 tree. The tree may not be mounted where we live, so it is mounted for the
 * moment, where nobody sees it.
 */
final class Boxes {
    private static final int ATTEMPTS = 500;
    private static final long PAUSE_NANOS = 2_000_000;

    private Boxes() {}

    /** A group's name: no two data folders' machines meet. */
    static String name(MachineFolder folder) {
        return prefix(folder.home()) + folder.path().getFileName();
    }

    private static String prefix(Path home) {
        return "haneul-box-" + Integer.toHexString(String.valueOf(home).hashCode()) + "-";
    }

    /** Kills whatever is in a machine's group and removes it with those its init has made. */
    static void remove(Path mountPoint, String box) throws IOException {
        NamespaceThread.call("cgroup2", () -> {
            mount(mountPoint);
            removeTree(Path.of(mountPoint + box));
            return Boolean.TRUE;
        });
    }

    /** Removes the groups of a data folder's machines that are not kept. */
    static void clear(Path home, List<String> kept) throws IOException {
        NamespaceThread.call("cgroup2", () -> {
            mount(home);
            try (var tree = Files.find(
                    home, 6, (path, facts) -> path.getFileName().toString().startsWith(prefix(home)))) {
                for (var path : tree.toList()) {
                    if (!kept.contains(path.getFileName().toString())) {
                        removeTree(path);
                    }
                }
            }
            return Boolean.TRUE;
        });
    }

    private static void mount(Path at) throws IOException {
        Linux.unshareMounts();
        Linux.mount("cgroup2", at.toString(), "cgroup2", 0, "");
    }

    private static void removeTree(Path group) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                if (!Files.isDirectory(group)) {
                    return;
                }
                kill(group.resolve("cgroup.kill"));
                for (var path : deepestFirst(group)) {
                    Files.deleteIfExists(path);
                }
                return;
            } catch (IOException | UncheckedIOException e) {
                if (attempt == ATTEMPTS) {
                    throw e; // somebody in it does not die
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Linux 5.14 and later kill a whole group at a word. */
    private static void kill(Path file) throws IOException {
        if (Files.exists(file)) {
            Files.writeString(file, "1");
        }
    }

    private static List<Path> deepestFirst(Path group) throws IOException {
        try (var tree = Files.walk(group)) {
            var folders = new ArrayList<>(tree.filter(Files::isDirectory).toList());
            folders.sort(Comparator.comparingInt(Path::getNameCount).reversed());
            return folders;
        }
    }
}
