package dev.haneul.engines.docker;

import dev.haneul.engines.docker.ContainerSpec.Host;
import dev.haneul.engines.work.SyntheticEtc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * A daemon made ready: the empty image is in it, and what containers bind is prepared.
 *
 * @param version for {@code haneul status}
 * @param privateNetwork whether containers have a network of their own, or the host's
 */
record Daemon(DockerApi api, String version, Path socket, SyntheticEtc etc, Host host, boolean privateNetwork) {
    /** Above what subuid ranges, systemd and containers hand out: a user that nobody else is. */
    private static final int UID = 0x7000_0000 + 993;

    private static final int GID = 0x7000_0000 + 990;

    /** A daemon may run within closer limits than we do, and none grants more than its own; Podman gives itself these. */
    private static final long MOST_PROCESSES = 32_768;

    private static final long MOST_OPEN_FILES = 1 << 20;

    /** Asks the daemon and imports the image where it is not there yet. */
    static Daemon reach(Path home, Path socket) throws IOException {
        var api = new DockerApi(new DockerSocket(socket));
        var version = api.version();
        Files.createDirectories(home);
        int uid = root() ? UID : (int) Files.getAttribute(home, "unix:uid");
        int gid = root() ? GID : (int) Files.getAttribute(home, "unix:gid");
        var host = new Host(
                image(api),
                name(home),
                uid,
                gid,
                Math.min(MOST_OPEN_FILES, hardLimit("Max open files")),
                Math.min(MOST_PROCESSES, hardLimit("Max processes")));
        return new Daemon(api, version, socket, SyntheticEtc.make(home.resolve("etc"), uid, gid), host, true);
    }

    Daemon withHostNetwork() {
        return new Daemon(api, version, socket, etc, host, false);
    }

    static boolean root() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException e) {
            return false;
        }
    }

    /** The empty image's name; it is imported where the daemon does not have it yet, once for all data folders. */
    private static String image(DockerApi api) throws IOException {
        var tar = EmptyImage.tar();
        var crc = new CRC32();
        crc.update(tar);
        var name = "localhost/haneul-empty:%08x".formatted(crc.getValue());
        if (!api.hasImage(name)) {
            api.importImage(tar, name);
        }
        return name;
    }

    /** Names our folder in the daemon's records. */
    private static String name(Path home) {
        var crc = new CRC32();
        crc.update(home.toString().getBytes(StandardCharsets.UTF_8));
        return "%08x".formatted(crc.getValue());
    }

    String containerName(String id) {
        return "haneul-" + host.home() + "-" + id;
    }

    /** As proc(5) tells it. */
    private static long hardLimit(String name) throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith(name)) {
                var words = line.substring(name.length()).strip().split("\\s+");
                return words[1].equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(words[1]);
            }
        }
        return Long.MAX_VALUE;
    }

    /** Gives a file or folder that a workload may write to its user. */
    void give(Path path) throws IOException {
        if (root()) {
            Files.setAttribute(path, "unix:uid", host.uid());
            Files.setAttribute(path, "unix:gid", host.gid());
        }
    }
}
