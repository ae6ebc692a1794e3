package dev.haneul.services.ecr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.ecr.LifecyclePlan.Candidate;
import dev.haneul.services.ecr.LifecyclePlan.Expired;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class LifecyclePlanTest {
    private static final Instant NOW = Instant.parse("2026-03-04T00:00:00Z");

    private static Candidate image(String digest, int ageDays, String... tags) {
        Instant pushed = NOW.minus(Duration.ofDays(ageDays)).minusSeconds(1);
        return new Candidate(digest, List.of(tags), pushed, pushed, List.of());
    }

    private static LifecycleRules tagged(int priority, String prefix, String type, long count) {
        return new LifecycleRules(priority, LifecycleRules.TAGGED, List.of(prefix), List.of(), type, count);
    }

    private static List<String> expired(List<LifecycleRules> rules, List<Candidate> images) {
        return LifecyclePlan.of(rules, images, NOW).stream()
                .map(each -> each.image().digest())
                .toList();
    }

    /** The example of AWS's documentation: an earlier rule's images are safe from a later one. */
    @Test
    void anEarlierRuleClaimsItsImages() {
        List<Candidate> images =
                List.of(image("a", 30, "alpha-1"), image("b", 20, "alpha-2"), image("c", 10, "beta-1"));
        LifecycleRules keepOne = tagged(1, "alpha", LifecycleRules.MORE_THAN, 1);
        LifecycleRules anyOld =
                new LifecycleRules(2, LifecycleRules.ANY, List.of(), List.of(), LifecycleRules.PUSHED, 5);
        assertThat(expired(List.of(keepOne, anyOld), images)).containsExactlyInAnyOrder("a", "c");
    }

    @Test
    void allPrefixesMustBeThere() {
        LifecycleRules both =
                new LifecycleRules(1, LifecycleRules.TAGGED, List.of("a", "b"), List.of(), LifecycleRules.PUSHED, 1);
        assertThat(expired(List.of(both), List.of(image("x", 9, "a1"), image("y", 9, "a1", "b1"))))
                .containsExactly("y");
    }

    @Test
    void whatAnIndexNeedsStays() {
        Candidate index =
                new Candidate("index", List.of("v1"), NOW.minusSeconds(1), NOW.minusSeconds(1), List.of("part"));
        LifecycleRules untagged =
                new LifecycleRules(1, LifecycleRules.UNTAGGED, List.of(), List.of(), LifecycleRules.PUSHED, 1);
        assertThat(expired(List.of(untagged), List.of(index, image("part", 9), image("lone", 9))))
                .containsExactly("lone");
    }

    @Provide
    Arbitrary<List<Candidate>> images() {
        Arbitrary<List<String>> tags = Arbitraries.of("alpha-1", "alpha-2", "beta-1", "beta-2")
                .list()
                .uniqueElements()
                .ofMaxSize(3);
        Arbitrary<Integer> age = Arbitraries.integers().between(0, 60);
        return Combinators.combine(tags, age)
                .as((some, days) -> image("", days, some.toArray(new String[0])))
                .list()
                .ofMaxSize(12)
                .map(all -> {
                    List<Candidate> named = new ArrayList<>();
                    for (Candidate each : all) {
                        named.add(
                                new Candidate("d" + named.size(), each.tags(), each.pushed(), each.used(), List.of()));
                    }
                    return named;
                });
    }

    @Provide
    Arbitrary<List<LifecycleRules>> rules() {
        Arbitrary<String> prefix = Arbitraries.of("alpha", "beta", "alpha-1");
        Arbitrary<String> type = Arbitraries.of(LifecycleRules.MORE_THAN, LifecycleRules.PUSHED, LifecycleRules.PULLED);
        return Combinators.combine(prefix, type, Arbitraries.longs().between(1, 40))
                .as((name, kind, count) -> tagged(0, name, kind, count))
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(all -> {
                    List<LifecycleRules> ordered = new ArrayList<>();
                    for (LifecycleRules each : all) {
                        ordered.add(
                                tagged(ordered.size() + 1, each.prefixes().getFirst(), each.countType(), each.count()));
                    }
                    return ordered;
                });
    }

    @Property(tries = 300, seed = "2026")
    void eachImageGoesOnceByTheFirstRuleThatSelectsIt(
            @ForAll("images") List<Candidate> images, @ForAll("rules") List<LifecycleRules> rules) {
        List<Expired> expired = LifecyclePlan.of(rules, images, NOW);
        Set<String> seen = new HashSet<>();
        for (Expired each : expired) {
            assertThat(seen.add(each.image().digest())).isTrue();
            LifecycleRules first = rules.stream()
                    .filter(rule -> rule.selects(each.image().tags()))
                    .findFirst()
                    .orElseThrow();
            assertThat(first.priority()).isEqualTo(each.rule());
        }
    }

    @Property(tries = 300, seed = "2026")
    void aCountLeavesTheNewest(@ForAll("images") List<Candidate> images) {
        LifecycleRules three = tagged(1, "alpha", LifecycleRules.MORE_THAN, 3);
        long selected =
                images.stream().filter(each -> three.selects(each.tags())).count();
        assertThat(expired(List.of(three), images)).hasSize((int) Math.max(0, selected - 3));
    }
}
