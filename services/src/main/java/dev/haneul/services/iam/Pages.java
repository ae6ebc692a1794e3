package dev.haneul.services.iam;

import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Pages of lists. A marker says after which id the next page begins, so pages stay whole while entities come and go.
 *
 * @param marker null on the last page
 */
record Pages<T>(List<T> items, @Nullable String marker) {
    private static final int DEFAULT_ITEMS = 100;
    private static final int CHUNK = 500;

    Pages {
        items = List.copyOf(items);
    }

    boolean truncated() {
        return marker != null;
    }

    <U> Pages<U> map(Function<T, U> change) {
        return new Pages<>(items.stream().map(change).toList(), marker);
    }

    /** Makes pages; markers are sealed, so that only what was given out comes back. */
    static final class Pager {
        private static final String CONTEXT = "marker";

        private final Tokens tokens;

        Pager(Tokens tokens) {
            this.tokens = tokens;
        }

        /** A page of a table's rows that pass the filter, in order of id. */
        <R> Pages<R> of(
                ReadTx tx,
                Table<R> table,
                Scope scope,
                Predicate<R> filter,
                @Nullable String marker,
                @Nullable Integer maxItems) {
            int limit = maxItems == null ? DEFAULT_ITEMS : maxItems;
            String from = marker == null ? "" : decode(marker) + "\u0000";
            List<R> found = new ArrayList<>();
            String last = "";
            while (true) {
                List<Row<R>> rows = tx.range(table, scope, from, null, CHUNK);
                for (Row<R> row : rows) {
                    if (filter.test(row.value())) {
                        if (found.size() == limit) {
                            return new Pages<>(found, encode(last));
                        }
                        found.add(row.value());
                        last = row.key().id();
                    }
                }
                if (rows.size() < CHUNK) {
                    return new Pages<>(found, null);
                }
                from = rows.getLast().key().id() + "\u0000";
            }
        }

        /** A page of a list that is known as a whole, in order of its ids. */
        <T> Pages<T> of(List<T> all, Function<T, String> id, @Nullable String marker, @Nullable Integer maxItems) {
            int limit = maxItems == null ? DEFAULT_ITEMS : maxItems;
            String after = marker == null ? null : decode(marker);
            List<T> sorted = new ArrayList<>(all);
            sorted.sort((a, b) -> id.apply(a).compareTo(id.apply(b)));
            List<T> found = new ArrayList<>();
            for (T item : sorted) {
                if (after != null && id.apply(item).compareTo(after) <= 0) {
                    continue;
                }
                if (found.size() == limit) {
                    return new Pages<>(found, encode(id.apply(found.getLast())));
                }
                found.add(item);
            }
            return new Pages<>(found, null);
        }

        private String encode(String id) {
            return tokens.seal(CONTEXT, id);
        }

        private String decode(String marker) {
            return tokens.open(CONTEXT, marker).orElseThrow(() -> IamFaults.validation("Invalid Marker."));
        }
    }
}
