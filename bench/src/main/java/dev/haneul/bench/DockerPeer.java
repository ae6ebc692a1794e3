package dev.haneul.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A Docker API to measure beside: Docker's own where it runs, else Podman's, started for the run; else none. */
final class DockerPeer implements AutoCloseable {
    private static final Path DOCKER = Path.of("/var/run/docker.sock");
    private static final Path PODMAN = Path.of("/usr/bin/podman");
    /** Where both cgroup versions are mounted crun gives up; in a mount namespace of its own it sees one. */
    private static final String START = """
            umount /sys/fs/cgroup/unified 2>/dev/null
            exec podman system service --time 0 "$1"
            """;

    private static final int TRIES = 100;

    private final @Nullable Process service;
    private final @Nullable Path socket;

    private DockerPeer(@Nullable Process service, @Nullable Path socket) {
        this.service = service;
        this.socket = socket;
    }

    static DockerPeer start() throws IOException, InterruptedException {
        if (answers(DOCKER)) {
            return new DockerPeer(null, DOCKER);
        }
        if (!Files.isExecutable(PODMAN)) {
            return new DockerPeer(null, null);
        }
        Path socket = Files.createTempDirectory("haneul-bench-podman").resolve("podman.sock");
        Process service = new ProcessBuilder(List.of(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "slave",
                        "sh",
                        "-c",
                        START,
                        "podman",
                        "unix://" + socket))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        for (int i = 0; i < TRIES && !answers(socket); i++) {
            if (service.waitFor(100, TimeUnit.MILLISECONDS)) {
                return new DockerPeer(null, null);
            }
        }
        return new DockerPeer(service, socket);
    }

    private static boolean answers(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false;
        }
    }

    /** Where it answers; null where there is none. */
    @Nullable
    Path socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        if (service != null && socket != null) {
            service.destroy();
            Files.deleteIfExists(socket);
            Files.delete(socket.getParent());
        }
    }
}
