package dev.haneul.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.store.StoreContract.Pet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random transactions beside maps in memory: every way of reading, and the feed, must tell the same. */
class StoreModelTest {
    private static final int STEPS = 400;
    private static final List<Scope> SCOPES =
            List.of(Scope.GLOBAL, new Scope("1", "a"), new Scope("1", "b"), new Scope("2", "a"));
    private static final Comparator<String> BYTES =
            Comparator.comparing(text -> text.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);
    private static final Comparator<Key> KEYS = Comparator.comparing(Key::account, BYTES)
            .thenComparing(Key::region, BYTES)
            .thenComparing(Key::id, BYTES);

    private final NavigableMap<Key, Pet> model = new TreeMap<>(KEYS);
    private final NavigableMap<Key, Pet> replica = new TreeMap<>(KEYS);
    private Random random = new Random();
    private Store store;

    private static final class Undo extends RuntimeException {}

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void theStoreTellsWhatTheModelTells(long seed) {
        random = new Random(seed);
        try (DataFolder folder = DataFolder.temporary();
                SqliteStore opened = SqliteStore.open(folder)) {
            store = opened;
            store.open(List.of(StoreContract.PETS), List.of());
            store.feed().subscribe("replica", Set.of(StoreContract.PETS.name()));
            for (int step = 0; step < STEPS; step++) {
                write();
                if (step % 10 == 0) {
                    store.read(tx -> {
                        compare(tx, model);
                        return 1;
                    });
                    follow();
                }
            }
        }
    }

    private String id() {
        String alphabet = "ab/\u0000é한😀～";
        int[] points = alphabet.codePoints().toArray();
        StringBuilder id = new StringBuilder();
        for (int i = 0; i <= random.nextInt(3); i++) {
            id.appendCodePoint(points[random.nextInt(points.length)]);
        }
        return id.toString();
    }

    private Key key() {
        return SCOPES.get(random.nextInt(SCOPES.size())).key(id());
    }

    private Pet pet() {
        List<String> tags = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            tags.add("t" + random.nextInt(3));
        }
        return new Pet(id(), "k" + random.nextInt(3), tags, random.nextInt());
    }

    private void write() {
        NavigableMap<Key, Pet> next = new TreeMap<>(model);
        boolean undo = random.nextInt(5) == 0;
        try {
            store.write(tx -> {
                for (int i = random.nextInt(6); i >= 0; i--) {
                    Key key = key();
                    if (random.nextInt(3) == 0) {
                        assertThat(tx.delete(StoreContract.PETS, key)).isEqualTo(next.remove(key) != null);
                    } else {
                        Pet pet = pet();
                        tx.put(StoreContract.PETS, key, pet);
                        next.put(key, pet);
                    }
                }
                compare(tx, next);
                if (undo) {
                    throw new Undo();
                }
            });
            model.clear();
            model.putAll(next);
        } catch (Undo e) {
            assertThat(undo).isTrue();
        }
    }

    private void compare(ReadTx tx, NavigableMap<Key, Pet> expected) {
        Scope scope = SCOPES.get(random.nextInt(SCOPES.size()));
        String from = random.nextBoolean() ? "" : id();
        String to = random.nextBoolean() ? null : id();
        int limit = 1 + random.nextInt(20);
        List<Key> inRange = expected.keySet().stream()
                .filter(key -> key.scope().equals(scope))
                .filter(key -> BYTES.compare(key.id(), from) >= 0)
                .filter(key -> to == null || BYTES.compare(key.id(), to) < 0)
                .toList();
        assertThat(keys(tx.range(StoreContract.PETS, scope, from, to, limit)))
                .isEqualTo(inRange.stream().limit(limit).toList());
        assertThat(keys(tx.rangeDescending(StoreContract.PETS, scope, from, to, limit)))
                .isEqualTo(inRange.reversed().stream().limit(limit).toList());
        Key key = key();
        assertThat(tx.get(StoreContract.PETS, key).map(Row::value).orElse(null)).isEqualTo(expected.get(key));
        assertThat(keys(tx.all(StoreContract.PETS, key, limit)))
                .isEqualTo(expected.tailMap(key, false).keySet().stream()
                        .limit(limit)
                        .toList());
        String tag = "t" + random.nextInt(3);
        List<Key> tagged = expected.entrySet().stream()
                .filter(each -> each.getValue().tags().contains(tag))
                .map(Map.Entry::getKey)
                .toList();
        assertThat(keys(tx.findAnywhere(StoreContract.PETS, "tag", tag, key, limit)))
                .isEqualTo(tagged.stream()
                        .filter(each -> KEYS.compare(each, key) > 0)
                        .limit(limit)
                        .toList());
        assertThat(keys(tx.find(StoreContract.PETS, scope, "tag", tag, from, limit)))
                .isEqualTo(tagged.stream()
                        .filter(each -> each.scope().equals(scope) && BYTES.compare(each.id(), from) > 0)
                        .limit(limit)
                        .toList());
    }

    private static List<Key> keys(List<Row<Pet>> rows) {
        return rows.stream().map(Row::key).toList();
    }

    /** Whoever replays the feed has the same records, and each change begins where the one before ended. */
    private void follow() {
        List<Change> changes = store.feed().peek("replica", 7);
        while (!changes.isEmpty()) {
            for (Change change : changes) {
                Pet before = change.before(StoreContract.PETS.codec()).orElse(null);
                assertThat(before).isEqualTo(replica.get(change.key()));
                change.after(StoreContract.PETS.codec())
                        .ifPresentOrElse(after -> replica.put(change.key(), after), () -> replica.remove(change.key()));
            }
            store.feed().advance("replica", changes.getLast().sequence());
            changes = store.feed().peek("replica", 7);
        }
        assertThat(replica).isEqualTo(model);
    }
}
