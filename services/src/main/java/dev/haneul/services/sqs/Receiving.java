package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sqs.MessageAttributeValue;
import dev.haneul.api.sqs.ReceiveMessageRequest;
import dev.haneul.api.sqs.ReceiveMessageResult;
import dev.haneul.kernel.store.Key;
import dev.haneul.services.sqs.LiveQueue.Received;
import dev.haneul.services.sqs.SqsContext.Queue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** ReceiveMessage, and what it does with messages that were received too often. */
final class Receiving {
    private static final int MOST = 10;
    private static final int LONGEST_WAIT = 20;
    private static final int LONGEST_INVISIBLE = 43_200;
    private static final int MOST_IN_FLIGHT = 120_000;
    private static final int MOST_IN_FLIGHT_FIFO = 20_000;
    private static final int MOST_ROUNDS = 1000;

    private final SqsContext sqs;

    Receiving(SqsContext sqs) {
        this.sqs = sqs;
    }

    ReceiveMessageResult receive(ReceiveMessageRequest in, Call call) {
        Queue queue = sqs.queue(in.queueUrl(), call);
        int most = within("MaxNumberOfMessages", in.maxNumberOfMessages(), 1, 1, MOST);
        int visibility = within(
                "VisibilityTimeout",
                in.visibilityTimeout(),
                queue.row().seconds("VisibilityTimeout"),
                0,
                LONGEST_INVISIBLE);
        int wait = within(
                "WaitTimeSeconds",
                in.waitTimeSeconds(),
                queue.row().seconds("ReceiveMessageWaitTimeSeconds"),
                0,
                LONGEST_WAIT);
        String attempt = in.receiveRequestAttemptId();
        if (attempt != null && (!queue.row().fifo() || !attempt.matches("\\p{Graph}{1,128}"))) {
            throw SqsFaults.parameter(
                    "ReceiveRequestAttemptId",
                    attempt,
                    queue.row().fifo()
                            ? "ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in"
                                    + " length."
                            : "The request include parameter that is not valid for this queue type.");
        }
        Set<String> system = new HashSet<>(in.attributeNames());
        system.addAll(in.messageSystemAttributeNames());
        List<Received> received = fetch(queue, most, visibility * 1000L, wait * 1000L, attempt);
        List<dev.haneul.api.sqs.Message> messages = new ArrayList<>();
        try {
            for (Received each : received) {
                messages.add(
                        told(queue, each, sqs.keys().told(queue, each.message().body(), call))
                                .attributes(system(queue, each, system)));
                tellAttributes(messages.getLast(), each.message(), in.messageAttributeNames());
            }
        } catch (Fault refused) {
            giveBack(queue, received);
            throw refused;
        }
        return new ReceiveMessageResult().messages(messages);
    }

    /** Who may not read what it received has not received it: others may. */
    private void giveBack(Queue queue, List<Received> received) {
        LiveQueue live = sqs.live().of(queue.row());
        for (Received each : received) {
            live.change(
                    each.origin(), 0, entry -> entry.inFlight && !entry.leaving && entry.receives == each.receives());
        }
    }

    private static int within(String name, @Nullable Integer given, int otherwise, int least, int most) {
        int value = given == null ? otherwise : given;
        if (value < least || value > most) {
            throw SqsFaults.parameter(
                    name,
                    value,
                    name.equals("MaxNumberOfMessages")
                            ? "Must be between 1 and 10, if provided."
                            : name + " must be >= " + least + " and <= " + most + ", if provided.");
        }
        return value;
    }

