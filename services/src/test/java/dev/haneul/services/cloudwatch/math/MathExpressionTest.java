package dev.haneul.services.cloudwatch.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.services.cloudwatch.math.MathValue.Series;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MathExpressionTest {
    private static Series series(String label, double... values) {
        TreeMap<Long, Double> points = new TreeMap<>();
        for (int i = 0; i < values.length; i++) {
            if (!Double.isNaN(values[i])) {
                points.put(i * 60_000L, values[i]);
            }
        }
        return new Series(label, 60, points);
    }

    /** Four minutes from zero. */
    private static final class Four implements MathExpression.Scene {
        private final Map<String, MathValue> values = Map.of(
                "m1", series("one", 1, 2, 3, 4),
                "m2", series("two", 10, Double.NaN, 30, 0),
                "m3", series("three", Double.NaN, 5, Double.NaN, 7));

        @Override
        public Optional<MathValue> value(String id) {
            return Optional.ofNullable(values.get(id));
        }

        @Override
        public List<Series> metrics(String part) {
            return List.of("m1", "m2", "m3").stream()
                    .filter(id -> id.contains(part))
                    .map(id -> (Series) values.get(id))
                    .toList();
        }

        @Override
        public List<Series> search(MetricSearch search, String statistic, int periodSeconds) {
            return search.matches(new MetricSearch.Found("AWS/EC2", "CPUUtilization", Map.of("InstanceId", "i-1")))
                    ? List.of(series("found", 1))
                    : List.of();
        }

        @Override
        public long fromMillis() {
            return 0;
        }

        @Override
        public long toMillis() {
            return 240_000;
        }

        @Override
        public int periodSeconds() {
            return 60;
        }
    }

    private static String shown(MathValue value) {
        return switch (value) {
            case MathValue.Scalar scalar -> Double.toString(scalar.value());
            case Series one -> {
                StringBuilder out = new StringBuilder();
                for (long at = 0; at < 240_000; at += 60_000) {
                    Double number = one.points().get(at);
                    out.append(out.isEmpty() ? "" : " ").append(number == null ? "-" : number.toString());
                }
                yield out.toString();
            }
            case MathValue.Many many ->
                many.all().stream().map(Series::label).toList().toString();
            case MathValue.Text text -> text.text();
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 + 2 * 3 | 7.0",
                "2 ^ 3 ^ 2 | 512.0",
                "-2 ^ 2 | -4.0",
                "(1 + 2) * -3 | -9.0",
                "m1 * 2 | 2.0 4.0 6.0 8.0",
                "m1 + m2 | 11.0 - 33.0 4.0",
                "m1 / m2 | 0.1 - 0.1 -",
                "m1 > 2 | 0.0 0.0 1.0 1.0",
                "m1 > 1 AND m1 < 4 | 0.0 1.0 1.0 0.0",
                "SUM(m1) | 10.0",
                "AVG([m1, m2]) | 5.5 2.0 16.5 2.0",
                "SUM(METRICS()) | 11.0 7.0 33.0 11.0",
                "MAX(METRICS(\"1\")) | 1.0 2.0 3.0 4.0",
                "METRIC_COUNT(METRICS()) | 3.0",
                "RATE(m1) | - 0.016666666666666666 0.016666666666666666 0.016666666666666666",
                "DIFF(m2) | - - 20.0 -30.0",
                "DIFF_TIME(m2) | - - 120.0 60.0",
                "RUNNING_SUM(m1) | 1.0 3.0 6.0 10.0",
                "FILL(m2, 0) | 10.0 0.0 30.0 0.0",
                "FILL(m2, REPEAT) | 10.0 10.0 30.0 0.0",
                "FILL(m2, LINEAR) | 10.0 20.0 30.0 0.0",
                "FILL(m3, REPEAT) | - 5.0 5.0 7.0",
                "FILL(m2, m3) | 10.0 5.0 30.0 0.0",
                "IF(m1 > 2, m1, 0) | 0.0 0.0 3.0 4.0",
                "IF(m1 > 2, m1) | - - 3.0 4.0",
                "PERIOD(m1) | 60.0",
                "TIME_SERIES(5) | 5.0 5.0 5.0 5.0",
                "SORT(METRICS(), MAX, DESC) | [two, three, one]",
                "SORT(METRICS(), SUM, ASC, 1) | [one]",
                "SLICE(SORT(METRICS(), MAX, DESC), 0, 2) | [two, three]",
                "SLICE(METRICS(), 1) | 10.0 - 30.0 0.0",
                "REMOVE_EMPTY([m1, m3]) | [one, three]",
                "MINUTE(m1) | 0.0 1.0 2.0 3.0",
                "ABS(0 - m1) | 1.0 2.0 3.0 4.0",
                "DATAPOINT_COUNT(m3) | 2.0",
                "SEARCH('{AWS/EC2,InstanceId} MetricName=\"CPUUtilization\"', 'Average', 300) | [found]",
                "SEARCH('{AWS/EC2,InstanceId} cpu NOT i-1', 'Average', 300) | []",
                "SEARCH('{AWS/EC2} cpu', 'Average', 300) | []",
            })
    void expressionsComeTo(String expression, String value) {
        assertThat(shown(MathExpression.parse(expression).evaluate(new Four()))).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1 +", "(m1", "m1 m2", "FOO(m1)", "SUM(m1", "'x", "m1 ** 2", "[m1", "m9 + 1", "SUM(1, 2)"})
    void badOnesAreRefused(String expression) {
        assertThatThrownBy(() -> MathExpression.parse(expression).evaluate(new Four()))
                .isInstanceOf(MathException.class);
    }

    /** An expression of numbers as text, and what it comes to. */
    private record Made(String text, double value) {}

    @Provide
    static Arbitrary<Made> sums() {
        Arbitrary<Made> leaf =
                Arbitraries.integers().between(0, 9).map(number -> new Made(Integer.toString(number), number));
        return Arbitraries.recursive(
                () -> leaf,
                inner -> Combinators.combine(inner, Arbitraries.of("+", "-", "*"), inner)
                        .as((left, operator, right) -> new Made(
                                "(" + left.text() + " " + operator + right.text() + ")",
                                switch (operator) {
                                    case "+" -> left.value() + right.value();
                                    case "-" -> left.value() - right.value();
                                    default -> left.value() * right.value();
                                })),
                0,
                5);
    }

    @Property(seed = "20261126", tries = 300)
    void sumsComeToWhatTheySay(@ForAll("sums") Made sum) {
        assertThat(MathExpression.parse(sum.text()).evaluate(new Four())).isEqualTo(new MathValue.Scalar(sum.value()));
    }

    @Property(seed = "20261126", tries = 500)
    void anyTextIsReadOrRefused(@ForAll String text) {
        try {
            assertThat(MathExpression.parse(text).ids()).isNotNull();
        } catch (MathException refused) {
            assertThat(refused.message()).isNotEmpty();
        }
    }
}
