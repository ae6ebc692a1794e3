package dev.haneul.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.store.DataFolder;
import dev.haneul.storage.Segments.Chunk;
import dev.haneul.storage.Segments.Entry;
import dev.haneul.storage.Segments.Item;
import dev.haneul.storage.Segments.Retention;
import dev.haneul.storage.Segments.Want;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random work, restarts and crashes (a copy of the folder as it is at that moment) beside a list in memory. */
class SegmentsModelTest {
    private static final int STEPS = 60;

    @TempDir
    Path root;

    private final Map<String, List<Entry>> model = new HashMap<>();
    private Random random = new Random();
    private int generation;
    private DataFolder folder;
    private Segments segments;

    private void open() throws IOException {
        folder = DataFolder.open(root.resolve("" + generation));
        segments = DiskSegments.open(folder);
    }

    private void close() {
        segments.close();
        folder.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void everyLogHoldsWhatTheModelHolds(long seed) throws Exception {
        random = new Random(seed);
        open();
        for (int step = 0; step < STEPS; step++) {
            String log = "log" + random.nextInt(4);
            switch (random.nextInt(20)) {
                case 0 -> delete(log);
                case 1, 2 -> trim(log);
                case 3 -> restart();
                case 4 -> crash();
                default -> append(log);
            }
            check(log);
        }
        restart();
        for (int i = 0; i < 4; i++) {
            check("log" + i);
        }
        close();
    }

    private void append(String log) throws IOException {
        List<Item> items = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            byte[] body = new byte[random.nextInt(10) == 0 ? random.nextInt(2_500_000) : random.nextInt(50)];
            random.nextBytes(body);
            items.add(new Item(random.nextInt(1000), body));
        }
        List<Long> positions = segments.append(log, items);
        List<Entry> entries = model.computeIfAbsent(log, any -> new ArrayList<>());
        for (int i = 0; i < count; i++) {
            entries.add(new Entry(
                    positions.get(i),
                    items.get(i).timestampMillis(),
                    items.get(i).body()));
        }
    }

    /** Trimming removes whole segments: the model follows what is left, which must be at least what has to stay. */
    private void trim(String log) throws IOException {
        List<Entry> entries = model.getOrDefault(log, List.of());
        if (entries.isEmpty()) {
            return;
        }
        long position = entries.get(random.nextInt(entries.size())).position();
        segments.trim(log, Retention.fromPosition(position));
        long first = segments.extent(log).orElseThrow().first();
        assertThat(first).isLessThanOrEqualTo(position);
        entries.removeIf(entry -> entry.position() < first);
    }

    private void delete(String log) throws IOException {
        segments.delete(log);
        model.remove(log);
    }

    private void restart() throws IOException {
        close();
        open();
    }

    private void crash() throws IOException {
        Path from = root.resolve("" + generation);
        generation++;
        Path to = root.resolve("" + generation);
        try (Stream<Path> all = Files.walk(from.resolve("segments"))) {
            for (Path each : all.toList()) {
                Path target = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target);
                }
            }
        }
        close();
        open();
    }

    private void check(String log) throws IOException {
        List<Entry> expected = model.getOrDefault(log, List.of());
        List<Long> positions = expected.stream().map(Entry::position).toList();
        List<Entry> forward = new ArrayList<>();
        Want want = Want.of(1 + random.nextInt(100), 1 + random.nextInt(5_000_000));
        Chunk chunk = segments.forward(log, 0, want);
        forward.addAll(chunk.entries());
        while (!chunk.end()) {
            chunk = segments.forward(log, chunk.next(), want);
            forward.addAll(chunk.entries());
        }
        assertThat(forward).extracting(Entry::position).isEqualTo(positions);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(forward.get(i).body()).isEqualTo(expected.get(i).body());
        }
        long from = random.nextInt(1000);
        Want times = new Want(from, from + 300, 10_000, Integer.MAX_VALUE);
        List<Long> backward = new ArrayList<>();
        chunk = segments.backward(log, Long.MAX_VALUE, times);
        chunk.entries().forEach(entry -> backward.add(entry.position()));
        while (!chunk.end()) {
            chunk = segments.backward(log, chunk.next(), times);
            chunk.entries().forEach(entry -> backward.add(entry.position()));
        }
        assertThat(backward.reversed())
                .isEqualTo(expected.stream()
                        .filter(entry -> entry.timestampMillis() >= from && entry.timestampMillis() < from + 300)
                        .map(Entry::position)
                        .toList());
    }
}
