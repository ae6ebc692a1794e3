package dev.haneul.kernel.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A view or a transaction on one connection; of no use once its function has returned. */
final class SqliteTx implements WriteTx {
    private static final int LIMIT = 10_000;
    private static final String REVISION = "SELECT value FROM meta WHERE name = 'revision'";

    private final SqliteDb db;
    private final SqliteCatalog catalog;
    private final @Nullable Writes writes;
    private final @Nullable SqliteMemory memory;
    private final SqliteMemory.@Nullable Told told;
    /** Whether the file has been read, and with that the view's moment is settled. */
    private boolean reading;
    /** The last commit that had ended by then. */
    private long ended;

    private boolean over;

    /** What a writing transaction does besides its SQL. */
    static final class Writes {
        private final SqliteSequence sequence;
        /** The sources it appended to, for waking their readers after the commit. */
        final Set<String> touched = new HashSet<>();
        /** What it changed in remembered tables; at first what those did that are committed together with it. */
        final SqliteMemory.Changes changes;

        Writes(SqliteSequence sequence, SqliteMemory.Changes changes) {
            this.sequence = sequence;
            this.changes = changes;
        }
    }

    private record Old(int version, byte[] value) {}

    /**
     * A view or a transaction.
     *
     * @param writes null for a view
     * @param memory null for a view that reads everything from the file
     */
    SqliteTx(SqliteDb db, SqliteCatalog catalog, @Nullable Writes writes, @Nullable SqliteMemory memory) {
        this.db = db;
        this.catalog = catalog;
        this.writes = writes;
        this.memory = memory;
        this.told = memory == null ? null : memory.new Told();
    }

    /** From here on, whoever kept the object gets an exception. */
    void end() {
        over = true;
    }

    SqliteDb db() {
        return db;
    }

    @Override
    public <R> Optional<Row<R>> get(Table<R> table, Key key) {
        SqliteTable<R> sql = open(table);
        if (memory == null || table.remembered() == 0) {
            return fromFile(() -> read(sql, key));
        }
        return remembered(memory, sql, key);
    }

    private <R> Optional<Row<R>> read(SqliteTable<R> sql, Key key) {
        return Optional.ofNullable(db.first(sql.get, row -> row(sql, row), key.account(), key.region(), key.id()));
    }

    @SuppressWarnings("unchecked") // The place names the table.
    private <R> Optional<Row<R>> remembered(SqliteMemory from, SqliteTable<R> sql, Key key) {
        SqliteMemory.Place place = new SqliteMemory.Place(sql.table, key);
        if (writes != null && writes.changes.cover(place)) {
            return read(sql, key);
        }
        SqliteMemory.Known known = from.find(place);
        if (known != null && (writes != null || fits(known))) {
            return (Optional<Row<R>>) known.row();
        }
        long mark = from.mark(place);
        Optional<Row<R>> row = fromFile(() -> read(sql, key));
        // Nobody commits beside a transaction. A view's row has this mark where it has not changed since the view
        // began.
        if (writes != null || (mark <= ended && from.mark(place) == mark)) {
            from.remember(place, mark, row);
        }
        return row;
    }

    /** Whether what is known belongs to the view's moment, which up to the first query is now. */
    private boolean fits(SqliteMemory.Known known) {
        if (reading) {
            return known.mark() <= ended;
        }
        if (told != null) {
            told.add(known);
            requireToldHolds(told);
        }
        return true;
    }

    private static void requireToldHolds(SqliteMemory.Told told) {
        if (!told.holds()) {
            throw new SqliteMemory.MovedOnException();
        }
    }

    /** The first query settles which commit a view sees. What it was told from memory before must not have changed by then. */
    private <T> T fromFile(Supplier<T> query) {
        if (memory == null || told == null || reading || writes != null) {
            return query.get();
        }
        ended = memory.ended();
        T result = query.get();
        reading = true;
        requireToldHolds(told);
        return result;
    }

    @Override
    public Optional<Long> revisionOf(Table<?> table, Key key) {
        SqliteTable<?> sql = open(table);
        return fromFile(() -> Optional.ofNullable(
                db.first(sql.revision, row -> row.getLong(1), key.account(), key.region(), key.id())));
    }

