package dev.haneul.services.elbv2;

import dev.haneul.api.elb.DuplicateTagKeysException;
import dev.haneul.api.elb.Tag;
import dev.haneul.api.elb.TooManyTagsException;
import dev.haneul.api.runtime.Fault;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Classic Load Balancers' tags. */
final class ClassicTags {
    private static final int MOST = 50;

    private ClassicTags() {}

    static Map<String, String> checked(List<Tag> tags) {
        Map<String, String> all = new LinkedHashMap<>();
        for (Tag each : tags) {
            if (all.put(each.key(), each.value() == null ? "" : each.value()) != null) {
                throw Fault.of(new DuplicateTagKeysException(), "Tag keys must be unique: " + each.key());
            }
        }
        return added(Map.of(), all);
    }

    static Map<String, String> added(Map<String, String> before, Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(before);
        all.putAll(more);
        if (all.size() > MOST) {
            throw Fault.of(new TooManyTagsException(), "A load balancer can have at most " + MOST + " tags");
        }
        return all;
    }

    static List<Tag> told(Map<String, String> tags) {
        return tags.entrySet().stream()
                .map(each -> new Tag().key(each.getKey()).value(each.getValue()))
                .toList();
    }
}
