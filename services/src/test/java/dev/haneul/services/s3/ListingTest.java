package dev.haneul.services.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ListingTest {
    /** What a listing is, said naively: the distinct names and common prefixes past the marker, in order. */
    private static List<String> model(Set<String> keys, String prefix, String delimiter, String after) {
        TreeSet<String> items = new TreeSet<>(Utf8Order.COMPARATOR);
        for (String key : keys) {
            if (!key.startsWith(prefix)) {
                continue;
            }
            int at = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
            String item = at < 0 ? key : key.substring(0, at + delimiter.length());
            if (after.isEmpty() || Utf8Order.compare(item, after) > 0) {
                items.add(item);
            }
        }
        return List.copyOf(items);
    }

    /** Rows in memory, counted as they are read. */
    private static final class Rows implements Listing.Source<String> {
        private final List<Listing.Row<String>> rows;
        private int read;

        Rows(Set<String> keys) {
            rows = keys.stream()
                    .map(key -> new Listing.Row<>(key, Keys.position(key), key))
                    .sorted(Comparator.comparing(Listing.Row::position, Utf8Order.COMPARATOR))
                    .toList();
        }

        @Override
        public List<Listing.Row<String>> rows(String from, @Nullable String to, int limit) {
            int low = lowerBound(from);
            int high = to == null ? rows.size() : lowerBound(to);
            List<Listing.Row<String>> page = rows.subList(low, Math.max(low, Math.min(high, low + limit)));
            read += page.size();
            return page;
        }

        private int lowerBound(String position) {
            int low = 0;
            int high = rows.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (Utf8Order.compare(rows.get(middle).position(), position) < 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }
    }

    private static List<String> items(Listing.Page<String> page) {
        return Stream.concat(page.rows().stream().map(Listing.Row::name), page.commonPrefixes().stream())
                .sorted(Utf8Order.COMPARATOR)
                .toList();
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.of(
                        "a",
                        "b",
                        "/",
                        "ab",
                        "//",
                        "\0",
                        "\1",
                        "\2",
                        "é",
                        "\uD7FF",
                        "\uE000",
                        "\uFFFF",
                        "😀",
                        "\uDBFF\uDFFF")
                .list()
                .ofMinSize(0)
                .ofMaxSize(5)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<Set<String>> keys() {
        return names().filter(name -> !name.isEmpty()).set().ofMaxSize(150);
    }

    @Property(tries = 2000, seed = "2026")
    void aPageIsTheNaiveModelsPage(
            @ForAll("keys") Set<String> keys,
            @ForAll("names") String prefix,
            @ForAll("names") String delimiter,
            @ForAll("names") String after,
            @ForAll @IntRange(max = 12) int max) {
        Listing.Page<String> page = Listing.scan(new Rows(keys), Listing.Query.keys(prefix, delimiter, after, max));
        List<String> expected = model(keys, prefix, delimiter, after);
        assertThat(items(page)).isEqualTo(expected.subList(0, Math.min(max, expected.size())));
        assertThat(page.truncated()).isEqualTo(max > 0 && expected.size() > max);
        assertThat(page.lastName())
                .isEqualTo(items(page).isEmpty() ? "" : items(page).getLast());
    }

    @Property(tries = 500, seed = "2026")
    void pagesTogetherAreTheWhole(
            @ForAll("keys") Set<String> keys,
            @ForAll("names") String prefix,
            @ForAll("names") String delimiter,
            @ForAll @IntRange(min = 1, max = 5) int max) {
        Rows rows = new Rows(keys);
        List<String> all = new ArrayList<>();
        String after = "";
        boolean more = true;
        while (more) {
            Listing.Page<String> page = Listing.scan(rows, Listing.Query.keys(prefix, delimiter, after, max));
            all.addAll(items(page));
            after = page.lastName();
            more = page.truncated();
        }
        assertThat(all).isEqualTo(model(keys, prefix, delimiter, ""));
    }

    @Test
    void aPageOfCommonPrefixesSkipsWhatIsUnderThem() {
        Set<String> keys = new TreeSet<>();
        for (int folder = 0; folder < 100; folder++) {
            for (int file = 0; file < 1000; file++) {
                keys.add(String.format("f%03d/%04d", folder, file));
            }
        }
        Rows rows = new Rows(keys);
        Listing.Page<String> page = Listing.scan(rows, Listing.Query.keys("", "/", "", 10));
        assertThat(page.commonPrefixes()).hasSize(10).startsWith("f000/");
        assertThat(page.truncated()).isTrue();
        assertThat(rows.read).isLessThanOrEqualTo(11 * 11);
    }

    @Test
    void severalRowsOfAKeyAreListedEachAndRollUpOnce() {
        List<Listing.Row<String>> rows = List.of(
                new Listing.Row<>("a/x", "a/x\0001", "1"),
                new Listing.Row<>("a/x", "a/x\0002", "2"),
                new Listing.Row<>("b", "b\0001", "3"),
                new Listing.Row<>("b", "b\0002", "4"));
        Listing.Source<String> source = (from, to, limit) -> rows.stream()
                .filter(row -> row.position().compareTo(from) >= 0)
                .filter(row -> to == null || row.position().compareTo(to) < 0)
                .limit(limit)
                .toList();
        Listing.Page<String> first = Listing.scan(source, new Listing.Query("", "/", "", "\1", 2));
        assertThat(first.commonPrefixes()).containsExactly("a/");
        assertThat(first.rows()).extracting(Listing.Row::value).containsExactly("3");
        Listing.Page<String> second = Listing.scan(source, new Listing.Query("", "/", "b", "b\0001", 2));
        assertThat(second.rows()).extracting(Listing.Row::value).containsExactly("4");
        assertThat(second.truncated()).isFalse();
        Listing.Page<String> pastB = Listing.scan(source, new Listing.Query("", "/", "b", "b\1", 2));
        assertThat(pastB.rows()).isEmpty();
    }
}
