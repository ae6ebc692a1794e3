package dev.haneul.engines.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * A pod's folder on the host.
 *
 * @param path absolute
 */
record PodFolder(Path path) {
    private static final String POD = "haneul-pod:";
    private static final String CONTAINER = "haneul-container:";

    /** The name its holder goes by among the host's processes, so that it is found whatever else is lost. */
    String marker() {
        return POD + path;
    }

    /** Whether a process is a holder or a watcher of a pod in a folder of pods. */
    static boolean marks(String process, Path home) {
        return process.startsWith(POD + home + "/") || process.startsWith(CONTAINER + home + "/");
    }

    /** Whether such a process belongs to this pod. */
    boolean owns(String process) {
        return process.equals(marker()) || process.startsWith(CONTAINER + path + "/");
    }

    /** The file that the pod's disk is; there is none where it has no limit. */
    Path image() {
        return path.resolve("disk.ext4");
    }

    /** Where its disk is mounted, in the holder's mount namespace. */
    Path disk() {
        return path.resolve("disk");
    }

    Path etc() {
        return disk().resolve("etc");
    }

    Path volume(String name) {
        return disk().resolve("volumes").resolve(name);
    }

    Path crun() {
        return path.resolve("crun");
    }

    Path containers() {
        return path.resolve("containers");
    }

    ContainerFolder container(String name) {
        return new ContainerFolder(this, containers().resolve(name));
    }

    void make() throws IOException {
        Files.createDirectory(path);
        // It holds what users gave in confidence.
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        for (var folder : new Path[] {disk(), crun(), containers()}) {
            Files.createDirectory(folder);
        }
    }

    /** Notes the control group before it is made, so that it is found whatever happens next. */
    void noteGroup(String name) throws IOException {
        Files.writeString(path.resolve("group"), name);
    }

    Optional<String> group() throws IOException {
        return read(path.resolve("group"));
    }

    private static Optional<String> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.UTF_8).strip())
                    .filter(it -> !it.isEmpty());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /**
     * A container's folder within.
     *
     * @param pod whose it is
     * @param path absolute
     */
    record ContainerFolder(PodFolder pod, Path path) {
        String marker() {
            return CONTAINER + path;
        }

        /** Where its root is mounted, in the pod's mount namespace. */
        Path root() {
            return path.resolve("root");
        }

        /** What it writes to its root, on the pod's disk. */
        Path written() {
            return pod.disk().resolve("containers").resolve(path.getFileName());
        }

        Path config() {
            return path.resolve("bundle/config.json");
        }

        Path stdout() {
            return path.resolve("stdout");
        }

        Path stderr() {
            return path.resolve("stderr");
        }

        Path text(int number) {
            return path.resolve("texts").resolve(Integer.toString(number));
        }

        /** Where a mount of another process's is hung up, in the pod's mount namespace. */
        Path foreign(int number) {
            return path.resolve("foreign").resolve(Integer.toString(number));
        }

        void make() throws IOException {
            Files.createDirectory(path);
            for (var name : new String[] {"root", "bundle", "texts", "foreign"}) {
                var folder = path.resolve(name);
                Files.createDirectory(folder);
            }
            Files.createFile(stdout());
            Files.createFile(stderr());
        }

        /** Before a start: what is known of an earlier one goes. */
        void forget() throws IOException {
            for (var name : new String[] {"init.pid", "exit", "crun.log"}) {
                Files.deleteIfExists(path.resolve(name));
            }
        }

        /** The host's pid of its first process, as crun noted it. */
        Optional<Long> init() {
            return number("init.pid");
        }

        Optional<Long> exit() {
            return number("exit");
        }

        Path exitFile() {
            return path.resolve("exit");
        }

        private Optional<Long> number(String name) {
            try {
                return read(path.resolve(name)).map(Long::parseLong);
            } catch (IOException | NumberFormatException e) {
                return Optional.empty();
            }
        }

        /** What crun complained of, in one line; empty where it did not. */
        String complaint() {
            try {
                var lines = read(path.resolve("crun.log")).orElse("").lines().toList();
                var line = lines.isEmpty() ? "" : lines.getLast();
                return line.replaceFirst("^[0-9-]+T[0-9:.]+Z?: ", "");
            } catch (IOException e) {
                return "";
            }
        }
    }

    /** Writes a file so that it is there whole or not at all. */
    static void replace(Path file, byte[] content) throws IOException {
        var half = file.resolveSibling(file.getFileName() + ".new");
        Files.write(half, content);
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
