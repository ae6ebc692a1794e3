package dev.haneul.edge.h2;

import dev.haneul.edge.http.Client;
import dev.haneul.edge.http.Content;
import dev.haneul.edge.http.Headers;
import dev.haneul.edge.http.Inbound;
import dev.haneul.edge.http.Proxy;
import dev.haneul.edge.http.RequestHead;
import dev.haneul.edge.stream.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.MetaData;
import org.jspecify.annotations.Nullable;

/** A client's connection that speaks HTTP/2: each request is served on a thread of its own. */
public final class H2ServerConnection extends H2Connection {
    private final Client client;
    private final Proxy proxy;
    private final Supplier<Proxy.@Nullable Route> routes;
    private final AtomicInteger serving = new AtomicInteger();
    private int newest;
    private volatile long idleNanos = TimeUnit.SECONDS.toNanos(60);

    /**
     * Serves a connection.
     *
     * @param routes what is to be done now; null where the listener is gone
     */
    public H2ServerConnection(Wire wire, Client client, Proxy proxy, Supplier<Proxy.@Nullable Route> routes) {
        super(wire);
        this.client = client;
        this.proxy = proxy;
        this.routes = routes;
    }

    /** Serves until the connection ends; it is closed then. */
    public void run() {
        Proxy.Route route = routes.get();
        if (route == null) {
            wire.close();
            return;
        }
        idleNanos = route.table().settings().idle().toNanos();
        try {
            wire.readWithin(idleNanos);
            byte[] preface = new byte[PREFACE.length];
            fully(preface, preface.length);
            if (!Arrays.equals(preface, PREFACE)) {
                throw new H2Error(H2Error.PROTOCOL, "no preface");
            }
            greet();
        } catch (IOException e) {
            wire.close();
            return;
        }
        read();
    }

    @Override
    void onHead(int id, MetaData meta, boolean end) throws IOException {
        H2Stream known = streams.get(id);
        if (known != null) {
            if (!end) {
                throw new H2Error(H2Error.PROTOCOL, "trailers that do not end");
            }
            known.trailers(H2Fields.headers(meta.getHttpFields()));
            return;
        }
        if (id % 2 == 0 || id <= newest && !(meta instanceof MetaData.Request)) {
            throw new H2Error(H2Error.PROTOCOL, "a stream that cannot be");
        }
        if (id <= newest) {
            return;
        }
        newest = id;
        Proxy.Route route = routes.get();
        if (route == null || ending || serving.get() >= MOST_STREAMS) {
            resetStream(id, H2Error.REFUSED);
            return;
        }
        RequestHead head = head(meta);
        if (head == null) {
            resetStream(id, H2Error.PROTOCOL);
            return;
        }
        H2Stream stream = stream(id);
        long told = meta.getHttpFields().getLongField(org.eclipse.jetty.http.HttpHeader.CONTENT_LENGTH);
        stream.head(meta, end, told);
        stream.within(route.table().settings().idle().toNanos());
        head.headers().remove("content-length");
        serving.incrementAndGet();
        wire.readWithin(0);
        Thread.ofVirtual().start(() -> {
            try {
                proxy.serve(new Request(stream, head), route);
            } finally {
                served();
            }
        });
    }

    private void served() {
        if (serving.decrementAndGet() == 0) {
            if (ending) {
                wire.close();
            } else {
                wire.readWithin(idleNanos);
            }
        }
    }

    private static @Nullable RequestHead head(MetaData meta) throws IOException {
        if (!(meta instanceof MetaData.Request request)) {
            return null;
        }
        HttpURI uri = request.getHttpURI();
        Headers headers;
        try {
            headers = H2Fields.headers(request.getHttpFields());
        } catch (IOException e) {
            return null;
        }
        String target = uri.getPathQuery();
        String authority = uri.getAuthority() == null ? headers.get("host") : uri.getAuthority();
        headers.remove("host");
        boolean bad = target == null
                || target.isEmpty()
                || !target.startsWith("/") && !target.equals("*")
                || target.chars().anyMatch(c -> c <= ' ' || c == 0x7f)
                || headers.has("connection")
                || headers.has("transfer-encoding")
                || request.getMethod().chars().anyMatch(c -> c <= ' ' || c >= 0x7f);
        return bad
                ? null
                : new RequestHead(
                        request.getMethod(),
                        String.valueOf(target),
                        authority == null ? "" : authority,
                        "HTTP/2.0",
                        headers);
    }

    @Override
    void onEnd() {}

    /** A request and its answer. */
    private final class Request implements Inbound {
        private final H2Stream stream;
        private final RequestHead head;
        private final Content content;
        private volatile boolean answered;
        private @Nullable Headers trailers;

        Request(H2Stream stream, RequestHead head) {
            this.stream = stream;
            this.head = head;
            this.content = stream.content();
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
            String kind = head.headers().get("content-type");
            return kind != null && kind.startsWith("application/grpc") ? "grpcs" : "h2";
        }

        @Override
        public OutputStream respond(int status, String reason, Headers headers, long length) throws IOException {
            answered = true;
            if (length >= 0 && status != 204) {
                headers.set("content-length", String.valueOf(length));
            }
            headers.remove("connection");
            sendHead(stream, false, headers, ":status", String.valueOf(status));
            return new Body();
        }

        @Override
        public void trailers(Headers after) {
            trailers = after;
        }

        @Override
        public boolean upgradable() {
            return false;
        }

        @Override
        public Wire upgrade(Headers headers, Wire early) throws IOException {
            throw new IOException("streams are not handed over");
        }

        @Override
        public void whenGone(@Nullable Runnable task) {
            stream.onFailure(task);
        }

        @Override
        public boolean gone() {
            return stream.failure() != null;
        }

        @Override
        public long received() {
            return stream.received();
        }

        @Override
        public long sent() {
            return stream.sent();
        }

        @Override
        public void abort() {
            try {
                resetStream(stream.id, answered ? H2Error.INTERNAL : H2Error.CANCEL);
            } catch (IOException e) {
                wire.close();
            }
        }

        private final class Body extends OutputStream {
            private boolean over;

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int count) throws IOException {
                if (count > 0) {
                    sendData(stream, from, offset, count, false);
                }
            }

            @Override
            public void close() throws IOException {
                if (over) {
                    return;
                }
                over = true;
                if (trailers != null) {
                    sendHead(stream, true, trailers);
                } else {
                    sendData(stream, new byte[0], 0, 0, true);
                }
                if (!content.ended()) {
                    // The answer is whole; the rest of the request is of no use.
                    resetStream(stream.id, H2Error.NONE);
                }
            }
        }
    }
}
