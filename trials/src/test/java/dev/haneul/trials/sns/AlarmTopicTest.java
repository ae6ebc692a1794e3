package dev.haneul.trials.sns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.ComparisonOperator;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Alarms that tell a topic, as far as its policy lets them. */
@ExtendWith(SharedRegion.class)
class AlarmTopicTest {
    private final String account = Accounts.fresh();
    private final Clients clients;
    private final SnsClient sns;
    private final SqsClient sqs;
    private final CloudWatchClient cloudWatch;

    AlarmTopicTest(URI endpoint) {
        clients = new Clients(endpoint, account, "test");
        sns = clients.sns();
        sqs = clients.sqs();
        cloudWatch = clients.cloudWatch();
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private static String allow(String service, String action, String resource, String condition) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\""
                + service + "\"},\"Action\":\"" + action + "\",\"Resource\":\"" + resource + "\"" + condition + "}]}";
    }

    private void alarm(String name, String topic) {
        cloudWatch.putMetricAlarm(request -> request.alarmName(name)
                .namespace("shop")
                .metricName("orders")
                .statistic(Statistic.SUM)
                .period(60)
                .evaluationPeriods(1)
                .threshold(1.0)
                .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD)
                .alarmActions(topic));
        cloudWatch.setAlarmState(
                request -> request.alarmName(name).stateValue(StateValue.ALARM).stateReason("by hand"));
    }

    @Test
    void onlyTheAlarmThatTheTopicsPolicyNamesIsHeard() {
        String queueArn = "arn:aws:sqs:us-east-1:" + account + ":heard";
        String url = sqs.createQueue(r -> r.queueName("heard")
                        .attributes(Map.of(
                                QueueAttributeName.POLICY,
                                allow("sns.amazonaws.com", "sqs:SendMessage", queueArn, ""))))
                .queueUrl();
        String topic = sns.createTopic(r -> r.name("alarms")).topicArn();
        sns.setTopicAttributes(r -> r.topicArn(topic)
                .attributeName("Policy")
                .attributeValue(allow(
                        "cloudwatch.amazonaws.com",
                        "sns:Publish",
                        topic,
                        ",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:cloudwatch:us-east-1:" + account
                                + ":alarm:known*\"},\"StringEquals\":{\"aws:SourceAccount\":\"" + account
                                + "\"}}")));
        sns.subscribe(r ->
                r.topicArn(topic).protocol("sqs").endpoint(queueArn).attributes(Map.of("RawMessageDelivery", "true")));
        alarm("stranger", topic);
        alarm("known", topic);
        List<Message> heard = sqs.receiveMessage(
                        r -> r.queueUrl(url).waitTimeSeconds(15).maxNumberOfMessages(10))
                .messages();
        assertThat(heard)
                .singleElement()
                .satisfies(each -> assertThat(each.body())
                        .contains(
                                "\"AlarmName\":\"known\"",
                                "\"NewStateValue\":\"ALARM\"",
                                "\"NewStateReason\":\"by hand\"",
                                "\"AWSAccountId\":\"" + account + "\""));
        assertThat(sqs.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(1)).messages())
                .isEmpty();
    }
}
