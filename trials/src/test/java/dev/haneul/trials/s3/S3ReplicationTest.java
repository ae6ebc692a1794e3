package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteMarkerReplicationStatus;
import software.amazon.awssdk.services.s3.model.ReplicationRule;
import software.amazon.awssdk.services.s3.model.ReplicationRuleStatus;
import software.amazon.awssdk.services.s3.model.ReplicationStatus;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.SseKmsEncryptedObjectsStatus;

/** Replication to another bucket, as the AWS SDK for Java sees it. */
@ExtendWith(SharedRegion.class)
class S3ReplicationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String account = Accounts.fresh();
    private final String bucket = "source-" + account;
    private final String target = "replicas-" + account;
    private final Clients clients;
    private final S3Client s3;

    S3ReplicationTest(URI endpoint) {
        clients = new Clients(endpoint, account, "test");
        s3 = clients.s3();
    }

    @BeforeEach
    void makeTheBuckets() {
        for (String name : new String[] {bucket, target}) {
            s3.createBucket(request -> request.bucket(name));
            s3.putBucketVersioning(request ->
                    request.bucket(name).versioningConfiguration(versioning -> versioning.status("Enabled")));
        }
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    @Test
    void replicatesVersionsAndDeleteMarkers() throws Exception {
        replicate(role(""), rule -> rule.destination(to -> to.bucket("arn:aws:s3:::" + target)));
        String version = s3.putObject(
                        request -> request.bucket(bucket).key("copied/a"), RequestBody.fromString("bytes"))
                .versionId();
        s3.putObject(request -> request.bucket(bucket).key("other"), RequestBody.fromString("x"));
        await("copied/a", ReplicationStatus.COMPLETED);

        var replica = s3.getObjectAsBytes(request -> request.bucket(target).key("copied/a"));
        assertThat(replica.asUtf8String()).isEqualTo("bytes");
        assertThat(replica.response().versionId()).isEqualTo(version);
        assertThat(replica.response().replicationStatus()).isEqualTo(ReplicationStatus.REPLICA);
        assertThat(s3.headObject(request -> request.bucket(bucket).key("other")).replicationStatus())
                .isNull();

        s3.deleteObject(request -> request.bucket(bucket).key("copied/a"));
        Instant end = Instant.now().plus(PATIENCE);
        while (s3.listObjectVersions(request -> request.bucket(target))
                .deleteMarkers()
                .isEmpty()) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(20);
        }
    }

    @Test
    void objectsUnderAKmsKeyGoUnderTheDestinationsKey() throws Exception {
        String sourceKey = clients.kms().createKey().keyMetadata().arn();
        String replicaKey = clients.kms().createKey().keyMetadata().arn();
        String decrypts = ",{\"Effect\":\"Allow\",\"Action\":\"kms:Decrypt\",\"Resource\":\"" + sourceKey + "\"}";
        String encrypts = ",{\"Effect\":\"Allow\",\"Action\":\"kms:Encrypt\",\"Resource\":\"" + replicaKey + "\"}";
        Consumer<ReplicationRule.Builder> rule = each -> each.destination(to -> to.bucket("arn:aws:s3:::" + target)
                        .encryptionConfiguration(encryption -> encryption.replicaKmsKeyID(replicaKey)))
                .sourceSelectionCriteria(criteria ->
                        criteria.sseKmsEncryptedObjects(kms -> kms.status(SseKmsEncryptedObjectsStatus.ENABLED)));

        replicate(role(decrypts), rule);
        putUnder(sourceKey, "copied/refused");
        await("copied/refused", ReplicationStatus.FAILED);

        replicate(role(decrypts + encrypts), rule);
        putUnder(sourceKey, "copied/a");
        s3.putObject(request -> request.bucket(bucket).key("copied/plain"), RequestBody.fromString("plain"));
        await("copied/a", ReplicationStatus.COMPLETED);
        await("copied/plain", ReplicationStatus.COMPLETED);
        clients.kms().disableKey(request -> request.keyId(sourceKey));
        var replica = s3.getObjectAsBytes(request -> request.bucket(target).key("copied/a"));
        assertThat(replica.asUtf8String()).isEqualTo("secret");
        assertThat(replica.response().ssekmsKeyId()).isEqualTo(replicaKey);
        assertThat(s3.headObject(request -> request.bucket(target).key("copied/plain"))
                        .serverSideEncryption())
                .isEqualTo(ServerSideEncryption.AES256);
    }

    @Test
    void objectsUnderAKmsKeyStayWhereNoRuleAsksForThem() {
        String key = clients.kms().createKey().keyMetadata().arn();
        replicate(role(""), rule -> rule.destination(to -> to.bucket("arn:aws:s3:::" + target)));
        putUnder(key, "copied/a");
        assertThat(s3.headObject(request -> request.bucket(bucket).key("copied/a"))
                        .replicationStatus())
                .isNull();
        S3Exception keyless = catchThrowableOfType(
                S3Exception.class,
                () -> replicate(
                        role(""),
                        rule -> rule.destination(to -> to.bucket("arn:aws:s3:::" + target))
                                .sourceSelectionCriteria(criteria -> criteria.sseKmsEncryptedObjects(
                                        kms -> kms.status(SseKmsEncryptedObjectsStatus.ENABLED)))));
        assertThat(keyless.awsErrorDetails().errorCode()).isEqualTo("InvalidRequest");
        assertThat(keyless).hasMessageContaining("ReplicaKmsKeyID");
    }

    private void putUnder(String key, String name) {
        s3.putObject(
                request -> request.bucket(bucket)
                        .key(name)
                        .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                        .ssekmsKeyId(key),
                RequestBody.fromString("secret"));
    }

    /** What begins with {@code copied/}. */
    private void replicate(String role, Consumer<ReplicationRule.Builder> how) {
        s3.putBucketReplication(request -> request.bucket(bucket)
                .replicationConfiguration(configuration -> configuration
                        .role(role)
                        .rules(rule -> how.accept(rule.status(ReplicationRuleStatus.ENABLED)
                                .priority(1)
                                .filter(filter -> filter.prefix("copied/"))
                                .deleteMarkerReplication(
                                        markers -> markers.status(DeleteMarkerReplicationStatus.ENABLED))))));
    }

    /** @param more statements, each after a comma */
    private String role(String more) {
        String name = "replication-" + UUID.randomUUID();
        var iam = clients.iam();
        String arn = iam.createRole(request -> request.roleName(name)
                        .assumeRolePolicyDocument("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                                + "\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"))
                .role()
                .arn();
        iam.putRolePolicy(request -> request.roleName(name)
                .policyName("copy")
                .policyDocument("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"
                        + "[\"s3:GetObjectVersionForReplication\"],\"Resource\":\"arn:aws:s3:::" + bucket
                        + "/*\"},{\"Effect\":\"Allow\",\"Action\":[\"s3:ReplicateObject\",\"s3:ReplicateDelete\"],"
                        + "\"Resource\":\"arn:aws:s3:::" + target + "/*\"}" + more + "]}"));
        return arn;
    }

    private void await(String key, ReplicationStatus wanted) throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (s3.headObject(request -> request.bucket(bucket).key(key)).replicationStatus() != wanted) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(20);
        }
    }
}
