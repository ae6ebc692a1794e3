package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.ReplicationConfiguration;
import dev.haneul.api.s3.ReplicationRule;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.StsClient;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.s3.Configurations.ReplicationTask;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import dev.haneul.services.s3.S3Tables.Seal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Copies new versions to the buckets a replication configuration names. The commit that makes a version leaves a task for
 * each destination; a task is carried out as the configuration's role, under the version's own id, at least once. The
 * replica shares the source's bytes; where those are under a KMS key, their data key is encrypted anew under the
 * destination's, and where no such is named they stay. See AWS, "Replicating objects".
 */
final class Replication implements Reconciler<Key> {
    static final String HOST = "s3.amazonaws.com";
    static final String REPLICA = "REPLICA";
    static final String PENDING = "PENDING";
    private static final String CURSOR = "s3.replication";
    private static final int PAGE = 1000;
    private static final int CONCURRENCY = 4;
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
    private static final int SESSION_SECONDS = 3600;

    private final S3Context s3;
    private final ObjectIndex index;
    private final StsClient sts;
    private final Credentials credentials;

    Replication(S3Context s3, ObjectIndex index, Caller neighbours, Credentials credentials) {
        this.s3 = s3;
        this.index = index;
        this.sts = new StsClient(neighbours);
        this.credentials = credentials;
    }

    void join(Driver driver) {
        Driver.Waker<Key> waker = driver.add(this, CONCURRENCY);
        driver.follow(CURSOR, Set.of(Configurations.REPLICATION_TASKS.name()), change -> {
            if (change.after() != null) {
                waker.wake(change.key());
            }
        });
        Key after = null;
        List<Row<ReplicationTask>> page;
        do {
            Key from = after;
            page = s3.store().read(tx -> tx.all(Configurations.REPLICATION_TASKS, from, PAGE));
            for (Row<ReplicationTask> row : page) {
                waker.wake(row.key());
                after = row.key();
            }
        } while (page.size() == PAGE);
    }

    /** Leaves the tasks of a new version; answers whether there are any. */
    static boolean plan(WriteTx tx, Buckets.Bucket bucket, String key, String version, ObjectRecord object) {
        ReplicationConfiguration configuration = Configurations.of(tx, bucket).replication();
        if (configuration == null) {
            return false;
        }
        boolean kms = object.seal() != null && object.seal().kms();
        List<ReplicationRule> rules =
                ReplicationRules.matching(
                                configuration, key, object.description().tags())
                        .stream()
                        .filter(rule -> !kms || ReplicationRules.replicaKey(rule) != null)
                        .toList();
        rules.forEach(rule -> put(tx, bucket, key, version, rule, kms ? ReplicationRules.replicaKey(rule) : null));
        return !rules.isEmpty();
    }

    /** The same of a delete marker. */
    static void planMarker(WriteTx tx, Buckets.Bucket bucket, String key, String version) {
        ReplicationConfiguration configuration = Configurations.of(tx, bucket).replication();
        if (configuration != null) {
            ReplicationRules.matching(configuration, key, Map.of()).stream()
                    .filter(ReplicationRules::replicatesMarkers)
                    .forEach(rule -> put(tx, bucket, key, version, rule, null));
        }
    }

    private static void put(
            WriteTx tx,
            Buckets.Bucket bucket,
            String key,
            String version,
            ReplicationRule rule,
            @Nullable String replicaKey) {
        String target = ReplicationRules.bucketName(rule);
        Key id = bucket.scope().key(prefix(bucket, key, version) + target);
        String storageClass = rule.destination().storageClass();
        tx.put(
                Configurations.REPLICATION_TASKS,
                id,
                new ReplicationTask(bucket.name(), key, version, target, ListObjects.or(storageClass), replicaKey));
    }

    private static String prefix(Buckets.Bucket bucket, String key, String version) {
        return S3Tables.versionId(bucket.name(), key, version) + '\0';
    }

    @Override
    public String name() {
        return CURSOR;
    }

    /** What a task is about, found afresh. */
    private record Found(Buckets.Bucket bucket, ReplicationConfiguration configuration, Versions.Located version) {}

    @Override
    public Next reconcile(Key key) {
        ReplicationTask task = s3.store()
                .read(tx -> tx.get(Configurations.REPLICATION_TASKS, key).map(Row::value))
                .orElse(null);
        if (task == null) {
            return Next.DONE;
        }
        Found found = s3.store().read(tx -> find(tx, key, task)).orElse(null);
        if (found == null) {
            s3.store().write(tx -> tx.delete(Configurations.REPLICATION_TASKS, key));
            return Next.DONE;
        }
        boolean allowed;
        Seal seal = null;
        Call call = own(found.bucket);
        try {
            call = asRole(ListObjects.or(found.configuration.role()), found.bucket, call);
            s3.require(call, "s3:GetObjectVersionForReplication", task.bucket(), task.key());
            String action = found.version.object() == null ? "s3:ReplicateDelete" : "s3:ReplicateObject";
            s3.require(call, action, task.target(), task.key());
            seal = seal(found, task, call);
            allowed = true;
        } catch (Fault denied) {
            if (denied.status() >= 500) {
                throw denied;
            }
            allowed = false;
        }
        finish(key, task, found, allowed ? new Permission(call, seal) : null);
        return Next.DONE;
    }

