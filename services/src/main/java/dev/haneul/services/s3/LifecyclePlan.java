package dev.haneul.services.s3;

import dev.haneul.api.s3.AbortIncompleteMultipartUpload;
import dev.haneul.api.s3.GetBucketLifecycleConfigurationOutput;
import dev.haneul.api.s3.LifecycleExpiration;
import dev.haneul.api.s3.LifecycleRule;
import dev.haneul.api.s3.NoncurrentVersionExpiration;
import dev.haneul.api.s3.NoncurrentVersionTransition;
import dev.haneul.api.s3.Transition;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a bucket's lifecycle rules say of one object, version or upload. Pure. Days are counted from the object's
 * beginning and end at the next midnight UTC; expiry goes before transition, of transitions the coldest that is due. See
 * AWS, "Lifecycle elements" and "Lifecycle conflicts".
 */
final class LifecyclePlan {
    private static final long SMALL_BYTES = 128 << 10;
    private static final Set<String> ARCHIVES = Set.of("GLACIER", "DEEP_ARCHIVE");
    /** From warm to cold: objects move down only. */
    private static final List<String> LADDER = List.of(
            Descriptions.STANDARD,
            "STANDARD_IA",
            "INTELLIGENT_TIERING",
            "ONEZONE_IA",
            "GLACIER_IR",
            "GLACIER",
            "DEEP_ARCHIVE");

    private final List<LifecycleRule> rules;
    private final boolean smallStay;

    LifecyclePlan(GetBucketLifecycleConfigurationOutput configuration) {
        rules = configuration.rules().stream()
                .filter(rule -> "Enabled".equals(rule.status()))
                .toList();
        smallStay = !"varies_by_storage_class".equals(configuration.transitionDefaultMinimumObjectSize());
    }

    /** What is to be done with something. */
    sealed interface Step {
        /** Nothing yet. */
        record Keep() implements Step {}

        /** It is over. */
        record Expire() implements Step {}

        /** It moves to another storage class. */
        record Move(String storageClass) implements Step {}

        Step KEEP = new Keep();
        Step EXPIRE = new Expire();
    }

    /** When an object expires, and by which rule. */
    record Expiry(Instant at, String rule) {
        /** As {@code x-amz-expiration} tells it. */
        String header() {
            return "expiry-date=\"" + HttpDates.format(at) + "\", rule-id=\""
                    + URLEncoder.encode(rule, StandardCharsets.UTF_8).replace("+", "%20") + "\"";
        }
    }

    /** The midnight that ends these days. */
    static Instant due(Instant from, int days) {
        return from.plus(days, ChronoUnit.DAYS).truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS);
    }

    private List<LifecycleRule> fitting(String key, ObjectRecord object) {
        return rules.stream()
                .filter(rule -> LifecycleFilter.of(rule)
                        .fits(key, object.size(), object.description().tags()))
                .toList();
    }

    /** When a current object expires; empty where no rule says so. */
    Optional<Expiry> expiry(String key, ObjectRecord object) {
        Expiry first = null;
        for (LifecycleRule rule : fitting(key, object)) {
            LifecycleExpiration expiration = rule.expiration();
            if (expiration == null || expiration.expiredObjectDeleteMarker() != null) {
                continue;
            }
            Integer days = expiration.days();
            Instant at = days == null ? expiration.date() : due(object.modified(), days);
            if (at != null && (first == null || at.isBefore(first.at))) {
                first = new Expiry(at, ListObjects.or(rule.id()));
            }
        }
        return Optional.ofNullable(first);
    }

    Step current(String key, ObjectRecord object, Instant now) {
        if (expiry(key, object).filter(expiry -> !now.isBefore(expiry.at)).isPresent()) {
            return Step.EXPIRE;
        }
        String coldest = null;
        for (LifecycleRule rule : fitting(key, object)) {
            for (Transition transition : rule.transitions()) {
                Integer days = transition.days();
                Instant at = days == null ? transition.date() : due(object.modified(), days);
                if (at != null && !now.isBefore(at)) {
                    coldest = colder(coldest, transition.storageClass(), rule, object);
                }
            }
        }
        return coldest == null ? Step.KEEP : new Step.Move(coldest);
    }

    /**
     * A version that is not current, and no delete marker.
     *
     * @param since when it was superseded
     * @param newer how many of the key's noncurrent versions are newer
     */
    Step noncurrent(String key, ObjectRecord object, Instant since, int newer, Instant now) {
        String coldest = null;
        for (LifecycleRule rule : fitting(key, object)) {
            NoncurrentVersionExpiration expiration = rule.noncurrentVersionExpiration();
            if (expiration != null
                    && over(since, expiration.noncurrentDays(), now)
                    && newer >= orZero(expiration.newerNoncurrentVersions())) {
                return Step.EXPIRE;
            }
            for (NoncurrentVersionTransition transition : rule.noncurrentVersionTransitions()) {
                if (over(since, transition.noncurrentDays(), now)
                        && newer >= orZero(transition.newerNoncurrentVersions())) {
                    coldest = colder(coldest, transition.storageClass(), rule, object);
                }
            }
        }
        return coldest == null ? Step.KEEP : new Step.Move(coldest);
    }

    /** Whether a delete marker goes that no version is left under. */
    boolean loneMarkerGoes(String key, Instant made, Instant now) {
        for (LifecycleRule rule : rules) {
            LifecycleFilter filter = LifecycleFilter.of(rule);
            LifecycleExpiration expiration = rule.expiration();
            if (expiration == null
                    || !key.startsWith(filter.prefix())
                    || !filter.tags().isEmpty()) {
                continue;
            }
            boolean aged = expiration.days() != null && over(made, expiration.days(), now);
            if (Boolean.TRUE.equals(expiration.expiredObjectDeleteMarker()) || aged) {
                return true;
            }
        }
        return false;
    }

    /** Whether an upload that was never completed is aborted. */
    boolean uploadGoes(String key, Instant initiated, Instant now) {
        return rules.stream().anyMatch(rule -> {
            AbortIncompleteMultipartUpload abort = rule.abortIncompleteMultipartUpload();
            return abort != null
                    && key.startsWith(LifecycleFilter.of(rule).prefix())
                    && over(initiated, abort.daysAfterInitiation(), now);
        });
    }

    private static boolean over(Instant from, @Nullable Integer days, Instant now) {
        return days != null && !now.isBefore(due(from, days));
    }

    private static int orZero(@Nullable Integer count) {
        return count == null ? 0 : count;
    }

    /** The colder one of two classes an object may move to, null where it may move to neither. */
    private @Nullable String colder(
            @Nullable String best, @Nullable String asked, LifecycleRule rule, ObjectRecord object) {
        int now = Math.max(0, LADDER.indexOf(object.description().storageClass()));
        if (asked == null || LADDER.indexOf(asked) <= now || tooSmall(asked, rule, object)) {
            return best;
        }
        return best == null || LADDER.indexOf(asked) > LADDER.indexOf(best) ? asked : best;
    }

    /** Small objects cost more to move than they save, unless the rule speaks of sizes itself. */
    private boolean tooSmall(String asked, LifecycleRule rule, ObjectRecord object) {
        return object.size() < SMALL_BYTES
                && !LifecycleFilter.of(rule).sized()
                && (smallStay || !ARCHIVES.contains(asked));
    }
}
