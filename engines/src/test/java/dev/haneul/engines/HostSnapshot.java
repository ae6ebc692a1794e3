package dev.haneul.engines;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the host holds on behalf of engines, as far as it can be told apart from what others do on the machine: our
 * cgroups, mounts and processes, and the namespaces and cgroups our own threads are in.
 */
public final class HostSnapshot {
    private HostSnapshot() {}

    /** Processes that name this folder in their command line, mounts and cgroups of it. */
    public static List<String> of(Path home) throws IOException {
        var found = new TreeSet<String>();
        if (Files.isDirectory(Path.of("/proc/self"))) {
            processes(home, found);
            for (var mount : Files.readAllLines(Path.of("/proc/self/mounts"))) {
                if (mount.contains(home.toString())) {
                    found.add("mount " + mount);
                }
            }
        }
        return List.copyOf(found);
    }

    private static void processes(Path home, TreeSet<String> found) throws IOException {
        try (var folders = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var folder : folders) {
                try {
                    var line = Files.readString(folder.resolve("cmdline"), StandardCharsets.ISO_8859_1);
                    boolean own = folder.getFileName()
                            .toString()
                            .equals(Long.toString(ProcessHandle.current().pid()));
                    if (line.contains(home.toString()) && !own) {
                        found.add("process " + folder.getFileName() + " " + line.replace('\0', ' '));
                    }
                } catch (IOException e) {
                    continue; // ended
                }
            }
        }
    }

    /** Cgroups that this very process made. */
    public static List<String> cgroups() throws IOException {
        var root = Path.of("/sys/fs/cgroup");
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        String ours = "w" + ProcessHandle.current().pid() + "-";
        var found = new TreeSet<String>();
        Files.walkFileTree(root, Set.of(), 8, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                if (folder.getFileName().toString().startsWith(ours)) {
                    found.add(folder.toString());
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException gone) {
                return FileVisitResult.CONTINUE; // others' groups come and go meanwhile
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return List.copyOf(found);
    }

    /** The network namespaces and cgroups that threads of this JVM are in. */
    public static List<String> threadHomes() throws IOException {
        var found = new TreeSet<String>();
        try (var threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (var thread : threads) {
                try {
                    found.add(Files.readSymbolicLink(thread.resolve("ns/net")).toString());
                    found.add(Files.readString(thread.resolve("cgroup")));
                } catch (IOException e) {
                    continue; // ended
                }
            }
        }
        return List.copyOf(found);
    }

    /** How many file descriptors we hold. */
    public static int descriptors() throws IOException {
        try (var fds = Files.list(Path.of("/proc/self/fd"))) {
            return (int) fds.count();
        }
    }
}
