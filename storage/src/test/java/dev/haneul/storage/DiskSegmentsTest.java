package dev.haneul.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.kernel.store.DataFolder;
import dev.haneul.storage.Segments.Retention;
import dev.haneul.storage.Segments.Want;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSegmentsTest extends SegmentsContract {
    private static final Want ALL = Want.of(1000, Integer.MAX_VALUE);

    @TempDir
    Path path;

    private DataFolder folder;

    @Override
    protected void openAll() throws IOException {
        folder = DataFolder.open(path);
        segments = DiskSegments.open(folder);
    }

    @Override
    protected void closeAll() {
        segments.close();
        folder.close();
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(path.resolve("segments"))) {
            return all.filter(each -> each.toString().endsWith(suffix)).sorted().toList();
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Path target = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    copy(each, target);
                }
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            // A full journal goes when its files are on disk, which may be just now.
            assertThat(from.toString()).endsWith(".wal");
        }
    }

    @Test
    void whoIsInterruptedWritesAllTheSameAndStaysInterrupted() throws Exception {
        Map<String, Integer> written = new ConcurrentHashMap<>();
        AtomicInteger interrupts = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String log = "log" + i;
            threads.add(Thread.ofVirtual().start(() -> {
                for (int n = 0; n < 150; n++) {
                    try {
                        segments.append(log, n, body(log + "-" + n));
                        written.merge(log, 1, Integer::sum);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    interrupts.addAndGet(Thread.interrupted() ? 1 : 0);
                }
            }));
        }
        while (threads.stream().anyMatch(Thread::isAlive)) {
            threads.forEach(Thread::interrupt);
            Thread.onSpinWait(); // without a pause in which a large write could get through
        }
        assertThat(interrupts.get()).isPositive();
        closeAll();
        openAll();
        for (int i = 0; i < 4; i++) {
            String log = "log" + i;
            assertThat(written).containsEntry(log, 150);
            assertThat(texts(segments.forward(log, 0, ALL).entries()))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 150).mapToObj(n -> log + "-" + n).toList());
        }
    }

    @Test
    void theJournalAloneBringsBackWhatNeverReachedTheSegments(@TempDir Path copy) throws Exception {
        segments.append(LOG, 1, body("a"));
        segments.append("gone", 1, body("x"));
        segments.append(LOG, 2, body("b"));
        segments.delete("gone");
        segments.append("emptied", 1, body("x"));
        segments.trim("emptied", Retention.fromPosition(Long.MAX_VALUE));
        long position = segments.append("emptied", 1, body("y"));
        copyTree(
                path.resolve("segments").resolve("journal"),
                copy.resolve("segments").resolve("journal"));
        for (int round = 0; round < 2; round++) {
            try (DataFolder held = DataFolder.open(copy);
                    Segments recovered = DiskSegments.open(held)) {
                assertThat(texts(recovered.forward(LOG, 0, ALL).entries())).containsExactly("a", "b");
                assertThat(recovered.extent("gone")).isEmpty();
                assertThat(texts(recovered.forward("emptied", 0, ALL).entries()))
                        .containsExactly("y");
                assertThat(recovered.get("emptied", position)).isPresent();
            }
        }
    }

    @Test
    void aTornTailIsCutAndTheLogGoesOn() throws Exception {
        segments.append(LOG, 1, body("a"));
        Path segment = files(".seg").getFirst();
        byte[] sound = Files.readAllBytes(segment);
        closeAll();
        for (int torn = 1; torn < sound.length + 3; torn++) {
            byte[] tail = new byte[torn];
            System.arraycopy(sound, 0, tail, 0, Math.min(torn, sound.length));
            Files.write(segment, sound);
            Files.write(segment, tail, StandardOpenOption.APPEND);
            openAll();
            assertThat(texts(segments.forward(LOG, 0, ALL).entries())).containsExactly("a");
            assertThat(segments.extent(LOG).orElseThrow().end()).isEqualTo(sound.length);
            assertThat(Files.size(segment)).isEqualTo(sound.length);
            closeAll();
        }
        openAll();
        segments.append(LOG, 2, body("b"));
        assertThat(texts(segments.forward(LOG, 0, ALL).entries())).containsExactly("a", "b");
    }

    @Test
    void aTornJournalGivesBackWhatIsWhole(@TempDir Path copies) throws Exception {
        segments.append(LOG, 1, body("a"));
        segments.append(LOG, 2, body("b"));
        byte[] journal = Files.readAllBytes(files(".wal").getFirst());
        int record = (8 + 1 + 2 + LOG.getBytes(UTF_8).length + 16) + EntryFormat.size(1);
        for (int length : new int[] {0, 1, 7, 8, record - 1, record, record + 1, 2 * record - 1, 2 * record}) {
            Path copy = Files.createDirectories(copies.resolve("" + length));
            Path torn = Files.createDirectories(copy.resolve("segments").resolve("journal"));
            Files.write(torn.resolve("0000000000000001.wal"), Arrays.copyOf(journal, length));
            try (DataFolder held = DataFolder.open(copy);
                    Segments recovered = DiskSegments.open(held)) {
                List<String> expected = List.of("a", "b").subList(0, length / record);
                assertThat(texts(recovered.forward(LOG, 0, ALL).entries())).isEqualTo(expected);
            }
        }
    }

    @Test
    void aFlippedBitIsFoundAndNotServed() throws Exception {
        for (int i = 0; i < 5; i++) {
            segments.append(LOG, i, body("entry" + i));
        }
        long third = segments.forward(LOG, 0, ALL).entries().get(2).position();
        Path segment = files(".seg").getFirst();
        byte[] content = Files.readAllBytes(segment);
        content[(int) third + EntryFormat.HEAD_BYTES + 1] ^= 4;
        Files.write(segment, content);
        assertThatThrownBy(() -> segments.forward(LOG, 0, ALL)).isInstanceOf(SegmentDamagedException.class);
        assertThatThrownBy(() -> segments.backward(LOG, Long.MAX_VALUE, ALL))
                .isInstanceOf(SegmentDamagedException.class);
        assertThatThrownBy(() -> segments.get(LOG, third)).isInstanceOf(SegmentDamagedException.class);
        assertThat(texts(segments.forward(LOG, 0, Want.of(2, 1000)).entries())).containsExactly("entry0", "entry1");
    }

    @Test
    void aPositionBetweenEntriesMeansTheNextEntry() throws Exception {
        segments.append(LOG, 1, body("a"));
        long second = segments.append(LOG, 2, body("b"));
        segments.append(LOG, 3, body("c"));
        assertThat(texts(segments.forward(LOG, second - 3, ALL).entries())).containsExactly("b", "c");
        assertThat(texts(segments.backward(LOG, second + 3, ALL).entries())).containsExactly("b", "a");
    }

    @Test
    void aFullJournalGivesWayToAnewOneAndItsFilesAreEnough(@TempDir Path copy) throws Exception {
        for (int i = 0; i < 25; i++) {
            segments.append("log" + i % 3, i, bytes(3 << 20, i));
        }
        assertThat(files(".wal")).hasSizeBetween(1, 2);
        assertThat(Files.exists(path.resolve("segments/journal/0000000000000001.wal")))
                .isFalse();
        copyTree(path.resolve("segments"), copy.resolve("segments"));
        try (DataFolder held = DataFolder.open(copy);
                Segments recovered = DiskSegments.open(held)) {
            for (int i = 0; i < 25; i++) {
                List<Segments.Entry> entries =
                        recovered.forward("log" + i % 3, 0, ALL).entries();
                assertThat(entries).isNotEmpty();
            }
            assertThat(recovered.extent("log0").orElseThrow().newestMillis()).isEqualTo(24);
        }
        closeAll();
        assertThat(files(".wal")).isEmpty();
        openAll();
        assertThat(segments.extent("log1").orElseThrow().newestMillis()).isEqualTo(22);
    }

    @Test
    void aLogWhoseFolderBelongsToAnotherIsNotTakenForIt() throws Exception {
        segments.append(LOG, 1, body("a"));
        Path name = files("name").getFirst();
        closeAll();
        Files.writeString(name, "somebody else");
        openAll();
        assertThatThrownBy(() -> segments.forward(LOG, 0, ALL)).isInstanceOf(IOException.class);
    }
}
