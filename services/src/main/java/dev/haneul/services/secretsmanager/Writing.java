package dev.haneul.services.secretsmanager;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.secretsmanager.*;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.Regions;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.secretsmanager.SecretTables.Replica;
import dev.haneul.services.secretsmanager.SecretTables.Rotation;
import dev.haneul.services.secretsmanager.SecretTables.SecretRow;
import dev.haneul.services.secretsmanager.SecretTables.Times;
import dev.haneul.services.secretsmanager.SecretTables.VersionRow;
import dev.haneul.services.secretsmanager.Secrets.Found;
import dev.haneul.services.secretsmanager.Values.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Secrets made and changed: values put under stages, stages moved, replicas kept like their primary. */
final class Writing {
    private static final int MOST_TAGS = 50;
    private static final int MOST_STAGES = 20;
    private static final int MOST_BYTES = 65_536;

    private final Store store;
    private final Clock clock;
    private final Secrets secrets;
    private final Values values;
    private final Ids ids;

    Writing(Store store, Clock clock, Secrets secrets, Values values, Ids ids) {
        this.store = store;
        this.clock = clock;
        this.secrets = secrets;
        this.values = values;
        this.ids = ids;
    }

    CreateSecretResponse create(CreateSecretRequest in, Call call) {
        String allowed = Secrets.isService(call) ? "[a-zA-Z0-9/_+=.@!-]{1,512}" : "[a-zA-Z0-9/_+=.@-]{1,512}";
        if (!in.name().matches(allowed)) {
            throw SecretFaults.invalid(
                    "Invalid name. Must be a valid name containing alphanumeric characters, or any of"
                            + " the following: -/_+=.@!");
        }
        Key key = new Key(call.account(), call.region(), in.name());
        Value value = value(in.secretString(), in.secretBinary());
        String version = token(in.clientRequestToken());
        Found there = store.read(tx -> Secrets.get(tx, key)).orElse(null);
        if (there != null) {
            return again(there, version, value);
        }
        Times times = new Times(clock.instant(), clock.instant(), null, null, null, null);
        SecretRow row = new SecretRow(
                in.name(),
                suffix(),
                in.description(),
                in.kmsKeyId(),
                tags(Map.of(), in.tags()),
                null,
                times,
                Rotation.NONE,
                "",
                List.of());
        Found made = new Found(key, row);
        VersionRow first = value == null
                ? null
                : values.seal(
                        made.arn(), version, value, keyOf(row), List.of(SecretTables.CURRENT), clock.instant(), call);
        store.write(tx -> {
            Secrets.get(tx, key).ifPresent(any -> {
                throw SecretFaults.exists("The operation failed because the secret " + in.name() + " already exists.");
            });
            tx.put(SecretTables.SECRETS, key, row);
            if (first != null) {
                Secrets.put(tx, key, first);
            }
        });
        CreateSecretResponse out =
                new CreateSecretResponse().arn(made.arn()).name(row.name()).versionId(first == null ? null : version);
        return in.addReplicaRegions().isEmpty()
                ? out
                : out.replicationStatus(replicate(
                        in.name(),
                        in.addReplicaRegions(),
                        Boolean.TRUE.equals(in.forceOverwriteReplicaSecret()),
                        call));
    }

    /** The same request once more is answered as the first; any other finds the name taken. */
    private CreateSecretResponse again(Found there, String version, @Nullable Value value) {
        if (there.row().times().deleted() != null) {
            throw SecretFaults.request(
                    "You can't create this secret because a secret with this name is already scheduled for deletion.");
        }
        boolean same = value != null
                && secrets.versions(there.key()).stream()
                        .anyMatch(each ->
                                each.id().equals(version) && each.digest().equals(values.digest(value)));
        if (!same) {
            throw SecretFaults.exists(
                    "The operation failed because the secret " + there.row().name() + " already exists.");
        }
        return new CreateSecretResponse()
                .arn(there.arn())
                .name(there.row().name())
                .versionId(version);
    }

    private String suffix() {
        StringBuilder text = new StringBuilder(ids.lower(6));
        for (int i = 0; i < text.length(); i += 2) {
            text.setCharAt(i, Character.toUpperCase(text.charAt(i)));
        }
        return text.toString();
    }

    static String keyOf(SecretRow row) {
        return row.kmsKeyId() == null ? Values.DEFAULT_KEY : row.kmsKeyId();
    }

    private static String token(@Nullable String token) {
        return token == null ? UUID.randomUUID().toString() : token;
    }

