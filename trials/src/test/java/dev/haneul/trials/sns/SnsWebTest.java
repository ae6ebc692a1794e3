package dev.haneul.trials.sns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.NotFoundException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Subscribers on the web: asked first, told with a signature, tried again. */
@ExtendWith(SharedRegion.class)
class SnsWebTest {
    private static final List<String> NOTIFICATION =
            List.of("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type");
    private static final List<String> CONFIRMATION =
            List.of("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type");

    private final String account = Accounts.fresh();
    private final Clients clients;
    private final SnsClient sns;
    private final SqsClient sqs;
    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpServer server;
    private final BlockingQueue<Post> posts = new LinkedBlockingQueue<>();
    private final AtomicInteger status = new AtomicInteger(200);

    private record Post(Map<String, List<String>> headers, String body) {
        String header(String name) {
            return headers.getOrDefault(name, List.of("")).getFirst();
        }

        Map<String, JsonNode> json() {
            return JsonNode.parser().parse(body).asObject();
        }

        String field(String name) {
            JsonNode value = json().get(name);
            return value == null ? "" : value.asString();
        }
    }

    SnsWebTest(URI endpoint) throws IOException {
        clients = new Clients(endpoint, account, "test");
        sns = clients.sns();
        sqs = clients.sqs();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            posts.add(new Post(Map.copyOf(exchange.getRequestHeaders()), body));
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void close() throws Exception {
        server.stop(0);
        http.close();
        clients.close();
    }

    private String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
    }

    private Post next() throws InterruptedException {
        Post post = posts.poll(15, TimeUnit.SECONDS);
        assertThat(post).as("a POST").isNotNull();
        return post;
    }

