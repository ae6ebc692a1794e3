package dev.haneul.services.sns;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.sns.*;
import dev.haneul.delivery.DeliveryPolicy;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Sender;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sns.SnsTables.SentRow;
import dev.haneul.services.sns.SnsTables.SubscriptionRow;
import dev.haneul.services.sns.SnsTables.TopicRow;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Publish and PublishBatch: a parcel for each subscription that wants the message, in one transaction. */
final class Publishing {
    static final long DUPLICATE_MILLIS = 300_000;
    private static final String HOST = "sns.amazonaws.com";
    private static final int LARGEST_BYTES = 256 << 10;
    private static final int LONGEST_SUBJECT = 100;
    private static final int MOST_ENTRIES = 10;
    /** AWS-managed endpoints are tried 100,015 times over 23 days. */
    private static final DeliveryPolicy POLICY = new DeliveryPolicy(Duration.ofDays(23), 100_015, null);

    private final Store store;
    private final Clock clock;
    private final DeliveryQueue standard;
    private final DeliveryQueue ordered;

    Publishing(Store store, Clock clock, DeliveryQueue standard, DeliveryQueue ordered) {
        this.store = store;
        this.clock = clock;
        this.standard = standard;
        this.ordered = ordered;
    }

    /** A message as it was asked for, of a batch or alone. */
    private record Asked(
            String message,
            @Nullable String subject,
            @Nullable String structure,
            Map<String, MessageAttributeValue> attributes,
            @Nullable String group,
            @Nullable String deduplication) {
        /** What a protocol's subscribers get. */
        String body(String protocol) {
            if (!"json".equals(structure)) {
                return message;
            }
            Map<String, @Nullable Object> tree = Json.object(message).orElse(Map.of());
            return String.valueOf(tree.getOrDefault(protocol, tree.get("default")));
        }
    }

    /** What was published: its id and, in FIFO topics, its number. */
    record Published(String messageId, @Nullable String sequence) {}

    PublishResponse publish(PublishInput in, Call call) {
        String arn = in.topicArn() != null ? in.topicArn() : in.targetArn();
        if (in.phoneNumber() != null || (arn != null && arn.contains(":endpoint/"))) {
            throw Faults.notImplemented("sns", "Publish to phones and platform endpoints");
        }
        if (arn == null) {
            throw SnsFaults.invalid("TopicArn or TargetArn Reason: no value for required parameter");
        }
        Published done = publish(
                SnsTables.topic(arn),
                new Asked(
                        in.message(),
                        in.subject(),
                        in.messageStructure(),
                        in.messageAttributes(),
                        in.messageGroupId(),
                        in.messageDeduplicationId()));
        return new PublishResponse().messageId(done.messageId()).sequenceNumber(done.sequence());
    }

    PublishBatchResponse batch(PublishBatchInput in) {
        Key topic = SnsTables.topic(in.topicArn());
        List<PublishBatchRequestEntry> entries = in.publishBatchRequestEntries();
        checkBatch(entries);
        store.read(tx -> Topics.row(tx, topic));
        List<PublishBatchResultEntry> done = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        for (PublishBatchRequestEntry each : entries) {
            try {
                Published one = publish(
                        topic,
                        new Asked(
                                each.message(),
                                each.subject(),
                                each.messageStructure(),
                                each.messageAttributes(),
                                each.messageGroupId(),
                                each.messageDeduplicationId()));
                done.add(new PublishBatchResultEntry()
                        .id(each.id())
                        .messageId(one.messageId())
                        .sequenceNumber(one.sequence()));
            } catch (Fault fault) {
                failed.add(new BatchResultErrorEntry()
                        .id(each.id())
                        .code(fault.code())
                        .message(fault.message())
                        .senderFault(fault.sender()));
            }
        }
        return new PublishBatchResponse().successful(done).failed(failed);
    }

