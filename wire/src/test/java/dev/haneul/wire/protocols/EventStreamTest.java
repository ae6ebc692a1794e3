package dev.haneul.wire.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.InvokeResponseStreamUpdate;
import dev.haneul.api.lambda.InvokeWithResponseStreamCompleteEvent;
import dev.haneul.api.lambda.InvokeWithResponseStreamResponse;
import dev.haneul.api.lambda.InvokeWithResponseStreamResponseEvent;
import dev.haneul.api.lambda.LambdaModel;
import dev.haneul.api.logs.LiveTailSessionStart;
import dev.haneul.api.logs.LogsModel;
import dev.haneul.api.logs.SessionTimeoutException;
import dev.haneul.api.logs.StartLiveTailResponse;
import dev.haneul.api.logs.StartLiveTailResponseStream;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.Struct;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;

/** Event streams, with AWS's own implementation of the framing on the other side. */
class EventStreamTest {
    /** Events from memory; a fault in their place is thrown. */
    private static final class Canned implements EventStream {
        private final ArrayDeque<Object> events;
        private boolean closed;

        Canned(Object... events) {
            this.events = new ArrayDeque<>(List.of(events));
        }

        @Override
        public Struct next() {
            return switch (events.poll()) {
                case null -> null;
                case Fault fault -> throw fault;
                case Object event -> (Struct) event;
            };
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static List<Message> written(WireResponse response) throws IOException, InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (WireResponse.EventWriter writer = ((WireResponse.Events) response.payload()).writer()) {
            while (writer.writeNext(out)) {
                out.flush();
            }
        }
        List<Message> messages = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(out.toByteArray());
        while (bytes.hasRemaining()) {
            messages.add(Message.decode(bytes));
        }
        return messages;
    }

    private static String header(Message message, String name) {
        HeaderValue value = message.getHeaders().get(name);
        return value == null ? null : value.getString();
    }

    @Test
    void aFunctionsStreamedAnswerIsReadByAwssOwnDecoder() throws Exception {
        Canned stream = new Canned(
                new InvokeWithResponseStreamResponseEvent()
                        .payloadChunk(new InvokeResponseStreamUpdate().payload(new byte[] {1, 2})),
                new InvokeWithResponseStreamResponseEvent()
                        .invokeComplete(new InvokeWithResponseStreamCompleteEvent().errorCode("E")));
        WireResponse response = ProtocolCodecs.of(Protocol.REST_JSON_1)
                .encode(
                        LambdaModel.SHAPE.operation("InvokeWithResponseStream"),
                        new InvokeWithResponseStreamResponse().statusCode(200).eventStream(stream),
                        "id");
        assertThat(response.headers().first("Content-Type")).isEqualTo("application/vnd.amazon.eventstream");
        List<Message> messages = written(response);
        assertThat(messages).hasSize(2);
        assertThat(header(messages.getFirst(), ":event-type")).isEqualTo("PayloadChunk");
        assertThat(header(messages.getFirst(), ":content-type")).isEqualTo("application/octet-stream");
        assertThat(messages.getFirst().getPayload()).containsExactly(1, 2);
        assertThat(header(messages.get(1), ":event-type")).isEqualTo("InvokeComplete");
        assertThat(new String(messages.get(1).getPayload(), StandardCharsets.UTF_8))
                .isEqualTo("{\"ErrorCode\":\"E\"}");
        assertThat(stream.closed).isTrue();
    }

    @Test
    void rpcStreamsBeginWithAnInitialResponseAndEndWithTheFault() throws Exception {
        Canned stream = new Canned(
                new StartLiveTailResponseStream().sessionStart(new LiveTailSessionStart().sessionId("s")),
                Fault.of(new SessionTimeoutException(), "over"));
        WireResponse response = ProtocolCodecs.of(Protocol.AWS_JSON_1_1)
                .encode(
                        LogsModel.SHAPE.operation("StartLiveTail"),
                        new StartLiveTailResponse().responseStream(stream),
                        "id");
        List<Message> messages = written(response);
        assertThat(messages).hasSize(3);
        assertThat(header(messages.get(0), ":event-type")).isEqualTo("initial-response");
        assertThat(header(messages.get(1), ":event-type")).isEqualTo("sessionStart");
        assertThat(header(messages.get(2), ":message-type")).isEqualTo("exception");
        assertThat(header(messages.get(2), ":exception-type")).isEqualTo("SessionTimeoutException");
        assertThat(new String(messages.get(2).getPayload(), StandardCharsets.UTF_8))
                .contains("over");
    }

