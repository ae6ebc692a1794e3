package dev.haneul.services.ecr;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ecr.EcrTables.ImageRow;
import dev.haneul.services.ecr.EcrTables.LayerRow;
import dev.haneul.services.ecr.EcrTables.RegistryRow;
import dev.haneul.services.ecr.EcrTables.RepositoryRow;
import dev.haneul.services.ecr.EcrTables.Scan;
import dev.haneul.services.ecr.EcrTables.TagRow;
import dev.haneul.services.ecr.Manifest.BadManifestException;
import dev.haneul.storage.LayerException;
import dev.haneul.storage.Layers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Images: pushed, read, untagged and deleted. A manifest and what it needs are in the repository, or it is not. */
final class Images {
    static final int MOST_PARTS_ASKED = 1000;
    private static final int MOST_TAGS = 1000;
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

    private final Store store;
    private final Clock clock;
    private final Layers layers;
    private final ImageEvents events;
    private final Pulls pulls;

    Images(Store store, Clock clock, Layers layers, ImageEvents events, Pulls pulls) {
        this.store = store;
        this.clock = clock;
        this.layers = layers;
        this.events = events;
        this.pulls = pulls;
    }

    static boolean isTag(String text) {
        return TAG.matcher(text).matches();
    }

    PutImageResponse put(PutImageRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        boolean onPush =
                store.read(tx -> Registries.scansOnPush(tx, repository.scope(), Repositories.require(tx, repository)));
        String tag = in.imageTag() == null ? "" : in.imageTag();
        if (!tag.isEmpty() && !isTag(tag)) {
            throw EcrFaults.parameter("Invalid parameter at 'imageTag' failed to satisfy constraint: 'must satisfy"
                    + " regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}''");
        }
        Manifest manifest = read(in.imageManifest(), in.imageManifestMediaType());
        boolean scan = onPush && !manifest.index();
        ImageRow image = store(repository, in.imageManifest(), manifest, in.imageDigest(), tag, false, scan);
        return new PutImageResponse()
                .image(new Image()
                        .registryId(repository.account())
                        .repositoryName(repository.id())
                        .imageId(id(image.digest(), tag))
                        .imageManifest(in.imageManifest())
                        .imageManifestMediaType(image.mediaType()));
    }

    static Manifest read(String text, @Nullable String mediaType) {
        try {
            return Manifest.read(text, mediaType);
        } catch (BadManifestException e) {
            throw EcrFaults.parameter(
                    "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax' or"
                            + " 'Invalid manifest': " + e.getMessage());
        }
    }

    private static ImageIdentifier id(String digest, String tag) {
        ImageIdentifier id = new ImageIdentifier().imageDigest(digest);
        return tag.isEmpty() ? id : id.imageTag(tag);
    }

