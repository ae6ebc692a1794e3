package dev.haneul.delivery;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.sqs.ChangeMessageVisibilityBatchRequest;
import dev.haneul.api.sqs.ChangeMessageVisibilityBatchRequestEntry;
import dev.haneul.api.sqs.DeleteMessageBatchRequest;
import dev.haneul.api.sqs.DeleteMessageBatchRequestEntry;
import dev.haneul.api.sqs.GetQueueAttributesRequest;
import dev.haneul.api.sqs.Message;
import dev.haneul.api.sqs.MessageAttributeValue;
import dev.haneul.api.sqs.ReceiveMessageRequest;
import dev.haneul.api.sqs.SqsClient;
import dev.haneul.kernel.Arn;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A queue that is read for somebody: Lambda's mappings and EventBridge's pipes poll it, and see each message as the same
 * record. Every method throws what SQS answers.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html">Using Lambda with Amazon SQS</a>
 */
public final class QueueReader {
    private static final int MOST_AT_ONCE = 10;
    private static final int VISIBILITY_SECONDS = 30;

    private final SqsClient sqs;
    private final Arn arn;
    private final String url;

    /**
     * One message.
     *
     * @param id its message id
     * @param handle its receipt handle
     * @param tree the record, as functions, filters and targets see it
     */
    public record Item(String id, String handle, Map<String, @Nullable Object> tree) {}

    public QueueReader(Caller neighbours, Arn arn) {
        this.sqs = new SqsClient(neighbours);
        this.arn = arn;
        this.url = "https://sqs." + arn.region() + ".amazonaws.com/" + arn.account() + "/" + arn.resource();
    }

    /** How long a message that was taken stays hidden; asks whether the queue is there and may be read, too. */
    public int visibilitySeconds(Call call) {
        String seconds = sqs.getQueueAttributes(
                        new GetQueueAttributesRequest().queueUrl(url).attributeNames(List.of("VisibilityTimeout")),
                        call)
                .attributes()
                .get("VisibilityTimeout");
        return seconds == null ? VISIBILITY_SECONDS : Integer.parseInt(seconds);
    }

    /** Takes what is visible now, at most so many, without waiting. */
    public List<Item> poll(int most, Call call) {
        List<Item> items = new ArrayList<>();
        while (items.size() < most) {
            List<Message> messages = sqs.receiveMessage(
                            new ReceiveMessageRequest()
                                    .queueUrl(url)
                                    .maxNumberOfMessages(Math.min(MOST_AT_ONCE, most - items.size()))
                                    .messageSystemAttributeNames(List.of("All"))
                                    .messageAttributeNames(List.of("All")),
                            call)
                    .messages();
            if (messages.isEmpty()) {
                break;
            }
            messages.forEach(message -> items.add(new Item(
                    String.valueOf(message.messageId()), String.valueOf(message.receiptHandle()), tree(message))));
        }
        return items;
    }

    private Map<String, @Nullable Object> tree(Message message) {
        Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
        message.messageAttributes().forEach((name, value) -> attributes.put(name, tree(value)));
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("messageId", message.messageId());
        tree.put("receiptHandle", message.receiptHandle());
        tree.put("body", message.body());
        tree.put("attributes", message.attributes());
        tree.put("messageAttributes", attributes);
        if (message.md5OfMessageAttributes() != null) {
            tree.put("md5OfMessageAttributes", message.md5OfMessageAttributes());
        }
        tree.put("md5OfBody", message.md5OfBody());
        tree.put("eventSource", "aws:sqs");
        tree.put("eventSourceARN", arn.toString());
        tree.put("awsRegion", arn.region());
        return tree;
    }

    private static Map<String, @Nullable Object> tree(MessageAttributeValue value) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        byte[] binary = value.binaryValue();
        if (value.stringValue() != null) {
            tree.put("stringValue", value.stringValue());
        }
        if (binary != null) {
            tree.put("binaryValue", Base64.getEncoder().encodeToString(binary));
        }
        tree.put("stringListValues", List.of());
        tree.put("binaryListValues", List.of());
        tree.put("dataType", value.dataType());
        return tree;
    }

    /** Deletes messages. */
    public void remove(List<String> handles, Call call) {
        for (int from = 0; from < handles.size(); from += MOST_AT_ONCE) {
            List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
            for (String handle : tenFrom(handles, from)) {
                entries.add(new DeleteMessageBatchRequestEntry()
                        .id(Integer.toString(entries.size()))
                        .receiptHandle(handle));
            }
            sqs.deleteMessageBatch(new DeleteMessageBatchRequest().queueUrl(url).entries(entries), call);
        }
    }

    /** Makes messages visible at once. */
    public void giveBack(List<String> handles, Call call) {
        for (int from = 0; from < handles.size(); from += MOST_AT_ONCE) {
            List<ChangeMessageVisibilityBatchRequestEntry> entries = new ArrayList<>();
            for (String handle : tenFrom(handles, from)) {
                entries.add(new ChangeMessageVisibilityBatchRequestEntry()
                        .id(Integer.toString(entries.size()))
                        .receiptHandle(handle)
                        .visibilityTimeout(0));
            }
            sqs.changeMessageVisibilityBatch(
                    new ChangeMessageVisibilityBatchRequest().queueUrl(url).entries(entries), call);
        }
    }

    private static List<String> tenFrom(List<String> all, int from) {
        return all.subList(from, Math.min(from + MOST_AT_ONCE, all.size()));
    }
}
