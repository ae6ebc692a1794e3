package dev.haneul.services.s3;

import dev.haneul.kernel.store.Feed;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.Topic;
import dev.haneul.kernel.store.WriteTx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A store that counts what is read of it outside of transactions: queries, and the rows they gave. */
final class RowCounter implements Store {
    private final Store store;
    private final AtomicLong queries = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();

    /** What something cost. */
    record Work(long queries, long rows) {
        Work minus(Work before) {
            return new Work(queries - before.queries, rows - before.rows);
        }
    }

    RowCounter(Store store) {
        this.store = store;
    }

    /** Everything since the beginning. */
    Work work() {
        return new Work(queries.get(), rows.get());
    }

    @Override
    public void open(List<Table<?>> tables, List<Topic<?>> topics) {
        store.open(tables, topics);
    }

    @Override
    public <T> T read(Function<ReadTx, T> body) {
        return store.read(tx -> body.apply(new Counted(tx)));
    }

    @Override
    public <T> T transact(Function<WriteTx, T> body) {
        return store.transact(body);
    }

    @Override
    public Feed feed() {
        return store.feed();
    }

    @Override
    public void reset(@Nullable String account) {
        store.reset(account);
    }

    @Override
    public void close() {
        store.close();
    }

    private final class Counted implements ReadTx {
        private final ReadTx tx;

        Counted(ReadTx tx) {
            this.tx = tx;
        }

        private <R> List<Row<R>> count(List<Row<R>> found) {
            queries.incrementAndGet();
            rows.addAndGet(found.size());
            return found;
        }

        @Override
        public <R> Optional<Row<R>> get(Table<R> table, Key key) {
            Optional<Row<R>> found = tx.get(table, key);
            count(found.stream().toList());
            return found;
        }

        @Override
        public Optional<Long> revisionOf(Table<?> table, Key key) {
            Optional<Long> found = tx.revisionOf(table, key);
            queries.incrementAndGet();
            rows.addAndGet(found.isPresent() ? 1 : 0);
            return found;
        }

        @Override
        public <R> List<Row<R>> range(Table<R> table, Scope scope, String from, @Nullable String to, int limit) {
            return count(tx.range(table, scope, from, to, limit));
        }

        @Override
        public <R> List<Row<R>> rangeDescending(
                Table<R> table, Scope scope, String from, @Nullable String to, int limit) {
            return count(tx.rangeDescending(table, scope, from, to, limit));
        }

        @Override
        public <R> List<Row<R>> find(
                Table<R> table, Scope scope, String index, String value, String afterId, int limit) {
            return count(tx.find(table, scope, index, value, afterId, limit));
        }

        @Override
        public <R> List<Row<R>> findAnywhere(
                Table<R> table, String index, String value, @Nullable Key after, int limit) {
            return count(tx.findAnywhere(table, index, value, after, limit));
        }

        @Override
        public <R> List<Row<R>> all(Table<R> table, @Nullable Key after, int limit) {
            return count(tx.all(table, after, limit));
        }

        @Override
        public long revision() {
            return tx.revision();
        }
    }
}
