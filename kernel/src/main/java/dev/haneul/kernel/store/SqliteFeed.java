package dev.haneul.kernel.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The change feed: one b-tree by source and sequence, and the cursors.
 *
 * <p>A cursor's position lives in memory and is written by the store's writer every now and then, together with the
 * removal of what all cursors have passed, so that advancing costs no commit of its own.
 */
final class SqliteFeed implements Feed {
    static final String APPEND =
            "INSERT INTO feed (source, sequence, account, region, id, before_version, before_value,"
                    + " after_version, after_value) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String PEEK = "SELECT sequence, source, account, region, id, before_version, before_value,"
            + " after_version, after_value FROM feed WHERE source = ? AND sequence > ? ORDER BY sequence LIMIT ?";
    private static final int PEEK_LIMIT = 10_000;
    private static final int TRIM_ROWS = 2_000;
    private static final System.Logger LOG = System.getLogger(SqliteFeed.class.getName());

    private final SqliteStore store;
    private final Map<String, Cursor> cursors = new ConcurrentHashMap<>();
    /** The last committed sequence number of each source. */
    private final Map<String, Long> ends = new ConcurrentHashMap<>();
    /** Whoever writes only: up to where each source has been removed. */
    private final Map<String, Long> trimmed = new HashMap<>();

    private static final class Cursor {
        final String name;
        volatile Set<String> sources;
        volatile long position;
        /** Whoever writes only. */
        long persisted;

        volatile @Nullable Runnable wake;

        Cursor(String name, Set<String> sources, long position) {
            this.name = name;
            this.sources = sources;
            this.position = position;
            this.persisted = position;
        }

        synchronized void advance(long sequence) {
            position = Math.max(position, sequence);
        }
    }

    SqliteFeed(SqliteStore store) {
        this.store = store;
    }

    /** At opening: reads the cursors and the ends of the sources. */
    void load(SqliteDb db) {
        Map<String, Set<String>> sources = new HashMap<>();
        db.query("SELECT cursor, source FROM cursor_source", row -> Map.entry(row.getString(1), row.getString(2)))
                .forEach(each -> sources.computeIfAbsent(each.getKey(), name -> new HashSet<>())
                        .add(each.getValue()));
        db.query("SELECT name, position FROM cursor", row -> Map.entry(row.getString(1), row.getLong(2)))
                .forEach(each -> cursors.put(
                        each.getKey(),
                        new Cursor(each.getKey(), sources.getOrDefault(each.getKey(), Set.of()), each.getValue())));
        String source = db.first("SELECT MIN(source) FROM feed", row -> row.getString(1));
        while (source != null) {
            Long end = db.first("SELECT MAX(sequence) FROM feed WHERE source = ?", row -> row.getLong(1), source);
            ends.put(source, end == null ? 0L : end);
            source = db.first("SELECT MIN(source) FROM feed WHERE source > ?", row -> row.getString(1), source);
        }
    }

    /** The sources that some cursor wants. */
    Set<String> wanted() {
        Set<String> wanted = new HashSet<>();
        cursors.values().forEach(cursor -> wanted.addAll(cursor.sources));
        return wanted;
    }

    @Override
    public void subscribe(String cursor, Set<String> sources) {
        Set<String> wanted = Set.copyOf(sources);
        store.administer((tx, after) -> {
            Cursor known = cursors.get(cursor);
            if (known == null) {
                long now = tx.revision();
                tx.db().update("INSERT INTO cursor (name, position) VALUES (?, ?)", cursor, now);
                after.add(() -> cursors.put(cursor, new Cursor(cursor, wanted, now)));
            } else if (known.sources.equals(wanted)) {
                return;
            } else {
                after.add(() -> known.sources = wanted);
            }
            // At once: the next transaction of this very group must feed the cursor already.
            store.catalog().wantAlso(wanted);
            tx.db().update("DELETE FROM cursor_source WHERE cursor = ?", cursor);
            for (String source : wanted) {
                tx.db().update("INSERT INTO cursor_source (cursor, source) VALUES (?, ?)", cursor, source);
            }
        });
    }

