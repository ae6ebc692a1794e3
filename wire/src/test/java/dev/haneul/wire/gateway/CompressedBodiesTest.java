package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.cloudwatch.MetricDatum;
import dev.haneul.wire.gateway.Fixture.Answer;
import dev.haneul.wire.gateway.Signed.Draft;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies in gzip, for the one operation that takes them, in each protocol of its service. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompressedBodiesTest {
    private Fixture fixture;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        fixture = new Fixture(folder);
    }

    @AfterAll
    void close() throws Exception {
        fixture.close();
    }

    private static byte[] zip(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream packing = new GZIPOutputStream(out)) {
            packing.write(plain);
        }
        return out.toByteArray();
    }

    private static Draft metrics(Asked protocol) {
        return switch (protocol) {
            case AWS_QUERY -> Asked.form("monitoring", Asked.METRIC_FORM);
            default -> protocol.good();
        };
    }

    @ParameterizedTest
    @EnumSource(names = {"AWS_JSON_1_0", "AWS_QUERY", "RPC_V2_CBOR"})
    void aCompressedBodyIsReadInEveryProtocol(Asked protocol) throws Exception {
        Draft draft = metrics(protocol);
        byte[] packed = zip(draft.content());
        for (String encoding : List.of("gzip", "GZIP", "identity, gzip")) {
            fixture.fakes.lastMetrics = null;
            Answer answer = fixture.send(metrics(protocol)
                    .header("Content-Encoding", encoding)
                    .body(packed)
                    .sign());
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(Objects.requireNonNull(fixture.fakes.lastMetrics).metricData())
                    .extracting(MetricDatum::metricName)
                    .containsExactly("m");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AWS_JSON_1_0", "AWS_QUERY", "RPC_V2_CBOR"})
    void aBombIsRefusedAtTheLimit(Asked protocol) throws Exception {
        byte[] bomb = zip(new byte[200 << 20]);
        assertThat(bomb.length).isLessThan(400_000);
        Answer answer = fixture.send(
                metrics(protocol).header("Content-Encoding", "gzip").body(bomb).sign());
        assertThat(answer.status()).as(answer.body()).isEqualTo(413);
    }

    @ParameterizedTest
    @EnumSource(names = {"AWS_JSON_1_0", "AWS_QUERY", "RPC_V2_CBOR"})
    void whatIsNoGzipOrIsCutOffIsRefused(Asked protocol) throws Exception {
        byte[] packed = zip(metrics(protocol).content());
        for (byte[] body : List.of(metrics(protocol).content(), Arrays.copyOf(packed, packed.length - 9))) {
            Answer answer = fixture.send(metrics(protocol)
                    .header("Content-Encoding", "gzip")
                    .body(body)
                    .sign());
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
            assertThat(answer.body()).contains("gzip");
        }
    }

    @Test
    void theSignatureCoversTheCompressedBytes() throws Exception {
        Signed signed = metrics(Asked.AWS_JSON_1_0)
                .header("Content-Encoding", "gzip")
                .body(zip(Asked.METRIC_JSON.getBytes(StandardCharsets.UTF_8)))
                .sign();
        byte[] other = zip(Asked.METRIC_JSON.replace("1.5", "2.5").getBytes(StandardCharsets.UTF_8));
        Answer answer = fixture.send(signed.body(other).header("Content-Length", Integer.toString(other.length)));
        assertThat(answer.status()).as(answer.body()).isIn(400, 403);
        assertThat(answer.body()).contains("Signature");
    }

    @Test
    void operationsWithoutTheTraitTakeNone() throws Exception {
        Answer answer = fixture.send(Asked.AWS_JSON_1_1
                .good()
                .header("Content-Encoding", "gzip")
                .body(zip("{}".getBytes(StandardCharsets.UTF_8)))
                .sign());
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("SerializationException");
    }
}
