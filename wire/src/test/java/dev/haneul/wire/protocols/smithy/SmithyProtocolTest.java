package dev.haneul.wire.protocols.smithy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Protocol;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * Smithy's protocol tests judge the codecs. What does not pass stands in {@code known-gaps.txt}, one case and its
 * reason per line; a listed case that passes fails the build as an unlisted one that does not.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmithyProtocolTest {
    private static final String GAPS = "/dev/haneul/wire/protocols/known-gaps.txt";
    private static final int MAX_GAPS_PERCENT = 2;

    private final Map<Protocol, Count> counts = new TreeMap<>();
    private List<Case> cases;
    private Map<String, String> gaps;

    @BeforeAll
    void load() {
        cases = Cases.all();
        gaps = gaps();
    }

    @TestFactory
    Stream<DynamicContainer> everyCasePassesOrIsAKnownGap() {
        Map<Protocol, List<DynamicTest>> byProtocol = new TreeMap<>();
        for (Case test : cases) {
            byProtocol
                    .computeIfAbsent(test.protocol(), p -> new java.util.ArrayList<>())
                    .add(dynamic(test));
        }
        return byProtocol.entrySet().stream()
                .map(entry -> DynamicContainer.dynamicContainer(entry.getKey().name(), entry.getValue()));
    }

    private DynamicTest dynamic(Case test) {
        return DynamicTest.dynamicTest(test.id(), () -> {
            String failure = test.failure();
            Count count = counts.computeIfAbsent(test.protocol(), p -> new Count());
            count.run++;
            count.passed += failure == null ? 1 : 0;
            count.gaps += gaps.containsKey(test.id()) ? 1 : 0;
            if (gaps.containsKey(test.id())) {
                assertThat(failure)
                        .as("%s passes: take it off known-gaps.txt", test.id())
                        .isNotNull();
            } else {
                assertThat(failure).as(test.id()).isNull();
            }
        });
    }

    @Test
    void knownGapsAreFewAndReal() {
        assertThat(cases).extracting(Case::id).containsAll(gaps.keySet());
        assertThat(gaps.size() * 100).isLessThanOrEqualTo(cases.size() * MAX_GAPS_PERCENT);
    }

    /** What really passed in this run, one line a protocol. */
    @AfterAll
    void tell() {
        counts.forEach((protocol, count) -> System.out.printf(
                Locale.ROOT,
                "Smithy protocol tests, %s: %d of %d pass, %d known gaps%n",
                protocol,
                count.passed,
                count.run,
                count.gaps));
    }

    private static final class Count {
        private int run;
        private int passed;
        private int gaps;
    }

    private static Map<String, String> gaps() {
        Map<String, String> read = new LinkedHashMap<>();
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(SmithyProtocolTest.class.getResourceAsStream(GAPS), StandardCharsets.UTF_8))) {
            in.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(line -> {
                String[] parts = line.split("\\s+", 2);
                assertThat(parts).as("a case and its reason: " + line).hasSize(2);
                read.put(parts[0], parts[1]);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return read;
    }
}
