package dev.haneul.storage;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.storage.LayerException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Layers on {@link Blobs}: a row names the blob of a digest, rows by account count who uses it.
 *
 * <p>Layers belong to no account; uploads and references do, so that an account's reset takes them along.
 */
public final class DiskLayers implements Layers {
    private static final Table<LayerRow> LAYERS = Table.of("storage.layer", RecordCodecs.of(LayerRow.class));
    private static final Table<Use> USES = Table.of(
            "storage.layer_use", RecordCodecs.of(Use.class), new Table.Index<>("digest", use -> List.of(use.digest())));
    private static final Table<LayerUpload> UPLOADS =
            Table.of("storage.layer_upload", RecordCodecs.of(LayerUpload.class));
    private static final String DIGEST = "digest";
    /** Whose the blobs of finished layers are. */
    private static final String NOBODY = "";

    private static final Duration SWEEP_PERIOD = Duration.ofHours(1);
    private static final int PAGE = 500;

    private final Store store;
    private final Blobs blobs;
    private final InstantSource clock;
    private final Duration grace;
    private final RunningDigests running = new RunningDigests();

    /**
     * What is known of a layer.
     *
     * @param freeSince when a sweep first found it unused; null where it is used or not looked at yet
     * @param damaged its bytes were read and are not what they were
     */
    record LayerRow(String digest, BlobRef blob, @Nullable Instant freeSince, boolean damaged) {}

    /** How often an account refers to a layer. */
    record Use(String digest, long count) {}

    /**
     * Opens the layers of a region.
     *
     * @param grace how long a layer nobody uses stays
     */
    public DiskLayers(Store store, Blobs blobs, InstantSource clock, Duration grace) {
        store.open(List.of(LAYERS, USES, UPLOADS), List.of());
        this.store = store;
        this.blobs = blobs;
        this.clock = clock;
        this.grace = grace;
    }

    /** Has the driver sweep, every hour of the region's time. */
    public void join(Driver driver) {
        driver.add(new Sweeping(), 1).wake("hour");
    }

    private final class Sweeping implements Reconciler<String> {
        @Override
        public String name() {
            return "storage.layers";
        }

        @Override
        public Next reconcile(String key) {
            sweep();
            return Next.after(SWEEP_PERIOD);
        }
    }

    @Override
    public Optional<Layer> find(String digest) {
        return whole(digest).map(row -> new Layer(digest, row.blob().length()));
    }

    private Optional<LayerRow> whole(String digest) {
        return Digests.valid(digest)
                ? store.<Optional<LayerRow>>read(
                                tx -> tx.get(LAYERS, key(digest)).map(Row::value))
                        .filter(row -> !row.damaged())
                : Optional.empty();
    }

    @Override
    public InputStream open(String digest) throws IOException {
        BlobRef blob = blob(digest);
        return open(digest, blob, 0, blob.length());
    }

    @Override
    public InputStream open(String digest, long offset, long length) throws IOException {
        return open(digest, blob(digest), offset, length);
    }

    private BlobRef blob(String digest) throws LayerException {
        return whole(digest)
                .orElseThrow(() -> new LayerException(Reason.NO_LAYER, "there is no layer " + digest))
                .blob();
    }

    private InputStream open(String digest, BlobRef blob, long offset, long length) throws IOException {
        Runnable onDamage = () -> damaged(digest, blob);
        try {
            return new DamageWatch(blobs.open(blob, offset, length), onDamage);
        } catch (BlobDamagedException | BlobMissingException e) {
            onDamage.run();
            throw e;
        }
    }

    /** From now on the layer is not there, until it is pushed again. */
    private void damaged(String digest, BlobRef blob) {
        store.write(tx -> tx.get(LAYERS, key(digest))
                .map(Row::value)
                .filter(row -> row.blob().equals(blob))
                .ifPresent(row -> tx.put(LAYERS, key(digest), new LayerRow(digest, blob, row.freeSince(), true))));
    }

    @Override
    public LayerUpload begin(Scope scope, String owner) {
        LayerUpload upload = new LayerUpload(UUID.randomUUID().toString(), owner, 0, List.of(), clock.instant());
        store.write(tx -> tx.put(UPLOADS, scope.key(upload.id()), upload));
        return upload;
    }

    @Override
    public Optional<LayerUpload> upload(Scope scope, String id) {
        return id.isEmpty()
                ? Optional.empty()
                : store.<Optional<LayerUpload>>read(
                        tx -> tx.get(UPLOADS, scope.key(id)).map(Row::value));
    }

