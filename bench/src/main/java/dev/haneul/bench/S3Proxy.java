package dev.haneul.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * S3Proxy over a folder, in a JVM of its own with the same heap: a peer to be measured beside. It does not wait for the
 * disk when it answers a PUT, and does not encrypt; both favour it.
 *
 * @see <a href="https://github.com/gaul/s3proxy">S3Proxy</a>
 */
final class S3Proxy implements AutoCloseable {
    private static final int TRIES = 300;
    private static final int PAUSE_MILLIS = 100;

    private final Path folder;
    private final int port;
    private final Process process;

    S3Proxy() throws IOException, InterruptedException {
        folder = Files.createTempDirectory("haneul-bench-peer");
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path settings = folder.resolve("s3proxy.conf");
        Files.writeString(settings, """
                s3proxy.authorization=aws-v2-or-v4
                s3proxy.identity=test
                s3proxy.credential=test
                s3proxy.endpoint=http://127.0.0.1:%d
                jclouds.provider=filesystem-nio2
                jclouds.filesystem.basedir=%s
                jclouds.identity=x
                jclouds.credential=x
                """.formatted(port, Files.createDirectories(folder.resolve("data"))));
        Path logging = folder.resolve("logback.xml");
        Files.writeString(logging, "<configuration><root level=\"OFF\"/></configuration>");
        Path dist = Path.of(System.getProperty("haneul.home", "."), "bench", "target", "dist");
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-Dlogback.configurationFile=" + logging,
                        "-cp",
                        dist.resolve("peer") + "/*:" + dist.resolve("lib") + "/*",
                        "org.gaul.s3proxy.Main",
                        "--properties",
                        settings.toString()))
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
        throw new IOException("S3Proxy did not start: " + log);
    }

    S3Client s3() {
        return Server.s3(URI.create("http://127.0.0.1:" + port));
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
