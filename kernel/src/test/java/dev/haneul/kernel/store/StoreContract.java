package dev.haneul.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store does. Each implementation's test extends it. */
public abstract class StoreContract {
    /** A record of the tests. */
    record Pet(String name, String kind, List<String> tags, int age) {}

    /** A fact of the tests. */
    record Seen(String what) {}

    static final Table<Pet> PETS = Table.of(
            "zoo.pet",
            RecordCodecs.of(Pet.class),
            new Table.Index<>("kind", pet -> List.of(pet.kind())),
            new Table.Index<>("tag", Pet::tags));
    static final Table<Pet> PLAIN = Table.of("zoo.plain", RecordCodecs.of(Pet.class));
    static final Topic<Seen> SEEN = new Topic<>("zoo.seen", RecordCodecs.of(Seen.class));
    static final Scope HERE = new Scope("111111111111", "us-east-1");
    static final Scope THERE = new Scope("222222222222", "ap-northeast-2");

    protected Store store;

    /** Opens the store on the same data as the last one opened by this test, which has been closed. */
    protected abstract Store openStore() throws Exception;

    @BeforeEach
    void openFirst() throws Exception {
        store = openStore();
        store.open(List.of(PETS, PLAIN), List.of(SEEN));
    }

    @AfterEach
    void closeLast() {
        store.close();
    }

    protected void reopen() throws Exception {
        store.close();
        openFirst();
    }

    static Pet pet(String name) {
        return new Pet(name, "cat", List.of(), 1);
    }

    void put(Scope scope, String id, Pet pet) {
        store.write(tx -> tx.put(PETS, scope.key(id), pet));
    }

    Optional<Row<Pet>> get(Scope scope, String id) {
        return store.read(tx -> tx.get(PETS, scope.key(id)));
    }

    List<Row<Pet>> rows(Function<ReadTx, List<Row<Pet>>> read) {
        return store.read(read);
    }

