package dev.haneul.storage;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.Topic;
import dev.haneul.kernel.store.WriteTx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Blobs on disk: small contents in the store's own rows, large ones in a file each, joined ones as lists of pieces.
 *
 * <p>A file is written in {@code drafts}, brought to disk, and renamed into one of 32 folders by the end of its random
 * id; a row of the store then makes it a content. Whatever file has no row is nobody's and may go.
 */
public final class DiskBlobs implements Blobs {
    /** Up to here a content lives in the store: measured, that saves two of three waits for the disk. */
    static final int INLINE_BYTES = 16 << 10;

    /** Of so many contents the rows are remembered, and with them those of them that are small: up to 2 MiB. */
    private static final int REMEMBERED = 128;

    private static final Table<BlobRow> ROWS = Table.of(
                    "storage.blob", BlobRow.CODEC, new Table.Index<>("id", row -> List.of(row.id())))
            .ofLargeRecords()
            .inMemory(REMEMBERED);
    private static final Topic<Garbage> GARBAGE = new Topic<>("storage.garbage", RecordCodecs.of(Garbage.class));
    private static final String ID = "id";
    private static final int SWEEP_BATCH = 200;
    private static final System.Logger LOG = System.getLogger(DiskBlobs.class.getName());

    private final Store store;
    private final Disk disk;
    private final Path folder;
    private final Readers readers = new Readers();
    /** Readers and writers have their own: what a reader did wrong would be found by a checksum. */
    private final BlockBuffers reading = new BlockBuffers();

    private final BlockBuffers writing = new BlockBuffers();
    private final Path drafts;
    /** Sealed contents whose draft is still open: kept, about to be, or not at all. */
    private final Map<String, BlobRow> pending = new ConcurrentHashMap<>();
    /** Those of them that somebody wanted to remove meanwhile. */
    private final Set<String> doubted = ConcurrentHashMap.newKeySet();

    /** The fact that an account has released a file for the last time. */
    record Garbage(String id) {}

    private DiskBlobs(Path folder, Store store, Disk disk) throws IOException {
        this.folder = folder;
        this.store = store;
        this.disk = disk;
        this.drafts = Files.createDirectories(folder.resolve("drafts"));
        for (String fan : BlobIds.fans()) {
            Files.createDirectories(folder.resolve(fan));
        }
        disk.syncFolder(folder);
    }

    /** Opens the blobs of a data folder; removes the drafts that a crash has left. */
    public static DiskBlobs open(DataFolder data, Store store) throws IOException {
        store.open(List.of(ROWS), List.of(GARBAGE));
        DiskBlobs blobs = new DiskBlobs(data.folder("blobs"), store, new Disk(!data.isEphemeral()));
        try (DirectoryStream<Path> left = Files.newDirectoryStream(blobs.drafts)) {
            for (Path each : left) {
                Files.deleteIfExists(each);
            }
        }
        return blobs;
    }

    /**
     * Has the driver remove the files of released contents, and once after its start those that an earlier run left
     * behind. Without it they stay until the next {@link #sweep}.
     */
    public void reapWith(Driver driver) {
        driver.follow("storage.reaper", Set.of(GARBAGE.name()), this::reap);
        driver.add(new Sweeper(this), 1).wake("start");
    }

    @Override
    public Draft draft(Set<ChecksumAlgorithm> digests) {
        return new DiskDraft(this, digests, null);
    }

    @Override
    public Draft draft(Set<ChecksumAlgorithm> digests, BlobKey key) {
        return new DiskDraft(this, digests, key);
    }

    @Override
    public void keep(WriteTx tx, String account, BlobRef ref) {
        keep(tx, account, ref.id());
    }

    private void keep(WriteTx tx, String account, String id) {
        Optional<Row<BlobRow>> own = tx.get(ROWS, key(account, id));
        if (own.isPresent()) {
            BlobRow row = own.get().value();
            tx.put(ROWS, key(account, id), row.withCount(row.count() + 1));
            return;
        }
        BlobRow row = pending.get(id);
        if (row == null) {
            row = anybodys(tx, id)
                    .orElseThrow(() -> new IllegalArgumentException("there is no content " + id))
                    .withCount(1);
            if (row instanceof BlobRow.Joined joined) {
                joined.pieces().forEach(piece -> keep(tx, account, piece.blob().id()));
            }
        }
        tx.put(ROWS, key(account, id), row);
    }

