package dev.haneul.server;

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
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Images pushed and pulled over TLS, as the stock clients do: of a registry's path, and of TLS above all, a server would
 * else know nothing until it has moved some gigabytes.
 */
final class TrainedImages {
    private static final int IMAGES = 60;
    private static final int LAYERS = 3;
    private static final int LAYER_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 1 << 15;
    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";
    private static final String REPOSITORY = "/v2/training/";
    private static final Pattern TOKEN = Pattern.compile("\"authorizationToken\":\"([^\"]+)\"");

    private final SplittableRandom random = new SplittableRandom(1);
    private final URI endpoint;
    private final SSLContext trust;
    private final String token;

    /** Makes a repository and logs in. */
    TrainedImages(SignedCalls calls, URI plain, Path authority) throws IOException {
        this.endpoint = URI.create("https://" + plain.getAuthority());
        this.trust = trusting(authority);
        operation(calls, "CreateRepository", "{\"repositoryName\":\"training\"}");
        Matcher found = TOKEN.matcher(operation(calls, "GetAuthorizationToken", "{}"));
        this.token = found.find() ? found.group(1) : "";
    }

    private static String operation(SignedCalls calls, String name, String body) throws IOException {
        return calls.call(
                "POST", "/", "ecr", "application/x-amz-json-1.1", "AmazonEC2ContainerRegistry_V20150921." + name, body);
    }

    private static SSLContext trusting(Path authority) throws IOException {
        try (InputStream in = Files.newInputStream(authority)) {
            KeyStore store = KeyStore.getInstance("JKS");
            store.load(null, null);
            store.setCertificateEntry(
                    "region", CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("the region's authority cannot be trusted", e);
        }
    }

    void move() throws IOException {
        for (int i = 0; i < IMAGES; i++) {
            String tag = "v" + i % 4;
            pull(push(tag), tag);
        }
    }

    private String[] push(String tag) throws IOException {
        send("GET", "/v2/", "", new byte[0], false);
        String[] digests = new String[LAYERS + 1];
        StringBuilder layers = new StringBuilder();
        for (int i = 0; i < LAYERS; i++) {
            byte[] layer = new byte[LAYER_BYTES];
            random.nextBytes(layer);
            digests[i] = layer(layer);
            layers.append(i == 0 ? "" : ",").append(descriptor(LAYER_TYPE, digests[i], LAYER_BYTES));
        }
        byte[] config = ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"tag\":\"" + tag + random.nextInt() + "\"}")
                .getBytes(StandardCharsets.UTF_8);
        digests[LAYERS] = layer(config);
        String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST_TYPE + "\",\"config\":"
                + descriptor("application/vnd.oci.image.config.v1+json", digests[LAYERS], config.length)
                + ",\"layers\":[" + layers + "]}";
        byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
        send("PUT", REPOSITORY + "manifests/" + tag, MANIFEST_TYPE, bytes, true);
        return digests;
    }

    private static String descriptor(String type, String digest, int size) {
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
    }

    /** Uploads a layer, in one go: the JDK's client knows no PATCH. Answers its digest. */
    private String layer(byte[] content) throws IOException {
        String digest = digest(content);
        send("HEAD", REPOSITORY + "blobs/" + digest, "", new byte[0], false);
        String upload = send("POST", REPOSITORY + "blobs/uploads/", "", new byte[0], false);
        String target = URI.create(upload).getPath() + "?digest=" + digest;
        send("PUT", target, "application/octet-stream", content, false);
        return digest;
    }

    private void pull(String[] digests, String tag) throws IOException {
        send("GET", REPOSITORY + "manifests/" + tag, "", new byte[0], false);
        for (String digest : digests) {
            send("GET", REPOSITORY + "blobs/" + digest, "", new byte[0], true);
        }
    }

    /**
     * One request, whose answer is read to its end; whatever the region answers is fine here.
     *
     * @param last whether the connection is closed after it, so that the next one begins with a handshake
     * @return where the answer says to go on
     */
    private String send(String method, String target, String type, byte[] content, boolean last) throws IOException {
        HttpsURLConnection connection =
                (HttpsURLConnection) endpoint.resolve(target).toURL().openConnection();
        connection.setSSLSocketFactory(trust.getSocketFactory());
        connection.setRequestMethod(method);
        connection.setRequestProperty("Authorization", "Basic " + token);
        if (last) {
            connection.setRequestProperty("Connection", "close");
        }
        if (content.length > 0) {
            connection.setRequestProperty("Content-Type", type);
            connection.setFixedLengthStreamingMode(content.length);
            connection.setDoOutput(true);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(content);
            }
        }
        int code = connection.getResponseCode();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = code < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            while (in != null && in.read(buffer) >= 0) {
                // Nobody looks at it.
            }
        }
        String location = connection.getHeaderField("Location");
        return location == null ? "" : location;
    }

    private static String digest(byte[] content) throws IOException {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }
}
