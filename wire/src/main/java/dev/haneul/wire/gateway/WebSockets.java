package dev.haneul.wire.gateway;

import dev.haneul.kernel.plane.WebSocket;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.server.Handshaker;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.eclipse.jetty.websocket.core.server.WebSocketServerComponents;

/** The front door's WebSockets: opens them where planes say so, bounds them, closes them when the door closes. */
final class WebSockets {
    private static final Logger LOG = System.getLogger(WebSockets.class.getName());
    private static final int MOST = 1000;
    private static final int UNAVAILABLE = 503;
    private static final int BAD_REQUEST = 400;
    /** Who talks decides how long a silence may be; this is for clients that vanished without a word. */
    private static final Duration IDLE = Duration.ofMinutes(30);

    private final Handshaker handshaker = Handshaker.newInstance();
    private final Set<WebSocket> open = ConcurrentHashMap.newKeySet();
    private final Server server;

    WebSockets(Server server) {
        this.server = server;
    }

    boolean asked(Request request) {
        return handshaker.isWebSocketUpgradeRequest(request);
    }

    /** Answers; the callback is seen to. */
    void upgrade(Request request, Response response, Callback callback, int mostBytes, WebSocket.Talk talk)
            throws IOException {
        if (!asked(request)) {
            Response.writeError(request, response, callback, BAD_REQUEST);
            return;
        }
        if (open.size() >= MOST) {
            Response.writeError(request, response, callback, UNAVAILABLE);
            return;
        }
        JettyWebSocket socket = new JettyWebSocket(mostBytes, each -> begin(each, talk));
        boolean answered = handshaker.upgradeRequest(
                new Accepting(socket, mostBytes),
                request,
                response,
                callback,
                WebSocketServerComponents.ensureWebSocketComponents(server),
                null);
        if (!answered) {
            Response.writeError(request, response, callback, BAD_REQUEST);
        }
    }

    private void begin(JettyWebSocket socket, WebSocket.Talk talk) {
        open.add(socket);
        Thread.ofVirtual().name("websocket").start(() -> {
            try {
                talk.over(socket);
                socket.close(WebSocket.NORMAL, "");
            } catch (IOException gone) {
                LOG.log(Level.DEBUG, () -> "a WebSocket ended: " + gone);
                socket.close(WebSocket.NORMAL, "");
            } catch (InterruptedException stopping) {
                socket.close(WebSocket.GOING_AWAY, "");
            } catch (RuntimeException bug) {
                LOG.log(Level.ERROR, "a WebSocket's talk failed", bug);
                socket.close(WebSocket.BROKEN, "");
            } finally {
                open.remove(socket);
            }
        });
    }

    /** Tells everybody that the server goes. */
    void close() {
        open.forEach(socket -> socket.close(WebSocket.GOING_AWAY, "The region stops."));
    }

    private static final class Accepting extends WebSocketNegotiator.AbstractNegotiator {
        private final FrameHandler handler;
        private final int mostBytes;

        Accepting(FrameHandler handler, int mostBytes) {
            this.handler = handler;
            this.mostBytes = mostBytes;
        }

        @Override
        public FrameHandler negotiate(ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
            return handler;
        }

        @Override
        public void customize(Configuration configuration) {
            configuration.setIdleTimeout(IDLE);
            configuration.setMaxFrameSize(mostBytes);
            configuration.setMaxBinaryMessageSize(mostBytes);
            configuration.setMaxTextMessageSize(mostBytes);
        }
    }
}
