package dev.haneul.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void keepsTheFilesOrder() {
        assertThat(Json.write(Json.parse("{\"b\": [1, 2.5, true, null, \"é\"], \"a\": {}}")))
                .isEqualTo("{\"b\":[1,2.5,true,null,\"é\"],\"a\":{}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\": 1, \"a\": 2}", "{\"a\": }", "[1, 2", "nonsense"})
    void refusesWhatIsNotJson(String text) {
        assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void saysWhatItExpected() {
        assertThatThrownBy(() -> Json.object(List.of(1L))).hasMessage("expected a JSON object, found [1]");
        assertThatThrownBy(() -> Json.array(Map.of("k", "v"), "k"))
                .hasMessageContaining("expected a JSON array under k");
    }

    @Property(seed = "2026")
    void whatIsWrittenReadsTheSame(@ForAll("trees") Object tree) {
        assertThat(Json.parse(Json.write(tree))).isEqualTo(tree);
    }

    @Provide
    Arbitrary<Object> trees() {
        Arbitrary<Object> leaves = Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(8).map(text -> (Object) text),
                Arbitraries.longs().map(number -> (Object) number),
                Arbitraries.of(true, false).map(truth -> (Object) truth));
        return Arbitraries.recursive(
                () -> leaves,
                inner -> Arbitraries.oneOf(
                        inner.list().ofMaxSize(3).map(list -> (Object) list),
                        Arbitraries.maps(Arbitraries.strings().ofMaxLength(4), inner)
                                .ofMaxSize(3)
                                .map(map -> (Object) map)),
                0,
                3);
    }
}
