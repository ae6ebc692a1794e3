package dev.haneul.api.runtime;

import java.time.Instant;
import java.util.Map;

/**
 * The context of one call of one operation.
 *
 * @param principal who calls
 * @param account the account the call acts in: the caller's own, or the resource owner's for calls between services
 * @param region e.g. {@code us-east-1}
 * @param requestId as answered in {@code x-amzn-RequestId}
 * @param deadline when the caller stops waiting
 * @param origin how it came in
 */
public record Call(
        Principal principal, String account, String region, String requestId, Instant deadline, Origin origin) {

    /**
     * How a call came in.
     *
     * @param sourceIp the client's address, or the calling service's host
     * @param userAgent empty where none
     * @param secure whether over TLS
     * @param endpoint scheme, host and port the client used, e.g. {@code http://localhost:4566}; empty inside
     * @param headers request headers by lower-case name; empty inside
     */
    public record Origin(
            String sourceIp, String userAgent, boolean secure, String endpoint, Map<String, String> headers) {
        public Origin {
            headers = Map.copyOf(headers);
        }

        /**
         * Where another host of this machine's answers whoever called: by the scheme and at the port that were used. For
         * calls from outside.
         */
        public String at(String host) {
            int slashes = endpoint.indexOf("://");
            int colon = endpoint.lastIndexOf(':');
            boolean port = colon > slashes && endpoint.substring(colon + 1).matches("[0-9]{1,5}");
            String scheme = slashes < 0 ? "http" : endpoint.substring(0, slashes);
            return scheme + "://" + host + (port ? endpoint.substring(colon) : "");
        }

        /** A call made by a service inside the region. */
        public static Origin inside(String serviceHost) {
            return new Origin(serviceHost, serviceHost, true, "", Map.of());
        }
    }

    /** The same call made by another principal, as services do for neighbours. */
    public Call as(Principal other) {
        return new Call(other, account, region, requestId, deadline, origin);
    }

    /** The same call, in another account and region. */
    public Call in(String otherAccount, String otherRegion) {
        return new Call(principal, otherAccount, otherRegion, requestId, deadline, origin);
    }
}
