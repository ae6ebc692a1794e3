package dev.haneul.edge.http;

import dev.haneul.edge.stream.Expired;
import dev.haneul.edge.stream.Wire;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.RoutingTable.Desync;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A client's connection that speaks HTTP/1.1: its requests, one after the other. */
public final class H1Server {
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int LINGER_BYTES = 256 * 1024;
    /** A target may be waited for so long before it is looked whether the client is still there. */
    private static final long WATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final Wire wire;
    private final Client client;
    private final Proxy proxy;
    private final Supplier<Proxy.@Nullable Route> routes;
    private final H1Input in;
    private final H1Output out;
    private final Watch watch;
    private boolean open = true;
    private long began;

    /**
     * Serves a connection.
     *
     * @param routes what is to be done now; null where the listener is gone
     */
    public H1Server(Wire wire, Client client, Proxy proxy, Supplier<Proxy.@Nullable Route> routes) {
        this.wire = wire;
        this.client = client;
        this.proxy = proxy;
        this.routes = routes;
        this.in = new H1Input(wire);
        this.out = new H1Output(wire);
        this.watch = new Watch(wire);
    }

    /** Serves until the connection ends; it is closed then. */
    public void run() {
        long until = 0;
        try {
            while (open) {
                Proxy.Route route = routes.get();
                if (route == null) {
                    return;
                }
                RoutingTable.Settings settings = route.table().settings();
                if (until == 0) {
                    until = System.nanoTime() + settings.clientKeepAlive().toNanos();
                }
                wire.readWithin(settings.idle().toNanos());
                if (!waits()) {
                    return;
                }
                // The table may have changed while the client was silent.
                Proxy.Route now = routes.get();
                one(now == null ? route : now);
                open &= System.nanoTime() < until;
            }
            linger();
        } catch (IOException e) {
            System.getLogger(H1Server.class.getName())
                    .log(System.Logger.Level.DEBUG, () -> "a client's connection: " + e);
        } finally {
            wire.close();
        }
    }

    /** Waits for a request to begin; false where the client has closed, or says nothing. */
    private boolean waits() throws IOException {
        watch.settle(in);
        try {
            return in.buffered() || in.fill();
        } catch (Expired e) {
            return false;
        }
    }

    private void one(Proxy.Route route) throws IOException {
        out.startAnew();
        began = in.position();
        RequestHead head;
        Request request;
        try {
            head = head();
            request = request(head, route.table().settings());
        } catch (Refused e) {
            refuse(route, e.status());
            return;
        } catch (Expired e) {
            refuse(route, 408);
            return;
        }
        wire.writeWithin(route.table().settings().idle().toNanos());
        proxy.serve(request, route);
        request.settle();
    }

    /** Answers what is no request we could pass on, and ends the connection. */
    private void refuse(Proxy.Route route, int status) {
        open = false;
        RequestHead none = new RequestHead("-", "-", "", "-", new Headers().add("connection", "close"));
        Request request = new Request(none, Content.none());
        proxy.refused(request, route, status);
    }

    private RequestHead head() throws IOException {
        String line = in.startLine(414);
        int first = line.indexOf(' ');
        int last = line.lastIndexOf(' ');
        if (first < 1 || last <= first + 1) {
            throw new Refused(400, "a request line that is none");
        }
        String method = line.substring(0, first);
        String target = line.substring(first + 1, last);
        String version = line.substring(last + 1);
        if (!token(method) || target.indexOf(' ') >= 0) {
            throw new Refused(400, "a method or target that is none");
        }
        if (!version.equals("HTTP/1.1") && !version.equals("HTTP/1.0")) {
            throw new Refused(version.matches("HTTP/[0-9](\\.[0-9])?") ? 505 : 400, "a version that is none");
        }
        Headers headers = in.headers(H1Input.HEAD_BYTES);
        String host = host(headers, version);
        if (target.startsWith("http://") || target.startsWith("https://")) {
            int slash = target.indexOf('/', target.indexOf("//") + 2);
            int end = slash < 0 ? target.length() : slash;
            host = target.substring(target.indexOf("//") + 2, end);
            target = slash < 0 ? "/" : target.substring(slash);
        }
        if (!target.startsWith("/") && !(target.equals("*") && method.equals("OPTIONS"))) {
            throw new Refused(400, "a target that is none");
        }
        headers.remove("host");
        return new RequestHead(method, target, host, version, headers);
    }

    private static String host(Headers headers, String version) throws IOException {
        var all = headers.all("host");
        if (all.size() > 1 || all.isEmpty() && version.equals("HTTP/1.1")) {
            throw new Refused(400, "one Host is needed");
        }
        String host = all.isEmpty() ? "" : all.getFirst();
        if (host.chars().anyMatch(c -> c <= ' ' || c == '/' || c == '@' || c == ',')) {
            throw new Refused(400, "a Host that is none");
        }
        return host;
    }

