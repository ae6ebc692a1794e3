package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.EventBridgeConfiguration;
import dev.haneul.api.s3.FilterRule;
import dev.haneul.api.s3.GetBucketNotificationConfigurationRequest;
import dev.haneul.api.s3.LambdaFunctionConfiguration;
import dev.haneul.api.s3.NotificationConfiguration;
import dev.haneul.api.s3.NotificationConfigurationFilter;
import dev.haneul.api.s3.PutBucketNotificationConfigurationOutput;
import dev.haneul.api.s3.PutBucketNotificationConfigurationRequest;
import dev.haneul.api.s3.QueueConfiguration;
import dev.haneul.api.s3.S3KeyFilter;
import dev.haneul.api.s3.TopicConfiguration;
import dev.haneul.services.s3.NotificationRule.Kind;
import dev.haneul.services.s3.S3Tables.BucketRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A bucket's notification configuration: taken whole, checked as AWS does, destinations included. */
final class Notifications {
    private static final int MAX_RULES = 100;
    private static final int MAX_ID_CHARS = 255;
    private static final int MAX_FILTER_BYTES = 1024;
    private static final Pattern ARN = Pattern.compile("arn:aws[a-z-]*:([a-z]+):([a-z0-9-]+):(\\d{12}):.+");

    private final S3Context s3;
    private final Destinations destinations;

    Notifications(S3Context s3, Destinations destinations) {
        this.s3 = s3;
        this.destinations = destinations;
    }