    private static @Nullable Value value(@Nullable String text, byte @Nullable [] binary) {
        if (text != null && binary != null) {
            throw SecretFaults.invalid(
                    "You can't specify both a binary secret value and a string secret value in the same" + " secret.");
        }
        byte[] bytes = text == null ? binary : text.getBytes(StandardCharsets.UTF_8);
        if (bytes == null) {
            return null;
        }
        if (bytes.length > MOST_BYTES) {
            throw SecretFaults.invalid("The secret value has more than " + MOST_BYTES + " bytes.");
        }
        return new Value(bytes, text == null);
    }

    static Map<String, String> tags(Map<String, String> before, List<Tag> more) {
        Map<String, String> all = new LinkedHashMap<>(before);
        for (Tag tag : more) {
            if (tag.key() == null || tag.key().startsWith("aws:")) {
                throw SecretFaults.request("Tag keys cannot begin with aws:");
            }
            all.put(tag.key(), tag.value() == null ? "" : tag.value());
        }
        if (all.size() > MOST_TAGS) {
            throw SecretFaults.request("A secret can have at most " + MOST_TAGS + " tags.");
        }
        return all;
    }

    PutSecretValueResponse put(PutSecretValueRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive().changeableBy(call);
        Value value = value(in.secretString(), in.secretBinary());
        if (value == null) {
            throw SecretFaults.request("You must provide either SecretString or SecretBinary.");
        }
        if (in.versionStages().size() > MOST_STAGES) {
            throw SecretFaults.invalid("A version can have at most " + MOST_STAGES + " staging labels.");
        }
        List<String> stages = in.hasVersionStages() ? in.versionStages() : List.of(SecretTables.CURRENT);
        VersionRow made = put(found, token(in.clientRequestToken()), value, stages, call);
        return new PutSecretValueResponse()
                .arn(found.arn())
                .name(found.row().name())
                .versionId(made.id())
                .versionStages(made.stages());
    }

    private VersionRow put(Found found, String version, Value value, List<String> asked, Call call) {
        List<VersionRow> versions = secrets.versions(found.key());
        VersionRow same = versions.stream()
                .filter(each -> each.id().equals(version))
                .findFirst()
                .orElse(null);
        if (same != null && !same.sealed().isEmpty()) {
            if (!same.digest().equals(values.digest(value))) {
                throw SecretFaults.exists("You can't use ClientRequestToken " + version
                        + " because that value is already in use for a version of secret " + found.arn() + ".");
            }
            return same;
        }
        // A secret's first value is its current one, whatever is asked.
        List<String> stages = new ArrayList<>(asked);
        boolean none = versions.stream().noneMatch(each -> each.stages().contains(SecretTables.CURRENT));
        if (none && !stages.contains(SecretTables.CURRENT)) {
            stages.add(SecretTables.CURRENT);
        }
        VersionRow made = values.seal(found.arn(), version, value, keyOf(found.row()), stages, clock.instant(), call);
        store.write(tx -> {
            SecretRow row = Secrets.require(tx, found.key()).row();
            Secrets.put(tx, found.key(), made);
            tx.put(SecretTables.SECRETS, found.key(), row.changed(clock.instant()));
        });
        sync(found.key(), call);
        return made;
    }

    UpdateSecretResponse update(UpdateSecretRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive().changeableBy(call);
        Value value = value(in.secretString(), in.secretBinary());
        Found changed = secrets.change(
                found.key(),
                row -> row.described(
                                in.description() == null ? row.description() : in.description(),
                                in.kmsKeyId() == null ? row.kmsKeyId() : in.kmsKeyId())
                        .changed(clock.instant()));
        VersionRow made = value == null
                ? null
                : put(changed, token(in.clientRequestToken()), value, List.of(SecretTables.CURRENT), call);
        return new UpdateSecretResponse()
                .arn(found.arn())
                .name(found.row().name())
                .versionId(made == null ? null : made.id());
    }

