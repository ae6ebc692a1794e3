package dev.haneul.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskBlobsTest extends BlobsContract {
    @TempDir
    Path path;

    private DataFolder folder;

    @Override
    protected void openAll() throws IOException {
        folder = DataFolder.open(path);
        store = SqliteStore.open(folder);
        blobs = DiskBlobs.open(folder, store);
    }

    @Override
    protected void closeAll() {
        blobs.close();
        store.close();
        folder.close();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(path.resolve("blobs"))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private void flip(Path file, long at) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[(int) at] ^= 0x10;
        Files.write(file, content);
    }

    @Test
    void aFlippedBitIsFoundBeforeItsBlockIsServed() throws Exception {
        byte[] content = bytes(1_000_000, 1);
        BlobRef ref = keep(ALICE, content);
        flip(files().getFirst(), 600_000);
        assertThatThrownBy(() -> read(ref)).isInstanceOf(BlobDamagedException.class);
        assertThatThrownBy(() -> read(ref, 599_000, 10)).isInstanceOf(BlobDamagedException.class);
        assertThat(read(ref, 0, 500_000)).hasSize(500_000);
        try (InputStream in = blobs.open(ref)) {
            assertThat(in.readNBytes(2 * BlockSums.BLOCK_BYTES)).startsWith(content[0], content[1]);
            assertThatThrownBy(in::read).isInstanceOf(BlobDamagedException.class);
            assertThatThrownBy(in::read).isInstanceOf(BlobDamagedException.class);
        }
    }

    @Test
    void whoStopsInTheMiddleOrIsInterruptedLeavesNothingOpenAndOthersReadOn() throws Exception {
        byte[] content = bytes(6 * BlockSums.BLOCK_BYTES, 3);
        BlobRef ref = keep(ALICE, content);
        for (int i = 0; i < 20; i++) {
            InputStream in = blobs.open(ref);
            assertThat(in.readNBytes(1000)).hasSize(1000);
            if (i % 2 == 1) {
                Thread.currentThread().interrupt();
                in.close();
                assertThat(Thread.interrupted()).isTrue();
            }
            in.close();
            in.close();
            assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
            assertThat(read(ref)).isEqualTo(content);
        }
    }

    @Test
    void aDamagedTrailerACutFileAndAnotherFileInItsPlaceAreFound() throws Exception {
        BlobRef ref = keep(ALICE, bytes(100_000, 1));
        Path file = files().getFirst();
        byte[] whole = Files.readAllBytes(file);
        for (int at = 100_000; at < whole.length; at++) {
            flip(file, at);
            assertThatThrownBy(() -> blobs.open(ref)).isInstanceOf(BlobDamagedException.class);
            Files.write(file, whole);
        }
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 1));
        assertThatThrownBy(() -> blobs.open(ref)).isInstanceOf(BlobDamagedException.class);
        BlobRef other = keep(ALICE, bytes(100_000, 2));
        Path otherFile =
                files().stream().filter(each -> !each.equals(file)).findFirst().orElseThrow();
        Files.copy(otherFile, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> blobs.open(ref)).isInstanceOf(BlobDamagedException.class);
        assertThat(read(other)).hasSize(100_000);
        Files.delete(file);
        assertThatThrownBy(() -> blobs.open(ref)).isInstanceOf(BlobMissingException.class);
    }

    @Test
    void whatACrashLeftBehindGoes() throws Exception {
        BlobRef kept = keep(ALICE, bytes(100_000, 1));
        Path stranger = files().getFirst();
        String name = stranger.getFileName().toString();
        String orphan = name.substring(0, 10) + "0000000000000000";
        Files.copy(stranger, path.resolve("blobs").resolve("0").resolve(orphan));
        Files.writeString(path.resolve("blobs").resolve("drafts").resolve("d123"), "half");
        closeAll();
        openAll();
        assertThat(path.resolve("blobs").resolve("drafts")).isEmptyDirectory();
        assertThat(blobs.sweep()).isEqualTo(1);
        assertThat(files()).hasSize(1);
        assertThat(read(kept)).hasSize(100_000);
    }

    @Test
    void sweepingSparesWhatIsSealedAndNotYetKept() throws Exception {
        try (Draft draft = blobs.draft()) {
            draft.write(bytes(100_000, 1), 0, 100_000);
            BlobRef ref = draft.seal();
            assertThat(blobs.sweep()).isZero();
            store.write(tx -> blobs.keep(tx, ALICE, ref));
            assertThat(blobs.sweep()).isZero();
            assertThat(read(ref)).hasSize(100_000);
        }
        assertThat(files()).hasSize(1);
    }

    @Test
    void theReaperRemovesReleasedFilesAlsoThoseReleasedWhileItWasAway() throws Exception {
        VirtualClock clock = new VirtualClock(Instant.EPOCH);
        BlobRef first = keep(ALICE, bytes(100_000, 1));
        BlobRef second = keep(ALICE, bytes(100_000, 2));
        try (ReconcileDriver driver = new ReconcileDriver(store.feed(), clock, new SplittableRandom(1))) {
            ((DiskBlobs) blobs).reapWith(driver);
            store.write(tx -> blobs.release(tx, ALICE, first));
            assertThat(files()).hasSize(2);
            driver.start();
            store.write(tx -> blobs.keep(tx, BOB, second));
            store.write(tx -> blobs.release(tx, ALICE, second));
            assertThat(driver.awaitIdle(Duration.ofSeconds(30))).isTrue();
            assertThat(files()).hasSize(1);
            store.write(tx -> blobs.release(tx, BOB, second));
            assertThat(driver.awaitIdle(Duration.ofSeconds(30))).isTrue();
            assertThat(files()).isEmpty();
        }
    }

    @Test
    void whatIsReleasedBeforeItsDraftIsClosedGoesWhenItIs() throws Exception {
        try (Draft draft = blobs.draft()) {
            draft.write(bytes(100_000, 1), 0, 100_000);
            BlobRef ref = draft.seal();
            store.write(tx -> blobs.keep(tx, ALICE, ref));
            draft.kept();
            store.write(tx -> blobs.release(tx, ALICE, ref));
            assertThat(blobs.sweep()).isZero();
            assertThat(files()).hasSize(1);
        }
        assertThat(files()).isEmpty();
        try (Draft draft = blobs.draft()) {
            draft.write(bytes(100_000, 2), 0, 100_000);
            BlobRef ref = draft.seal();
            store.write(tx -> blobs.keep(tx, ALICE, ref));
            draft.kept();
            assertThat(blobs.sweep()).isZero();
        }
        assertThat(files()).hasSize(1);
    }

    @Test
    void nothingIsLeftOfADraftThatIsGivenUp() throws Exception {
        try (Draft draft = blobs.draft()) {
            draft.write(bytes(900_000, 1), 0, 900_000);
            assertThat(files()).hasSize(1);
        }
        assertThat(files()).isEmpty();
        assertThatThrownBy(() -> blobs.open(new BlobRef("nonsense", 1, 1))).isInstanceOf(BlobMissingException.class);
    }

    @Test
    void whoReadsAJoinedContentReadsOnWhenItIsReleasedAndItsFilesGoThen() throws Exception {
        byte[] first = bytes(500_000, 1);
        byte[] second = bytes(600_000, 2);
        byte[] small = bytes(100, 3);
        List<BlobRef> refs = List.of(keep(ALICE, first), keep(ALICE, second), keep(ALICE, small));
        BlobRef joined = store.transact(
                tx -> blobs.join(tx, ALICE, refs.stream().map(Blobs.Slice::all).toList()));
        try (InputStream one = blobs.open(joined);
                InputStream two = blobs.open(joined, 499_990, 20)) {
            byte[] head = one.readNBytes(7);
            store.write(tx -> blobs.release(tx, ALICE, joined));
            assertThat(blobs.sweep()).isZero();
            assertThatThrownBy(() -> blobs.open(joined)).isInstanceOf(BlobMissingException.class);
            assertThat(head).isEqualTo(Arrays.copyOf(first, 7));
            assertThat(one.readNBytes(499_993)).isEqualTo(Arrays.copyOfRange(first, 7, 500_000));
            assertThat(one.readNBytes(600_000)).isEqualTo(second);
            assertThat(one.readAllBytes()).isEqualTo(small);
            one.close();
            assertThat(files()).hasSize(2);
            assertThat(two.readAllBytes()).hasSize(20);
        }
        assertThat(files()).isEmpty();
    }
}
