package dev.haneul.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** crun and podman that run an image until it has printed a line, each with nothing but a loopback for a network. */
final class RuntimePeers implements AutoCloseable {
    /** Both refuse to work where they find both versions of control groups. */
    private static final String ALONE = "umount /sys/fs/cgroup/unified 2>/dev/null; exec ";

    private static final String CONFIG = """
            {"ociVersion":"1.0.2","process":{"user":{"uid":0,"gid":0},"cwd":"/","env":["PATH=/bin"],
             "args":["sh","-c","echo up; exec sleep infinity"]},"root":{"path":"%s"},
             "mounts":[{"destination":"/proc","type":"proc","source":"proc"},
                       {"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["mode=755"]}],
             "linux":{"namespaces":[{"type":"pid"},{"type":"network"},{"type":"ipc"},{"type":"uts"},{"type":"mount"}]}}
            """;

    private final Path folder;
    private final boolean podman;

    RuntimePeers(BusyboxImage image) throws IOException, InterruptedException {
        folder = Files.createTempDirectory("haneul-bench-runtimes");
        Files.createDirectory(folder.resolve("bundle"));
        Files.writeString(folder.resolve("bundle/config.json"), CONFIG.formatted(image.root()));
        podman = Files.isExecutable(Path.of("/usr/bin/podman"))
                && Bare.run(List.of("sh", "-c", podmanLine("import " + image.layer() + " bench:v"))) == 0;
    }

    boolean hasPodman() {
        return podman;
    }

    Runnable crun() throws IOException {
        String crun = "crun --root " + folder.resolve("crun") + " --cgroup-manager=disabled ";
        Process process = firstLine(crun + "run --bundle " + folder.resolve("bundle") + " bench");
        return () -> end(process, crun + "kill bench KILL");
    }

    Runnable podman() throws IOException {
        Process process = firstLine(podmanLine("run --rm --pull=never --network=none --ulimit nofile=1024:1024"
                + " --ulimit nproc=1024:1024 --name bench bench:v sh -c 'echo up; exec sleep infinity'"));
        return () -> end(process, podmanLine("kill bench"));
    }

    private String podmanLine(String command) {
        return "podman --root " + folder.resolve("images") + " --runroot " + folder.resolve("podman")
                + " --cgroup-manager=cgroupfs " + command;
    }

    private static Process firstLine(String command) throws IOException {
        Process process = new ProcessBuilder("unshare", "-m", "sh", "-c", ALONE + command)
                .redirectErrorStream(true)
                .start();
        byte[] line = process.getInputStream().readNBytes(3);
        if (!new String(line, StandardCharsets.UTF_8).equals("up\n")) {
            throw new IOException(command + ": " + new String(line, StandardCharsets.UTF_8)
                    + new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        return process;
    }

    private static void end(Process process, String command) {
        try {
            Bare.run(List.of("unshare", "-m", "sh", "-c", ALONE + command));
            process.waitFor();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (podman) {
            Bare.run(List.of("sh", "-c", podmanLine("rmi -a -f")));
        }
        Bare.run(List.of("sh", "-c", "umount " + folder.resolve("images/overlay") + "; rm -rf " + folder));
    }
}
