package dev.haneul.kernel.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The store in one SQLite file, {@code control.db}, in a data folder: write-ahead log, synchronous FULL, one writer
 * that commits many transactions per wait for the disk, and a few read connections.
 *
 * <p>Transactions run one after the other, so they never conflict; reads see the last commit
 * and never wait for writers. See https://www.sqlite.org/wal.html and https://www.sqlite.org/isolation.html.
 */
public final class SqliteStore implements Store {
    private static final String FILE = "control.db";
    private static final int SCHEMA = 1;
    /** "Hanl": tells our files from other SQLite files. */
    private static final int APPLICATION = 0x48616e6c;

    private static final int READERS = 4;
    private static final ScopedValue<SqliteStore> READING = ScopedValue.newInstance();

    private final Path file;
    private final boolean durable;
    private final SqliteDb writing;
    private final SqliteWriter writer;
    private final SqliteFeed feed;
    private final SqliteCatalog catalog = new SqliteCatalog();
    private final SqliteMemory memory = new SqliteMemory();
    private final Semaphore readers = new Semaphore(READERS);
    private final ConcurrentLinkedDeque<SqliteDb> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    private SqliteStore(Path file, boolean durable, SqliteDb writing) {
        this.file = file;
        this.durable = durable;
        this.writing = writing;
        this.feed = new SqliteFeed(this);
        feed.load(writing);
        catalog.wanted(feed.wanted());
        Long revision = writing.first("SELECT value FROM meta WHERE name = 'revision'", row -> row.getLong(1));
        writing.rollback();
        this.writer = new SqliteWriter(writing, catalog, feed, memory, revision == null ? 0 : revision, durable);
    }

