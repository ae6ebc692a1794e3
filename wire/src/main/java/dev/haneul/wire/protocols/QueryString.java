package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A URL's query: parameters in order, raw and decoded. Immutable. */
public final class QueryString {
    public static final QueryString EMPTY = new QueryString("", List.of());

    private final String raw;
    private final List<Parameter> parameters;

    private QueryString(String raw, List<Parameter> parameters) {
        this.raw = raw;
        this.parameters = parameters;
    }

    /**
     * One parameter.
     *
     * @param rawName as sent
     * @param rawValue as sent; null where there was no {@code =}
     * @param name decoded
     * @param value decoded; empty where there was no {@code =}
     */
    public record Parameter(String rawName, @Nullable String rawValue, String name, String value) {}

    /**
     * Parses a raw query, without its question mark. {@code +} is a space, as in forms.
     *
     * @throws Fault 400 InvalidURI where an escape is malformed or there are too many parameters
     */
    public static QueryString parse(@Nullable String raw) {
        if (raw == null || raw.isEmpty()) {
            return EMPTY;
        }
        List<Parameter> found = new ArrayList<>();
        int from = 0;
        while (from <= raw.length()) {
            int amp = raw.indexOf('&', from);
            int to = amp < 0 ? raw.length() : amp;
            if (to > from) {
                if (found.size() == WireLimits.MAX_PARAMETERS) {
                    throw Fault.client("InvalidURI", 400, "The URI has too many query parameters.");
                }
                found.add(parameter(raw, from, to));
            }
            from = to + 1;
        }
        return new QueryString(raw, List.copyOf(found));
    }

    private static Parameter parameter(String raw, int from, int to) {
        int equals = raw.indexOf('=', from);
        if (equals < 0 || equals >= to) {
            String name = raw.substring(from, to);
            return new Parameter(name, null, Percent.decodeForm(name), "");
        }
        String name = raw.substring(from, equals);
        String value = raw.substring(equals + 1, to);
        return new Parameter(name, value, Percent.decodeForm(name), Percent.decodeForm(value));
    }

    /** As it was sent, without the question mark. */
    public String raw() {
        return raw;
    }

    public List<Parameter> parameters() {
        return parameters;
    }

    public boolean has(String name) {
        return first(name) != null;
    }

    /** The first decoded value of a name (empty where it has none), null where the name does not occur. */
    public @Nullable String first(String name) {
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            if (parameter.name().equals(name)) {
                return parameter.value();
            }
        }
        return null;
    }

    /** Every decoded value of a name, in order. */
    public List<String> all(String name) {
        List<String> found = new ArrayList<>(2);
        for (Parameter parameter : parameters) {
            if (parameter.name().equals(name)) {
                found.add(parameter.value());
            }
        }
        return found;
    }

    @Override
    public String toString() {
        return raw;
    }
}
