package dev.haneul.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteDbTest {
    @TempDir
    Path folder;

    @Test
    void restingGivesTheLogItsLengthAndLaterWritesStayWithinIt() throws Exception {
        Path file = folder.resolve("x.db");
        Path log = folder.resolve("x.db-wal");
        try (SqliteDb db = SqliteDb.open(file, false, true)) {
            db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)");
            db.commit();
            db.rest(true);
            long length = Files.size(log);
            assertThat(length).isGreaterThan(4 << 20);
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 20; i++) {
                    db.update("INSERT INTO t (b) VALUES (?)", new byte[50_000]);
                    db.commit();
                }
                db.rest(false);
            }
            assertThat(Files.size(log)).isEqualTo(length);
            assertThat(db.query("SELECT COUNT(*) FROM t", row -> row.getInt(1))).containsExactly(60);
            assertThat(db.query("SELECT name FROM sqlite_master WHERE name = 'scratch'", row -> 1))
                    .isEmpty();
        }
    }

    @Test
    void restingIsNoTroubleForAReaderInTheMiddleOfItsView() {
        Path file = folder.resolve("x.db");
        try (SqliteDb db = SqliteDb.open(file, false, true)) {
            db.execute("CREATE TABLE t (a INTEGER)");
            db.execute("INSERT INTO t VALUES (1)");
            db.commit();
            try (SqliteDb reader = SqliteDb.open(file, true, true)) {
                assertThat(reader.query("SELECT a FROM t", row -> row.getInt(1)))
                        .containsExactly(1);
                db.update("UPDATE t SET a = 2");
                db.commit();
                db.rest(false);
                assertThat(reader.query("SELECT a FROM t", row -> row.getInt(1)))
                        .containsExactly(1);
                reader.rollback();
                assertThat(reader.query("SELECT a FROM t", row -> row.getInt(1)))
                        .containsExactly(2);
                assertThatThrownBy(() -> reader.update("UPDATE t SET a = 3")).isInstanceOf(StoreException.class);
            }
        }
    }

    @Test
    void manyDifferentStatementsDoNotPileUp() {
        try (SqliteDb db = SqliteDb.open(folder.resolve("x.db"), false, true)) {
            for (int i = 0; i < 1000; i++) {
                assertThat(db.query("SELECT " + i, row -> row.getInt(1))).containsExactly(i);
            }
        }
    }
}