    @Test
    void aFaultThatTheStreamDoesNotModelIsAnError() throws Exception {
        Canned stream = new Canned(Fault.server("InternalFailure", 500, "bug"));
        WireResponse response = ProtocolCodecs.of(Protocol.REST_JSON_1)
                .encode(
                        LambdaModel.SHAPE.operation("InvokeWithResponseStream"),
                        new InvokeWithResponseStreamResponse().eventStream(stream),
                        "id");
        Message only = written(response).getFirst();
        assertThat(header(only, ":message-type")).isEqualTo("error");
        assertThat(header(only, ":error-code")).isEqualTo("InternalFailure");
        assertThat(header(only, ":error-message")).isEqualTo("bug");
    }

    @Property(tries = 200, seed = "5")
    void everyHeaderTypeIsTheSameToAwssOwnImplementation(
            @ForAll @NotEmpty String text,
            @ForAll @NotEmpty byte[] blob,
            @ForAll long number,
            @ForAll boolean flag,
            @ForAll byte[] payload)
            throws IOException {
        Map<String, Object> headers = new LinkedHashMap<>();
        headers.put("text", text);
        headers.put("blob", blob);
        headers.put("long", number);
        headers.put("int", (int) number);
        headers.put("flag", flag);
        headers.put("time", Instant.ofEpochMilli(number));
        headers.put("uuid", new UUID(number, number));
        byte[] ours = new EventMessage(headers, payload).encode();
        Message theirs = Message.decode(ByteBuffer.wrap(ours));
        EventMessage back = EventMessage.read(new ByteArrayInputStream(bytes(theirs.toByteBuffer())));
        assertThat(theirs.getHeaders().get("blob").getByteArray()).isEqualTo(blob);
        assertThat(back.payload()).isEqualTo(payload);
        headers.remove("blob");
        assertThat(back.headers()).containsAllEntriesOf(readable(headers));
    }

    @Test
    void shortNumbersAreReadByAwssOwnImplementationAndBack() throws IOException {
        // AWS's implementation reads them and forgets to write them.
        Map<String, Object> headers = Map.of("short", (short) -2, "byte", (byte) -1);
        byte[] ours = new EventMessage(headers, new byte[0]).encode();
        Message theirs = Message.decode(ByteBuffer.wrap(ours));
        assertThat(theirs.getHeaders().get("short").getShort()).isEqualTo((short) -2);
        assertThat(theirs.getHeaders().get("byte").getByte()).isEqualTo((byte) -1);
        assertThat(EventMessage.read(new ByteArrayInputStream(ours)).headers()).isEqualTo(headers);
    }

    /** Unpaired surrogates have no bytes. */
    private static Map<String, Object> readable(Map<String, Object> headers) {
        Map<String, Object> found = new LinkedHashMap<>(headers);
        found.computeIfPresent(
                "text",
                (name, text) -> new String(((String) text).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
        return found;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @Test
    void aFlippedBitIsFoundByTheChecksums() throws IOException {
        byte[] message = new EventMessage(Map.of("a", "b"), new byte[] {1, 2, 3}).encode();
        for (int bit = 0; bit < message.length * 8; bit++) {
            byte[] broken = message.clone();
            broken[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> EventMessage.read(new ByteArrayInputStream(broken)))
                    .isInstanceOf(Malformed.class);
        }
        assertThat(EventMessage.read(new ByteArrayInputStream(new byte[0]))).isNull();
    }
}