    @Override
    public <R> List<Row<R>> range(Table<R> table, Scope scope, String from, @Nullable String to, int limit) {
        SqliteTable<R> sql = open(table);
        return ranged(sql, to == null ? sql.rangeFrom : sql.rangeTo, scope, from, to, limit);
    }

    @Override
    public <R> List<Row<R>> rangeDescending(Table<R> table, Scope scope, String from, @Nullable String to, int limit) {
        SqliteTable<R> sql = open(table);
        return ranged(sql, to == null ? sql.descendingFrom : sql.descendingTo, scope, from, to, limit);
    }

    private <R> List<Row<R>> ranged(
            SqliteTable<R> sql, String query, Scope scope, String from, @Nullable String to, int limit) {
        checkLimit(limit);
        Key.requireUnicode(from);
        if (to == null) {
            return fromFile(() -> db.query(query, row -> row(sql, row), scope.account(), scope.region(), from, limit));
        }
        Key.requireUnicode(to);
        return fromFile(() -> db.query(query, row -> row(sql, row), scope.account(), scope.region(), from, to, limit));
    }

    @Override
    public <R> List<Row<R>> find(Table<R> table, Scope scope, String index, String value, String afterId, int limit) {
        SqliteTable<R> sql = open(table);
        checkLimit(limit);
        sql.requireIndex(index);
        Key.requireUnicode(value);
        return fromFile(() -> db.query(
                sql.find, row -> row(sql, row), index, value, scope.account(), scope.region(), afterId, limit));
    }

    @Override
    public <R> List<Row<R>> findAnywhere(Table<R> table, String index, String value, @Nullable Key after, int limit) {
        SqliteTable<R> sql = open(table);
        checkLimit(limit);
        sql.requireIndex(index);
        Key.requireUnicode(value);
        String account = after == null ? "" : after.account();
        String region = after == null ? "" : after.region();
        String id = after == null ? "" : after.id();
        return fromFile(
                () -> db.query(sql.findAnywhere, row -> row(sql, row), index, value, account, region, id, limit));
    }

    @Override
    public <R> List<Row<R>> all(Table<R> table, @Nullable Key after, int limit) {
        return allOf(open(table), after, limit);
    }

    <R> List<Row<R>> allOf(SqliteTable<R> sql, @Nullable Key after, int limit) {
        checkLimit(limit);
        String account = after == null ? "" : after.account();
        String region = after == null ? "" : after.region();
        String id = after == null ? "" : after.id();
        return fromFile(() -> db.query(sql.all, row -> row(sql, row), account, region, id, limit));
    }

    @Override
    public long revision() {
        checkOpen();
        if (writes != null) {
            return writes.sequence.current();
        }
        Long revision = fromFile(() -> db.first(REVISION, row -> row.getLong(1)));
        return revision == null ? 0 : revision;
    }

    @Override
    public <R> void put(Table<R> table, Key key, R value) {
        SqliteTable<R> sql = open(table);
        Writes into = writes();
        RecordCodec<R> codec = table.codec();
        byte[] bytes = codec.encode(value);
        boolean fed = catalog.wanted(table.name());
        Old old = fed ? before(sql, key) : null;
        R former = fed || !sql.hasIndexes() ? null : former(table, key);
        long sequence = into.sequence.next();
        change(sql, new Row<>(key, value, sequence));
        db.update(sql.put, key.account(), key.region(), key.id(), sequence, codec.version(), bytes);
        if (sql.hasIndexes()) {
            reindex(sql, key, old == null ? former : decode(sql, old), value);
        }
        if (fed) {
            append(sequence, table.name(), key, old, new Old(codec.version(), bytes));
        }
    }

    @Override
    public boolean delete(Table<?> table, Key key) {
        return deleteFrom(open(table), key);
    }

    private <R> boolean deleteFrom(SqliteTable<R> sql, Key key) {
        Writes into = writes();
        boolean fed = catalog.wanted(sql.table.name());
        Old old = fed ? before(sql, key) : null;
        R former = fed || !sql.hasIndexes() ? null : former(sql.table, key);
        if (db.update(sql.delete, key.account(), key.region(), key.id()) == 0) {
            return false;
        }
        if (sql.table.remembered() > 0) {
            into.changes.add(new SqliteMemory.Place(sql.table, key));
        }
        long sequence = into.sequence.next();
        if (sql.hasIndexes()) {
            reindex(sql, key, old == null ? former : decode(sql, old), null);
        }
        if (fed) {
            append(sequence, sql.table.name(), key, old, null);
        }
        return true;
    }

