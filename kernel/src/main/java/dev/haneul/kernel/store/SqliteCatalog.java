package dev.haneul.kernel.store;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The tables and topics that were opened, and the sources somebody listens to. */
final class SqliteCatalog {
    private static final int BATCH = 1000;

    private final Map<String, SqliteTable<?>> tables = new ConcurrentHashMap<>();
    private final Map<String, Topic<?>> topics = new ConcurrentHashMap<>();
    private volatile Set<String> wanted = Set.of();

    /** The table's SQL. */
    @SuppressWarnings("unchecked")
    <R> SqliteTable<R> of(Table<R> table) {
        SqliteTable<?> found = tables.get(table.name());
        if (found == null) {
            throw new IllegalStateException("the table " + table.name() + " was not opened");
        }
        return (SqliteTable<R>) found;
    }

    void requireTopic(Topic<?> topic) {
        if (!topics.containsKey(topic.name())) {
            throw new IllegalStateException("the topic " + topic.name() + " was not opened");
        }
    }

    /** Whether some cursor wants changes of this source. */
    boolean wanted(String source) {
        return wanted.contains(source);
    }

    void wanted(Set<String> sources) {
        wanted = Set.copyOf(sources);
    }

    void wantAlso(Set<String> more) {
        Set<String> all = new HashSet<>(wanted);
        all.addAll(more);
        wanted = Set.copyOf(all);
    }

    /** Enters tables and topics once their transaction has committed. */
    void add(List<SqliteTable<?>> moreTables, List<Topic<?>> moreTopics) {
        moreTables.forEach(each -> tables.put(each.table.name(), each));
        moreTopics.forEach(each -> topics.put(each.name(), each));
    }

    /** Refuses a name that another table or topic has. The same object again is welcome. */
    void requireNew(Table<?> table) {
        SqliteTable<?> found = tables.get(table.name());
        if (topics.containsKey(table.name()) || (found != null && found.table != table)) {
            throw new IllegalArgumentException("the name " + table.name() + " is taken");
        }
    }

    void requireNew(Topic<?> topic) {
        Topic<?> found = topics.get(topic.name());
        if (tables.containsKey(topic.name()) || (found != null && found != topic)) {
            throw new IllegalArgumentException("the name " + topic.name() + " is taken");
        }
    }

    /** In a transaction: makes what is new, builds new indexes, refuses data of a newer release. */
    <R> void create(SqliteTx tx, SqliteTable<R> sql) {
        SqliteDb db = tx.db();
        String name = sql.table.name();
        checkVersion(db, name, sql.table.codec().version());
        db.execute(sql.createRecords);
        db.execute(sql.createEntries);
        Set<String> built =
                new HashSet<>(db.query("SELECT name FROM table_index WHERE source = ?", row -> row.getString(1), name));
        for (String index : sql.indexNames()) {
            if (!built.remove(index)) {
                build(tx, sql, index);
                db.update("INSERT INTO table_index (source, name) VALUES (?, ?)", name, index);
            }
        }
        for (String gone : built) {
            db.update(sql.dropIndex, gone);
            db.update("DELETE FROM table_index WHERE source = ? AND name = ?", name, gone);
        }
    }

    void create(SqliteTx tx, Topic<?> topic) {
        checkVersion(tx.db(), topic.name(), topic.codec().version());
    }

    private static void checkVersion(SqliteDb db, String source, int version) {
        Integer stored = db.first("SELECT version FROM source WHERE name = ?", row -> row.getInt(1), source);
        if (stored != null && stored > version) {
            throw new StoreUnreadableException("the data folder was written by a newer release: " + source
                    + " has version " + stored + ", this release reads up to " + version);
        }
        if (stored == null || stored < version) {
            db.update("INSERT OR REPLACE INTO source (name, version) VALUES (?, ?)", source, version);
        }
    }

    private static <R> void build(SqliteTx tx, SqliteTable<R> sql, String index) {
        Key after = null;
        List<Row<R>> rows;
        do {
            rows = tx.allOf(sql, after, BATCH);
            for (Row<R> row : rows) {
                tx.indexAgain(sql, row, index);
                after = row.key();
            }
        } while (rows.size() == BATCH);
    }
}
