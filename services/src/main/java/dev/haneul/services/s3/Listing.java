package dev.haneul.services.s3;

import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Table;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one way keys are listed: objects, versions and uploads alike.
 *
 * <p>A skip-scan over ordered rows: where a name rolls up into a common prefix, the scan jumps past everything under
 * that prefix. A page therefore reads about as many rows as it answers, whatever the bucket's size.
 */
final class Listing {
    /** Rows the first read after a jump takes: where one name rolled up, the next is likely to. */
    private static final int ROWS_AFTER_JUMP = 4;

    private static final int GROWTH = 4;

    private Listing() {}

    /**
     * What is asked for.
     *
     * @param prefix only names that start with it; empty for all
     * @param delimiter what rolls names up; empty for none
     * @param afterName only entries (names or common prefixes) that sort after this one; empty for all
     * @param afterPosition the position that goes with it, see {@link Row#position}
     * @param maxEntries rows and common prefixes together, 0 to 1000
     */
    record Query(String prefix, String delimiter, String afterName, String afterPosition, int maxEntries) {
        /** A query over rows of which there is one per name. */
        static Query keys(String prefix, String delimiter, String after, int maxEntries) {
            return new Query(prefix, delimiter, after, Keys.position(after), maxEntries);
        }
    }

    /**
     * A row of the source.
     *
     * @param name the key
     * @param position its place in the order: {@link Keys#position} of the name, or that, NUL and more where there
     *     are several rows of a name
     */
    record Row<T>(String name, String position, T value) {}

    /** A page, and where the next one goes on. Names are empty on an empty page. */
    record Page<T>(List<Row<T>> rows, List<String> commonPrefixes, boolean truncated, String lastName) {}

    /** Rows in order of position. */
    interface Source<T> {
        /** At most {@code limit} rows at or past {@code from} and before {@code to} (null: the end). */
        List<Row<T>> rows(String from, @Nullable String to, int limit);
    }

    /** A page with the bucket it is of. */
    record Of<T>(Buckets.Bucket bucket, Page<T> page) {}

    /** Reads a page of a bucket's rows in one of its tables. */
    static <T> Of<T> of(ReadTx tx, Table<T> table, Buckets.Bucket bucket, Query query) {
        return new Of<>(bucket, scan(source(tx, table, bucket), query));
    }

    /** The rows of a bucket in a table whose ids are the bucket's name, a slash and the position. */
    private static <T> Source<T> source(ReadTx tx, Table<T> table, Buckets.Bucket bucket) {
        String base = bucket.name() + '/';
        String end = S3Tables.bucketEnd(bucket.name());
        return (from, to, limit) ->
                tx.range(table, bucket.scope(), base + from, to == null ? end : base + to, limit).stream()
                        .map(row -> {
                            String position = row.key().id().substring(base.length());
                            return new Row<>(Keys.ofPosition(position), position, row.value());
                        })
                        .toList();
    }

    /** Reads a page. */
    static <T> Page<T> scan(Source<T> source, Query query) {
        return new Scan<>(source, query).run();
    }

    private static final class Scan<T> {
        private final Source<T> source;
        private final Query query;
        private final @Nullable String end;
        private final List<Row<T>> rows = new ArrayList<>();
        private final List<String> prefixes = new ArrayList<>();
        private String lastName = "";
        private boolean truncated;
        private int batchRows = ROWS_AFTER_JUMP;

        Scan(Source<T> source, Query query) {
            this.source = source;
            this.query = query;
            this.end = query.prefix().isEmpty() ? null : positionAfter(query.prefix());
        }

        Page<T> run() {
            String from = start();
            while (from != null && query.maxEntries() > 0) {
                from = step(from);
            }
            return new Page<>(rows, prefixes, truncated, lastName);
        }

        /** Where the scan begins, null where nothing can be left. */
        private @Nullable String start() {
            String after = query.afterName();
            if (after.isEmpty() || Utf8Order.compare(after, query.prefix()) < 0) {
                return Keys.position(query.prefix());
            }
            String rolled = rollUp(after);
            return rolled == null ? query.afterPosition() + '\0' : positionAfter(rolled);
        }

        /** Reads one batch; answers where to go on, null at the end. */
        private @Nullable String step(String from) {
            if (end != null && Utf8Order.compare(from, end) >= 0) {
                return null;
            }
            // One more than fits, to learn whether the page is truncated.
            int room = query.maxEntries() - rows.size() - prefixes.size() + 1;
            int limit = query.delimiter().isEmpty() ? room : Math.min(room, batchRows);
            List<Row<T>> batch = source.rows(from, end, limit);
            String skipTo = "";
            for (Row<T> row : batch) {
                if (!skipTo.isEmpty() && Utf8Order.compare(row.position(), skipTo) < 0) {
                    continue;
                }
                if (rows.size() + prefixes.size() == query.maxEntries()) {
                    truncated = true;
                    return null;
                }
                String rolled = rollUp(row.name());
                if (rolled == null) {
                    rows.add(row);
                    lastName = row.name();
                    continue;
                }
                prefixes.add(rolled);
                lastName = rolled;
                String next = positionAfter(rolled);
                if (next == null) {
                    return null;
                }
                skipTo = next;
            }
            if (batch.size() < limit) {
                return null;
            }
            String past = batch.getLast().position() + '\0';
            boolean jump = !skipTo.isEmpty() && Utf8Order.compare(past, skipTo) < 0;
            batchRows = jump ? ROWS_AFTER_JUMP : Math.min(batchRows * GROWTH, query.maxEntries() + 1);
            return jump ? skipTo : past;
        }

        /** The common prefix this name rolls up into, null where it stands for itself. */
        private @Nullable String rollUp(String name) {
            if (query.delimiter().isEmpty() || !name.startsWith(query.prefix())) {
                return null;
            }
            int at = name.indexOf(query.delimiter(), query.prefix().length());
            return at < 0 ? null : name.substring(0, at + query.delimiter().length());
        }

        private static @Nullable String positionAfter(String prefix) {
            String next = Utf8Order.after(prefix);
            return next == null ? null : Keys.position(next);
        }
    }
}
