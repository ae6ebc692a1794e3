package dev.haneul.services.s3;

import dev.haneul.api.s3.LifecycleRule;
import dev.haneul.api.s3.LifecycleRuleAndOperator;
import dev.haneul.api.s3.LifecycleRuleFilter;
import dev.haneul.api.s3.Tag;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which objects a lifecycle rule speaks of.
 *
 * @param above the size an object must exceed, null for any
 * @param below the size it must not reach, null for any
 */
record LifecycleFilter(
        String prefix,
        Map<String, String> tags,
        @Nullable Long above,
        @Nullable Long below) {

    /** Reads a rule's filter; MalformedXML where it says several things without an And, or too little in one. */
    static LifecycleFilter of(LifecycleRule rule) {
        LifecycleRuleFilter filter = rule.filter();
        if (filter == null) {
            return new LifecycleFilter(ListObjects.or(rule.prefix()), Map.of(), null, null);
        }
        LifecycleRuleAndOperator and = filter.and();
        Tag tag = filter.tag();
        int said = (filter.prefix() == null ? 0 : 1)
                + (tag == null ? 0 : 1)
                + (filter.objectSizeGreaterThan() == null ? 0 : 1)
                + (filter.objectSizeLessThan() == null ? 0 : 1)
                + (and == null ? 0 : 1);
        if (said > 1) {
            throw S3Errors.malformedXml();
        }
        if (and == null) {
            return checked(new LifecycleFilter(
                    ListObjects.or(filter.prefix()),
                    tag == null ? Map.of() : Tags.ofObject(List.of(tag)),
                    filter.objectSizeGreaterThan(),
                    filter.objectSizeLessThan()));
        }
        Map<String, String> tags = and.tags().isEmpty() ? Map.of() : Tags.ofObject(and.tags());
        int joined = (and.prefix() == null ? 0 : 1)
                + tags.size()
                + (and.objectSizeGreaterThan() == null ? 0 : 1)
                + (and.objectSizeLessThan() == null ? 0 : 1);
        if (joined < 2 && tags.isEmpty()) {
            throw S3Errors.malformedXml();
        }
        return checked(new LifecycleFilter(
                ListObjects.or(and.prefix()), tags, and.objectSizeGreaterThan(), and.objectSizeLessThan()));
    }

    private static LifecycleFilter checked(LifecycleFilter filter) {
        Long above = filter.above;
        Long below = filter.below;
        if (above != null && above < 0 || below != null && below < 1) {
            throw S3Errors.invalidRequest(
                    "'ObjectSizeGreaterThan' must be nonnegative and 'ObjectSizeLessThan' must be positive");
        }
        if (above != null && below != null && below <= above) {
            throw S3Errors.invalidRequest(
                    "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'");
        }
        return filter;
    }

    boolean sized() {
        return above != null || below != null;
    }

    boolean fits(String key, long size, Map<String, String> carried) {
        return key.startsWith(prefix)
                && carried.entrySet().containsAll(tags.entrySet())
                && (above == null || size > above)
                && (below == null || size < below);
    }

    /** As S3's messages name it. */
    String describe() {
        return "(prefix=" + prefix + ")";
    }
}
