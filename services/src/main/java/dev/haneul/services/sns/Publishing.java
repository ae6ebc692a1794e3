package dev.haneul.services.sns;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sns.*;
import dev.haneul.delivery.DeliveryPolicy;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Sender;
import dev.haneul.envelope.DataKeys;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sns.SnsTables.EndpointRow;
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
import java.util.HashMap;
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
    private static final int LARGEST_BYTES = 256 << 10;
    private static final int LONGEST_SUBJECT = 100;
    private static final int MOST_ENTRIES = 10;
    private static final Duration DATA_KEY_REUSE = Duration.ofMinutes(5);
    private final Store store;
    private final Clock clock;
    private final DeliveryQueue standard;
    private final DeliveryQueue ordered;
    private final Messages messages;
    private final Receipts receipts;
    private final DataKeys keys;

    Publishing(
            Store store,
            Clock clock,
            DeliveryQueue standard,
            DeliveryQueue ordered,
            Messages messages,
            Receipts receipts,
            DataKeys keys) {
        this.keys = keys;
        this.receipts = receipts;
        this.messages = messages;
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

    /** What was published: its id and, in FIFO topics, its number; and how many subscriptions' filters did not want it. */
    record Published(String messageId, @Nullable String sequence, int passedOver) {}

    PublishResponse publish(PublishInput in, Call call) {
        String arn = in.topicArn() != null ? in.topicArn() : in.targetArn();
        if (in.phoneNumber() != null && arn == null) {
            return text(in, in.phoneNumber(), call);
        }
        if (arn != null && arn.contains(":endpoint/")) {
            return push(in, arn, call);
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
                        in.messageDeduplicationId()),
                call);
        return new PublishResponse().messageId(done.messageId()).sequenceNumber(done.sequence());
    }

    /** A message to one phone. */
    private PublishResponse text(PublishInput in, String number, Call call) {
        Asked asked = new Asked(in.message(), null, in.messageStructure(), in.messageAttributes(), null, null);
        check(asked);
        if (!Subscriptions.PHONE.matcher(number).matches()) {
            throw SnsFaults.invalid("PhoneNumber Reason: " + number + " is not valid to publish to");
        }
        return direct(Handing.PHONE + number, asked.body("sms"), call);
    }

    /** A message to one app on a device. */
    private PublishResponse push(PublishInput in, String arn, Call call) {
        Asked asked = new Asked(in.message(), in.subject(), in.messageStructure(), in.messageAttributes(), null, null);
        check(asked);
        String record = store.read(
                tx -> Platforms.pushed(arn, Platforms.open(tx, arn), asked.subject, asked.body(Platforms.kind(arn))));
        return direct(Handing.PUSH + arn, record, call);
    }

    private PublishResponse direct(String target, String payload, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String id = UUID.randomUUID().toString();
        Sender sender = Sender.service("sns.amazonaws.com", call.account(), "");
        standard.add(scope, Parcel.of(target, payload, sender).in(Parcel.Manner.PLAIN.named(id)), Parcels.PERSONS);
        return new PublishResponse().messageId(id);
    }

    PublishBatchResponse batch(PublishBatchInput in, Call call) {
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
                                each.messageDeduplicationId()),
                        call);
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

    /** A message on its way: what it says, its id, and its signatures by body, made before the transaction. */
    private record Going(
            Asked asked,
            String id,
            Instant at,
            String base,
            @Nullable String deduplication,
            Map<String, String> signatures) {
        Messages.Common common(String topicArn, TopicRow topic, @Nullable String sequence) {
            return new Messages.Common(
                    topicArn, id, sequence, asked.subject, attributes(asked), at, Messages.version(topic), base);
        }
    }

    private record Known(TopicRow topic, Set<String> protocols) {}

    private Published publish(Key topic, Asked asked, Call call) {
        check(asked);
        List<String> woken = new ArrayList<>();
        Known known = store.read(tx -> {
            Set<String> protocols = new HashSet<>();
            TopicRow row = Topics.row(tx, topic);
            Subscriptions.of(tx, topic).stream()
                    .filter(each -> !raw(each.value()))
                    .forEach(each -> protocols.add(each.value().protocol()));
            return new Known(row, protocols);
        });
        askKms(topic, known.topic, call);
        String deduplication = known.topic.fifo() ? deduplication(known.topic, asked) : null;
        DeliveryQueue queue = known.topic.fifo() ? ordered : standard;
        Going going = new Going(
                asked,
                UUID.randomUUID().toString(),
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                Messages.base(call),
                deduplication,
                new HashMap<>());
        Messages.Common common = going.common(SnsTables.arn(topic), known.topic, null);
        for (String protocol : known.protocols) {
            going.signatures.computeIfAbsent(asked.body(protocol), body -> messages.signature(common, body));
        }
        Published done = store.transact(tx -> {
            woken.clear();
            int passedOver = 0;
            TopicRow row = Topics.row(tx, topic);
            String sequence = null;
            if (deduplication != null) {
                Key key = sentKey(topic, row, asked, deduplication);
                SentRow before = tx.get(SnsTables.SENT, key).map(Row::value).orElse(null);
                if (before != null
                        && before.sentMillis() + DUPLICATE_MILLIS
                                > clock.instant().toEpochMilli()) {
                    return new Published(before.messageId(), before.sequence(), 0);
                }
                sequence = "1%019d".formatted(row.published() + 1);
                tx.put(SnsTables.TOPICS, topic, row.counted(row.published() + 1));
                tx.put(
                        SnsTables.SENT,
                        key,
                        new SentRow(going.id, sequence, clock.instant().toEpochMilli()));
            }
            for (Row<SubscriptionRow> each : Subscriptions.of(tx, topic)) {
                if (put(tx, queue, topic, row, each.value(), going, sequence)) {
                    woken.add(Parcels.target(each.value()));
                } else if (!each.value().pending()) {
                    passedOver++;
                }
            }
            return new Published(going.id, sequence, passedOver);
        });
        woken.forEach(target -> queue.wake(topic.scope(), target));
        receipts.published(topic, asked.message.getBytes(StandardCharsets.UTF_8).length, done.passedOver);
        return done;
    }

    /** Who publishes to a topic with a KMS key needs that key. */
    private void askKms(Key topic, TopicRow row, Call call) {
        String key = row.attributes().get("KmsMasterKeyId");
        if (key == null || key.isEmpty()) {
            return;
        }
        try {
            keys.require(key, topic.account(), Map.of("aws:sns:topicArn", SnsTables.arn(topic)), call, DATA_KEY_REUSE);
        } catch (Fault refused) {
            throw SnsFaults.ofKms(refused);
        }
    }

    private static boolean raw(SubscriptionRow subscription) {
        boolean may = subscription.protocol().equals("sqs") || Parcels.web(subscription);
        return may && "true".equals(subscription.attributes().get("RawMessageDelivery"));
    }

    private static Key sentKey(Key topic, TopicRow row, Asked asked, String deduplication) {
        boolean grouped = "MessageGroup".equals(row.attributes().get("FifoThroughputScope"));
        return topic.scope().key(topic.id() + ":" + (grouped ? asked.group + "\n" : "") + deduplication);
    }

    private boolean put(
            WriteTx tx,
            DeliveryQueue queue,
            Key topic,
            TopicRow row,
            SubscriptionRow subscription,
            Going going,
            @Nullable String sequence) {
        Asked asked = going.asked;
        String body = asked.body(subscription.protocol());
        if (subscription.pending() || !FilterPolicy.wants(subscription, body, asked.attributes)) {
            return false;
        }
        if (subscription.protocol().equals("application")) {
            return push(tx, queue, topic, row, subscription, going);
        }
        boolean raw = raw(subscription);
        boolean queued = subscription.protocol().equals("sqs");
        String payload = payload(subscription, row, body, going, sequence, raw);
        Parcel.Manner manner = Parcel.Manner.PLAIN
                .grouped(queued ? asked.group : null, going.deduplication)
                .about(asked.subject)
                .named((raw && queued ? Handing.RAW + " " : "") + going.id);
        if (Parcels.web(subscription)) {
            manner = manner.requesting(Parcels.headers(subscription, "Notification", going.id, raw));
        }
        Sender sender = Parcels.sender(subscription);
        String letters = Subscriptions.deadLetter(subscription.attributes().getOrDefault("RedrivePolicy", ""));
        DeliveryPolicy policy = Parcels.policy(row, subscription);
        if (letters != null) {
            policy = policy.with(new DeliveryPolicy.DeadLetter(letters, raw ? body : payload, sender, Map.of()));
        }
        String order = sequence == null
                ? null
                : sequence
                        + subscription.arn().substring(subscription.topicArn().length());
        queue.put(
                tx,
                topic.scope(),
                Parcel.of(Parcels.target(subscription), payload, sender).in(manner),
                policy,
                order);
        return true;
    }

    /** An app that takes nothing now gets nothing later. */
    private static boolean push(
            WriteTx tx, DeliveryQueue queue, Key topic, TopicRow row, SubscriptionRow subscription, Going going) {
        String arn = subscription.endpoint();
        EndpointRow endpoint;
        try {
            endpoint = Platforms.open(tx, arn);
        } catch (Fault closed) {
            return false;
        }
        String record = Platforms.pushed(arn, endpoint, going.asked.subject, going.asked.body(Platforms.kind(arn)));
        Parcel parcel = Parcel.of(Parcels.target(subscription), record, Parcels.sender(subscription))
                .in(Parcel.Manner.PLAIN.named(going.id));
        queue.put(tx, topic.scope(), parcel, Parcels.policy(row, subscription), null);
        return true;
    }

    private String payload(
            SubscriptionRow subscription,
            TopicRow topic,
            String body,
            Going going,
            @Nullable String sequence,
            boolean raw) {
        if (raw) {
            return Parcels.web(subscription) ? body : rawPayload(body, going.asked);
        }
        Messages.Common common = going.common(subscription.topicArn(), topic, sequence);
        String signature = going.signatures.computeIfAbsent(body, text -> messages.signature(common, text));
        return switch (subscription.protocol()) {
            case "sms" -> body;
            case "email" ->
                body
                        + "\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link"
                        + " below to unsubscribe:\n"
                        + Messages.unsubscribe(Messages.base(going.base, subscription), subscription.arn()) + "\n";
            case "lambda" -> messages.event(subscription, common, body, signature);
            default -> messages.notification(subscription, common, body, signature);
        };
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