    /**
     * Takes in a manifest.
     *
     * @param said its digest; null for whatever it is
     * @param copied whether it comes from another registry: an index may then lack images, and tags move silently
     */
    ImageRow store(
            Key repository,
            String text,
            Manifest manifest,
            @Nullable String said,
            String tag,
            boolean copied,
            boolean scan) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ImageRow[] stored = new ImageRow[1];
        try {
            layers.add(new ByteArrayInputStream(bytes), Manifest.MAX_BYTES, null, (tx, layer) -> {
                if (said != null && !said.equals(layer.digest())) {
                    throw EcrFaults.otherDigest(said, layer.digest());
                }
                stored[0] = put(tx, repository, manifest, layer, tag, copied, scan);
            });
        } catch (LayerException e) {
            throw EcrFaults.limit("The image manifest exceeds the maximum of " + Manifest.MAX_BYTES + " bytes");
        } catch (IOException e) {
            throw Fault.server("ServerException", 500, "The manifest could not be written: " + e.getMessage());
        }
        return stored[0];
    }

    private ImageRow put(
            WriteTx tx,
            Key repository,
            Manifest manifest,
            dev.haneul.storage.Layer layer,
            String tag,
            boolean copied,
            boolean scan) {
        RepositoryRow settings = Repositories.require(tx, repository);
        requireParts(tx, repository, manifest, copied);
        Key key = EcrTables.image(repository, layer.digest());
        Optional<ImageRow> before = tx.get(EcrTables.IMAGES, key).map(Row::value);
        boolean tagged = !tag.isEmpty() && point(tx, repository, settings, tag, layer.digest(), copied);
        if (before.isPresent() && !tagged && !copied) {
            throw EcrFaults.imageExists(repository, layer.digest(), tag);
        }
        Instant now = clock.instant();
        Scan asked = scan ? new Scan("IN_PROGRESS", "", now, null) : null;
        ImageRow row = before.map(each -> each.pushedAt(now))
                .orElseGet(() -> new ImageRow(
                        repository.id(),
                        layer.digest(),
                        manifest.mediaType(),
                        manifest.artifactType(),
                        manifest.size(),
                        layer.size(),
                        now,
                        null,
                        manifest.parts(),
                        manifest.index(),
                        manifest.subject(),
                        manifest.annotations(),
                        copied,
                        List.of(),
                        null));
        if (before.isEmpty()) {
            layers.keep(tx, repository.account(), layer.digest());
        }
        row = asked == null ? row : row.scanned(asked);
        tx.put(EcrTables.IMAGES, key, row);
        events.action(tx, repository, "PUSH", row, tag, now);
        return row;
    }

    private void requireParts(ReadTx tx, Key repository, Manifest manifest, boolean copied) {
        if (manifest.index()) {
            List<String> missing = manifest.parts().stream()
                    .filter(each -> tx.get(EcrTables.IMAGES, EcrTables.image(repository, each))
                            .isEmpty())
                    .toList();
            if (!missing.isEmpty() && !copied) {
                throw EcrFaults.noImages(repository, missing);
            }
            return;
        }
        List<String> missing = manifest.parts().stream()
                .filter(each -> Uploads.row(tx, repository, each).isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            throw EcrFaults.noLayers(repository, missing);
        }
    }

    /** Lets a tag point to an image; answers whether it did not before. */
    private static boolean point(
            WriteTx tx, Key repository, RepositoryRow settings, String tag, String digest, boolean copied) {
        Key key = EcrTables.tag(repository, tag);
        Optional<TagRow> before = tx.get(EcrTables.TAGS, key).map(Row::value);
        if (before.isPresent() && before.get().digest().equals(digest)) {
            return false;
        }
        if (before.isPresent() && settings.fixes(tag)) {
            throw EcrFaults.tagFixed(repository, tag);
        }
        if (tags(tx, repository, digest).size() >= MOST_TAGS && !copied) {
            throw EcrFaults.limit("An image has at most " + MOST_TAGS + " tags");
        }
        tx.put(EcrTables.TAGS, key, new TagRow(repository.id(), tag, digest));
        return true;
    }

    static List<String> tags(ReadTx tx, Key repository, String digest) {
        return tx
                .find(
                        EcrTables.TAGS,
                        repository.scope(),
                        EcrTables.BY_IMAGE,
                        EcrTables.inside(repository.id(), digest),
                        "",
                        MOST_TAGS + 1)
                .stream()
                .map(row -> row.value().tag())
                .toList();
    }

    /** The image of a digest or tag. */
    static Optional<ImageRow> find(ReadTx tx, Key repository, @Nullable String digest, @Nullable String tag) {
        String meant = digest;
        if (tag != null && !tag.isEmpty()) {
            String pointed = tx.get(EcrTables.TAGS, EcrTables.tag(repository, tag))
                    .map(row -> row.value().digest())
                    .orElse(null);
            if (pointed == null || (digest != null && !digest.equals(pointed))) {
                return Optional.empty();
            }
            meant = pointed;
        }
        return meant == null || meant.isEmpty()
                ? Optional.empty()
                : tx.get(EcrTables.IMAGES, EcrTables.image(repository, meant)).map(Row::value);
    }

    static ImageRow require(ReadTx tx, Key repository, ImageIdentifier id) {
        return find(tx, repository, id.imageDigest(), id.imageTag())
                .orElseThrow(() -> EcrFaults.noImage(
                        repository,
                        "imageDigest:'" + text(id.imageDigest()) + "', imageTag:'" + text(id.imageTag()) + "'"));
    }

    private static String text(@Nullable String value) {
        return value == null ? "null" : value;
    }

    /** Why an id names no image; null where it may. */
    static @Nullable ImageFailure malformed(ImageIdentifier id) {
        if (id.imageDigest() == null && id.imageTag() == null) {
            return failure(id, "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null");
        }
        if (id.imageDigest() != null && !Manifest.isDigest(id.imageDigest())) {
            return failure(
                    id,
                    "InvalidImageDigest",
                    "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'");
        }
        if (id.imageTag() != null && !isTag(id.imageTag())) {
            return failure(id, "InvalidImageTag", "Invalid request parameters: image tag is not valid");
        }
        return null;
    }

    static ImageFailure failure(ImageIdentifier id, String code, String reason) {
        return new ImageFailure().imageId(id).failureCode(code).failureReason(reason);
    }

    /** Why an id finds no image. */
    private static ImageFailure missing(ReadTx tx, Key repository, ImageIdentifier id) {
        boolean elsewhere = id.imageDigest() != null
                && id.imageTag() != null
                && find(tx, repository, null, id.imageTag()).isPresent();
        return elsewhere
                ? failure(id, "ImageTagDoesNotMatchDigest", "Requested image tag does not match digest")
                : failure(id, "ImageNotFound", "Requested image not found");
    }

    BatchGetImageResponse get(BatchGetImageRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        List<Image> found = new ArrayList<>();
        List<ImageFailure> failures = new ArrayList<>();
        store.read(tx -> Repositories.require(tx, repository));
        for (ImageIdentifier id : in.imageIds()) {
            ImageFailure failure = malformed(id);
            if (failure != null) {
                failures.add(failure);
                continue;
            }
            Optional<ImageRow> row = store.read(tx -> find(tx, repository, id.imageDigest(), id.imageTag()));
            if (row.isEmpty()) {
                failures.add(store.<ImageFailure>read(tx -> missing(tx, repository, id)));
                continue;
            }
            found.add(pulled(repository, row.get(), id, call));
        }
        return new BatchGetImageResponse().images(found).failures(failures);
    }

    private Image pulled(Key repository, ImageRow row, ImageIdentifier id, Call call) {
        boolean counted = !store.read(tx -> registry(tx, repository.scope()))
                .pullExclusions()
                .containsKey(call.principal().arn());
        if (counted) {
            pulls.pulled(EcrTables.image(repository, row.digest()), row);
        }
        return new Image()
                .registryId(repository.account())
                .repositoryName(repository.id())
                .imageId(id(row.digest(), id.imageTag() == null ? "" : id.imageTag()))
                .imageManifest(manifest(row.digest()))
                .imageManifestMediaType(row.mediaType());
    }

    static RegistryRow registry(ReadTx tx, Scope scope) {
        return tx.get(EcrTables.REGISTRIES, scope.key(EcrTables.REGISTRY))
                .map(Row::value)
                .orElse(RegistryRow.NONE);
    }

    /** A manifest's text. */
    String manifest(String digest) {
        try (InputStream in = layers.open(digest)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw EcrFaults.layerDamaged(digest);
        }
    }

    BatchDeleteImageResponse delete(BatchDeleteImageRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        return store.transact(tx -> {
            Repositories.require(tx, repository);
            List<ImageIdentifier> gone = new ArrayList<>();
            List<ImageFailure> failures = new ArrayList<>();
            for (ImageIdentifier id : in.imageIds()) {
                ImageFailure failure = malformed(id);
                if (failure == null) {
                    failure = delete(tx, repository, id, gone);
                }
                if (failure != null) {
                    failures.add(failure);
                }
            }
            return new BatchDeleteImageResponse().imageIds(gone).failures(failures);
        });
    }

    private @Nullable ImageFailure delete(WriteTx tx, Key repository, ImageIdentifier id, List<ImageIdentifier> gone) {
        Optional<ImageRow> found = find(tx, repository, id.imageDigest(), id.imageTag());
        if (found.isEmpty()) {
            return missing(tx, repository, id);
        }
        String digest = found.get().digest();
        List<String> tags = tags(tx, repository, digest);
        String named = id.imageTag();
        if (id.imageDigest() == null && named != null && tags.size() > 1) {
            tx.delete(EcrTables.TAGS, EcrTables.tag(repository, named));
            events.action(tx, repository, "DELETE", found.get(), named, clock.instant());
            gone.add(id(digest, named));
            return null;
        }
        if (needed(tx, repository, digest)) {
            return failure(
                    id,
                    "ImageReferencedByManifestList",
                    "Requested image referenced by manifest list: " + EcrTables.inside(repository.id(), digest));
        }
        remove(tx, repository, found.get());
        if (tags.isEmpty()) {
            gone.add(id(digest, ""));
        }
        tags.forEach(tag -> gone.add(id(digest, tag)));
        return null;
    }

    /** Whether an index refers to it. */
    static boolean needed(ReadTx tx, Key repository, String digest) {
        return !tx.find(
                        EcrTables.IMAGES,
                        repository.scope(),
                        EcrTables.BY_PART,
                        EcrTables.inside(repository.id(), digest),
                        "",
                        1)
                .isEmpty();
    }

    /** Removes an image and its tags; what it was made of stays a while, and then goes where nothing else needs it. */
    void remove(WriteTx tx, Key repository, ImageRow row) {
        Instant now = clock.instant();
        List<String> tags = tags(tx, repository, row.digest());
        tags.forEach(tag -> tx.delete(EcrTables.TAGS, EcrTables.tag(repository, tag)));
        tx.delete(EcrTables.IMAGES, EcrTables.image(repository, row.digest()));
        layers.release(tx, repository.account(), row.digest());
        for (String part : row.parts()) {
            Uploads.row(tx, repository, part)
                    .ifPresent(layer -> tx.put(
                            EcrTables.LAYERS,
                            EcrTables.image(repository, part),
                            new LayerRow(layer.repository(), part, layer.size(), now)));
        }
        events.action(tx, repository, "DELETE", row, tags.isEmpty() ? "" : tags.getFirst(), now);
    }

    /** The images that say something of another. */
    static List<ImageRow> referrers(ReadTx tx, Key repository, String digest) {
        return tx
                .find(
                        EcrTables.IMAGES,
                        repository.scope(),
                        EcrTables.BY_SUBJECT,
                        EcrTables.inside(repository.id(), digest),
                        "",
                        MOST_PARTS_ASKED)
                .stream()
                .map(Row::value)
                .toList();
    }

    /** Annotations etc. of a referrer. */
    static ImageReferrer referrer(ImageRow row) {
        ImageReferrer referrer = new ImageReferrer()
                .digest(row.digest())
                .mediaType(row.mediaType())
                .artifactType(row.artifactType())
                .size(row.manifestSize())
                .artifactStatus("ACTIVE");
        Map<String, String> annotations = row.annotations();
        return annotations.isEmpty() ? referrer : referrer.annotations(annotations);
    }
}