    @Override
    public void release(WriteTx tx, String account, BlobRef ref) {
        release(tx, account, ref.id());
    }

    private void release(WriteTx tx, String account, String id) {
        BlobRow row = kept(tx, account, id);
        if (row.count() > 1) {
            tx.put(ROWS, key(account, id), row.withCount(row.count() - 1));
            return;
        }
        tx.delete(ROWS, key(account, id));
        switch (row) {
            case BlobRow.Inline inline -> {}
            case BlobRow.OnDisk onDisk -> tx.emit(GARBAGE, key(account, id), new Garbage(id));
            case BlobRow.Joined joined ->
                joined.pieces()
                        .forEach(piece -> release(tx, account, piece.blob().id()));
        }
    }

    @Override
    public BlobRef join(WriteTx tx, String account, List<Slice> parts) {
        if (parts.size() == 1
                && parts.getFirst().equals(Slice.all(parts.getFirst().blob()))) {
            kept(tx, account, parts.getFirst().blob().id());
            return parts.getFirst().blob();
        }
        List<Slice> pieces = new ArrayList<>();
        for (Slice part : parts) {
            BlobRow row = kept(tx, account, part.blob().id());
            if (part.length() > 0 && !(row instanceof BlobRow.Joined)) {
                pieces.add(part);
                continue;
            }
            if (row instanceof BlobRow.Joined joined) {
                List<Slice> inner = cut(joined.pieces(), part.offset(), part.length());
                inner.forEach(piece -> keep(tx, account, piece.blob().id()));
                pieces.addAll(inner);
            }
            release(tx, account, part.blob());
        }
        BlobRow.Joined joined = new BlobRow.Joined(BlobIds.next(BlobIds.JOINED), 1, pieces);
        tx.put(ROWS, key(account, joined.id()), joined);
        return joined.ref();
    }

    /** The pieces that make up these bytes of a joined content. */
    private static List<Slice> cut(List<Slice> pieces, long offset, long length) {
        List<Slice> cut = new ArrayList<>();
        long start = 0;
        for (Slice piece : pieces) {
            long from = Math.max(offset, start);
            long to = Math.min(offset + length, start + piece.length());
            if (from < to) {
                cut.add(new Slice(piece.blob(), piece.offset() + from - start, to - from));
            }
            start += piece.length();
        }
        return cut;
    }

    @Override
    public InputStream open(BlobRef ref, long offset, long length, @Nullable BlobKey key) throws IOException {
        Slice slice = new Slice(ref, offset, length);
        return switch (BlobIds.kind(ref.id())) {
            case BlobIds.ON_DISK, BlobIds.SEALED_ON_DISK -> openFile(slice, key);
            case BlobIds.INLINE, BlobIds.SEALED_INLINE, BlobIds.JOINED -> openRow(slice, key);
            default -> throw new BlobMissingException("there is no content " + ref.id());
        };
    }

    private InputStream openFile(Slice slice, @Nullable BlobKey key) throws IOException {
        String id = slice.blob().id();
        BlobFile file = BlobFile.open(path(id), slice.blob(), cipher(id, key), reading);
        return new FileStream(file, slice.offset(), slice.length(), reading);
    }

    private static @Nullable BlockCipher cipher(String id, @Nullable BlobKey key) {
        if (!BlobIds.isSealed(id)) {
            return null;
        }
        if (key == null) {
            throw new IllegalArgumentException("the content " + id + " is encrypted and no key is given");
        }
        return key.cipher(id);
    }

