package dev.haneul.services.sns;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.haneul.api.sns.ConfirmSubscriptionInput;
import dev.haneul.api.sns.CreateTopicInput;
import dev.haneul.api.sns.PublishInput;
import dev.haneul.api.sns.SubscribeInput;
import dev.haneul.delivery.FakeRegion;
import dev.haneul.delivery.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A web subscriber that answers 500 for an hour: nothing is lost, and it is not asked more often than its policy says. */
class HourOfFailuresTest {
    private static final int MESSAGES = 5;
    private static final int RETRIES = 20;

    @TempDir
    Path path;

    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final AtomicInteger status = new AtomicInteger(200);
    private final AtomicInteger asked = new AtomicInteger();
    private FakeRegion region;
    private SnsService sns;
    private HttpServer web;

    @BeforeEach
    void open() throws IOException {
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", this::answer);
        web.start();
        region = new FakeRegion(path);
        sns = new SnsService(region.store, region.clock, region, region.targets(), region.folder);
        sns.join(region.driver);
        region.driver.start();
    }

    @AfterEach
    void close() {
        region.close();
        web.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        asked.incrementAndGet();
        if (status.get() == 200) {
            bodies.add(body);
        }
        exchange.sendResponseHeaders(status.get(), -1);
        exchange.close();
    }

    @Test
    void everythingArrivesWhenItAnswersAgain() {
        String topic =
                sns.createTopic(new CreateTopicInput().name("t"), region.call()).topicArn();
        sns.subscribe(
                new SubscribeInput()
                        .topicArn(topic)
                        .protocol("http")
                        .endpoint("http://127.0.0.1:" + web.getAddress().getPort() + "/")
                        .attributes(Map.of(
                                "RawMessageDelivery",
                                "true",
                                "DeliveryPolicy",
                                "{\"healthyRetryPolicy\":{\"minDelayTarget\":60,\"maxDelayTarget\":600,\"numRetries\":"
                                        + RETRIES + ",\"backoffFunction\":\"linear\"}}")),
                region.call());
        region.clock.advance(Duration.ofSeconds(1));
        String token =
                String.valueOf(Json.object(bodies.removeFirst()).orElseThrow().get("Token"));
        sns.confirmSubscription(new ConfirmSubscriptionInput().topicArn(topic).token(token), region.call());

        status.set(500);
        asked.set(0);
        for (int i = 0; i < MESSAGES; i++) {
            sns.publish(new PublishInput().topicArn(topic).message("m" + i), region.call());
        }
        for (int minute = 0; minute < 60; minute++) {
            region.clock.advance(Duration.ofMinutes(1));
        }
        assertThat(bodies).isEmpty();
        assertThat(asked.get()).isBetween(MESSAGES * 3, MESSAGES * (RETRIES + 1));
        status.set(200);
        for (int minute = 0; minute < 60; minute++) {
            region.clock.advance(Duration.ofMinutes(1));
        }
        assertThat(bodies).containsExactlyInAnyOrder("m0", "m1", "m2", "m3", "m4");
    }
}
