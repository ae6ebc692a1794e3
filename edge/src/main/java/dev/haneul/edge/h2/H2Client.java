package dev.haneul.edge.h2;

import dev.haneul.edge.http.Content;
import dev.haneul.edge.http.Headers;
import dev.haneul.edge.http.RequestHead;
import dev.haneul.edge.stream.Wire;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MetaData;

/** A connection to a target that speaks HTTP/2, for many requests at once. */
public final class H2Client extends H2Connection {
    private static final int COPY_BYTES = 32 * 1024;

    private final AtomicInteger active = new AtomicInteger();
    private final boolean secure;
    private int next = 1;

    /** Greets the target and begins to read. */
    public H2Client(Wire wire) throws IOException {
        super(wire);
        secure = !(wire instanceof dev.haneul.edge.stream.PlainWire);
        boolean done = false;
        try {
            wire.write(PREFACE, 0, PREFACE.length);
            greet();
            done = true;
        } finally {
            if (!done) {
                wire.close();
            }
        }
        Thread.ofVirtual().start(this::read);
    }

    /** Whether one more request fits. */
    public boolean usable() {
        return !closed && !ending && next < Integer.MAX_VALUE - 2 && active.get() < Math.min(peerStreams, MOST_STREAMS);
    }

    /** Takes no more requests; ends with the last. */
    public void drain() {
        ending = true;
        if (active.get() == 0) {
            wire.close();
        }
    }

    /** Begins a request. */
    public Exchange begin() {
        active.incrementAndGet();
        return new Exchange();
    }

    @Override
    void onHead(int id, MetaData meta, boolean end) throws IOException {
        H2Stream stream = streams.get(id);
        if (stream == null) {
            return;
        }
        if (stream.hasHead()) {
            stream.trailers(H2Fields.headers(meta.getHttpFields()));
            return;
        }
        if (!(meta instanceof MetaData.Response response)) {
            resetStream(id, H2Error.PROTOCOL);
            return;
        }
        if (response.getStatus() >= 200) {
            long told = meta.getHttpFields().getLongField(HttpHeader.CONTENT_LENGTH);
            stream.head(meta, end, told);
        }
    }

    @Override
    void onEnd() {
        ending = true;
    }

    /** One request on this connection. */
    public final class Exchange {
        private volatile H2Stream stream = new H2Stream(H2Client.this, 0, 0);
        private boolean over;

        /** Sends the head; ends the request where there is no body. */
        public void send(RequestHead head, Content body) throws IOException {
            boolean nothing = body.length() == 0 && body.ended();
            Headers headers = head.headers().copy();
            headers.remove("host");
            headers.remove("connection");
            headers.remove("upgrade");
            if (body.length() >= 0 && !nothing) {
                headers.set("content-length", String.valueOf(body.length()));
            }
            long nanos = stream.waitNanos();
            synchronized (H2Client.this) {
                if (!usableNow()) {
                    throw new IOException("the connection is about to end");
                }
                H2Stream made = H2Client.this.stream(next);
                next += 2;
                made.within(nanos);
                stream = made;
                // Streams must begin in the order of their numbers.
                sendHead(
                        made,
                        nothing,
                        headers,
                        ":method",
                        head.method(),
                        ":scheme",
                        secure ? "https" : "http",
                        ":authority",
                        head.authority(),
                        ":path",
                        head.target());
            }
        }

        private boolean usableNow() {
            return !closed && !ending;
        }

        /** Sends the body. */
        public void pump(Content body) throws IOException {
            byte[] buffer = new byte[COPY_BYTES];
            int count;
            while ((count = body.read(buffer, 0, buffer.length)) >= 0) {
                sendData(stream, buffer, 0, count, false);
            }
            Headers trailers = body.trailers();
            if (trailers != null) {
                sendHead(stream, true, trailers);
            } else {
                sendData(stream, new byte[0], 0, 0, true);
            }
        }

        /** Waits for the head of the answer. */
        public MetaData.Response head() throws IOException {
            return (MetaData.Response) stream.head();
        }

        /** The answer's headers. */
        public Headers headers(MetaData.Response head) throws IOException {
            Headers headers = H2Fields.headers(head.getHttpFields());
            headers.remove("content-length");
            return headers;
        }

        /** The answer's body. */
        public Content content() {
            return stream.content();
        }

        /** How long the target may be silent. */
        public void within(long nanos) {
            stream.within(nanos);
        }

        /** Ends the exchange; one that is not whole is reset. */
        public void close() {
            synchronized (this) {
                if (over) {
                    return;
                }
                over = true;
            }
            try {
                if (stream.id != 0 && streams.containsKey(stream.id)) {
                    resetStream(stream.id, H2Error.CANCEL);
                }
            } catch (IOException e) {
                wire.close();
            } finally {
                if (active.decrementAndGet() == 0 && ending) {
                    wire.close();
                }
            }
        }
    }
}
