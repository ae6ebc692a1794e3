package dev.haneul.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.delivery.InputTemplate.Value;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import org.junit.jupiter.api.Test;

class InputTemplateTest {
    private static String fill(String template, Map<String, Value> values) {
        return InputTemplate.fill(template, name -> values.getOrDefault(name, Value.NONE));
    }

    @Property(tries = 500, seed = "2026")
    void whateverTheValueAJsonTemplateStaysJson(@ForAll @CharRange(from = ' ', to = '~') String value) {
        String filled = fill("{\"a\": <v>, \"b\": \"x <v> y\", \"c\": <none>}", Map.of("v", Value.of(value)));
        Map<String, ?> read = Json.object(filled).orElseThrow();
        assertThat(read.get("a")).isEqualTo(value);
        assertThat(read.get("b")).isEqualTo("x " + value + " y");
        assertThat(read.get("c")).isEqualTo("");
    }

    @Test
    void quotesInTheTemplateThatAreEscapedDoNotEndAString() {
        assertThat(fill("\"<a> is \\\"<b>\\\"\"", Map.of("a", Value.of("x"), "b", Value.of("on"))))
                .isEqualTo("\"x is \\\"on\\\"\"");
    }

    @Test
    void treesStandAsJsonOutsideOfStringsAndBareInside() {
        Map<String, Value> values = Map.of("v", Value.of(Map.of("k", "w")));
        assertThat(fill("{\"a\": <v>}", values)).isEqualTo("{\"a\": {\"k\":\"w\"}}");
        assertThat(fill("\"a <v>\"", values)).isEqualTo("\"a {k:w}\"");
    }

    @Test
    void pathsFindWhatAwsFinds() {
        Object tree = Json.object("{\"a\":{\"b-c\":[1,{\"d\":2},{\"d\":3}]}}").orElseThrow();
        assertThat(JsonPath.parse("$.a.b-c[1].d").orElseThrow().in(tree).value())
                .hasToString("2");
        assertThat(JsonPath.parse("$['a'].b-c[*].d").orElseThrow().in(tree).value())
                .hasToString("[2, 3]");
        assertThat(JsonPath.parse("$.a.none").orElseThrow().in(tree).there()).isFalse();
        assertThat(JsonPath.parse("$").orElseThrow().in(tree).value()).isEqualTo(tree);
        assertThat(JsonPath.parse("a.b")).isEmpty();
        assertThat(JsonPath.parse("$..a")).isEmpty();
        assertThat(JsonPath.parse("$.a[x]")).isEmpty();
    }
}
