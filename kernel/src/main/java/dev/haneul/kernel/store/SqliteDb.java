package dev.haneul.kernel.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** One SQLite connection with its prepared statements. Used by one thread at a time; a transaction is always open. */
final class SqliteDb implements AutoCloseable {
    private static final int STATEMENTS = 200;
    private static final int PAGE_CACHE_KIB = 4096;
    private static final int CHECKPOINT_PAGES = 4000;
    private static final int LOG_BYTES = 4 << 20;
    private static final int WAL_KEEP_BYTES = 64 << 20;

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new LinkedHashMap<>(64, 0.75f, true);
    private @Nullable StoreException broken;
    /** What begins and ends a view, prepared: the driver would compile both anew each time. Null where it writes. */
    private final @Nullable Ends ends;
    /** Whether the open transaction has seen the file. */
    private boolean used;

    private record Ends(PreparedStatement begin, PreparedStatement rollback) {}

    private SqliteDb(Connection connection, @Nullable Ends ends) {
        this.connection = connection;
        this.ends = ends;
    }

    /** Reads a row of a result. */
    @FunctionalInterface
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Opens the file; {@code durable} says whether a commit waits for the disk. */
    static SqliteDb open(Path file, boolean readOnly, boolean durable) {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(readOnly);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(durable ? SQLiteConfig.SynchronousMode.FULL : SQLiteConfig.SynchronousMode.OFF);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setCacheSize(-PAGE_CACHE_KIB);
        config.setJournalSizeLimit(WAL_KEEP_BYTES);
        config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, Integer.toString(CHECKPOINT_PAGES));
        config.setBusyTimeout(10_000);
        // Else the driver asks for the last rowid after each insertion.
        config.setGetGeneratedKeys(false);
        try {
            Connection connection = config.createConnection("jdbc:sqlite:" + file);
            if (readOnly) {
                Ends ends = new Ends(connection.prepareStatement("BEGIN"), connection.prepareStatement("ROLLBACK"));
                return new SqliteDb(connection, ends);
            }
            connection.setAutoCommit(false);
            return new SqliteDb(connection, null);
        } catch (SQLException e) {
            throw failure("cannot open " + file, e);
        }
    }

    /** Runs a statement that answers nothing; says how many rows it touched. */
    int update(String sql, @Nullable Object... arguments) {
        // A failed write may have ended the transaction: what came after it would be committed by itself.
        requireSound();
        try {
            return bind(sql, arguments).executeUpdate();
        } catch (SQLException e) {
            broken = failure("cannot write", e);
            drop(sql);
            throw broken;
        }
    }

    /** Sets, releases or goes back to a savepoint; also after a failed write. */
    void savepoint(String sql) {
        broken = null;
        update(sql);
    }

    /** Refuses to go on after a failed write, though its caller caught it. */
    void requireSound() {
        if (broken != null) {
            throw broken;
        }
    }

    /** The rows of a query. */
    <T> List<T> query(String sql, RowReader<T> reader, @Nullable Object... arguments) {
        try (ResultSet rows = bind(sql, arguments).executeQuery()) {
            List<T> found = new ArrayList<>();
            while (rows.next()) {
                found.add(reader.read(rows));
            }
            return found;
        } catch (SQLException e) {
            drop(sql);
            throw failure("cannot read", e);
        }
    }

    /** The first row of a query, null for none. */
    <T> @Nullable T first(String sql, RowReader<T> reader, @Nullable Object... arguments) {
        try (ResultSet rows = bind(sql, arguments).executeQuery()) {
            return rows.next() ? reader.read(rows) : null;
        } catch (SQLException e) {
            drop(sql);
            throw failure("cannot read", e);
        }
    }

    /** Runs a statement that is not worth keeping prepared: DDL, PRAGMA, savepoints of recovery. */
    void execute(String sql) {
        used = true;
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failure("cannot run " + sql, e);
        }
    }

    /** Ends the open transaction durably and opens the next. */
    void commit() {
        run("COMMIT");
        run("BEGIN");
    }

    /** What the driver would compile anew each time. */
    private void run(String sql) {
        try {
            bind(sql).executeUpdate();
        } catch (SQLException e) {
            drop(sql);
            throw failure("cannot commit", e);
        }
    }

    /** Drops the open transaction, where SQLite has not done so by itself (a full disk), and opens the next. */
    void rollback() {
        broken = null;
        try {
            if (ends == null) {
                connection.rollback();
            } else if (used) {
                ends.rollback.executeUpdate();
            }
            used = false;
        } catch (SQLException e) {
            if (ends != null) {
                throw failure("cannot end a view", e);
            }
            execute("BEGIN");
        }
    }

    @Override
    public void close() {
        try {
            for (PreparedStatement statement : statements.values()) {
                statement.close();
            }
            statements.clear();
            if (ends != null) {
                ends.begin.close();
                ends.rollback.close();
            }
            connection.close();
        } catch (SQLException e) {
            throw failure("cannot close", e);
        }
    }

    /**
     * Has the write-ahead log begin again at its start, where no reader needs it: writing in a file's existing place is
     * on disk in half the time that lengthening it takes. The first time, the log is given its length.
     */
    void rest(boolean lengthen) {
        try {
            connection.commit();
            connection.setAutoCommit(true);
            try {
                if (lengthen) {
                    execute("CREATE TABLE scratch (value BLOB)");
                    execute("INSERT INTO scratch VALUES (zeroblob(" + LOG_BYTES + "))");
                    execute("DROP TABLE scratch");
                }
                execute("PRAGMA wal_checkpoint(PASSIVE)");
            } finally {
                connection.setAutoCommit(false);
            }
        } catch (SQLException e) {
            throw failure("cannot checkpoint", e);
        }
    }

    private PreparedStatement bind(String sql, @Nullable Object... arguments) throws SQLException {
        if (ends != null && !used) {
            ends.begin.executeUpdate();
        }
        used = true;
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
            dropEldest();
        }
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case null -> statement.setNull(i + 1, java.sql.Types.NULL);
                case String text -> statement.setString(i + 1, text);
                case Long number -> statement.setLong(i + 1, number);
                case Integer number -> statement.setInt(i + 1, number);
                case byte[] bytes -> statement.setBytes(i + 1, bytes);
                default -> throw new IllegalArgumentException("cannot bind " + arguments[i]);
            }
        }
        return statement;
    }

    /** Forgets a statement: the driver closes one that failed. */
    private void drop(String sql) {
        PreparedStatement failed = statements.remove(sql);
        try {
            if (failed != null) {
                failed.close();
            }
        } catch (SQLException e) {
            System.getLogger(SqliteDb.class.getName()).log(System.Logger.Level.DEBUG, "a statement does not close", e);
        }
    }

    private void dropEldest() throws SQLException {
        if (statements.size() > STATEMENTS) {
            var eldest = statements.entrySet().iterator();
            PreparedStatement statement = eldest.next().getValue();
            eldest.remove();
            statement.close();
        }
    }

    static StoreException failure(String what, SQLException e) {
        String why = what + ": " + e.getMessage();
        SQLiteErrorCode code =
                e instanceof SQLiteException sqlite ? sqlite.getResultCode() : SQLiteErrorCode.UNKNOWN_ERROR;
        return switch (code) {
            case SQLITE_FULL, SQLITE_IOERR_WRITE -> new StoreFullException(why, e);
            case SQLITE_CORRUPT,
                    SQLITE_CORRUPT_VTAB,
                    SQLITE_CORRUPT_INDEX,
                    SQLITE_CORRUPT_SEQUENCE,
                    SQLITE_NOTADB,
                    SQLITE_CANTOPEN,
                    SQLITE_PERM,
                    SQLITE_READONLY -> new StoreUnreadableException(why, e);
            default -> new StoreException(why, e);
        };
    }
}
