package dev.haneul.services.lambda.run;

import dev.haneul.delivery.Json;
import java.math.BigInteger;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an extension wants to be told by the Telemetry API or the older Logs API, and where.
 *
 * @param logs whether by the Logs API, whose platform events are others
 * @param schemaVersion of the events
 * @param maxItems a batch is sent when it has so many events,
 * @param maxBytes or so many bytes,
 * @param timeoutMillis or its first event has waited so long
 * @param port within the environment
 * @param path of an HTTP destination; null for a TCP one
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html">Lambda Telemetry API
 *     reference</a>
 */
record Subscription(
        boolean logs,
        String schemaVersion,
        Set<Telemetry.Kind> types,
        int maxItems,
        int maxBytes,
        int timeoutMillis,
        int port,
        @Nullable String path) {
    private static final Set<String> TELEMETRY_SCHEMAS = Set.of("2022-07-01", "2022-12-13", "2025-01-29");
    private static final Set<String> LOGS_SCHEMAS = Set.of("2020-08-15", "2021-03-18");
    private static final Set<String> HOSTS = Set.of("sandbox.localdomain", "sandbox");

    /** The request is not one; its message says why. */
    static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidException(String message) {
            super(message);
        }
    }

    /** Reads the body of a request. */
    static Subscription parse(String body, boolean logs) throws InvalidException {
        Map<String, @Nullable Object> root =
                Json.object(body).orElseThrow(() -> new InvalidException("the body is not a JSON object"));
        Object version = root.get("schemaVersion");
        if (version == null && logs) {
            version = "2020-08-15";
        }
        if (!(logs ? LOGS_SCHEMAS : TELEMETRY_SCHEMAS).contains(String.valueOf(version))) {
            throw new InvalidException("schemaVersion: " + version + " is not supported");
        }
        Map<?, ?> buffering = root.get("buffering") instanceof Map<?, ?> map ? map : Map.of();
        if (!(root.get("destination") instanceof Map<?, ?> destination)) {
            throw new InvalidException("destination is required");
        }
        String protocol = String.valueOf(destination.get("protocol")).toUpperCase(Locale.ROOT);
        URI uri = protocol.equals("HTTP") ? uri(destination.get("URI")) : null;
        if (uri == null && !protocol.equals("TCP")) {
            throw new InvalidException("destination.protocol: must be HTTP or TCP");
        }
        return new Subscription(
                logs,
                String.valueOf(version),
                types(root.get("types")),
                number(buffering.get("maxItems"), "buffering.maxItems", 1_000, 10_000, 10_000),
                number(buffering.get("maxBytes"), "buffering.maxBytes", 262_144, 1_048_576, 262_144),
                number(buffering.get("timeoutMs"), "buffering.timeoutMs", 25, 30_000, 1_000),
                uri == null
                        ? number(destination.get("port"), "destination.port", 1, 65_535, 0)
                        : uri.getPort() < 0 ? 80 : uri.getPort(),
                uri == null ? null : path(uri));
    }

    private static String path(URI uri) {
        String path = uri.getRawPath();
        String query = uri.getRawQuery();
        return (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
    }

    private static URI uri(@Nullable Object text) throws InvalidException {
        try {
            URI uri = URI.create(String.valueOf(text));
            if ("http".equalsIgnoreCase(uri.getScheme()) && HOSTS.contains(String.valueOf(uri.getHost()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidException("destination.URI: " + text + " is not a URI");
        }
        throw new InvalidException("destination.URI: must be http://sandbox.localdomain:${port}/${path}");
    }

    private static Set<Telemetry.Kind> types(@Nullable Object wanted) throws InvalidException {
        Set<Telemetry.Kind> types = EnumSet.noneOf(Telemetry.Kind.class);
        for (Object type : wanted instanceof List<?> list ? list : List.of()) {
            switch (String.valueOf(type)) {
                case "platform" -> types.add(Telemetry.Kind.PLATFORM);
                case "function" -> types.add(Telemetry.Kind.FUNCTION);
                case "extension" -> types.add(Telemetry.Kind.EXTENSION);
                default ->
                    throw new InvalidException("types: " + type + " is not one of platform, function, extension");
            }
        }
        if (types.isEmpty()) {
            throw new InvalidException("types: at least one is required");
        }
        return types;
    }

    private static int number(@Nullable Object value, String name, int least, int most, int otherwise)
            throws InvalidException {
        if (value == null && otherwise >= least) {
            return otherwise;
        }
        if (value instanceof BigInteger number
                && number.bitLength() < 32
                && number.intValue() >= least
                && number.intValue() <= most) {
            return number.intValue();
        }
        throw new InvalidException(name + ": must be a number from " + least + " to " + most);
    }
}
