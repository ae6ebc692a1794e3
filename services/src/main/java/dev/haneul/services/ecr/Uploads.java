package dev.haneul.services.ecr;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ecr.EcrTables.LayerRow;
import dev.haneul.storage.LayerException;
import dev.haneul.storage.LayerUpload;
import dev.haneul.storage.Layers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Layers on their way into a repository, and what it has of them. */
final class Uploads {
    static final long MAX_LAYER_BYTES = 52_000L << 20;
    private static final long PART_BYTES = 20L << 20;
    /** So that a layer much asked for is not written each time; what is left of its grace is long enough for a push. */
    private static final Duration RENEWED_AFTER = Duration.ofHours(1);

    private final Store store;
    private final Clock clock;
    private final Layers layers;

    Uploads(Store store, Clock clock, Layers layers) {
        this.store = store;
        this.clock = clock;
        this.layers = layers;
    }

    InitiateLayerUploadResponse begin(InitiateLayerUploadRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        store.read(tx -> Repositories.require(tx, repository));
        LayerUpload upload = layers.begin(repository.scope(), repository.id());
        return new InitiateLayerUploadResponse().uploadId(upload.id()).partSize(PART_BYTES);
    }

    UploadLayerPartResponse add(UploadLayerPartRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        byte[] part = in.layerPartBlob();
        if (in.partLastByte() - in.partFirstByte() + 1 != part.length) {
            throw EcrFaults.parameter("Invalid parameter at 'partLastByte' failed to satisfy constraint: 'the range"
                    + " from partFirstByte to partLastByte must be as long as layerPartBlob'");
        }
        LayerUpload upload = append(repository, in.uploadId(), in.partFirstByte(), new ByteArrayInputStream(part));
        return new UploadLayerPartResponse()
                .registryId(repository.account())
                .repositoryName(repository.id())
                .uploadId(upload.id())
                .lastByteReceived(upload.length() - 1);
    }

    /** The upload of this repository. */
    LayerUpload require(Key repository, String id) {
        store.read(tx -> Repositories.require(tx, repository));
        return layers.upload(repository.scope(), id)
                .filter(each -> each.owner().equals(repository.id()))
                .orElseThrow(() -> EcrFaults.noUpload(repository, id));
    }

