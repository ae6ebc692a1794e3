package dev.haneul.services.secretsmanager;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.secretsmanager.*;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.secretsmanager.SecretTables.Replica;
import dev.haneul.services.secretsmanager.SecretTables.Rotation;
import dev.haneul.services.secretsmanager.SecretTables.Times;
import dev.haneul.services.secretsmanager.Secrets.Found;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** AWS Secrets Manager. See the package for what is built. */
public final class SecretsManagerService implements SecretsManagerApi {
    private static final int DEFAULT_WINDOW_DAYS = 30;

    private final Store store;
    private final Clock clock;
    private final Secrets secrets;
    private final Writing writing;
    private final Reading reading;
    private final Rotations rotations;
    private final Passwords passwords = new Passwords();

    /**
     * Makes the service and opens its tables.
     *
     * @param neighbours carries calls to KMS and Lambda
     * @param permissions asked for each secret of a batch that filters find
     * @param folderKey page tokens are sealed, and values told apart, under keys made from it
     */
    public SecretsManagerService(
            Store store, Clock clock, Caller neighbours, Permissions permissions, byte[] folderKey) {
        store.open(SecretTables.ALL, List.of());
        this.store = store;
        this.clock = clock;
        secrets = new Secrets(store);
        Values values = new Values(neighbours, folderKey);
        writing = new Writing(store, clock, secrets, values, new Ids(new SecureRandom()));
        Pager pager = new Pager(new Tokens(Tokens.derive(folderKey, "secretsmanager tokens")), SecretFaults::badToken);
        reading = new Reading(store, clock, secrets, values, pager, permissions);
        rotations = new Rotations(store, clock, secrets, neighbours);
    }

    /** Joins the driver that rotates and removes secrets; before it starts. */
    public void join(Driver driver) {
        rotations.join(driver);
    }

    /** What the authorizer asks of secrets. */
    public ResourcePolicies policies() {
        return secrets;
    }

    @Override
    public CreateSecretResponse createSecret(CreateSecretRequest in, Call call) {
        return writing.create(in, call);
    }

    @Override
    public GetSecretValueResponse getSecretValue(GetSecretValueRequest in, Call call) {
        return reading.get(in, call);
    }

    @Override
    public BatchGetSecretValueResponse batchGetSecretValue(BatchGetSecretValueRequest in, Call call) {
        return reading.batch(in, call);
    }

    @Override
    public PutSecretValueResponse putSecretValue(PutSecretValueRequest in, Call call) {
        return writing.put(in, call);
    }

    @Override
    public UpdateSecretResponse updateSecret(UpdateSecretRequest in, Call call) {
        return writing.update(in, call);
    }

    @Override
    public UpdateSecretVersionStageResponse updateSecretVersionStage(UpdateSecretVersionStageRequest in, Call call) {
        return writing.move(in, call);
    }

    @Override
    public DescribeSecretResponse describeSecret(DescribeSecretRequest in, Call call) {
        return reading.describe(in.secretId(), call);
    }

    @Override
    public ListSecretsResponse listSecrets(ListSecretsRequest in, Call call) {
        return reading.list(in, call);
    }

    @Override
    public ListSecretVersionIdsResponse listSecretVersionIds(ListSecretVersionIdsRequest in, Call call) {
        return reading.versions(in, call);
    }