    /**
     * Opens the store of a data folder, making it where the folder has none. In an ephemeral folder commits do not wait
     * for the disk.
     *
     * @throws StoreUnreadableException where the file is damaged, not ours, or of a newer release
     */
    public static SqliteStore open(DataFolder folder) {
        Path file = folder.path().resolve(FILE);
        boolean durable = !folder.isEphemeral();
        SqliteDb db = null;
        try {
            boolean fresh = !Files.exists(file) || file.toFile().length() == 0;
            db = SqliteDb.open(file, false, durable);
            prepare(db, fresh, file);
            SqliteStore store = new SqliteStore(file, durable, db);
            store.writer.start();
            return store;
        } catch (StoreUnreadableException e) {
            close(db);
            throw e;
        } catch (StoreException e) {
            close(db);
            throw new StoreUnreadableException("the data folder's " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static void prepare(SqliteDb db, boolean fresh, Path file) {
        if (fresh) {
            db.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID");
            db.execute("INSERT INTO meta (name, value) VALUES ('revision', 0)");
            db.execute("CREATE TABLE source (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
            db.execute("CREATE TABLE table_index (source TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (source, name))"
                    + " WITHOUT ROWID");
            db.execute("CREATE TABLE cursor (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID");
            db.execute("CREATE TABLE cursor_source (cursor TEXT NOT NULL, source TEXT NOT NULL,"
                    + " PRIMARY KEY (cursor, source)) WITHOUT ROWID");
            db.execute(
                    "CREATE TABLE feed (source TEXT NOT NULL, sequence INTEGER NOT NULL, account TEXT NOT NULL,"
                            + " region TEXT NOT NULL, id TEXT NOT NULL, before_version INTEGER NOT NULL, before_value BLOB,"
                            + " after_version INTEGER NOT NULL, after_value BLOB, PRIMARY KEY (source, sequence)) WITHOUT ROWID");
            db.execute("PRAGMA application_id = " + APPLICATION);
            db.execute("PRAGMA user_version = " + SCHEMA);
            db.commit();
            return;
        }
        Integer application = db.first("PRAGMA application_id", row -> row.getInt(1));
        Integer schema = db.first("PRAGMA user_version", row -> row.getInt(1));
        db.rollback();
        if (application == null || application != APPLICATION) {
            throw new StoreUnreadableException(file + " is not a Haneul store");
        }
        if (schema == null || schema > SCHEMA) {
            throw new StoreUnreadableException("the data folder was written by a newer release: its layout is " + schema
                    + ", this release knows up to " + SCHEMA);
        }
    }

    @Override
    public void open(List<Table<?>> tables, List<Topic<?>> topics) {
        administer((tx, after) -> {
            List<SqliteTable<?>> made = new ArrayList<>();
            for (Table<?> table : tables) {
                catalog.requireNew(table);
                SqliteTable<?> sql = new SqliteTable<>(table);
                catalog.create(tx, sql);
                made.add(sql);
            }
            for (Topic<?> topic : topics) {
                catalog.requireNew(topic);
                catalog.create(tx, topic);
            }
            after.add(() -> catalog.add(made, topics));
        });
    }

    @Override
    public <T> T read(Function<ReadTx, T> body) {
        try {
            return view(body::apply, memory);
        } catch (SqliteMemory.MovedOnException once) {
            return view(body::apply, null);
        }
    }

    <T> T view(Function<SqliteTx, T> body) {
        return view(body, null);
    }

    private <T> T view(Function<SqliteTx, T> body, @Nullable SqliteMemory remembered) {
        refuseNesting();
        readers.acquireUninterruptibly();
        try {
            if (closed) {
                throw new IllegalStateException("the store is closed");
            }
            SqliteDb pooled = idle.poll();
            SqliteDb db = pooled == null ? SqliteDb.open(file, true, durable) : pooled;
            boolean sound = true;
            SqliteTx tx = new SqliteTx(db, catalog, null, remembered);
            try {
                return ScopedValue.where(READING, this).call(() -> body.apply(tx));
            } catch (StoreException e) {
                sound = false;
                throw e;
            } finally {
                tx.end();
                giveBack(db, sound);
            }
        } finally {
            readers.release();
        }
    }

    /** Ends the view. After a failure of SQLite the connection is left to nobody, for who knows what state it is in. */
    private void giveBack(SqliteDb db, boolean sound) {
        boolean good = sound;
        try {
            if (good) {
                db.rollback();
            }
        } catch (StoreException e) {
            good = false;
        }
        if (good) {
            idle.push(db);
        } else {
            db.close();
        }
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // The body's own answer, null only where T may be.
    public <T> T transact(Function<WriteTx, T> body) {
        refuseNesting();
        return (T) writer.run((tx, after) -> body.apply(tx));
    }

    /** A transaction of the store's own. */
    @FunctionalInterface
    interface Administration {
        void run(SqliteTx tx, List<Runnable> after);
    }

    void administer(Administration body) {
        refuseNesting();
        writer.run((tx, after) -> {
            body.run(tx, after);
            return null;
        });
    }

    void tidySoon() {
        writer.tidySoon();
    }

    SqliteCatalog catalog() {
        return catalog;
    }

    private void refuseNesting() {
        if (writer.isCurrentThread()) {
            throw new IllegalStateException("inside a transaction: use the transaction, transactions do not nest");
        }
        if (READING.isBound() && READING.get() == this) {
            throw new IllegalStateException("inside a read: use the view, reads and transactions do not nest");
        }
    }

    @Override
    public Feed feed() {
        return feed;
    }

    @Override
    public void reset(@Nullable String account) {
        administer((tx, after) -> {
            tx.changeAll();
            List<String> tables = tx.db()
                    .query(
                            "SELECT name FROM sqlite_master WHERE type = 'table'"
                                    + " AND (name LIKE 'r.%' OR name LIKE 'x.%' OR name = 'feed')",
                            row -> row.getString(1));
            for (String table : tables) {
                if (account == null) {
                    tx.db().execute("DELETE FROM \"" + table + "\"");
                } else {
                    tx.db().update("DELETE FROM \"" + table + "\" WHERE account = ?", account);
                }
            }
        });
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        writer.close();
        readers.acquireUninterruptibly(READERS);
        try {
            for (SqliteDb db = idle.poll(); db != null; db = idle.poll()) {
                db.close();
            }
        } finally {
            readers.release(READERS);
            writing.close();
        }
    }

    private static void close(@Nullable SqliteDb db) {
        if (db != null) {
            db.close();
        }
    }
}