    UpdateSecretVersionStageResponse move(UpdateSecretVersionStageRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive().changeableBy(call);
        String stage = in.versionStage();
        store.write(tx -> {
            List<VersionRow> all = Secrets.versions(tx, found.key());
            VersionRow holder = all.stream()
                    .filter(each -> each.stages().contains(stage))
                    .findFirst()
                    .orElse(null);
            if (in.removeFromVersionId() != null
                    && (holder == null || !holder.id().equals(in.removeFromVersionId()))) {
                throw SecretFaults.invalid("The parameter RemoveFromVersionId is not the version the staging label "
                        + stage + " is attached to.");
            }
            if (in.moveToVersionId() == null) {
                if (in.removeFromVersionId() == null || holder == null || stage.equals(SecretTables.CURRENT)) {
                    throw SecretFaults.invalid("You can't remove the staging label " + stage + ".");
                }
                List<String> left = new ArrayList<>(holder.stages());
                left.remove(stage);
                tx.put(SecretTables.VERSIONS, SecretTables.versionKey(found.key(), holder.id()), holder.staged(left));
                return;
            }
            VersionRow to = all.stream()
                    .filter(each -> each.id().equals(in.moveToVersionId()))
                    .findFirst()
                    .orElseThrow(() -> SecretFaults.noValue("VersionId: " + in.moveToVersionId()));
            if (holder != null && !holder.id().equals(to.id()) && in.removeFromVersionId() == null) {
                throw SecretFaults.invalid("The parameter RemoveFromVersionId can't be empty. Staging label " + stage
                        + " is currently attached to version " + holder.id()
                        + ", so you must explicitly reference that version in RemoveFromVersionId.");
            }
            List<String> stages = new ArrayList<>(to.stages());
            if (!stages.contains(stage)) {
                stages.add(stage);
            }
            if (stage.equals(SecretTables.CURRENT)) {
                stages.remove(SecretTables.PREVIOUS);
            }
            Secrets.put(tx, found.key(), to.staged(stages));
        });
        secrets.change(found.key(), row -> row.changed(clock.instant()));
        sync(found.key(), call);
        return new UpdateSecretVersionStageResponse()
                .arn(found.arn())
                .name(found.row().name());
    }

    List<ReplicationStatusType> replicate(String id, List<ReplicaRegionType> regions, boolean overwrite, Call call) {
        Found found = secrets.find(id, call).alive().changeableBy(call);
        List<Replica> all = new ArrayList<>(found.row().replicas());
        for (ReplicaRegionType each : regions) {
            String region = Objects.requireNonNullElse(each.region(), "");
            if (!Regions.exists(region) || region.equals(call.region())) {
                throw SecretFaults.invalid("Invalid replica region: " + region + ".");
            }
            Key there = new Key(found.key().account(), region, found.row().name());
            boolean taken = store.read(tx -> Secrets.get(tx, there))
                    .filter(other -> !other.row().primary().equals(call.region()))
                    .isPresent();
            all.removeIf(other -> other.region().equals(region));
            all.add(
                    taken && !overwrite
                            ? new Replica(
                                    region,
                                    each.kmsKeyId(),
                                    "Failed",
                                    "Replication failed: Secret name simple conflict in region " + region + ".")
                            : new Replica(region, each.kmsKeyId(), "InSync", ""));
        }
        secrets.change(found.key(), row -> row.replicated("", all));
        sync(found.key(), call);
        return statuses(all);
    }

    static List<ReplicationStatusType> statuses(List<Replica> replicas) {
        return replicas.stream()
                .map(each -> new ReplicationStatusType()
                        .region(each.region())
                        .kmsKeyId(each.kmsKeyId())
                        .status(each.status())
                        .statusMessage(each.message().isEmpty() ? null : each.message()))
                .toList();
    }

    /** Makes every replica like its primary: its record, its versions under the other region's key, their stages. */
    void sync(Key primary, Call call) {
        SecretRow row = store.read(tx -> Secrets.require(tx, primary).row());
        List<VersionRow> versions = secrets.versions(primary);
        for (Replica replica : row.replicas()) {
            if (!replica.status().equals("InSync")) {
                continue;
            }
            Key there = new Key(primary.account(), replica.region(), primary.id());
            SecretRow copy =
                    row.described(row.description(), replica.kmsKeyId()).replicated(primary.region(), List.of());
            Map<String, VersionRow> known = new LinkedHashMap<>();
            secrets.versions(there).forEach(each -> known.put(each.id(), each));
            List<VersionRow> copies = new ArrayList<>();
            for (VersionRow version : versions) {
                VersionRow old = known.get(version.id());
                if (old != null && old.digest().equals(version.digest())) {
                    copies.add(old.staged(version.stages()));
                } else if (!version.sealed().isEmpty()) {
                    byte[] clear = values.open(
                            SecretTables.arn(primary, row), version, call.in(call.account(), primary.region()));
                    copies.add(values.seal(
                            SecretTables.arn(there, copy),
                            version.id(),
                            new Value(clear, version.binary()),
                            keyOf(copy),
                            version.stages(),
                            version.created(),
                            call.in(call.account(), replica.region())));
                }
            }
            store.write(tx -> {
                Secrets.remove(tx, there);
                tx.put(SecretTables.SECRETS, there, copy.rotating(Rotation.NONE));
                copies.forEach(each -> tx.put(SecretTables.VERSIONS, SecretTables.versionKey(there, each.id()), each));
            });
        }
    }
}
