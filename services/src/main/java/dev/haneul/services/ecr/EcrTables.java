package dev.haneul.services.ecr;

import dev.haneul.api.ecr.RegistryScanningConfiguration;
import dev.haneul.api.ecr.ReplicationConfiguration;
import dev.haneul.api.ecr.RepositoryCreationTemplate;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The durable state of registries. What belongs to a repository is keyed by its name, a mark, and its own name. */
final class EcrTables {
    static final String BY_IMAGE = "image";
    static final String BY_PART = "part";
    static final String BY_SUBJECT = "subject";

    static final Table<RepositoryRow> REPOSITORIES = Table.of("ecr.repository", RecordCodecs.of(RepositoryRow.class));
    static final Table<ImageRow> IMAGES = Table.of(
            "ecr.image",
            RecordCodecs.of(ImageRow.class),
            new Table.Index<>(
                    BY_PART,
                    row -> row.parts().stream()
                            .map(each -> inside(row.repository(), each))
                            .distinct()
                            .toList()),
            new Table.Index<>(
                    BY_SUBJECT,
                    row -> row.subject() == null ? List.of() : List.of(inside(row.repository(), row.subject()))));
    static final Table<TagRow> TAGS = Table.of(
            "ecr.tag",
            RecordCodecs.of(TagRow.class),
            new Table.Index<>(BY_IMAGE, row -> List.of(inside(row.repository(), row.digest()))));
    static final Table<LayerRow> LAYERS = Table.of("ecr.layer", RecordCodecs.of(LayerRow.class));
    static final Table<RegistryRow> REGISTRIES = Table.of("ecr.registry", RecordCodecs.of(RegistryRow.class));
    static final Table<TemplateRow> TEMPLATES = Table.of("ecr.template", RecordCodecs.of(TemplateRow.class));
    static final Table<CacheRow> CACHES = Table.of("ecr.cache", RecordCodecs.of(CacheRow.class));
    static final Table<PreviewRow> PREVIEWS = Table.of("ecr.preview", RecordCodecs.of(PreviewRow.class));
    static final List<Table<?>> ALL =
            List.of(REPOSITORIES, IMAGES, TAGS, LAYERS, REGISTRIES, TEMPLATES, CACHES, PREVIEWS);

    static final String REGISTRY = "registry";

    private EcrTables() {}

    /**
     * A repository, keyed by name.
     *
     * @param mutability one of MUTABLE, IMMUTABLE, and the two WITH_EXCLUSION
     * @param exclusions wildcards of tags for which the opposite holds
     * @param kmsKey what it is said to be encrypted under; null for AES256
     * @param evaluated when the lifecycle policy last ran
     */
    record RepositoryRow(
            String name,
            Instant created,
            String mutability,
            List<String> exclusions,
            boolean scanOnPush,
            String encryption,
            @Nullable String kmsKey,
            Map<String, String> tags,
            @Nullable String policy,
            @Nullable String lifecycle,
            @Nullable Instant evaluated) {
        RepositoryRow mutable(String how, List<String> excluded) {
            return new RepositoryRow(
                    name, created, how, excluded, scanOnPush, encryption, kmsKey, tags, policy, lifecycle, evaluated);
        }

        RepositoryRow scanned(boolean onPush) {
            return new RepositoryRow(
                    name,
                    created,
                    mutability,
                    exclusions,
                    onPush,
                    encryption,
                    kmsKey,
                    tags,
                    policy,
                    lifecycle,
                    evaluated);
        }

        RepositoryRow tagged(Map<String, String> changed) {
            return new RepositoryRow(
                    name,
                    created,
                    mutability,
                    exclusions,
                    scanOnPush,
                    encryption,
                    kmsKey,
                    changed,
                    policy,
                    lifecycle,
                    evaluated);
        }

        RepositoryRow withPolicy(@Nullable String document) {
            return new RepositoryRow(
                    name,
                    created,
                    mutability,
                    exclusions,
                    scanOnPush,
                    encryption,
                    kmsKey,
                    tags,
                    document,
                    lifecycle,
                    evaluated);
        }

        RepositoryRow withLifecycle(@Nullable String document, @Nullable Instant ran) {
            return new RepositoryRow(
                    name, created, mutability, exclusions, scanOnPush, encryption, kmsKey, tags, policy, document, ran);
        }

        /** Whether a tag that is given stays where it is. */
        boolean fixes(String tag) {
            boolean excluded = exclusions.stream().anyMatch(each -> Wildcards.matches(each, tag));
            return switch (mutability) {
                case "IMMUTABLE" -> true;
                case "IMMUTABLE_WITH_EXCLUSION" -> !excluded;
                case "MUTABLE_WITH_EXCLUSION" -> excluded;
                default -> false;
            };
        }
    }

    /** What came of a copy to another registry. */
    record Copy(
            String region,
            String account,
            String status,
            @Nullable String failure) {}