    private static void elsewhere(Runnable task) {
        try {
            Thread.ofVirtual().start(task).join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> ids(List<Row<Pet>> rows) {
        return rows.stream().map(row -> row.key().id()).toList();
    }

    @Test
    void aRecordsRevisionIsToldWithoutTheRecord() {
        assertThat(store.<Optional<Long>>read(tx -> tx.revisionOf(PETS, HERE.key("tom"))))
                .isEmpty();
        put(HERE, "tom", pet("Tom"));
        Optional<Long> first = store.read(tx -> tx.revisionOf(PETS, HERE.key("tom")));
        assertThat(first).contains(get(HERE, "tom").orElseThrow().revision());
        put(HERE, "tom", pet("Tom II"));
        assertThat(store.<Optional<Long>>read(tx -> tx.revisionOf(PETS, HERE.key("tom"))))
                .contains(get(HERE, "tom").orElseThrow().revision())
                .isNotEqualTo(first);
    }

    @Test
    void aCommittedRecordIsReadBackAlsoAfterReopening() throws Exception {
        put(HERE, "tom", new Pet("Tom", "cat", List.of("grey", "fast"), 7));
        assertThat(store.read(tx -> tx.get(PETS, HERE.key("tom"))).orElseThrow().value())
                .isEqualTo(new Pet("Tom", "cat", List.of("grey", "fast"), 7));
        reopen();
        assertThat(store.read(tx -> tx.get(PETS, HERE.key("tom"))).orElseThrow().value())
                .isEqualTo(new Pet("Tom", "cat", List.of("grey", "fast"), 7));
        assertThat(get(THERE, "tom")).isEmpty();
    }

    @Test
    void aTransactionSeesItsOwnWritesAndOthersDoNotBeforeItsEnd() {
        store.write(tx -> {
            tx.put(PETS, HERE.key("a"), pet("a"));
            assertThat(tx.get(PETS, HERE.key("a"))).isPresent();
            assertThat(ids(tx.find(PETS, HERE, "kind", "cat", "", 10))).containsExactly("a");
            assertThat(tx.delete(PETS, HERE.key("a"))).isTrue();
            assertThat(tx.get(PETS, HERE.key("a"))).isEmpty();
            assertThat(tx.delete(PETS, HERE.key("a"))).isFalse();
        });
        assertThat(get(HERE, "a")).isEmpty();
    }

    @Test
    void whatATransactionThrowsUndoesItAndComesOutUnchanged() {
        put(HERE, "a", pet("old"));
        IllegalStateException thrown = new IllegalStateException("no");
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.put(PETS, HERE.key("a"), new Pet("new", "dog", List.of("x"), 2));
                    tx.put(PETS, HERE.key("b"), pet("b"));
                    tx.emit(SEEN, Key.global("b"), new Seen("b"));
                    throw thrown;
                }))
                .isSameAs(thrown);
        assertThat(ids(rows(tx -> tx.range(PETS, HERE, "", null, 10)))).containsExactly("a");
        assertThat(rows(tx -> tx.find(PETS, HERE, "kind", "dog", "", 10))).isEmpty();
        assertThat(store.read(tx -> tx.get(PETS, HERE.key("a")))
                        .orElseThrow()
                        .value()
                        .name())
                .isEqualTo("old");
    }

    @Test
    void oneFailingTransactionAmongManyConcurrentOnesUndoesOnlyItself() throws Exception {
        List<Callable<Boolean>> bodies = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int number = i;
            bodies.add(() -> {
                try {
                    store.write(tx -> {
                        tx.put(PETS, HERE.key("p%03d".formatted(number)), pet("p"));
                        if (number % 3 == 0) {
                            throw new IllegalArgumentException("third");
                        }
                    });
                    return true;
                } catch (IllegalArgumentException e) {
                    return false;
                }
            });
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> results = threads.invokeAll(bodies);
            for (int i = 0; i < 200; i++) {
                String id = "p%03d".formatted(i);
                boolean there = store.read(tx -> tx.get(PETS, HERE.key(id))).isPresent();
                assertThat(there).isEqualTo(results.get(i).get()).isEqualTo(i % 3 != 0);
            }
        }
    }

    @Test
    void transactionsAreSerialised() throws Exception {
        put(HERE, "counter", new Pet("n", "cat", List.of(), 0));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 300; i++) {
                threads.submit(() -> store.write(tx -> {
                    Pet now = tx.get(PETS, HERE.key("counter")).orElseThrow().value();
                    tx.put(PETS, HERE.key("counter"), new Pet("n", "cat", List.of(), now.age() + 1));
                }));
            }
        }
        assertThat(store.read(tx -> tx.get(PETS, HERE.key("counter")))
                        .orElseThrow()
                        .value()
                        .age())
                .isEqualTo(300);
    }

    @Test
    void aReadSeesOneMomentThoughOthersCommitMeanwhile() {
        put(HERE, "a", pet("1"));
        String seen = store.read(tx -> {
            String first = tx.get(PETS, HERE.key("a")).orElseThrow().value().name();
            long revision = tx.revision();
            elsewhere(() -> put(HERE, "a", pet("2")));
            assertThat(tx.revision()).isEqualTo(revision);
            return first + tx.get(PETS, HERE.key("a")).orElseThrow().value().name();
        });
        assertThat(seen).isEqualTo("11");
    }

    @Test
    void rangesAreInByteOrderOfTheIdWithinTheirScope() {
        // UTF-16 order would put the emoji (a surrogate pair) before U+FF5E.
        List<String> sorted = List.of("\u0001", "A", "B", "a", "a\u0000b", "a/", "b", "é", "한", "～", "😀");
        for (String id : sorted.reversed()) {
            put(HERE, id, pet(id));
        }
        put(THERE, "a", pet("elsewhere"));
        put(new Scope(HERE.account(), "eu-west-1"), "a", pet("elsewhere"));
        assertThat(ids(rows(tx -> tx.range(PETS, HERE, "", null, 100)))).isEqualTo(sorted);
        assertThat(ids(rows(tx -> tx.rangeDescending(PETS, HERE, "", null, 100))))
                .isEqualTo(sorted.reversed());
        assertThat(ids(rows(tx -> tx.range(PETS, HERE, "a", "b", 100)))).containsExactly("a", "a\u0000b", "a/");
        assertThat(ids(rows(tx -> tx.rangeDescending(PETS, HERE, "a", "b", 2)))).containsExactly("a/", "a\u0000b");
        assertThat(ids(rows(tx -> tx.range(PETS, HERE, "B", null, 2)))).containsExactly("B", "a");
        assertThat(ids(rows(tx -> tx.range(PETS, HERE, "b", "a", 2)))).isEmpty();
    }

    @Test
    void anIndexFollowsItsRecords() {
        put(HERE, "a", new Pet("a", "cat", List.of("x", "y"), 1));
        put(HERE, "b", new Pet("b", "cat", List.of("y", "y"), 1));
        put(THERE, "c", new Pet("c", "cat", List.of("y"), 1));
        assertThat(ids(rows(tx -> tx.find(PETS, HERE, "tag", "y", "", 10)))).containsExactly("a", "b");
        assertThat(ids(rows(tx -> tx.find(PETS, HERE, "tag", "y", "a", 10)))).containsExactly("b");
        assertThat(ids(rows(tx -> tx.findAnywhere(PETS, "tag", "y", null, 10)))).containsExactly("a", "b", "c");
        assertThat(ids(rows(tx -> tx.findAnywhere(PETS, "tag", "y", HERE.key("a"), 10))))
                .containsExactly("b", "c");
        put(HERE, "a", new Pet("a", "dog", List.of("x"), 1));
        store.write(tx -> tx.delete(PETS, HERE.key("b")));
        assertThat(ids(rows(tx -> tx.find(PETS, HERE, "tag", "y", "", 10)))).isEmpty();
        assertThat(ids(rows(tx -> tx.find(PETS, HERE, "kind", "dog", "", 10)))).containsExactly("a");
        assertThatThrownBy(() -> store.read(tx -> tx.find(PETS, HERE, "colour", "y", "", 10)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void allWalksATableAcrossScopesInOrderOfKey() {
        put(THERE, "a", pet("a"));
        put(HERE, "b", pet("b"));
        put(HERE, "a", pet("a"));
        store.write(tx -> tx.put(PETS, Key.global("z"), pet("z")));
        List<Key> keys = new ArrayList<>();
        Key after = null;
        while (true) {
            Key from = after;
            List<Row<Pet>> page = store.read(tx -> tx.all(PETS, from, 1));
            if (page.isEmpty()) {
                break;
            }
            after = page.getFirst().key();
            keys.add(after);
        }
        assertThat(keys).containsExactly(Key.global("z"), HERE.key("a"), HERE.key("b"), THERE.key("a"));
    }

    @Test
    void limitsAndUnknownTablesAreRefused() {
        assertThatThrownBy(() -> store.read(tx -> tx.range(PETS, HERE, "", null, 0)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.read(tx -> tx.range(PETS, HERE, "", null, 10_001)))
                .isInstanceOf(IllegalArgumentException.class);
        Table<Pet> unknown = Table.of("zoo.other", RecordCodecs.of(Pet.class));
        assertThatThrownBy(() -> store.read(tx -> tx.get(unknown, HERE.key("a"))))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.open(List.of(Table.of("zoo.pet", RecordCodecs.of(Pet.class))), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HERE.key("half\ud83d")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void transactionsAndReadsDoNotNestAndEndWithTheirFunction() {
        assertThatThrownBy(() -> store.write(tx -> store.write(inner -> {}))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.write(tx -> store.read(ReadTx::revision)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.read(tx -> store.read(ReadTx::revision)))
                .isInstanceOf(IllegalStateException.class);
        AtomicReference<ReadTx> kept = new AtomicReference<>();
        store.read(tx -> {
            kept.set(tx);
            return 1;
        });
        assertThatThrownBy(() -> kept.get().revision()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void revisionsGrowWithEveryWriteAlsoAfterReopening() throws Exception {
        put(HERE, "a", pet("a"));
        long first = store.read(tx -> tx.get(PETS, HERE.key("a"))).orElseThrow().revision();
        reopen();
        put(HERE, "a", pet("b"));
        Row<Pet> row = store.read(tx -> tx.get(PETS, HERE.key("a"))).orElseThrow();
        assertThat(row.revision()).isGreaterThan(first);
        assertThat(store.read(ReadTx::revision)).isGreaterThanOrEqualTo(row.revision());
    }

    @Test
    void theFeedTellsWhatACursorWantsInOrderOfCommits() {
        put(HERE, "before", pet("before"));
        store.feed().subscribe("c", Set.of("zoo.pet", "zoo.seen"));
        store.write(tx -> {
            tx.put(PETS, HERE.key("a"), pet("1"));
            tx.emit(SEEN, HERE.key("e"), new Seen("hello"));
            tx.put(PETS, HERE.key("a"), pet("2"));
            tx.put(PLAIN, HERE.key("a"), pet("unwanted"));
        });
        store.write(tx -> tx.delete(PETS, HERE.key("a")));
        List<Change> changes = store.feed().peek("c", 10);
        assertThat(changes).extracting(Change::source).containsExactly("zoo.pet", "zoo.seen", "zoo.pet", "zoo.pet");
        assertThat(changes).extracting(Change::sequence).isSorted().doesNotHaveDuplicates();
        assertThat(changes.get(0).before(PETS.codec())).isEmpty();
        assertThat(changes.get(0).after(PETS.codec())).contains(pet("1"));
        assertThat(changes.get(1).after(SEEN.codec())).contains(new Seen("hello"));
        assertThat(changes.get(1).key()).isEqualTo(HERE.key("e"));
        assertThat(changes.get(2).before(PETS.codec())).contains(pet("1"));
        assertThat(changes.get(3).before(PETS.codec())).contains(pet("2"));
        assertThat(changes.get(3).after(PETS.codec())).isEmpty();
        assertThat(store.feed().peek("c", 2)).hasSize(2);
    }

    @Test
    void aCursorKeepsItsPlaceAndIsIndependentOfOthers() throws Exception {
        store.feed().subscribe("one", Set.of("zoo.seen"));
        store.feed().subscribe("two", Set.of("zoo.seen"));
        for (String each : List.of("a", "b", "c")) {
            store.write(tx -> tx.emit(SEEN, Key.global(each), new Seen(each)));
        }
        List<Change> changes = store.feed().peek("one", 10);
        assertThat(changes).hasSize(3);
        store.feed().advance("one", changes.get(1).sequence());
        reopen();
        store.feed().subscribe("one", Set.of("zoo.seen"));
        assertThat(store.feed().cursors()).containsExactly("one", "two");
        assertThat(store.feed().peek("one", 10))
                .extracting(change -> change.key().id())
                .containsExactly("c");
        assertThat(store.feed().peek("two", 10)).hasSize(3);
        store.feed().advance("two", changes.get(2).sequence());
        store.feed().advance("two", changes.get(0).sequence());
        assertThat(store.feed().peek("two", 10)).isEmpty();
        assertThatThrownBy(() -> store.feed().peek("three", 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aListenerIsWokenBeforeTheTransactionReturnsAndOnlyForItsSources() {
        store.feed().subscribe("c", Set.of("zoo.seen"));
        AtomicInteger woken = new AtomicInteger();
        store.feed().onChange("c", woken::incrementAndGet);
        put(HERE, "a", pet("a"));
        assertThat(woken).hasValue(0);
        store.write(tx -> tx.emit(SEEN, Key.global("x"), new Seen("x")));
        assertThat(woken).hasValue(1);
    }

    @Test
    void aRemovedCursorIsGone() throws Exception {
        store.feed().subscribe("c", Set.of("zoo.seen"));
        store.feed().unsubscribe("c");
        assertThat(store.feed().cursors()).isEmpty();
        reopen();
        assertThat(store.feed().cursors()).isEmpty();
        assertThatThrownBy(() -> store.feed().peek("c", 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void resetRemovesOneAccountWithItsFactsOrEverything() {
        store.feed().subscribe("c", Set.of("zoo.pet"));
        put(HERE, "a", new Pet("a", "cat", List.of("t"), 1));
        put(THERE, "b", new Pet("b", "cat", List.of("t"), 1));
        store.reset(HERE.account());
        assertThat(ids(rows(tx -> tx.all(PETS, null, 10)))).containsExactly("b");
        assertThat(ids(rows(tx -> tx.findAnywhere(PETS, "tag", "t", null, 10)))).containsExactly("b");
        assertThat(store.feed().peek("c", 10))
                .extracting(change -> change.key().id())
                .containsExactly("b");
        store.reset(null);
        assertThat(rows(tx -> tx.all(PETS, null, 10))).isEmpty();
        assertThat(store.feed().peek("c", 10)).isEmpty();
        put(HERE, "a", pet("again"));
        assertThat(store.feed().peek("c", 10)).hasSize(1);
    }

    @Test
    void aClosedStoreSaysSo() throws Exception {
        store.close();
        assertThatThrownBy(() -> store.write(tx -> {})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.read(ReadTx::revision)).isInstanceOf(IllegalStateException.class);
        store.close();
        openFirst();
    }

    @Test
    void anInterruptedCallerStillLearnsWhatBecameOfItsTransaction() {
        Thread.currentThread().interrupt();
        put(HERE, "a", pet("a"));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(get(HERE, "a")).isPresent();
    }

    @Test
    void manyScopesAndMapsOfDataStayApart() {
        Map<Scope, String> names = Map.of(HERE, "here", THERE, "there", Scope.GLOBAL, "global");
        names.forEach((scope, name) -> put(scope, "same", pet(name)));
        names.forEach((scope, name) -> assertThat(store.read(tx -> tx.get(PETS, scope.key("same")))
                        .orElseThrow()
                        .value()
                        .name())
                .isEqualTo(name));
    }
}
