package dev.haneul.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Images pushed and pulled over TLS, in the order in which stock clients do it: a registry is busy for seconds and then
 * not for hours, too short for the compiler to learn from.
 *
 * @see <a href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">OCI distribution</a>
 */
final class RegistryTraining {
    private static final int IMAGES = 8;
    private static final int LAYERS = 3;
    private static final int LAYER_BYTES = 4 << 20;
    private static final BodyPublisher NOTHING = BodyPublishers.noBody();
    private static final String OCTETS = "application/octet-stream";
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final Pattern TOKEN = Pattern.compile("\"authorizationToken\":\"([^\"]+)\"");

    private final SplittableRandom random = new SplittableRandom();
    private final URI base;
    private final HttpClient client;
    private final String login;

    private RegistryTraining(URI base, HttpClient client, String login) {
        this.base = base;
        this.client = client;
        this.login = login;
    }

    /** Logs in, pushes and pulls. */
    static void run(SignedCalls calls, Region region) throws IOException {
        ecr(calls, "CreateRepository", "{\"repositoryName\":\"training\"}");
        Matcher token = TOKEN.matcher(ecr(calls, "GetAuthorizationToken", "{}"));
        if (!token.find()) {
            throw new IOException("the registry gives no token");
        }
        int port = URI.create(region.running().endpoint()).getPort();
        URI base = URI.create("https://localhost:" + port + "/v2/000000000000.dkr.ecr.us-east-1/training/");
        // What stock clients speak, who bring their own settings of TLS.
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(trusting(region.authority()))
                .version(HttpClient.Version.HTTP_1_1)
                .build()) {
            RegistryTraining training = new RegistryTraining(base, client, "Basic " + token.group(1));
            for (int image = 0; image < IMAGES; image++) {
                training.pushAndPull("v" + image);
            }
        }
    }

    private static String ecr(SignedCalls calls, String operation, String body) throws IOException {
        return calls.call(
                "POST",
                "/",
                "ecr",
                "application/x-amz-json-1.1",
                "AmazonEC2ContainerRegistry_V20150921." + operation,
                body);
    }

    private static SSLContext trusting(Path authority) throws IOException {
        try (InputStream pem = Files.newInputStream(authority)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "region", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private void pushAndPull(String tag) throws IOException {
        List<String> digests = new ArrayList<>();
        StringBuilder layers = new StringBuilder();
        for (int layer = 0; layer < LAYERS; layer++) {
            byte[] content = new byte[LAYER_BYTES];
            random.nextBytes(content);
            digests.add(layer == 0 ? pushWhole(content) : pushStreamed(content));
            layers.append(layer == 0 ? "" : ",")
                    .append(descriptor("application/vnd.oci.image.layer.v1.tar", digests.getLast(), LAYER_BYTES));
        }
        byte[] config = ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"author\":\"" + tag + "\"}")
                .getBytes(StandardCharsets.UTF_8);
        String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":"
                + descriptor("application/vnd.oci.image.config.v1+json", pushStreamed(config), config.length)
                + ",\"layers\":[" + layers + "]}";
        BodyPublisher body = BodyPublishers.ofString(manifest);
        exchange("PUT", base.resolve("manifests/" + tag), MANIFEST, body, 201);
        exchange("GET", base.resolve("manifests/" + tag), "", NOTHING, 200);
        for (String digest : digests) {
            exchange("GET", base.resolve("blobs/" + digest), "", NOTHING, 200);
        }
    }

    private static String descriptor(String type, String digest, int size) {
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
    }

    /** As docker, podman and skopeo do it: a stream of unknown length, and the digest when it has ended. */
    private String pushStreamed(byte[] content) throws IOException {
        String digest = "sha256:" + sha256(content);
        exchange("HEAD", base.resolve("blobs/" + digest), "", NOTHING, 404);
        URI upload = exchange("POST", base.resolve("blobs/uploads/"), "", NOTHING, 202);
        BodyPublisher body = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(content));
        upload = exchange("PATCH", upload, OCTETS, body, 202);
        exchange("PUT", digested(upload, digest), OCTETS, NOTHING, 201);
        return digest;
    }

    private String pushWhole(byte[] content) throws IOException {
        String digest = "sha256:" + sha256(content);
        URI upload = exchange("POST", base.resolve("blobs/uploads/"), "", NOTHING, 202);
        exchange("PUT", digested(upload, digest), OCTETS, BodyPublishers.ofByteArray(content), 201);
        return digest;
    }

    private static URI digested(URI upload, String digest) {
        return URI.create(upload + (upload.getRawQuery() == null ? "?" : "&") + "digest=" + digest);
    }

    /** One request; answers where it is told to go on. What is not answered as it should be taught nothing. */
    private URI exchange(String method, URI target, String type, BodyPublisher body, int status) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(target).header("Authorization", login).method(method, body);
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        try {
            HttpResponse<Void> response = client.send(request.build(), BodyHandlers.discarding());
            if (response.statusCode() != status) {
                throw new IOException(method + " " + target + " is answered with " + response.statusCode());
            }
            return response.headers().firstValue("Location").map(target::resolve).orElse(target);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
