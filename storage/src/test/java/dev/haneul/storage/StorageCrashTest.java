package dev.haneul.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.store.Table;
import dev.haneul.storage.Segments.Chunk;
import dev.haneul.storage.Segments.Entry;
import dev.haneul.storage.Segments.Want;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a writing process with SIGKILL at random moments and looks for everything that it had acknowledged. */
class StorageCrashTest {
    private static final Table<Named> NAMED = Table.of("test.named", RecordCodecs.of(Named.class));
    private static final String ACCOUNT = "111111111111";
    private static final int THREADS = 6;
    private static final int LOGS = 5;

    record Named(BlobRef ref, long seed) {}

    /** Writes blobs and log entries until it is killed; tells each one when it is acknowledged. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws Exception {
            DataFolder folder = DataFolder.open(Path.of(arguments[0]));
            SqliteStore store = SqliteStore.open(folder);
            Blobs blobs = DiskBlobs.open(folder, store);
            Segments segments = DiskSegments.open(folder);
            store.open(List.of(NAMED), List.of());
            PrintStream out = new PrintStream(System.out, true, UTF_8);
            out.println("ready");
            for (int thread = 0; thread < THREADS; thread++) {
                Random random = new Random(Long.parseLong(arguments[1]) + thread);
                String id = arguments[1] + "-" + thread + "-";
                Thread.ofVirtual().start(() -> {
                    try {
                        for (int i = 0; ; i++) {
                            writeBlob(store, blobs, out, id + i, random);
                            String log = "log" + random.nextInt(LOGS);
                            // A killed process loses nothing of either kind.
                            Segments.Wait wait = random.nextBoolean() ? Segments.Wait.DISK : Segments.Wait.SYSTEM;
                            segments.append(log, List.of(new Segments.Item(i, entry(id + i, random))), wait);
                            out.println("entry " + log + " " + id + i);
                        }
                    } catch (Exception e) {
                        e.printStackTrace();
                        Runtime.getRuntime().halt(3);
                    }
                });
            }
            Thread.sleep(60_000);
        }

        private static void writeBlob(SqliteStore store, Blobs blobs, PrintStream out, String id, Random random)
                throws Exception {
            long seed = random.nextLong();
            try (Draft draft = blobs.draft()) {
                byte[] content = content(seed);
                draft.write(content, 0, content.length);
                BlobRef ref = draft.seal();
                store.write(tx -> {
                    blobs.keep(tx, ACCOUNT, ref);
                    tx.put(NAMED, Key.global(id), new Named(ref, seed));
                });
            }
            out.println("blob " + id);
        }

        private static byte[] entry(String id, Random random) {
            return (id + " " + "x".repeat(random.nextInt(20) == 0 ? 300_000 : random.nextInt(200))).getBytes(UTF_8);
        }
    }

    static byte[] content(long seed) {
        Random random = new Random(seed);
        byte[] content = new byte[random.nextInt(5) == 0 ? random.nextInt(700_000) : random.nextInt(5000)];
        random.nextBytes(content);
        return content;
    }

    @Test
    void everythingAcknowledgedIsThereAfterEveryKill(@TempDir Path path) throws Exception {
        int rounds = Integer.getInteger("haneul.soak", 6);
        Random random = new Random(20_260_101);
        Set<String> blobsTold = new HashSet<>();
        Map<String, Set<String>> entriesTold = new HashMap<>();
        for (int round = 0; round < rounds; round++) {
            List<String> lines =
                    Child.runAndKill(Writer.class, 2 + random.nextInt(600), path.toString(), "" + round * 1000);
            for (String line : lines) {
                String[] words = line.split(" ");
                if (words[0].equals("blob")) {
                    blobsTold.add(words[1]);
                } else if (words[0].equals("entry")) {
                    entriesTold
                            .computeIfAbsent(words[1], any -> new HashSet<>())
                            .add(words[2]);
                }
            }
            check(path, blobsTold, entriesTold);
        }
        assertThat(blobsTold).hasSizeGreaterThan(10);
        assertThat(entriesTold).hasSize(LOGS);
    }

    private static void check(Path path, Set<String> blobsTold, Map<String, Set<String>> entriesTold) throws Exception {
        try (DataFolder folder = DataFolder.open(path);
                SqliteStore store = SqliteStore.open(folder);
                Blobs blobs = DiskBlobs.open(folder, store);
                Segments segments = DiskSegments.open(folder)) {
            store.open(List.of(NAMED), List.of());
            blobs.sweep();
            Set<String> found = new HashSet<>();
            int files = 0;
            for (Row<Named> row : rows(store)) {
                try (InputStream in = blobs.open(row.value().ref())) {
                    assertThat(in.readAllBytes()).isEqualTo(content(row.value().seed()));
                }
                found.add(row.key().id());
                files += BlobIds.kind(row.value().ref().id()) == BlobIds.ON_DISK ? 1 : 0;
            }
            assertThat(found).containsAll(blobsTold);
            try (Stream<Path> all = Files.walk(path.resolve("blobs"))) {
                assertThat(all.filter(Files::isRegularFile).count()).isEqualTo(files);
            }
            for (Map.Entry<String, Set<String>> log : entriesTold.entrySet()) {
                assertThat(entries(segments, log.getKey())).containsAll(log.getValue());
            }
        }
    }

    private static List<Row<Named>> rows(SqliteStore store) {
        List<Row<Named>> all = new ArrayList<>();
        List<Row<Named>> page;
        do {
            Key after = all.isEmpty() ? null : all.getLast().key();
            page = store.read(tx -> tx.all(NAMED, after, 1000));
            all.addAll(page);
        } while (!page.isEmpty());
        return all;
    }

    private static Set<String> entries(Segments segments, String log) throws Exception {
        Set<String> ids = new HashSet<>();
        Chunk chunk = new Chunk(List.of(), 0, false);
        while (!chunk.end()) {
            chunk = segments.forward(log, chunk.next(), Want.of(1000, 8 << 20));
            for (Entry entry : chunk.entries()) {
                ids.add(new String(entry.body(), UTF_8).split(" ", 2)[0]);
            }
        }
        return ids;
    }
}
