package dev.haneul.services.sns;

import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.Json;
import dev.haneul.services.sns.SnsTables.SubscriptionRow;
import dev.haneul.services.sns.SnsTables.TopicRow;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The JSON documents that subscribers get, signed. See "HTTP/HTTPS notification JSON format" and its neighbours. */
final class Messages {
    private final Signer signer;

    Messages(Signer signer) {
        this.signer = signer;
    }

    /**
     * What all subscribers of a message have in common.
     *
     * @param sequence its number in a FIFO topic
     * @param base the region's endpoint as the publisher calls it; empty for a service inside
     */
    record Common(
            String topicArn,
            String messageId,
            @Nullable String sequence,
            @Nullable String subject,
            Map<String, @Nullable Object> attributes,
            Instant at,
            String signatureVersion,
            String base) {}

    /** A notification's signature: the same for all who get this body. */
    String signature(Common common, String body) {
        return signer.sign(fields("Notification", common, body), common.signatureVersion);
    }

    private static Map<String, @Nullable Object> fields(String type, Common common, String body) {
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("Type", type);
        message.put("MessageId", common.messageId);
        if (common.sequence != null) {
            message.put("SequenceNumber", common.sequence);
        }
        message.put("TopicArn", common.topicArn);
        if (common.subject != null) {
            message.put("Subject", common.subject);
        }
        message.put("Message", body);
        message.put("Timestamp", common.at.truncatedTo(ChronoUnit.MILLIS).toString());
        return message;
    }

    /** A notification as queues and HTTP endpoints get it. */
    String notification(SubscriptionRow subscription, Common common, String body, String signature) {
        Map<String, @Nullable Object> message = fields("Notification", common, body);
        String base = base(common.base, subscription);
        message.put("SignatureVersion", common.signatureVersion);
        message.put("Signature", signature);
        message.put("SigningCertURL", base + signer.certificatePath());
        message.put("UnsubscribeURL", unsubscribe(base, subscription.arn()));
        if (!common.attributes.isEmpty()) {
            message.put("MessageAttributes", common.attributes);
        }
        return Json.write(message);
    }

    /** A notification as functions get it. */
    String event(SubscriptionRow subscription, Common common, String body, String signature) {
        Map<String, @Nullable Object> message = fields("Notification", common, body);
        String base = base(common.base, subscription);
        message.put("Subject", common.subject);
        message.put("SignatureVersion", common.signatureVersion);
        message.put("Signature", signature);
        message.put("SigningCertUrl", base + signer.certificatePath());
        message.put("UnsubscribeUrl", unsubscribe(base, subscription.arn()));
        message.put("MessageAttributes", common.attributes);
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("EventSource", "aws:sns");
        record.put("EventVersion", "1.0");
        record.put("EventSubscriptionArn", subscription.arn());
        record.put("Sns", message);
        return Json.write(Map.of("Records", List.of(record)));
    }

    /** Asks an endpoint whether it wants a subscription, or tells it that it has none any more. */
    String confirmation(boolean wanted, SubscriptionRow subscription, TopicRow topic, String token, Instant now) {
        String text = wanted
                ? "You have chosen to subscribe to the topic " + subscription.topicArn()
                        + ".\nTo confirm the subscription, visit the SubscribeURL included in this message."
                : "You have chosen to deactivate subscription " + subscription.arn()
                        + ".\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in"
                        + " this message.";
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        String base = base("", subscription);
        String version = version(topic);
        message.put("Type", wanted ? "SubscriptionConfirmation" : "UnsubscribeConfirmation");
        message.put("MessageId", UUID.randomUUID().toString());
        message.put("Token", token);
        message.put("TopicArn", subscription.topicArn());
        message.put("Message", text);
        message.put("SubscribeURL", confirm(subscription, token));
        message.put("Timestamp", now.truncatedTo(ChronoUnit.MILLIS).toString());
        message.put("SignatureVersion", version);
        message.put("Signature", signer.sign(message, version));
        message.put("SigningCertURL", base + signer.certificatePath());
        return Json.write(message);
    }

    static String version(TopicRow topic) {
        return topic.attributes().getOrDefault("SignatureVersion", "1");
    }

    /** Where a subscription is confirmed by who visits it. */
    static String confirm(SubscriptionRow subscription, String token) {
        return base("", subscription) + "/?Action=ConfirmSubscription&TopicArn="
                + URLEncoder.encode(subscription.topicArn(), StandardCharsets.UTF_8) + "&Token=" + token
                + "&Version=2010-03-31";
    }

    /** Where a subscription is ended by who visits it. */
    static String unsubscribe(String base, String arn) {
        return base + "/?Action=Unsubscribe&SubscriptionArn=" + URLEncoder.encode(arn, StandardCharsets.UTF_8);
    }

    static String base(String of, SubscriptionRow subscription) {
        if (!of.isEmpty()) {
            return of;
        }
        String region = SnsTables.subscription(subscription.arn()).region();
        return subscription.base().isEmpty() ? "https://sns." + region + ".amazonaws.com" : subscription.base();
    }

    static String base(Call call) {
        return call.origin().endpoint();
    }
}
