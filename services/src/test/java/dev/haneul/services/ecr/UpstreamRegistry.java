package dev.haneul.services.ecr;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A registry of one image, {@code library/thing:latest}, that wants a token as Docker Hub does, and gives it to anybody
 * but those who come with a wrong password.
 */
final class UpstreamRegistry implements AutoCloseable {
    private static final String GOOD_LOGIN =
            "Basic " + Base64.getEncoder().encodeToString("user:right".getBytes(StandardCharsets.UTF_8));

    private final HttpServer server;
    private final AtomicInteger requests = new AtomicInteger();
    private final byte[] config = "{\"os\":\"linux\"}".getBytes(StandardCharsets.UTF_8);
    private final byte[] layer = RegistryFixture.bytes(70_000, 42);

    UpstreamRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.start();
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    byte[] layer() {
        return layer;
    }

    int requests() {
        return requests.get();
    }

    String manifest() {
        return "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
                .formatted(
                        RegistryFixture.descriptor("application/vnd.oci.image.config.v1+json", config),
                        RegistryFixture.descriptor("application/vnd.oci.image.layer.v1.tar", layer));
    }

    private void serve(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String login = exchange.getRequestHeaders().getFirst("Authorization");
            if (path.equals("/token") && login != null && !login.equals(GOOD_LOGIN)) {
                answer(exchange, 401, new byte[0]);
                return;
            }
            if (path.equals("/token")) {
                answer(exchange, 200, "{\"token\":\"open\"}".getBytes(StandardCharsets.UTF_8));
                return;
            }
            if (!"Bearer open".equals(login)) {
                exchange.getResponseHeaders()
                        .set("WWW-Authenticate", "Bearer realm=\"http://" + address() + "/token\",service=\"up\"");
                answer(exchange, 401, new byte[0]);
                return;
            }
            String here = "/v2/library/thing/";
            byte[] found = Map.of(
                            "/v2/",
                            "{}".getBytes(StandardCharsets.UTF_8),
                            here + "manifests/latest",
                            manifest().getBytes(StandardCharsets.UTF_8),
                            here + "blobs/" + RegistryFixture.digest(config),
                            config,
                            here + "blobs/" + RegistryFixture.digest(layer),
                            layer)
                    .get(path);
            if (found != null && path.contains("/manifests/")) {
                exchange.getResponseHeaders().set("Content-Type", Manifest.OCI_MANIFEST);
            }
            answer(exchange, found == null ? 404 : 200, found == null ? new byte[0] : found);
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
