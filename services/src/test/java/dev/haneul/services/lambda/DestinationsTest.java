package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.DeadLetterConfig;
import dev.haneul.api.lambda.DestinationConfig;
import dev.haneul.api.lambda.GetFunctionEventInvokeConfigRequest;
import dev.haneul.api.lambda.OnFailure;
import dev.haneul.api.lambda.OnSuccess;
import dev.haneul.api.lambda.PutFunctionEventInvokeConfigRequest;
import dev.haneul.api.lambda.UpdateFunctionConfigurationRequest;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sqs.SendMessageRequest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DestinationsTest {
    private static final String QUEUE = "arn:aws:sqs:us-east-1:000000000000:";
    private static final String FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:";
    private static TempFolder folder;
    private static TestRegion region;

    @BeforeAll
    static void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(folder.path());
    }

    @AfterAll
    static void close() throws IOException {
        region.close();
        folder.close();
    }

    private static void tell(String function, String onSuccess, String onFailure) {
        region.lambda.putFunctionEventInvokeConfig(
                new PutFunctionEventInvokeConfigRequest()
                        .functionName(function)
                        .maximumRetryAttempts(0)
                        .destinationConfig(new DestinationConfig()
                                .onSuccess(new OnSuccess().destination(onSuccess))
                                .onFailure(new OnFailure().destination(onFailure))),
                region.call());
    }

    private static List<SendMessageRequest> sentTo(String queue) {
        region.settle();
        return region.queues.sent.stream()
                .filter(message -> message.queueUrl().endsWith("/" + queue))
                .toList();
    }

    @Test
    void theRecordOfAnInvocationGoesToItsDestination() {
        region.python("teller", "def handler(e, c):\n    return {'got': e}\n");
        tell("teller", QUEUE + "good", QUEUE + "bad");
        region.event("teller", "{\"n\": 1}");
        assertThat(sentTo("good"))
                .singleElement()
                .satisfies(message -> assertThat(message.messageBody())
                        .contains("\"version\":\"1.0\"", "\"condition\":\"Success\"", "\"approximateInvokeCount\":1")
                        .contains("\"functionArn\":\"" + FUNCTION + "teller:$LATEST\"", "\"requestPayload\":{\"n\": 1}")
                        .contains("\"executedVersion\":\"$LATEST\"", "\"responsePayload\":{\"got\": {\"n\": 1}}")
                        .doesNotContain("functionError"));
        assertThat(sentTo("bad")).isEmpty();
        assertThat(region.lambda
                        .getFunctionEventInvokeConfig(
                                new GetFunctionEventInvokeConfigRequest().functionName("teller"), region.call())
                        .destinationConfig()
                        .onSuccess()
                        .destination())
                .isEqualTo(QUEUE + "good");
    }

    @Test
    void aFailureIsToldAndItsEventGoesToTheDeadLetterQueue() {
        region.create(TestRegion.function(
                        "failing",
                        "python3.11",
                        "app.handler",
                        "app.py",
                        "def handler(e, c):\n    raise ValueError('sorry')\n")
                .deadLetterConfig(new DeadLetterConfig().targetArn(QUEUE + "dead")));
        tell("failing", null, QUEUE + "failures");
        region.event("failing", "{\"n\": 2}");
        assertThat(sentTo("failures"))
                .singleElement()
                .satisfies(message -> assertThat(message.messageBody())
                        .contains("\"condition\":\"RetriesExhausted\"", "\"functionError\":\"Unhandled\"", "sorry"));
        assertThat(sentTo("dead")).singleElement().satisfies(message -> {
            assertThat(message.messageBody()).isEqualTo("{\"n\": 2}");
            assertThat(message.messageAttributes().get("ErrorMessage").stringValue())
                    .isEqualTo("sorry");
            assertThat(message.messageAttributes()).containsKeys("RequestID", "ErrorCode");
        });
        region.lambda.updateFunctionConfiguration(
                new UpdateFunctionConfigurationRequest()
                        .functionName("failing")
                        .deadLetterConfig(new DeadLetterConfig().targetArn("")),
                region.call());
        region.event("failing", "{\"n\": 3}");
        assertThat(sentTo("failures")).hasSize(2);
        assertThat(sentTo("dead")).hasSize(1);
    }

    @Test
    void oneFunctionHearsOfAnother() {
        region.python("hears", "def handler(e, c):\n    print('heard', e['requestContext']['condition'])\n");
        region.python("speaks", "def handler(e, c):\n    return 1\n");
        tell("speaks", FUNCTION + "hears", null);
        region.event("speaks", "{}");
        region.settle();
        assertThat(region.log("hears")).anyMatch(line -> line.contains("heard Success"));
    }

    @Test
    void whatCannotBeADestinationIsRefused() {
        region.python("picky", "def handler(e, c):\n    return 1\n");
        assertThatThrownBy(() -> tell("picky", FUNCTION + "picky", null))
                .hasMessageContaining("can't specify the function as a destination for itself");
        assertThatThrownBy(() -> tell("picky", "arn:aws:kinesis:us-east-1:000000000000:stream/s", null))
                .hasMessageContaining("is invalid");
        region.permissions = (call, action, arn, context) -> {
            if (action.equals("sqs:SendMessage")) {
                throw Fault.client("AccessDenied", 403, "no");
            }
        };
        try {
            assertThatThrownBy(() -> tell("picky", QUEUE + "q", null))
                    .hasMessage("The function's execution role does not have permissions to call SendMessage on "
                            + QUEUE + "q");
        } finally {
            region.permissions = (call, action, arn, context) -> {};
        }
    }
}
