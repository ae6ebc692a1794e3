package dev.haneul.engines.machine;

import dev.haneul.engines.work.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.OptionalInt;

/** A machine's folder: what it is made of, and what its watcher notes. */
record MachineFolder(Path path) {
    private static final String MARKER = "haneul-machine:";

    /** The folder of all machines. */
    Path home() {
        return Objects.requireNonNull(path.getParent(), "a machine's folder is within another");
    }

    /** The name its processes on the host go by, so that they are found whatever else is lost. */
    String marker() {
        return MARKER + path;
    }

    static String markers(Path parent) {
        return MARKER + parent + "/";
    }

    Path console() {
        return path.resolve("console");
    }

    /** Where its root disk is mounted, in the watcher's mount namespace. */
    Path disk() {
        return path.resolve("disk");
    }

    /** Where its root is put together, there too. */
    Path root() {
        return path.resolve("root");
    }

    /** Where the cgroup2 tree is mounted, there too. */
    Path cgroup() {
        return path.resolve("cgroup");
    }

    /** What the machine sees as {@code /run/haneul}. */
    Path host() {
        return path.resolve("host");
    }

    /** Where it knocks. */
    Path door() {
        return host().resolve("door");
    }

    /** What it sees as {@code /run/systemd/system}. */
    Path units() {
        return path.resolve("units");
    }

    Path script() {
        return path.resolve("monitor.sh");
    }

    Path crun() {
        return path.resolve("crun");
    }

    Path config() {
        return path.resolve("config.json");
    }

    void make() throws IOException {
        Files.createDirectory(path);
        for (var folder : new Path[] {disk(), root(), cgroup(), host(), units(), crun(), path.resolve("bundle")}) {
            Files.createDirectory(folder);
        }
        // Both hold what users gave in confidence.
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(host(), PosixFilePermissions.fromString("rwx------"));
        Files.createFile(console());
    }

    /** The host's pid of its init as the watcher noted it; empty between boots. */
    OptionalInt init() {
        return number("init.pid");
    }

    OptionalInt boots() {
        return number("boots");
    }

    /** What init ended with, once the watcher has given up on it. */
    OptionalInt exit() {
        return number("exit");
    }

    /** Asks the watcher to start init again whatever it dies of. */
    void pressReset() throws IOException {
        Files.writeString(path.resolve("reset"), "");
    }

    /** Notes that it was we who ended it. */
    void noteKilled() throws IOException {
        Files.writeString(path.resolve("killed"), "");
        Files.deleteIfExists(path.resolve("reset"));
    }

    boolean killed() {
        return Files.exists(path.resolve("killed"));
    }

    /** Writes a file so that it is there whole or not at all. */
    static void replace(Path file, String content) throws IOException {
        var half = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(half, content);
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The end of what was printed, for a message. */
    String lastWords() {
        try {
            return Tools.tail(Files.readString(console(), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return "";
        }
    }

    private OptionalInt number(String name) {
        try {
            return OptionalInt.of(
                    Integer.parseInt(Files.readString(path.resolve(name)).strip()));
        } catch (IOException | NumberFormatException e) {
            return OptionalInt.empty();
        }
    }
}
