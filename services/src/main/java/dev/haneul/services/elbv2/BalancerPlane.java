package dev.haneul.services.elbv2;

import dev.haneul.edge.Balancer;
import dev.haneul.edge.Edge;
import dev.haneul.edge.http.Client;
import dev.haneul.edge.http.Content;
import dev.haneul.edge.http.Headers;
import dev.haneul.edge.http.Inbound;
import dev.haneul.edge.http.RequestHead;
import dev.haneul.edge.stream.Wire;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Balancers by their names at the region's own port: requests go to the listener at port 80, or the one asked for. And the
 * keys by which targets check what they are told of users.
 */
final class BalancerPlane implements DataPlane {
    private final Edge edge;
    private static final String KEYS = "public-keys.auth.elb.";

    private final Function<String, Optional<String>> names;
    private final Function<String, Optional<String>> keys;

    /**
     * A plane.
     *
     * @param names lead to balancers' ids
     * @param keys public keys by id
     */
    BalancerPlane(Edge edge, Function<String, Optional<String>> names, Function<String, Optional<String>> keys) {
        this.edge = edge;
        this.names = names;
        this.keys = keys;
    }

    @Override
    public boolean claims(Exchange exchange) {
        return exchange.host().contains(".elb.")
                && (exchange.host().startsWith(KEYS)
                        || names.apply(exchange.host()).isPresent());
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        if (exchange.host().startsWith(KEYS)) {
            Optional<String> key = keys.apply(exchange.path().substring(1));
            exchange.answer(key.isPresent() ? 200 : 404, "text/plain", key.orElse("There is no such key.\n"));
            return;
        }
        Balancer balancer = names.apply(exchange.host()).flatMap(edge::balancer).orElse(null);
        int port = port(exchange);
        // From inside the balancer's network, where there is one: the same addresses may mean others outside.
        String node = balancer == null
                ? ""
                : balancer.table().nodes().stream()
                        .map(RoutingTable.Node::id)
                        .findFirst()
                        .orElse("");
        Passing passing = new Passing(exchange, port, node);
        if (balancer == null || !balancer.serve(passing, port)) {
            exchange.answer(503, "text/plain", "There is no HTTP listener at this port.\n");
        }
        if (passing.broken()) {
            throw new IOException("the answer broke off");
        }
    }

    private static int port(Exchange exchange) {
        String wanted = exchange.header("x-forwarded-port");
        boolean number = wanted != null && wanted.matches("[0-9]{1,5}");
        return number ? Integer.parseInt(wanted) : exchange.secure() ? 443 : 80;
    }

    /** A request at the region's port, as the data plane sees it. */
    private static final class Passing implements Inbound {
        private final Exchange exchange;
        private final int port;
        private final String node;
        private final RequestHead head;
        private final Content content;
        private boolean broken;
        private long sent;

        Passing(Exchange exchange, int port, String node) throws IOException {
            this.exchange = exchange;
            this.port = port;
            this.node = node;
            Headers headers = new Headers();
            exchange.headers()
                    .forEach((name, values) -> values.forEach(value -> {
                        if (!name.startsWith(":") && !name.equals("host")) {
                            headers.add(name, value);
                        }
                    }));
            String query = exchange.query().isEmpty() ? "" : "?" + exchange.query();
            String host = exchange.header("host");
            this.head = new RequestHead(
                    exchange.method(),
                    exchange.path() + query,
                    host == null ? exchange.host() : host,
                    "HTTP/1.1",
                    headers);
            String length = exchange.header("content-length");
            boolean bodiless = length == null
                    && exchange.header("transfer-encoding") == null
                    && List.of("GET", "HEAD", "DELETE", "OPTIONS").contains(exchange.method());
            long told = length != null && length.matches("[0-9]{1,18}") ? Long.parseLong(length) : -1;
            this.content = bodiless || told == 0 ? Content.none() : new Incoming(exchange.body(), told);
        }

        boolean broken() {
            return broken;
        }

        @Override
        public RequestHead head() {
            return head;
        }

        @Override
        public Content content() {
            return content;
        }

        @Override
        public Client client() {
            InetAddress address;
            try {
                address = InetAddress.ofLiteral(exchange.remoteAddress());
            } catch (IllegalArgumentException e) {
                address = InetAddress.getLoopbackAddress();
            }
            Client.Secured tls = exchange.secure() ? new Client.Secured("TLSv1.3", "-", null, null, List.of()) : null;
            return new Client(new InetSocketAddress(address, 0), port, node, "", "-", tls);
        }

        @Override
        public String type() {
            return exchange.secure() ? "https" : "http";
        }

        @Override
        public OutputStream respond(int status, String reason, Headers headers, long length) throws IOException {
            Map<String, List<String>> all = new LinkedHashMap<>();
            for (int i = 0; i < headers.size(); i++) {
                all.computeIfAbsent(headers.name(i), key -> new ArrayList<>()).add(headers.value(i));
            }
            return exchange.respond(status, all, length);
        }

        @Override
        public void trailers(Headers trailers) {}

        @Override
        public boolean upgradable() {
            return false;
        }

        @Override
        public Wire upgrade(Headers headers, Wire early) throws IOException {
            throw new IOException("not at the region's own port");
        }

        @Override
        public void whenGone(@Nullable Runnable task) {}

        @Override
        public boolean gone() {
            return false;
        }

        @Override
        public long received() {
            return Math.max(0, content.length());
        }

        @Override
        public long sent() {
            return sent;
        }

        @Override
        public void abort() {
            broken = true;
        }
    }

    /** A body that comes in by the region's port. */
    private static final class Incoming extends Content {
        private final InputStream in;
        private final long length;
        private long taken;
        private boolean ended;

        Incoming(InputStream in, long length) {
            this.in = in;
            this.length = length;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public int read(byte[] into, int offset, int wanted) throws IOException {
            int count = in.read(into, offset, wanted);
            taken += Math.max(0, count);
            ended |= count < 0 || length >= 0 && taken >= length;
            return count;
        }

        @Override
        public boolean ended() {
            return ended;
        }
    }
}
