package dev.haneul.engines.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks and their snapshots, as far as they are files. */
final class DiskStoreTest {
    private static final long SIZE = 16L << 20;

    @TempDir
    Path home;

    private DiskStore disks;

    @BeforeEach
    void open() {
        assumeTrue(Linux.available(), "needs Linux");
        disks = new DiskStore(home, Optional::of);
    }

    private static void write(DiskStore disks, String id, long at, byte[] bytes) throws IOException {
        try (var file = new RandomAccessFile(disks.data(id).toFile(), "rw")) {
            file.seek(at);
            file.write(bytes);
        }
    }

    private static byte[] random(long seed, int count) {
        var bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void bytesFromElsewhereBecomeASnapshot() throws Exception {
        byte[] bytes = new byte[3 << 20];
        bytes[5] = 7;
        bytes[bytes.length - 1] = 9;
        var kept = disks.importSnapshot("snap-import", new java.io.ByteArrayInputStream(bytes), 1L << 30);
        assertThat(kept.sizeBytes()).as("whole GiB").isEqualTo(1L << 30);
        assertThat(kept.dataBytes()).as("two chunks of 512 KiB").isEqualTo(1 << 20);
        disks.restore("vol-import", "snap-import", 1L << 30);
        try (var file = new java.io.RandomAccessFile(disks.data("vol-import").toFile(), "r")) {
            file.seek(5);
            assertThat(file.read()).isEqualTo(7);
            file.seek(bytes.length - 1);
            assertThat(file.read()).isEqualTo(9);
            assertThat(file.read()).isZero();
        }
        assertThatThrownBy(() -> disks.importSnapshot("snap-2", new java.io.ByteArrayInputStream(bytes), 1 << 20))
                .hasMessageContaining("longer");
        assertThat(disks.findSnapshot("snap-2")).isEmpty();
    }

    @Test
    void onlyChangedChunksAreStored() throws Exception {
        disks.create("vol-1", SIZE);
        write(disks, "vol-1", 0, random(1, 3 * Chunks.CHUNK_BYTES));
        var first = disks.snapshot("snap-1", "vol-1");
        write(disks, "vol-1", Chunks.CHUNK_BYTES + 5L, new byte[] {1, 2, 3});
        var second = disks.snapshot("snap-2", "vol-1");

        assertThat(first.storedBytes()).isEqualTo(3L * Chunks.CHUNK_BYTES);
        assertThat(second.storedBytes()).isEqualTo(Chunks.CHUNK_BYTES);
        assertThat(second.dataBytes()).isEqualTo(3L * Chunks.CHUNK_BYTES);

        disks.deleteSnapshot("snap-1");
        disks.restore("vol-2", "snap-2", 2 * SIZE);
        assertThat(disks.find("vol-2").orElseThrow().sizeBytes()).isEqualTo(2 * SIZE);
        assertThat(disks.find("vol-2").orElseThrow().allocatedBytes()).isLessThan(SIZE);
        try (var one = new RandomAccessFile(disks.data("vol-1").toFile(), "r");
                var two = new RandomAccessFile(disks.data("vol-2").toFile(), "r")) {
            var a = new byte[(int) SIZE];
            var b = new byte[(int) SIZE];
            one.readFully(a);
            two.readFully(b);
            assertThat(b).isEqualTo(a);
        }
        disks.deleteSnapshot("snap-2");
        try (var left = Files.walk(home.resolve("chunks"))) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void whatMakesNoSenseIsRefused() throws Exception {
        disks.create("vol-1", SIZE);
        disks.snapshot("snap-1", "vol-1");
        assertThatThrownBy(() -> disks.create("vol-1", SIZE)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> disks.create("../x", SIZE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> disks.create("vol-0", 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> disks.restore("vol-3", "snap-1", SIZE / 2))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> disks.restore("vol-3", "snap-9", SIZE)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> disks.grow("vol-1", SIZE / 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> disks.snapshot("snap-1", "vol-1")).isInstanceOf(FileAlreadyExistsException.class);
        disks.acquire("vol-1", new DiskStore.Use("i-1", "/dev/null", () -> {}));
        assertThatThrownBy(() -> disks.delete("vol-1")).hasMessageContaining("i-1");
        disks.release("vol-1");
        disks.delete("vol-1");
        assertThat(disks.list()).isEmpty();
        assertThat(disks.findSnapshot("snap-1")).isPresent();
    }

    @Property(tries = 40, seed = "2026")
    void aSnapshotRestoresWhateverWasWritten(@ForAll long seed, @ForAll @IntRange(max = 12) int writes)
            throws Exception {
        var folder = Files.createTempDirectory("disks");
        try {
            var store = new DiskStore(folder, Optional::of);
            store.create("vol", 4 * SIZE / 8 + 13);
            var random = new Random(seed);
            for (int i = 0; i < writes; i++) {
                int count = random.nextInt(700_000);
                write(
                        store,
                        "vol",
                        random.nextLong(4 * SIZE / 8 + 13 - count),
                        random.nextBoolean() ? new byte[count] : random(i, count));
            }
            store.snapshot("snap", "vol");
            store.restore("copy", "snap", 4 * SIZE / 8 + 13);
            assertThat(Files.mismatch(store.data("vol"), store.data("copy"))).isEqualTo(-1);
        } finally {
            dev.haneul.kernel.files.FileTrees.delete(folder);
        }
    }
}
