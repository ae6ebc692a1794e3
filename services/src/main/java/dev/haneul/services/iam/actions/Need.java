package dev.haneul.services.iam.actions;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.policy.RequestContext;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One action an operation needs.
 *
 * @param action e.g. {@code s3:GetObject}
 * @param resource what it is needed on
 * @param trusted whether only the resource's own policy opens it
 * @param closed whether the resource's own policy must allow it, or leave it to its account
 * @param guarded whether services, too, need the resource's policy
 * @param when members one of which must be set (or, {@code unless}, none) for it to be needed; null for always
 * @param keys condition keys the request gives
 */
public record Need(
        String action,
        ResourceTemplate resource,
        boolean trusted,
        boolean closed,
        boolean guarded,
        @Nullable MemberPath when,
        boolean unless,
        List<Key> keys) {
    public Need {
        keys = List.copyOf(keys);
    }

    /**
     * A condition key.
     *
     * @param path where its value stands; null where {@code form} is the value itself
     * @param resource the resource whose ARN is the value; null where it is none
     */
    public record Key(
            String name,
            @Nullable MemberPath path,
            String form,
            @Nullable ResourceTemplate resource) {}

    /** Whether this request needs it. */
    public boolean appliesTo(Struct input) {
        return when == null || when.present(input) != unless;
    }

    /** Adds the condition keys of this request. */
    public void describe(Struct input, Call call, Forms.Lookup lookup, RequestContext.Builder context) {
        for (Key key : keys) {
            if (key.resource() != null) {
                context.putAll(key.name(), key.resource().resources(input, call, lookup));
                continue;
            }
            if (key.path() == null) {
                context.put(key.name(), key.form());
                continue;
            }
            List<String> values = key.path().values(input);
            if (key.form().equals("pairs")) {
                pairs(key.name(), key.path(), input, context);
            } else if (key.form().equals("tagging")) {
                values.forEach(value -> tagging(key.name(), value, context));
            } else if (values.size() > 1) {
                context.putAll(
                        key.name(),
                        values.stream()
                                .map(value -> Forms.apply(key.form(), value, call, lookup))
                                .toList());
            } else if (!values.isEmpty()) {
                String found = Forms.apply(key.form(), values.getFirst(), call, lookup);
                context.put(key.name(), found.isEmpty() ? null : found);
            }
        }
    }

    /** A map: a condition key {@code name:key} for each of its keys, and {@code nameKeys} for all of them. */
    private static void pairs(String name, MemberPath path, Struct input, RequestContext.Builder context) {
        List<String> keys = path.keys().values(input);
        List<String> values = path.values(input);
        for (int i = 0; i < Math.min(keys.size(), values.size()); i++) {
            context.put(name + ":" + keys.get(i), values.get(i));
        }
        context.putAll(name + "Keys", keys);
    }

    /** S3's tags in a header: {@code key=value&key=value}, each a key of its own behind a slash. */
    private static void tagging(String name, String header, RequestContext.Builder context) {
        List<String> keys = new ArrayList<>();
        for (String pair : header.split("&")) {
            int equals = pair.indexOf('=');
            try {
                String key = URLDecoder.decode(equals < 0 ? pair : pair.substring(0, equals), StandardCharsets.UTF_8);
                String value = equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
                context.put(name + "/" + key, value);
                keys.add(key);
            } catch (IllegalArgumentException _) {
                // Not percent-encoded as it should be: the operation will refuse it.
            }
        }
        context.putAll(name + "Keys", keys);
    }
}