    private HttpResponse<String> get(String url) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private void verify(Post post, List<String> fields, String algorithm) throws Exception {
        StringBuilder text = new StringBuilder();
        for (String name : fields) {
            if (post.json().containsKey(name)) {
                text.append(name).append('\n').append(post.field(name)).append('\n');
            }
        }
        byte[] pem = get(post.field("SigningCertURL")).body().getBytes(StandardCharsets.UTF_8);
        Signature signature = Signature.getInstance(algorithm);
        signature.initVerify(
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem)));
        signature.update(text.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(signature.verify(Base64.getDecoder().decode(post.field("Signature"))))
                .isTrue();
    }

    /** Subscribes and visits the link; answers the subscription. */
    private String subscribed(String topic, Map<String, String> attributes) throws Exception {
        sns.subscribe(
                r -> r.topicArn(topic).protocol("http").endpoint(endpoint()).attributes(attributes));
        assertThat(get(next().field("SubscribeURL")).statusCode()).isEqualTo(200);
        return sns.listSubscriptionsByTopic(r -> r.topicArn(topic))
                .subscriptions()
                .getFirst()
                .subscriptionArn();
    }

    @Test
    void anEndpointConfirmsIsToldAndLeaves() throws Exception {
        String topic = sns.createTopic(r -> r.name("web")).topicArn();
        assertThat(sns.subscribe(r -> r.topicArn(topic).protocol("http").endpoint(endpoint()))
                        .subscriptionArn())
                .isEqualTo("pending confirmation");
        Post asked = next();
        assertThat(asked.header("X-amz-sns-message-type")).isEqualTo("SubscriptionConfirmation");
        assertThat(asked.header("X-amz-sns-topic-arn")).isEqualTo(topic);
        verify(asked, CONFIRMATION, "SHA1withRSA");
        sns.publish(r -> r.topicArn(topic).message("too early"));
        assertThat(sns.listSubscriptionsByTopic(r -> r.topicArn(topic)).subscriptions())
                .singleElement()
                .satisfies(each -> assertThat(each.subscriptionArn()).isEqualTo("PendingConfirmation"));
        assertThatThrownBy(() -> sns.confirmSubscription(r -> r.topicArn(topic).token("made up")))
                .isInstanceOf(InvalidParameterException.class);

        String answer = get(asked.field("SubscribeURL")).body();
        assertThat(answer).contains("<SubscriptionArn>" + topic + ":");
        sns.publish(r -> r.topicArn(topic).subject("now").message("told"));
        Post told = next();
        assertThat(told.field("Message")).isEqualTo("told");
        assertThat(told.header("X-amz-sns-message-type")).isEqualTo("Notification");
        verify(told, NOTIFICATION, "SHA1withRSA");
        sns.setTopicAttributes(
                r -> r.topicArn(topic).attributeName("SignatureVersion").attributeValue("2"));
        sns.publish(r -> r.topicArn(topic).message("again"));
        verify(next(), NOTIFICATION, "SHA256withRSA");

        assertThat(get(told.field("UnsubscribeURL")).statusCode()).isEqualTo(200);
        assertThat(next().header("X-amz-sns-message-type")).isEqualTo("UnsubscribeConfirmation");
        assertThat(sns.listSubscriptionsByTopic(r -> r.topicArn(topic)).subscriptions())
                .isEmpty();
    }

    @Test
    void whoeverWasAuthenticatedCannotBeUnsubscribedByALink() throws Exception {
        String topic = sns.createTopic(r -> r.name("kept")).topicArn();
        sns.subscribe(r -> r.topicArn(topic).protocol("http").endpoint(endpoint()));
        String token = next().field("Token");
        String arn = sns.confirmSubscription(r -> r.topicArn(topic).token(token).authenticateOnUnsubscribe("true"))
                .subscriptionArn();
        sns.publish(r -> r.topicArn(topic).message("m"));
        assertThat(get(next().field("UnsubscribeURL")).statusCode()).isEqualTo(403);
        assertThat(sns.getSubscriptionAttributes(r -> r.subscriptionArn(arn)).attributes())
                .containsEntry("PendingConfirmation", "false")
                .containsEntry("ConfirmationWasAuthenticated", "true");
        sns.unsubscribe(r -> r.subscriptionArn(arn));
        assertThatThrownBy(() -> sns.getSubscriptionAttributes(r -> r.subscriptionArn(arn)))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void aFailingEndpointIsTriedAsItsPolicySaysAndThenTheLetterIsDead() throws Exception {
        String dead = sqs.createQueue(r -> r.queueName("letters")).queueUrl();
        String deadArn = "arn:aws:sqs:us-east-1:" + account + ":letters";
        sqs.setQueueAttributes(r -> r.queueUrl(dead)
                .attributes(Map.of(
                        QueueAttributeName.POLICY,
                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
                                + "{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\""
                                + deadArn + "\"}]}")));
        String topic = sns.createTopic(r -> r.name("failing")).topicArn();
        String arn = subscribed(
                topic,
                Map.of(
                        "RawMessageDelivery",
                        "true",
                        "RedrivePolicy",
                        "{\"deadLetterTargetArn\":\"" + deadArn + "\"}",
                        "DeliveryPolicy",
                        "{\"healthyRetryPolicy\":{\"minDelayTarget\":1,\"maxDelayTarget\":1,\"numRetries\":2,"
                                + "\"numNoDelayRetries\":1}}"));
        assertThat(sns.getSubscriptionAttributes(r -> r.subscriptionArn(arn))
                        .attributes()
                        .get("EffectiveDeliveryPolicy"))
                .contains("\"numRetries\":2");
        status.set(500);
        sns.publish(r -> r.topicArn(topic).message("bare"));
        for (int i = 0; i < 3; i++) {
            Post post = next();
            assertThat(post.body()).isEqualTo("bare");
            assertThat(post.header("X-amz-sns-rawdelivery")).isEqualTo("true");
        }
        List<Message> letters = sqs.receiveMessage(
                        r -> r.queueUrl(dead).waitTimeSeconds(15).messageAttributeNames("All"))
                .messages();
        assertThat(letters).singleElement().satisfies(each -> {
            assertThat(each.body()).isEqualTo("bare");
            assertThat(each.messageAttributes().get("ERROR_CODE").stringValue()).isEqualTo("500");
        });
        assertThatThrownBy(() -> sns.setSubscriptionAttributes(r -> r.subscriptionArn(arn)
                        .attributeName("DeliveryPolicy")
                        .attributeValue("{\"healthyRetryPolicy\":{\"numRetries\":101}}")))
                .isInstanceOf(InvalidParameterException.class);
    }

    @Test
    void strangersConfirmThroughTheirQueueAndPermissionsComeAndGo() throws Exception {
        String other = Accounts.fresh();
        try (Clients theirs = new Clients(endpointOf(), other, "test")) {
            SqsClient queues = theirs.sqs();
            String url = queues.createQueue(r -> r.queueName("theirs")).queueUrl();
            String queueArn = "arn:aws:sqs:us-east-1:" + other + ":theirs";
            queues.setQueueAttributes(r -> r.queueUrl(url)
                    .attributes(Map.of(
                            QueueAttributeName.POLICY,
                            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
                                    + "\"Action\":\"sqs:SendMessage\",\"Resource\":\"" + queueArn + "\"}]}")));
            String topic = sns.createTopic(r -> r.name("across")).topicArn();
            assertThat(sns.subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint(queueArn))
                            .subscriptionArn())
                    .isEqualTo("pending confirmation");
            String asked = queues.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(15))
                    .messages()
                    .getFirst()
                    .body();
            String token = new Post(Map.of(), asked).field("Token");
            assertThat(theirs.sns()
                            .confirmSubscription(r -> r.topicArn(topic).token(token))
                            .subscriptionArn())
                    .startsWith(topic);

            assertThatThrownBy(() -> theirs.sns().publish(r -> r.topicArn(topic).message("no")))
                    .hasMessageContaining("not authorized");
            sns.addPermission(
                    r -> r.topicArn(topic).label("theirs").awsAccountIds(other).actionNames("Publish"));
            theirs.sns().publish(r -> r.topicArn(topic).message("yes"));
            sns.removePermission(r -> r.topicArn(topic).label("theirs"));
            assertThatThrownBy(() -> theirs.sns().publish(r -> r.topicArn(topic).message("no")))
                    .hasMessageContaining("not authorized");
        }
    }

    private URI endpointOf() {
        return sns.serviceClientConfiguration().endpointOverride().orElseThrow();
    }
}
