package dev.haneul.engines.docker;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where Docker APIs are found. */
public final class DockerSockets {
    private static final String UNIX = "unix://";

    private DockerSockets() {}

    /**
     * The socket to use: the one {@code DOCKER_HOST} names, else the first of the usual places where somebody listens.
     * A daemon over TCP is not used: it is seldom on this machine.
     *
     * @param environment of this process
     */
    public static Optional<Path> find(Map<String, String> environment) {
        var named = environment.getOrDefault("DOCKER_HOST", "");
        if (!named.isEmpty()) {
            return named.startsWith(UNIX) ? Optional.of(Path.of(named.substring(UNIX.length()))) : Optional.empty();
        }
        return usual(environment).stream().filter(DockerSockets::answers).findFirst();
    }

    private static List<Path> usual(Map<String, String> environment) {
        var places = new ArrayList<>(List.of(Path.of("/var/run/docker.sock"), Path.of("/run/podman/podman.sock")));
        var runtime = environment.get("XDG_RUNTIME_DIR");
        if (runtime != null) {
            places.add(Path.of(runtime, "docker.sock"));
            places.add(Path.of(runtime, "podman", "podman.sock"));
        }
        var home = environment.get("HOME");
        if (home != null) {
            places.add(Path.of(home, ".docker", "run", "docker.sock"));
            places.add(Path.of(home, ".colima", "default", "docker.sock"));
        }
        return places;
    }

    private static boolean answers(Path path) {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
