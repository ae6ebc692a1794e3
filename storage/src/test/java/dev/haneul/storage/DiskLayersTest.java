package dev.haneul.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.storage.LayerException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskLayersTest {
    private static final Scope ALICE = new Scope("111111111111", "us-east-1");
    private static final String BOB = "222222222222";
    private static final Duration GRACE = Duration.ofHours(2);
    private static final long LIMIT = 1 << 20;

    @TempDir
    Path path;

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private DataFolder folder;
    private Store store;
    private DiskBlobs blobs;
    private DiskLayers layers;

    @BeforeEach
    void open() throws IOException {
        folder = DataFolder.open(path);
        store = SqliteStore.open(folder);
        blobs = DiskBlobs.open(folder, store);
        layers = new DiskLayers(store, blobs, clock, GRACE);
    }

    @AfterEach
    void close() {
        blobs.close();
        store.close();
        folder.close();
    }

    private static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static String digest(byte[] content) throws Exception {
        return "sha256:"
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }

    private static InputStream in(byte[] content, int from, int to) {
        return new ByteArrayInputStream(content, from, to - from);
    }

    private byte[] read(String digest) throws IOException {
        try (InputStream in = layers.open(digest)) {
            return in.readAllBytes();
        }
    }

    private Layer push(byte[] content) throws Exception {
        return layers.add(in(content, 0, content.length), LIMIT, digest(content), (tx, layer) -> {});
    }

    private long files() throws IOException {
        try (Stream<Path> all = Files.walk(path.resolve("blobs"))) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void anUploadGoesOnAfterARestartAndBecomesALayerInOneTransaction() throws Exception {
        byte[] content = bytes(300_000, 1);
        String id = layers.begin(ALICE, "repo").id();
        assertThat(layers.append(ALICE, id, 0, in(content, 0, 100_000), LIMIT).length())
                .isEqualTo(100_000);
        close();
        open();
        assertThat(layers.upload(ALICE, id).orElseThrow().length()).isEqualTo(100_000);
        layers.append(ALICE, id, 100_000, in(content, 100_000, 100_005), LIMIT);
        layers.append(ALICE, id, -1, in(content, 100_005, 300_000), LIMIT);
        assertThat(layers.find(digest(content))).isEmpty();
        Layer made = layers.finish(ALICE, id, digest(content), (tx, layer) -> layers.keep(tx, BOB, layer.digest()));
        assertThat(made).isEqualTo(new Layer(digest(content), 300_000));
        assertThat(layers.find(made.digest())).contains(made);
        assertThat(layers.upload(ALICE, id)).isEmpty();
        assertThat(read(made.digest())).isEqualTo(content);
        try (InputStream in = layers.open(made.digest(), 99_999, 10)) {
            assertThat(in.readAllBytes()).isEqualTo(java.util.Arrays.copyOfRange(content, 99_999, 100_009));
        }
    }

    @Test
    void partsOutOfOrderWrongDigestsAndTooManyBytesAreRefusedAndTheUploadStays() throws Exception {
        byte[] content = bytes(50_000, 2);
        String id = layers.begin(ALICE, "repo").id();
        assertRefused(Reason.EMPTY, () -> layers.finish(ALICE, id, digest(content), (tx, layer) -> {}));
        layers.append(ALICE, id, 0, in(content, 0, 20_000), LIMIT);
        assertRefused(Reason.OUT_OF_ORDER, () -> layers.append(ALICE, id, 0, in(content, 0, 10), LIMIT));
        assertRefused(Reason.OUT_OF_ORDER, () -> layers.append(ALICE, id, 20_001, in(content, 0, 10), LIMIT));
        assertRefused(Reason.TOO_LARGE, () -> layers.append(ALICE, id, 20_000, in(content, 20_000, 50_000), 40_000));
        assertRefused(Reason.WRONG_DIGEST, () -> layers.finish(ALICE, id, digest(content), (tx, layer) -> {}));
        assertRefused(Reason.NO_UPLOAD, () -> layers.append(new Scope(BOB, "us-east-1"), id, 0, in(content, 0, 1), 9));
        layers.append(ALICE, id, 20_000, in(content, 20_000, 50_000), LIMIT);
        layers.finish(ALICE, id, digest(content), (tx, layer) -> {});
        assertThat(read(digest(content))).isEqualTo(content);
    }

    private static void assertRefused(Reason reason, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LayerException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void aCutPartLeavesNothing() throws Exception {
        byte[] content = bytes(400_000, 3);
        String id = layers.begin(ALICE, "repo").id();
        InputStream cut = new SequenceInputStream(in(content, 0, 300_000), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("reset");
            }
        });
        assertThatThrownBy(() -> layers.append(ALICE, id, 0, cut, LIMIT)).hasMessage("reset");
        assertThat(layers.upload(ALICE, id).orElseThrow().length()).isZero();
        assertThat(files()).isZero();
        layers.append(ALICE, id, 0, in(content, 0, 400_000), LIMIT);
        layers.finish(ALICE, id, digest(content), (tx, layer) -> {});
        assertThat(read(digest(content))).isEqualTo(content);
    }

    @Test
    void whatEverybodyPushesIsKeptOnceAndGoesOnlyWhenNobodyUsesIt() throws Exception {
        byte[] content = bytes(100_000, 4);
        String digest = push(content).digest();
        push(content);
        blobs.sweep();
        assertThat(files()).isEqualTo(1);
        store.write(tx -> layers.keep(tx, ALICE.account(), digest));
        store.write(tx -> layers.keep(tx, BOB, digest));
        clock.advance(Duration.ofDays(30));
        assertThat(layers.sweep()).isZero();
        store.reset(ALICE.account());
        assertThat(layers.sweep()).isZero();
        store.write(tx -> layers.release(tx, BOB, digest));
        assertThat(layers.sweep()).isZero();
        clock.advance(GRACE.minusSeconds(1));
        assertThat(layers.sweep()).isZero();
        store.write(tx -> layers.keep(tx, BOB, digest));
        clock.advance(Duration.ofDays(1));
        assertThat(layers.sweep()).isZero();
        assertThat(read(digest)).isEqualTo(content);
        store.write(tx -> layers.release(tx, BOB, digest));
        layers.sweep();
        clock.advance(GRACE.plusSeconds(1));
        assertThat(layers.sweep()).isEqualTo(1);
        blobs.sweep();
        assertThat(layers.find(digest)).isEmpty();
        assertThat(files()).isZero();
    }

    @Test
    void damageIsFoundNotServedAndHealedByPushingAgain() throws Exception {
        byte[] content = bytes(600_000, 5);
        String digest = push(content).digest();
        store.write(tx -> layers.keep(tx, BOB, digest));
        Path file;
        try (Stream<Path> all = Files.walk(path.resolve("blobs"))) {
            file = all.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
        byte[] onDisk = Files.readAllBytes(file);
        onDisk[400_000] ^= 1;
        Files.write(file, onDisk);
        assertThatThrownBy(() -> read(digest)).isInstanceOf(BlobDamagedException.class);
        assertThat(layers.find(digest)).isEmpty();
        assertRefused(Reason.NO_LAYER, () -> layers.open(digest));
        push(content);
        assertThat(read(digest)).isEqualTo(content);
    }

    @Test
    void uploadsAtRestAreForgottenAndCancelledOnesGoAtOnce() throws Exception {
        byte[] content = bytes(100_000, 6);
        String resting = layers.begin(ALICE, "repo").id();
        layers.append(ALICE, resting, 0, in(content, 0, 100_000), LIMIT);
        clock.advance(Duration.ofHours(Layers.UPLOAD_HOURS).minusMinutes(1));
        layers.sweep();
        assertThat(layers.upload(ALICE, resting)).isPresent();
        clock.advance(Duration.ofMinutes(2));
        layers.sweep();
        assertThat(layers.upload(ALICE, resting)).isEmpty();
        String cancelled = layers.begin(ALICE, "repo").id();
        layers.append(ALICE, cancelled, 0, in(content, 0, 100_000), LIMIT);
        assertThat(layers.cancel(ALICE, cancelled)).isTrue();
        assertThat(layers.cancel(ALICE, cancelled)).isFalse();
        blobs.sweep();
        assertThat(files()).isZero();
    }
}
