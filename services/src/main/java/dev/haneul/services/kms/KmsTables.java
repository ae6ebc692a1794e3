package dev.haneul.services.kms;

import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The durable state of keys. */
final class KmsTables {
    static final Table<KeyRow> KEYS =
            Table.of("kms.key", RecordCodecs.of(KeyRow.class).withUpgrade(1, KmsTables::inParts));
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

    /** What its administrators say of a key. */
    record Face(String description, boolean enabled, String policy, Map<String, String> tags) {}

    /**
     * Where a multi-region key is; nowhere else for others.
     *
     * @param primary the region of the primary
     * @param regions every region it is in
     */
    record Places(String primary, List<String> regions) {}

    /**
     * A key. Multi-region keys have a record in each of their regions.
     *
     * @param materials newest last; empty while none is imported
     * @param firstMaterial the id of what was imported first, and may be imported again; empty for none
     */
    record KeyRow(
            String id,
            Nature nature,
            Face face,
            Places places,
            List<Material> materials,
            String firstMaterial,
            Schedule schedule) {
        KeyRow(String id, Nature nature, Face face, Places places, List<Material> materials, Schedule schedule) {
            this(id, nature, face, places, materials, "", schedule);
        }

        private KeyRow with(Face changed) {
            return new KeyRow(id, nature, changed, places, materials, firstMaterial, schedule);
        }

        KeyRow described(String text) {
            return with(new Face(text, face.enabled, face.policy, face.tags));
        }

        KeyRow enabled(boolean on) {
            return with(new Face(face.description, on, face.policy, face.tags));
        }

        KeyRow withPolicy(String document) {
            return with(new Face(face.description, face.enabled, document, face.tags));
        }

        KeyRow withTags(Map<String, String> changed) {
            return with(new Face(face.description, face.enabled, face.policy, changed));
        }

        KeyRow in(String primaryRegion, List<String> all) {
            return new KeyRow(id, nature, face, new Places(primaryRegion, all), materials, firstMaterial, schedule);
        }

        KeyRow withMaterials(List<Material> changed) {
            return new KeyRow(id, nature, face, places, changed, firstMaterial, schedule);
        }

        KeyRow imported(Material made) {
            return new KeyRow(id, nature, face, places, List.of(made), made.id(), schedule);
        }

        KeyRow at(Schedule changed) {
            return new KeyRow(id, nature, face, places, materials, firstMaterial, changed);
        }

        String description() {
            return face.description;
        }

        String policy() {
            return face.policy;
        }

        Map<String, String> tags() {
            return face.tags;
        }

        String primary() {
            return places.primary;
        }

        List<String> regions() {
            return places.regions;
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
            return materials.isEmpty() ? "PendingImport" : face.enabled ? "Enabled" : "Disabled";
        }
    }

    /** Records of the first release told everything side by side. */
    private static Map<String, @Nullable Object> inParts(Map<String, @Nullable Object> old) {
        old.put("face", part(old, "description", "enabled", "policy", "tags"));
        old.put("places", part(old, "primary", "regions"));
        return old;
    }

    private static Map<String, @Nullable Object> part(Map<String, @Nullable Object> old, String... names) {
        Map<String, @Nullable Object> part = new HashMap<>();
        for (String name : names) {
            if (old.containsKey(name)) {
                part.put(name, old.get(name));
            }
        }
        return part;
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