    private static void checkBatch(List<PublishBatchRequestEntry> entries) {
        if (entries.isEmpty()) {
            throw Fault.of(new EmptyBatchRequestException(), "The batch request doesn't contain any entries.");
        }
        if (entries.size() > MOST_ENTRIES) {
            throw Fault.of(
                    new TooManyEntriesInBatchRequestException(),
                    "The batch request contains more entries than permissible.");
        }
        Set<String> ids = new HashSet<>();
        long bytes = 0;
        for (PublishBatchRequestEntry each : entries) {
            if (!each.id().matches("[A-Za-z0-9_-]{1,80}")) {
                throw Fault.of(
                        new InvalidBatchEntryIdException(),
                        "The Id of a batch entry in a batch request doesn't abide by the specification.");
            }
            if (!ids.add(each.id())) {
                throw Fault.of(
                        new BatchEntryIdsNotDistinctException(),
                        "Two or more batch entries in the request have the same Id.");
            }
            bytes += each.message().getBytes(StandardCharsets.UTF_8).length;
        }
        if (bytes > LARGEST_BYTES) {
            throw Fault.of(
                    new BatchRequestTooLongException(),
                    "The length of all the batch messages put together is more than the limit.");
        }
    }

    private Published publish(Key topic, Asked asked) {
        check(asked);
        List<String> woken = new ArrayList<>();
        TopicRow known = store.read(tx -> Topics.row(tx, topic));
        String deduplication = known.fifo() ? deduplication(known, asked) : null;
        DeliveryQueue queue = known.fifo() ? ordered : standard;
        String id = UUID.randomUUID().toString();
        Published done = store.transact(tx -> {
            woken.clear();
            TopicRow row = Topics.row(tx, topic);
            String sequence = null;
            if (deduplication != null) {
                Key key = sentKey(topic, row, asked, deduplication);
                SentRow before = tx.get(SnsTables.SENT, key).map(Row::value).orElse(null);
                if (before != null
                        && before.sentMillis() + DUPLICATE_MILLIS
                                > clock.instant().toEpochMilli()) {
                    return new Published(before.messageId(), before.sequence());
                }
                sequence = "1%019d".formatted(row.published() + 1);
                tx.put(SnsTables.TOPICS, topic, row.counted(row.published() + 1));
                tx.put(
                        SnsTables.SENT,
                        key,
                        new SentRow(id, sequence, clock.instant().toEpochMilli()));
            }
            Published published = new Published(id, sequence);
            for (Row<SubscriptionRow> each : Subscriptions.of(tx, topic)) {
                if (put(tx, queue, topic, each.value(), asked, published, deduplication)) {
                    woken.add(each.value().endpoint());
                }
            }
            return published;
        });
        woken.forEach(arn -> queue.wake(topic.scope(), arn));
        return done;
    }

    private static Key sentKey(Key topic, TopicRow row, Asked asked, String deduplication) {
        boolean grouped = "MessageGroup".equals(row.attributes().get("FifoThroughputScope"));
        return topic.scope().key(topic.id() + ":" + (grouped ? asked.group + "\n" : "") + deduplication);
    }

    private boolean put(
            WriteTx tx,
            DeliveryQueue queue,
            Key topic,
            SubscriptionRow subscription,
            Asked asked,
            Published published,
            @Nullable String deduplication) {
        String body = asked.body(subscription.protocol());
        if (!FilterPolicy.wants(subscription, body, asked.attributes)) {
            return false;
        }
        String topicArn = SnsTables.arn(topic);
        Sender sender = Sender.service(HOST, topic.account(), topicArn);
        boolean raw = subscription.protocol().equals("sqs")
                && "true".equals(subscription.attributes().get("RawMessageDelivery"));
        String payload = raw ? rawPayload(body, asked) : payload(subscription, topicArn, body, asked, published);
        Parcel.Manner manner = Parcel.Manner.PLAIN
                .grouped(subscription.protocol().equals("sqs") ? asked.group : null, deduplication)
                .named(raw ? Handing.RAW : null);
        String letters = Subscriptions.deadLetter(subscription.attributes().getOrDefault("RedrivePolicy", ""));
        DeliveryPolicy policy = letters == null
                ? POLICY
                : POLICY.with(new DeliveryPolicy.DeadLetter(letters, raw ? body : payload, sender, Map.of()));
        String order = published.sequence();
        queue.put(
                tx,
                topic.scope(),
                Parcel.of(subscription.endpoint(), payload, sender).in(manner),
                policy,
                order == null ? null : order + subscription.arn().substring(topicArn.length()));
        return true;
    }

