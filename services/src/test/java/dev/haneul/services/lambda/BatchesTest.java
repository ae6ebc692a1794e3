package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.delivery.EventPatterns;
import dev.haneul.services.lambda.EventSource.Item;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private static final List<Item> ITEMS = List.of(item("a", "{\"kind\":\"x\",\"n\":5}"), item("b", "plain"));

    private static Item item(String id, String body) {
        return new Item(id, "h-" + id, Map.of("messageId", id, "body", body));
    }

    private static List<String> done(String report) {
        return Batches.done(ITEMS, report.getBytes(StandardCharsets.UTF_8)).stream()
                .map(Item::id)
                .toList();
    }

    @Test
    void aReportLeavesOutWhatFailed() {
        for (String all : List.of("", "null", "{}", "{\"batchItemFailures\":[]}", "{\"batchItemFailures\":null}")) {
            assertThat(done(all)).as(all).containsExactly("a", "b");
        }
        assertThat(done("{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"}]}")).containsExactly("b");
        assertThat(done("{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"},{\"itemIdentifier\":\"b\"}]}"))
                .isEmpty();
    }

    @Test
    void aBadReportIsAFailureOfAll() {
        for (String bad : List.of(
                "[1]",
                "{\"other\":1}",
                "{\"batchItemFailures\":\"a\"}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":\"\"}]}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":null}]}",
                "{\"batchItemFailures\":[{\"wrong\":\"a\"}]}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":\"nobody\"}]}",
                "{\"batchItemFailures\":[7]}",
                "{")) {
            assertThat(done(bad)).as(bad).isEmpty();
        }
    }

    @Test
    void filtersLookIntoBodiesThatAreJson() {
        EventPatterns patterns = new EventPatterns();
        Item json = ITEMS.getFirst();
        Item plain = ITEMS.getLast();
        String kind = "{\"body\":{\"kind\":[\"x\"],\"n\":[{\"numeric\":[\">\",4]}]}}";
        assertThat(Batches.taken(json, List.of(kind), patterns)).isTrue();
        assertThat(Batches.taken(plain, List.of(kind), patterns)).isFalse();
        assertThat(Batches.taken(plain, List.of("{\"body\":[\"plain\"]}"), patterns))
                .isTrue();
        assertThat(Batches.taken(plain, List.of("{\"body\":[\"other\"]}", "{\"messageId\":[\"b\"]}"), patterns))
                .isTrue();
        assertThat(Batches.taken(plain, List.of(), patterns)).isTrue();
    }

    @Test
    void anEventHoldsTheRecordsThatFit() {
        assertThat(new String(Batches.event(ITEMS), StandardCharsets.UTF_8))
                .startsWith("{\"Records\":[{")
                .contains("\"body\":\"plain\"");
        assertThat(Batches.fitting(ITEMS)).isEqualTo(2);
        Item large = item("l", "x".repeat(4 * 1024 * 1024));
        assertThat(Batches.fitting(List.of(large, large))).isEqualTo(1);
    }
}
