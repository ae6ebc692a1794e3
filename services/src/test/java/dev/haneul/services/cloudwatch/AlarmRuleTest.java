package dev.haneul.services.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlarmRuleTest {
    private static final Map<String, String> STATES = Map.of("a", "ALARM", "b", "OK", "c d", "INSUFFICIENT_DATA");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TRUE | true",
                "NOT TRUE | false",
                "ALARM(a) | true",
                "ALARM(\"a\") AND ALARM(b) | false",
                "ALARM(a) OR ALARM(b) AND FALSE | true",
                "(ALARM(a) OR ALARM(b)) AND FALSE | false",
                "NOT (OK(a) OR NOT OK(b)) | true",
                "INSUFFICIENT_DATA(\"c d\") | true",
                "INSUFFICIENT_DATA(gone) | true",
            })
    void rulesHold(String rule, boolean holds) {
        assertThat(AlarmRule.parse(rule).holds(STATES::get)).isEqualTo(holds);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "ALARM", "ALARM()", "ALARM(a", "ALARM(a) ALARM(b)", "AND TRUE", "TRUE OR", "(TRUE", "x"})
    void badRulesAreRefused(String rule) {
        assertThatThrownBy(() -> AlarmRule.parse(rule)).isInstanceOf(AlarmRule.BadRuleException.class);
    }

    /** A rule as text and what it comes to. */
    private record Made(String text, boolean value) {}

    @Provide
    static Arbitrary<Made> rules() {
        Arbitrary<Made> leaf = Arbitraries.of(
                new Made("TRUE", true),
                new Made("FALSE", false),
                new Made("ALARM(a)", true),
                new Made("OK(\"a\")", false));
        return Arbitraries.recursive(
                () -> leaf,
                inner -> Arbitraries.oneOf(
                        inner.map(one -> new Made("NOT (" + one.text() + ")", !one.value())),
                        net.jqwik.api.Combinators.combine(inner, inner)
                                .as((l, r) ->
                                        new Made("(" + l.text() + ") AND (" + r.text() + ")", l.value() && r.value())),
                        net.jqwik.api.Combinators.combine(inner, inner)
                                .as((l, r) ->
                                        new Made("(" + l.text() + ") OR (" + r.text() + ")", l.value() || r.value()))),
                0,
                4);
    }

    @Property(seed = "20261126", tries = 300)
    void whatIsWrittenIsWhatHolds(@ForAll("rules") Made rule) {
        assertThat(AlarmRule.parse(rule.text()).holds(STATES::get)).isEqualTo(rule.value());
    }

    @Property(seed = "20261126", tries = 300)
    void anyTextIsReadOrRefused(@ForAll String text) {
        try {
            assertThat(AlarmRule.parse(text)).isNotNull();
        } catch (AlarmRule.BadRuleException refused) {
            assertThat(refused).hasMessageMatching("(?s).+");
        }
    }
}
