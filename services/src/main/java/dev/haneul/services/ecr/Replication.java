package dev.haneul.services.ecr;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ecr.EcrTables.Copy;
import dev.haneul.services.ecr.EcrTables.ImageRow;
import dev.haneul.services.ecr.EcrTables.LayerRow;
import dev.haneul.services.ecr.EcrTables.RepositoryRow;
import dev.haneul.services.ecr.EcrTables.TagRow;
import dev.haneul.storage.Layers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Copies what is pushed to other regions and accounts. It reads the feed: each image and each tag that is put is copied,
 * at least once, to the destinations the registry names then. What came as a copy is not copied on, and deletions are
 * not followed. The bytes are here already; what is copied is who has them.
 */
final class Replication {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Store store;
    private final Clock clock;
    private final Layers layers;
    private final Uploads uploads;
    private final Registries registries;
    private final Permissions permissions;
    private final ImageEvents events;

    Replication(
            Store store,
            Clock clock,
            Layers layers,
            Uploads uploads,
            Registries registries,
            Permissions permissions,
            ImageEvents events) {
        this.store = store;
        this.clock = clock;
        this.layers = layers;
        this.uploads = uploads;
        this.registries = registries;
        this.permissions = permissions;
        this.events = events;
    }

    void join(Driver driver) {
        driver.follow("ecr.replication", Set.of(EcrTables.IMAGES.name(), EcrTables.TAGS.name()), this::follow);
    }

    private void follow(Change change) {
        Scope scope = change.key().scope();
        if (change.source().equals(EcrTables.TAGS.name())) {
            change.after(EcrTables.TAGS.codec())
                    .ifPresent(tag -> copy(scope, tag.repository(), tag.digest(), tag.tag()));
        } else if (change.before() == null) {
            change.after(EcrTables.IMAGES.codec())
                    .ifPresent(image -> copy(scope, image.repository(), image.digest(), ""));
        }
    }

    private void copy(Scope scope, String repository, String digest, String tag) {
        Key from = scope.key(repository);
        ReplicationConfiguration configuration =
                store.read(tx -> Images.registry(tx, scope)).replication();
        Set<ReplicationDestination> destinations = new LinkedHashSet<>();
        for (ReplicationRule rule : configuration == null ? List.<ReplicationRule>of() : configuration.rules()) {
            if (rule.repositoryFilters().isEmpty()
                    || rule.repositoryFilters().stream().anyMatch(each -> repository.startsWith(each.filter()))) {
                destinations.addAll(rule.destinations());
            }
        }
        for (ReplicationDestination each : destinations) {
            Key to = new Key(each.registryId(), each.region(), repository);
            String failure = refusal(from, to);
            store.write(tx -> {
                ImageRow image = Images.find(tx, from, digest, null).orElse(null);
                if (image == null || image.replica()) {
                    return;
                }
                if (failure == null) {
                    copy(tx, from, to, image, tag);
                } else {
                    events.replicated(tx, to, image, tag, "FAILED", from, clock.instant());
                }
                note(tx, from, image, to, failure);
            });
        }
    }

    /** Why the other account does not let its registry be written to; null where it does. */
    private @org.jspecify.annotations.Nullable String refusal(Key from, Key to) {
        if (from.account().equals(to.account())) {
            return null;
        }
        Principal owner = Principal.root(from.account(), "");
        Call call = new Call(
                owner,
                to.account(),
                to.region(),
                "replication",
                clock.instant().plus(PATIENCE),
                Call.Origin.inside("replication.ecr.amazonaws.com"));
        boolean there = store.read(tx -> tx.get(EcrTables.REPOSITORIES, to).isPresent());
        try {
            String arn = EcrTables.arn(to.scope(), to.id());
            permissions.require(call, "ecr:ReplicateImage", arn, Map.of());
            if (!there) {
                permissions.require(call, "ecr:CreateRepository", arn, Map.of());
            }
            return null;
        } catch (Fault denied) {
            return "AccessDenied";
        }
    }

    private static void note(
            WriteTx tx, Key from, ImageRow image, Key to, @org.jspecify.annotations.Nullable String failure) {
        Copy copy = new Copy(to.region(), to.account(), failure == null ? "COMPLETE" : "FAILED", failure);
        List<Copy> copies = new ArrayList<>(image.copies());
        copies.removeIf(
                each -> each.region().equals(to.region()) && each.account().equals(to.account()));
        copies.add(copy);
        tx.put(EcrTables.IMAGES, EcrTables.image(from, image.digest()), image.copied(copies));
    }

    /** Copies an image, and before it what an index needs. */
    private void copy(WriteTx tx, Key from, Key to, ImageRow image, String tag) {
        registries.create(tx, to, "REPLICATION");
        for (String part : image.index() ? image.parts() : List.<String>of()) {
            Images.find(tx, from, part, null)
                    .filter(child -> !child.index())
                    .ifPresent(child -> copy(tx, from, to, child, ""));
        }
        boolean isNew =
                tx.get(EcrTables.IMAGES, EcrTables.image(to, image.digest())).isEmpty();
        if (isNew) {
            if (!image.index()) {
                parts(tx, from, to, image);
            }
            layers.keep(tx, to.account(), image.digest());
            tx.put(
                    EcrTables.IMAGES,
                    EcrTables.image(to, image.digest()),
                    new ImageRow(
                            to.id(),
                            image.digest(),
                            image.mediaType(),
                            image.artifactType(),
                            image.size(),
                            image.manifestSize(),
                            clock.instant(),
                            null,
                            image.parts(),
                            image.index(),
                            image.subject(),
                            image.annotations(),
                            true,
                            List.of(),
                            null));
        }
        boolean moved = !tag.isEmpty() && point(tx, to, tag, image.digest());
        if (isNew || moved) {
            events.replicated(tx, to, image, tag, "SUCCESS", from, clock.instant());
        }
    }

    private void parts(WriteTx tx, Key from, Key to, ImageRow image) {
        for (String part : image.parts()) {
            Optional<LayerRow> layer = Uploads.row(tx, from, part);
            layer.ifPresent(each -> uploads.has(tx, to, new dev.haneul.storage.Layer(part, each.size())));
        }
    }

    /** Moves the tag, where the destination lets it move; answers whether it did. */
    private static boolean point(WriteTx tx, Key to, String tag, String digest) {
        Key key = EcrTables.tag(to, tag);
        Optional<TagRow> before = tx.get(EcrTables.TAGS, key).map(Row::value);
        RepositoryRow settings = Repositories.require(tx, to);
        if (before.isPresent() && (before.get().digest().equals(digest) || settings.fixes(tag))) {
            return false;
        }
        tx.put(EcrTables.TAGS, key, new TagRow(to.id(), tag, digest));
        return true;
    }

    DescribeImageReplicationStatusResponse status(DescribeImageReplicationStatusRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        ImageRow image = store.read((ReadTx tx) -> {
            Repositories.require(tx, repository);
            return Images.require(tx, repository, in.imageId());
        });
        return new DescribeImageReplicationStatusResponse()
                .repositoryName(repository.id())
                .imageId(in.imageId())
                .replicationStatuses(image.copies().stream()
                        .map(each -> new ImageReplicationStatus()
                                .region(each.region())
                                .registryId(each.account())
                                .status(each.status())
                                .failureCode(each.failure()))
                        .toList());
    }
}