    private LayerUpload known(Scope scope, String id) throws LayerException {
        return upload(scope, id).orElseThrow(() -> new LayerException(Reason.NO_UPLOAD, "there is no upload " + id));
    }

    @Override
    public LayerUpload append(Scope scope, String id, long at, InputStream bytes, long limit) throws IOException {
        LayerUpload before = known(scope, id);
        if (at >= 0 && at != before.length()) {
            throw outOfOrder(before, at);
        }
        if (before.parts().size() >= MAX_PARTS) {
            throw new LayerException(Reason.TOO_MANY_PARTS, "an upload has at most " + MAX_PARTS + " parts");
        }
        MessageDigest digest = running.take(id, before.length());
        try (Draft draft = blobs.draft()) {
            draft.transferFrom(new DigestingStream(bytes, digest, limit - before.length()));
            if (draft.length() == 0) {
                running.give(id, before.length(), digest);
                return before;
            }
            BlobRef part = draft.seal();
            LayerUpload after = store.transact(tx -> grown(tx, scope, before, part));
            if (after.parts().isEmpty() || !after.parts().getLast().equals(part)) {
                throw outOfOrder(after, before.length());
            }
            running.give(id, after.length(), digest);
            return after;
        }
    }

    /** The upload with the part; unchanged where somebody else has added one meanwhile. */
    private LayerUpload grown(WriteTx tx, Scope scope, LayerUpload before, BlobRef part) {
        Optional<LayerUpload> now = tx.get(UPLOADS, scope.key(before.id())).map(Row::value);
        if (now.isEmpty() || now.get().length() != before.length()) {
            return now.orElse(before);
        }
        List<BlobRef> parts = new ArrayList<>(before.parts());
        parts.add(part);
        LayerUpload after =
                new LayerUpload(before.id(), before.owner(), before.length() + part.length(), parts, clock.instant());
        blobs.keep(tx, scope.account(), part);
        tx.put(UPLOADS, scope.key(before.id()), after);
        return after;
    }

    private static LayerException outOfOrder(LayerUpload upload, long at) {
        return new LayerException(
                Reason.OUT_OF_ORDER, "the upload has " + upload.length() + " bytes, the part begins at " + at);
    }

    @Override
    public Layer finish(Scope scope, String id, String digest, BiConsumer<WriteTx, Layer> along) throws IOException {
        LayerUpload upload = known(scope, id);
        if (upload.length() == 0) {
            throw new LayerException(Reason.EMPTY, "the upload " + id + " has no bytes");
        }
        MessageDigest known = running.take(id, upload.length());
        String actual = known == null ? reread(upload) : Digests.of(known);
        requireDigest(digest, actual);
        List<Blobs.Slice> slices = upload.parts().stream().map(Blobs.Slice::all).toList();
        Optional<Layer> made = store.transact(tx -> {
            if (!tx.get(UPLOADS, scope.key(id)).map(Row::value).equals(Optional.of(upload))) {
                return Optional.empty();
            }
            tx.delete(UPLOADS, scope.key(id));
            BlobRef whole = blobs.join(tx, scope.account(), slices);
            Layer layer = settle(tx, digest, whole);
            blobs.release(tx, scope.account(), whole);
            along.accept(tx, layer);
            return Optional.of(layer);
        });
        return made.orElseThrow(() -> new LayerException(Reason.NO_UPLOAD, "the upload " + id + " has changed"));
    }

    /** What a restart has lost: the digest of the bytes so far. */
    private String reread(LayerUpload upload) throws IOException {
        MessageDigest digest = Digests.start();
        for (BlobRef part : upload.parts()) {
            try (InputStream in = blobs.open(part)) {
                in.transferTo(Digests.into(digest));
            }
        }
        return Digests.of(digest);
    }

    private static void requireDigest(String said, String actual) throws LayerException {
        if (!said.equals(actual)) {
            throw new LayerException(Reason.WRONG_DIGEST, "the bytes have the digest " + actual + ", not " + said);
        }
    }

    /** Makes a blob the layer of its digest. One that was there gives way: it may be damaged, and readers read on. */
    private Layer settle(WriteTx tx, String digest, BlobRef blob) {
        Optional<LayerRow> before = tx.get(LAYERS, key(digest)).map(Row::value);
        blobs.keep(tx, NOBODY, blob);
        before.ifPresent(row -> blobs.release(tx, NOBODY, row.blob()));
        tx.put(LAYERS, key(digest), new LayerRow(digest, blob, null, false));
        return new Layer(digest, blob.length());
    }

