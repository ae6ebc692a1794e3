package dev.haneul.services.lambda.run;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.kernel.files.FileTrees;
import dev.haneul.services.lambda.runtimes.RuntimePlan;
import dev.haneul.services.lambda.runtimes.Runtimes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * What SnapStart keeps of a Java function's version: the classes that its start loads, read, checked and linked ahead of
 * time (the JVM's ahead-of-time cache, JEP 483 and 514), so that each later start finds them ready. The start itself is
 * run each time: memory is not restored, and hooks around a checkpoint are not called.
 */
public final class Snapshots {
    /** Where a function sees it. */
    private static final String PLACE = "/var/snapshot";

    private static final String JAR = "function.jar";
    private static final String CACHE = "function.aot";
    private static final String CLASS_PATH = "-cp";
    /** The runtime's own, which a function's takes the place of. */
    private static final List<String> ARCHIVES = List.of("-XX:SharedArchiveFile=", "-XX:AOTCache=", "-Xshare:");

    private static final String OLDEST = "java:25";
    private static final Duration WRITE_LIMIT = Duration.ofMinutes(2);
    private static final int MOST_LIBRARIES = 500;

    private final Path root;

    /** @param root one folder per version in it */
    public Snapshots(Path root) {
        this.root = root;
    }

    /** Whether a version's was made and is there. */
    boolean has(String name) {
        return Files.isRegularFile(root.resolve(name).resolve(CACHE));
    }

    /** Removes all but these. */
    public void sweep(Set<String> wanted) throws IOException {
        if (Files.isDirectory(root)) {
            try (Stream<Path> folders = Files.list(root)) {
                for (Path folder : folders.toList()) {
                    if (!wanted.contains(folder.getFileName().toString())) {
                        FileTrees.delete(folder);
                    }
                }
            }
        }
    }

    /** How a function with a snapshot starts. */
    RuntimePlan restored(RuntimePlan plan, String name, Path task, Runtimes.Places places) throws IOException {
        return with(plan, root.resolve(name), task, "-XX:AOTCache=", true, places);
    }

    /** How one is started whose snapshot is to be written. */
    RuntimePlan recorded(RuntimePlan plan, Path folder, Path task, Runtimes.Places places) throws IOException {
        if (plan.version().compareTo(OLDEST) < 0) {
            throw new IOException("snapshots need Java 25; this is " + plan.version());
        }
        return with(plan, folder, task, "-XX:AOTCacheOutput=", false, places);
    }

    private static RuntimePlan with(
            RuntimePlan plan, Path folder, Path task, String flag, boolean readOnly, Runtimes.Places places)
            throws IOException {
        List<Mount> mounts = new ArrayList<>(plan.mounts());
        mounts.add(new Mount.Bind(folder, PLACE, readOnly));
        String place = places.of(mounts, PLACE);
        String lib = places.of(mounts, Runtimes.TASK_ROOT) + "/lib/";
        List<String> words = new ArrayList<>();
        for (String word : plan.command()) {
            if (ARCHIVES.stream().noneMatch(word::startsWith)) {
                words.add(word);
            }
        }
        int at = words.indexOf(CLASS_PATH);
        StringBuilder path = new StringBuilder(words.get(at + 1))
                .append(':')
                .append(place)
                .append('/')
                .append(JAR);
        for (String library : libraries(task)) {
            path.append(':').append(lib).append(library);
        }
        words.set(at + 1, path.toString());
        words.addAll(at, List.of(flag + place + "/" + CACHE, "-Xlog:aot=off", "-Xlog:cds=off"));
        return new RuntimePlan(words, plan.environment(), mounts, plan.version(), plan.warning());
    }

    private static List<String> libraries(Path task) throws IOException {
        Path lib = task.resolve("lib");
        if (!Files.isDirectory(lib)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(lib)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .sorted()
                    .limit(MOST_LIBRARIES)
                    .toList();
        }
    }

    /** Starts an environment whose JVM writes into this folder. */
    @FunctionalInterface
    interface Start {
        Trial launch(Path folder) throws LaunchException, NoEntrypointException, IOException, InterruptedException;
    }

    /** A started trial and what answers it. */
    record Trial(Workload workload, RuntimeSession session) {}

    /**
     * Runs a version's start and keeps what it loaded.
     *
     * @param nanos how long the start may take
     * @return empty where all went well, else what went wrong with the function's own start
     */
    String make(String name, Path task, long nanos, Start start)
            throws LaunchException, IOException, InterruptedException {
        Files.createDirectories(root);
        Path folder = Files.createTempDirectory(root, ".making-");
        boolean whole = false;
        try {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            pack(task, folder.resolve(JAR));
            String problem = run(folder, nanos, start);
            if (!problem.isEmpty()) {
                return problem;
            }
            Path written = folder.resolve(CACHE);
            if (!Files.isRegularFile(written, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("the trial start wrote no cache");
            }
            Path ours = folder.resolve("ours"); // the one written is the sandbox user's
            Files.copy(written, ours);
            Files.move(ours, written, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-r--r--"));
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            FileTrees.delete(root.resolve(name));
            Files.move(folder, root.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            whole = true;
            return "";
        } finally {
            if (!whole) {
                FileTrees.delete(folder);
            }
        }
    }

    private static String run(Path folder, long nanos, Start start)
            throws LaunchException, IOException, InterruptedException {
        Trial trial;
        try {
            trial = start.launch(folder);
        } catch (NoEntrypointException e) {
            return String.valueOf(e.getMessage());
        }
        try (Workload workload = trial.workload()) {
            RuntimeSession.News news = trial.session().awaitPoll(nanos);
            if (news == RuntimeSession.News.POLLING) {
                workload.signal(Workload.Signal.TERM);
                workload.await(WRITE_LIMIT);
                return "";
            }
            return switch (news) {
                case INIT_FAILED -> "The function's initialization failed.";
                case ENDED -> "The function's runtime ended during its initialization.";
                default -> "The function's initialization took too long.";
            };
        } finally {
            trial.session().close();
        }
    }

    /** The JVM keeps classes of archives only: what lies loose in the package becomes one. */
    private static void pack(Path task, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream archive = new JarOutputStream(out)) {
            Files.walkFileTree(task, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    return folder.equals(task.resolve("lib")) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (attributes.isRegularFile()) {
                        JarEntry entry = new JarEntry(task.relativize(file).toString());
                        entry.setTime(0);
                        archive.putNextEntry(entry);
                        Files.copy(file, archive);
                        archive.closeEntry();
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
    }
}