    /** What is there yet, from memory where it is known. */
    private <R> @Nullable R former(Table<R> table, Key key) {
        return get(table, key).map(Row::value).orElse(null);
    }

    @Override
    public <R> void emit(Topic<R> topic, Key key, R fact) {
        checkOpen();
        catalog.requireTopic(topic);
        Writes into = writes();
        if (catalog.wanted(topic.name())) {
            Old after = new Old(topic.codec().version(), topic.codec().encode(fact));
            append(into.sequence.next(), topic.name(), key, null, after);
        }
    }

    /** Enters a record of a new index, which the table did not have when the record was written. */
    <R> void indexAgain(SqliteTable<R> sql, Row<R> row, String index) {
        for (SqliteTable.Entry entry : sql.entriesOf(row.value())) {
            if (entry.index().equals(index)) {
                putEntry(sql, row.key(), entry);
            }
        }
    }

    private <R> void reindex(SqliteTable<R> sql, Key key, @Nullable R before, @Nullable R after) {
        Set<SqliteTable.Entry> old = sql.entriesOf(before);
        Set<SqliteTable.Entry> now = sql.entriesOf(after);
        for (SqliteTable.Entry entry : old) {
            if (!now.contains(entry)) {
                db.update(sql.deleteEntry, entry.index(), entry.value(), key.account(), key.region(), key.id());
            }
        }
        for (SqliteTable.Entry entry : now) {
            if (!old.contains(entry)) {
                putEntry(sql, key, entry);
            }
        }
    }

    private void putEntry(SqliteTable<?> sql, Key key, SqliteTable.Entry entry) {
        db.update(sql.putEntry, entry.index(), entry.value(), key.account(), key.region(), key.id());
    }

    private void append(long sequence, String source, Key key, @Nullable Old before, @Nullable Old after) {
        db.update(
                SqliteFeed.APPEND,
                source,
                sequence,
                key.account(),
                key.region(),
                key.id(),
                before == null ? 0 : before.version,
                before == null ? null : before.value,
                after == null ? 0 : after.version,
                after == null ? null : after.value);
        writes().touched.add(source);
    }

    private void change(SqliteTable<?> sql, Row<?> row) {
        if (sql.table.remembered() > 0) {
            SqliteMemory.Place place = new SqliteMemory.Place(sql.table, row.key());
            SqliteMemory.Changes changes = writes().changes;
            if (sql.table.asWritten()) {
                changes.add(place, row);
            } else {
                changes.add(place);
            }
        }
    }

    /** Something that does not pass here has changed who knows what. */
    void changeAll() {
        writes().changes.addAll();
    }

    private @Nullable Old before(SqliteTable<?> sql, Key key) {
        return db.first(
                sql.before, row -> new Old(row.getInt(1), row.getBytes(2)), key.account(), key.region(), key.id());
    }

    private static <R> R decode(SqliteTable<R> sql, Old old) {
        return sql.table.codec().decode(old.version, old.value);
    }

    private static <R> Row<R> row(SqliteTable<R> sql, ResultSet row) throws SQLException {
        Key key = new Key(row.getString(1), row.getString(2), row.getString(3));
        R value = sql.table.codec().decode(row.getInt(5), row.getBytes(6));
        return new Row<>(key, value, row.getLong(4));
    }

    private <R> SqliteTable<R> open(Table<R> table) {
        checkOpen();
        return catalog.of(table);
    }

    private Writes writes() {
        if (writes == null) {
            throw new IllegalStateException("a read cannot write");
        }
        return writes;
    }

    private void checkOpen() {
        if (over) {
            throw new IllegalStateException("the transaction is over");
        }
    }

    private static void checkLimit(int limit) {
        if (limit < 1 || limit > LIMIT) {
            throw new IllegalArgumentException("the limit is 1 to " + LIMIT + ", not " + limit);
        }
    }
}
