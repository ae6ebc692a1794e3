package dev.haneul.trials.events;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Queues that services send to. */
final class Queues {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Queues() {}

    static String arn(String account, String name) {
        return "arn:aws:sqs:us-east-1:" + account + ":" + name;
    }

    /** A queue whose policy lets a service send; answers its URL. */
    static String make(SqsClient sqs, String name, String service) {
        return sqs.createQueue(request -> request.queueName(name)
                        .attributes(Map.of(
                                QueueAttributeName.POLICY,
                                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\""
                                        + service
                                        + "\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}]}")))
                .queueUrl();
    }

    /** Receives and deletes so many messages. */
    static List<Message> receive(SqsClient sqs, String url, int count) {
        List<Message> all = new ArrayList<>();
        Instant end = Instant.now().plus(PATIENCE);
        while (all.size() < count && Instant.now().isBefore(end)) {
            List<Message> some = sqs.receiveMessage(request -> request.queueUrl(url)
                            .waitTimeSeconds(2)
                            .maxNumberOfMessages(10)
                            .messageAttributeNames("All"))
                    .messages();
            some.forEach(
                    each -> sqs.deleteMessage(request -> request.queueUrl(url).receiptHandle(each.receiptHandle())));
            all.addAll(some);
        }
        return all;
    }

    static Map<String, String> attributes(Message message) {
        Map<String, String> found = new HashMap<>();
        message.messageAttributes().forEach((name, value) -> found.put(name, value.stringValue()));
        return found;
    }
}
