package dev.haneul.services.iam;

import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
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

    /** A page of a table's rows that pass the filter, in order of id. */
    static <R> Pages<R> of(
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
    static <T> Pages<T> of(List<T> all, Function<T, String> id, @Nullable String marker, @Nullable Integer maxItems) {
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

    private static String encode(String id) {
        return Base64.getUrlEncoder().encodeToString(("1" + id).getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String marker) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(marker), StandardCharsets.UTF_8);
            if (text.startsWith("1") && encode(text.substring(1)).equals(marker)) {
                return text.substring(1);
            }
        } catch (IllegalArgumentException _) {
            // Not ours: answered below.
        }
        throw IamFaults.validation("Invalid Marker.");
    }
}
