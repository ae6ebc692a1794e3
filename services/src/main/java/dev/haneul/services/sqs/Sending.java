package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sqs.*;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.services.sqs.LiveQueue.Stored;
import dev.haneul.services.sqs.SqsContext.Queue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** SendMessage and SendMessageBatch. */
final class Sending {
    private static final int LONGEST_DELAY = 900;
    private static final int MOST_ATTRIBUTES = 10;
    private static final Pattern FIFO_ID = Pattern.compile("[\\p{Graph}]{1,128}");
    private static final Pattern ATTRIBUTE = Pattern.compile("[A-Za-z0-9_.-]{1,256}");
    private static final Pattern TYPE = Pattern.compile("(String|Number|Binary)(\\..{1,240})?");
    private static final Pattern NUMBER = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,4})?");

    private final SqsContext sqs;

    Sending(SqsContext sqs) {
        this.sqs = sqs;
    }

    /** A message as it was asked for, of a batch or alone. */
    private record Asked(
            String body,
            @Nullable Integer delay,
            Map<String, MessageAttributeValue> attributes,
            Map<String, MessageSystemAttributeValue> system,
            @Nullable String group,
            @Nullable String deduplication) {
        Asked(SendMessageRequest in) {
            this(
                    in.messageBody(),
                    in.delaySeconds(),
                    in.messageAttributes(),
                    in.messageSystemAttributes(),
                    in.messageGroupId(),
                    in.messageDeduplicationId());
        }

        Asked(SendMessageBatchRequestEntry in) {
            this(
                    in.messageBody(),
                    in.delaySeconds(),
                    in.messageAttributes(),
                    in.messageSystemAttributes(),
                    in.messageGroupId(),
                    in.messageDeduplicationId());
        }

        long bytes() {
            long sum = body.getBytes(StandardCharsets.UTF_8).length;
            for (Map.Entry<String, MessageAttributeValue> each : attributes.entrySet()) {
                String text = each.getValue().stringValue();
                byte[] binary = each.getValue().binaryValue();
                sum += each.getKey().getBytes(StandardCharsets.UTF_8).length
                        + each.getValue().dataType().length()
                        + (text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length)
                        + (binary == null ? 0 : binary.length);
            }
            return sum;
        }
    }

    SendMessageResult send(SendMessageRequest in, Call call) {
        Queue queue = sqs.queue(in.queueUrl(), call);
        Asked asked = new Asked(in);
        Message message = message(queue, asked, call);
        Stored stored = sqs.live()
                .of(queue.row())
                .send(List.of(message), List.of(scope(queue, message)))
                .getFirst();
        return new SendMessageResult()
                .messageId(stored.id().toString())
                .md5OfMessageBody(Md5.of(asked.body))
                .md5OfMessageAttributes(Md5.of(asked.attributes))
                .md5OfMessageSystemAttributes(Md5.of(plain(asked.system)))
                .sequenceNumber(queue.row().fifo() ? SqsContext.sequence(stored.origin()) : null);
    }

    SendMessageBatchResult batch(SendMessageBatchRequest in, Call call) {
        Queue queue = sqs.queue(in.queueUrl(), call);
        Batch.check(
                in.entries().stream().map(SendMessageBatchRequestEntry::id).toList(), "SendMessageBatchRequestEntry");
        long bytes =
                in.entries().stream().mapToLong(each -> new Asked(each).bytes()).sum();
        if (bytes > Attributes.LARGEST_MESSAGE) {
            throw Fault.of(
                    new BatchRequestTooLong(),
                    "Batch requests cannot be longer than " + Attributes.LARGEST_MESSAGE + " bytes. You have sent "
                            + bytes + " bytes.");
        }
        List<SendMessageBatchRequestEntry> sound = new ArrayList<>();
        List<Message> messages = new ArrayList<>();
        List<Duplicates.Scope> scopes = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        for (SendMessageBatchRequestEntry each : in.entries()) {
            try {
                Message message = message(queue, new Asked(each), call);
                messages.add(message);
                scopes.add(scope(queue, message));
                sound.add(each);
            } catch (Fault fault) {
                failed.add(Batch.failed(each.id(), fault));
            }
        }
        List<Stored> stored =
                messages.isEmpty() ? List.of() : sqs.live().of(queue.row()).send(messages, scopes);
        List<SendMessageBatchResultEntry> done = new ArrayList<>();
        for (int i = 0; i < sound.size(); i++) {
            SendMessageBatchRequestEntry asked = sound.get(i);
            done.add(new SendMessageBatchResultEntry()
                    .id(asked.id())
                    .messageId(stored.get(i).id().toString())
                    .md5OfMessageBody(Md5.of(asked.messageBody()))
                    .md5OfMessageAttributes(Md5.of(asked.messageAttributes()))
                    .md5OfMessageSystemAttributes(Md5.of(plain(asked.messageSystemAttributes())))
                    .sequenceNumber(
                            queue.row().fifo()
                                    ? SqsContext.sequence(stored.get(i).origin())
                                    : null));
        }
        return new SendMessageBatchResult().successful(Batch.some(done)).failed(Batch.some(failed));
    }

    private static Duplicates.Scope scope(Queue queue, Message message) {
        boolean grouped = "messageGroup".equals(queue.row().attributes().get("DeduplicationScope"));
        return Duplicates.Scope.of(message, grouped);
    }

    private static Map<String, MessageAttributeValue> plain(Map<String, MessageSystemAttributeValue> system) {
        MessageSystemAttributeValue trace = system.get("AWSTraceHeader");
        return trace == null
                ? Map.of()
                : Map.of(
                        "AWSTraceHeader",
                        new MessageAttributeValue().dataType(trace.dataType()).stringValue(trace.stringValue()));
    }

    private Message message(Queue queue, Asked asked, Call call) {
        checkBody(queue, asked);
        checkAttributes(asked.attributes);
        boolean fifo = queue.row().fifo();
        long now = sqs.nowMillis();
        return new Message(
                UUID.randomUUID(),
                sender(call),
                now,
                now + delaySeconds(queue, asked) * 1000L,
                sqs.keys().kept(queue, asked.body, call),
                asked.attributes,
                trace(asked.system),
                group(fifo, asked.group),
                fifo ? deduplication(queue, asked) : null,
                null,
                -1,
                0,
                0);
    }

    private static String sender(Call call) {
        String id = call.principal().id();
        return call.principal().type() == dev.haneul.api.runtime.Principal.Type.SERVICE
                ? call.principal().arn()
                : id;
    }

    private static void checkBody(Queue queue, Asked asked) {
        if (asked.body.isEmpty()) {
            throw SqsFaults.missing("MessageBody");
        }
        int most = queue.row().seconds("MaximumMessageSize");
        if (asked.bytes() > most) {
            throw SqsFaults.invalid(
                    "One or more parameters are invalid. Reason: Message must be shorter than " + most + " bytes.");
        }
        if (!allowed(asked.body)) {
            throw Fault.of(
                    new InvalidMessageContents(),
                    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to"
                            + " #xFFFD | #x10000 to #x10FFFF");
        }
    }

    static boolean allowed(String body) {
        int step;
        for (int at = 0; at < body.length(); at += step) {
            char c = body.charAt(at);
            // Nearly all are; a stream of code points takes longer for a body than all the rest of its sending.
            boolean plain = c >= 0x20 && c < Character.MIN_SURROGATE;
            int point = plain ? c : body.codePointAt(at);
            if (!plain && !allowed(point)) {
                return false;
            }
            step = Character.charCount(point);
        }
        return true;
    }

    private static boolean allowed(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || (c >= 0x20 && c <= 0xD7FF)
                || (c >= 0xE000 && c <= 0xFFFD)
                || c >= 0x10000;
    }

    private static void checkAttributes(Map<String, MessageAttributeValue> attributes) {
        if (attributes.size() > MOST_ATTRIBUTES) {
            throw SqsFaults.invalid(
                    "Number of message attributes [" + attributes.size() + "] exceeds the allowed maximum [10].");
        }
        attributes.forEach((name, value) -> {
            String lower = name.toLowerCase(java.util.Locale.ROOT);
            if (!ATTRIBUTE.matcher(name).matches()
                    || lower.startsWith("aws.")
                    || lower.startsWith("amazon.")
                    || name.startsWith(".")
                    || name.endsWith(".")
                    || name.contains("..")) {
                throw SqsFaults.invalid("Invalid message attribute name: " + name);
            }
            String type = value.dataType();
            if (!TYPE.matcher(type).matches()) {
                throw SqsFaults.invalid(
                        "The message attribute '" + name + "' has an invalid message attribute type, the set of"
                                + " supported type prefixes is Binary, Number, and String.");
            }
            boolean binary = type.startsWith("Binary");
            byte[] bytes = value.binaryValue();
            String text = value.stringValue();
            if (binary ? bytes == null || bytes.length == 0 : text == null || text.isEmpty()) {
                throw SqsFaults.invalid(
                        "The message attribute '" + name + "' must contain a non-empty message attribute value for"
                                + " message attribute type '" + type + "'.");
            }
            if (type.startsWith("Number")
                    && text != null
                    && !NUMBER.matcher(text).matches()) {
                throw SqsFaults.invalid("Can't cast the value of message (user) attribute '" + name + "' to a number.");
            }
        });
    }

    private static long delaySeconds(Queue queue, Asked asked) {
        Integer delay = asked.delay;
        if (delay == null) {
            return queue.row().seconds("DelaySeconds");
        }
        if (delay < 0 || delay > LONGEST_DELAY) {
            throw SqsFaults.parameter("DelaySeconds", delay, "DelaySeconds must be >= 0 and <= 900.");
        }
        if (queue.row().fifo() && delay > 0) {
            throw SqsFaults.parameter(
                    "DelaySeconds", delay, "The request include parameter that is not valid for this queue type.");
        }
        return queue.row().fifo() ? queue.row().seconds("DelaySeconds") : delay;
    }

    private static @Nullable String trace(Map<String, MessageSystemAttributeValue> system) {
        for (Map.Entry<String, MessageSystemAttributeValue> each : system.entrySet()) {
            if (!each.getKey().equals("AWSTraceHeader")
                    || !each.getValue().dataType().equals("String")
                    || each.getValue().stringValue() == null) {
                throw SqsFaults.invalid("Message system attribute name '" + each.getKey() + "' is invalid.");
            }
        }
        MessageSystemAttributeValue found = system.get("AWSTraceHeader");
        return found == null ? null : found.stringValue();
    }

    /** Standard queues take a group for fair queues; it changes no order there. */
    private static @Nullable String group(boolean fifo, @Nullable String group) {
        if (group == null) {
            if (fifo) {
                throw SqsFaults.missing("MessageGroupId");
            }
            return null;
        }
        if (!FIFO_ID.matcher(group).matches()) {
            throw SqsFaults.parameter(
                    "MessageGroupId",
                    group,
                    "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.");
        }
        return group;
    }

    private static String deduplication(Queue queue, Asked asked) {
        String given = asked.deduplication;
        if (given != null) {
            if (!FIFO_ID.matcher(given).matches()) {
                throw SqsFaults.parameter(
                        "MessageDeduplicationId",
                        given,
                        "MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in"
                                + " length.");
            }
            return given;
        }
        if (!"true".equals(queue.row().attributes().get("ContentBasedDeduplication"))) {
            throw SqsFaults.invalid(
                    "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided"
                            + " explicitly");
        }
        return HexFormat.of().formatHex(ChecksumAlgorithm.SHA256.of(asked.body.getBytes(StandardCharsets.UTF_8)));
    }
}
