package dev.haneul.trials;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A region in a process of its own, started with the launcher; it can be killed the hard way and started again. */
public final class LaunchedRegion implements AutoCloseable {
    private static final Path LAUNCHER =
            Path.of(System.getProperty("haneul.launcher", "../haneul")).toAbsolutePath();
    private static final int FIRST_PORT = 15_000;
    private static final int LAST_PORT = 32_000;
    private static final int PORT_TRIES = 100;

    private final Path data;
    private final int port;
    private boolean started;

    public LaunchedRegion() throws IOException {
        data = Files.createTempDirectory("haneul-trial");
        port = freePort();
    }

    /** One that lies in this folder, and may have been there before. */
    public LaunchedRegion(Path data, int port) {
        this.data = data;
        this.port = port;
    }

    /**
     * A port that nobody used a moment ago. Below those that the system gives to connections, so that it is still free when
     * a server is started, or started again.
     */
    public static int freePort() throws IOException {
        for (int tries = 0; tries < PORT_TRIES; tries++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try (ServerSocket free = new ServerSocket(port)) {
                return free.getLocalPort();
            } catch (BindException e) {
                // somebody has it
            }
        }
        throw new IOException("no port is free");
    }

    /** What a command printed and how it ended. */
    public record Outcome(int code, String text) {}

    public Outcome up() throws IOException, InterruptedException {
        started = true;
        Outcome outcome = command("up");
        if (outcome.code() != 0) {
            throw new IllegalStateException(outcome.text());
        }
        return outcome;
    }

    /** Runs a launcher command for this region. */
    public Outcome command(String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(1, List.of("--port", "" + port, "--data", data.toString()));
        return launcher(all);
    }

    /** Runs any launcher command. */
    public static Outcome launcher(List<String> arguments) throws IOException, InterruptedException {
        return launcher(arguments, System.getenv("PATH"));
    }

    /** As {@link #launcher(List)}, where programs are looked for elsewhere. */
    public static Outcome launcher(List<String> arguments, String path) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(arguments);
        Path output = Files.createTempFile("haneul-trial", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .redirectOutput(output.toFile());
            builder.environment().put("HANEUL_BUILT", "yes");
            // A daemon of this machine's is none of the trials' business.
            builder.environment().putIfAbsent("DOCKER_HOST", "unix:///nowhere/docker.sock");
            builder.environment().put("PATH", path);
            Process process = builder.start();
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new IllegalStateException(arguments + " did not end: " + Files.readString(output));
            }
            return new Outcome(process.exitValue(), Files.readString(output));
        } finally {
            Files.delete(output);
        }
    }

    /** What scripts call the launcher with: its path, what follows its commands, and that it is built. */
    public Map<String, String> variables() {
        return Map.of(
                "HANEUL",
                LAUNCHER.toString(),
                "HANEUL_REGION",
                "--port " + port + " --data " + data,
                "HANEUL_BUILT",
                "yes");
    }

    public Path data() {
        return data;
    }

    public int port() {
        return port;
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** The server's process id. */
    public long pid() throws IOException {
        for (String line : Files.readAllLines(data.resolve("running.properties"), StandardCharsets.UTF_8)) {
            if (line.startsWith("pid=")) {
                return Long.parseLong(line.substring(4));
            }
        }
        throw new IllegalStateException("the server left no pid");
    }

    /** SIGKILL, and waits until the process is gone. */
    public void killHard() throws IOException {
        ProcessHandle server = ProcessHandle.of(pid()).orElseThrow();
        server.destroyForcibly();
        server.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    /** What runs for the region outlives its server and would outlive a trial that failed: so it is emptied first. */
    @Override
    public void close() throws IOException, InterruptedException {
        try {
            if (started && command("reset").code() != 0 && command("up").code() == 0) {
                command("reset");
            }
        } finally {
            command("down");
            delete();
        }
    }

    private void delete() throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