    @Override
    public DeleteSecretResponse deleteSecret(DeleteSecretRequest in, Call call) {
        boolean force = Boolean.TRUE.equals(in.forceDeleteWithoutRecovery());
        Long asked = in.recoveryWindowInDays();
        if (force && asked != null) {
            throw SecretFaults.invalid(
                    "You can't use ForceDeleteWithoutRecovery in conjunction with" + " RecoveryWindowInDays.");
        }
        long days = asked == null ? DEFAULT_WINDOW_DAYS : asked;
        if (days < 7 || days > 30) {
            throw SecretFaults.invalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
        }
        Found found = secrets.find(in.secretId(), call).changeableBy(call);
        if (!force) {
            found.alive();
        }
        if (found.row().replicas().stream().anyMatch(each -> each.status().equals("InSync"))) {
            throw SecretFaults.request(
                    "You can't delete secret " + found.row().name() + " that still has replica regions.");
        }
        Instant now = clock.instant();
        Instant purge = force ? now : now.plus(Duration.ofDays(days));
        if (force) {
            store.write(tx -> Secrets.remove(tx, found.key()));
        } else {
            secrets.change(found.key(), row -> {
                Times old = row.times();
                return row.at(new Times(old.created(), old.changed(), old.accessed(), old.rotated(), now, purge));
            });
            rotations.wake(found.key());
        }
        return new DeleteSecretResponse()
                .arn(found.arn())
                .name(found.row().name())
                .deletionDate(purge);
    }