    @Override
    public boolean cancel(Scope scope, String id) {
        return store.transact(tx -> {
            Optional<LayerUpload> upload = tx.get(UPLOADS, scope.key(id)).map(Row::value);
            upload.ifPresent(each -> forget(tx, scope, each));
            return upload.isPresent();
        });
    }

    private void forget(WriteTx tx, Scope scope, LayerUpload upload) {
        tx.delete(UPLOADS, scope.key(upload.id()));
        upload.parts().forEach(part -> blobs.release(tx, scope.account(), part));
    }

    @Override
    public Layer add(InputStream bytes, long limit, @Nullable String digest, BiConsumer<WriteTx, Layer> along)
            throws IOException {
        MessageDigest running = Digests.start();
        try (Draft draft = blobs.draft()) {
            draft.transferFrom(new DigestingStream(bytes, running, limit));
            String actual = Digests.of(running);
            if (digest != null) {
                requireDigest(digest, actual);
            }
            BlobRef blob = draft.seal();
            return store.transact(tx -> {
                Layer layer = settle(tx, actual, blob);
                along.accept(tx, layer);
                return layer;
            });
        }
    }

    @Override
    public void keep(WriteTx tx, String account, String digest) {
        LayerRow row = tx.get(LAYERS, key(digest))
                .map(Row::value)
                .orElseThrow(() -> new IllegalArgumentException("there is no layer " + digest));
        if (row.freeSince() != null) {
            tx.put(LAYERS, key(digest), new LayerRow(digest, row.blob(), null, row.damaged()));
        }
        Key use = new Key(account, "", digest);
        long count = tx.get(USES, use).map(each -> each.value().count()).orElse(0L);
        tx.put(USES, use, new Use(digest, count + 1));
    }

    @Override
    public void release(WriteTx tx, String account, String digest) {
        Key use = new Key(account, "", digest);
        long count = tx.get(USES, use)
                .map(each -> each.value().count())
                .orElseThrow(() -> new IllegalArgumentException(account + " does not use the layer " + digest));
        if (count > 1) {
            tx.put(USES, use, new Use(digest, count - 1));
        } else {
            tx.delete(USES, use);
        }
    }

    @Override
    public long sweep() {
        Instant now = clock.instant();
        forgetResting(now.minus(Duration.ofHours(UPLOAD_HOURS)));
        long swept = 0;
        Key after = null;
        List<Row<LayerRow>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(LAYERS, from, PAGE));
            for (Row<LayerRow> row : page) {
                if (sweep(row.value(), now)) {
                    swept++;
                }
            }
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == PAGE);
        return swept;
    }

    /** Marks an unused layer, or removes it where it was marked long enough ago; answers whether it went. */
    private boolean sweep(LayerRow seen, Instant now) {
        Instant free = seen.freeSince();
        if ((free != null && free.isAfter(now.minus(grace))) || store.<Boolean>read(tx -> used(tx, seen.digest()))) {
            return false;
        }
        return store.transact(tx -> {
            Optional<LayerRow> row = tx.get(LAYERS, key(seen.digest())).map(Row::value);
            if (!row.equals(Optional.of(seen)) || used(tx, seen.digest())) {
                return false;
            }
            if (free == null) {
                tx.put(LAYERS, key(seen.digest()), new LayerRow(seen.digest(), seen.blob(), now, seen.damaged()));
                return false;
            }
            tx.delete(LAYERS, key(seen.digest()));
            blobs.release(tx, NOBODY, seen.blob());
            return true;
        });
    }

    private static boolean used(ReadTx tx, String digest) {
        return !tx.findAnywhere(USES, DIGEST, digest, null, 1).isEmpty();
    }

    private void forgetResting(Instant before) {
        Key after = null;
        List<Row<LayerUpload>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(UPLOADS, from, PAGE));
            List<Row<LayerUpload>> old = page.stream()
                    .filter(row -> row.value().touched().isBefore(before))
                    .toList();
            for (Row<LayerUpload> row : old) {
                store.write(tx -> {
                    if (tx.get(UPLOADS, row.key()).map(Row::value).equals(Optional.of(row.value()))) {
                        forget(tx, row.key().scope(), row.value());
                    }
                });
            }
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == PAGE);
    }

    private static Key key(String digest) {
        return Key.global(digest);
    }
}
