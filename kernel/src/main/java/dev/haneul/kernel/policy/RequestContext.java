package dev.haneul.kernel.policy;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What conditions and policy variables may ask of a request. Keys have no case; values may be several. */
public final class RequestContext {
    /** Knows nothing. */
    public static final RequestContext EMPTY = new RequestContext(Map.of());

    private final Map<String, List<String>> values;

    private RequestContext(Map<String, List<String>> values) {
        this.values = values;
    }

    /** The values of a key given in lower case; null where the request has no such key. */
    public @Nullable List<String> get(String lowerKey) {
        return values.get(lowerKey);
    }

    /** Every key, sorted, for messages and simulations. */
    public Map<String, List<String>> all() {
        return new TreeMap<>(values);
    }

    /** A builder that starts with these keys. */
    public Builder with() {
        Builder builder = new Builder();
        builder.values.putAll(values);
        return builder;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Gathers keys; the last value of a key stands. */
    public static final class Builder {
        private final Map<String, List<String>> values = new HashMap<>();

        private Builder() {}

        /** Sets a key to one value; null leaves it unset. */
        public Builder put(String key, @Nullable String value) {
            if (value != null) {
                values.put(key.toLowerCase(Locale.ROOT), List.of(value));
            }
            return this;
        }

        /** Sets a key to several values; an empty list is a key with no values, unlike a key that is not there. */
        public Builder putAll(String key, List<String> several) {
            values.put(key.toLowerCase(Locale.ROOT), List.copyOf(several));
            return this;
        }

        public RequestContext build() {
            return new RequestContext(Map.copyOf(values));
        }
    }
}
