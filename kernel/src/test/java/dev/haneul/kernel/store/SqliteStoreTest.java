package dev.haneul.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends StoreContract {
    @TempDir
    Path folder;

    private DataFolder held;

    @Override
    protected Store openStore() {
        letGo();
        held = DataFolder.open(folder);
        return SqliteStore.open(held);
    }

    @AfterEach
    void letGo() {
        if (held != null) {
            held.close();
        }
    }

    private SqliteStore sqlite() {
        return (SqliteStore) store;
    }

    private void closeAll() {
        store.close();
        held.close();
    }

    private long count(String sql) throws Exception {
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("control.db"));
                Statement statement = raw.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.getLong(1);
        }
    }

    private void run(String sql) throws Exception {
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("control.db"));
                Statement statement = raw.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void aDamagedFileIsToldInOneLine() throws Exception {
        closeAll();
        Files.write(folder.resolve("control.db"), "this is no database, and long enough to be told so".getBytes());
        assertThatThrownBy(this::openStore)
                .isInstanceOf(StoreUnreadableException.class)
                .hasMessageContaining("control.db")
                .hasMessageNotContaining("\n");
        Files.delete(folder.resolve("control.db"));
        openFirst();
    }

    @Test
    void anotherProgramsDatabaseIsLeftAlone() throws Exception {
        closeAll();
        Files.delete(folder.resolve("control.db"));
        run("CREATE TABLE theirs (a INTEGER)");
        assertThatThrownBy(this::openStore)
                .isInstanceOf(StoreUnreadableException.class)
                .hasMessageContaining("not a Haneul store");
        assertThat(count("SELECT COUNT(*) FROM sqlite_master")).isEqualTo(1);
        Files.delete(folder.resolve("control.db"));
        openFirst();
    }

    @Test
    void dataOfANewerReleaseIsRefused() throws Exception {
        closeAll();
        run("PRAGMA user_version = 99");
        assertThatThrownBy(this::openStore)
                .isInstanceOf(StoreUnreadableException.class)
                .hasMessageContaining("newer release");
        run("PRAGMA user_version = 1");
        store = openStore();
        Table<Pet> newer = Table.of("zoo.pet", RecordCodecs.of(Pet.class).withUpgrade(1, old -> old));
        store.open(List.of(newer), List.of());
        closeAll();
        store = openStore();
        assertThatThrownBy(() -> store.open(List.of(PETS), List.of()))
                .isInstanceOf(StoreUnreadableException.class)
                .hasMessageContaining("zoo.pet");
    }

    @Test
    void recordsOfAnOlderReleaseAreUpgradedAsTheyAreReadAndFed() throws Exception {
        store.feed().subscribe("c", Set.of("zoo.pet"));
        put(HERE, "a", new Pet("a", "cat", List.of(), 1));
        closeAll();
        store = openStore();
        RecordCodecs.Json<Pet> codec = RecordCodecs.of(Pet.class).withUpgrade(1, old -> {
            old.put("kind", "big " + old.get("kind"));
            return old;
        });
        Table<Pet> newer = Table.of("zoo.pet", codec, new Table.Index<>("kinds", pet -> List.of(pet.kind())));
        store.open(List.of(newer), List.of());
        List<Row<Pet>> found = rows(tx -> tx.find(newer, HERE, "kinds", "big cat", "", 10));
        assertThat(found).extracting(row -> row.value().kind()).containsExactly("big cat");
        assertThat(store.feed()
                        .peek("c", 1)
                        .getFirst()
                        .after(codec)
                        .orElseThrow()
                        .kind())
                .isEqualTo("big cat");
    }

    @Test
    void aNewIndexIsBuiltAndARemovedOneForgotten() throws Exception {
        store.write(tx -> {
            for (int i = 0; i < 2500; i++) {
                tx.put(PETS, HERE.key("p%04d".formatted(i)), new Pet("n" + i % 7, "cat", List.of(), i));
            }
        });
        closeAll();
        store = openStore();
        Table<Pet> changed =
                Table.of("zoo.pet", RecordCodecs.of(Pet.class), new Table.Index<>("name", pet -> List.of(pet.name())));
        store.open(List.of(changed), List.of());
        assertThat(rows(tx -> tx.find(changed, HERE, "name", "n3", "", 1000))).hasSize(357);
        closeAll();
        assertThat(count("SELECT COUNT(*) FROM \"x.zoo.pet\"")).isEqualTo(2500);
    }

    @Test
    void whatAllCursorsHavePassedIsRemovedAndNothingElse() throws Exception {
        store.feed().subscribe("fast", Set.of("zoo.seen", "zoo.pet"));
        store.feed().subscribe("slow", Set.of("zoo.seen"));
        for (int i = 0; i < 5000; i += 100) {
            int from = i;
            store.write(tx -> {
                for (int j = from; j < from + 100; j++) {
                    tx.emit(SEEN, Key.global("f" + j), new Seen("" + j));
                }
                tx.put(PETS, HERE.key("p" + from), pet("p"));
            });
        }
        List<Change> all = store.feed().peek("fast", 10_000);
        assertThat(all).hasSize(5050);
        store.feed().advance("fast", all.getLast().sequence());
        long third = store.feed().peek("slow", 3).getLast().sequence();
        store.feed().advance("slow", third);
        closeAll();
        assertThat(count("SELECT COUNT(*) FROM feed WHERE source = 'zoo.seen'")).isEqualTo(4997);
        openFirst();
        assertThat(store.feed().peek("slow", 1).getFirst().sequence()).isGreaterThan(third);
        store.feed().unsubscribe("slow");
        for (int i = 0; i < 4; i++) {
            closeAll();
            openFirst();
        }
        closeAll();
        assertThat(count("SELECT COUNT(*) FROM feed")).isZero();
        openFirst();
    }

    @Test
    void sourcesNobodyWantsAreNotAppended() throws Exception {
        put(HERE, "a", pet("a"));
        store.write(tx -> tx.emit(SEEN, Key.global("x"), new Seen("x")));
        closeAll();
        assertThat(count("SELECT COUNT(*) FROM feed")).isZero();
        openFirst();
    }

    @Test
    void aTransactionThatComesAloneRunsOnItsOwnThreadAndThoseThatComeMeanwhileAreCommittedAfterIt() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> alone = threads.submit(() -> {
                Thread caller = Thread.currentThread();
                return store.<Boolean>transact(tx -> {
                    begun.countDown();
                    awaitUninterruptibly(go);
                    order.add("first");
                    return Thread.currentThread() == caller;
                });
            });
            begun.await();
            Future<?> next = threads.submit(() -> store.write(tx -> order.add("next")));
            // It waits, and readers do not.
            assertThat(get(HERE, "a")).isEmpty();
            assertThat(order).isEmpty();
            go.countDown();
            assertThat(alone.get()).isTrue();
            next.get();
            assertThat(order).containsExactly("first", "next");
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTransactionRightBehindTheSubscriptionIsFed() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 50; round++) {
                String cursor = "c" + round;
                Future<?> subscribed = threads.submit(() -> store.feed().subscribe(cursor, Set.of("zoo.seen", cursor)));
                List<Future<?>> emitted = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    emitted.add(threads.submit(() -> store.write(tx -> tx.emit(SEEN, Key.global("x"), new Seen("x")))));
                }
                subscribed.get();
                store.write(tx -> tx.emit(SEEN, Key.global("last"), new Seen("last")));
                for (Future<?> each : emitted) {
                    each.get();
                }
                List<Change> seen = store.feed().peek(cursor, 100);
                assertThat(seen).extracting(change -> change.key().id()).contains("last");
            }
        }
    }

    @Test
    void aFullDiskFailsOnlyWhatDoesNotFitAndLeavesNothingHalfMade() throws Exception {
        put(HERE, "before", pet("before"));
        sqlite().administer((tx, after) -> tx.db().execute("PRAGMA max_page_count = 60"));
        Pet large = new Pet("x".repeat(600_000), "cat", List.of("large"), 1);
        List<Future<Boolean>> small = new ArrayList<>();
        List<Future<Boolean>> tooLarge = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 40; i++) {
                String id = "p" + i;
                boolean isLarge = i % 10 == 5;
                (isLarge ? tooLarge : small).add(threads.submit(() -> {
                    store.write(tx -> {
                        tx.put(PETS, HERE.key(id + "first"), pet("first"));
                        tx.put(PETS, HERE.key(id), isLarge ? large : pet("small"));
                    });
                    return true;
                }));
            }
        }
        for (Future<Boolean> each : tooLarge) {
            assertThatThrownBy(each::get).hasCauseInstanceOf(StoreFullException.class);
        }
        for (Future<Boolean> each : small) {
            assertThat(each.get()).isTrue();
        }
        assertThat(rows(tx -> tx.range(PETS, HERE, "", null, 1000))).hasSize(1 + 2 * small.size());
        assertThat(rows(tx -> tx.find(PETS, HERE, "tag", "large", "", 10))).isEmpty();
        sqlite().administer((tx, after) -> tx.db().execute("PRAGMA max_page_count = 1000000"));
        put(HERE, "after", large);
        assertThat(get(HERE, "after")).isPresent();
        closeAll();
        assertThat(count("SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"))
                .isZero();
        openFirst();
    }

    @Test
    void aBodyThatSwallowsAFailedWriteDoesNotCommitTheRest() {
        sqlite().administer((tx, after) -> tx.db().execute("PRAGMA max_page_count = 60"));
        Pet large = new Pet("x".repeat(600_000), "cat", List.of(), 1);
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.put(PETS, HERE.key("a"), pet("a"));
                    try {
                        tx.put(PETS, HERE.key("b"), large);
                    } catch (StoreFullException swallowed) {
                        tx.put(PETS, HERE.key("c"), pet("c"));
                    }
                }))
                .isInstanceOf(StoreFullException.class);
        assertThat(rows(tx -> tx.range(PETS, HERE, "", null, 10))).isEmpty();
    }

    @Test
    void readsGoOnWhileWritersWrite() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                String id = "p" + i % 20;
                all.add(threads.submit(() -> put(HERE, id, pet("x"))));
                all.add(threads.submit(() -> assertThat(rows(tx -> tx.range(PETS, HERE, "", null, 100)))
                        .hasSizeLessThanOrEqualTo(20)));
                all.add(threads.submit(() -> assertThatThrownBy(() -> store.read(tx -> {
                            throw new IllegalArgumentException("thrown by a reader");
                        }))
                        .isInstanceOf(IllegalArgumentException.class)));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }
}
