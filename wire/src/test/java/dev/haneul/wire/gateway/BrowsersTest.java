package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.wire.gateway.Fixture.Answer;
import dev.haneul.wire.gateway.GatewaySettings.Limits;
import dev.haneul.wire.gateway.GatewaySettings.Origins;
import dev.haneul.wire.gateway.Signed.Draft;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages that call services from a browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowsersTest {
    private static final String PAGE = "https://app.example.com";
    private Fixture fixture;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        fixture = new Fixture(folder);
    }

    @AfterAll
    void close() throws Exception {
        fixture.close();
    }

    private static String preflight(String host, String target, String method, String origin) {
        return "OPTIONS " + target + " HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin
                + "\r\nAccess-Control-Request-Method: " + method
                + "\r\nAccess-Control-Request-Headers: authorization,x-amz-target\r\nConnection: close\r\n\r\n";
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, /, POST",
        "sqs.us-east-1.localhost, /, POST",
        "localhost, /2015-03-31/functions/, GET",
        "lambda.us-east-1.localhost, /2015-03-31/functions/f/invocations, POST",
        "localhost, /service/GraniteServiceVersion20100801/operation/PutMetricData, POST",
    })
    void anEndpointLetsEveryPageCall(String host, String target, String method) throws Exception {
        Answer answer = fixture.raw(preflight(host, target, method, PAGE));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.header("Access-Control-Allow-Methods")).contains(method);
        assertThat(answer.header("Access-Control-Allow-Headers")).isEqualTo("authorization,x-amz-target");
        assertThat(answer.header("Access-Control-Max-Age")).isEqualTo("172800");
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, /bucket/key, PUT",
        "bucket.s3.us-east-1.localhost, /, POST",
        "s3.localhost, /bucket, GET",
        "localhost, /functions/key?X-Amz-Credential=AKIDEXAMPLE%2F20260115%2Fus-east-1%2Fs3%2Faws4_request, PUT",
    })
    void bucketsAnswerForThemselves(String host, String target, String method) throws Exception {
        Answer answer = fixture.raw(preflight(host, target, method, PAGE));
        assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
        assertThat(answer.body()).contains("<Error><Code>");
    }

    @Test
    void answersAndErrorsAreOpenToThePage() throws Exception {
        for (String name : new String[] {"f", ""}) {
            Answer answer = fixture.send(new Draft("POST", "http://localhost/")
                    .to("sqs", "us-east-1")
                    .header("Origin", PAGE)
                    .header("Content-Type", "application/x-amz-json-1.0")
                    .header("X-Amz-Target", "AmazonSQS.GetQueueUrl")
                    .body("{\"QueueName\":\"" + name + "\"}")
                    .sign());
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(answer.header("Access-Control-Expose-Headers")).contains("x-amzn-RequestId");
        }
        Answer object = fixture.send(new Draft("GET", "http://localhost/bucket/none")
                .header("Origin", PAGE)
                .sign());
        assertThat(object.header("Access-Control-Allow-Origin")).isEmpty();
        Answer noPage = fixture.raw(
                "GET /?Action=GetCallerIdentity HTTP/1.1\r\nHost: sts.localhost\r\nConnection: close\r\n\r\n");
        assertThat(noPage.header("Access-Control-Allow-Origin")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:5173, true",
        "https://d111.cloudfront.localhost, true",
        "http://127.0.0.1:8080, true",
        "http://[::1]:8080, true",
        "https://app.example.com, false",
        "http://localhost.example.com, false",
        "http://127.0.0.1.example.com, false",
        "null, false",
        "not an origin, false",
    })
    void whereKeysAreKnownToAllOnlyPagesOfThisMachineMay(String origin, boolean welcome, @TempDir Path other)
            throws Exception {
        try (Fixture local = new Fixture(other, Limits.DEFAULT, Origins.LOCAL)) {
            Answer answer = local.raw(preflight("localhost", "/", "POST", origin));
            assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(welcome ? "*" : "");
            assertThat(answer.header("Access-Control-Allow-Methods").isEmpty()).isEqualTo(!welcome);
        }
    }
}
