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
    private static final int WAL_KEEP_BYTES = 64 << 20;

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new LinkedHashMap<>(64, 0.75f, true);
    private @Nullable StoreException broken;

    private SqliteDb(Connection connection) {
        this.connection = connection;
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
        try {
            Connection connection = config.createConnection("jdbc:sqlite:" + file);
            connection.setAutoCommit(false);
            return new SqliteDb(connection);
        } catch (SQLException e) {
            throw failure("cannot open " + file, e);
        }
    }

    /** Runs a statement that answers nothing; says how many rows it touched. */
    int update(String sql, @Nullable Object... arguments) {
        try {
            return bind(sql, arguments).executeUpdate();
        } catch (SQLException e) {
            broken = failure("cannot write", e);
            throw broken;
        }
    }

    /** Refuses to go on after a failed write, which may have ended the transaction, though its caller caught it. */
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
            throw failure("cannot read", e);
        }
    }

    /** The first row of a query, null for none. */
    <T> @Nullable T first(String sql, RowReader<T> reader, @Nullable Object... arguments) {
        try (ResultSet rows = bind(sql, arguments).executeQuery()) {
            return rows.next() ? reader.read(rows) : null;
        } catch (SQLException e) {
            throw failure("cannot read", e);
        }
    }

    /** Runs a statement that is not worth keeping prepared: DDL, PRAGMA, savepoints of recovery. */
    void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failure("cannot run " + sql, e);
        }
    }

    /** Ends the open transaction durably and opens the next. */
    void commit() {
        try {
            connection.commit();
        } catch (SQLException e) {
            throw failure("cannot commit", e);
        }
    }

    /** Drops the open transaction and opens the next. */
    void rollback() {
        broken = null;
        try {
            connection.rollback();
        } catch (SQLException e) {
            throw failure("cannot roll back", e);
        }
    }

    @Override
    public void close() {
        try {
            for (PreparedStatement statement : statements.values()) {
                statement.close();
            }
            statements.clear();
            connection.close();
        } catch (SQLException e) {
            throw failure("cannot close", e);
        }
    }

    private PreparedStatement bind(String sql, @Nullable Object... arguments) throws SQLException {
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
