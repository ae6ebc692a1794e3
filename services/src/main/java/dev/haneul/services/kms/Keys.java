package dev.haneul.services.kms;

import dev.haneul.api.kms.KeyMetadata;
import dev.haneul.api.kms.MultiRegionConfiguration;
import dev.haneul.api.kms.MultiRegionKey;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.kms.KmsTables.AliasRow;
import dev.haneul.services.kms.KmsTables.Face;
import dev.haneul.services.kms.KmsTables.KeyRow;
import dev.haneul.services.kms.KmsTables.Nature;
import dev.haneul.services.kms.KmsTables.Places;
import dev.haneul.services.kms.KmsTables.Schedule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds keys by all their names, makes AWS's own on first use, and says what may be done with one in its state. */
final class Keys {
    static final String MANAGED_PREFIX = "alias/aws/";

    private static final Pattern ID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32}");
    private static final Pattern MANAGED = Pattern.compile("alias/aws/[a-z0-9-]{2,40}");

    private final Store store;
    private final Clock clock;
    private final Materials materials;

    Keys(Store store, Clock clock, Materials materials) {
        this.store = store;
        this.clock = clock;
        this.materials = materials;
    }

    /** A key and where it is kept. */
    record Found(Key key, KeyRow row) {
        String arn() {
            return KmsTables.arn(key);
        }

        /** Refuses a key that cannot be used just now. */
        Found usable() {
            switch (row.state()) {
                case "Disabled" -> throw KmsFaults.disabled(arn());
                case "PendingDeletion" -> throw KmsFaults.state(arn(), "is pending deletion.");
                case "PendingImport" -> throw KmsFaults.state(arn(), "is pending import.");
                default -> {}
            }
            return this;
        }

        /** Refuses a key that is made for something else. */
        Found for_(String usage, String operation) {
            if (!row.nature().usage().equals(usage)) {
                throw KmsFaults.usage(arn(), row.nature().usage(), operation);
            }
            return this;
        }

        Found notPendingDeletion() {
            if (row.schedule().deletion() != null) {
                throw KmsFaults.state(arn(), "is pending deletion.");
            }
            return this;
        }

        /** Refuses a change of a key that AWS manages. */
        Found customers() {
            if (row.nature().manager().equals("AWS")) {
                throw KmsFaults.managed(arn());
            }
            return this;
        }
    }

    /** The key of this id, ARN, alias or alias ARN. */
    Found find(String name, Call call) {
        makeManaged(name, call.account(), call.region());
        return store.read(tx -> find(tx, name, call));
    }

    /** Like {@link #find}, within a transaction; makes no key. */
    static Found find(ReadTx tx, String name, Call call) {
        if (!name.startsWith("arn:")) {
            return named(tx, name, call.account(), call.region());
        }
        Arn arn =
                Arn.parse(name).filter(each -> each.service().equals("kms")).orElseThrow(() -> KmsFaults.badArn(name));
        if (!arn.region().equals(call.region())) {
            throw KmsFaults.badArn(name);
        }
        String rest = arn.resource();
        String bare = rest.startsWith("key/") ? rest.substring("key/".length()) : rest;
        return named(tx, bare, arn.account(), arn.region());
    }

    private static Found named(ReadTx tx, String name, String account, String region) {
        if (name.startsWith("alias/")) {
            Key alias = new Key(account, region, name);
            String target = tx.get(KmsTables.ALIASES, alias)
                    .map(row -> row.value().target())
                    .orElseThrow(() -> KmsFaults.noAlias(KmsTables.aliasArn(alias)));
            return get(tx, new Key(account, region, target));
        }
        if (!ID.matcher(name).matches()) {
            throw KmsFaults.badKeyId(name);
        }
        return get(tx, new Key(account, region, name));
    }

    /** The key that is kept here. */
    static Found get(ReadTx tx, Key key) {
        return peek(tx, key).orElseThrow(() -> KmsFaults.noKey(KmsTables.arn(key)));
    }

    static Optional<Found> peek(ReadTx tx, Key key) {
        return tx.get(KmsTables.KEYS, key).map(row -> new Found(key, row.value()));
    }

    Optional<Found> peek(Key key) {
        return store.read(tx -> peek(tx, key));
    }

    /** Changes a key's record, read afresh. */
    void change(Key key, UnaryOperator<KeyRow> change) {
        store.write(tx -> tx.put(KmsTables.KEYS, key, change.apply(get(tx, key).row())));
    }

    /** Changes the record of a key in every region it has, which share their material. */
    static void changeEverywhere(WriteTx tx, Key key, UnaryOperator<KeyRow> change) {
        KeyRow row = get(tx, key).row();
        List<String> regions = row.regions().isEmpty() ? List.of(key.region()) : row.regions();
        for (String region : regions) {
            Key each = new Key(key.account(), region, key.id());
            peek(tx, each).ifPresent(found -> tx.put(KmsTables.KEYS, each, change.apply(found.row())));
        }
    }

    /** Makes the key behind {@code alias/aws/…} where it is not there yet, as its service's first use does. */
    void makeManaged(String name, String account, String region) {
        String alias =
                name.startsWith("arn:") ? Arn.parse(name).map(Arn::resource).orElse("") : name;
        if (!MANAGED.matcher(alias).matches() || account.length() != 12 || region.isEmpty()) {
            return;
        }
        Key aliasKey = new Key(account, region, alias);
        if (store.read(tx -> tx.get(KmsTables.ALIASES, aliasKey)).isPresent()) {
            return;
        }
        String id = UUID.randomUUID().toString();
        String service = alias.substring(MANAGED_PREFIX.length());
        Nature nature = new Nature(KeySpecs.SYMMETRIC, KeySpecs.ENCRYPT, "AWS_KMS", "AWS", clock.instant(), false);
        KeyRow row = new KeyRow(
                id,
                nature,
                new Face(
                        "Default key that protects my " + service + " data when no other key is defined",
                        true,
                        KeyPolicies.managed(service, account, region),
                        Map.of()),
                new Places("", List.of()),
                List.of(materials.make(id, KeySpecs.SYMMETRIC, clock.instant(), "")),
                new Schedule(null, null, 365, clock.instant().plus(java.time.Duration.ofDays(365)), null));
        store.write(tx -> {
            if (tx.get(KmsTables.ALIASES, aliasKey).isEmpty()) {
                tx.put(KmsTables.KEYS, new Key(account, region, id), row);
                tx.put(KmsTables.ALIASES, aliasKey, new AliasRow(alias, id, clock.instant(), clock.instant()));
            }
        });
    }

    static KeyMetadata view(Found found) {
        KeyRow row = found.row();
        Nature nature = row.nature();
        Schedule schedule = row.schedule();
        boolean external =
                nature.origin().equals("EXTERNAL") && !row.materials().isEmpty();
        return new KeyMetadata()
                .awsAccountId(found.key().account())
                .keyId(row.id())
                .arn(found.arn())
                .creationDate(nature.created())
                .enabled(row.state().equals("Enabled"))
                .description(row.description())
                .keyUsage(nature.usage())
                .keyState(row.state())
                .deletionDate(schedule.deletion())
                .validTo(schedule.materialExpires())
                .origin(nature.origin())
                .expirationModel(
                        !external
                                ? null
                                : schedule.materialExpires() == null
                                        ? "KEY_MATERIAL_DOES_NOT_EXPIRE"
                                        : "KEY_MATERIAL_EXPIRES")
                .keyManager(nature.manager())
                .customerMasterKeySpec(nature.spec())
                .keySpec(nature.spec())
                .encryptionAlgorithms(orNull(KeySpecs.encryptions(nature.spec(), nature.usage())))
                .signingAlgorithms(orNull(KeySpecs.signatures(nature.spec(), nature.usage())))
                .macAlgorithms(orNull(KeySpecs.macs(nature.spec())))
                .keyAgreementAlgorithms(orNull(KeySpecs.agreements(nature.usage())))
                .multiRegion(nature.multiRegion())
                .multiRegionConfiguration(nature.multiRegion() ? regions(found) : null)
                .currentKeyMaterialId(
                        row.symmetric() && !row.materials().isEmpty()
                                ? row.material().id()
                                : null);
    }

    private static MultiRegionConfiguration regions(Found found) {
        KeyRow row = found.row();
        return new MultiRegionConfiguration()
                .multiRegionKeyType(row.primary().equals(found.key().region()) ? "PRIMARY" : "REPLICA")
                .primaryKey(place(found.key(), row.primary()))
                .replicaKeys(row.regions().stream()
                        .filter(each -> !each.equals(row.primary()))
                        .map(each -> place(found.key(), each))
                        .toList());
    }

    private static MultiRegionKey place(Key key, String region) {
        return new MultiRegionKey()
                .arn(KmsTables.arn(new Key(key.account(), region, key.id())))
                .region(region);
    }

    static <T> @Nullable List<T> orNull(List<T> list) {
        return list.isEmpty() ? null : list;
    }

    /** Every alias of a key. */
    static List<Row<AliasRow>> aliases(ReadTx tx, Key key) {
        return tx.find(KmsTables.ALIASES, key.scope(), "target", key.id(), "", 1000);
    }
}
