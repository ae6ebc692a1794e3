package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.wire.gateway.Fixture.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signed calls whose bodies are not what the operation takes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OddBodiesTest {
    private Fixture fixture;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        fixture = new Fixture(folder);
    }

    @AfterAll
    void close() throws Exception {
        fixture.close();
    }

    private Answer groups(String target, byte[] body) throws Exception {
        return fixture.send(Asked.json("logs", "application/x-amz-json-1.1", target, "")
                .body(body)
                .sign());
    }

    @Test
    void unknownMembersAreIgnored() throws Exception {
        Answer answer = groups("Logs_20140328.DescribeLogGroups", "{\"nobody\":[1,{}],\"limit\":5}".getBytes());
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"limit\":\"five\"}", "{\"limit\":[]}", "{\"limit\":5", "<limit>5</limit>", "limit=5", "7"})
    void wrongTypesAndOtherFormatsAreSerializationExceptions(String body) throws Exception {
        Answer answer = groups("Logs_20140328.DescribeLogGroups", body.getBytes());
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("SerializationException");
    }

    @Test
    void badUtf8IsRefused() throws Exception {
        byte[] body = "{\"logGroupNamePrefix\":\"a\u00e4\"}".getBytes(StandardCharsets.ISO_8859_1);
        Answer answer = groups("Logs_20140328.DescribeLogGroups", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("SerializationException");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Logs_20140328.Nothing", "Logs_20140328.", "AmazonSQS.GetQueueUrl", "x"})
    void unknownOperationsAreToldInTheServicesFormat(String target) throws Exception {
        Answer answer = groups(target, "{}".getBytes());
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("UnknownOperationException");
        assertThat(answer.header("x-amzn-RequestId")).isNotEmpty();
    }

    @Test
    void aServiceIsNotSpokenToInAnothersProtocol() throws Exception {
        Answer answer = fixture.send(Asked.form("logs", "Action=DescribeLogGroups&Version=2014-03-28")
                .sign());
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("UnknownOperationException");
    }
}