    /**
     * What the role may do: copy.
     *
     * @param call in its name
     * @param seal of the replica, null for the source's
     */
    private record Permission(Call call, @Nullable Seal seal) {}

    private @Nullable Seal seal(Found found, ReplicationTask task, Call call) {
        ObjectRecord object = found.version.object();
        if (task.replicaKey() == null || object == null || object.seal() == null) {
            return null;
        }
        Buckets.Bucket target =
                s3.store().read(tx -> Buckets.find(tx, task.target())).orElseThrow(S3Errors::accessDenied);
        return s3.encryption().replicate(object.seal(), task.replicaKey(), target, task.key(), call);
    }

    private static Optional<Found> find(ReadTx tx, Key key, ReplicationTask task) {
        return Buckets.find(tx, task.bucket())
                .filter(bucket -> bucket.scope().equals(key.scope()))
                .flatMap(bucket -> {
                    ReplicationConfiguration configuration =
                            Configurations.of(tx, bucket).replication();
                    return configuration == null
                            ? Optional.empty()
                            : Versions.locate(tx, bucket, task.key(), task.version())
                                    .map(version -> new Found(bucket, configuration, version));
                });
    }

    private void finish(Key key, ReplicationTask task, Found before, @Nullable Permission permission) {
        s3.store().write(tx -> {
            tx.delete(Configurations.REPLICATION_TASKS, key);
            Found found = find(tx, key, task).orElse(null);
            if (found == null) {
                return;
            }
            Buckets.Bucket target = Buckets.find(tx, task.target())
                    .filter(bucket -> bucket.record().rulesOrNone().keepsVersions())
                    .orElse(null);
            if (permission != null && target != null) {
                copy(tx, found, task, target, permission);
            }
            tell(tx, found, task, permission != null && target != null, before.bucket);
        });
    }

    private void copy(WriteTx tx, Found found, ReplicationTask task, Buckets.Bucket target, Permission permission) {
        Call call = permission.call;
        ObjectRecord source = found.version.object();
        if (source == null) {
            Row<S3Tables.VersionRecord> row = Objects.requireNonNull(found.version.noncurrent());
            index.replicate(
                    tx, target, task.key(), task.version(), null, row.value().modified(), call);
            return;
        }
        S3Tables.Description said = source.description();
        if (!task.storageClass().isEmpty()) {
            said = said.withStorageClass(task.storageClass());
        }
        if (!target.account().equals(found.bucket.account())) {
            said = said.withAcl(null);
        }
        ObjectRecord replica = new ObjectRecord(
                source.size(),
                source.etag(),
                source.modified(),
                source.blob(),
                null,
                said,
                source.checksum(),
                permission.seal == null ? source.seal() : permission.seal,
                target.record().rulesOrNone().lock() == null ? null : source.lock(),
                null,
                task.version(),
                REPLICA);
        index.replicate(tx, target, task.key(), task.version(), replica, source.modified(), call);
    }

    /** Writes down how far the version's replication is. */
    private void tell(WriteTx tx, Found found, ReplicationTask task, boolean done, Buckets.Bucket bucket) {
        ObjectRecord object = found.version.object();
        if (object == null || REPLICA.equals(object.replication())) {
            return;
        }
        String prefix = prefix(bucket, task.key(), task.version());
        boolean more = !tx.range(Configurations.REPLICATION_TASKS, bucket.scope(), prefix, Utf8Order.after(prefix), 1)
                .isEmpty();
        boolean failed = !done || "FAILED".equals(object.replication());
        String status = failed ? "FAILED" : more ? PENDING : "COMPLETED";
        ObjectRecord told = object.withReplication(status);
        Versions.Found version = new Versions.Found(found.bucket, object, found.version.noncurrent());
        if (done) {
            ObjectIndex.rewrite(tx, version, task.key(), told);
        } else {
            index.amend(tx, version, task.key(), told, "Replication:OperationFailedReplication", own(bucket));
        }
    }

    private Call own(Buckets.Bucket bucket) {
        return new Call(
                Principal.service(HOST),
                bucket.account(),
                bucket.region(),
                UUID.randomUUID().toString(),
                s3.clock().instant().plus(CALL_LIMIT),
                Call.Origin.inside(HOST));
    }

    /** A call as the role; its trust policy must know S3. */
    private Call asRole(String role, Buckets.Bucket bucket, Call call) {
        AssumeRoleRequest request = new AssumeRoleRequest()
                .roleArn(role)
                .roleSessionName("s3-replication")
                .durationSeconds(SESSION_SECONDS);
        dev.haneul.api.sts.Credentials keys = sts.assumeRole(request, call).credentials();
        Principal principal = keys == null
                ? null
                : credentials
                        .find(keys.accessKeyId(), keys.sessionToken())
                        .map(Credentials.Identity::principal)
                        .orElse(null);
        if (principal == null) {
            throw S3Errors.accessDenied();
        }
        return new Call(
                principal,
                principal.account(),
                bucket.region(),
                call.requestId(),
                s3.clock().instant().plus(CALL_LIMIT),
                Call.Origin.inside(HOST));
    }
}
