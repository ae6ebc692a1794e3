package dev.haneul.kernel.store;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table as SQLite keeps it: the records in one b-tree by key, the entries of all its indexes in another. Text compares
 * as UTF-8 bytes (SQLite's BINARY collation). Large records have a b-tree of keys beside their own: where a record runs
 * over to further pages, comparing its key reads them all.
 */
final class SqliteTable<R> {
    private static final String KEY_COLUMNS = "account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL";

    final Table<R> table;
    final String createRecords;
    final String createEntries;
    final String get;
    final String revision;
    final String before;
    final String put;
    final String delete;
    final String putEntry;
    final String deleteEntry;
    final String dropIndex;
    final String rangeFrom;
    final String rangeTo;
    final String descendingFrom;
    final String descendingTo;
    final String all;
    final String find;
    final String findAnywhere;

    SqliteTable(Table<R> table) {
        this.table = table;
        String records = records(table.name());
        String entries = entries(table.name());
        String columns = "account, region, id, revision, version, value";
        String select = "SELECT " + columns + " FROM " + records;
        String join = "SELECT r.account, r.region, r.id, r.revision, r.version, r.value FROM " + entries
                + " e CROSS JOIN " + records
                + " r ON r.account = e.account AND r.region = e.region AND r.id = e.id"
                + " WHERE e.name = ? AND e.value = ?";
        String where = " WHERE account = ? AND region = ?";
        createRecords = "CREATE TABLE IF NOT EXISTS " + records + " (" + KEY_COLUMNS + ", revision INTEGER NOT NULL,"
                + " version INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (account, region, id))"
                + (table.large() ? "" : " WITHOUT ROWID");
        createEntries = "CREATE TABLE IF NOT EXISTS " + entries + " (name TEXT NOT NULL, value TEXT NOT NULL, "
                + KEY_COLUMNS + ", PRIMARY KEY (name, value, account, region, id)) WITHOUT ROWID";
        get = select + where + " AND id = ?";
        revision = "SELECT revision FROM " + records + where + " AND id = ?";
        before = "SELECT version, value FROM " + records + where + " AND id = ?";
        put = "INSERT INTO " + records + " (" + columns + ") VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                + " revision = excluded.revision, version = excluded.version, value = excluded.value";
        delete = "DELETE FROM " + records + where + " AND id = ?";
        putEntry = "INSERT OR IGNORE INTO " + entries + " (name, value, account, region, id) VALUES (?, ?, ?, ?, ?)";
        deleteEntry =
                "DELETE FROM " + entries + " WHERE name = ? AND value = ? AND account = ? AND region = ? AND id = ?";
        dropIndex = "DELETE FROM " + entries + " WHERE name = ?";
        rangeFrom = select + where + " AND id >= ? ORDER BY id LIMIT ?";
        rangeTo = select + where + " AND id >= ? AND id < ? ORDER BY id LIMIT ?";
        descendingFrom = select + where + " AND id >= ? ORDER BY id DESC LIMIT ?";
        descendingTo = select + where + " AND id >= ? AND id < ? ORDER BY id DESC LIMIT ?";
        all = select + " WHERE (account, region, id) > (?, ?, ?) ORDER BY account, region, id LIMIT ?";
        find = join + " AND e.account = ? AND e.region = ? AND e.id > ? ORDER BY e.id LIMIT ?";
        findAnywhere =
                join + " AND (e.account, e.region, e.id) > (?, ?, ?)" + " ORDER BY e.account, e.region, e.id LIMIT ?";
    }

    /** The SQL name of a table's records. */
    static String records(String table) {
        return "\"r." + table + "\"";
    }

    /** The SQL name of a table's index entries. */
    static String entries(String table) {
        return "\"x." + table + "\"";
    }

    /** An index entry. */
    record Entry(String index, String value) {}

    /** What a record is found by. */
    Set<Entry> entriesOf(@Nullable R value) {
        Set<Entry> found = new LinkedHashSet<>();
        if (value != null) {
            for (Table.Index<R> index : table.indexes()) {
                for (String each : index.values().apply(value)) {
                    Key.requireUnicode(each);
                    found.add(new Entry(index.name(), each));
                }
            }
        }
        return found;
    }

    boolean hasIndexes() {
        return !table.indexes().isEmpty();
    }

    void requireIndex(String name) {
        for (Table.Index<R> index : table.indexes()) {
            if (index.name().equals(name)) {
                return;
            }
        }
        throw new IllegalArgumentException(table.name() + " has no index " + name);
    }

    /** Names of the indexes, in their order. */
    List<String> indexNames() {
        List<String> names = new ArrayList<>();
        table.indexes().forEach(index -> names.add(index.name()));
        return names;
    }
}