    /**
     * What a scan found.
     *
     * @param status as the API names it
     */
    record Scan(
            String status,
            String description,
            Instant asked,
            @Nullable Instant completed) {}

    /**
     * An image, an index of images or an artifact, keyed by {@code repository@digest}. Its manifest is a layer of the
     * storage under its own digest, which the row holds a reference to.
     *
     * @param size of what it is made of, in bytes
     * @param parts digests of configuration and layers, or of the manifests of an index
     * @param index whether the parts are manifests
     * @param subject the digest it says something about
     * @param replica whether it came from another registry, or through the cache: such are not copied on
     */
    record ImageRow(
            String repository,
            String digest,
            String mediaType,
            @Nullable String artifactType,
            long size,
            long manifestSize,
            Instant pushed,
            @Nullable Instant pulled,
            List<String> parts,
            boolean index,
            @Nullable String subject,
            Map<String, String> annotations,
            boolean replica,
            List<Copy> copies,
            @Nullable Scan scan) {
        ImageRow pulledAt(Instant now) {
            return new ImageRow(
                    repository,
                    digest,
                    mediaType,
                    artifactType,
                    size,
                    manifestSize,
                    pushed,
                    now,
                    parts,
                    index,
                    subject,
                    annotations,
                    replica,
                    copies,
                    scan);
        }

        ImageRow pushedAt(Instant now) {
            return new ImageRow(
                    repository,
                    digest,
                    mediaType,
                    artifactType,
                    size,
                    manifestSize,
                    now,
                    pulled,
                    parts,
                    index,
                    subject,
                    annotations,
                    replica,
                    copies,
                    scan);
        }

        ImageRow copied(List<Copy> changed) {
            return new ImageRow(
                    repository,
                    digest,
                    mediaType,
                    artifactType,
                    size,
                    manifestSize,
                    pushed,
                    pulled,
                    parts,
                    index,
                    subject,
                    annotations,
                    replica,
                    changed,
                    scan);
        }

        ImageRow scanned(@Nullable Scan changed) {
            return new ImageRow(
                    repository,
                    digest,
                    mediaType,
                    artifactType,
                    size,
                    manifestSize,
                    pushed,
                    pulled,
                    parts,
                    index,
                    subject,
                    annotations,
                    replica,
                    copies,
                    changed);
        }
    }

    /** A tag, keyed by {@code repository:tag}. */
    record TagRow(String repository, String tag, String digest) {}

    /**
     * A layer a repository has, keyed by {@code repository@digest}; the row holds a reference.
     *
     * @param since when it was pushed, or last lost an image: what no image needs goes a while after
     */
    record LayerRow(String repository, String digest, long size, Instant since) {}

    /** What is set for a whole registry; one row. */
    record RegistryRow(
            @Nullable String policy,
            @Nullable ReplicationConfiguration replication,
            @Nullable RegistryScanningConfiguration scanning,
            Map<String, String> settings,
            Map<String, Instant> pullExclusions) {
        static final RegistryRow NONE = new RegistryRow(null, null, null, Map.of(), Map.of());

        RegistryRow withPolicy(@Nullable String document) {
            return new RegistryRow(document, replication, scanning, settings, pullExclusions);
        }

        RegistryRow replicating(ReplicationConfiguration changed) {
            return new RegistryRow(policy, changed, scanning, settings, pullExclusions);
        }

        RegistryRow scanning(RegistryScanningConfiguration changed) {
            return new RegistryRow(policy, replication, changed, settings, pullExclusions);
        }

        RegistryRow with(Map<String, String> changed) {
            return new RegistryRow(policy, replication, scanning, changed, pullExclusions);
        }

        RegistryRow excluding(Map<String, Instant> changed) {
            return new RegistryRow(policy, replication, scanning, settings, changed);
        }
    }

    /** A repository creation template, keyed by prefix. */
    record TemplateRow(RepositoryCreationTemplate template) {}

    /**
     * A pull-through cache rule, keyed by prefix.
     *
     * @param url of the upstream, as it was given
     */
    record CacheRow(
            String prefix,
            String url,
            @Nullable String upstream,
            @Nullable String credential,
            @Nullable String role,
            @Nullable String upstreamPrefix,
            Instant created,
            Instant updated) {}

    /** One line of a preview. */
    record Expiring(String digest, List<String> tags, Instant pushed, int rule) {}

    /** What a lifecycle policy would do, keyed by repository. */
    record PreviewRow(String policy, Instant at, List<Expiring> expiring) {}

    /** The id of an image or layer. */
    static String inside(String repository, String digest) {
        return repository + "@" + digest;
    }

    static Key image(Key repository, String digest) {
        return repository.scope().key(inside(repository.id(), digest));
    }

    static Key tag(Key repository, String tag) {
        return repository.scope().key(repository.id() + ":" + tag);
    }

    static String arn(Scope scope, String repository) {
        return Arn.of("ecr", scope.region(), scope.account(), "repository/" + repository)
                .toString();
    }
}
