package dev.haneul.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.store.StoreFullException;
import dev.haneul.kernel.store.Table;
import dev.haneul.storage.Segments.Want;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that really fills up: a small file system in a mount namespace of a process of its own. */
class FullDiskTest {
    private static final Table<Note> NOTES = Table.of("test.note", RecordCodecs.of(Note.class));
    private static final String ACCOUNT = "111111111111";
    private static final String LOG = "log";

    record Note(String text) {}

    @Test
    void aFullDiskIsToldAndLeavesNothingHalfMadeAndAllGoesOnWhenThereIsRoom(@TempDir Path path) throws Exception {
        assumeTrue(canMount(), "no mount namespaces here");
        List<String> command = List.of(
                "unshare",
                "-rm",
                "sh",
                "-c",
                "mount -t tmpfs -o size=20m none \"$1\" && shift && exec \"$@\"",
                "sh",
                path.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                OnSmallDisk.class.getName(),
                path.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String told = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(told).isZero();
    }

    private static boolean canMount() throws IOException, InterruptedException {
        try {
            Process probe = new ProcessBuilder("unshare", "-rm", "sh", "-c", "mount -t tmpfs none /tmp").start();
            return probe.waitFor(20, TimeUnit.SECONDS) && probe.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** What happens on the small disk; ends with 0 where all of it is as it should be. */
    static final class OnSmallDisk {
        private OnSmallDisk() {}

        public static void main(String[] arguments) throws Exception {
            Path root = Path.of(arguments[0]);
            try (DataFolder folder = DataFolder.open(root.resolve("data"));
                    SqliteStore store = SqliteStore.open(folder);
                    DiskBlobs blobs = DiskBlobs.open(folder, store);
                    Segments segments = DiskSegments.open(folder)) {
                store.open(List.of(NOTES), List.of());
                store.write(tx -> tx.put(NOTES, Key.global("before"), new Note("before")));
                segments.append(LOG, 1, "before".getBytes(UTF_8));
                BlobRef kept = keep(store, blobs, 100_000);
                Path filler = root.resolve("filler");
                fill(filler);

                assertThatThrownBy(() -> keep(store, blobs, 1_000_000)).isInstanceOf(DiskFullException.class);
                assertThat(files(root.resolve("data/blobs"))).hasSize(1);
                assertThatThrownBy(() -> append(segments)).isInstanceOf(DiskFullException.class);
                assertThatThrownBy(() -> segments.append("new log", 1, new byte[100_000]))
                        .isInstanceOf(DiskFullException.class);
                assertThat(segments.extent("new log")).isEmpty();
                assertThatThrownBy(() -> write(store)).isInstanceOf(StoreFullException.class);
                check(store, blobs, segments, kept);

                Files.delete(filler);
                BlobRef later = keep(store, blobs, 1_000_000);
                segments.append(LOG, 2, "after".getBytes(UTF_8));
                store.write(tx -> tx.put(NOTES, Key.global("after"), new Note("after")));
                assertThat(blobs.sweep()).isZero();
                check(store, blobs, segments, kept);
                try (InputStream in = blobs.open(later)) {
                    assertThat(in.readAllBytes()).hasSize(1_000_000);
                }
            }
            reopen(root);
        }

        private static void fill(Path filler) throws IOException {
            byte[] block = new byte[4096];
            try (var out = Files.newOutputStream(filler)) {
                while (true) {
                    out.write(block);
                }
            } catch (IOException full) {
                assertThat(Files.size(filler)).isPositive();
            }
        }

        /** The journal has room for a while; every entry that is acknowledged must be there. */
        private static void append(Segments segments) throws IOException {
            int acknowledged = 0;
            try {
                while (true) {
                    segments.append("many", acknowledged, new byte[10_000]);
                    acknowledged++;
                }
            } finally {
                int found = 0;
                long from = 0;
                for (boolean end = acknowledged == 0; !end; ) {
                    Segments.Chunk chunk = segments.forward("many", from, Want.of(1000, 1 << 20));
                    found += chunk.entries().size();
                    from = chunk.next();
                    end = chunk.end();
                }
                assertThat(found).isEqualTo(acknowledged);
            }
        }

        private static void write(SqliteStore store) {
            for (int i = 0; ; i++) {
                Key key = Key.global("n" + i);
                store.write(tx -> tx.put(NOTES, key, new Note("x".repeat(50_000))));
            }
        }

        private static BlobRef keep(SqliteStore store, Blobs blobs, int length) throws IOException {
            try (Draft draft = blobs.draft()) {
                draft.write(new byte[length], 0, length);
                BlobRef ref = draft.seal();
                store.write(tx -> blobs.keep(tx, ACCOUNT, ref));
                return ref;
            }
        }

        private static void check(SqliteStore store, Blobs blobs, Segments segments, BlobRef kept) throws IOException {
            assertThat(store.<String>read(tx -> tx.get(NOTES, Key.global("before"))
                            .orElseThrow()
                            .value()
                            .text()))
                    .isEqualTo("before");
            assertThat(segments.forward(LOG, 0, Want.of(1, 100))
                            .entries()
                            .getFirst()
                            .body())
                    .isEqualTo("before".getBytes(UTF_8));
            try (InputStream in = blobs.open(kept)) {
                assertThat(in.readAllBytes()).hasSize(100_000);
            }
        }

        private static void reopen(Path root) throws IOException {
            try (DataFolder folder = DataFolder.open(root.resolve("data"));
                    SqliteStore store = SqliteStore.open(folder);
                    Segments segments = DiskSegments.open(folder)) {
                store.open(List.of(NOTES), List.of());
                assertThat(store.<Boolean>read(
                                tx -> tx.get(NOTES, Key.global("after")).isPresent()))
                        .isTrue();
                assertThat(segments.forward(LOG, 0, Want.of(10, 100)).entries()).hasSize(2);
            }
        }

        private static List<Path> files(Path folder) throws IOException {
            try (Stream<Path> all = Files.walk(folder)) {
                return new ArrayList<>(all.filter(Files::isRegularFile).toList());
            }
        }
    }
}
