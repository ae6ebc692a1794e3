package dev.haneul.kernel.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.store.Scope;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricBufferTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:30Z");
    private final MetricBuffer buffer = new MetricBuffer();

    private static Metrics.What what(String name) {
        return new Metrics.What(new Scope("1", "r"), "N", name, Map.of("d", "v"), "Count");
    }

    @Test
    void valuesOfAMinuteComeTogether() {
        buffer.add(what("a"), AT, 1);
        buffer.add(what("a"), AT.plusSeconds(5), 1, 2);
        buffer.add(what("a"), AT.plusSeconds(5), 7);
        buffer.add(what("a"), AT.plusSeconds(60), 1);
        assertThat(buffer.drain())
                .containsExactlyInAnyOrder(
                        new MetricBuffer.Gathered(
                                what("a"), Instant.parse("2026-01-01T00:00:00Z"), Map.of(1.0, 3.0, 7.0, 1.0)),
                        new MetricBuffer.Gathered(what("a"), Instant.parse("2026-01-01T00:01:00Z"), Map.of(1.0, 1.0)));
        assertThat(buffer.drain()).isEmpty();
    }

    @Test
    void memoryIsBoundedAndNothingIsLostOfASeries() {
        for (int i = 1; i <= 100_000; i++) {
            buffer.add(what("a"), AT, i);
        }
        Map<Double, Double> values = buffer.drain().getFirst().values();
        assertThat(values).hasSizeLessThan(2_000);
        assertThat(values.values().stream().mapToDouble(each -> each).sum()).isEqualTo(100_000);
    }
}
