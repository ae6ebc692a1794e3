package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LineageTest {
    private static final FunctionRef ONE = new FunctionRef("000000000000", "us-east-1", "one", null);
    private static final FunctionRef TWO = new FunctionRef("000000000000", "us-east-1", "two", null);
    private static final String FRESH = "Root=1-5f84c7a2-e7f2b2a4c1d2f3a4b5c6d7e8;Sampled=0";

    @Test
    void countsEachFunctionOfAChainByItself() {
        Lineage lineage = Lineage.of(null, FRESH, ONE);
        assertThat(lineage.header()).startsWith(FRESH + ";Lineage=1:");
        int calls = 0;
        while (!lineage.loops()) {
            lineage = Lineage.of(Lineage.of(lineage.header(), "Root=other", TWO).header(), "Root=other", ONE);
            calls++;
        }
        assertThat(calls).isEqualTo(16);
        assertThat(lineage.header()).startsWith("Root=1-5f84c7a2").contains("|");
    }

    @Property(tries = 200, seed = "2026")
    void whateverComesIsAHeaderOfBoundedLength(@ForAll String before) {
        assertThat(Lineage.of(before, FRESH, ONE).header())
                .contains("Lineage=1:")
                .hasSizeLessThan(2048);
    }
}
