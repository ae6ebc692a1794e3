package dev.haneul.services.ssm.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.kernel.Ids;
import dev.haneul.kernel.plane.WebSocket;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Messages in bytes, their order, and that none is lost, whatever the network does. */
class DataStreamTest {
    private long nanos = 1;
    private final DataStream stream = new DataStream(new Ids(new Random(1)), InstantSource.system(), () -> nanos);

    /** Keeps what is sent, or loses it. */
    private static final class Wire implements WebSocket {
        final List<AgentMessage> sent = new ArrayList<>();
        boolean broken;
        boolean closed;

        @Override
        public @Nullable Message receive(Duration timeout) {
            return null;
        }

        @Override
        public void send(Message message) throws IOException {
            if (broken) {
                throw new EOFException("gone");
            }
            sent.add(AgentMessage.decode(((Binary) message).bytes()));
        }

        @Override
        public void close(int code, String reason) {
            closed = true;
        }

        List<String> texts() {
            return sent.stream()
                    .filter(each -> each.type().equals(AgentMessage.OUTPUT_STREAM))
                    .map(each -> each.sequence() + new String(each.payload(), StandardCharsets.UTF_8))
                    .toList();
        }
    }

    private static AgentMessage input(long sequence) {
        return new AgentMessage(
                AgentMessage.INPUT_STREAM,
                sequence,
                0,
                new UUID(1, sequence),
                AgentMessage.OUTPUT,
                bytes("i" + sequence));
    }

    private static AgentMessage acknowledgement(long sequence) {
        String json = "{\"AcknowledgedMessageType\":\"output_stream_data\",\"AcknowledgedMessageId\":\"x\","
                + "\"AcknowledgedMessageSequenceNumber\":" + sequence + ",\"IsSequentialMessage\":true}";
        return new AgentMessage(AgentMessage.ACKNOWLEDGE, 0, 3, new UUID(2, sequence), 0, bytes(json));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void bytesAreAsThePluginWritesThem() throws IOException {
        UUID id = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        byte[] bytes = new AgentMessage("acknowledge", 5, 3, id, 7, bytes("{}")).encode(258);
        assertThat(bytes).hasSize(122).startsWith(0, 0, 0, 116, 'a', 'c', 'k');
        assertThat(bytes[35]).isEqualTo((byte) ' ');
        assertThat(java.util.HexFormat.of().formatHex(bytes, 36, 80))
                .isEqualTo("00000001" + "0000000000000102" + "0000000000000005" + "0000000000000003"
                        + "8899aabbccddeeff" + "0011223344556677");
        AgentMessage back = AgentMessage.decode(bytes);
        assertThat(back.type()).isEqualTo("acknowledge");
        assertThat(back.id()).isEqualTo(id);
        assertThat(back.payload()).isEqualTo(bytes("{}"));
        bytes[121]++;
        assertThatThrownBy(() -> AgentMessage.decode(bytes)).hasMessage("payload Hash is not valid");
    }

    @Test
    void rubbishIsRefused() {
        Random random = new Random(3);
        byte[] good = input(1).encode(1);
        for (int round = 0; round < 2000; round++) {
            byte[] bad = java.util.Arrays.copyOf(good, random.nextInt(good.length + 3));
            for (int i = 0; i < 3 && bad.length > 0; i++) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                AgentMessage.decode(bad);
            } catch (IOException refused) {
                assertThat(refused).hasMessageNotContaining("null");
            }
        }
    }

    @Test
    void inputComesInOrderOnce() throws IOException {
        Wire wire = new Wire();
        stream.attach(wire);
        List<Long> taken = new ArrayList<>();
        boolean[] full = {false};
        for (long each : List.of(0L, 2L, 3L, 0L, 1L, 1L)) {
            stream.take(input(each), message -> !full[0] && taken.add(message.sequence()));
        }
        assertThat(taken).containsExactly(0L, 1L, 2L, 3L);
        assertThat(wire.sent).hasSize(6).allMatch(each -> each.type().equals(AgentMessage.ACKNOWLEDGE));
        full[0] = true;
        stream.take(input(4), message -> !full[0] && taken.add(message.sequence()));
        assertThat(wire.sent).as("what was not taken is not acknowledged").hasSize(6);
        full[0] = false;
        stream.take(input(4), message -> taken.add(message.sequence()));
        assertThat(taken).endsWith(4L);
    }

    @Test
    void whatIsNotAcknowledgedComesAgainAlsoOverTheNextSocket() throws Exception {
        Wire first = new Wire();
        stream.attach(first);
        for (String each : List.of("a", "b", "c")) {
            stream.send(AgentMessage.OUTPUT, bytes(each));
        }
        assertThat(first.texts()).containsExactly("0a", "1b", "2c");
        stream.tick();
        assertThat(first.texts()).hasSize(3);
        nanos += TimeUnit.SECONDS.toNanos(1);
        stream.tick();
        assertThat(first.texts()).endsWith("0a");
        stream.take(acknowledgement(0), message -> true);
        first.broken = true;
        stream.send(AgentMessage.OUTPUT, bytes("d"));
        stream.detach(first);
        Wire second = new Wire();
        stream.attach(second);
        assertThat(stream.drain(1)).isFalse();
        for (int round = 0; round < 3; round++) {
            nanos += TimeUnit.SECONDS.toNanos(2);
            stream.tick();
            stream.take(acknowledgement(round + 1), message -> true);
        }
        assertThat(second.texts()).containsExactly("1b", "2c", "3d");
        assertThat(stream.drain(1)).isTrue();
        stream.sayClosed("s", "t", "enough");
        assertThat(second.closed).isTrue();
        assertThat(new String(second.sent.getLast().payload(), StandardCharsets.UTF_8))
                .contains("\"Output\":\"enough\"");
    }

    @Test
    void whoSendsTooMuchWaitsAndAPausedClientIsLeftInPeace() throws Exception {
        Wire wire = new Wire();
        stream.attach(wire);
        stream.take(new AgentMessage(AgentMessage.PAUSE_PUBLICATION, 0, 0, new UUID(1, 1), 0, new byte[0]), m -> true);
        stream.send(AgentMessage.OUTPUT, bytes("a"));
        assertThat(wire.texts()).isEmpty();
        stream.take(new AgentMessage(AgentMessage.START_PUBLICATION, 0, 0, new UUID(1, 1), 0, new byte[0]), m -> true);
        nanos += TimeUnit.SECONDS.toNanos(2);
        stream.tick();
        assertThat(wire.texts()).containsExactly("0a");
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                for (int i = 1; i <= 300; i++) {
                    stream.send(AgentMessage.OUTPUT, bytes("x"));
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(sender.join(Duration.ofMillis(300))).isFalse();
        for (int i = 0; i < 60; i++) {
            stream.take(acknowledgement(i), message -> true);
        }
        assertThat(sender.join(Duration.ofSeconds(10))).isTrue();
        assertThat(Payloads.object(bytes("{}"))).isEqualTo(Map.of());
    }
}
