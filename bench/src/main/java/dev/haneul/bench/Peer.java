package dev.haneul.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Another server to be measured beside, in a JVM of its own with the region's heap, in a folder that goes with it. */
final class Peer implements AutoCloseable {
    private static final int TRIES = 300;
    private static final int PAUSE_MILLIS = 100;

    private final String name;
    private final Path folder;
    private final int port;
    private final Process process;

    /** Gives the JVM's and the program's arguments, given a folder of its own and a port. */
    interface Arguments {
        List<String> in(Path folder, int port) throws IOException;
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param libraries its classpath, in folders of the benches' own
     */
    Peer(String name, List<String> libraries, Arguments arguments) throws IOException, InterruptedException {
        this.name = name;
        folder = Files.createTempDirectory("haneul-bench-peer");
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path logging = folder.resolve("logback.xml");
        Files.writeString(logging, "<configuration><root level=\"OFF\"/></configuration>");
        Path dist = Path.of(System.getProperty("haneul.home", "."), "bench", "target", "dist");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dlogback.configurationFile=" + logging,
                "-cp",
                libraries.stream().map(each -> dist.resolve(each) + "/*").collect(Collectors.joining(":"))));
        command.addAll(arguments.in(folder, port));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        await();
    }

    private void await() throws IOException, InterruptedException {
        for (int i = 0; i < TRIES; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException notYet) {
                if (process.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                    break;
                }
            }
        }
        String log = Files.readString(folder.resolve("log"));
        close();
        throw new IOException(name + " did not start: " + log);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Its process id. */
    long pid() {
        return process.pid();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
