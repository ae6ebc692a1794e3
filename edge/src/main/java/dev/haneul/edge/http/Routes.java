package dev.haneul.edge.http;

import dev.haneul.edge.table.Block;
import dev.haneul.edge.table.Condition;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.Rule;
import dev.haneul.edge.table.Text;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which rule a request comes under. Pure. */
public final class Routes {
    private Routes() {}

    /**
     * The rule, and how many were looked at.
     *
     * @param tried the default rule is not counted
     */
    public record Match(Rule rule, int tried) {}

    /** The first rule, in order of priority, all of whose conditions are met; the default one where no other is. */
    public static Match match(Listener listener, RequestHead head, InetAddress client) {
        List<Rule> rules = listener.rules();
        for (int i = 0; i < rules.size() - 1; i++) {
            if (meets(rules.get(i), head, client)) {
                return new Match(rules.get(i), i + 1);
            }
        }
        return new Match(rules.getLast(), rules.size() - 1);
    }

    private static boolean meets(Rule rule, RequestHead head, InetAddress client) {
        for (Condition condition : rule.conditions()) {
            if (!meets(condition, head, client)) {
                return false;
            }
        }
        return true;
    }

    private static boolean meets(Condition condition, RequestHead head, InetAddress client) {
        return switch (condition) {
            case Condition.Host host -> any(host.values(), head.host());
            case Condition.Path path -> any(path.values(), head.path());
            case Condition.Header header ->
                head.headers().all(header.name()).stream().anyMatch(value -> any(header.values(), value));
            case Condition.Method method -> method.values().contains(head.method());
            case Condition.Query query -> query(query, head.query());
            case Condition.Source source -> {
                for (Block block : source.blocks()) {
                    if (block.contains(client)) {
                        yield true;
                    }
                }
                yield false;
            }
        };
    }

    private static boolean any(List<Text> values, String text) {
        for (Text value : values) {
            if (value.matches(text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean query(Condition.Query wanted, String query) {
        if (query.isEmpty()) {
            return false;
        }
        for (String part : query.split("&", -1)) {
            int equals = part.indexOf('=');
            String key = decoded(equals < 0 ? part : part.substring(0, equals));
            String value = equals < 0 ? "" : decoded(part.substring(equals + 1));
            for (Condition.Pair pair : wanted.pairs()) {
                Text name = pair.key();
                if ((name == null || name.matches(key)) && pair.value().matches(value)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String decoded(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /**
     * Where a redirect leads.
     *
     * @param port the listener's
     */
    public static String location(
            dev.haneul.edge.table.Action.Redirect redirect, RequestHead head, boolean secure, int port) {
        String own = secure ? "HTTPS" : "HTTP";
        String protocol = filled(redirect.protocol(), head, own, port).toLowerCase(java.util.Locale.ROOT);
        String host = filled(redirect.host(), head, own, port);
        String toPort = filled(redirect.port(), head, own, port);
        String path = filled(redirect.path(), head, own, port);
        String query = filled(redirect.query(), head, own, port);
        StringBuilder location = new StringBuilder(protocol).append("://").append(host);
        location.append(':').append(toPort);
        if (!path.startsWith("/")) {
            location.append('/');
        }
        location.append(path);
        if (!query.isEmpty()) {
            location.append('?').append(query);
        }
        return location.toString();
    }

    private static String filled(@Nullable String template, RequestHead head, String protocol, int port) {
        if (template == null || template.indexOf("#{") < 0) {
            return template == null ? "" : template;
        }
        String path = head.path();
        return template.replace("#{protocol}", protocol)
                .replace("#{host}", head.host())
                .replace("#{port}", String.valueOf(port))
                .replace("#{path}", path.startsWith("/") ? path.substring(1) : path)
                .replace("#{query}", head.query());
    }
}
