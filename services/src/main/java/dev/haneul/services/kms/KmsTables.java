package dev.haneul.services.kms;

import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The durable state of keys. */
final class KmsTables {
    static final Table<KeyRow> KEYS = Table.of("kms.key", RecordCodecs.of(KeyRow.class));
    static final Table<AliasRow> ALIASES = Table.of(
            "kms.alias", RecordCodecs.of(AliasRow.class), new Table.Index<>("target", row -> List.of(row.target())));
    static final Table<GrantRow> GRANTS = Table.of(
            "kms.grant",
            RecordCodecs.of(GrantRow.class),
            new Table.Index<>("retiring", row -> row.retiring() == null ? List.of() : List.of(row.retiring())));
    static final List<Table<?>> ALL = List.of(KEYS, ALIASES, GRANTS);

    private KmsTables() {}

    /** What a key is, from birth to death. */
    record Nature(String spec, String usage, String origin, String manager, Instant created, boolean multiRegion) {}

    /**
     * Key material.
     *
     * @param sealed the secret or private key, sealed under the data folder's key
     * @param publicKey X.509; empty for symmetric keys
     * @param rotation how it came about: empty for the first, else AUTOMATIC or ON_DEMAND
     */
    record Material(String id, String sealed, byte[] publicKey, Instant from, String rotation) {}

    /** When a key changes by itself. Days and moments are null where it does not. */
    record Schedule(
            @Nullable Instant deletion,
            @Nullable Integer deletionDays,
            @Nullable Integer rotationDays,
            @Nullable Instant nextRotation,
            @Nullable Instant materialExpires) {
        static final Schedule NONE = new Schedule(null, null, null, null, null);
    }

    /**
     * A key. Multi-region keys have a record in each of their regions.
     *
     * @param primary the region of a multi-region key's primary
     * @param regions every region of a multi-region key; empty for others
     * @param materials newest last; empty while none is imported
     * @param firstMaterial the id of what was imported first, and may be imported again; empty for none
     */
    record KeyRow(
            String id,
            Nature nature,
            String description,
            boolean enabled,
            String policy,
            Map<String, String> tags,
            String primary,
            List<String> regions,
            List<Material> materials,
            String firstMaterial,
            Schedule schedule) {
        KeyRow(
                String id,
                Nature nature,
                String description,
                boolean enabled,
                String policy,
                Map<String, String> tags,
                String primary,
                List<String> regions,
                List<Material> materials,
                Schedule schedule) {
            this(id, nature, description, enabled, policy, tags, primary, regions, materials, "", schedule);
        }

        KeyRow described(String text) {
            return new KeyRow(
                    id, nature, text, enabled, policy, tags, primary, regions, materials, firstMaterial, schedule);
        }

        KeyRow enabled(boolean on) {
            return new KeyRow(
                    id, nature, description, on, policy, tags, primary, regions, materials, firstMaterial, schedule);
        }

        KeyRow withPolicy(String document) {
            return new KeyRow(
                    id,
                    nature,
                    description,
                    enabled,
                    document,
                    tags,
                    primary,
                    regions,
                    materials,
                    firstMaterial,
                    schedule);
        }

        KeyRow withTags(Map<String, String> changed) {
            return new KeyRow(
                    id,
                    nature,
                    description,
                    enabled,
                    policy,
                    changed,
                    primary,
                    regions,
                    materials,
                    firstMaterial,
                    schedule);
        }

        KeyRow in(String primaryRegion, List<String> all) {
            return new KeyRow(
                    id,
                    nature,
                    description,
                    enabled,
                    policy,
                    tags,
                    primaryRegion,
                    all,
                    materials,
                    firstMaterial,
                    schedule);
        }

        KeyRow withMaterials(List<Material> changed) {
            return new KeyRow(
                    id, nature, description, enabled, policy, tags, primary, regions, changed, firstMaterial, schedule);
        }

        KeyRow imported(Material made) {
            return new KeyRow(
                    id,
                    nature,
                    description,
                    enabled,
                    policy,
                    tags,
                    primary,
                    regions,
                    List.of(made),
                    made.id(),
                    schedule);
        }

        KeyRow at(Schedule changed) {
            return new KeyRow(
                    id,
                    nature,
                    description,
                    enabled,
                    policy,
                    tags,
                    primary,
                    regions,
                    materials,
                    firstMaterial,
                    changed);
        }

        Material material() {
            return materials.getLast();
        }

        boolean symmetric() {
            return nature.spec().equals("SYMMETRIC_DEFAULT");
        }

        String state() {
            if (schedule.deletion() != null) {
                return "PendingDeletion";
            }
            return materials.isEmpty() ? "PendingImport" : enabled ? "Enabled" : "Disabled";
        }
    }

    record AliasRow(String name, String target, Instant created, Instant updated) {}

    /** A grant, keyed by {@code key/grant}. */
    record GrantRow(
            String id,
            String key,
            String token,
            String grantee,
            @Nullable String retiring,
            List<String> operations,
            Map<String, String> contextEquals,
            Map<String, String> contextSubset,
            @Nullable String name,
            Instant created,
            String issuer) {}

    static String arn(Key key) {
        return Arn.of("kms", key.region(), key.account(), "key/" + key.id()).toString();
    }

    static String aliasArn(Key alias) {
        return Arn.of("kms", alias.region(), alias.account(), alias.id()).toString();
    }
}
