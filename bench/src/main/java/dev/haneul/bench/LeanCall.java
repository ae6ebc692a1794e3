package dev.haneul.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** One kept-alive HTTP/1.1 connection that sends prepared bytes and reads answers of a known length. */
final class LeanCall implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 30_000;
    private final Socket socket;
    private final InputStream in;

    LeanCall(URI endpoint) throws IOException {
        socket = new Socket(endpoint.getHost(), endpoint.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** An answer; its head in lower-case names, as it came. */
    record Answer(int status, String head, byte[] body) {
        /** A header's value, empty where there is none. */
        String header(String name) {
            String sign = "\n" + name.toLowerCase(Locale.ROOT) + ":";
            int at = head.indexOf(sign);
            return at < 0
                    ? ""
                    : head.substring(at + sign.length(), head.indexOf('\n', at + 1))
                            .strip();
        }
    }

    /** A POST to the endpoint's root, signed, as it goes over the wire. */
    static byte[] sign(
            URI endpoint, String key, String secret, String service, String type, String target, String text) {
        Map<String, String> headers =
                target.isEmpty() ? Map.of("Content-Type", type) : Map.of("Content-Type", type, "X-Amz-Target", target);
        return sign(endpoint.resolve("/"), key, secret, service, headers, text);
    }

    /** A POST, signed, as it goes over the wire. */
    static byte[] sign(URI where, String key, String secret, String service, Map<String, String> headers, String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        SdkHttpRequest.Builder plain =
                SdkHttpRequest.builder().method(SdkHttpMethod.POST).uri(where);
        headers.forEach(plain::putHeader);
        SdkHttpRequest signed = AwsV4HttpSigner.create()
                .sign(r -> r.identity(AwsCredentialsIdentity.create(key, secret))
                        .request(plain.build())
                        .payload((ContentStreamProvider) () -> new ByteArrayInputStream(body))
                        .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, service)
                        .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1"))
                .request();
        StringBuilder head = new StringBuilder("POST " + where.getRawPath() + " HTTP/1.1\r\n");
        signed.forEachHeader((name, values) -> values.forEach(
                value -> head.append(name).append(": ").append(value).append("\r\n")));
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head.toString().getBytes(StandardCharsets.UTF_8));
        out.writeBytes(body);
        return out.toByteArray();
    }

    Answer call(byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        String status = line();
        int length = 0;
        StringBuilder head = new StringBuilder("\n");
        for (String header = line(); !header.isEmpty(); header = line()) {
            int colon = Math.max(0, header.indexOf(':'));
            head.append(header.substring(0, colon).toLowerCase(Locale.ROOT))
                    .append(header.substring(colon))
                    .append('\n');
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the answer broke off");
        }
        return new Answer(Integer.parseInt(status.substring(9, 12)), head.toString(), body);
    }

    private String line() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection was closed");
            }
            if (c != '\r') {
                text.append((char) c);
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
