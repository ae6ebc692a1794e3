package dev.haneul.services.ssm.session;

import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.plane.WebSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The door of data channels, {@code /v1/data-channel/SESSION}: the first message shows the token, and then the session is
 * talked with.
 */
final class DataChannels implements DataPlane {
    static final String PATH = "/v1/data-channel/";
    private static final int MOST_BYTES = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Sessions sessions;

    DataChannels(Sessions sessions) {
        this.sessions = sessions;
    }

    @Override
    public boolean claims(Exchange exchange) {
        return exchange.path().startsWith(PATH) && exchange.asksForWebSocket();
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        String session = exchange.path().substring(PATH.length());
        exchange.upgrade(MOST_BYTES, socket -> open(session, socket));
    }

    private void open(String id, WebSocket socket) throws IOException, InterruptedException {
        WebSocket.Message first = socket.receive(PATIENCE);
        LiveSession session = first instanceof WebSocket.Text(String text) ? opened(id, text) : null;
        if (session == null) {
            socket.close(WebSocket.POLICY, "The token does not open this data channel.");
            return;
        }
        try {
            session.with(socket);
        } catch (IOException gone) {
            sessions.disconnected(session);
            throw gone;
        }
    }

    private @Nullable LiveSession opened(String id, String text) {
        Map<String, @Nullable Object> asked;
        try {
            asked = Payloads.object(DataStream.text(text));
        } catch (IOException e) {
            return null;
        }
        return asked.get("TokenValue") instanceof String token ? sessions.open(id, token) : null;
    }
}
