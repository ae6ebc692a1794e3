package dev.haneul.services.kms;

import dev.haneul.api.kms.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.kms.Keys.Found;
import dev.haneul.services.kms.KmsTables.Face;
import dev.haneul.services.kms.KmsTables.KeyRow;
import dev.haneul.services.kms.KmsTables.Material;
import dev.haneul.services.kms.KmsTables.Nature;
import dev.haneul.services.kms.KmsTables.Places;
import dev.haneul.services.kms.KmsTables.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keys made, described, enabled and disabled, tagged, replicated, rotated, and scheduled to go. */
final class KeyLife {
    private static final int MOST_TAGS = 50;
    private static final int MOST_ON_DEMAND = 25;
    private static final int DEFAULT_WINDOW_DAYS = 30;
    private static final int DEFAULT_ROTATION_DAYS = 365;
    private static final Set<String> ORIGINS = Set.of("AWS_KMS", "EXTERNAL");

    private final Store store;
    private final Clock clock;
    private final Keys keys;
    private final Materials materials;
    private final Consumer<Key> wake;

    /** @param wake is told of keys that have something to do at a moment to come */
    KeyLife(Store store, Clock clock, Keys keys, Materials materials, Consumer<Key> wake) {
        this.store = store;
        this.clock = clock;
        this.keys = keys;
        this.materials = materials;
        this.wake = wake;
    }

    KeyMetadata create(CreateKeyRequest in, Call call) {
        Nature nature = nature(in);
        String policy = in.policy() == null ? KeyPolicies.standard(call.account()) : in.policy();
        KeyPolicies.check(policy, Boolean.TRUE.equals(in.bypassPolicyLockoutSafetyCheck()), call);
        String uuid = UUID.randomUUID().toString();
        String id = nature.multiRegion() ? "mrk-" + uuid.replace("-", "") : uuid;
        List<Material> made = nature.origin().equals("EXTERNAL")
                ? List.of()
                : List.of(materials.make(id, nature.spec(), nature.created(), ""));
        KeyRow row = new KeyRow(
                id,
                nature,
                new Face(in.description() == null ? "" : in.description(), true, policy, tags(Map.of(), in.tags())),
                nature.multiRegion() ? new Places(call.region(), List.of(call.region())) : new Places("", List.of()),
                made,
                Schedule.NONE);
        Key key = new Key(call.account(), call.region(), id);
        store.write(tx -> tx.put(KmsTables.KEYS, key, row));
        return Keys.view(new Found(key, row));
    }

    private Nature nature(CreateKeyRequest in) {
        String spec = in.keySpec() != null
                ? in.keySpec()
                : in.customerMasterKeySpec() != null ? in.customerMasterKeySpec() : KeySpecs.SYMMETRIC;
        String origin = in.origin() == null ? "AWS_KMS" : in.origin();
        if (!KeySpecs.known(spec)) {
            throw KmsFaults.unsupported("The key spec " + spec + " is not supported.");
        }
        if (in.customKeyStoreId() != null || !ORIGINS.contains(origin)) {
            throw KmsFaults.unsupported("Custom key stores are not supported.");
        }
        String usage = in.keyUsage();
        if (usage == null) {
            if (!spec.equals(KeySpecs.SYMMETRIC)) {
                throw KmsFaults.validation("You must specify a KeyUsage value for all KMS keys except for symmetric"
                        + " encryption keys.");
            }
            usage = KeySpecs.ENCRYPT;
        }
        if (!KeySpecs.fits(spec, usage)) {
            throw KmsFaults.validation("KeyUsage " + usage + " is not compatible with KeySpec " + spec);
        }
        return new Nature(spec, usage, origin, "CUSTOMER", clock.instant(), Boolean.TRUE.equals(in.multiRegion()));
    }

    static Map<String, String> tags(Map<String, String> before, List<Tag> more) {
        Map<String, String> all = new LinkedHashMap<>(before);
        for (Tag tag : more) {
            if (tag.tagKey().startsWith("aws:")) {
                throw Fault.of(new TagException(), "Tags beginning with aws: are reserved");
            }
            all.put(tag.tagKey(), tag.tagValue());
        }
        if (all.size() > MOST_TAGS) {
            throw Fault.of(new TagException(), "Too many tags");
        }
        return all;
    }

    static List<Tag> tags(KeyRow row) {
        return row.tags().entrySet().stream()
                .map(each -> new Tag().tagKey(each.getKey()).tagValue(each.getValue()))
                .toList();
    }

    void enable(String id, boolean on, Call call) {
        Found found = keys.find(id, call).customers().notPendingDeletion();
        if (found.row().materials().isEmpty()) {
            throw KmsFaults.state(found.arn(), "is pending import.");
        }
        keys.change(found.key(), row -> row.enabled(on));
    }

    ScheduleKeyDeletionResponse scheduleDeletion(ScheduleKeyDeletionRequest in, Call call) {
        Found found = keys.find(in.keyId(), call).customers().notPendingDeletion();
        int days = in.pendingWindowInDays() == null ? DEFAULT_WINDOW_DAYS : in.pendingWindowInDays();
        if (days < 7 || days > 30) {
            throw KmsFaults.validation("PendingWindowInDays must be between 7 and 30 days.");
        }
        Instant when = clock.instant().plus(Duration.ofDays(days));
        keys.change(
                found.key(),
                row -> row.enabled(false)
                        .at(new Schedule(
                                when,
                                days,
                                row.schedule().rotationDays(),
                                row.schedule().nextRotation(),
                                row.schedule().materialExpires())));
        wake.accept(found.key());
        return new ScheduleKeyDeletionResponse()
                .keyId(found.arn())
                .deletionDate(when)
                .keyState("PendingDeletion")
                .pendingWindowInDays(days);
    }

