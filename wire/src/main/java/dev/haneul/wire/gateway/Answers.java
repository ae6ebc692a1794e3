package dev.haneul.wire.gateway;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.FileBody;
import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.WireResponse;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes responses: bytes at once, bodies through one small buffer at the client's pace, events as they come. The
 * payload is closed on every path.
 */
final class Answers {
    /** Of bodies, at once; the gateway keeps buffers of this size. */
    static final int COPY_BYTES = 256 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final InstantSource clock;
    private volatile Dated dated = new Dated(Long.MIN_VALUE, "");

    private record Dated(long second, String text) {}

    /** @param clock tells the {@code Date}, by which clients correct their own clocks before they sign */
    Answers(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Writes a response to its end.
     *
     * @param server the {@code Server} header, null for none
     * @throws IOException where the client is gone or the payload breaks off
     */
    void write(HttpExchange exchange, WireResponse answer, @Nullable String server)
            throws IOException, InterruptedException {
        try (AutoPayload payload = new AutoPayload(answer.payload())) {
            exchange.status(answer.status());
            Headers headers = answer.headers();
            boolean lengthGiven = false;
            for (int line = 0; line < headers.size(); line++) {
                exchange.responseHeader(headers.nameAt(line), headers.valueAt(line));
                lengthGiven |= headers.lowerNameAt(line).equals("content-length");
            }
            stamp(exchange, server);
            long length = length(payload.of);
            boolean bodiless = answer.status() == 204 || answer.status() == 304;
            if (!lengthGiven && length >= 0 && !bodiless) {
                exchange.responseHeader("Content-Length", Long.toString(length));
            }
            if (exchange.method().equals("HEAD") || bodiless) {
                exchange.write(true, NOTHING.duplicate());
            } else {
                writePayload(exchange, payload.of);
            }
        }
    }

    /** The headers that every answer has. */
    void stamp(HttpExchange exchange, @Nullable String server) {
        Instant now = clock.instant();
        Dated last = dated;
        if (last.second != now.getEpochSecond()) {
            last = new Dated(now.getEpochSecond(), HTTP_DATE.format(now));
            dated = last;
        }
        exchange.responseHeader("Date", last.text);
        if (server != null) {
            exchange.responseHeader("Server", server);
        }
    }

    private static long length(WireResponse.Payload payload) {
        return switch (payload) {
            case WireResponse.Bytes bytes -> bytes.content().length;
            case WireResponse.Streamed streamed -> streamed.body().length();
            case WireResponse.Events events -> -1;
        };
    }

    private static void writePayload(HttpExchange exchange, WireResponse.Payload payload)
            throws IOException, InterruptedException {
        switch (payload) {
            case WireResponse.Bytes bytes -> exchange.write(true, ByteBuffer.wrap(bytes.content()));
            case WireResponse.Streamed streamed -> {
                if (streamed.body() instanceof FileBody file) {
                    copyFile(exchange, file);
                } else {
                    copyStream(exchange, streamed.body());
                }
            }
            case WireResponse.Events events -> {
                try (OutputStream out = new BufferedOutputStream(exchange.responseStream(), COPY_BYTES)) {
                    // The client learns at once that the stream stands, even where the first event takes a while.
                    out.flush();
                    while (events.writer().writeNext(out)) {
                        out.flush();
                    }
                }
            }
        }
    }

    /** From the page cache through one native buffer to the socket; nothing passes through the heap. */
    private static void copyFile(HttpExchange exchange, FileBody body) throws IOException {
        FileChannel file = body.file();
        long left = body.length();
        long position = body.offset();
        int size = (int) Math.clamp(left, 1, COPY_BYTES);
        RetainableByteBuffer pooled = exchange.buffers().acquire(size, true);
        try {
            ByteBuffer buffer = pooled.getByteBuffer();
            do {
                buffer.clear().limit((int) Math.min(left, buffer.capacity()));
                while (buffer.hasRemaining()) {
                    int read = file.read(buffer, position);
                    if (read < 0) {
                        throw new EOFException("the file is " + left + " bytes shorter than it was");
                    }
                    position += read;
                    left -= read;
                }
                exchange.write(left == 0, buffer.flip());
            } while (left > 0);
        } finally {
            pooled.release();
        }
    }

    private static void copyStream(HttpExchange exchange, Body body) throws IOException {
        InputStream in = body.stream();
        long left = body.length();
        int size = (int) (left < 0 ? COPY_BYTES : Math.clamp(left, 1, COPY_BYTES));
        RetainableByteBuffer pooled = exchange.buffers().acquire(size, false);
        try {
            ByteBuffer buffer = pooled.getByteBuffer();
            while (left != 0) {
                int most = (int) (left < 0 ? size : Math.min(left, size));
                int read = in.read(buffer.array(), buffer.arrayOffset(), most);
                if (read < 0) {
                    break;
                }
                left = left < 0 ? left : left - read;
                exchange.write(left == 0, buffer.clear().limit(read));
            }
        } finally {
            pooled.release();
        }
        if (left > 0) {
            throw new EOFException("the body is " + left + " bytes shorter than it said");
        }
        if (left < 0 || body.length() == 0) {
            exchange.write(true, NOTHING.duplicate());
        }
    }

    /** A payload that is closed, whatever happens to it. */
    private record AutoPayload(WireResponse.Payload of) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            switch (of) {
                case WireResponse.Bytes bytes -> {}
                case WireResponse.Streamed streamed -> streamed.body().close();
                case WireResponse.Events events -> events.writer().close();
            }
        }
    }
}
