package dev.haneul.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Push and pull of an image of three layers of 20 MiB, with skopeo, beside Debian's docker-registry on the same disk.
 * Each lap has an image nobody has seen; the two take turns. What ours acknowledges has reached the disk (the peer does
 * not wait for that), is authorised by IAM and recorded in the trail, and is checked against checksums when it is read.
 *
 * @see <a href="https://github.com/distribution/distribution">Distribution</a>
 */
final class RegistryBench {
    private static final String PEER = "docker-registry (Debian), without login or fsync";
    private static final int LAPS = 8;
    private static final int WARM_LAPS = 3;
    private static final int LAYERS = 3;
    private static final int LAYER_BYTES = 20 << 20;
    private static final int CHUNK_BYTES = 1 << 16;

    private final Path folder;
    private final SplittableRandom random = new SplittableRandom();

    private RegistryBench(Path folder) {
        this.folder = folder;
    }

    static void run(Report report) throws Exception {
        if (!Files.isExecutable(Path.of("/usr/bin/docker-registry"))) {
            report.figure("ECR beside docker-registry", "not measured: apt-get install docker-registry skopeo");
            return;
        }
        Path folder = Files.createTempDirectory("haneul-bench-registry");
        try (Server server = new Server()) {
            server.up();
            new RegistryBench(folder).run(server, report);
        } finally {
            remove(folder);
        }
    }

    private void run(Server server, Report report) throws Exception {
        Process peer = null;
        try {
            int port = freePort();
            peer = peer(port);
            String ours = login(server) + ":v";
            String theirs = "127.0.0.1:" + port + "/bench:v";
            Samples[] samples = {new Samples(), new Samples(), new Samples(), new Samples()};
            for (int lap = 0; lap < WARM_LAPS + LAPS; lap++) {
                image();
                boolean counted = lap >= WARM_LAPS;
                boolean first = lap % 2 == 0;
                both(first, counted, () -> push(ours), samples[0], () -> push(theirs), samples[1]);
                both(first, counted, () -> pull(ours), samples[2], () -> pull(theirs), samples[3]);
            }
            report.row("ECR: push of 3 x 20 MiB, skopeo", samples[0], PEER, samples[1]);
            report.row("ECR: pull of 3 x 20 MiB, skopeo", samples[2], PEER, samples[3]);
        } finally {
            if (peer != null) {
                peer.destroy();
                peer.waitFor(10, TimeUnit.SECONDS);
                peer.destroyForcibly();
            }
        }
    }

    private static void both(
            boolean oursFirst, boolean counted, Callable<?> ours, Samples mine, Callable<?> theirs, Samples others)
            throws Exception {
        timed(oursFirst ? ours : theirs, oursFirst ? mine : others, counted);
        timed(oursFirst ? theirs : ours, oursFirst ? others : mine, counted);
    }

    private static void timed(Callable<?> step, Samples samples, boolean counted) throws Exception {
        long started = System.nanoTime();
        step.call();
        if (counted) {
            samples.add(System.nanoTime() - started);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private Process peer(int port) throws Exception {
        Path settings = folder.resolve("registry.yml");
        Files.writeString(settings, """
                version: 0.1
                log: { accesslog: { disabled: true }, level: error }
                storage: { filesystem: { rootdirectory: %s } }
                http: { addr: "127.0.0.1:%d" }
                """.formatted(folder.resolve("peer"), port));
        Process process = new ProcessBuilder("docker-registry", "serve", settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("peer.log").toFile())
                .start();
        for (int i = 0; i < 100; i++) {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return process;
            } catch (IOException notYet) {
                Thread.sleep(100);
            }
        }
        throw new IOException("docker-registry does not start; apt-get install docker-registry");
    }

    /** Makes a repository and logs in; answers how the repository is called. */
    private String login(Server server) throws Exception {
        String aws = "aws --endpoint-url " + server.endpoint() + " --region us-east-1 ecr ";
        String uri = shell(aws + "create-repository --repository-name bench --query repository.repositoryUri"
                        + " --output text")
                .strip();
        shell(aws + "get-login-password | skopeo login --tls-verify=false -u AWS --password-stdin "
                + uri.substring(0, uri.indexOf('/')));
        return uri;
    }

    private String push(String name) throws Exception {
        return shell("skopeo copy -q --dest-tls-verify=false oci:image:v docker://" + name);
    }

    private String pull(String name) throws Exception {
        return shell("rm -rf pulled && skopeo copy -q --src-tls-verify=false docker://" + name + " dir:pulled");
    }

    private String shell(String command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", "-o", "pipefail", "-c", command)
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "REGISTRY_AUTH_FILE",
                        folder.resolve("auth.json").toString(),
                        "AWS_ACCESS_KEY_ID",
                        "test",
                        "AWS_SECRET_ACCESS_KEY",
                        "test"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + output);
        }
        return output;
    }

    /** A new image as an OCI layout. Its layers are gzip without compression, so that skopeo sends them as they are. */
    private void image() throws Exception {
        Path image = folder.resolve("image");
        if (Files.exists(image)) {
            remove(image);
        }
        Files.createDirectories(image.resolve("blobs/sha256"));
        List<String> layers = new ArrayList<>();
        List<String> plain = new ArrayList<>();
        for (int i = 0; i < LAYERS; i++) {
            layers.add(layer(image, plain));
        }
        String config = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                + String.join(",", plain) + "]}}";
        String manifest = "{\"schemaVersion\":2,\"config\":"
                + text(image, "application/vnd.oci.image.config.v1+json", config, "") + ",\"layers\":["
                + String.join(",", layers) + "]}";
        String annotation = ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"v\"}";
        Files.writeString(
                image.resolve("index.json"),
                "{\"schemaVersion\":2,\"manifests\":["
                        + text(image, "application/vnd.oci.image.manifest.v1+json", manifest, annotation) + "]}");
        Files.writeString(image.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    }

    private String layer(Path image, List<String> plain) throws Exception {
        Path draft = image.resolve("draft");
        MessageDigest sealed = MessageDigest.getInstance("SHA-256");
        MessageDigest bare = MessageDigest.getInstance("SHA-256");
        try (OutputStream file = new DigestOutputStream(Files.newOutputStream(draft), sealed);
                OutputStream out = new GZIPOutputStream(file, CHUNK_BYTES) {
                    {
                        def.setLevel(Deflater.NO_COMPRESSION);
                    }
                }) {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int written = 0; written < LAYER_BYTES; written += CHUNK_BYTES) {
                random.nextBytes(chunk);
                bare.update(chunk);
                out.write(chunk);
            }
        }
        plain.add("\"sha256:" + HexFormat.of().formatHex(bare.digest()) + "\"");
        String hex = HexFormat.of().formatHex(sealed.digest());
        long size = Files.size(draft);
        Files.move(draft, image.resolve("blobs/sha256/" + hex));
        return descriptor("application/vnd.oci.image.layer.v1.tar+gzip", hex, size, "");
    }

    private static String text(Path image, String type, String content, String more) throws Exception {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        String hex =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        Files.write(image.resolve("blobs/sha256/" + hex), bytes);
        return descriptor(type, hex, bytes.length, more);
    }

    private static String descriptor(String type, String hex, long size, String more) {
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"sha256:" + hex + "\",\"size\":" + size + more + "}";
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
