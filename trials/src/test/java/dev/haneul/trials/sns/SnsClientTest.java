package dev.haneul.trials.sns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.NotFoundException;
import software.amazon.awssdk.services.sns.model.SnsException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

@ExtendWith(SharedRegion.class)
class SnsClientTest {
    private final String account = Accounts.fresh();
    private final Clients clients;
    private final SnsClient sns;
    private final SqsClient sqs;

    SnsClientTest(URI endpoint) {
        clients = new Clients(endpoint, account, "test");
        sns = clients.sns();
        sqs = clients.sqs();
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private String queue(String name, boolean open) {
        String arn = arn(name);
        String policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
                + "{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"" + arn + "\"}]}";
        Map<QueueAttributeName, String> attributes = new java.util.HashMap<>();
        if (open) {
            attributes.put(QueueAttributeName.POLICY, policy);
        }
        if (name.endsWith(".fifo")) {
            attributes.put(QueueAttributeName.FIFO_QUEUE, "true");
        }
        return sqs.createQueue(r -> r.queueName(name).attributes(attributes)).queueUrl();
    }

    private String arn(String queue) {
        return "arn:aws:sqs:us-east-1:" + account + ":" + queue;
    }

    private List<String> bodies(String url, int count) {
        List<String> bodies = new ArrayList<>();
        for (int tries = 0; tries < 10 && bodies.size() < count; tries++) {
            List<Message> page = sqs.receiveMessage(r -> r.queueUrl(url)
                            .waitTimeSeconds(2)
                            .maxNumberOfMessages(10)
                            .messageAttributeNames("All"))
                    .messages();
            page.forEach(each -> {
                bodies.add(each.body());
                sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(each.receiptHandle()));
            });
        }
        return bodies;
    }

    private static MessageAttributeValue value(String type, String text) {
        return MessageAttributeValue.builder().dataType(type).stringValue(text).build();
    }

    @Test
    void aTopicFansOutThroughFilters() {
        String topic = sns.createTopic(r -> r.name("fan")).topicArn();
        String all = queue("all", true);
        String some = queue("some", true);
        sns.subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint(arn("all")));
        sns.subscribe(r -> r.topicArn(topic)
                .protocol("sqs")
                .endpoint(arn("some"))
                .attributes(Map.of(
                        "RawMessageDelivery",
                        "true",
                        "FilterPolicy",
                        "{\"price\":[{\"numeric\":[\">\",10]}],\"kind\":[{\"prefix\":\"b\"}]}")));
        sns.publish(r -> r.topicArn(topic)
                .message("cheap")
                .messageAttributes(Map.of("price", value("Number", "5"), "kind", value("String", "book"))));
        sns.publish(r -> r.topicArn(topic)
                .message("dear")
                .subject("s")
                .messageAttributes(Map.of("price", value("Number", "50"), "kind", value("String", "book"))));
        assertThat(bodies(some, 1)).containsExactly("dear");
        List<String> told = bodies(all, 2);
        assertThat(told)
                .hasSize(2)
                .allSatisfy(each -> assertThat(each)
                        .contains("\"Type\":\"Notification\"")
                        .contains("\"TopicArn\":\"" + topic + "\""));
        assertThat(told).anySatisfy(each -> assertThat(each).contains("\"Subject\":\"s\""));
        assertThat(sns.getTopicAttributes(r -> r.topicArn(topic)).attributes())
                .containsEntry("SubscriptionsConfirmed", "2");
    }

    @Test
    void bodiesAreFilteredAndStructured() {
        String topic = sns.createTopic(r -> r.name("body")).topicArn();
        String url = queue("body", true);
        sns.subscribe(r -> r.topicArn(topic)
                .protocol("sqs")
                .endpoint(arn("body"))
                .attributes(Map.of(
                        "RawMessageDelivery",
                        "true",
                        "FilterPolicyScope",
                        "MessageBody",
                        "FilterPolicy",
                        "{\"order\":{\"state\":[\"paid\"]}}")));
        sns.publish(r -> r.topicArn(topic).message("{\"order\":{\"state\":\"open\"}}"));
        sns.publish(r -> r.topicArn(topic)
                .messageStructure("json")
                .message("{\"default\":\"d\",\"sqs\":\"{\\\"order\\\":{\\\"state\\\":\\\"paid\\\"}}\"}"));
        assertThat(bodies(url, 1)).containsExactly("{\"order\":{\"state\":\"paid\"}}");
    }

    @Test
    void aFifoTopicKeepsItsOrder() {
        String topic = sns.createTopic(r -> r.name("line.fifo")
                        .attributes(Map.of("FifoTopic", "true", "ContentBasedDeduplication", "true")))
                .topicArn();
        String url = queue("line.fifo", true);
        sns.subscribe(r -> r.topicArn(topic)
                .protocol("sqs")
                .endpoint(arn("line.fifo"))
                .attributes(Map.of("RawMessageDelivery", "true")));
        for (String each : List.of("1", "2", "3", "2", "4")) {
            sns.publish(r -> r.topicArn(topic).message(each).messageGroupId("g"));
        }
        assertThat(bodies(url, 4)).containsExactly("1", "2", "3", "4");
    }

    @Test
    void whatAQueueDoesNotTakeGoesToTheDeadLetterQueue() {
        String topic = sns.createTopic(r -> r.name("refused")).topicArn();
        queue("closed", false);
        String letters = queue("letters", true);
        sns.subscribe(r -> r.topicArn(topic)
                .protocol("sqs")
                .endpoint(arn("closed"))
                .attributes(Map.of("RedrivePolicy", "{\"deadLetterTargetArn\":\"" + arn("letters") + "\"}")));
        sns.publish(r -> r.topicArn(topic).message("lost?"));
        assertThat(bodies(letters, 1)).singleElement().asString().contains("lost?");
    }

    @Test
    void whatIsWrongIsToldAsAwsDoes() {
        String missing = "arn:aws:sns:us-east-1:" + account + ":missing";
        assertThatThrownBy(() -> sns.publish(r -> r.topicArn(missing).message("m")))
                .isInstanceOf(NotFoundException.class);
        String topic = sns.createTopic(r -> r.name("strict")).topicArn();
        assertThatThrownBy(() -> sns.subscribe(r -> r.topicArn(topic)
                        .protocol("sqs")
                        .endpoint(arn("q"))
                        .attributes(Map.of("FilterPolicy", "{\"a\":\"b\"}"))))
                .isInstanceOf(SnsException.class)
                .hasMessageContaining("FilterPolicy");
        var batch = sns.publishBatch(r -> r.topicArn(topic)
                .publishBatchRequestEntries(
                        e -> e.id("a").message("fine"),
                        e -> e.id("b").message("x").subject("")));
        assertThat(batch.successful()).hasSize(1);
        assertThat(batch.failed())
                .singleElement()
                .satisfies(each -> assertThat(each.code()).isEqualTo("InvalidParameter"));
    }
}
