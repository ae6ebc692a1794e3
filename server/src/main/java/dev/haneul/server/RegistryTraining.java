package dev.haneul.server;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
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
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Images pushed and pulled over TLS, in the order in which stock clients do it: a registry is busy for seconds and then
 * not for hours, too short for the compiler to learn from. The client is as small as can be, for what is loaded here is
 * in the cache, and what is in the cache is mapped by every server.
 *
 * @see <a href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">OCI distribution</a>
 */
final class RegistryTraining implements AutoCloseable {
    private static final int IMAGES = 8;
    private static final int LAYERS = 3;
    private static final int LAYER_BYTES = 4 << 20;
    /** What stock clients send at once. */
    private static final int CHUNK_BYTES = 32 << 10;

    private static final byte[] NOTHING = {};
    private static final String OCTETS = "application/octet-stream";
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String PATH = "/v2/000000000000.dkr.ecr.us-east-1/training/";
    private static final Pattern TOKEN = Pattern.compile("\"authorizationToken\":\"([^\"]+)\"");

    private final SplittableRandom random = new SplittableRandom();
    private final String login;
    private final SSLSocket socket;
    private final InputStream in;
    private final OutputStream out;

    private RegistryTraining(String login, SSLSocket socket) throws IOException {
        this.login = login;
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = new BufferedOutputStream(socket.getOutputStream(), CHUNK_BYTES);
    }

    /** Logs in, pushes and pulls. */
    static void run(SignedCalls calls, Region region) throws IOException {
        ecr(calls, "CreateRepository", "{\"repositoryName\":\"training\"}");
        Matcher token = TOKEN.matcher(ecr(calls, "GetAuthorizationToken", "{}"));
        if (!token.find()) {
            throw new IOException("the registry gives no token");
        }
        int port = URI.create(region.running().endpoint()).getPort();
        for (int image = 0; image < IMAGES; image++) {
            SSLSocket socket =
                    (SSLSocket) trusting(region.authority()).getSocketFactory().createSocket("127.0.0.1", port);
            try (RegistryTraining training = new RegistryTraining("Basic " + token.group(1), socket)) {
                training.pushAndPull("v" + image);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
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
        exchange("PUT", PATH + "manifests/" + tag, MANIFEST, manifest.getBytes(StandardCharsets.UTF_8), 201);
        exchange("GET", PATH + "manifests/" + tag, "", NOTHING, 200);
        for (String digest : digests) {
            exchange("GET", PATH + "blobs/" + digest, "", NOTHING, 200);
        }
    }

    private static String descriptor(String type, String digest, int size) {
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
    }

    /** As docker, podman and skopeo do it: a stream of unknown length, and the digest when it has ended. */
    private String pushStreamed(byte[] content) throws IOException {
        String digest = "sha256:" + sha256(content);
        exchange("HEAD", PATH + "blobs/" + digest, "", NOTHING, 404);
        String upload = exchange("POST", PATH + "blobs/uploads/", "", NOTHING, 202);
        head("PATCH", upload, "Transfer-Encoding: chunked\r\nContent-Type: " + OCTETS);
        for (int at = 0; at < content.length; at += CHUNK_BYTES) {
            int count = Math.min(CHUNK_BYTES, content.length - at);
            print(Integer.toHexString(count) + "\r\n");
            out.write(content, at, count);
            print("\r\n");
        }
        print("0\r\n\r\n");
        exchange("PUT", digested(answer("PATCH", upload, 202), digest), OCTETS, NOTHING, 201);
        return digest;
    }

    private String pushWhole(byte[] content) throws IOException {
        String digest = "sha256:" + sha256(content);
        String upload = exchange("POST", PATH + "blobs/uploads/", "", NOTHING, 202);
        exchange("PUT", digested(upload, digest), OCTETS, content, 201);
        return digest;
    }

    private static String digested(String upload, String digest) {
        return upload + (upload.contains("?") ? "&" : "?") + "digest=" + digest;
    }

    /** One request; answers where it is told to go on. */
    private String exchange(String method, String target, String type, byte[] body, int status) throws IOException {
        head(method, target, "Content-Length: " + body.length + (type.isEmpty() ? "" : "\r\nContent-Type: " + type));
        out.write(body);
        return answer(method, target, status);
    }

    private void head(String method, String target, String more) throws IOException {
        print(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + login + "\r\n" + more
                + "\r\n\r\n");
    }

    private void print(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Reads an answer; one that is not as it should be has taught nothing. */
    private String answer(String method, String target, int status) throws IOException {
        out.flush();
        String first = line();
        if (!first.startsWith("HTTP/1.1 " + status)) {
            throw new IOException(method + " " + target + " is answered with " + first);
        }
        String location = "";
        long length = 0;
        for (String line = line(); !line.isEmpty(); line = line()) {
            String name = line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT);
            String value = line.substring(line.indexOf(':') + 1).strip();
            if (name.equals("location")) {
                location = URI.create(value).getRawSchemeSpecificPart().replaceFirst("^//[^/]*", "");
            } else if (name.equals("content-length") && !method.equals("HEAD")) {
                length = Long.parseLong(value);
            }
        }
        in.skipNBytes(length);
        return location;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int read = in.read(); read != '\n'; read = in.read()) {
            if (read < 0) {
                throw new IOException("the registry hangs up");
            }
            line.append((char) read);
        }
        return line.toString().strip();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