    private InputStream openRow(Slice slice, @Nullable BlobKey key) throws IOException {
        String id = slice.blob().id();
        BlobRow waiting = pending.get(id);
        BlobRow row = waiting != null
                ? waiting
                : store.<Optional<BlobRow>>read(tx -> anybodys(tx, id))
                        .orElseThrow(() -> new BlobMissingException("the content " + id + " is not there"));
        return switch (row) {
            case BlobRow.Inline inline -> openInline(inline, slice, key);
            case BlobRow.Joined joined -> openPieces(joined, slice, key);
            case BlobRow.OnDisk onDisk -> throw BlobFile.damaged(id, "its row");
        };
    }

    @Override
    public @Nullable Held hold(ReadTx tx, String account, BlobRef ref) {
        if (!BlobIds.isInline(ref.id())) {
            return null;
        }
        return tx.get(ROWS, key(account, ref.id())).map(Row::value).orElse(null) instanceof BlobRow.Inline inline
                ? (offset, length, key) -> openInline(inline, new Slice(ref, offset, length), key)
                : null;
    }

    private static InputStream openInline(BlobRow.Inline inline, Slice slice, @Nullable BlobKey key)
            throws BlobDamagedException {
        if (BlockSums.rootOfOne(inline.content()) != slice.blob().checksum()) {
            throw BlobFile.damaged(inline.id(), "its row");
        }
        byte[] content = opened(inline, cipher(inline.id(), key));
        return new ByteArrayInputStream(content, (int) slice.offset(), (int) slice.length());
    }

    private static byte[] opened(BlobRow.Inline inline, @Nullable BlockCipher cipher) throws BlobDamagedException {
        byte[] content = inline.content();
        if (cipher == null) {
            return content;
        }
        if (content.length < BlockCipher.TAG_BYTES) {
            throw BlobFile.damaged(inline.id(), "its row");
        }
        byte[] plain = new byte[content.length - BlockCipher.TAG_BYTES];
        cipher.open(0, content, content.length, plain, 0);
        return plain;
    }

    /** Opens pieces one after the other; all of them stay readable until the stream is closed. */
    private InputStream openPieces(BlobRow.Joined joined, Slice slice, @Nullable BlobKey key) throws IOException {
        if (!joined.ref().equals(slice.blob())) {
            throw BlobFile.damaged(joined.id(), "its pieces");
        }
        List<Slice> pieces = cut(joined.pieces(), slice.offset(), slice.length());
        List<String> files = pieces.stream()
                .map(piece -> piece.blob().id())
                .filter(BlobIds::isFile)
                .toList();
        Map<String, byte[]> held = new HashMap<>();
        readers.enter(files);
        boolean opened = false;
        try {
            for (Slice piece : pieces) {
                String id = piece.blob().id();
                if (BlobIds.isInline(id) && !held.containsKey(id)) {
                    held.put(
                            id,
                            open(piece.blob(), 0, piece.blob().length(), key).readAllBytes());
                }
            }
            // Still named now that its readers are known: nothing of it was removed before.
            if (store.<Optional<BlobRow>>read(tx -> anybodys(tx, joined.id())).isEmpty()) {
                throw new BlobMissingException("the content " + joined.id() + " is not there");
            }
            InputStream stream = new PiecesStream(pieces, piece -> openPiece(piece, held, key), () -> leave(files));
            opened = true;
            return stream;
        } finally {
            if (!opened) {
                leave(files);
            }
        }
    }

    private InputStream openPiece(Slice piece, Map<String, byte[]> held, @Nullable BlobKey key) throws IOException {
        byte[] content = held.get(piece.blob().id());
        return content == null
                ? open(piece.blob(), piece.offset(), piece.length(), key)
                : new ByteArrayInputStream(content, (int) piece.offset(), (int) piece.length());
    }

    /** A reader is done: what was to be removed meanwhile goes now. */
    private void leave(List<String> files) {
        List<String> free = readers.leave(files);
        try {
            removeUnnamed(free);
        } catch (IOException e) {
            // They stay until a sweep succeeds.
            LOG.log(System.Logger.Level.WARNING, "cannot remove the contents " + free, e);
        }
    }

