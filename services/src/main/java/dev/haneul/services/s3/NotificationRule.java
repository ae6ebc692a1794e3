package dev.haneul.services.s3;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * One destination of a bucket's events.
 *
 * @param id as the user named it, or as it was made up
 * @param kind what the destination is
 * @param arn the destination
 * @param events e.g. {@code s3:ObjectCreated:*}
 * @param prefix keys must start with it; empty for all
 * @param suffix keys must end with it; empty for all
 */
record NotificationRule(String id, Kind kind, String arn, Set<String> events, String prefix, String suffix) {
    /** The kinds of destinations, by the service in their ARN. */
    enum Kind {
        FUNCTION("lambda"),
        QUEUE("sqs"),
        TOPIC("sns"),
        /** EventBridge: the default bus of the bucket's owner and region, told of everything. */
        EVENT_BUS("events");

        private final String service;

        Kind(String service) {
            this.service = service;
        }

        String service() {
            return service;
        }
    }

    /** Every event type that may be subscribed to. See AWS, "Supported event types". */
    static final Set<String> EVENT_TYPES = Set.of(
            "s3:ReducedRedundancyLostObject",
            "s3:ObjectCreated:*",
            "s3:ObjectCreated:Put",
            "s3:ObjectCreated:Post",
            "s3:ObjectCreated:Copy",
            "s3:ObjectCreated:CompleteMultipartUpload",
            "s3:ObjectRemoved:*",
            "s3:ObjectRemoved:Delete",
            "s3:ObjectRemoved:DeleteMarkerCreated",
            "s3:ObjectRestore:*",
            "s3:ObjectRestore:Post",
            "s3:ObjectRestore:Completed",
            "s3:ObjectRestore:Delete",
            "s3:Replication:*",
            "s3:Replication:OperationFailedReplication",
            "s3:Replication:OperationNotTracked",
            "s3:Replication:OperationMissedThreshold",
            "s3:Replication:OperationReplicatedAfterThreshold",
            "s3:LifecycleTransition",
            "s3:IntelligentTiering",
            "s3:ObjectAcl:Put",
            "s3:LifecycleExpiration:*",
            "s3:LifecycleExpiration:Delete",
            "s3:LifecycleExpiration:DeleteMarkerCreated",
            "s3:ObjectTagging:*",
            "s3:ObjectTagging:Put",
            "s3:ObjectTagging:Delete");

    /** The rule of a bucket that tells EventBridge. */
    static final NotificationRule TO_EVENT_BUS =
            new NotificationRule("EventBridge", Kind.EVENT_BUS, "", EVENT_TYPES, "", "");

    NotificationRule {
        events = Set.copyOf(events);
    }

    /**
     * Whether the rule wants this event.
     *
     * @param event without {@code s3:}, e.g. {@code ObjectCreated:Put}
     */
    boolean wants(String event, String key) {
        return events.stream().anyMatch(type -> covers(type, "s3:" + event)) && keyFits(key);
    }

    /** AWS matches the key as it is and, for what special characters a filter holds, in its URL-encoded form. */
    private boolean keyFits(String key) {
        if (key.startsWith(prefix) && key.endsWith(suffix)) {
            return true;
        }
        String encoded = URLEncoder.encode(key, StandardCharsets.UTF_8).replace("%2F", "/");
        return encoded.startsWith(prefix) && encoded.endsWith(suffix);
    }

    private static boolean covers(String type, String event) {
        return type.equals(event) || type.endsWith("*") && event.startsWith(type.substring(0, type.length() - 1));
    }

    /** Whether an object and event could match both rules, which S3 refuses. */
    boolean overlaps(NotificationRule other) {
        return sharesEvent(other)
                && (prefix.startsWith(other.prefix) || other.prefix.startsWith(prefix))
                && (suffix.endsWith(other.suffix) || other.suffix.endsWith(suffix));
    }

    private boolean sharesEvent(NotificationRule other) {
        return events.stream()
                .anyMatch(mine -> other.events.stream().anyMatch(its -> covers(mine, its) || covers(its, mine)));
    }

    boolean filtered() {
        return !prefix.isEmpty() || !suffix.isEmpty();
    }

    /** The rules that want an event, in the order of the configuration. */
    static List<NotificationRule> wanting(List<NotificationRule> rules, String event, String key) {
        return rules.stream().filter(rule -> rule.wants(event, key)).toList();
    }
}
