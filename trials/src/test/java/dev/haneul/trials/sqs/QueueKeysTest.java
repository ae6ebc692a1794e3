package dev.haneul.trials.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.KmsAccessDeniedException;
import software.amazon.awssdk.services.sqs.model.KmsDisabledException;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Queues and topics with KMS keys: who may not use the key sends and receives nothing. */
@ExtendWith(SharedRegion.class)
class QueueKeysTest {
    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final SqsClient sqs;

    QueueKeysTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.sqs = root.sqs();
    }

    @AfterEach
    void close() throws Exception {
        root.close();
    }

    private String key(String more) {
        String policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
                + "\"arn:aws:iam::" + account + ":root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}" + more + "]}";
        return root.kms()
                .createKey(request -> request.policy(policy))
                .keyMetadata()
                .arn();
    }

    private String queue(String name, String key, String policy) {
        Map<QueueAttributeName, String> attributes = policy.isEmpty()
                ? Map.of(QueueAttributeName.KMS_MASTER_KEY_ID, key)
                : Map.of(QueueAttributeName.KMS_MASTER_KEY_ID, key, QueueAttributeName.POLICY, policy);
        return sqs.createQueue(r -> r.queueName(name).attributes(attributes)).queueUrl();
    }

    private Clients user(String name, String actions) {
        IamClient iam = root.iam();
        iam.createUser(request -> request.userName(name));
        allow(name, actions);
        AccessKey keys = iam.createAccessKey(request -> request.userName(name)).accessKey();
        return new Clients(endpoint, keys.accessKeyId(), keys.secretAccessKey());
    }

    private void allow(String name, String actions) {
        root.iam()
                .putUserPolicy(request -> request.userName(name)
                        .policyName("p")
                        .policyDocument("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":["
                                + actions + "],\"Resource\":\"*\"}]}"));
    }

    private static List<Message> receive(SqsClient sqs, String url) {
        return sqs.receiveMessage(r -> r.queueUrl(url)
                        .waitTimeSeconds(5)
                        .messageAttributeNames("All")
                        .maxNumberOfMessages(10))
                .messages();
    }

    @Test
    void senderAndReceiverNeedTheKey() throws Exception {
        String key = key("");
        String url = queue("sealed", key, "");
        assertThat(sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.ALL))
                        .attributes())
                .containsEntry(QueueAttributeName.SQS_MANAGED_SSE_ENABLED, "false")
                .containsEntry(QueueAttributeName.KMS_DATA_KEY_REUSE_PERIOD_SECONDS, "300");
        try (Clients alice = user("alice", "\"sqs:*\"")) {
            assertThatThrownBy(
                            () -> alice.sqs().sendMessage(r -> r.queueUrl(url).messageBody("m")))
                    .isInstanceOf(KmsAccessDeniedException.class)
                    .hasMessageContaining("kms:GenerateDataKey");
            allow("alice", "\"sqs:*\",\"kms:GenerateDataKey\"");
            assertThatThrownBy(
                            () -> alice.sqs().sendMessage(r -> r.queueUrl(url).messageBody("m")))
                    .isInstanceOf(KmsAccessDeniedException.class)
                    .hasMessageContaining("kms:Decrypt");
            sqs.sendMessage(r -> r.queueUrl(url).messageBody("한글"));
            assertThatThrownBy(() -> receive(alice.sqs(), url)).isInstanceOf(KmsAccessDeniedException.class);
            assertThat(receive(sqs, url)).extracting(Message::body).containsExactly("한글");
            allow("alice", "\"sqs:*\",\"kms:GenerateDataKey\",\"kms:Decrypt\"");
            alice.sqs().sendMessage(r -> r.queueUrl(url).messageBody("m"));
            assertThat(receive(alice.sqs(), url)).extracting(Message::body).containsExactly("m");
        }
        root.kms().disableKey(r -> r.keyId(key));
        String other = queue("other", key, "");
        assertThatThrownBy(() -> sqs.sendMessage(r -> r.queueUrl(other).messageBody("m")))
                .isInstanceOf(KmsDisabledException.class);
    }

    @Test
    void aTopicReachesASealedQueueWhereTheKeyPolicyNamesIt() {
        String open = key(",{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Action\":"
                + "[\"kms:GenerateDataKey\",\"kms:Decrypt\"],\"Resource\":\"*\"}");
        String arn = "arn:aws:sqs:us-east-1:" + account + ":fan";
        String url = queue(
                "fan",
                open,
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":"
                        + "\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"" + arn + "\"}]}");
        String topic = root.sns()
                .createTopic(r -> r.name("t").attributes(Map.of("KmsMasterKeyId", open)))
                .topicArn();
        root.sns()
                .subscribe(r -> r.topicArn(topic)
                        .protocol("sqs")
                        .endpoint(arn)
                        .attributes(Map.of("RawMessageDelivery", "true")));
        root.sns().publish(r -> r.topicArn(topic).message("told"));
        assertThat(receive(sqs, url)).extracting(Message::body).containsExactly("told");
        try (Clients bob = user("bob", "\"sns:*\"")) {
            assertThatThrownBy(() -> bob.sns().publish(r -> r.topicArn(topic).message("m")))
                    .isInstanceOf(software.amazon.awssdk.services.sns.model.KmsAccessDeniedException.class);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theServicesOwnKeyServesEverybodyOfTheAccount() {
        String url = queue("managed", "alias/aws/sqs", "");
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("m"));
        assertThat(receive(sqs, url)).extracting(Message::body).containsExactly("m");
        sqs.setQueueAttributes(
                r -> r.queueUrl(url).attributes(Map.of(QueueAttributeName.SQS_MANAGED_SSE_ENABLED, "true")));
        assertThat(sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.ALL))
                        .attributes())
                .doesNotContainKey(QueueAttributeName.KMS_MASTER_KEY_ID)
                .containsEntry(QueueAttributeName.SQS_MANAGED_SSE_ENABLED, "true");
    }
}
