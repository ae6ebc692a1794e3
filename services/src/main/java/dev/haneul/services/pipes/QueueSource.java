package dev.haneul.services.pipes;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.sqs.DeleteMessageBatchRequest;
import dev.haneul.api.sqs.DeleteMessageBatchRequestEntry;
import dev.haneul.api.sqs.Message;
import dev.haneul.api.sqs.ReceiveMessageRequest;
import dev.haneul.api.sqs.SqsClient;
import dev.haneul.kernel.Arn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A queue as a source. See "Amazon SQS as a source". */
final class QueueSource implements Source {
    private static final int MOST_AT_ONCE = 10;

    private final SqsClient sqs;
    private final Arn arn;
    private final String url;

    QueueSource(Caller neighbours, Arn arn) {
        this.sqs = new SqsClient(neighbours);
        this.arn = arn;
        this.url = "https://sqs." + arn.region() + ".amazonaws.com/" + arn.account() + "/" + arn.resource();
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
            told.put("stringValue", value.stringValue());
            told.put("dataType", value.dataType());
            told.put("stringListValues", List.of());
            told.put("binaryListValues", List.of());
            attributes.put(name, told);
        });
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("messageId", message.messageId());
        tree.put("receiptHandle", message.receiptHandle());
        tree.put("body", message.body());
        tree.put("attributes", message.attributes());
        tree.put("messageAttributes", attributes);
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
}
