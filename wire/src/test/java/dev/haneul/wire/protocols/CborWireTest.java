package dev.haneul.wire.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.cloudwatch.CloudWatchModel;
import dev.haneul.api.cloudwatch.DescribeAlarmsInput;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** CBOR maps that no client writes. */
class CborWireTest {
    private static final int MAP = 0xA0;
    private static final int TEXT = 0x60;

    @Test
    void ofARepeatedMemberTheLastCountsAndUnknownOnesDoNot() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(MAP + 3);
        member(bytes, "MaxRecords", 7);
        member(bytes, "Nobody", 1);
        member(bytes, "MaxRecords", 9);
        OperationShape operation = CloudWatchModel.SHAPE.operation("DescribeAlarms");
        assertThat(operation).isNotNull();
        DescribeAlarmsInput in = (DescribeAlarmsInput) ProtocolCodecs.of(Protocol.RPC_V2_CBOR)
                .decode(
                        operation,
                        new WireRequest(
                                "POST",
                                "/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
                                QueryString.EMPTY,
                                new Headers()
                                        .add("Content-Type", "application/cbor")
                                        .add("smithy-protocol", "rpc-v2-cbor"),
                                Body.of(bytes.toByteArray())));
        assertThat(in.maxRecords()).isEqualTo(9);
    }

    private static void member(ByteArrayOutputStream to, String name, int value) {
        to.write(TEXT + name.length());
        to.writeBytes(name.getBytes(StandardCharsets.UTF_8));
        to.write(value);
    }
}