    /** Receives; what was received too often goes to the dead-letter queue, and others are received instead. */
    private List<Received> fetch(Queue queue, int most, long visibility, long wait, @Nullable String attempt) {
        long deadline = sqs.nowMillis() + wait;
        LiveQueue live = sqs.live().of(queue.row());
        Redrive redrive = queue.redrive().orElse(null);
        int inFlight = queue.row().fifo() ? MOST_IN_FLIGHT_FIFO : MOST_IN_FLIGHT;
        try {
            for (int round = 0; round < MOST_ROUNDS; round++) {
                long left = Math.max(0, deadline - sqs.nowMillis());
                List<Received> received = live.receive(
                        new LiveQueue.Want(most, visibility, left, queue.retentionMillis(), inFlight, attempt));
                if (redrive == null || received.isEmpty()) {
                    return received;
                }
                List<Received> alive = new ArrayList<>();
                List<Received> dead = new ArrayList<>();
                received.forEach(each -> (each.receives() > redrive.maxReceiveCount() ? dead : alive).add(each));
                if (!dead.isEmpty() && !bury(queue, redrive, dead)) {
                    return received;
                }
                if (!alive.isEmpty()) {
                    return alive;
                }
            }
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** Moves messages to the dead-letter queue; false where that is gone: then they stay. */
    private boolean bury(Queue queue, Redrive redrive, List<Received> dead) {
        Optional<Key> key = SqsTables.ofArn(redrive.targetArn());
        Optional<Queue> target = key.flatMap(sqs::find);
        if (target.isEmpty()) {
            return false;
        }
        move(queue, target.get(), dead, queue.arn());
        return true;
    }

    /** First into the other queue, then out of this one: a crash in between leaves them twice, never lost. */
    void move(Queue from, Queue to, List<Received> messages, @Nullable String deadSource) {
        long now = sqs.nowMillis();
        List<Message> moved = messages.stream()
                .map(each -> each.message().moved(now, deadSource, to.row().fifo()))
                .toList();
        List<Duplicates.Scope> scopes = messages.stream()
                .map(each -> Duplicates.Scope.moved(each.message().id(), each.origin()))
                .toList();
        sqs.live().of(to.row()).send(moved, scopes);
        sqs.live().of(from.row()).delete(messages.stream().map(Received::origin).toList(), _ -> true);
    }

    private dev.haneul.api.sqs.Message told(Queue queue, Received received, String body) {
        return new dev.haneul.api.sqs.Message()
                .messageId(received.message().id().toString())
                .receiptHandle(sqs.receipt(queue.row(), received.origin(), received.receives()))
                .md5OfBody(Md5.of(body))
                .body(body);
    }

    private static void tellAttributes(dev.haneul.api.sqs.Message told, Message message, List<String> attributeNames) {
        Map<String, MessageAttributeValue> wanted = wanted(message.attributes(), attributeNames);
        told.md5OfMessageAttributes(Md5.of(wanted)).messageAttributes(wanted.isEmpty() ? null : wanted);
    }

    private static Map<String, MessageAttributeValue> wanted(
            Map<String, MessageAttributeValue> all, List<String> names) {
        Map<String, MessageAttributeValue> wanted = new LinkedHashMap<>();
        all.forEach((name, value) -> {
            for (String asked : names) {
                boolean prefix = asked.endsWith(".*") && name.startsWith(asked.substring(0, asked.length() - 2));
                if (asked.equals("All") || prefix || asked.equals(name)) {
                    wanted.put(name, value);
                }
            }
        });
        return wanted;
    }

    private static @Nullable Map<String, String> system(Queue queue, Received received, Set<String> names) {
        if (names.isEmpty()) {
            return null;
        }
        Message message = received.message();
        Map<String, String> all = new LinkedHashMap<>();
        all.put("SenderId", message.sender());
        all.put("SentTimestamp", "" + message.sentMillis());
        all.put("ApproximateReceiveCount", "" + received.receives());
        all.put("ApproximateFirstReceiveTimestamp", "" + received.firstMillis());
        put(all, "MessageGroupId", message.group());
        put(all, "MessageDeduplicationId", message.deduplication());
        put(all, "AWSTraceHeader", message.trace());
        put(all, "DeadLetterQueueSourceArn", message.deadSource());
        if (queue.row().fifo()) {
            all.put("SequenceNumber", SqsContext.sequence(received.origin()));
        }
        if (!names.contains("All")) {
            all.keySet().retainAll(names);
        }
        return all.isEmpty() ? null : all;
    }

    private static void put(Map<String, String> all, String name, @Nullable String value) {
        if (value != null) {
            all.put(name, value);
        }
    }
}
