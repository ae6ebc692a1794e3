package dev.haneul.services.sns;

import dev.haneul.delivery.DeliveryPolicy;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Phases;
import dev.haneul.delivery.Sender;
import dev.haneul.services.sns.SnsTables.SubscriptionRow;
import dev.haneul.services.sns.SnsTables.TopicRow;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is handed to which kind of subscriber, and how long that is tried. */
final class Parcels {
    private static final String HOST = "sns.amazonaws.com";
    /** AWS-managed endpoints are tried 100,015 times over 23 days. */
    private static final DeliveryPolicy MANAGED = new DeliveryPolicy(Duration.ofDays(23), 100_015, null);
    /** Mail and phones: 50 times over 6 hours. */
    static final DeliveryPolicy PERSONS = new DeliveryPolicy(Duration.ofHours(6), 50, null);

    private static final int MOST_RETRIES = 100;
    private static final int MOST_SECONDS = 3600;

    private Parcels() {}

    static Sender sender(SubscriptionRow subscription) {
        return Sender.service(HOST, SnsTables.topic(subscription.topicArn()).account(), subscription.topicArn());
    }

    /** To whom parcels of a subscription go. */
    static String target(SubscriptionRow subscription) {
        return switch (subscription.protocol()) {
            case "email", "email-json" -> Handing.MAIL + subscription.endpoint();
            case "sms" -> Handing.PHONE + subscription.endpoint();
            case "application" -> Handing.PUSH + subscription.endpoint();
            default -> subscription.endpoint();
        };
    }

    /** The headers of a POST to a web endpoint. */
    static Parcel.Request headers(SubscriptionRow subscription, String type, String messageId, boolean raw) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-amz-sns-message-type", type);
        headers.put("x-amz-sns-message-id", messageId);
        headers.put("x-amz-sns-topic-arn", subscription.topicArn());
        if (!type.equals("SubscriptionConfirmation")) {
            headers.put("x-amz-sns-subscription-arn", subscription.arn());
        }
        if (raw) {
            headers.put("x-amz-sns-rawdelivery", "true");
        }
        return new Parcel.Request(List.of(), headers, Map.of());
    }

    static boolean web(SubscriptionRow subscription) {
        return subscription.protocol().startsWith("http");
    }

    static DeliveryPolicy policy(TopicRow topic, SubscriptionRow subscription) {
        if (web(subscription)) {
            Phases phases = phases(topic, subscription);
            return new DeliveryPolicy(Duration.ofDays(1), phases.retries(), null, phases);
        }
        return subscription.protocol().equals("sqs") || subscription.protocol().equals("lambda") ? MANAGED : PERSONS;
    }

    /** A subscription's own delivery policy, else its topic's, else AWS's. */
    static Phases phases(TopicRow topic, SubscriptionRow subscription) {
        Map<String, @Nullable Object> own = Json.object(
                        subscription.attributes().getOrDefault("DeliveryPolicy", ""))
                .orElse(Map.of());
        Map<String, @Nullable Object> ofTopic = Json.object(topic.attributes().getOrDefault("DeliveryPolicy", ""))
                .orElse(Map.of());
        Map<?, ?> http = ofTopic.get("http") instanceof Map<?, ?> map ? map : Map.of();
        boolean overridden = Boolean.TRUE.equals(http.get("disableSubscriptionOverrides"));
        if (!overridden && own.get("healthyRetryPolicy") instanceof Map<?, ?> policy) {
            return phases(policy);
        }
        return http.get("defaultHealthyRetryPolicy") instanceof Map<?, ?> policy ? phases(policy) : Phases.HTTP;
    }

    /** The policy in force, as GetSubscriptionAttributes tells it. */
    static String told(TopicRow topic, SubscriptionRow subscription) {
        Phases phases = phases(topic, subscription);
        Map<String, @Nullable Object> policy = new LinkedHashMap<>();
        policy.put("minDelayTarget", phases.minDelaySeconds());
        policy.put("maxDelayTarget", phases.maxDelaySeconds());
        policy.put("numRetries", phases.retries());
        policy.put("numMaxDelayRetries", phases.maxDelayRetries());
        policy.put("numNoDelayRetries", phases.noDelayRetries());
        policy.put("numMinDelayRetries", phases.minDelayRetries());
        policy.put("backoffFunction", phases.function());
        return Json.write(Map.of("healthyRetryPolicy", policy));
    }

    private static Phases phases(Map<?, ?> policy) {
        int least = number(policy, "minDelayTarget", 20);
        return new Phases(
                least,
                number(policy, "maxDelayTarget", Math.max(least, 20)),
                number(policy, "numRetries", 3),
                number(policy, "numNoDelayRetries", 0),
                number(policy, "numMinDelayRetries", 0),
                number(policy, "numMaxDelayRetries", 0),
                policy.get("backoffFunction") instanceof String text ? text : "linear");
    }

    private static int number(Map<?, ?> policy, String name, int otherwise) {
        return policy.get(name) instanceof Number number ? number.intValue() : otherwise;
    }

    /**
     * Whether a retry policy is as SNS allows it.
     *
     * @throws dev.haneul.api.runtime.Fault InvalidParameter where not
     */
    static void check(Map<?, ?> policy) {
        Phases phases = phases(policy);
        boolean delays = phases.minDelaySeconds() >= 1
                && phases.maxDelaySeconds() >= phases.minDelaySeconds()
                && phases.maxDelaySeconds() <= MOST_SECONDS;
        int counted = phases.noDelayRetries() + phases.minDelayRetries() + phases.maxDelayRetries();
        boolean counts = phases.noDelayRetries() >= 0
                && phases.minDelayRetries() >= 0
                && phases.maxDelayRetries() >= 0
                && phases.retries() >= 0
                && phases.retries() <= MOST_RETRIES
                && counted <= phases.retries();
        if (!delays
                || !counts
                || !List.of("linear", "arithmetic", "geometric", "exponential").contains(phases.function())) {
            throw SnsFaults.invalid("DeliveryPolicy");
        }
    }
}
