package dev.haneul.server;

import dev.haneul.kernel.call.SigningKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Calls to a region as a stock client would sign them, without one. See AWS, "Signature Version 4". */
final class SignedCalls {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String DIGEST_HEADER = "x-amz-content-sha256";
    private static final String IN_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    private static final byte[] NOTHING = {};

    private final URI endpoint;

    SignedCalls(URI endpoint) {
        this.endpoint = endpoint;
    }

    /** One signed request; whatever the region answers is fine here. */
    String call(String method, String target, String service, String type, String body) throws IOException {
        return call(method, target, service, type, "", body);
    }

    /** The same with an operation in {@code X-Amz-Target}. */
    String call(String method, String target, String service, String type, String operation, String body)
            throws IOException {
        HttpURLConnection connection = open(method, target);
        if (!operation.isEmpty()) {
            connection.setRequestProperty("X-Amz-Target", operation);
        }
        if (!type.isEmpty()) {
            connection.setRequestProperty("Content-Type", type);
        }
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        sign(connection, target, service, sha256(content), Map.of());
        return exchange(connection, content);
    }

    /** Puts an object in one signed chunk, for which the region is to say first that it will take it. */
    String upload(String target, byte[] content) throws IOException {
        HttpURLConnection connection = open("PUT", target);
        connection.setRequestProperty("Expect", "100-continue");
        Signed signed =
                sign(connection, target, "s3", IN_CHUNKS, Map.of("x-amz-decoded-content-length", "" + content.length));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        signed = chunk(body, signed, content);
        chunk(body, signed, NOTHING);
        connection.setFixedLengthStreamingMode(body.size());
        return exchange(connection, body.toByteArray());
    }

    private HttpURLConnection open(String method, String target) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) endpoint.resolve(target).toURL().openConnection();
        connection.setRequestMethod(method);
        return connection;
    }

    private static String exchange(HttpURLConnection connection, byte[] content) throws IOException {
        if (content.length > 0) {
            connection.setDoOutput(true);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(content);
            }
        }
        int code = connection.getResponseCode();
        try (InputStream in = code < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What the next chunk's signature builds upon. */
    private record Signed(SigningKey key, String stamp, String scope, String signature) {}

    private Signed sign(
            HttpURLConnection connection, String target, String service, String digest, Map<String, String> more) {
        String stamp = STAMP.format(Instant.now());
        String[] parts = target.split("\\?", 2);
        SortedMap<String, String> headers = new TreeMap<>(more);
        headers.put("x-amz-date", stamp);
        headers.put(DIGEST_HEADER, digest);
        headers.forEach(connection::setRequestProperty);
        headers.put("host", endpoint.getHost() + ":" + endpoint.getPort());
        StringBuilder lines = new StringBuilder();
        headers.forEach(
                (name, value) -> lines.append(name).append(':').append(value).append('\n'));
        String names = String.join(";", headers.keySet());
        String canonical = String.join(
                "\n", connection.getRequestMethod(), parts[0], parts.length > 1 ? parts[1] : "", lines, names, digest);
        String date = stamp.substring(0, 8);
        String scope = date + "/us-east-1/" + service + "/aws4_request";
        SigningKey key = SigningKey.derive("test", date, "us-east-1", service);
        String signature = key.signature(String.join(
                "\n", "AWS4-HMAC-SHA256", stamp, scope, sha256(canonical.getBytes(StandardCharsets.UTF_8))));
        connection.setRequestProperty(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=test/" + scope + ", SignedHeaders=" + names + ", Signature=" + signature);
        return new Signed(key, stamp, scope, signature);
    }

    private static Signed chunk(ByteArrayOutputStream into, Signed before, byte[] content) {
        String signature = before.key()
                .signature(String.join(
                        "\n",
                        "AWS4-HMAC-SHA256-PAYLOAD",
                        before.stamp(),
                        before.scope(),
                        before.signature(),
                        sha256(NOTHING),
                        sha256(content)));
        String head = Integer.toHexString(content.length) + ";chunk-signature=" + signature + "\r\n";
        into.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        into.writeBytes(content);
        into.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        return new Signed(before.key(), before.stamp(), before.scope(), signature);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