    CancelKeyDeletionResponse cancelDeletion(String id, Call call) {
        Found found = keys.find(id, call).customers();
        if (found.row().schedule().deletion() == null) {
            throw KmsFaults.state(found.arn(), "is not pending deletion.");
        }
        keys.change(
                found.key(),
                row -> row.at(new Schedule(
                        null,
                        null,
                        row.schedule().rotationDays(),
                        row.schedule().nextRotation(),
                        row.schedule().materialExpires())));
        return new CancelKeyDeletionResponse().keyId(found.arn());
    }

    void rotation(String id, boolean on, @Nullable Integer asked, Call call) {
        Found found = rotatable(keys.find(id, call));
        int days = asked == null ? DEFAULT_ROTATION_DAYS : asked;
        if (days < 90 || days > 2560) {
            throw KmsFaults.validation("RotationPeriodInDays must be between 90 and 2560 days.");
        }
        store.write(tx -> Keys.changeEverywhere(
                tx,
                found.key(),
                row -> row.at(new Schedule(
                        row.schedule().deletion(),
                        row.schedule().deletionDays(),
                        on ? days : null,
                        on ? clock.instant().plus(Duration.ofDays(days)) : null,
                        row.schedule().materialExpires()))));
        wake.accept(found.key());
    }

    private static Found rotatable(Found found) {
        found.customers().usable();
        if (!found.row().symmetric() || !found.row().nature().origin().equals("AWS_KMS")) {
            throw KmsFaults.unsupported("You cannot perform this operation on " + found.arn()
                    + ": only symmetric encryption keys of origin AWS_KMS rotate.");
        }
        if (found.row().nature().multiRegion()
                && !found.row().primary().equals(found.key().region())) {
            throw KmsFaults.unsupported("You cannot perform this operation on a multi-Region replica key.");
        }
        return found;
    }

    String rotateNow(String id, Call call) {
        Found found = rotatable(keys.find(id, call));
        long before = found.row().materials().stream()
                .filter(each -> each.rotation().equals("ON_DEMAND"))
                .count();
        if (before >= MOST_ON_DEMAND) {
            throw Fault.of(
                    new LimitExceededException(),
                    "The on-demand rotation limit of " + MOST_ON_DEMAND + " was reached for " + found.arn() + ".");
        }
        Material made = materials.make(found.row().id(), KeySpecs.SYMMETRIC, clock.instant(), "ON_DEMAND");
        store.write(tx -> Keys.changeEverywhere(tx, found.key(), row -> row.withMaterials(and(row, made))));
        return found.arn();
    }

    static List<Material> and(KeyRow row, Material made) {
        List<Material> all = new ArrayList<>(row.materials());
        all.add(made);
        return all;
    }

    ReplicateKeyResponse replicate(ReplicateKeyRequest in, Call call) {
        Found found = keys.find(in.keyId(), call).usable();
        KeyRow primary = found.row();
        if (!primary.nature().multiRegion() || !primary.primary().equals(call.region())) {
            throw KmsFaults.unsupported(found.arn() + " is not a multi-Region primary key.");
        }
        if (!dev.haneul.kernel.Regions.exists(in.replicaRegion())
                || in.replicaRegion().equals(call.region())) {
            throw KmsFaults.validation("The replica Region " + in.replicaRegion() + " is not valid.");
        }
        String policy = in.policy() == null ? KeyPolicies.standard(call.account()) : in.policy();
        KeyPolicies.check(policy, Boolean.TRUE.equals(in.bypassPolicyLockoutSafetyCheck()), call);
        Key replica = new Key(call.account(), in.replicaRegion(), primary.id());
        KeyRow made = store.transact(tx -> {
            if (Keys.peek(tx, replica).isPresent()) {
                throw Fault.of(new AlreadyExistsException(), "A replica key already exists in this Region");
            }
            KeyRow now = Keys.get(tx, found.key()).row();
            List<String> regions = new ArrayList<>(now.regions());
            regions.add(in.replicaRegion());
            KeyRow row = new KeyRow(
                    now.id(),
                    now.nature(),
                    new Face(in.description() == null ? "" : in.description(), true, policy, tags(Map.of(), in.tags())),
                    new Places(now.primary(), regions),
                    now.materials(),
                    now.schedule());
            Keys.changeEverywhere(tx, found.key(), each -> each.in(each.primary(), regions));
            tx.put(KmsTables.KEYS, replica, row);
            return row;
        });
        return new ReplicateKeyResponse()
                .replicaKeyMetadata(Keys.view(new Found(replica, made)))
                .replicaPolicy(policy)
                .replicaTags(tags(made));
    }

    void movePrimary(UpdatePrimaryRegionRequest in, Call call) {
        Found found = keys.find(in.keyId(), call).usable();
        if (!found.row().primary().equals(call.region())
                || !found.row().regions().contains(in.primaryRegion())) {
            throw KmsFaults.unsupported(found.arn() + " cannot make " + in.primaryRegion() + " its primary Region.");
        }
        store.write(tx -> Keys.changeEverywhere(tx, found.key(), row -> row.in(in.primaryRegion(), row.regions())));
    }
}
