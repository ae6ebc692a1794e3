package dev.haneul.engines.docker;

import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A Docker API of a test's own: Podman's, with its storage in a folder that goes with it. */
final class PodmanService implements AutoCloseable {
    private static final int TRIES = 200;
    private static final int PAUSE_MILLIS = 50;
    /** Where both cgroup versions are mounted crun gives up; in a mount namespace of its own it sees one. */
    private static final String START = """
            umount /sys/fs/cgroup/unified 2>/dev/null
            exec podman --root "$1/storage" --runroot "$1/run" --tmpdir "$1/tmp" --storage-driver vfs \
              system service --time 0 "unix://$1/podman.sock"
            """;

    private final Path folder;
    private final Process process;

    PodmanService() throws IOException, InterruptedException {
        folder = Files.createTempDirectory("haneul-podman").toRealPath();
        process = new ProcessBuilder(List.of(
                        "unshare", "--mount", "--propagation", "slave", "sh", "-c", START, "podman", folder.toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        for (int i = 0; !Files.exists(socket()); i++) {
            if (i == TRIES || process.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IOException("podman does not serve: " + Files.readString(folder.resolve("log")));
            }
        }
    }

    Path socket() {
        return folder.resolve("podman.sock");
    }

    Optional<Path> found() {
        return DockerSockets.find(Map.of("DOCKER_HOST", "unix://" + socket()));
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        FileTrees.delete(folder);
    }
}
