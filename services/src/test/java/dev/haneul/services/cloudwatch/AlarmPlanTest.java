package dev.haneul.services.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.cloudwatch.AlarmPlan.Missing;
import dev.haneul.services.cloudwatch.AlarmPlan.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlarmPlanTest {
    private static final String BEFORE = "BEFORE";

    /** AWS's own tables in "How alarm state is evaluated when data is missing": X breaches, 0 does not, - is missing. */
    @ParameterizedTest
    @CsvSource({
        "3, 0-X-X, OK, OK, OK, OK",
        "3, ----0, OK, OK, OK, OK",
        "3, -----, INSUFFICIENT_DATA, BEFORE, ALARM, OK",
        "3, 0XX-X, ALARM, ALARM, ALARM, ALARM",
        "3, --X--, ALARM, BEFORE, ALARM, OK",
        "2, 0-X-X, ALARM, ALARM, ALARM, ALARM",
        "2, 00X0X, ALARM, ALARM, ALARM, ALARM",
        "2, 0-X--, OK, OK, ALARM, OK",
        "2, ----0, OK, OK, ALARM, OK",
        "2, ---X-, ALARM, BEFORE, ALARM, OK",
    })
    void missingDataCountAsTheTablesSay(
            int datapoints, String oldestFirst, String missing, String ignore, String breaching, String notBreaching) {
        assertThat(state(datapoints, oldestFirst, Missing.MISSING)).isEqualTo(missing);
        assertThat(state(datapoints, oldestFirst, Missing.IGNORE)).isEqualTo(ignore);
        assertThat(state(datapoints, oldestFirst, Missing.BREACHING)).isEqualTo(breaching);
        assertThat(state(datapoints, oldestFirst, Missing.NOT_BREACHING)).isEqualTo(notBreaching);
    }

    /** "Avoiding premature transitions": a breach that good data may follow does not alarm yet. */
    @ParameterizedTest
    @CsvSource({"----X", "---X-"})
    void aYoungBreachAloneDoesNotAlarm(String oldestFirst) {
        assertThat(state(3, oldestFirst, Missing.MISSING)).isEqualTo(BEFORE);
    }

    private static String state(int datapoints, String oldestFirst, Missing missing) {
        List<@Nullable Double> newestFirst = new ArrayList<>();
        for (int i = oldestFirst.length() - 1; i >= 0; i--) {
            char c = oldestFirst.charAt(i);
            newestFirst.add(c == '-' ? null : c == 'X' ? 9.0 : 0.0);
        }
        return AlarmPlan.of(new Rule("GreaterThanThreshold", 5, 3, datapoints, missing), newestFirst, BEFORE)
                .state();
    }

    @Provide
    static Arbitrary<Rule> rules() {
        return Arbitraries.integers()
                .between(1, 6)
                .flatMap(periods -> Arbitraries.integers()
                        .between(1, periods)
                        .flatMap(datapoints -> Arbitraries.of(Missing.values())
                                .map(missing -> new Rule("GreaterThanThreshold", 5, periods, datapoints, missing))));
    }

    @Property(seed = "20261126", tries = 500)
    void whatIsDecidedFollowsFromTheData(
            @ForAll("rules") Rule rule,
            @ForAll List<@net.jqwik.api.constraints.IntRange(min = 0, max = 2) Integer> raw) {
        List<@Nullable Double> values = new ArrayList<>();
        for (int i = 0; i < rule.periods() + AlarmPlan.EXTRA; i++) {
            int kind = i < raw.size() ? raw.get(i) : 2;
            values.add(kind == 2 ? null : kind == 1 ? 9.0 : 0.0);
        }
        AlarmPlan.Verdict verdict = AlarmPlan.of(rule, values, BEFORE);
        List<Double> real = values.stream().filter(Objects::nonNull).toList();
        long breaching =
                real.stream().limit(rule.periods()).filter(rule::breaches).count();
        if (breaching >= rule.datapoints()) {
            assertThat(verdict.state()).isEqualTo(AlarmPlan.ALARM);
        } else if (real.size() >= rule.periods()) {
            assertThat(verdict.state()).isEqualTo(AlarmPlan.OK);
        }
        if (verdict.state().equals(AlarmPlan.ALARM) && breaching < rule.datapoints()) {
            assertThat(rule.missing()).isIn(Missing.BREACHING, Missing.MISSING);
        }
        if (verdict.state().equals(AlarmPlan.INSUFFICIENT_DATA)) {
            assertThat(real).isEmpty();
        }
        assertThat(verdict.used().size() + verdict.filled()).isEqualTo(rule.periods());
    }
}