    @Override
    public long sweep() throws IOException {
        long swept = 0;
        List<String> batch = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (Path each : folders) {
                if (each.equals(drafts)) {
                    continue;
                }
                try (DirectoryStream<Path> files = Files.newDirectoryStream(each)) {
                    for (Path file : files) {
                        batch.add(file.getFileName().toString());
                        if (batch.size() == SWEEP_BATCH) {
                            swept += removeUnnamed(batch);
                            batch.clear();
                        }
                    }
                }
            }
        }
        return swept + removeUnnamed(batch);
    }

    private long removeUnnamed(List<String> ids) throws IOException {
        if (ids.isEmpty()) {
            return 0;
        }
        // First the drafts, then the rows: a draft that is settled in between has its row by then.
        List<String> suspects = ids.stream().filter(id -> !doubt(id)).toList();
        List<String> unnamed = store.read(
                tx -> suspects.stream().filter(id -> anybodys(tx, id).isEmpty()).toList());
        int removed = 0;
        for (String id : unnamed) {
            if (!readers.spare(id)) {
                Files.deleteIfExists(path(id));
                removed++;
            }
        }
        return removed;
    }

    /** Whether a content's draft is still open; then its end looks whether the content is anybody's. */
    private boolean doubt(String id) {
        return pending.computeIfPresent(id, (same, row) -> {
                    doubted.add(id);
                    return row;
                })
                != null;
    }

    private void reap(Change change) {
        try {
            removeUnnamed(List.of(change.key().id()));
        } catch (IOException e) {
            // The bytes stay until a sweep succeeds; nobody else's removal has to wait for that.
            LOG.log(
                    System.Logger.Level.WARNING,
                    "cannot remove the content " + change.key().id(),
                    e);
        }
    }

    @Override
    public void close() {
        pending.clear();
    }

    BlockBuffers writing() {
        return writing;
    }

    Disk disk() {
        return disk;
    }

    IOException explain(IOException e) {
        return Disk.explain(e, folder);
    }

    Path newDraftPath() {
        return drafts.resolve(BlobIds.next('d'));
    }

    BlobRef pendInline(String id, byte[] content, int length) {
        pending.put(id, new BlobRow.Inline(id, 1, content));
        return new BlobRef(id, length, BlockSums.rootOfOne(content));
    }

    /**
     * Moves a draft's file to its place and brings both to disk: name and bytes in one go, for whatever a crash leaves
     * there has no row.
     */
    BlobRef pendFile(String id, Path draft, FileChannel file, BlobRow.OnDisk row) throws IOException {
        pending.put(id, row);
        try {
            Path place = path(id);
            Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
            disk.sync(file);
            disk.syncFolder(parent(place));
            return new BlobRef(id, row.length(), row.checksum());
        } catch (IOException e) {
            forget(id);
            Files.deleteIfExists(path(id));
            throw e;
        }
    }

    /**
     * At the end of a sealed draft: what no committed transaction has kept goes.
     *
     * @param kept whether one is known to have kept it, so that there is nothing to look up unless somebody has tried to
     *     remove it since
     */
    void settle(BlobRef ref, boolean kept) throws IOException {
        String id = ref.id();
        if (kept) {
            if (forget(id)) {
                removeUnnamed(List.of(id));
            }
            return;
        }
        try {
            if (BlobIds.isFile(id) && store.<Boolean>read(tx -> anybodys(tx, id).isEmpty())) {
                Files.deleteIfExists(path(id));
            }
        } finally {
            forget(id);
        }
    }

    /** It is no draft any more; answers whether somebody wanted to remove it. */
    private boolean forget(String id) {
        pending.remove(id);
        return doubted.remove(id);
    }

    private static Optional<BlobRow> anybodys(ReadTx tx, String id) {
        return tx.findAnywhere(ROWS, ID, id, null, 1).stream().map(Row::value).findFirst();
    }

    private static BlobRow kept(ReadTx tx, String account, String id) {
        return tx.get(ROWS, key(account, id))
                .map(Row::value)
                .orElseThrow(() -> new IllegalArgumentException(account + " has not kept the content " + id));
    }

    private static Key key(String account, String id) {
        return new Key(account, "", id);
    }

    private Path path(String id) {
        return folder.resolve(BlobIds.fan(id)).resolve(id);
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalStateException(path + " has no parent");
        }
        return parent;
    }
}