    PutBucketNotificationConfigurationOutput put(PutBucketNotificationConfigurationRequest in, Call call) {
        NotificationConfiguration asked = in.notificationConfiguration();
        List<NotificationRule> rules = rules(asked);
        Buckets.Bucket bucket = s3.store().read(tx -> Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner()));
        checkArns(rules, bucket);
        if (!Boolean.TRUE.equals(in.skipDestinationValidation())) {
            checkDestinations(rules, bucket, call.requestId());
        }
        if (asked.eventBridgeConfiguration() != null) {
            rules.add(NotificationRule.TO_EVENT_BUS);
        }
        s3.store().write(tx -> {
            Buckets.Bucket now = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            BucketRecord record = now.record();
            tx.put(S3Tables.BUCKETS, now.key(), record.withNotifies(!rules.isEmpty()));
            tx.put(S3Tables.SETTINGS, now.key(), Buckets.settings(tx, now).withNotifications(rules));
        });
        return new PutBucketNotificationConfigurationOutput();
    }

    NotificationConfiguration get(GetBucketNotificationConfigurationRequest in, Call call) {
        List<NotificationRule> rules = s3.store()
                .read(tx -> Buckets.settings(tx, Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner())))
                .notifications();
        List<LambdaFunctionConfiguration> lambdas = new ArrayList<>();
        List<QueueConfiguration> queues = new ArrayList<>();
        List<TopicConfiguration> topics = new ArrayList<>();
        for (NotificationRule rule : rules) {
            List<String> events = rule.events().stream().sorted().toList();
            NotificationConfigurationFilter filter = filter(rule);
            switch (rule.kind()) {
                case FUNCTION ->
                    lambdas.add(new LambdaFunctionConfiguration()
                            .id(rule.id())
                            .lambdaFunctionArn(rule.arn())
                            .events(events)
                            .filter(filter));
                case QUEUE ->
                    queues.add(new QueueConfiguration()
                            .id(rule.id())
                            .queueArn(rule.arn())
                            .events(events)
                            .filter(filter));
                case TOPIC ->
                    topics.add(new TopicConfiguration()
                            .id(rule.id())
                            .topicArn(rule.arn())
                            .events(events)
                            .filter(filter));
                case EVENT_BUS -> {}
            }
        }
        boolean tellsEventBridge = rules.contains(NotificationRule.TO_EVENT_BUS);
        return new NotificationConfiguration()
                .eventBridgeConfiguration(tellsEventBridge ? new EventBridgeConfiguration() : null)
                .lambdaFunctionConfigurations(lambdas.isEmpty() ? null : lambdas)
                .queueConfigurations(queues.isEmpty() ? null : queues)
                .topicConfigurations(topics.isEmpty() ? null : topics);
    }

    private static @Nullable NotificationConfigurationFilter filter(NotificationRule rule) {
        if (!rule.filtered()) {
            return null;
        }
        List<FilterRule> rules = new ArrayList<>(2);
        if (!rule.prefix().isEmpty()) {
            rules.add(new FilterRule().name("Prefix").value(rule.prefix()));
        }
        if (!rule.suffix().isEmpty()) {
            rules.add(new FilterRule().name("Suffix").value(rule.suffix()));
        }
        return new NotificationConfigurationFilter().key(new S3KeyFilter().filterRules(rules));
    }

    /** Reads a configuration; InvalidArgument where it contradicts itself. */
    static List<NotificationRule> rules(NotificationConfiguration asked) {
        List<NotificationRule> rules = new ArrayList<>();
        for (TopicConfiguration topic : asked.topicConfigurations()) {
            rules.add(rule(topic.id(), Kind.TOPIC, topic.topicArn(), topic.events(), topic.filter()));
        }
        for (QueueConfiguration queue : asked.queueConfigurations()) {
            rules.add(rule(queue.id(), Kind.QUEUE, queue.queueArn(), queue.events(), queue.filter()));
        }
        for (LambdaFunctionConfiguration lambda : asked.lambdaFunctionConfigurations()) {
            rules.add(rule(lambda.id(), Kind.FUNCTION, lambda.lambdaFunctionArn(), lambda.events(), lambda.filter()));
        }
        checkTogether(rules);
        return rules;
    }

    private static NotificationRule rule(
            @Nullable String id,
            Kind kind,
            @Nullable String arn,
            List<String> events,
            @Nullable NotificationConfigurationFilter filter) {
        if (arn == null || events.isEmpty()) {
            throw S3Errors.malformedXml();
        }
        if (id != null && id.length() > MAX_ID_CHARS) {
            throw S3Errors.invalidArgument(
                    "The maximum length of an ID is 255 characters", "NotificationConfiguration.ID", id);
        }
        for (String event : events) {
            if (!NotificationRule.EVENT_TYPES.contains(event)) {
                throw S3Errors.invalidArgument("The event is not supported for notifications", "Event", event);
            }
        }
        String prefix = null;
        String suffix = null;
        S3KeyFilter keys = filter == null ? null : filter.key();
        for (FilterRule one : keys == null ? List.<FilterRule>of() : keys.filterRules()) {
            String name = one.name() == null ? "" : one.name().toLowerCase(Locale.ROOT);
            String value = ListObjects.or(one.value());
            if (value.getBytes(StandardCharsets.UTF_8).length > MAX_FILTER_BYTES) {
                throw S3Errors.invalidArgument(
                        "The maximum length of a filter rule value is 1024 characters", "FilterRule.Value", value);
            }
            switch (name) {
                case "prefix" -> prefix = once(prefix, value, "prefix");
                case "suffix" -> suffix = once(suffix, value, "suffix");
                default ->
                    throw S3Errors.invalidArgument(
                            "filter rule name must be either prefix or suffix",
                            "FilterRule.Name",
                            ListObjects.or(one.name()));
            }
        }
        String given = id == null || id.isEmpty() ? newId() : id;
        return new NotificationRule(
                given, kind, arn, Set.copyOf(events), ListObjects.or(prefix), ListObjects.or(suffix));
    }

    private static String once(@Nullable String before, String value, String name) {
        if (before != null) {
            throw S3Errors.invalidArgument(
                    "Cannot specify more than one " + name + " rule in a filter.", "FilterRule.Name", name);
        }
        return value;
    }

    private static String newId() {
        return Base64.getEncoder().encodeToString(UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII));
    }

    private static void checkTogether(List<NotificationRule> rules) {
        if (rules.size() > MAX_RULES) {
            throw S3Errors.invalidRequest("The maximum number of notification configurations is " + MAX_RULES);
        }
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < rules.size(); i++) {
            NotificationRule rule = rules.get(i);
            if (!ids.add(rule.id())) {
                throw S3Errors.invalidRequest("Same ID used for multiple configurations. IDs must be unique");
            }
            for (NotificationRule other : rules.subList(0, i)) {
                if (rule.overlaps(other)) {
                    throw overlap(rule.filtered() || other.filtered());
                }
            }
        }
    }

    private static Fault overlap(boolean filtered) {
        return Fault.client(
                "InvalidArgument",
                400,
                filtered
                        ? "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the"
                                + " prefixes are overlapping for the same event type."
                        : "Configurations overlap. Configurations on the same bucket cannot share a common event"
                                + " type.");
    }

    private static void checkArns(List<NotificationRule> rules, Buckets.Bucket bucket) {
        for (NotificationRule rule : rules) {
            Matcher arn = ARN.matcher(rule.arn());
            boolean wellFormed =
                    arn.matches() && arn.group(1).equals(rule.kind().service());
            if (!wellFormed || rule.kind() == Kind.FUNCTION && !rule.arn().contains(":function:")) {
                throw S3Errors.invalidArgument("The ARN is not well formed", "Arn", rule.arn());
            }
            if (!arn.group(2).equals(bucket.region())) {
                throw S3Errors.invalidArgument(
                        "The notification destination service region is not valid for the bucket location constraint",
                        "Arn",
                        rule.arn());
            }
        }
    }

    /** Asks each destination whether it takes this bucket's events. */
    private void checkDestinations(List<NotificationRule> rules, Buckets.Bucket bucket, String requestId) {
        Fault refused =
                Fault.client("InvalidArgument", 400, "Unable to validate the following destination configurations");
        int count = 0;
        for (NotificationRule rule : rules) {
            String problem = destinations.problem(rule, bucket, requestId);
            if (problem != null) {
                count++;
                refused.with("ArgumentName" + count, rule.arn() + ", null").with("ArgumentValue" + count, problem);
            }
        }
        if (count > 0) {
            throw refused;
        }
    }
}
