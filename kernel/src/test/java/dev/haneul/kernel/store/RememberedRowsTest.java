package dev.haneul.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody can tell a remembered table from another, but by the time it takes. */
class RememberedRowsTest {
    /** A record of the tests. */
    record Number(long value) {}

    private static final Table<Number> HELD =
            Table.of("test.held", RecordCodecs.of(Number.class)).inMemory();
    /** As few as can be, so that rows displace each other. */
    private static final Table<Number> LAST =
            Table.of("test.last", RecordCodecs.of(Number.class)).inMemory(2);

    private static final Table<Number> READ = Table.of("test.read", RecordCodecs.of(Number.class));
    private static final Key ONE = new Key("111111111111", "", "one");
    private static final Key TWO = new Key("111111111111", "", "two");
    private static final int COMMITS = 400;
    private static final int READERS = 4;

    @TempDir
    Path path;

    private DataFolder folder;
    private Store store;

    @BeforeEach
    void open() {
        folder = DataFolder.open(path);
        store = SqliteStore.open(folder);
        store.open(List.of(HELD, LAST, READ), List.of());
    }

    @AfterEach
    void close() {
        store.close();
        folder.close();
    }

    private static long held(ReadTx tx, Key key) {
        return value(tx.get(HELD, key));
    }

    private static long value(Optional<Row<Number>> row) {
        return row.map(each -> each.value().value()).orElse(0L);
    }

    private long held(Key key) {
        return store.read(tx -> held(tx, key));
    }

    @Test
    void whatWasCommittedIsSeenAtOnce() {
        assertThat(held(ONE)).isZero();
        store.write(tx -> tx.put(HELD, ONE, new Number(1)));
        assertThat(held(ONE)).isEqualTo(1);
        store.write(tx -> tx.put(HELD, ONE, new Number(2)));
        assertThat(held(ONE)).isEqualTo(2);
        store.write(tx -> tx.delete(HELD, ONE));
        assertThat(held(ONE)).isZero();
    }

    @Test
    void aTransactionSeesItsOwnChangesAndNobodySeesThoseThatFailed() {
        store.write(tx -> tx.put(HELD, ONE, new Number(1)));
        assertThat(held(ONE)).isEqualTo(1);
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.put(HELD, ONE, new Number(2));
                    assertThat(held(tx, ONE)).isEqualTo(2);
                    throw new IllegalStateException("changed its mind");
                }))
                .hasMessage("changed its mind");
        assertThat(held(ONE)).isEqualTo(1);
        assertThat(store.<Long>transact(tx -> held(tx, ONE))).isEqualTo(1);
    }

    @Test
    void whatWasWrittenIsRememberedOnceItIsCommitted() {
        store.write(tx -> tx.put(LAST, ONE, new Number(1)));
        Number written = new Number(2);
        store.write(tx -> {
            tx.put(LAST, ONE, new Number(7));
            tx.put(LAST, ONE, written);
            assertThat(value(tx.get(LAST, ONE))).isEqualTo(2);
        });
        Row<Number> row =
                store.<Optional<Row<Number>>>read(tx -> tx.get(LAST, ONE)).orElseThrow();
        assertThat(row.value()).isSameAs(written);
        assertThat(store.<Optional<Long>>read(tx -> tx.revisionOf(LAST, ONE))).contains(row.revision());
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.put(LAST, ONE, new Number(3));
                    throw new IllegalStateException("changed its mind");
                }))
                .hasMessage("changed its mind");
        assertThat(store.<Long>read(tx -> value(tx.get(LAST, ONE)))).isEqualTo(2);
        store.write(tx -> {
            tx.put(LAST, ONE, new Number(4));
            tx.delete(LAST, ONE);
        });
        assertThat(store.<Long>read(tx -> value(tx.get(LAST, ONE)))).isZero();
    }

    @Test
    void rowsThatDisplaceEachOtherAreStillThemselves() {
        for (int i = 0; i < 20; i++) {
            long number = i;
            store.write(tx -> tx.put(LAST, new Key("111111111111", "", "k" + number), new Number(number)));
        }
        for (int i = 0; i < 20; i++) {
            long number = i;
            assertThat(store.<Long>read(tx -> value(tx.get(LAST, new Key("111111111111", "", "k" + number)))))
                    .isEqualTo(number);
        }
    }

    @Test
    void aResetForgets() {
        store.write(tx -> tx.put(HELD, ONE, new Number(1)));
        assertThat(held(ONE)).isEqualTo(1);
        store.reset(ONE.account());
        assertThat(held(ONE)).isZero();
    }

    /** A row's revision is read of the file, also where its table is remembered. */
    @Test
    void aRevisionIsOfTheSameMomentAsTheRow() {
        store.write(tx -> tx.put(HELD, ONE, new Number(1)));
        assertThat(held(ONE)).isEqualTo(1);
        boolean same = store.<Boolean>read(tx -> {
            long revision = tx.get(HELD, ONE).orElseThrow().revision();
            return tx.revisionOf(HELD, ONE).orElseThrow() == revision;
        });
        assertThat(same).isTrue();
    }

    /** Each commit writes the same number to all rows: whoever sees two of them in one view sees them equal. */
    @Test
    void aViewIsOfOneMomentHoweverItIsRead() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                readers.add(threads.submit(reading(done, i % 2 == 0)));
            }
            for (long i = 1; i <= COMMITS; i++) {
                long number = i;
                store.write(tx -> {
                    assertThat(held(tx, ONE)).isEqualTo(number - 1);
                    tx.put(HELD, ONE, new Number(number));
                    tx.put(READ, ONE, new Number(number));
                    tx.put(LAST, ONE, new Number(number));
                    tx.put(HELD, TWO, new Number(number));
                });
            }
            done.set(true);
            for (Future<Long> each : readers) {
                assertThat(each.get()).isPositive();
            }
        }
    }

    private Callable<Long> reading(AtomicBoolean done, boolean heldFirst) {
        return () -> {
            long last = 0;
            while (!done.get()) {
                List<Long> seen = store.read(tx -> {
                    long first = heldFirst ? held(tx, ONE) : value(tx.get(READ, ONE));
                    Thread.yield();
                    long second = heldFirst ? value(tx.get(READ, ONE)) : held(tx, ONE);
                    return List.of(first, second, value(tx.get(LAST, ONE)), held(tx, TWO));
                });
                assertThat(seen).containsOnly(seen.getFirst());
                assertThat(seen.getFirst()).isGreaterThanOrEqualTo(last);
                last = seen.getFirst();
            }
            return held(ONE);
        };
    }
}
