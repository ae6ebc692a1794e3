package dev.haneul.services.lambda;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.sqs.ChangeMessageVisibilityBatchRequest;
import dev.haneul.api.sqs.ChangeMessageVisibilityBatchRequestEntry;
import dev.haneul.api.sqs.DeleteMessageBatchRequest;
import dev.haneul.api.sqs.DeleteMessageBatchRequestEntry;
import dev.haneul.api.sqs.GetQueueAttributesRequest;
import dev.haneul.api.sqs.Message;
import dev.haneul.api.sqs.ReceiveMessageRequest;
import dev.haneul.api.sqs.SqsClient;
import dev.haneul.kernel.Arn;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A queue. See "Using Lambda with Amazon SQS". */
final class QueueSource implements EventSource {
    private static final int MOST_AT_ONCE = 10;

    private final SqsClient sqs;
    private final Arn arn;
    private final String url;

    QueueSource(Caller neighbours, Arn arn) {
        this.sqs = new SqsClient(neighbours);
        this.arn = arn;
        this.url = "https://sqs." + arn.region() + ".amazonaws.com/" + arn.account() + "/" + arn.resource();
    }

    /** How long a message that was taken stays hidden; asks whether the queue is there and may be read, too. */
    int visibilitySeconds(Call call) {
        String seconds = sqs.getQueueAttributes(
                        new GetQueueAttributesRequest().queueUrl(url).attributeNames(List.of("VisibilityTimeout")),
                        call)
                .attributes()
                .get("VisibilityTimeout");
        return seconds == null ? 30 : Integer.parseInt(seconds);
    }

    @Override
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
            messages.forEach(message -> items.add(item(message)));
        }
        return items;
    }

    private Item item(Message message) {
        Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
        message.messageAttributes().forEach((name, value) -> {
            Map<String, @Nullable Object> told = new LinkedHashMap<>();
            byte[] binary = value.binaryValue();
            if (value.stringValue() != null) {
                told.put("stringValue", value.stringValue());
            }
            if (binary != null) {
                told.put("binaryValue", Base64.getEncoder().encodeToString(binary));
            }
            told.put("stringListValues", List.of());
            told.put("binaryListValues", List.of());
            told.put("dataType", value.dataType());
            attributes.put(name, told);
        });
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
        return new Item(String.valueOf(message.messageId()), String.valueOf(message.receiptHandle()), tree);
    }

    @Override
    public void remove(List<Item> items, Call call) {
        for (int from = 0; from < items.size(); from += MOST_AT_ONCE) {
            List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
            for (Item item : items.subList(from, Math.min(from + MOST_AT_ONCE, items.size()))) {
                entries.add(new DeleteMessageBatchRequestEntry()
                        .id(Integer.toString(entries.size()))
                        .receiptHandle(item.handle()));
            }
            sqs.deleteMessageBatch(new DeleteMessageBatchRequest().queueUrl(url).entries(entries), call);
        }
    }

    @Override
    public void giveBack(List<Item> items, Call call) {
        for (int from = 0; from < items.size(); from += MOST_AT_ONCE) {
            List<ChangeMessageVisibilityBatchRequestEntry> entries = new ArrayList<>();
            for (Item item : items.subList(from, Math.min(from + MOST_AT_ONCE, items.size()))) {
                entries.add(new ChangeMessageVisibilityBatchRequestEntry()
                        .id(Integer.toString(entries.size()))
                        .receiptHandle(item.handle())
                        .visibilityTimeout(0));
            }
            sqs.changeMessageVisibilityBatch(
                    new ChangeMessageVisibilityBatchRequest().queueUrl(url).entries(entries), call);
        }
    }
}
