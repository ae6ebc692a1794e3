package dev.haneul.services.ecr;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.haneul.api.ecr.AuthorizationData;
import dev.haneul.api.ecr.CreateRepositoryRequest;
import dev.haneul.api.ecr.EcrClient;
import dev.haneul.api.ecr.GetAuthorizationTokenRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.storage.DiskBlobs;
import dev.haneul.storage.DiskLayers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** ECR on a data folder of its own, its registries behind a small HTTP server, and a client that is logged in. */
final class RegistryFixture implements AutoCloseable {
    static final String ACCOUNT = "111122223333";
    static final String REGION = "us-east-1";

    final DataFolder folder = DataFolder.temporary();
    final SqliteStore store = SqliteStore.open(folder);
    final VirtualClock clock = new VirtualClock(Instant.parse("2026-03-04T05:06:07Z"));
    final DiskBlobs blobs;
    final DiskLayers layers;
    final ReconcileDriver driver = new ReconcileDriver(store.feed(), clock, new Random(1));
    /** Operations that are refused, by name. */
    final Set<String> denied = ConcurrentHashMap.newKeySet();
    /** Operations that were recorded. */
    final List<String> trail = new CopyOnWriteArrayList<>();

    final Dispatcher dispatcher;
    final EcrClient ecr;
    final EcrService service;
    final URI endpoint;
    final String authorization;
    private final HttpServer server;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    RegistryFixture() throws IOException {
        ServiceEvent.open(store);
        blobs = DiskBlobs.open(folder, store);
        layers = new DiskLayers(store, blobs, clock, Duration.ofDays(1));
        Dispatcher.Audit audit = (operation, input, output, call, fault) ->
                trail.add(operation.name() + (fault == null ? "" : " " + fault.code()));
        dispatcher = new Dispatcher(this::check, audit);
        service = new EcrService(new EcrService.Ground(
                store,
                layers,
                clock,
                dispatcher,
                this::check,
                audit,
                (call, action, resource, context) -> check(action.substring("ecr:".length())),
                (what, quantity) -> {},
                folder.key()));
        dispatcher.add(service);
        ecr = new EcrClient(dispatcher);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        DataPlane plane = service.registries();
        server.createContext("/", exchange -> {
            try (exchange) {
                Served served = new Served(exchange);
                if (plane.claims(served)) {
                    plane.serve(served);
                } else {
                    exchange.sendResponseHeaders(418, -1);
                }
            }
        });
        server.start();
        endpoint = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        authorization = "Basic " + token(call());
    }

    private void check(dev.haneul.api.runtime.OperationShape operation, Object input, Call call) {
        check(operation.name());
    }

    private void check(String operation) {
        if (denied.contains(operation)) {
            throw Fault.client("AccessDeniedException", 400, "User is not authorized to perform: ecr:" + operation);
        }
    }

    /** A call by the account's root. */
    Call call() {
        return new Call(
                Principal.root(ACCOUNT, "AKIA"),
                ACCOUNT,
                REGION,
                "request",
                clock.instant().plusSeconds(60),
                new Call.Origin("127.0.0.1", "test", false, endpoint == null ? "" : endpoint.toString(), Map.of()));
    }

    String token(Call call) {
        AuthorizationData data = ecr.getAuthorizationToken(new GetAuthorizationTokenRequest(), call)
                .authorizationData()
                .getFirst();
        return data.authorizationToken();
    }

    void create(String repository) {
        ecr.createRepository(new CreateRepositoryRequest().repositoryName(repository), call());
    }

    HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers) throws Exception {
        URI target = path.startsWith("http") ? URI.create(path) : endpoint.resolve(path);
        HttpRequest.Builder request = HttpRequest.newBuilder(target)
                .header("Authorization", authorization)
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        return send("GET", path, new byte[0], headers);
    }

    static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Pushes a blob in one piece; answers its digest. */
    String push(String repository, byte[] content) throws Exception {
        String digest = digest(content);
        HttpResponse<byte[]> pushed = send("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + digest, content);
        if (pushed.statusCode() != 201) {
            throw new AssertionError(pushed.statusCode() + " " + text(pushed));
        }
        return digest;
    }

    /** An image's manifest of one configuration and layers, which are pushed. */
    String image(String repository, int seed, String more) throws Exception {
        byte[] config = ("{\"seed\":" + seed + "}").getBytes(StandardCharsets.UTF_8);
        byte[] layer = bytes(1000, seed);
        push(repository, config);
        push(repository, layer);
        return """
                {"schemaVersion":2,"mediaType":"%s",%s"config":%s,"layers":[%s]}""".formatted(
                        Manifest.OCI_MANIFEST,
                        more,
                        descriptor("application/vnd.oci.image.config.v1+json", config),
                        descriptor("application/vnd.oci.image.layer.v1.tar", layer));
    }

    static String descriptor(String type, byte[] content) {
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest(content) + "\",\"size\":" + content.length
                + "}";
    }

    HttpResponse<byte[]> putManifest(String repository, String reference, String manifest, String type)
            throws Exception {
        return send(
                "PUT",
                "/v2/" + repository + "/manifests/" + reference,
                manifest.getBytes(StandardCharsets.UTF_8),
                "Content-Type",
                type);
    }

    /** Pushes a whole image under a tag; answers its digest. */
    String pushImage(String repository, String tag, int seed) throws Exception {
        String manifest = image(repository, seed, "");
        HttpResponse<byte[]> put = putManifest(repository, tag, manifest, Manifest.OCI_MANIFEST);
        if (put.statusCode() != 201) {
            throw new AssertionError(put.statusCode() + " " + text(put));
        }
        return digest(manifest.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
        http.close();
        driver.close();
        blobs.close();
        store.close();
        folder.close();
    }

    /** The JDK's server as a plane sees it. */
    private static final class Served implements Exchange {
        private final HttpExchange exchange;

        Served(HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public String method() {
            return exchange.getRequestMethod();
        }

        @Override
        public String path() {
            return exchange.getRequestURI().getRawPath();
        }

        @Override
        public String query() {
            String query = exchange.getRequestURI().getRawQuery();
            return query == null ? "" : query;
        }

        @Override
        public String host() {
            return exchange.getRequestHeaders().getFirst("Host").split(":", 2)[0];
        }

        @Override
        public @Nullable String header(String name) {
            return exchange.getRequestHeaders().getFirst(name);
        }

        @Override
        public Map<String, List<String>> headers() {
            Map<String, List<String>> headers = new LinkedHashMap<>();
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
            return headers;
        }

        @Override
        public String remoteAddress() {
            return "127.0.0.1";
        }

        @Override
        public boolean secure() {
            return false;
        }

        @Override
        public String endpoint() {
            return "http://" + exchange.getRequestHeaders().getFirst("Host");
        }

        @Override
        public String requestId() {
            return "request";
        }

        @Override
        public InputStream body() {
            return exchange.getRequestBody();
        }

        @Override
        public OutputStream respond(int status, Map<String, List<String>> headers, long length) throws IOException {
            exchange.getResponseHeaders().putAll(headers);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (head) {
                exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
            }
            exchange.sendResponseHeaders(status, head || length == 0 ? -1 : length < 0 ? 0 : length);
            return head ? OutputStream.nullOutputStream() : exchange.getResponseBody();
        }
    }
}
