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
import org.jspecify.annotations.Nullable;

/**
 * Push and pull of an image of three layers of 20 MiB, with skopeo, beside Debian's docker-registry on the same disk.
 * Each lap has an image nobody has seen; all take turns. What ours acknowledges has reached the disk (the peer does not
 * wait for that), is authorised by IAM and recorded in the trail, and is checked against checksums when it is read.
 *
 * <p>skopeo speaks TLS to whoever speaks it, so to ours, and logs in to ours. The peer is there twice: as Debian's
 * clients meet it, in the clear and open to anybody, and over TLS with our certificate and a login, which is the same
 * work.
 *
 * @see <a href="https://github.com/distribution/distribution">Distribution</a>
 */
final class RegistryBench {
    private static final String OPEN = "docker-registry (Debian), in the clear, without login or fsync";
    private static final String LIKE = "docker-registry (Debian), over TLS with a login, without fsync";
    /** User AWS, password bench, as cheap as bcrypt gets. */
    private static final String ACCOUNT = "AWS:$2b$04$Z7Our9d7drAbsamb5.Qbz.WlybCN30L1FFg128JnbLATndzDzNYFm\n";

    private static final int LAPS = 8;
    private static final int WARM_LAPS = 3;
    /** Until the compiler has learned what a registry does; a peer in machine code has nothing to learn. */
    private static final int LEARNING_LAPS = 40;

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
        List<Process> peers = new ArrayList<>();
        try {
            List<String> names = new ArrayList<>(List.of(login(server) + ":v"));
            names.add(peer("open", "", peers) + ":v");
            names.add(likePeer(server, peers) + ":v");
            for (int lap = 0; lap < WARM_LAPS; lap++) {
                lap(names, lap, null);
            }
            measure(names, "", report);
            for (int lap = 0; lap < LEARNING_LAPS; lap++) {
                lap(names.subList(0, 1), lap, null);
            }
            measure(names, ", after " + LEARNING_LAPS + " more", report);
        } finally {
            for (Process peer : peers) {
                peer.destroy();
                peer.waitFor(10, TimeUnit.SECONDS);
                peer.destroyForcibly();
            }
        }
    }

    private void measure(List<String> names, String when, Report report) throws Exception {
        Times times = new Times(names.size());
        for (int lap = 0; lap < LAPS; lap++) {
            lap(names, lap, times);
        }
        report.row("ECR: push of 3 x 20 MiB, skopeo" + when, times.pushes.get(0), LIKE, times.pushes.get(2));
        report.row("ECR: push of 3 x 20 MiB, skopeo" + when, times.pushes.get(0), OPEN, times.pushes.get(1));
        report.row("ECR: pull of 3 x 20 MiB, skopeo" + when, times.pulls.get(0), LIKE, times.pulls.get(2));
        report.row("ECR: pull of 3 x 20 MiB, skopeo" + when, times.pulls.get(0), OPEN, times.pulls.get(1));
    }

    /** What each registry took, in the order of their names. */
    private record Times(List<Samples> pushes, List<Samples> pulls) {
        Times(int registries) {
            this(samples(registries), samples(registries));
        }

        private static List<Samples> samples(int count) {
            return Stream.generate(Samples::new).limit(count).toList();
        }
    }

    /** A new image into each registry and out of each, another one first each time. */
    private void lap(List<String> names, int lap, @Nullable Times times) throws Exception {
        image();
        for (int turn = 0; turn < names.size(); turn++) {
            int who = (lap + turn) % names.size();
            timed(() -> push(names.get(who)), times == null ? null : times.pushes.get(who));
        }
        for (int turn = 0; turn < names.size(); turn++) {
            int who = (lap + turn) % names.size();
            timed(() -> pull(names.get(who)), times == null ? null : times.pulls.get(who));
        }
    }

    private static void timed(Callable<?> step, @Nullable Samples samples) throws Exception {
        long started = System.nanoTime();
        step.call();
        if (samples != null) {
            samples.add(System.nanoTime() - started);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    /** Starts a peer of its own folder and adds it to those that have to be stopped; answers a repository of it. */
    private String peer(String name, String more, List<Process> peers) throws Exception {
        int port = freePort();
        Path settings = folder.resolve(name + ".yml");
        Files.writeString(settings, """
                version: 0.1
                log: { accesslog: { disabled: true }, level: error }
                storage: { filesystem: { rootdirectory: %s } }
                http: { addr: "127.0.0.1:%d"%s
                """.formatted(folder.resolve(name), port, more.isEmpty() ? " }" : more));
        ProcessBuilder builder = new ProcessBuilder("docker-registry", "serve", settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        // skopeo's variable is the peer's setting as well.
        builder.environment().remove("REGISTRY_AUTH_FILE");
        Process process = builder.start();
        peers.add(process);
        for (int i = 0; i < 100; i++) {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return "127.0.0.1:" + port + "/bench";
            } catch (IOException notYet) {
                Thread.sleep(100);
            }
        }
        throw new IOException("docker-registry does not start; apt-get install docker-registry");
    }

    /** A peer that does as much for its clients as ours. */
    private String likePeer(Server server, List<Process> peers) throws Exception {
        Path accounts = folder.resolve("accounts");
        Files.writeString(accounts, ACCOUNT);
        String more =
                """
                , tls: { certificate: %s, key: %s } }
                auth: { htpasswd: { realm: bench, path: %s } }
                """.formatted(server.data().resolve("server.pem"), server.data().resolve("server-key.pem"), accounts);
        String repository = peer("like", more, peers);
        shell("skopeo login --tls-verify=false -u AWS -p bench " + repository.substring(0, repository.indexOf('/')));
        return repository;
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
