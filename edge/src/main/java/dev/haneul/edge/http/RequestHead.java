package dev.haneul.edge.http;

import java.util.Locale;

/**
 * A request without its body.
 *
 * @param target path and query as they came, beginning with a slash ({@code *} for OPTIONS)
 * @param authority the host it is for, with a port where one was told; empty where none
 * @param version e.g. {@code HTTP/1.1}, for logs
 */
public record RequestHead(String method, String target, String authority, String version, Headers headers) {
    /** The path, without the query. */
    public String path() {
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    /** The query without its mark; empty where none. */
    public String query() {
        int mark = target.indexOf('?');
        return mark < 0 ? "" : target.substring(mark + 1);
    }

    /** The host in lower case, without a port. */
    public String host() {
        String host = authority;
        int colon = host.lastIndexOf(':');
        if (colon >= 0 && host.indexOf(']') < colon) {
            host = host.substring(0, colon);
        }
        return host.toLowerCase(Locale.ROOT);
    }

    /** Another target and host. */
    public RequestHead with(String otherTarget, String otherAuthority) {
        return new RequestHead(method, otherTarget, otherAuthority, version, headers);
    }
}
