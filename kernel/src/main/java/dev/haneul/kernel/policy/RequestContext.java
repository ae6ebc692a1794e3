package dev.haneul.kernel.policy;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What conditions and policy variables may ask of a request. Keys have no case; values may be several. A context made
 * from another ({@link #with}) sees through to it and copies nothing.
 */
public final class RequestContext {
    /** Knows nothing. */
    public static final RequestContext EMPTY = new RequestContext(null, Map.of());

    private final @Nullable RequestContext under;
    private final Map<String, List<String>> values;

    private RequestContext(@Nullable RequestContext under, Map<String, List<String>> values) {
        this.under = under;
        this.values = values;
    }

    /** The values of a key given in lower case; null where the request has no such key. */
    public @Nullable List<String> get(String lowerKey) {
        List<String> found = values.get(lowerKey);
        return found == null && under != null ? under.get(lowerKey) : found;
    }

    /** Every key, sorted, for messages and simulations. */
    public Map<String, List<String>> all() {
        Map<String, List<String>> found = under == null ? new TreeMap<>() : under.all();
        found.putAll(values);
        return found;
    }

    /** A builder of a context that has these keys too. */
    public Builder with() {
        return new Builder(this);
    }

    public static Builder builder() {
        return new Builder(null);
    }

    /** Gathers keys; the last value of a key stands. Gives one context and is done. */
    public static final class Builder {
        private final @Nullable RequestContext under;
        private @Nullable Map<String, List<String>> values = new HashMap<>(64);

        private Builder(@Nullable RequestContext under) {
            this.under = under;
        }

        /** Sets a key to one value; null leaves it unset. */
        public Builder put(String key, @Nullable String value) {
            if (value != null) {
                values().put(key.toLowerCase(Locale.ROOT), List.of(value));
            }
            return this;
        }

        /** Sets a key to several values; an empty list is a key with no values, unlike a key that is not there. */
        public Builder putAll(String key, List<String> several) {
            values().put(key.toLowerCase(Locale.ROOT), List.copyOf(several));
            return this;
        }

        public RequestContext build() {
            RequestContext built = new RequestContext(under, values());
            values = null;
            return built;
        }

        private Map<String, List<String>> values() {
            Map<String, List<String>> open = values;
            if (open == null) {
                throw new IllegalStateException("the context is built");
            }
            return open;
        }
    }
}
