package dev.haneul.edge.http;

import dev.haneul.edge.stream.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** A connection to a target that speaks HTTP/1.1. */
final class H1Link implements Link {
    private static final int COPY_BYTES = 32 * 1024;
    private static final int RESPONSE_HEAD_BYTES = 32 * 1024;

    private final Links pool;
    private final Links.Place place;
    private final Wire wire;
    private final H1Input in;
    private final H1Output out;
    private volatile long idleNanos;
    private boolean used;
    private boolean heard;
    private boolean keep;
    private volatile boolean sending;
    private @Nullable Content content;
    private H1Output.@Nullable BodyOut body;

    H1Link(Links pool, Links.Place place, Wire wire) {
        this.pool = pool;
        this.place = place;
        this.wire = wire;
        this.in = new H1Input(wire);
        this.out = new H1Output(wire);
    }

    @Override
    public void send(RequestHead head, Content request, boolean upgrade) throws IOException {
        heard = false;
        out.startAnew();
        out.text(head.method()).text(" ").text(head.target()).text(" HTTP/1.1\r\n");
        if (!head.authority().isEmpty() || !head.headers().has("host")) {
            out.header("Host", head.authority());
        }
        out.headers(head.headers());
        if (upgrade) {
            out.header("Connection", "Upgrade");
        }
        long length = request.length();
        boolean nothing = length == 0 && request.ended();
        if (length < 0) {
            out.header("Transfer-Encoding", "chunked");
        } else if (!nothing || saysLength(head.method())) {
            out.header("Content-Length", String.valueOf(length));
        }
        out.text("\r\n");
        body = nothing ? null : out.body(length);
        sending = body != null;
        if (body != null && request instanceof H1Content own && own.inMemory()) {
            copy(request, body, false);
            sending = false;
            body = null;
        }
        out.flush();
    }

    private static boolean saysLength(String method) {
        return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
    }

    @Override
    public void pump(Content request) throws IOException {
        H1Output.BodyOut to = body;
        if (to == null) {
            return;
        }
        copy(request, to, true);
        sending = false;
    }

    /** Whether a body is still to be sent. */
    boolean unsent() {
        return body != null;
    }

    private void copy(Content from, H1Output.BodyOut to, boolean slow) throws IOException {
        byte[] buffer = new byte[slow ? COPY_BYTES : (int) Math.min(COPY_BYTES, Math.max(1, from.length()))];
        int count;
        while ((count = from.read(buffer, 0, buffer.length)) >= 0) {
            if (slow) {
                within(idleNanos);
            }
            to.write(buffer, 0, count);
            if (slow && !from.ready()) {
                to.flush();
            }
        }
        to.trailers(from.trailers());
        to.close();
    }

    @Override
    public Answer answer(String method) throws IOException {
        String line;
        int status;
        Headers headers;
        do {
            if (!in.buffered() && !in.fill()) {
                throw new EOFException("the target closed the connection before it answered");
            }
            heard = true;
            line = in.startLine(502);
            status = status(line);
            headers = in.headers(RESPONSE_HEAD_BYTES);
        } while (status < 200 && status != 101);
        used = true;
        boolean old = line.startsWith("HTTP/1.0");
        keep = old ? headers.lists("connection", "keep-alive") : !headers.lists("connection", "close");
        String reason = line.length() > 13 ? line.substring(13) : "";
        if (status == 101) {
            keep = false;
            return new Answer(status, reason, headers, Content.none(), this);
        }
        Content answer = content(method, status, headers);
        content = answer;
        return new Answer(status, reason, headers, answer, null);
    }

    private static int status(String line) throws IOException {
        boolean right = line.length() >= 12 && line.startsWith("HTTP/1.") && line.charAt(8) == ' ';
        if (right) {
            try {
                int status = Integer.parseInt(line.substring(9, 12));
                if (status >= 100 && (line.length() == 12 || line.charAt(12) == ' ')) {
                    return status;
                }
            } catch (NumberFormatException e) {
                throw new IOException("the target's status is none", e);
            }
        }
        throw new IOException("the target does not speak HTTP");
    }

    private Content content(String method, int status, Headers headers) throws IOException {
        if (method.equals("HEAD") || status == 204 || status == 304) {
            return Content.none();
        }
        if (headers.has("transfer-encoding")) {
            if (!headers.lists("transfer-encoding", "chunked")
                    || headers.all("transfer-encoding").size() > 1) {
                throw new IOException("the target's transfer encoding is not known");
            }
            if (headers.has("content-length")) {
                keep = false;
            }
            return new H1Content(in, H1Content.CHUNKED, null);
        }
        long length = Lengths.of(headers);
        if (length < 0) {
            keep = false;
            return new H1Content(in, H1Content.TO_THE_END, null);
        }
        return length == 0 ? Content.none() : new H1Content(in, length, null);
    }

    @Override
    public boolean used() {
        return used;
    }

    @Override
    public boolean heard() {
        return heard;
    }

    @Override
    public void within(long nanos) {
        idleNanos = nanos;
        wire.writeWithin(nanos);
        wire.readWithin(nanos);
    }

    /** Whether the target is still there, as far as can be told. */
    boolean fresh() {
        return wire.isOpen() && !wire.isExpired() && !in.buffered() && wire.quiet();
    }

    /** Hands over bytes that came after the answer's head. */
    void drainTo(OutputStream to) throws IOException {
        byte[] early = new byte[Math.max(1, in.bufferedBytes())];
        if (in.buffered()) {
            int count = in.take(early, 0, early.length);
            to.write(early, 0, count);
            to.flush();
        }
    }

    @Override
    public void done() {
        Content last = content;
        content = null;
        body = null;
        if (!keep || sending || in.buffered() || last != null && !last.ended()) {
            close();
            return;
        }
        wire.readWithin(idleNanos);
        pool.giveBack(place, this);
    }

    @Override
    public void close() {
        wire.close();
    }

    @Override
    public Wire wire() {
        return wire;
    }
}
