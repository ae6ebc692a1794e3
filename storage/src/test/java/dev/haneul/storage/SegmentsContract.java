package dev.haneul.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.storage.Segments.Chunk;
import dev.haneul.storage.Segments.Entry;
import dev.haneul.storage.Segments.Item;
import dev.haneul.storage.Segments.Retention;
import dev.haneul.storage.Segments.Want;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every home of segments does. */
abstract class SegmentsContract {
    static final String LOG = "/aws/lambda/f 2026/01/01/[$LATEST]한";
    private static final Want ALL = Want.of(1_000_000, Integer.MAX_VALUE);

    protected Segments segments;

    /** Opens the segments on the same folder as before. */
    protected abstract void openAll() throws Exception;

    protected abstract void closeAll() throws Exception;

    @BeforeEach
    void open() throws Exception {
        openAll();
    }

    @AfterEach
    void close() throws Exception {
        closeAll();
    }

    static byte[] body(String text) {
        return text.getBytes(UTF_8);
    }

    static byte[] bytes(int length, long seed) {
        byte[] body = new byte[length];
        new Random(seed).nextBytes(body);
        return body;
    }

    static List<String> texts(List<Entry> entries) {
        return entries.stream().map(entry -> new String(entry.body(), UTF_8)).toList();
    }

    /** Reads to the end, chunk by chunk. */
    List<Entry> all(String log, Want want) throws Exception {
        List<Entry> found = new ArrayList<>();
        Chunk chunk = segments.forward(log, 0, want);
        while (!chunk.end()) {
            found.addAll(chunk.entries());
            chunk = segments.forward(log, chunk.next(), want);
        }
        found.addAll(chunk.entries());
        return found;
    }

    List<Entry> allBackward(String log, Want want) throws Exception {
        List<Entry> found = new ArrayList<>();
        Chunk chunk = segments.backward(log, Long.MAX_VALUE, want);
        while (!chunk.end()) {
            found.addAll(chunk.entries());
            chunk = segments.backward(log, chunk.next(), want);
        }
        found.addAll(chunk.entries());
        return found;
    }