    private static String rawPayload(String body, Asked asked) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("body", body);
        tree.put("attributes", attributes(asked));
        return Json.write(tree);
    }

    private static Map<String, @Nullable Object> attributes(Asked asked) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        asked.attributes.forEach((name, value) -> {
            byte[] binary = value.binaryValue();
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("Type", value.dataType());
            one.put(
                    "Value",
                    binary == null ? value.stringValue() : Base64.getEncoder().encodeToString(binary));
            all.put(name, one);
        });
        return all;
    }

    private String payload(
            SubscriptionRow subscription, String topicArn, String body, Asked asked, Published published) {
        boolean lambda = subscription.protocol().equals("lambda");
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("Type", "Notification");
        message.put("MessageId", published.messageId());
        if (published.sequence() != null) {
            message.put("SequenceNumber", published.sequence());
        }
        message.put("TopicArn", topicArn);
        if (lambda || asked.subject != null) {
            message.put("Subject", asked.subject);
        }
        message.put("Message", body);
        message.put("Timestamp", now.toString());
        if (lambda || !asked.attributes.isEmpty()) {
            message.put("MessageAttributes", attributes(asked));
        }
        if (!lambda) {
            return Json.write(message);
        }
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("EventSource", "aws:sns");
        record.put("EventVersion", "1.0");
        record.put("EventSubscriptionArn", subscription.arn());
        record.put("Sns", message);
        return Json.write(Map.of("Records", List.of(record)));
    }

    private static void check(Asked asked) {
        if (asked.message.isEmpty()) {
            throw SnsFaults.invalid("Empty message");
        }
        if (asked.message.getBytes(StandardCharsets.UTF_8).length > LARGEST_BYTES) {
            throw SnsFaults.invalid("Message too long");
        }
        String subject = asked.subject;
        if (subject != null && (subject.isEmpty() || subject.length() > LONGEST_SUBJECT || subject.contains("\n"))) {
            throw SnsFaults.invalid("Subject");
        }
        if (asked.structure != null) {
            if (!asked.structure.equals("json")) {
                throw SnsFaults.invalid("MessageStructure");
            }
            Map<String, @Nullable Object> tree = Json.object(asked.message)
                    .orElseThrow(() -> SnsFaults.invalid("Message Structure - JSON message body failed to parse"));
            if (!(tree.get("default") instanceof String)) {
                throw SnsFaults.invalid("Message Structure - No default entry in JSON message body");
            }
        }
        asked.attributes.forEach((name, value) -> {
            boolean binary = value.dataType().startsWith("Binary");
            boolean known = value.dataType().matches("(String|Number|Binary)(\\..+)?");
            String text = value.stringValue();
            if (!known || !name.matches("[A-Za-z0-9_.-]{1,256}")) {
                throw Fault.of(
                        new InvalidParameterValueException(),
                        "The message attribute '" + name
                                + "' has an invalid message attribute type, the set of supported"
                                + " type prefixes is Binary, Number, and String.");
            }
            if (binary ? value.binaryValue() == null : text == null || text.isEmpty()) {
                throw Fault.of(
                        new InvalidParameterValueException(),
                        "The message attribute '" + name
                                + "' must contain non-empty message attribute value for message" + " attribute type '"
                                + value.dataType() + "'.");
            }
        });
    }

    private static String deduplication(TopicRow topic, Asked asked) {
        if (asked.group == null || !asked.group.matches("\\p{Graph}{1,128}")) {
            throw SnsFaults.invalid("The MessageGroupId parameter is required for FIFO topics");
        }
        String given = asked.deduplication;
        if (given != null) {
            if (!given.matches("\\p{Graph}{1,128}")) {
                throw SnsFaults.invalid("MessageDeduplicationId");
            }
            return given;
        }
        if (!"true".equals(topic.attributes().get("ContentBasedDeduplication"))) {
            throw SnsFaults.invalid(
                    "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided"
                            + " explicitly");
        }
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(asked.message.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
