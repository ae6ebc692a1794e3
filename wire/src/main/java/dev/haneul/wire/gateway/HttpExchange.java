package dev.haneul.wire.gateway;

import dev.haneul.kernel.Ids;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.plane.WebSocket;
import dev.haneul.wire.protocols.Headers;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** A request and its answer in Jetty, as data planes and operations see it. Used by one thread. */
final class HttpExchange implements Exchange {
    private final Request request;
    private final Response response;
    private final @Nullable Upgrade upgrade;
    private final Headers headers;
    private final String authority;
    /** Each data plane asks for it. */
    private final String host;

    // The ids name requests, they protect nothing.
    static final Ids IDS = new Ids(() -> ThreadLocalRandom.current().nextLong());

    private String requestId = IDS.uuid();
    private @Nullable InputStream body;
    private boolean begun;
    private boolean upgraded;

    /** A request that cannot become a WebSocket. */
    HttpExchange(Request request, Response response) {
        this(request, response, null);
    }

    HttpExchange(Request request, Response response, @Nullable Upgrade upgrade) {
        this.request = request;
        this.response = response;
        this.upgrade = upgrade;
        String hostHeader = request.getHeaders().get(HttpHeader.HOST);
        String given = hostHeader == null ? request.getHttpURI().getAuthority() : hostHeader;
        this.authority = given == null ? "localhost" : given;
        this.host = hostOf(authority);
        this.headers = new Headers();
        for (HttpField field : request.getHeaders()) {
            headers.add(field.getName(), field.getValue() == null ? "" : HeaderText.read(field.getValue()));
        }
        if (hostHeader == null) {
            // HTTP/2 has it as a pseudo header; signatures and services know it by its old name.
            headers.add("host", authority);
        }
    }

    /** The headers in the form operations are decoded from; {@code host} is always there. */
    Headers wireHeaders() {
        return headers;
    }

    /** The length the client announced: 0 where it sends no body, -1 where it does not say. */
    long announcedLength() {
        long length = request.getLength();
        boolean http1 = request.getConnectionMetaData().getHttpVersion().getVersion() < 20;
        return length < 0 && http1 && !headers.has("transfer-encoding") ? 0 : length;
    }

    /** Gives the request the id its service's answers are known by. */
    void requestId(String id) {
        requestId = id;
    }

    /** Whether the client waits for a word before it sends the body, which nobody has asked for yet. */
    boolean expectsContinue() {
        return !begun && asksToContinue();
    }

    /** Whether the client waited for a word before it sent the body, or still does. */
    boolean asksToContinue() {
        return headers.has("expect");
    }

    /**
     * Lets a client that waits for a word send its body if it has no more than so many bytes, while the request is looked
     * at: what would be heard out after a refusal as well need not wait for the verdict.
     */
    void goAhead(int mostBytes) throws IOException {
        long length = announcedLength();
        if (length > 0 && length <= mostBytes && expectsContinue() && mayGoAhead()) {
            begun = true;
            try {
                response.writeInterim(HttpStatus.CONTINUE_100, HttpFields.EMPTY).join();
            } catch (CompletionException gone) {
                throw new IOException("the client is gone", gone);
            }
        }
    }

    /** HTTP/1.0 knows no such answer (RFC 9110, section 10.1.1). */
    private boolean mayGoAhead() {
        return "100-continue".equalsIgnoreCase(headers.first("expect"))
                && request.getConnectionMetaData().getHttpVersion().getVersion() >= HttpVersion.HTTP_1_1.getVersion();
    }

    /** Starts the answer; its headers can be set until the first {@link #write}. */
    void status(int status) {
        response.setStatus(status);
    }

    void responseHeader(String name, String value) {
        response.getHeaders().add(name, HeaderText.write(value));
    }

    boolean committed() {
        return response.isCommitted();
    }

    /** Writes and waits until the bytes are on their way: this is the back-pressure. */
    void write(boolean last, ByteBuffer bytes) throws IOException {
        Content.Sink.write(response, last, bytes);
    }

    OutputStream responseStream() {
        return Content.Sink.asOutputStream(response);
    }

    ByteBufferPool buffers() {
        return request.getComponents().getByteBufferPool();
    }

    @Override
    public String method() {
        return request.getMethod();
    }

    @Override
    public String path() {
        HttpURI uri = request.getHttpURI();
        return uri.getPath() == null ? "/" : uri.getPath();
    }

    @Override
    public String query() {
        String query = request.getHttpURI().getQuery();
        return query == null ? "" : query;
    }

    @Override
    public String host() {
        return host;
    }

    private static String hostOf(String authority) {
        String name = authority.toLowerCase(Locale.ROOT);
        int colon = name.lastIndexOf(':');
        boolean port =
                colon > 0 && name.indexOf(']', colon) < 0 && (name.startsWith("[") || name.indexOf(':') == colon);
        return port ? name.substring(0, colon) : name;
    }

    @Override
    public @Nullable String header(String name) {
        return headers.first(name);
    }

    @Override
    public Map<String, List<String>> headers() {
        Map<String, List<String>> found = new LinkedHashMap<>();
        for (int line = 0; line < headers.size(); line++) {
            found.computeIfAbsent(headers.lowerNameAt(line), name -> new ArrayList<>(1))
                    .add(headers.valueAt(line));
        }
        return found;
    }

    @Override
    public String remoteAddress() {
        return Request.getRemoteAddr(request);
    }

    @Override
    public boolean secure() {
        return request.isSecure();
    }

    @Override
    public String endpoint() {
        return (secure() ? "https://" : "http://") + authority;
    }

    @Override
    public String requestId() {
        return requestId;
    }

    @Override
    public InputStream body() {
        InputStream open = body;
        if (open == null) {
            open = new Begun(Request.asInputStream(request));
            body = open;
        }
        return open;
    }

    @Override
    public OutputStream respond(int status, Map<String, List<String>> responseHeaders, long length) {
        response.setStatus(status);
        responseHeaders.forEach((name, values) -> values.forEach(value -> responseHeader(name, value)));
        if (length >= 0) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
        }
        return responseStream();
    }

    @Override
    public boolean asksForWebSocket() {
        return upgrade != null && upgrade.sockets().asked(request);
    }

    @Override
    public void upgrade(int mostBytes, WebSocket.Talk talk) throws IOException {
        if (upgrade == null) {
            throw new UnsupportedOperationException("no WebSocket can be opened here");
        }
        upgraded = true;
        upgrade.sockets().upgrade(request, response, upgrade.callback(), mostBytes, talk);
    }

    /** Whether the answer, a WebSocket or that there is none, was given with all that belongs to it. */
    boolean upgraded() {
        return upgraded;
    }

    /**
     * What a WebSocket is opened by.
     *
     * @param callback the request's own, which the upgrade sees to
     */
    record Upgrade(WebSockets sockets, Callback callback) {}

    /** Notes that the body was asked for, which is what tells a waiting client to send it. */
    private final class Begun extends FilterInputStream {
        Begun(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            begun = true;
            return in.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            begun = true;
            return in.read(target, offset, length);
        }

        /**
         * Does nothing: who has read enough closes what he reads from, and a body that is closed before its end costs the
         * client its connection, and with it what it should have read there: that its upload was refused.
         */
        @Override
        public void close() {}
    }
}
