package dev.haneul.fabric;

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
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.jspecify.annotations.Nullable;

/** A request as Jetty gives it. */
final class JettyVisit implements HttpVisit {
    private static final int BUFFER_BYTES = 32 * 1024;

    private final Request request;
    private final Response response;
    private final long maxBodyBytes;
    private @Nullable Body answer;

    JettyVisit(Request request, Response response, long maxBodyBytes) {
        this.request = request;
        this.response = response;
        this.maxBodyBytes = maxBodyBytes;
    }

    /** More came than the site takes. */
    static final class BodyTooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        BodyTooLargeException(long maxBytes) {
            super("request body larger than " + maxBytes + " bytes");
        }
    }

    /** Ends the answer where the handler left it open. */
    void finish() throws IOException {
        if (answer == null) {
            throw new IOException("the handler gave no answer to " + method() + " " + path());
        }
        answer.close();
    }

    @Override
    public String method() {
        return request.getMethod();
    }

    @Override
    public String path() {
        var path = request.getHttpURI().getPath();
        return path == null ? "/" : path;
    }

    @Override
    public String query() {
        var query = request.getHttpURI().getQuery();
        return query == null ? "" : query;
    }

    @Override
    public String host() {
        return Request.getServerName(request).toLowerCase(Locale.ROOT);
    }

    @Override
    public @Nullable String header(String name) {
        return request.getHeaders().get(name);
    }

    @Override
    public Map<String, List<String>> headers() {
        return map(request.getHeaders());
    }

    @Override
    public Map<String, List<String>> trailers() {
        var trailers = request.getTrailers();
        return trailers == null ? Map.of() : map(trailers);
    }

    private static Map<String, List<String>> map(HttpFields fields) {
        var map = new LinkedHashMap<String, List<String>>();
        for (var field : fields) {
            map.computeIfAbsent(field.getLowerCaseName(), _ -> new ArrayList<>(1))
                    .add(field.getValue());
        }
        return map;
    }

    @Override
    public String remoteAddress() {
        return Request.getRemoteAddr(request);
    }

    @Override
    public boolean secure() {
        return false;
    }

    @Override
    public String endpoint() {
        var host = request.getHeaders().get(HttpHeader.HOST);
        return "http://" + (host == null ? host() : host);
    }

    @Override
    public String requestId() {
        return request.getConnectionMetaData().getId() + "-" + request.getId();
    }

    @Override
    public InputStream body() {
        return new FilterInputStream(Content.Source.asInputStream(request)) {
            private long left = maxBodyBytes;

            @Override
            public int read() throws IOException {
                int value = super.read();
                count(value < 0 ? 0 : 1);
                return value;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                int count = super.read(bytes, offset, length);
                count(Math.max(0, count));
                return count;
            }

            private void count(int bytes) throws IOException {
                left -= bytes;
                if (left < 0) {
                    throw new BodyTooLargeException(maxBodyBytes);
                }
            }
        };
    }

    @Override
    public OutputStream respond(int status, Map<String, List<String>> headers, long length) {
        if (answer != null) {
            throw new IllegalStateException("already answered");
        }
        response.setStatus(status);
        headers.forEach(
                (name, values) -> values.forEach(value -> response.getHeaders().add(name, value)));
        if (length >= 0) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
        }
        answer = new Body(length >= 0 ? (int) Math.min(length, BUFFER_BYTES) : BUFFER_BYTES);
        return answer;
    }

    /** Gathers small writes, so that a short answer leaves in one packet together with its headers. */
    private final class Body extends OutputStream {
        private final byte[] buffer;
        private int filled;
        private boolean closed;

        Body(int bufferBytes) {
            buffer = new byte[bufferBytes];
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > buffer.length - filled) {
                flush();
            }
            if (length > buffer.length) {
                send(false, ByteBuffer.wrap(bytes, offset, length));
            } else {
                System.arraycopy(bytes, offset, buffer, filled, length);
                filled += length;
            }
        }

        @Override
        public void flush() throws IOException {
            if (filled > 0 || !response.isCommitted()) {
                int count = filled;
                filled = 0;
                send(false, ByteBuffer.wrap(buffer, 0, count));
            }
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                send(true, ByteBuffer.wrap(buffer, 0, filled));
            }
        }

        private void send(boolean last, ByteBuffer bytes) throws IOException {
            try (var blocker = Blocker.callback()) {
                response.write(last, bytes, blocker);
                blocker.block();
            }
        }
    }
}
