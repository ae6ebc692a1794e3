package dev.haneul.services.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatisticTest {
    /** 1, 2, … 100. */
    private static Point hundred() {
        TreeMap<Double, Double> values = new TreeMap<>();
        for (int i = 1; i <= 100; i++) {
            values.put((double) i, 1.0);
        }
        return Point.of(0, "None", values);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "SampleCount; 100",
                "Average; 50.5",
                "Sum; 5050",
                "Minimum; 1",
                "Maximum; 100",
                "p50; 50",
                "p99; 99",
                "p99.9; 100",
                "p0; 1",
                "p100; 100",
                "tm90; 45.5",
                "tc90; 90",
                "ts90; 4095",
                "wm90; 49.95",
                "TM(10%:90%); 50.5",
                "IQM; 50.5",
                "WM(10%:90%); 50.4",
                "TC(:10); 10",
                "TS(98:); 199",
                "PR(:30); 30",
                "PR(30:50); 20",
                "TM(80:90); 85.5",
            })
    void statisticsTellWhatTheyShould(String name, double value) {
        assertThat(Statistic.parse(name).orElseThrow().of(hundred()).orElseThrow())
                .isCloseTo(value, org.assertj.core.data.Offset.offset(1e-9));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "p101", "p", "average", "TM(:)", "TM(50%:10%)", "PR(10%:20%)", "TM(10%:5)", "tm101", "xx9"})
    void othersAreNone(String name) {
        assertThat(Statistic.parse(name)).isEmpty();
    }

    @Test
    void aStatisticSetHasNoPercentiles() {
        Point set = Point.ofSet(0, "None", 3, 6, 1, 3);
        assertThat(Statistic.parse("p50").orElseThrow().of(set)).isEmpty();
        assertThat(Statistic.parse("Average").orElseThrow().of(set)).hasValue(2);
        assertThat(Statistic.parse("p50").orElseThrow().of(Point.ofSet(0, "None", 3, 6, 2, 2)))
                .hasValue(2);
    }
}
