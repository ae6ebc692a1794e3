package dev.haneul.services.lambda.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogDecoderTest {
    private static final long NOW = 1_000;
    private final List<LogEvent> events = new ArrayList<>();
    private final LogDecoder decoder = new LogDecoder(() -> NOW, events::add);

    @Test
    void everyLineIsAnEventWithItsLineEnd() {
        accept("one\ntwo\n\nthree");
        assertThat(events).extracting(LogEvent::message).containsExactly("one\n", "two\n", "\n");
        decoder.flush();
        assertThat(events).extracting(LogEvent::message).endsWith("three");
    }

    @Test
    void aFrameIsOneEventWithItsOwnTimeWhateverItsLines() {
        accept(frame("a\nb\nc", 42_000_000));
        assertThat(events).containsExactly(new LogEvent(42_000, "a\nb\nc"));
    }

    @Test
    void aFrameWithoutTimeHasTheTimeItIsRead() {
        accept(ByteBuffer.allocate(10)
                .putInt(0xA55A0001)
                .putInt(2)
                .put("ok".getBytes(StandardCharsets.UTF_8))
                .array());
        assertThat(events).containsExactly(new LogEvent(NOW, "ok"));
    }

    @Test
    void anUnfinishedLineBeforeAFrameKeepsItsPlace() {
        accept("half");
        accept(frame("whole", 2_000_000));
        accept("rest\n");
        assertThat(events).extracting(LogEvent::message).containsExactly("half", "whole", "rest\n");
    }

    @Test
    void charactersThatHoldTheFirstByteOfAFrameAreText() {
        String text = "å aå åZ \u00e5\u005a\u0001 end å\n"; // å is C3 A5
        accept(text);
        assertThat(events).extracting(LogEvent::message).containsExactly(text);
        accept("å");
        decoder.flush();
        assertThat(events).extracting(LogEvent::message).endsWith("å");
    }

    @Test
    void whatComesByteByByteIsTheSame() {
        byte[] all = concat("plain å\n".getBytes(StandardCharsets.UTF_8), frame("in\nside", 5_000_000));
        for (byte one : concat(all, "after\n".getBytes(StandardCharsets.UTF_8))) {
            accept(new byte[] {one});
        }
        assertThat(events).extracting(LogEvent::message).containsExactly("plain å\n", "in\nside", "after\n");
    }

    @Test
    void longLinesAndFramesAreCutAtWhatCloudWatchTakes() {
        accept("x".repeat(600_000) + "\n");
        accept(frame("y".repeat(300_000), 1));
        assertThat(events)
                .extracting(event -> event.message().length())
                .allMatch(length -> length <= LogDecoder.LARGEST_EVENT_BYTES);
        assertThat(events.stream().mapToInt(event -> event.message().length()).sum())
                .isEqualTo(900_001);
    }

    private void accept(String text) {
        accept(text.getBytes(StandardCharsets.UTF_8));
    }

    private void accept(byte[] bytes) {
        decoder.accept(ByteBuffer.wrap(bytes));
    }

    private static byte[] frame(String text, long micros) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(16 + bytes.length)
                .putInt(0xA55A0003)
                .putInt(bytes.length)
                .putLong(micros)
                .put(bytes)
                .array();
    }

    private static byte[] concat(byte[] a, byte[] b) {
        return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }
}
