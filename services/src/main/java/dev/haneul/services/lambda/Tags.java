package dev.haneul.services.lambda;

import dev.haneul.api.lambda.ListTagsRequest;
import dev.haneul.api.lambda.ListTagsResponse;
import dev.haneul.api.lambda.TagResourceRequest;
import dev.haneul.api.lambda.UntagResourceRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.services.lambda.LambdaTables.Mapping;
import dev.haneul.services.lambda.LambdaTables.SigningConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/** Tags of functions. Other taggable resources are not built. */
final class Tags {
    private static final int MOST = 50;
    private final Store store;

    Tags(Store store) {
        this.store = store;
    }

    void tag(TagResourceRequest in, Call call) {
        check(in.tags());
        change(in.resource(), call, before -> {
            Map<String, String> tags = new LinkedHashMap<>(before);
            tags.putAll(in.tags());
            check(tags);
            return tags;
        });
    }

    void untag(UntagResourceRequest in, Call call) {
        change(in.resource(), call, before -> {
            Map<String, String> tags = new LinkedHashMap<>(before);
            in.tagKeys().forEach(tags::remove);
            return tags;
        });
    }

    ListTagsResponse list(ListTagsRequest in, Call call) {
        AtomicReference<Map<String, String>> seen = new AtomicReference<>(Map.of());
        change(in.resource(), call, before -> {
            seen.set(before);
            return before;
        });
        return new ListTagsResponse().tags(seen.get());
    }

    /** Functions, code signing configurations and event source mappings have tags. */
    private void change(String resource, Call call, UnaryOperator<Map<String, String>> change) {
        Key key = new Key(call.account(), call.region(), resource.substring(resource.lastIndexOf(':') + 1));
        if (resource.contains(":code-signing-config:")) {
            store.write(tx -> {
                SigningConfig before = CodeSigning.find(tx, key, resource);
                tx.put(
                        LambdaTables.SIGNING_CONFIGS,
                        key,
                        new SigningConfig(before.configuration(), change.apply(before.tags())));
            });
        } else if (resource.contains(":event-source-mapping:")) {
            store.write(tx -> {
                Mapping before = tx.get(LambdaTables.MAPPINGS, key)
                        .map(Row::value)
                        .orElseThrow(() -> Problems.notFound("The resource you requested does not exist."));
                tx.put(LambdaTables.MAPPINGS, key, before.withTags(change.apply(before.tags())));
            });
        } else {
            FunctionRef ref = ref(resource, call);
            store.write(tx -> {
                Function function = Functions.get(tx, ref);
                tx.put(LambdaTables.FUNCTIONS, ref.key(), function.withTags(change.apply(function.tags())));
            });
        }
    }

    /** Refuses what no resource may carry. */
    static void check(Map<String, String> tags) {
        if (tags.size() > MOST) {
            throw Problems.invalid("Number of tags exceeds resource tag limit.");
        }
        tags.forEach((key, value) -> {
            if (key.isEmpty() || key.length() > 128 || key.regionMatches(true, 0, "aws:", 0, 4)) {
                throw Problems.invalid("The provided tag key is not valid: " + key);
            }
            if (value.length() > 256) {
                throw Problems.invalid("The provided tag value is longer than 256 characters.");
            }
        });
    }

    private static FunctionRef ref(String resource, Call call) {
        if (!resource.contains(":function:")) {
            throw Problems.notBuilt("tagging of " + resource);
        }
        FunctionRef ref = FunctionRef.of(resource, null, call);
        if (ref.qualifier() != null) {
            throw Problems.invalid(
                    "Tags on function aliases and versions are not supported. Please specify a function ARN.");
        }
        return ref;
    }
}
