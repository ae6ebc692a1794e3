package dev.haneul.edge.http;

import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.RoutingTable.ForwardedFor;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The headers that targets see: what belongs to the client's connection is left out, what is known of it is added. */
final class Forwarded {
    private static final int MOST_ADDRESSES = 30;
    private static final Set<String> HOPS = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "transfer-encoding",
            "upgrade",
            "expect",
            "content-length",
            "http2-settings");

    private Forwarded() {}

    /**
     * A copy of a request's headers as targets see them.
     *
     * @param trace the trace id's header
     * @param upgrade whether the client's wish for another protocol is passed on
     * @param verified whether the client's certificate was looked at
     * @throws Refused 463 where more addresses are listed than AWS takes
     */
    static Headers request(
            RequestHead head,
            Client client,
            RoutingTable.Settings settings,
            String trace,
            boolean upgrade,
            boolean verified)
            throws IOException {
        Headers headers = end(head.headers(), upgrade, true);
        if (settings.dropInvalidHeaders()) {
            headers.removeIf((name, value) -> !ordinary(name));
        }
        List<String> before = headers.all("x-forwarded-for");
        String addresses = String.join(", ", before);
        if (addresses.split(",", -1).length > MOST_ADDRESSES) {
            throw new Refused(463, "more than " + MOST_ADDRESSES + " addresses in X-Forwarded-For");
        }
        if (settings.forwardedFor() != ForwardedFor.PRESERVE) {
            headers.remove("x-forwarded-for");
        }
        if (settings.forwardedFor() == ForwardedFor.APPEND) {
            String own = client.ip();
            if (settings.clientPort()) {
                own = (own.indexOf(':') < 0 ? own : "[" + own + "]") + ":"
                        + client.address().getPort();
            }
            headers.add("X-Forwarded-For", addresses.isEmpty() ? own : addresses + ", " + own);
        }
        headers.set("X-Forwarded-Proto", client.secure() ? "https" : "http");
        headers.set("X-Forwarded-Port", String.valueOf(client.port()));
        headers.set("X-Amzn-Trace-Id", trace);
        Client.Secured tls = client.tls();
        if (settings.tlsHeaders() && tls != null) {
            headers.set("x-amzn-tls-version", tls.version());
            headers.set("x-amzn-tls-cipher-suite", tls.cipher());
        }
        if (tls != null) {
            MutualHeaders.add(headers, tls.chain(), verified);
        }
        return headers;
    }

    /** A copy of an answer's headers as clients see them. */
    static Headers answer(Headers from) {
        return end(from, false, false);
    }

    /** A copy without what belongs to one connection only; a body's length is told anew by whoever sends it. */
    private static Headers end(Headers from, boolean upgrade, boolean request) {
        Set<String> named = Set.of();
        for (String value : from.all("connection")) {
            if (named.isEmpty()) {
                named = new HashSet<>();
            }
            for (String part : value.split(",", -1)) {
                named.add(part.trim().toLowerCase(Locale.ROOT));
            }
        }
        Headers kept = new Headers();
        for (int i = 0; i < from.size(); i++) {
            String name = from.name(i);
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.equals("te")) {
                if (from.value(i).toLowerCase(Locale.ROOT).contains("trailers")) {
                    kept.add("te", "trailers");
                }
                continue;
            }
            if (upgrade && lower.equals("upgrade") || request && lower.equals("host")) {
                kept.add(name, from.value(i));
                continue;
            }
            if (!HOPS.contains(lower) && !named.contains(lower)) {
                kept.add(name, from.value(i));
            }
        }
        return kept;
    }

    static boolean ordinary(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean good = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-';
            if (!good) {
                return false;
            }
        }
        return true;
    }

    /** The trace id's header: the client's, or one that begins here. */
    static String trace(@Nullable String given, long epochSeconds, RandomGenerator random) {
        char[] id = new char[35];
        id[0] = '1';
        id[1] = '-';
        id[10] = '-';
        hex(id, 2, 8, epochSeconds);
        hex(id, 11, 8, random.nextLong());
        hex(id, 19, 16, random.nextLong());
        String own = new String(id);
        if (given == null || given.isBlank()) {
            return "Root=" + own;
        }
        List<String> parts = Arrays.stream(given.split(";", -1))
                .map(String::trim)
                .filter(part -> !part.isEmpty() && !part.startsWith("Self="))
                .toList();
        boolean rooted = parts.stream().anyMatch(part -> part.startsWith("Root="));
        String rest = String.join(";", parts);
        return rooted ? "Self=" + own + ";" + rest : "Root=" + own + (rest.isEmpty() ? "" : ";" + rest);
    }

    private static void hex(char[] into, int offset, int digits, long value) {
        for (int i = digits - 1; i >= 0; i--) {
            into[offset + i] = Character.forDigit((int) (value & 0xf), 16);
            value >>>= 4;
        }
    }
}
