package dev.haneul.services.s3;

import dev.haneul.api.s3.AbortIncompleteMultipartUpload;
import dev.haneul.api.s3.LifecycleExpiration;
import dev.haneul.api.s3.LifecycleRule;
import dev.haneul.api.s3.NoncurrentVersionExpiration;
import dev.haneul.api.s3.NoncurrentVersionTransition;
import dev.haneul.api.s3.Transition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What S3 takes for a lifecycle configuration. See AWS, "PutBucketLifecycleConfiguration" and "Lifecycle elements". */
final class LifecycleRules {
    private static final int MAX_RULES = 1000;
    private static final int MAX_ID_CHARS = 255;
    private static final int MAX_NEWER_VERSIONS = 100;
    private static final int MIN_DAYS_BEFORE_IA = 30;
    private static final int DAY_SECONDS = 24 * 60 * 60;
    private static final Set<String> INFREQUENT = Set.of("STANDARD_IA", "ONEZONE_IA");
    private static final Set<String> TRANSITIONS =
            Set.of("STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE");

    private LifecycleRules() {}

    /** Checks rules that are to be put; those without an id are given one. */
    static List<LifecycleRule> check(List<LifecycleRule> rules) {
        if (rules.isEmpty()) {
            throw S3Errors.malformedXml();
        }
        if (rules.size() > MAX_RULES) {
            throw S3Errors.invalidRequest(
                    "The number of lifecycle rules must not exceed the allowed limit of 1000 rules");
        }
        Set<String> ids = new HashSet<>();
        for (LifecycleRule rule : rules) {
            String id = rule.id();
            if (id == null || id.isEmpty()) {
                id = Base64.getEncoder()
                        .encodeToString(UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII));
                rule.id(id);
            }
            if (id.length() > MAX_ID_CHARS) {
                throw S3Errors.invalidArgument("ID length should not exceed allowed limit of 255", "ID", id);
            }
            if (!ids.add(id)) {
                throw S3Errors.invalidArgument(
                        "Rule ID must be unique. Found same ID for more than one rule", "ID", id);
            }
            check(rule);
        }
        return rules;
    }

    private static void check(LifecycleRule rule) {
        if (!"Enabled".equals(rule.status()) && !"Disabled".equals(rule.status())) {
            throw S3Errors.malformedXml();
        }
        if ((rule.filter() == null) == (rule.prefix() == null)) {
            throw S3Errors.malformedXml();
        }
        LifecycleFilter filter = LifecycleFilter.of(rule);
        boolean acts = rule.expiration() != null
                || !rule.transitions().isEmpty()
                || !rule.noncurrentVersionTransitions().isEmpty()
                || rule.noncurrentVersionExpiration() != null
                || rule.abortIncompleteMultipartUpload() != null;
        if (!acts) {
            throw S3Errors.invalidRequest("At least one action needs to be specified in a rule");
        }
        checkExpiration(rule, filter);
        checkTransitions(rule, filter);
        checkNoncurrent(rule, filter);
        AbortIncompleteMultipartUpload abort = rule.abortIncompleteMultipartUpload();
        if (abort != null) {
            checkPositive(abort.daysAfterInitiation(), "DaysAfterInitiation", "AbortIncompleteMultipartUpload");
            if (!filter.tags().isEmpty() || filter.sized()) {
                throw S3Errors.invalidRequest(
                        "AbortIncompleteMultipartUpload cannot be specified with Tags or object sizes.");
            }
        }
    }

    private static void checkPositive(@Nullable Integer days, String element, String action) {
        if (days == null) {
            throw S3Errors.malformedXml();
        }
        if (days <= 0) {
            throw S3Errors.invalidArgument(
                    "'" + element + "' for " + action + " action must be a positive integer", element, days.toString());
        }
    }

    private static void checkMidnight(Instant date) {
        if (date.getEpochSecond() % DAY_SECONDS != 0 || date.getNano() != 0) {
            throw S3Errors.invalidArgument("'Date' must be at midnight GMT", "Date", date.toString());
        }
    }

    private static void checkExpiration(LifecycleRule rule, LifecycleFilter filter) {
        LifecycleExpiration expiration = rule.expiration();
        if (expiration == null) {
            return;
        }
        int said = (expiration.days() == null ? 0 : 1)
                + (expiration.date() == null ? 0 : 1)
                + (expiration.expiredObjectDeleteMarker() == null ? 0 : 1);
        if (said != 1) {
            throw S3Errors.malformedXml();
        }
        if (expiration.days() != null) {
            checkPositive(expiration.days(), "Days", "Expiration");
        }
        if (expiration.date() != null) {
            checkMidnight(expiration.date());
        }
        if (expiration.expiredObjectDeleteMarker() != null && !filter.tags().isEmpty()) {
            throw S3Errors.invalidRequest("ExpiredObjectDeleteMarker cannot be specified with Tags.");
        }
    }

    private static void checkTransitions(LifecycleRule rule, LifecycleFilter filter) {
        Set<String> classes = new HashSet<>();
        boolean dates = false;
        boolean days = false;
        int latest = 0;
        for (Transition transition : rule.transitions()) {
            if ((transition.days() == null) == (transition.date() == null)) {
                throw S3Errors.malformedXml();
            }
            String storageClass = storageClass(transition.storageClass(), classes, "Transition", filter);
            Integer after = transition.days();
            if (after == null) {
                dates = true;
                checkMidnight(Objects.requireNonNull(transition.date()));
            } else {
                days = true;
                latest = Math.max(latest, after);
                checkDays(after, storageClass, "Days", "Transition");
            }
        }
        LifecycleExpiration expiration = rule.expiration();
        boolean mixed = expiration != null && (expiration.days() != null && dates || expiration.date() != null && days);
        if (dates && days || mixed) {
            throw S3Errors.invalidRequest("Found mixed 'Date' and 'Days' based Expiration and Transition actions in"
                    + " lifecycle rule for filter '" + filter.describe() + "'");
        }
        Integer end = expiration == null ? null : expiration.days();
        if (end != null && days && end <= latest) {
            throw S3Errors.invalidArgument(
                    "'Days' in the Expiration action for filter '" + filter.describe()
                            + "' must be greater than 'Days' in the Transition action",
                    "Days",
                    end.toString());
        }
    }

    private static String storageClass(@Nullable String name, Set<String> seen, String action, LifecycleFilter filter) {
        if (name == null || !TRANSITIONS.contains(name)) {
            throw S3Errors.malformedXml();
        }
        if (!seen.add(name)) {
            throw S3Errors.invalidRequest("'StorageClass' must be different for '" + action
                    + "' actions in same 'Rule' with filter '" + filter.describe() + "'");
        }
        return name;
    }

    private static void checkDays(int days, String storageClass, String element, String action) {
        if (days < 0) {
            throw S3Errors.invalidArgument(
                    "'" + element + "' for " + action + " action must be nonnegative", element, Integer.toString(days));
        }
        if (INFREQUENT.contains(storageClass) && days < MIN_DAYS_BEFORE_IA) {
            throw S3Errors.invalidArgument(
                    "'" + element + "' in " + action + " action must be greater than or equal to 30 for storageClass '"
                            + storageClass + "'",
                    element,
                    Integer.toString(days));
        }
    }

    private static void checkNoncurrent(LifecycleRule rule, LifecycleFilter filter) {
        Set<String> classes = new HashSet<>();
        int latest = -1;
        for (NoncurrentVersionTransition transition : rule.noncurrentVersionTransitions()) {
            Integer days = transition.noncurrentDays();
            if (days == null) {
                throw S3Errors.malformedXml();
            }
            String storageClass =
                    storageClass(transition.storageClass(), classes, "NoncurrentVersionTransition", filter);
            checkDays(days, storageClass, "NoncurrentDays", "NoncurrentVersionTransition");
            checkNewer(transition.newerNoncurrentVersions());
            latest = Math.max(latest, days);
        }
        NoncurrentVersionExpiration expiration = rule.noncurrentVersionExpiration();
        if (expiration == null) {
            return;
        }
        checkPositive(expiration.noncurrentDays(), "NoncurrentDays", "NoncurrentVersionExpiration");
        checkNewer(expiration.newerNoncurrentVersions());
        int end = Objects.requireNonNull(expiration.noncurrentDays());
        if (end <= latest) {
            throw S3Errors.invalidArgument(
                    "'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '" + filter.describe()
                            + "' must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action",
                    "NoncurrentDays",
                    Integer.toString(end));
        }
    }

    private static void checkNewer(@Nullable Integer newer) {
        if (newer != null && (newer < 1 || newer > MAX_NEWER_VERSIONS)) {
            throw S3Errors.invalidArgument(
                    "'NewerNoncurrentVersions' must be between 1 and 100", "NewerNoncurrentVersions", newer.toString());
        }
    }
}
