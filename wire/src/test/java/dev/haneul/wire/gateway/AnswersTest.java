package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.wire.gateway.Fixture.Answer;
import dev.haneul.wire.gateway.Signed.Draft;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every answer of a protocol carries besides its body. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnswersTest {
    private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    private Fixture fixture;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        fixture = new Fixture(folder);
    }

    @AfterAll
    void close() throws Exception {
        fixture.close();
    }

    @ParameterizedTest
    @EnumSource(Asked.class)
    void everyAnswerHasItsRequestIdWhereItsClientsLook(Asked asked) throws Exception {
        idStands(asked, fixture.send(asked.good().sign()), asked == Asked.REST_JSON ? 201 : 200);
        idStands(asked, fixture.send(asked.bad().sign()), asked == Asked.REST_XML ? 404 : 400);
    }

    private static void idStands(Asked asked, Answer answer, int status) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        if (asked == Asked.REST_XML) {
            assertThat(answer.header("x-amz-request-id")).matches("[0-9A-Z]{16}");
            assertThat(answer.header("x-amz-id-2")).isNotEmpty();
            assertThat(answer.header("x-amzn-RequestId")).isEmpty();
        } else {
            assertThat(answer.header("x-amzn-RequestId")).matches(UUID);
            assertThat(answer.header("x-amz-request-id")).isEmpty();
        }
    }

    @Test
    void errorsOfAServiceThatCameFromQueryTellItsOldCodes() throws Exception {
        Answer answer = fixture.send(
                queueUrl("none").header("x-amzn-query-mode", "true").sign());
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("x-amzn-query-error")).isEqualTo("AWS.SimpleQueueService.NonExistentQueue;Sender");
        assertThat(answer.body()).contains("\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\"");
    }

    @Test
    void aThrottledClientIsToldWhenToComeAgain() throws Exception {
        assertThat(fixture.send(queueUrl("busy").sign()).header("Retry-After")).isEqualTo("1");
        assertThat(fixture.send(queueUrl("none").sign()).header("Retry-After")).isEmpty();
    }

    private static Draft queueUrl(String name) {
        return Asked.json(
                "sqs", "application/x-amz-json-1.0", "AmazonSQS.GetQueueUrl", "{\"QueueName\":\"" + name + "\"}");
    }
}