    /** Adds a part; {@code at} is negative for wherever the last one ended. */
    LayerUpload append(Key repository, String id, long at, InputStream bytes) {
        LayerUpload before = require(repository, id);
        try {
            return layers.append(repository.scope(), id, at, bytes, MAX_LAYER_BYTES);
        } catch (LayerException e) {
            throw refused(e, repository, id, before);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** What AWS would say; a connection that broke has nobody to hear it. */
    private static Fault broken(IOException e) {
        return Fault.server("ServerException", 500, "The layer could not be read or written: " + e.getMessage());
    }

    private Fault refused(LayerException e, Key repository, String id, LayerUpload before) {
        return switch (e.reason()) {
            case NO_UPLOAD, NO_LAYER -> EcrFaults.noUpload(repository, id);
            case OUT_OF_ORDER ->
                EcrFaults.wrongPart(
                        repository,
                        id,
                        layers.upload(repository.scope(), id).orElse(before).length());
            case WRONG_DIGEST -> EcrFaults.wrongLayer("Layer digest does not match: " + e.getMessage());
            case TOO_LARGE, TOO_MANY_PARTS ->
                EcrFaults.limit("The layer exceeds the maximum of " + (MAX_LAYER_BYTES >> 20) + " MiB or "
                        + Layers.MAX_PARTS + " parts");
            case EMPTY -> EcrFaults.emptyUpload(id);
        };
    }

    CompleteLayerUploadResponse complete(CompleteLayerUploadRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        String digest = in.layerDigests().stream()
                .filter(Manifest::isDigest)
                .findFirst()
                .orElseThrow(() -> EcrFaults.parameter("Invalid parameter at 'layerDigests' failed to satisfy"
                        + " constraint: 'a sha256 digest is needed'"));
        LayerUpload upload = require(repository, in.uploadId());
        if (found(repository, digest).isPresent()) {
            layers.cancel(repository.scope(), in.uploadId());
            throw EcrFaults.layerExists(repository, digest);
        }
        try {
            layers.finish(repository.scope(), in.uploadId(), digest, (tx, layer) -> {
                Repositories.require(tx, repository);
                has(tx, repository, layer);
            });
        } catch (LayerException e) {
            throw refused(e, repository, in.uploadId(), upload);
        } catch (IOException e) {
            throw broken(e);
        }
        return new CompleteLayerUploadResponse()
                .registryId(repository.account())
                .repositoryName(repository.id())
                .uploadId(in.uploadId())
                .layerDigest(digest);
    }

    /** Notes that a repository has a layer now. */
    void has(WriteTx tx, Key repository, dev.haneul.storage.Layer layer) {
        Key key = EcrTables.image(repository, layer.digest());
        if (tx.get(EcrTables.LAYERS, key).isEmpty()) {
            layers.keep(tx, repository.account(), layer.digest());
        }
        tx.put(EcrTables.LAYERS, key, new LayerRow(repository.id(), layer.digest(), layer.size(), clock.instant()));
    }

    void cancel(Key repository, String id) {
        require(repository, id);
        layers.cancel(repository.scope(), id);
    }

    static Optional<LayerRow> row(ReadTx tx, Key repository, String digest) {
        return tx.get(EcrTables.LAYERS, EcrTables.image(repository, digest)).map(Row::value);
    }

    /** How long a layer is that this repository has, and whose bytes are whole. */
    Optional<Long> size(Key repository, String digest) {
        return Manifest.isDigest(digest)
                        && store.<Boolean>read(tx -> row(tx, repository, digest).isPresent())
                ? layers.find(digest).map(dev.haneul.storage.Layer::size)
                : Optional.empty();
    }

    /**
     * The same for a client that will not send it then, but refer to it: the grace of a layer that no image needs begins
     * anew, or it would go between the client's question and its manifest.
     */
    private Optional<Long> found(Key repository, String digest) {
        Optional<Long> size = size(repository, digest);
        if (size.isEmpty()) {
            return size;
        }
        Instant now = clock.instant();
        Key key = EcrTables.image(repository, digest);
        boolean resting = store.read(tx -> row(tx, repository, digest)
                .filter(row -> row.since().isBefore(now.minus(RENEWED_AFTER)) && !neededBy(tx, key))
                .isPresent());
        if (!resting) {
            return size;
        }
        return store.transact(tx -> row(tx, repository, digest).map(row -> {
            tx.put(EcrTables.LAYERS, key, new LayerRow(row.repository(), row.digest(), row.size(), now));
            return row.size();
        }));
    }

    /** Whether an image has this layer, by the layer's key. */
    static boolean neededBy(ReadTx tx, Key layer) {
        return !tx.find(EcrTables.IMAGES, layer.scope(), EcrTables.BY_PART, layer.id(), "", 1)
                .isEmpty();
    }

    BatchCheckLayerAvailabilityResponse check(BatchCheckLayerAvailabilityRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        store.read(tx -> Repositories.require(tx, repository));
        List<Layer> found = new ArrayList<>();
        List<LayerFailure> failures = new ArrayList<>();
        for (String digest : in.layerDigests()) {
            if (!Manifest.isDigest(digest)) {
                failures.add(new LayerFailure()
                        .layerDigest(digest)
                        .failureCode("InvalidLayerDigest")
                        .failureReason("Invalid layer digest"));
                continue;
            }
            Optional<Long> size = found(repository, digest);
            Layer layer =
                    new Layer().layerDigest(digest).layerAvailability(size.isPresent() ? "AVAILABLE" : "UNAVAILABLE");
            size.ifPresent(
                    bytes -> layer.layerSize(bytes).mediaType("application/vnd.docker.image.rootfs.diff.tar.gzip"));
            found.add(layer);
        }
        return new BatchCheckLayerAvailabilityResponse().layers(found).failures(failures);
    }

    /** Lets a repository have a layer that another one of its registry has; answers whether that one does. */
    boolean mount(Key from, Key to, String digest) {
        Optional<dev.haneul.storage.Layer> layer = layers.find(digest);
        return layer.isPresent()
                && store.<Boolean>transact(tx -> {
                    if (row(tx, from, digest).isEmpty()) {
                        return false;
                    }
                    has(tx, to, layer.get());
                    return true;
                });
    }

    /** Opens some bytes of a layer; how long it is, {@link #size} tells. */
    InputStream open(Key repository, String digest, long offset, long length) throws IOException {
        if (store.<Boolean>read(tx -> row(tx, repository, digest).isEmpty())) {
            throw EcrFaults.noLayer(repository, digest);
        }
        return layers.open(digest, offset, length);
    }
}