    @Test
    void whatIsNotWaitedForStandsInItsPlace() throws Exception {
        for (int i = 0; i < 300; i++) {
            Segments.Wait wait = Segments.Wait.values()[i % 3];
            List<Long> positions = segments.append(LOG, List.of(new Item(i, body("" + i))), wait);
            assertThat(positions).hasSize(wait == Segments.Wait.NOTHING ? 0 : 1);
        }
        segments.append(LOG, List.of(new Item(300, body("300"))), Segments.Wait.NOTHING);
        closeAll();
        openAll();
        assertThat(texts(segments.forward(LOG, 0, ALL).entries()))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(0, 300).mapToObj(i -> "" + i).toList());
    }

    @Test
    void entriesAreReadBackInOrderForwardAndBackwardAlsoAfterReopening() throws Exception {
        List<Long> positions = new ArrayList<>();
        for (String each : List.of("a", "", "ccc")) {
            positions.add(segments.append(LOG, 1000 + each.length(), body(each)));
        }
        segments.append("other", 5, body("elsewhere"));
        assertThat(positions).isSorted().doesNotHaveDuplicates();
        for (int round = 0; round < 2; round++) {
            List<Entry> entries = all(LOG, ALL);
            assertThat(texts(entries)).containsExactly("a", "", "ccc");
            assertThat(entries).extracting(Entry::position).isEqualTo(positions);
            assertThat(entries).extracting(Entry::timestampMillis).containsExactly(1001L, 1000L, 1003L);
            assertThat(texts(allBackward(LOG, ALL))).containsExactly("ccc", "", "a");
            closeAll();
            openAll();
        }
        assertThat(segments.append(LOG, 1, body("d"))).isGreaterThan(positions.getLast());
        assertThat(texts(all(LOG, ALL))).containsExactly("a", "", "ccc", "d");
        assertThat(texts(all("other", ALL))).containsExactly("elsewhere");
    }

    @Test
    void anEntryIsFoundByItsPosition() throws Exception {
        List<Long> positions = segments.append(LOG, List.of(new Item(1, body("one")), new Item(2, body("two"))));
        Entry entry = segments.get(LOG, positions.get(1)).orElseThrow();
        assertThat(entry.body()).isEqualTo(body("two"));
        assertThat(entry.timestampMillis()).isEqualTo(2);
        assertThat(segments.get(LOG, 1_000_000)).isEmpty();
        assertThat(segments.get(LOG, -1)).isEmpty();
        assertThat(segments.get("none", 0)).isEmpty();
    }

    @Test
    void chunksAreBoundedByEntriesAndBytesAndGoOnWhereTheyEnded() throws Exception {
        for (int i = 0; i < 10; i++) {
            segments.append(LOG, i, body("entry" + i));
        }
        Chunk first = segments.forward(LOG, 0, Want.of(3, 1000));
        assertThat(texts(first.entries())).containsExactly("entry0", "entry1", "entry2");
        assertThat(first.end()).isFalse();
        Chunk second = segments.forward(LOG, first.next(), Want.of(100, 7));
        assertThat(texts(second.entries())).containsExactly("entry3", "entry4");
        Chunk last = segments.backward(LOG, Long.MAX_VALUE, Want.of(2, 1000));
        assertThat(texts(last.entries())).containsExactly("entry9", "entry8");
        assertThat(texts(segments.backward(LOG, last.next(), Want.of(1, 1)).entries()))
                .containsExactly("entry7");
        Chunk end = segments.forward(LOG, segments.extent(LOG).orElseThrow().end(), ALL);
        assertThat(end.entries()).isEmpty();
        assertThat(end.end()).isTrue();
        segments.append(LOG, 10, body("later"));
        assertThat(texts(segments.forward(LOG, end.next(), ALL).entries())).containsExactly("later");
        assertThat(all(LOG, Want.of(1, 1))).hasSize(11);
    }

    @Test
    void aTimeRangeIsFromInclusiveToExclusiveWhateverTheOrder() throws Exception {
        for (long time : new long[] {5, 3, 9, 3, 7}) {
            segments.append(LOG, time, body("t" + time));
        }
        assertThat(texts(all(LOG, new Want(3, 7, 100, 1000)))).containsExactly("t5", "t3", "t3");
        assertThat(texts(allBackward(LOG, new Want(7, 10, 100, 1000)))).containsExactly("t7", "t9");
        assertThat(all(LOG, new Want(10, 20, 100, 1000))).isEmpty();
    }

    @Test
    void aLogOfManySegmentsReadsAsOne() throws Exception {
        int count = 60;
        for (int i = 0; i < count; i++) {
            segments.append(LOG, i, bytes(400_000, i));
        }
        for (int round = 0; round < 2; round++) {
            List<Entry> entries = all(LOG, Want.of(7, Integer.MAX_VALUE));
            assertThat(entries).hasSize(count);
            for (int i = 0; i < count; i++) {
                assertThat(entries.get(i).body()).isEqualTo(bytes(400_000, i));
            }
            List<Entry> backward = allBackward(LOG, Want.of(7, Integer.MAX_VALUE));
            assertThat(backward)
                    .extracting(Entry::position)
                    .isEqualTo(entries.reversed().stream().map(Entry::position).toList());
            assertThat(all(LOG, new Want(30, 32, 100, Integer.MAX_VALUE))).hasSize(2);
            Entry middle = entries.get(30);
            assertThat(segments.get(LOG, middle.position()).orElseThrow().body())
                    .isEqualTo(middle.body());
            Segments.Extent extent = segments.extent(LOG).orElseThrow();
            assertThat(extent.first()).isZero();
            assertThat(extent.bytes()).isEqualTo(extent.end()).isEqualTo(count * 400_020L);
            assertThat(extent.oldestMillis()).isZero();
            assertThat(extent.newestMillis()).isEqualTo(count - 1);
            closeAll();
            openAll();
        }
    }

    @Test
    void trimmingByPositionTimeAndSizeKeepsThePositions() throws Exception {
        for (int i = 0; i < 60; i++) {
            segments.append(LOG, i, bytes(400_000, i));
        }
        List<Entry> before = all(LOG, ALL);
        segments.trim(LOG, Retention.fromPosition(before.get(25).position()));
        List<Entry> after = all(LOG, ALL);
        assertThat(after.getFirst().position())
                .isPositive()
                .isLessThanOrEqualTo(before.get(25).position());
        assertThat(after.getLast().position()).isEqualTo(before.getLast().position());
        assertThat(segments.get(LOG, 0)).isEmpty();
        segments.trim(LOG, Retention.fromMillis(45));
        assertThat(all(LOG, ALL).getFirst().timestampMillis()).isBetween(20L, 45L);
        segments.trim(LOG, Retention.maxBytes(1));
        assertThat(all(LOG, ALL)).isNotEmpty().hasSizeLessThan(22);
        closeAll();
        openAll();
        assertThat(all(LOG, ALL).getLast().position())
                .isEqualTo(before.getLast().position());
    }

    @Test
    void aLogThatIsTrimmedEmptyGoesOnAtItsPosition() throws Exception {
        segments.append(LOG, 1, body("a"));
        long end = segments.extent(LOG).orElseThrow().end();
        segments.trim(LOG, Retention.fromPosition(end));
        for (int round = 0; round < 2; round++) {
            assertThat(all(LOG, ALL)).isEmpty();
            assertThat(allBackward(LOG, ALL)).isEmpty();
            Segments.Extent extent = segments.extent(LOG).orElseThrow();
            assertThat(extent.first()).isEqualTo(end);
            assertThat(extent.end()).isEqualTo(end);
            segments.trim(LOG, Retention.fromPosition(Long.MAX_VALUE));
            closeAll();
            openAll();
        }
        assertThat(segments.append(LOG, 2, body("b"))).isEqualTo(end);
        assertThat(texts(all(LOG, ALL))).containsExactly("b");
    }

    @Test
    void aDeletedLogIsGoneAndAnewOneBeginsAtZero() throws Exception {
        segments.append(LOG, 1, body("a"));
        segments.delete(LOG);
        assertThat(segments.extent(LOG)).isEmpty();
        assertThat(all(LOG, ALL)).isEmpty();
        assertThat(segments.append(LOG, 2, body("b"))).isZero();
        closeAll();
        openAll();
        assertThat(texts(all(LOG, ALL))).containsExactly("b");
        segments.delete("none");
        segments.trim("none", Retention.fromPosition(1));
        assertThat(segments.extent("none")).isEmpty();
    }

    @Test
    void logsAreRemovedByTheirNames() throws Exception {
        for (String each : List.of("1/a", "1/b", "2/a")) {
            segments.append(each, 1, body(each));
        }
        assertThat(segments.deleteIf(name -> name.startsWith("1/"))).isEqualTo(2);
        assertThat(segments.extent("1/a")).isEmpty();
        assertThat(texts(all("2/a", ALL))).containsExactly("2/a");
        assertThat(segments.deleteIf(name -> true)).isEqualTo(1);
        assertThat(segments.deleteIf(name -> true)).isZero();
    }

    @Test
    void anAppendOfSeveralKeepsThemTogetherAmongConcurrentOnes() throws Exception {
        Map<Integer, List<Long>> positions = new TreeMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<List<Long>>> tasks = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String text = "writer" + i;
                String log = "log" + i % 7;
                tasks.add(() ->
                        segments.append(log, List.of(new Item(1, body(text)), new Item(2, body(text + "again")))));
            }
            List<Future<List<Long>>> results = threads.invokeAll(tasks);
            for (int i = 0; i < 200; i++) {
                positions.put(i, results.get(i).get());
            }
        }
        for (int i = 0; i < 200; i++) {
            List<Long> own = positions.get(i);
            assertThat(own.get(1)).isEqualTo(own.get(0) + EntryFormat.size(body("writer" + i).length));
            assertThat(segments.get("log" + i % 7, own.get(1)).orElseThrow().body())
                    .isEqualTo(body("writer" + i + "again"));
        }
        int sum = 0;
        for (int i = 0; i < 7; i++) {
            sum += all("log" + i, ALL).size();
        }
        assertThat(sum).isEqualTo(400);
    }

    @Test
    void whatIsTooLargeOrNamelessIsRefused() throws Exception {
        assertThatThrownBy(() -> segments.append(LOG, 1, new byte[Segments.MAX_ENTRY_BYTES + 1]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> segments.append("", 1, new byte[1])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> segments.append("x".repeat(4097), 1, new byte[1]))
                .isInstanceOf(IllegalArgumentException.class);
        Item large = new Item(1, new byte[Segments.MAX_ENTRY_BYTES]);
        assertThatThrownBy(() -> segments.append(LOG, List.of(large, large, large, large)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(segments.append(LOG, List.of())).isEmpty();
        assertThat(segments.extent(LOG)).isEmpty();
        segments.append(LOG, List.of(large, large));
        segments.append(LOG, List.of(large, large));
        assertThat(all(LOG, ALL)).hasSize(4);
    }

    @Test
    void closedSegmentsSaySo() throws Exception {
        closeAll();
        assertThatThrownBy(() -> segments.append(LOG, 1, body("a"))).isInstanceOf(IllegalStateException.class);
        openAll();
    }
}