    @Override
    public void unsubscribe(String cursor) {
        store.administer((tx, after) -> {
            tx.db().update("DELETE FROM cursor WHERE name = ?", cursor);
            tx.db().update("DELETE FROM cursor_source WHERE cursor = ?", cursor);
            after.add(() -> {
                cursors.remove(cursor);
                store.catalog().wanted(wanted());
            });
        });
        store.tidySoon();
    }

    @Override
    public Set<String> cursors() {
        return new TreeSet<>(cursors.keySet());
    }

    @Override
    public List<Change> peek(String name, int limit) {
        if (limit < 1 || limit > PEEK_LIMIT) {
            throw new IllegalArgumentException("the limit is 1 to " + PEEK_LIMIT + ", not " + limit);
        }
        Cursor cursor = known(name);
        long position = cursor.position;
        List<String> sources = new ArrayList<>();
        for (String source : cursor.sources) {
            if (ends.getOrDefault(source, 0L) > position) {
                sources.add(source);
            }
        }
        if (sources.isEmpty()) {
            return List.of();
        }
        // One view for all sources: else a commit in between could put a later change before an earlier one.
        List<Change> changes = store.view(tx -> {
            List<Change> found = new ArrayList<>();
            for (String source : sources) {
                found.addAll(tx.db().query(PEEK, SqliteFeed::change, source, position, limit));
            }
            return found;
        });
        if (sources.size() > 1) {
            changes.sort(Comparator.comparingLong(Change::sequence));
        }
        return changes.size() > limit ? List.copyOf(changes.subList(0, limit)) : changes;
    }

    @Override
    public void advance(String cursor, long sequence) {
        known(cursor).advance(sequence);
        store.tidySoon();
    }

    @Override
    public void onChange(String cursor, Runnable wake) {
        known(cursor).wake = wake;
    }

    /** Whoever writes, after a commit: moves the ends and wakes who waits for these sources. */
    void committed(Set<String> touched, long sequence) {
        if (touched.isEmpty()) {
            return;
        }
        touched.forEach(source -> ends.put(source, sequence));
        for (Cursor cursor : cursors.values()) {
            Runnable wake = cursor.wake;
            if (wake != null && !java.util.Collections.disjoint(cursor.sources, touched)) {
                try {
                    wake.run();
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.ERROR, "waking " + cursor.name + " failed", e);
                }
            }
        }
    }

    /** Whoever writes, in a transaction: writes positions and removes a batch. Answers whether there is more to do. */
    boolean tidy(SqliteDb db, List<Runnable> after) {
        Map<String, Long> passed = new HashMap<>(ends);
        for (Cursor cursor : cursors.values()) {
            long position = cursor.position;
            if (position > cursor.persisted) {
                db.update("UPDATE cursor SET position = ? WHERE name = ?", position, cursor.name);
                after.add(() -> cursor.persisted = position);
            }
            for (String source : cursor.sources) {
                passed.computeIfPresent(source, (name, end) -> Math.min(end, position));
            }
        }
        int room = TRIM_ROWS;
        for (Map.Entry<String, Long> each : passed.entrySet()) {
            if (room > 0 && each.getValue() > trimmed.getOrDefault(each.getKey(), 0L)) {
                room -= trim(db, each.getKey(), each.getValue(), room, after);
            }
        }
        return room <= 0;
    }

    private int trim(SqliteDb db, String source, long through, int rows, List<Runnable> after) {
        Long bound = db.first(
                "SELECT MAX(sequence) FROM (SELECT sequence FROM feed WHERE source = ? AND sequence <= ?"
                        + " ORDER BY sequence LIMIT ?)",
                row -> row.getLong(1),
                source,
                through,
                rows);
        int removed = db.update("DELETE FROM feed WHERE source = ? AND sequence <= ?", source, bound);
        long done = removed < rows ? through : (bound == null ? 0 : bound);
        after.add(() -> trimmed.put(source, done));
        return removed;
    }

    private Cursor known(String name) {
        Cursor cursor = cursors.get(name);
        if (cursor == null) {
            throw new IllegalArgumentException("no cursor " + name);
        }
        return cursor;
    }

    private static Change change(ResultSet row) throws SQLException {
        return new Change(
                row.getLong(1),
                row.getString(2),
                new Key(row.getString(3), row.getString(4), row.getString(5)),
                row.getInt(6),
                row.getBytes(7),
                row.getInt(8),
                row.getBytes(9));
    }
}
