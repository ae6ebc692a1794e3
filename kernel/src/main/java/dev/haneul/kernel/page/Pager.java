package dev.haneul.kernel.page;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Cuts lists into pages. A token holds the id of the last thing shown, sealed: it tells the client nothing, opens only
 * for the same question, and stands while things come and go: each page begins after that id, so what stays is shown
 * once, whatever was made or removed in between (that thing too).
 */
public final class Pager {
    private static final int CHUNK = 500;

    private final Tokens tokens;
    private final Supplier<Fault> invalid;

    /**
     * A pager of one room.
     *
     * @param tokens of a key of the room's own, see {@link Tokens#derive}
     * @param invalid what a client is told whose token does not open, in the service's words
     */
    public Pager(Tokens tokens, Supplier<Fault> invalid) {
        this.tokens = tokens;
        this.invalid = invalid;
    }

    /**
     * A page of a table's rows, in order of id.
     *
     * @param question the operation, account, region and filters: whatever the next page must be asked with again
     * @param token the one the client sent, null for the first page
     * @param limit most items of a page, at least 1
     * @throws Fault where the token was not given out for this question
     */
    public <R> Page<R> rows(
            ReadTx tx,
            Table<R> table,
            Scope scope,
            Predicate<R> filter,
            String question,
            @Nullable String token,
            int limit) {
        String from = token == null ? "" : after(last(question, token));
        List<R> found = new ArrayList<>();
        String shown = "";
        while (true) {
            List<Row<R>> rows = tx.range(table, scope, from, null, CHUNK);
            for (Row<R> row : rows) {
                if (!filter.test(row.value())) {
                    continue;
                }
                if (found.size() == limit) {
                    return new Page<>(found, tokens.seal(question, shown));
                }
                found.add(row.value());
                shown = row.key().id();
            }
            if (rows.size() < CHUNK) {
                return new Page<>(found, null);
            }
            from = after(rows.getLast().key().id());
        }
    }

    /**
     * A page of a list that is known as a whole, in order of its ids.
     *
     * @param id tells things apart and orders them
     * @throws Fault where the token was not given out for this question
     */
    public <T> Page<T> list(
            Collection<T> all, Function<T, String> id, String question, @Nullable String token, int limit) {
        String last = token == null ? null : last(question, token);
        List<T> rest = all.stream()
                .filter(item -> last == null || id.apply(item).compareTo(last) > 0)
                .sorted(Comparator.comparing(id))
                .limit(limit + 1L)
                .toList();
        if (rest.size() <= limit) {
            return new Page<>(rest, null);
        }
        List<T> shown = rest.subList(0, limit);
        return new Page<>(shown, tokens.seal(question, id.apply(shown.getLast())));
    }

    private String last(String question, String token) {
        return tokens.open(question, token).orElseThrow(invalid);
    }

    /** The least id that is greater. */
    private static String after(String id) {
        return id + "\u0000";
    }
}
