package dev.haneul.engines;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the host holds on behalf of engines, as far as it can be told apart from what others do on the machine: our
 * cgroups, mounts and processes, and the namespaces and cgroups our own threads are in.
 */
public final class HostSnapshot {
    private static final int DESCRIPTOR_LOOKS = 40;
    private static final int DESCRIPTOR_PAUSE_MILLIS = 50;

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
        return openFiles().size();
    }

    /**
     * The files behind the descriptors of this process once there are at most so many; where there stay more, all of
     * them. A thread that makes the next launch ready has files of its own open for moments; what is lost stays open.
     */
    public static List<String> descriptorsBeyond(int most) throws IOException, InterruptedException {
        var open = openFiles();
        for (int look = 0; open.size() > most && look < DESCRIPTOR_LOOKS; look++) {
            Thread.sleep(DESCRIPTOR_PAUSE_MILLIS);
            open = openFiles();
        }
        return open.size() > most ? open : List.of();
    }

    private static List<String> openFiles() throws IOException {
        var files = new ArrayList<String>();
        try (var fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (var fd : fds) {
                files.add(fd.getFileName() + " " + target(fd));
            }
        }
        return files;
    }

    private static String target(Path fd) {
        try {
            return Files.readSymbolicLink(fd).toString();
        } catch (IOException e) {
            return "closed meanwhile";
        }
    }
}
