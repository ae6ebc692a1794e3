package dev.haneul.wire.gateway;

import dev.haneul.kernel.plane.DataPlane;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Takes each request on a virtual thread of its own and sees it to its end: to a data plane, or to an operation. */
final class FrontHandler extends Handler.Abstract {
    private static final Logger LOG = System.getLogger(FrontHandler.class.getName());

    /** How much of a body nobody wanted is read after the answer, so that the client gets to see the answer. */
    static final int LEFTOVER_BYTES = 4 << 20;

    private final List<DataPlane> planes;
    private final OperationPath operations;
    private final WebSockets sockets;
    private final Executor threads;
    private final Semaphore turns;
    private final long waitMillis;

    /** @param threads virtual ones, one for each request */
    FrontHandler(
            List<DataPlane> planes,
            OperationPath operations,
            WebSockets sockets,
            Executor threads,
            GatewaySettings.Limits limits) {
        this.planes = planes;
        this.operations = operations;
        this.sockets = sockets;
        this.threads = threads;
        this.turns = new Semaphore(limits.requests());
        this.waitMillis = limits.waitMillis();
    }

    /**
     * Jetty hands over a connection's first request on one of its own few threads, for that is where it was found out what
     * the connection speaks. A handful of clients that wait (a poll, an invocation) would keep out everybody else.
     */
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (Thread.currentThread().isVirtual()) {
            see(request, response, callback);
        } else {
            threads.execute(() -> {
                try {
                    see(request, response, callback);
                } catch (RuntimeException | Error broken) {
                    callback.failed(broken);
                    throw broken;
                }
            });
        }
        return true;
    }

    /** To its end. */
    private void see(Request request, Response response, Callback callback) {
        HttpExchange exchange = new HttpExchange(request, response, new HttpExchange.Upgrade(sockets, callback));
        // While an operation works it is not the client who is silent; reads and writes still time out.
        request.addIdleTimeoutListener(timeout -> false);
        try {
            serve(exchange);
            LOG.log(
                    Level.DEBUG,
                    () -> exchange.requestId() + " " + exchange.method() + " " + exchange.host() + exchange.path() + " "
                            + response.getStatus());
            if (exchange.upgraded()) {
                return;
            }
            readLeftover(exchange);
            callback.succeeded();
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, () -> exchange.requestId() + " broke off: " + gone);
            callback.failed(gone);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            callback.failed(stopping);
        } catch (RuntimeException bug) {
            LOG.log(Level.ERROR, "request " + exchange.requestId() + " failed", bug);
            callback.failed(bug);
        }
    }

    private void serve(HttpExchange exchange) throws IOException, InterruptedException {
        DataPlane plane = plane(exchange);
        if (plane != null) {
            // Planes hold their clients as long as they like (long polls), so they take no turn of the operations'.
            plane.serve(exchange);
            return;
        }
        if (!turns.tryAcquire() && !turns.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
            operations.refuse(exchange, BufferBudget.busy());
            return;
        }
        try {
            operations.serve(exchange);
        } finally {
            turns.release();
        }
    }

    private @Nullable DataPlane plane(HttpExchange exchange) {
        for (DataPlane plane : planes) {
            if (plane.claims(exchange)) {
                return plane;
            }
        }
        return null;
    }

    /**
     * A connection that is closed over unread bytes is reset, and the client may lose the answer with it. A client that
     * waits for a go-ahead has sent nothing.
     */
    private static void readLeftover(HttpExchange exchange) {
        if (exchange.announcedLength() == 0 || exchange.expectsContinue()) {
            return;
        }
        try {
            Leftover.read(exchange.body(), LEFTOVER_BYTES);
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, () -> exchange.requestId() + " ended early: " + gone);
        }
    }
}
