package dev.haneul.wire.gateway;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.wire.protocols.Gzip;
import dev.haneul.wire.protocols.QueryString;
import dev.haneul.wire.protocols.WireLimits;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A request's body before it is known whose it is: streamed, unless somebody must see it whole first (the router, a
 * form's action; the signature, its hash). Used by one thread.
 */
final class Incoming implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Incoming.class.getName());
    private static final int STEP_BYTES = 64 << 10;
    private final HttpExchange exchange;
    private final BufferBudget.Share memory;
    private final InputStream raw;
    private byte @Nullable [] whole;

    Incoming(HttpExchange exchange, BufferBudget budget) {
        this.exchange = exchange;
        this.memory = budget.share();
        this.raw = new RawStream(exchange.body());
    }

    /** The bytes, from the beginning where they were not handed out as a stream before. */
    InputStream stream() {
        return whole == null ? raw : new ByteArrayInputStream(whole);
    }

    /** How many they are, -1 where the client does not say. */
    long length() {
        return whole == null ? exchange.announcedLength() : whole.length;
    }

    /**
     * All of it.
     *
     * @throws Fault 413 where it is larger than the limit, 503 where there is no memory for it
     */
    byte[] whole(int limitBytes) throws IOException {
        byte[] bytes = whole;
        if (bytes == null) {
            bytes = exchange.announcedLength() == 0 ? new byte[0] : readAll(limitBytes);
            whole = bytes;
        }
        return bytes;
    }

    /** The parameters of a form, none where the body is no form. */
    QueryString form() throws IOException {
        String type = exchange.header("content-type");
        if (type == null || !type.regionMatches(true, 0, "application/x-www-form-urlencoded", 0, 33)) {
            return QueryString.EMPTY;
        }
        byte[] bytes = whole(WireLimits.MAX_BODY_BYTES);
        if (Gzip.named(exchange.header("content-encoding"))) {
            memory.cover(bytes.length + Gzip.atMost(bytes.length, WireLimits.MAX_BODY_BYTES));
            bytes = Gzip.unpack(new ByteArrayInputStream(bytes), WireLimits.MAX_BODY_BYTES);
        }
        return QueryString.parse(new String(bytes, StandardCharsets.UTF_8));
    }

    /**
     * Pays for what a compressed body may become, before its codec unpacks it.
     *
     * @throws Fault 503 where there is no memory for it
     */
    void coverUnpacked(OperationShape operation) {
        if (operation.is(OperationShape.Trait.REQUEST_COMPRESSION) && Gzip.named(exchange.header("content-encoding"))) {
            int limitBytes = WireLimits.maxBodyBytes(operation.service());
            memory.cover(Math.max(0, length()) + Gzip.atMost(length(), limitBytes));
        }
    }

    private byte[] readAll(int limitBytes) throws IOException {
        long announced = exchange.announcedLength();
        if (announced > limitBytes) {
            throw tooLarge(limitBytes);
        }
        memory.cover(Math.max(announced, STEP_BYTES));
        ByteArrayOutputStream out = new ByteArrayOutputStream((int) Math.max(announced, 1024));
        byte[] step = new byte[(int) Math.clamp(announced, 1024, STEP_BYTES)];
        for (int read = raw.read(step, 0, step.length); read >= 0; read = raw.read(step, 0, step.length)) {
            if (out.size() + read > limitBytes) {
                throw tooLarge(limitBytes);
            }
            memory.cover((long) out.size() + read);
            out.write(step, 0, read);
        }
        return out.toByteArray();
    }

    private static Fault tooLarge(int limitBytes) {
        return Fault.client(
                "RequestEntityTooLargeException", 413, "Request must be smaller than " + limitBytes + " bytes.");
    }

    /**
     * Lets a refused client that asked for {@code 100 Continue} send its body all the same, or the rest of it, where that
     * is short: Java's own HTTP client cannot read what a refusal says that comes in the go-ahead's place, and takes a
     * connection for alive that ends over an unread body.
     */
    void hearOut(int mostBytes) {
        if (whole != null || !exchange.asksToContinue() || exchange.announcedLength() > mostBytes) {
            return;
        }
        try {
            byte[] scrap = new byte[STEP_BYTES];
            long left = mostBytes;
            int read = 0;
            while (read >= 0 && left > 0) {
                read = raw.read(scrap, 0, scrap.length);
                left -= read;
            }
        } catch (IOException | Fault gone) {
            LOG.log(Level.DEBUG, () -> exchange.requestId() + " sent no body: " + gone);
        }
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        memory.close();
    }
}
