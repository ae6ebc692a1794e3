package dev.haneul.services.lambda;

import dev.haneul.api.lambda.ListTagsRequest;
import dev.haneul.api.lambda.ListTagsResponse;
import dev.haneul.api.lambda.TagResourceRequest;
import dev.haneul.api.lambda.UntagResourceRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.LambdaTables.Function;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tags of functions. Other taggable resources are not built. */
final class Tags {
    private static final int MOST = 50;
    private final Store store;

    Tags(Store store) {
        this.store = store;
    }

    void tag(TagResourceRequest in, Call call) {
        FunctionRef ref = ref(in.resource(), call);
        check(in.tags());
        store.write(tx -> {
            Function function = Functions.get(tx, ref);
            Map<String, String> tags = new LinkedHashMap<>(function.tags());
            tags.putAll(in.tags());
            check(tags);
            tx.put(LambdaTables.FUNCTIONS, ref.key(), function.withTags(tags));
        });
    }

    void untag(UntagResourceRequest in, Call call) {
        FunctionRef ref = ref(in.resource(), call);
        store.write(tx -> {
            Function function = Functions.get(tx, ref);
            Map<String, String> tags = new LinkedHashMap<>(function.tags());
            in.tagKeys().forEach(tags::remove);
            tx.put(LambdaTables.FUNCTIONS, ref.key(), function.withTags(tags));
        });
    }

    ListTagsResponse list(ListTagsRequest in, Call call) {
        FunctionRef ref = ref(in.resource(), call);
        return new ListTagsResponse()
                .tags(store.read(tx -> Functions.get(tx, ref)).tags());
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