    private static boolean token(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c -> c >= 'a' && c <= 'z'
                                || c >= 'A' && c <= 'Z'
                                || c >= '0' && c <= '9'
                                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    private Request request(RequestHead head, RoutingTable.Settings settings) throws IOException {
        Headers headers = head.headers();
        long length = Lengths.of(headers);
        boolean ambiguous = false;
        boolean coded = headers.has("transfer-encoding");
        if (coded) {
            boolean chunked = headers.all("transfer-encoding").size() == 1
                    && String.valueOf(headers.get("transfer-encoding")).trim().equalsIgnoreCase("chunked");
            if (!chunked) {
                throw new Refused(501, "a transfer encoding other than chunked");
            }
            ambiguous = length >= 0 || head.version().equals("HTTP/1.0");
            headers.remove("content-length");
            length = H1Content.CHUNKED;
        }
        if (ambiguous && settings.desync() == Desync.STRICTEST) {
            throw new Refused(400, "a length and a transfer encoding");
        }
        boolean close = ambiguous
                || headers.lists("connection", "close")
                || head.version().equals("HTTP/1.0") && !headers.lists("connection", "keep-alive");
        open &= !close;
        boolean expects =
                headers.lists("expect", "100-continue") && head.version().equals("HTTP/1.1");
        Content content =
                !coded && length <= 0 ? Content.none() : new H1Content(in, length, expects ? this::goOn : null);
        return new Request(head, content);
    }

    private void goOn() throws IOException {
        byte[] line = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        wire.write(line, 0, line.length);
    }

    /** Says that nothing more comes, and hears out for a moment what the client still says, lest it miss the answer. */
    private void linger() throws IOException {
        wire.readWithin(LINGER_NANOS);
        wire.endOutput();
        byte[] rest = new byte[8 * 1024];
        int left = LINGER_BYTES;
        int count;
        while (left > 0 && (count = wire.read(rest, 0, rest.length)) >= 0) {
            left -= count;
        }
    }

    /** A request and its answer. */
    private final class Request implements Inbound {
        private final RequestHead head;
        private final Content content;
        private H1Output.@Nullable BodyOut body;
        private boolean whole;

        Request(RequestHead head, Content content) {
            this.head = head;
            this.content = content;
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
            return client;
        }

        @Override
        public String type() {
            return client.secure() ? "https" : "http";
        }

        @Override
        public OutputStream respond(int status, String reason, Headers headers, long length) throws IOException {
            boolean bodiless = head.method().equals("HEAD") || status == 204 || status == 304 || status < 200;
            boolean old = head.version().equals("HTTP/1.0");
            open &= content.ended() || content instanceof H1Content;
            out.text("HTTP/1.1 ")
                    .text(String.valueOf(status))
                    .text(" ")
                    .text(reason)
                    .text("\r\n");
            out.headers(headers);
            long framing = length;
            if (length < 0 && !bodiless) {
                if (old) {
                    framing = -2;
                    open = false;
                } else {
                    out.header("Transfer-Encoding", "chunked");
                }
            } else if (length >= 0 && status != 204) {
                out.header("Content-Length", String.valueOf(length));
            }
            if (!open || !head.headers().has("connection") && old) {
                out.header("Connection", "close");
            } else {
                out.header("Connection", "keep-alive");
            }
            out.text("\r\n");
            H1Output.BodyOut made = out.body(bodiless ? 0 : framing);
            body = made;
            return new Ending(made);
        }

        @Override
        public void trailers(Headers trailers) {
            if (body != null) {
                body.trailers(Forwarded.answer(trailers));
            }
        }

        @Override
        public boolean upgradable() {
            return head.version().equals("HTTP/1.1")
                    && head.headers().has("upgrade")
                    && head.headers().lists("connection", "upgrade")
                    && !head.headers().lists("upgrade", "h2c")
                    && content.length() == 0;
        }

        @Override
        public Wire upgrade(Headers headers, Wire early) throws IOException {
            open = false;
            out.text("HTTP/1.1 101 Switching Protocols\r\n").headers(headers).text("\r\n");
            out.flush();
            watch.settle(in);
            if (in.buffered()) {
                byte[] bytes = new byte[in.bufferedBytes()];
                int count = in.take(bytes, 0, bytes.length);
                early.write(bytes, 0, count);
            }
            whole = true;
            return wire;
        }

        @Override
        public void whenGone(@Nullable Runnable task) {
            watch.task(task, WATCH_NANOS);
        }

        @Override
        public boolean gone() {
            return watch.gone();
        }

        @Override
        public long received() {
            return in.position() - began;
        }

        @Override
        public long sent() {
            return out.sentBytes();
        }

        @Override
        public void abort() {
            open = false;
            wire.reset();
        }

        /** A request whose body nobody wanted ends the connection. */
        void settle() {
            if (!whole || !content.ended()) {
                open = false;
            }
        }

        private final class Ending extends OutputStream {
            private final H1Output.BodyOut to;

            Ending(H1Output.BodyOut to) {
                this.to = to;
            }

            @Override
            public void write(int b) throws IOException {
                to.write(b);
            }

            @Override
            public void write(byte[] from, int offset, int count) throws IOException {
                to.write(from, offset, count);
            }

            @Override
            public void flush() throws IOException {
                to.flush();
            }

            @Override
            public void close() throws IOException {
                if (!whole) {
                    to.close();
                    whole = true;
                }
            }
        }
    }
}
