package dev.haneul.wire.gateway;

import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.WireResponse;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Cross-origin requests of browsers to the services' endpoints: any page may call, for it is the signature that opens
 * them, as at AWS. Where the keys are known to everyone ({@link GatewaySettings.Origins#LOCAL}) they protect nothing,
 * so only pages of this machine are let in; browsers keep all others out.
 *
 * <p>Not the object store's, whose CORS each bucket's owner decides, nor the data planes'.
 *
 * @see <a href="https://fetch.spec.whatwg.org/#http-cors-protocol">Fetch, CORS protocol</a>
 */
final class Cors {
    private static final String EXPOSED = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,x-amzn-query-error,"
            + "x-amz-function-error,x-amz-log-result,x-amz-executed-version,Retry-After,Date";
    private static final String METHODS = "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS";
    private static final String MAX_AGE_SECONDS = "172800";
    private static final int LONGEST_HEADER_LIST = 8192;

    private final GatewaySettings.Origins origins;

    Cors(GatewaySettings.Origins origins) {
        this.origins = origins;
    }

    /** The method a browser asks leave for; null where the request is no preflight. */
    static @Nullable String asked(HttpExchange exchange) {
        boolean options = exchange.method().equals("OPTIONS") && exchange.header("origin") != null;
        return options ? exchange.header("access-control-request-method") : null;
    }

    /** The answer to a preflight of an endpoint. */
    WireResponse preflight(HttpExchange exchange) {
        Headers headers = new Headers().add("x-amzn-RequestId", exchange.requestId());
        if (welcome(exchange)) {
            headers.add("Access-Control-Allow-Methods", METHODS);
            String asked = exchange.header("access-control-request-headers");
            if (asked != null && asked.length() <= LONGEST_HEADER_LIST) {
                headers.add("Access-Control-Allow-Headers", asked);
            }
            headers.add("Access-Control-Max-Age", MAX_AGE_SECONDS);
            headers.add("Vary", "Origin,Access-Control-Request-Headers");
        }
        return new WireResponse(200, headers, WireResponse.Bytes.NONE);
    }

    /** Opens an endpoint's answer to the page that asked. */
    void open(HttpExchange exchange) {
        if (exchange.header("origin") != null && welcome(exchange)) {
            exchange.responseHeader("Access-Control-Allow-Origin", "*");
            exchange.responseHeader("Access-Control-Expose-Headers", EXPOSED);
        }
    }

    private boolean welcome(HttpExchange exchange) {
        return origins == GatewaySettings.Origins.ANY || local(exchange.header("origin"));
    }

    /** Whether a page comes from this machine; {@code null}, which any page can make itself, does not. */
    private static boolean local(@Nullable String origin) {
        try {
            String host = origin == null ? null : URI.create(origin).getHost();
            return host != null
                    && (host.equals("localhost")
                            || host.endsWith(".localhost")
                            || host.equals("[::1]")
                            || host.matches("127(\\.\\d{1,3}){3}"));
        } catch (IllegalArgumentException noOrigin) {
            return false;
        }
    }
}
