package dev.haneul.services.ssm.session;

import dev.haneul.kernel.store.StoreException;
import dev.haneul.kernel.store.json.JsonTrees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is inside messages. */
final class Payloads {
    /** The newest agent that forwards one connection of a port at a time, which is what clients take from it. */
    private static final String AGENT_VERSION = "3.0.161.0";

    private static final int MOST_SIZE = 4096;
    private static final int MOST_JSON = 64 << 10;
    private static final long SUCCESS = 1;

    private Payloads() {}

    /** The size of a terminal. */
    record Size(int rows, int columns) {}

    /** @throws IOException where it is no JSON object */
    static Map<String, @Nullable Object> object(byte[] payload) throws IOException {
        if (payload.length > MOST_JSON) {
            throw new IOException("A message is too long.");
        }
        try {
            return JsonTrees.readObject(payload);
        } catch (StoreException e) {
            throw new IOException("A message is no JSON object.", e);
        }
    }

    /** @throws IOException where it is no size of a terminal */
    static Size size(byte[] payload) throws IOException {
        Map<String, @Nullable Object> read = object(payload);
        if (read.get("rows") instanceof Long rows
                && read.get("cols") instanceof Long columns
                && rows > 0
                && columns > 0
                && rows <= MOST_SIZE
                && columns <= MOST_SIZE) {
            return new Size(rows.intValue(), columns.intValue());
        }
        throw new IOException("A terminal cannot have this size.");
    }

    /** The flag a payload holds; 0 where it holds none. */
    static int flag(byte[] payload) {
        return payload.length == Integer.BYTES ? ByteBuffer.wrap(payload).getInt() : 0;
    }

    /** Asks the client to be one of a kind of sessions. */
    static byte[] handshake(String sessionType) {
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
        parameters.put("SessionType", sessionType);
        parameters.put("Properties", Map.of());
        Map<String, Object> action = new LinkedHashMap<>();
        action.put("ActionType", "SessionType");
        action.put("ActionParameters", parameters);
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("AgentVersion", AGENT_VERSION);
        request.put("RequestedClientActions", List.of(action));
        return JsonTrees.write(request);
    }

    /** Why the client cannot be that; empty where it can. */
    static Optional<String> refusal(byte[] response) throws IOException {
        if (object(response).get("ProcessedClientActions") instanceof List<?> actions) {
            for (Object each : actions) {
                if (each instanceof Map<?, ?> action && !Long.valueOf(SUCCESS).equals(action.get("ActionStatus"))) {
                    return Optional.of(action.get("ActionType") + " failed on client with status "
                            + action.get("ActionStatus") + " error: " + action.get("Error"));
                }
            }
            return Optional.empty();
        }
        throw new IOException("A handshake response has no actions.");
    }

    static byte[] handshakeComplete(long nanos) {
        Map<String, Object> complete = new LinkedHashMap<>();
        complete.put("HandshakeTimeToComplete", nanos);
        complete.put("CustomerMessage", "");
        return JsonTrees.write(complete);
    }
}
