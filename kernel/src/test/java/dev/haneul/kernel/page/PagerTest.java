package dev.haneul.kernel.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.store.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PagerTest {
    private final Pager pager =
            new Pager(new Tokens(new byte[32]), () -> Fault.client("InvalidToken", 400, "Invalid token."));

    private record Thing(String name, boolean wanted) {}

    /** Whatever comes and goes between pages, what was there all along is shown once, in order. */
    @Property(tries = 200, seed = "2026")
    void whatStaysIsShownOnce(@ForAll long seed, @ForAll @IntRange(min = 1, max = 7) int limit) {
        Random random = new Random(seed);
        TreeSet<String> things = new TreeSet<>();
        for (int i = random.nextInt(40); i > 0; i--) {
            things.add("thing-" + random.nextInt(100));
        }
        TreeSet<String> stayed = new TreeSet<>(things);
        List<String> shown = new ArrayList<>();
        String token = null;
        do {
            Page<String> page = pager.list(things, Function.identity(), "q", token, limit);
            assertThat(page.items()).hasSizeLessThanOrEqualTo(limit);
            shown.addAll(page.items());
            token = page.next();
            things.add("thing-" + random.nextInt(100));
            String gone = "thing-" + random.nextInt(100);
            things.remove(gone);
            if (!shown.contains(gone)) {
                stayed.remove(gone);
            }
        } while (token != null);
        assertThat(shown).isSorted().doesNotHaveDuplicates().containsAll(stayed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "thing-1", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void aTokenThatWasNotGivenOutIsRefused(String forged) {
        assertThatThrownBy(() -> pager.list(List.of("a", "b"), Function.identity(), "q", forged, 1))
                .isInstanceOf(Fault.class);
    }

    @Test
    void aTokenIsOfOneQuestion() {
        String token = pager.list(List.of("a", "b"), Function.identity(), "all", null, 1)
                .next();
        assertThat(token).isNotNull().doesNotContain("a=");
        assertThatThrownBy(() -> pager.list(List.of("a", "b"), Function.identity(), "some", token, 1))
                .isInstanceOf(Fault.class);
    }

    @Test
    void rowsComeInPagesToo(@TempDir Path folder) {
        Table<Thing> table = Table.of("test.thing", RecordCodecs.of(Thing.class));
        Scope scope = new Scope("111122223333", "us-east-1");
        try (DataFolder held = DataFolder.open(folder);
                SqliteStore store = SqliteStore.open(held)) {
            store.open(List.of(table), List.of());
            store.write(tx -> {
                for (int i = 0; i < 1300; i++) {
                    tx.put(table, scope.key("%05d".formatted(i)), new Thing("%05d".formatted(i), i % 13 == 0));
                }
            });
            List<String> shown = new ArrayList<>();
            String token = null;
            do {
                String asked = token;
                Page<Thing> page = store.read(tx -> pager.rows(tx, table, scope, Thing::wanted, "q", asked, 30));
                shown.addAll(page.map(Thing::name).items());
                token = page.next();
            } while (token != null);
            assertThat(shown).hasSize(100).isSorted().doesNotHaveDuplicates();
        }
    }
}
