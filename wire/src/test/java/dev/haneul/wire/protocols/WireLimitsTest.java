package dev.haneul.wire.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.api.iam.IamModel;
import dev.haneul.api.lambda.LambdaModel;
import dev.haneul.api.logs.LogsModel;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Bodies that mean to exhaust something. */
class WireLimitsTest {
    private static Fault refusal(Protocol protocol, OperationShape operation, Body body) {
        WireRequest request = new WireRequest(
                "POST",
                operation.uri(),
                QueryString.EMPTY,
                new Headers().add("Content-Type", "application/json"),
                body);
        return catchThrowableOfType(
                Fault.class, () -> ProtocolCodecs.of(protocol).decode(operation, request));
    }

    private static Body text(String text) {
        return Body.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A body that never ends, of unknown length. */
    private static Body endless(String start, char then) {
        byte[] first = start.getBytes(StandardCharsets.UTF_8);
        return Body.of(
                new InputStream() {
                    private int at;

                    @Override
                    public int read() {
                        return at < first.length ? first[at++] : then;
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        for (int i = 0; i < length; i++) {
                            into[offset + i] = (byte) read();
                        }
                        return length;
                    }
                },
                -1);
    }

    @Test
    void endlessBodiesAreCutOffAt413() {
        OperationShape logs = LogsModel.SHAPE.operation("FilterLogEvents");
        assertThat(refusal(Protocol.AWS_JSON_1_1, logs, endless("{\"logGroupName\":\"", 'a'))
                        .status())
                .isEqualTo(413);
        assertThat(refusal(Protocol.AWS_JSON_1_1, logs, endless("", ' ')).status())
                .isEqualTo(413);
        OperationShape role = IamModel.SHAPE.operation("CreateRole");
        assertThat(refusal(Protocol.AWS_QUERY, role, endless("RoleName=", 'a')).status())
                .isEqualTo(413);
        Fault fault = refusal(
                Protocol.AWS_JSON_1_1, logs, Body.of(InputStream.nullInputStream(), WireLimits.MAX_BODY_BYTES + 1L));
        assertThat(fault.status()).isEqualTo(413);
    }

    @Test
    void deepNestingIsRefused() {
        OperationShape create = LambdaModel.SHAPE.operation("CreateFunction");
        String deep = "{\"Unknown\":" + "[".repeat(100_000);
        assertThat(refusal(Protocol.REST_JSON_1, create, text(deep)).code()).isEqualTo("SerializationException");
        String name = "Tags" + ".member.1".repeat(1000) + "=x";
        assertThat(refusal(Protocol.AWS_QUERY, IamModel.SHAPE.operation("CreateRole"), text(name))
                        .code())
                .isEqualTo("MalformedInput");
    }

    @Test
    void hugeNumbersCostNothing() {
        OperationShape create = LambdaModel.SHAPE.operation("CreateFunction");
        for (String number : new String[] {"1e999999999", "9".repeat(100_000), "-1e-999999999", "1.5"}) {
            Fault fault = refusal(Protocol.REST_JSON_1, create, text("{\"Timeout\":" + number + "}"));
            assertThat(fault.code()).as(number.substring(0, 3)).isEqualTo("SerializationException");
        }
    }

    @Test
    void tooManyFormParametersAreRefused() {
        String form = "a=&".repeat(WireLimits.MAX_PARAMETERS + 1);
        assertThat(refusal(Protocol.AWS_QUERY, IamModel.SHAPE.operation("CreateRole"), text(form))
                        .status())
                .isEqualTo(400);
    }
}
