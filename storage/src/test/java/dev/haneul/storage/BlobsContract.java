package dev.haneul.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.kernel.store.Store;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every home of blobs does. */
abstract class BlobsContract {
    static final String ALICE = "111111111111";
    static final String BOB = "222222222222";
    private static final int BLOCK = BlockSums.BLOCK_BYTES;

    protected Store store;
    protected Blobs blobs;

    /** Opens store and blobs on the same folder as before. */
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

    static byte[] bytes(int length, long seed) {
        byte[] content = new byte[length];
        new Random(seed).nextBytes(content);
        return content;
    }

    BlobRef keep(String account, byte[] content) throws IOException {
        try (Draft draft = blobs.draft()) {
            draft.write(content, 0, content.length);
            BlobRef ref = draft.seal();
            store.write(tx -> blobs.keep(tx, account, ref));
            return ref;
        }
    }

    byte[] read(BlobRef ref) throws IOException {
        try (InputStream in = blobs.open(ref)) {
            return in.readAllBytes();
        }
    }

    byte[] read(BlobRef ref, long offset, long length) throws IOException {
        try (InputStream in = blobs.open(ref, offset, length)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2048, 16383, 16384, 16385, 262143, 262144, 262145, 1_000_000})
    void aKeptContentIsReadBackAlsoAfterReopening(int length) throws Exception {
        byte[] content = bytes(length, length);
        BlobRef ref = keep(ALICE, content);
        assertThat(ref.length()).isEqualTo(length);
        assertThat(read(ref)).isEqualTo(content);
        closeAll();
        openAll();
        assertThat(read(ref)).isEqualTo(content);
        assertThat(blobs.sweep()).isZero();
        assertThat(read(ref)).isEqualTo(content);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 1000, 700_000})
    void anyRangeIsReadByReadAndByTransferAndByByte(int length) throws Exception {
        byte[] content = bytes(length, length);
        BlobRef ref = keep(ALICE, content);
        Random random = new Random(3);
        List<long[]> ranges =
                new ArrayList<>(List.of(new long[] {0, 0}, new long[] {length, 0}, new long[] {0, length}));
        if (length > BLOCK) {
            ranges.add(new long[] {BLOCK - 1, 2});
            ranges.add(new long[] {BLOCK, BLOCK});
        }
        for (int i = 0; i < 20; i++) {
            int offset = random.nextInt(length);
            ranges.add(new long[] {offset, random.nextInt(length - offset + 1)});
        }
        for (long[] range : ranges) {
            byte[] expected = Arrays.copyOfRange(content, (int) range[0], (int) (range[0] + range[1]));
            assertThat(read(ref, range[0], range[1])).isEqualTo(expected);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (InputStream in = blobs.open(ref, range[0], range[1])) {
                int first = in.read();
                assertThat(first).isEqualTo(expected.length == 0 ? -1 : expected[0] & 0xff);
                out.write(first);
                assertThat(in.transferTo(out)).isEqualTo(Math.max(0, expected.length - 1));
            }
            if (expected.length > 0) {
                assertThat(out.toByteArray()).isEqualTo(expected);
            }
        }
        assertThatThrownBy(() -> blobs.open(ref, 1, length)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> blobs.open(ref, -1, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 600_000})
    void digestsAreWorkedOutHoweverTheBytesCome(int length) throws Exception {
        byte[] content = bytes(length, length);
        try (Draft draft = blobs.draft(EnumSet.allOf(ChecksumAlgorithm.class))) {
            int third = length / 3;
            draft.write(content, 0, third);
            assertThat(draft.transferFrom(new ByteArrayInputStream(content, third, third)))
                    .isEqualTo(third);
            draft.stream().write(content, 2 * third, length - 2 * third);
            assertThat(draft.length()).isEqualTo(length);
            assertThatThrownBy(() -> draft.digest(ChecksumAlgorithm.MD5)).isInstanceOf(IllegalStateException.class);
            draft.seal();
            for (ChecksumAlgorithm each : ChecksumAlgorithm.values()) {
                assertThat(draft.digest(each)).isEqualTo(each.of(content));
            }
            assertThatThrownBy(() -> draft.write(content, 0, 0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(draft::seal).isInstanceOf(IllegalStateException.class);
        }
        try (Draft draft = blobs.draft(Set.of(ChecksumAlgorithm.MD5))) {
            draft.seal();
            assertThatThrownBy(() -> draft.digest(ChecksumAlgorithm.SHA1)).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 100_000})
    void whatNobodyKeepsIsGoneWithItsDraft(int length) throws Exception {
        BlobRef unkept;
        BlobRef rolledBack;
        try (Draft draft = blobs.draft()) {
            draft.write(bytes(length, 1), 0, length);
            unkept = draft.seal();
        }
        try (Draft draft = blobs.draft()) {
            draft.write(bytes(length, 1), 0, length);
            rolledBack = draft.seal();
            assertThatThrownBy(() -> store.write(tx -> {
                        blobs.keep(tx, ALICE, rolledBack);
                        throw new IllegalStateException("no");
                    }))
                    .isInstanceOf(IllegalStateException.class);
        }
        try (Draft draft = blobs.draft()) {
            draft.write(bytes(length, 1), 0, length);
        }
        assertThatThrownBy(() -> read(unkept)).isInstanceOf(BlobMissingException.class);
        assertThatThrownBy(() -> read(rolledBack)).isInstanceOf(BlobMissingException.class);
        assertThatThrownBy(() -> store.write(tx -> blobs.keep(tx, ALICE, unkept)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(blobs.sweep()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 100_000})
    void aContentGoesWithItsLastReference(int length) throws Exception {
        byte[] content = bytes(length, 1);
        BlobRef ref = keep(ALICE, content);
        store.write(tx -> {
            blobs.keep(tx, ALICE, ref);
            blobs.keep(tx, BOB, ref);
        });
        store.write(tx -> blobs.release(tx, ALICE, ref));
        store.write(tx -> blobs.release(tx, ALICE, ref));
        assertThat(blobs.sweep()).isZero();
        assertThat(read(ref)).isEqualTo(content);
        assertThatThrownBy(() -> store.write(tx -> blobs.release(tx, ALICE, ref)))
                .isInstanceOf(IllegalArgumentException.class);
        store.write(tx -> blobs.release(tx, BOB, ref));
        blobs.sweep();
        assertThatThrownBy(() -> read(ref)).isInstanceOf(BlobMissingException.class);
    }

    @Test
    void joinedPartsReadAsOneAndGoAsOne() throws Exception {
        byte[] one = bytes(300_000, 1);
        byte[] two = bytes(10, 2);
        byte[] three = bytes(500_000, 3);
        List<BlobRef> refs = List.of(keep(ALICE, one), keep(ALICE, two), keep(ALICE, three), keep(ALICE, new byte[0]));
        BlobRef joined = store.transact(
                tx -> blobs.join(tx, ALICE, refs.stream().map(Blobs.Slice::all).toList()));
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(one);
        whole.writeBytes(two);
        whole.writeBytes(three);
        assertThat(joined.length()).isEqualTo(whole.size());
        assertThat(read(joined)).isEqualTo(whole.toByteArray());
        assertThat(read(joined, 299_999, 12)).isEqualTo(Arrays.copyOfRange(whole.toByteArray(), 299_999, 300_011));
        closeAll();
        openAll();
        assertThat(blobs.sweep()).isZero();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (InputStream in = blobs.open(joined)) {
            in.transferTo(out);
        }
        assertThat(out.toByteArray()).isEqualTo(whole.toByteArray());
        store.write(tx -> blobs.release(tx, ALICE, joined));
        blobs.sweep();
        assertThatThrownBy(() -> read(joined)).isInstanceOf(BlobMissingException.class);
        for (BlobRef part : refs) {
            assertThatThrownBy(() -> read(part)).isInstanceOf(BlobMissingException.class);
        }
    }

    @Test
    void joinsOfSlicesOfJoinsShareTheirPieces() throws Exception {
        byte[] one = bytes(300_000, 1);
        byte[] two = bytes(300_000, 2);
        BlobRef first = keep(ALICE, one);
        BlobRef second = keep(ALICE, two);
        BlobRef inner =
                store.transact(tx -> blobs.join(tx, ALICE, List.of(Blobs.Slice.all(first), Blobs.Slice.all(second))));
        BlobRef outer = store.transact(tx -> {
            blobs.keep(tx, ALICE, inner);
            blobs.keep(tx, ALICE, inner);
            return blobs.join(
                    tx, ALICE, List.of(new Blobs.Slice(inner, 299_990, 20), new Blobs.Slice(inner, 599_999, 1)));
        });
        byte[] expected = new byte[21];
        System.arraycopy(one, 299_990, expected, 0, 10);
        System.arraycopy(two, 0, expected, 10, 10);
        expected[20] = two[299_999];
        assertThat(read(outer)).isEqualTo(expected);
        store.write(tx -> blobs.keep(tx, BOB, outer));
        store.write(tx -> blobs.release(tx, ALICE, inner));
        store.write(tx -> blobs.release(tx, ALICE, outer));
        assertThat(blobs.sweep()).isZero();
        assertThat(read(outer)).isEqualTo(expected);
        assertThatThrownBy(() -> read(inner)).isInstanceOf(BlobMissingException.class);
        store.write(tx -> blobs.release(tx, BOB, outer));
        assertThat(blobs.sweep()).isEqualTo(2);
    }

    @Test
    void partsThatTheAccountHasNotKeptCannotBeJoined() throws Exception {
        BlobRef part = keep(BOB, "x".getBytes(UTF_8));
        assertThatThrownBy(() -> store.write(tx -> blobs.join(tx, ALICE, List.of(Blobs.Slice.all(part)))))
                .isInstanceOf(IllegalArgumentException.class);
        BlobRef same = store.transact(tx -> blobs.join(tx, BOB, List.of(Blobs.Slice.all(part))));
        assertThat(same).isEqualTo(part);
    }

    @Test
    void aReaderReadsOnWhenTheContentIsReleased() throws Exception {
        byte[] content = bytes(600_000, 5);
        BlobRef ref = keep(ALICE, content);
        try (InputStream in = blobs.open(ref)) {
            byte[] head = in.readNBytes(10);
            store.write(tx -> blobs.release(tx, ALICE, ref));
            assertThat(blobs.sweep()).isEqualTo(1);
            assertThat(in.readAllBytes()).hasSize(content.length - head.length);
        }
    }

    @Test
    void resettingAnAccountLeavesOnlyFilesThatSweepingRemoves() throws Exception {
        BlobRef alices = keep(ALICE, bytes(100_000, 1));
        BlobRef bobs = keep(BOB, bytes(100_000, 2));
        store.reset(ALICE);
        assertThat(blobs.sweep()).isEqualTo(1);
        assertThatThrownBy(() -> read(alices)).isInstanceOf(BlobMissingException.class);
        assertThat(read(bobs)).hasSize(100_000);
    }

    private BlobRef keepSealed(byte[] content, BlobKey key) throws IOException {
        try (Draft draft = blobs.draft(Set.of(ChecksumAlgorithm.MD5), key)) {
            draft.transferFrom(new ByteArrayInputStream(content));
            BlobRef ref = draft.seal();
            assertThat(draft.digest(ChecksumAlgorithm.MD5)).isEqualTo(ChecksumAlgorithm.MD5.of(content));
            store.write(tx -> blobs.keep(tx, ALICE, ref));
            return ref;
        }
    }

    private byte[] read(BlobRef ref, long offset, long length, BlobKey key) throws IOException {
        try (InputStream in = blobs.open(ref, offset, length, key)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16384, 16385, 262143, 262144, 262145, 1_000_000})
    void anEncryptedContentIsReadWithItsKeyAlone(int length) throws Exception {
        BlobKey key = BlobKey.of(bytes(BlobKey.BYTES, 1));
        byte[] content = bytes(length, length);
        BlobRef ref = keepSealed(content, key);
        assertThat(ref.length()).isEqualTo(length);
        closeAll();
        openAll();
        assertThat(read(ref, 0, length, key)).isEqualTo(content);
        int from = length / 3;
        int to = length - length / 5;
        assertThat(read(ref, from, to - from, key)).isEqualTo(Arrays.copyOfRange(content, from, to));
        assertThatThrownBy(() -> read(ref)).isInstanceOf(IllegalArgumentException.class);
        if (length > 0) {
            BlobKey other = BlobKey.of(bytes(BlobKey.BYTES, 2));
            assertThatThrownBy(() -> read(ref, 0, length, other)).isInstanceOf(BlobDamagedException.class);
        }
    }

    @Test
    void encryptedContentsOfOneKeyAreJoinedAndCut() throws Exception {
        BlobKey key = BlobKey.of(bytes(BlobKey.BYTES, 1));
        byte[] first = bytes(300_000, 1);
        byte[] second = bytes(900, 2);
        BlobRef one = keepSealed(first, key);
        BlobRef two = keepSealed(second, key);
        BlobRef joined = store.transact(
                tx -> blobs.join(tx, ALICE, List.of(new Blobs.Slice(one, 1000, 299_000), Blobs.Slice.all(two))));
        byte[] whole = new byte[299_900];
        System.arraycopy(first, 1000, whole, 0, 299_000);
        System.arraycopy(second, 0, whole, 299_000, 900);
        assertThat(read(joined, 0, whole.length, key)).isEqualTo(whole);
        assertThat(read(joined, 298_990, 20, key)).isEqualTo(Arrays.copyOfRange(whole, 298_990, 299_010));
    }
}
