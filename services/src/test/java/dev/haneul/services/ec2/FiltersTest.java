package dev.haneul.services.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ec2.Filter;
import dev.haneul.api.runtime.Fault;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiltersTest {
    private static final Filters<String> NAMES = Filters.<String>tagged().one("name", name -> name);

    private static boolean finds(String record, Map<String, String> tags, Filter... filters) {
        return NAMES.parse(List.of(filters)).test(record, tags);
    }

    private static Filter filter(String name, String... values) {
        return new Filter().name(name).values(List.of(values));
    }

    @ParameterizedTest
    @CsvSource({
        "web-*, web-1, true",
        "web-*, Web-1, false",
        "w?b, wb, false",
        "w?b, web, true",
        "*, '', true",
        "a*b*c, aXbYbZc, true",
        "a*b*c, aXbYbZ, false",
        "a\\*, a*, true",
        "a\\*, ab, false",
        "a\\?b, axb, false",
        "'', a, false"
    })
    void wildcards(String pattern, String text, boolean expected) {
        assertThat(finds(text, Map.of(), filter("name", pattern))).isEqualTo(expected);
    }

    @Test
    void valuesAreAlternativesAndFiltersAddUp() {
        Map<String, String> tags = Map.of("stage", "test", "team", "net");
        assertThat(finds("a", tags, filter("name", "b", "a"), filter("tag:stage", "t*")))
                .isTrue();
        assertThat(finds("a", tags, filter("name", "a"), filter("tag:stage", "prod")))
                .isFalse();
        assertThat(finds("a", tags, filter("tag-key", "team"))).isTrue();
        assertThat(finds("a", tags, filter("tag:owner", "*"))).isFalse();
    }

    @Test
    void unknownOnesAreRefused() {
        assertThatThrownBy(() -> finds("a", Map.of(), filter("colour", "blue")))
                .isInstanceOfSatisfying(Fault.class, fault -> {
                    assertThat(fault.code()).isEqualTo("InvalidParameterValue");
                    assertThat(fault.message()).isEqualTo("The filter 'colour' is invalid");
                });
    }

    @Property(tries = 500, seed = "2026")
    void matchesAsARegularExpressionWould(
            @ForAll @StringLength(max = 8) @CharRange(from = 'a', to = 'b') String text,
            @ForAll @StringLength(max = 6) String mask) {
        StringBuilder pattern = new StringBuilder();
        StringBuilder regex = new StringBuilder();
        for (char c : mask.toCharArray()) {
            String[] part = new String[][] {{"a", "a"}, {"b", "b"}, {"*", ".*"}, {"?", "."}}[c % 4];
            pattern.append(part[0]);
            regex.append(part[1]);
        }
        assertThat(Filters.matches(pattern.toString(), text)).isEqualTo(text.matches(regex.toString()));
    }
}
