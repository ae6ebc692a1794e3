package dev.haneul.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a writing process with SIGKILL at random moments and looks for everything that it had acknowledged. */
class StoreCrashTest {
    private static final Table<Item> ITEMS = Table.of(
            "crash.item", RecordCodecs.of(Item.class), new Table.Index<>("twin", item -> List.of(item.twin())));
    private static final Topic<Item> FACTS = new Topic<>("crash.fact", RecordCodecs.of(Item.class));
    private static final int THREADS = 16;

    /** Of all rounds: the facts that were told, and the number each writer's next one must have. */
    private final Set<String> told = new HashSet<>();

    private final Map<String, Integer> next = new HashMap<>();
    private long lastFact;

    /** A record whose twin is written in the same transaction. */
    record Item(String writer, int number, String twin, String padding) {}

    /** Writes until it is killed; tells what is acknowledged, and what a reader of the feed has acted upon. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws Exception {
            DataFolder folder = DataFolder.open(Path.of(arguments[0]));
            SqliteStore store = SqliteStore.open(folder);
            store.open(List.of(ITEMS), List.of(FACTS));
            store.feed().subscribe("never", Set.of(FACTS.name()));
            store.feed().subscribe("reader", Set.of(FACTS.name()));
            PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            out.println("ready");
            for (int i = 0; i < THREADS; i++) {
                String writer = arguments[1] + "-" + i;
                Thread.ofVirtual().start(() -> write(store, out, writer));
            }
            // Ends by itself where nobody listens any longer.
            while (!out.checkError()) {
                List<Change> changes = store.feed().peek("reader", 50);
                for (Change change : changes) {
                    out.println("read " + change.sequence());
                    store.feed().advance("reader", change.sequence());
                }
                if (changes.isEmpty()) {
                    Thread.sleep(1);
                }
            }
            Runtime.getRuntime().halt(4);
        }

        private static void write(Store store, PrintStream out, String writer) {
            Random random = new Random(writer.hashCode());
            for (int number = 0; ; number++) {
                String padding = "x".repeat(random.nextInt(10) == 0 ? 20_000 : random.nextInt(300));
                String one = writer + ":" + number + "a";
                String two = writer + ":" + number + "b";
                Item item = new Item(writer, number, two, padding);
                store.write(tx -> {
                    tx.put(ITEMS, Key.global(one), item);
                    tx.emit(FACTS, Key.global(one), item);
                    tx.put(ITEMS, Key.global(two), new Item(writer, item.number(), one, padding));
                });
                out.println("wrote " + writer + " " + number);
            }
        }
    }

    @Test
    void everythingAcknowledgedIsThereAfterEveryKill(@TempDir Path path) throws Exception {
        int rounds = Integer.getInteger("haneul.soak", 8);
        Random random = new Random(20_260_101);
        Map<String, Integer> acknowledged = new HashMap<>();
        long read = 0;
        for (int round = 0; round < rounds; round++) {
            List<String> lines;
            try (Child child = Child.start(Writer.class, path.toString(), "r" + round)) {
                lines = child.runAndKill(2 + random.nextInt(1500));
            }
            for (String line : lines) {
                String[] words = line.split(" ");
                if (words[0].equals("wrote")) {
                    acknowledged.merge(words[1], Integer.parseInt(words[2]), Math::max);
                } else if (words[0].equals("read")) {
                    read = Math.max(read, Long.parseLong(words[1]));
                }
            }
            check(path, acknowledged, read);
            integrity(path);
        }
        assertThat(acknowledged.size()).isGreaterThan(THREADS);
        assertThat(read).isPositive();
    }

    private void check(Path path, Map<String, Integer> acknowledged, long read) {
        try (DataFolder folder = DataFolder.open(path);
                SqliteStore store = SqliteStore.open(folder)) {
            store.open(List.of(ITEMS), List.of(FACTS));
            Set<String> ids = pairs(store);
            acknowledged.forEach((writer, last) -> {
                for (int number = 0; number <= last; number++) {
                    assertThat(ids.contains(writer + ":" + number + "a")).isTrue();
                }
            });
            List<Change> facts = drain(store, "never");
            for (Change fact : facts) {
                Item item = fact.after(FACTS.codec()).orElseThrow();
                // In the order of commits: each writer's facts one after the other, without a gap.
                assertThat(item.number()).isEqualTo(next.getOrDefault(item.writer(), 0));
                next.put(item.writer(), item.number() + 1);
                assertThat(told.add(fact.key().id())).isTrue();
                assertThat(fact.sequence()).isGreaterThan(lastFact);
                lastFact = fact.sequence();
            }
            assertThat(told).hasSize(ids.size() / 2);
            assertThat(ids.containsAll(told)).isTrue();
            Set<Long> left = new HashSet<>();
            drain(store, "reader").forEach(change -> left.add(change.sequence()));
            for (Change fact : facts) {
                if (fact.sequence() > read) {
                    assertThat(left.contains(fact.sequence())).isTrue();
                }
            }
        }
    }

    /** Every id; fails where a record is without its twin. */
    private static Set<String> pairs(Store store) {
        Set<String> ids = new HashSet<>();
        List<String> twins = new ArrayList<>();
        Key after = null;
        List<Row<Item>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(ITEMS, from, 10_000));
            for (Row<Item> row : page) {
                after = row.key();
                ids.add(row.key().id());
                twins.add(row.value().twin());
            }
        } while (!page.isEmpty());
        assertThat(ids.containsAll(twins)).isTrue();
        for (String twin : twins.stream().limit(200).toList()) {
            List<Row<Item>> found = store.read(tx -> tx.find(ITEMS, Scope.GLOBAL, "twin", twin, "", 10));
            assertThat(found).hasSize(1);
        }
        return ids;
    }

    /** Everything past a cursor, which moves to the end. */
    private static List<Change> drain(Store store, String cursor) {
        List<Change> all = new ArrayList<>();
        for (List<Change> changes = store.feed().peek(cursor, 1000);
                !changes.isEmpty();
                changes = store.feed().peek(cursor, 1000)) {
            all.addAll(changes);
            store.feed().advance(cursor, changes.getLast().sequence());
        }
        return all;
    }

    private static void integrity(Path path) throws Exception {
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + path.resolve("control.db"));
                Statement statement = raw.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA integrity_check")) {
            assertThat(rows.getString(1)).isEqualTo("ok");
        }
    }
}