    @Override
    public RestoreSecretResponse restoreSecret(RestoreSecretRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call);
        secrets.change(found.key(), row -> {
            Times old = row.times();
            return row.at(new Times(old.created(), old.changed(), old.accessed(), old.rotated(), null, null));
        });
        rotations.wake(found.key());
        return new RestoreSecretResponse().arn(found.arn()).name(found.row().name());
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive();
        secrets.change(found.key(), row -> row.withTags(Writing.tags(row.tags(), in.tags())));
        return new TagResourceResponse();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive();
        secrets.change(found.key(), row -> {
            Map<String, String> left = new LinkedHashMap<>(row.tags());
            in.tagKeys().forEach(left::remove);
            return row.withTags(left);
        });
        return new UntagResourceResponse();
    }

    @Override
    public PutResourcePolicyResponse putResourcePolicy(PutResourcePolicyRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive();
        check(in.resourcePolicy());
        if (Boolean.TRUE.equals(in.blockPublicPolicy()) && isPublic(in.resourcePolicy())) {
            throw Fault.of(
                    new PublicPolicyException(),
                    "Resource policy cannot be created because it grants public access to the secret.");
        }
        secrets.change(found.key(), row -> row.withPolicy(in.resourcePolicy()));
        return new PutResourcePolicyResponse().arn(found.arn()).name(found.row().name());
    }

    private static void check(String document) {
        try {
            PolicyDocument.parse(document, PolicyKind.RESOURCE);
        } catch (MalformedPolicyException e) {
            throw Fault.of(
                    new MalformedPolicyDocumentException(),
                    "This resource policy contains a syntax error: " + e.message());
        }
    }

    /** An Allow for everyone without a condition. */
    private static boolean isPublic(String document) {
        String bare = document.replaceAll("\\s", "");
        return bare.contains("\"Allow\"")
                && !bare.contains("\"Condition\"")
                && (bare.contains("\"Principal\":\"*\"")
                        || bare.contains("\"AWS\":\"*\"")
                        || bare.contains("\"AWS\":[\"*\""));
    }

    @Override
    public GetResourcePolicyResponse getResourcePolicy(GetResourcePolicyRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive();
        return new GetResourcePolicyResponse()
                .arn(found.arn())
                .name(found.row().name())
                .resourcePolicy(found.row().policy());
    }

    @Override
    public DeleteResourcePolicyResponse deleteResourcePolicy(DeleteResourcePolicyRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive();
        secrets.change(found.key(), row -> row.withPolicy(null));
        return new DeleteResourcePolicyResponse()
                .arn(found.arn())
                .name(found.row().name());
    }

    @Override
    public ValidateResourcePolicyResponse validateResourcePolicy(ValidateResourcePolicyRequest in, Call call) {
        if (in.secretId() != null) {
            secrets.find(in.secretId(), call);
        }
        List<ValidationErrorsEntry> errors = new ArrayList<>();
        try {
            check(in.resourcePolicy());
        } catch (Fault fault) {
            errors.add(new ValidationErrorsEntry().checkName("PolicySyntax").errorMessage(fault.message()));
        }
        if (isPublic(in.resourcePolicy())) {
            errors.add(new ValidationErrorsEntry()
                    .checkName("PublicPolicy")
                    .errorMessage("The policy grants public access to the secret."));
        }
        return new ValidateResourcePolicyResponse()
                .policyValidationPassed(errors.isEmpty())
                .validationErrors(errors);
    }

    @Override
    public GetRandomPasswordResponse getRandomPassword(GetRandomPasswordRequest in, Call call) {
        return new GetRandomPasswordResponse().randomPassword(passwords.make(in));
    }

    @Override
    public RotateSecretResponse rotateSecret(RotateSecretRequest in, Call call) {
        return rotations.rotate(in, call);
    }

    @Override
    public CancelRotateSecretResponse cancelRotateSecret(CancelRotateSecretRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive();
        if (found.row().rotation().function() == null) {
            throw SecretFaults.request("You tried to enable rotation on a secret that doesn't already have a Lambda"
                    + " function ARN configured and you didn't include such an ARN as a parameter in this call.");
        }
        secrets.change(found.key(), row -> {
            Rotation old = row.rotation();
            return row.rotating(new Rotation(
                    false, old.function(), old.days(), old.duration(), old.expression(), null, null, 0, 0));
        });
        return new CancelRotateSecretResponse()
                .arn(found.arn())
                .name(found.row().name())
                .versionId(found.row().rotation().token());
    }

    @Override
    public ReplicateSecretToRegionsResponse replicateSecretToRegions(ReplicateSecretToRegionsRequest in, Call call) {
        List<ReplicationStatusType> status = writing.replicate(
                in.secretId(), in.addReplicaRegions(), Boolean.TRUE.equals(in.forceOverwriteReplicaSecret()), call);
        return new ReplicateSecretToRegionsResponse()
                .arn(secrets.find(in.secretId(), call).arn())
                .replicationStatus(status);
    }

    @Override
    public RemoveRegionsFromReplicationResponse removeRegionsFromReplication(
            RemoveRegionsFromReplicationRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive().changeableBy(call);
        List<Replica> left = found.row().replicas().stream()
                .filter(each -> !in.removeReplicaRegions().contains(each.region()))
                .toList();
        store.write(tx -> {
            Found now = Secrets.require(tx, found.key());
            for (Replica each : now.row().replicas()) {
                Key there = new Key(
                        found.key().account(), each.region(), found.key().id());
                if (in.removeReplicaRegions().contains(each.region())) {
                    Secrets.get(tx, there)
                            .filter(other ->
                                    other.row().primary().equals(found.key().region()))
                            .ifPresent(other -> Secrets.remove(tx, there));
                }
            }
            tx.put(SecretTables.SECRETS, found.key(), now.row().replicated("", left));
        });
        return new RemoveRegionsFromReplicationResponse().arn(found.arn()).replicationStatus(Writing.statuses(left));
    }

    @Override
    public StopReplicationToReplicaResponse stopReplicationToReplica(StopReplicationToReplicaRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive();
        if (found.row().primary().isEmpty()) {
            throw SecretFaults.request("You can't perform this operation on a primary secret.");
        }
        Key primary = new Key(
                found.key().account(), found.row().primary(), found.key().id());
        store.write(tx -> {
            Secrets.get(tx, primary)
                    .ifPresent(each -> tx.put(
                            SecretTables.SECRETS,
                            primary,
                            each.row()
                                    .replicated(
                                            "",
                                            each.row().replicas().stream()
                                                    .filter(other -> !other.region()
                                                            .equals(found.key().region()))
                                                    .toList())));
            Found now = Secrets.require(tx, found.key());
            tx.put(SecretTables.SECRETS, found.key(), now.row().replicated("", List.of()));
        });
        return new StopReplicationToReplicaResponse().arn(found.arn());
    }
}
