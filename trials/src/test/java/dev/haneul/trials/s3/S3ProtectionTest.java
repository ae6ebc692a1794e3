package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.DeleteMarkerEntry;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.ObjectVersion;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.StorageClass;
import software.amazon.awssdk.services.s3.model.Tier;

/** Versions, locks, encryption and archive, as the AWS SDK for Java sees them. */
@ExtendWith(SharedRegion.class)
class S3ProtectionTest {
    private final String account = Accounts.fresh();
    private final String bucket = "kept-" + account;
    private final Clients clients;
    private final S3Client s3;

    S3ProtectionTest(URI endpoint) {
        clients = new Clients(endpoint, account, "test");
        s3 = clients.s3();
    }

    @BeforeEach
    void makeTheBucket() {
        s3.createBucket(request -> request.bucket(bucket).objectLockEnabledForBucket(true));
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private String put(String key, String content) {
        return s3.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromString(content))
                .versionId();
    }

    private static S3Exception refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(S3Exception.class, call);
    }

    @Test
    void versionsAreListedReadAndRemoved() {
        assertThat(s3.getBucketVersioning(request -> request.bucket(bucket)).status())
                .isEqualTo(BucketVersioningStatus.ENABLED);
        String one = put("a", "one");
        String two = put("a", "two");
        assertThat(s3.getObjectAsBytes(
                                request -> request.bucket(bucket).key("a").versionId(one))
                        .asUtf8String())
                .isEqualTo("one");
        DeleteObjectResponse covered =
                s3.deleteObject(request -> request.bucket(bucket).key("a"));
        assertThat(covered.deleteMarker()).isTrue();
        ListObjectVersionsResponse all = s3.listObjectVersions(request -> request.bucket(bucket));
        assertThat(all.versions()).extracting(ObjectVersion::versionId).containsExactly(two, one);
        assertThat(all.deleteMarkers())
                .extracting(DeleteMarkerEntry::versionId, DeleteMarkerEntry::isLatest)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(covered.versionId(), true));
        S3Exception missing =
                refused(() -> s3.headObject(request -> request.bucket(bucket).key("a")));
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(missing.awsErrorDetails().sdkHttpResponse().firstMatchingHeader("x-amz-delete-marker"))
                .contains("true");
        assertThat(refused(() -> s3.getObjectAsBytes(
                                request -> request.bucket(bucket).key("a").versionId(covered.versionId())))
                        .statusCode())
                .isEqualTo(405);
        s3.deleteObjects(request -> request.bucket(bucket)
                .delete(delete -> delete.objects(
                        ObjectIdentifier.builder()
                                .key("a")
                                .versionId(covered.versionId())
                                .build(),
                        ObjectIdentifier.builder().key("a").versionId(two).build())));
        assertThat(s3.getObjectAsBytes(request -> request.bucket(bucket).key("a"))
                        .asUtf8String())
                .isEqualTo("one");
    }

    @Test
    void theVersionsPaginatorSeesEachVersionOnce() {
        for (int i = 0; i < 12; i++) {
            put("k" + i % 3, "c" + i);
        }
        List<String> ids =
                s3.listObjectVersionsPaginator(request -> request.bucket(bucket).maxKeys(5)).versions().stream()
                        .map(version -> version.key() + version.versionId())
                        .toList();
        assertThat(ids).hasSize(12).doesNotHaveDuplicates();
    }

    @Test
    void aLockedVersionStays() {
        Instant until = Instant.now().plus(1, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS);
        String version = s3.putObject(
                        request -> request.bucket(bucket)
                                .key("k")
                                .objectLockMode(ObjectLockMode.COMPLIANCE)
                                .objectLockRetainUntilDate(until)
                                .objectLockLegalHoldStatus(ObjectLockLegalHoldStatus.ON),
                        RequestBody.fromString("x"))
                .versionId();
        HeadObjectResponse head =
                s3.headObject(request -> request.bucket(bucket).key("k"));
        assertThat(head.objectLockRetainUntilDate()).isEqualTo(until);
        assertThat(head.objectLockLegalHoldStatus()).isEqualTo(ObjectLockLegalHoldStatus.ON);
        S3Exception locked = refused(() -> s3.deleteObject(
                request -> request.bucket(bucket).key("k").versionId(version).bypassGovernanceRetention(true)));
        assertThat(locked.statusCode()).isEqualTo(403);
        assertThat(locked.awsErrorDetails().errorMessage())
                .isEqualTo("Access Denied because object protected by object lock.");
    }

    @Test
    void aCustomersKeyGoesWithEveryRequest() throws Exception {
        byte[] secret = new byte[32];
        new SplittableRandom(1).nextBytes(secret);
        String key = Base64.getEncoder().encodeToString(secret);
        String md5 = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("MD5").digest(secret));
        byte[] content = new byte[700_000];
        new SplittableRandom(2).nextBytes(content);
        s3.putObject(
                request -> request.bucket(bucket)
                        .key("k")
                        .sseCustomerAlgorithm("AES256")
                        .sseCustomerKey(key)
                        .sseCustomerKeyMD5(md5),
                RequestBody.fromBytes(content));
        ResponseBytes<GetObjectResponse> got = s3.getObjectAsBytes(request -> request.bucket(bucket)
                .key("k")
                .sseCustomerAlgorithm("AES256")
                .sseCustomerKey(key)
                .sseCustomerKeyMD5(md5));
        assertThat(got.asByteArray()).isEqualTo(content);
        assertThat(got.response().sseCustomerKeyMD5()).isEqualTo(md5);
        assertThat(refused(() -> s3.getObjectAsBytes(
                                request -> request.bucket(bucket).key("k")))
                        .statusCode())
                .isEqualTo(400);
        put("own", "x");
        assertThat(s3.headObject(request -> request.bucket(bucket).key("own")).serverSideEncryption())
                .isEqualTo(ServerSideEncryption.AES256);
    }

    @Test
    void anArchivedObjectIsRestored() {
        s3.putObject(
                request -> request.bucket(bucket).key("k").storageClass(StorageClass.DEEP_ARCHIVE),
                RequestBody.fromString("x"));
        S3Exception frozen = refused(
                () -> s3.getObjectAsBytes(request -> request.bucket(bucket).key("k")));
        assertThat(frozen.awsErrorDetails().errorCode()).isEqualTo("InvalidObjectState");
        s3.restoreObject(request -> request.bucket(bucket)
                .key("k")
                .restoreRequest(restore -> restore.days(1).glacierJobParameters(job -> job.tier(Tier.BULK))));
        assertThat(s3.headObject(request -> request.bucket(bucket).key("k")).restore())
                .isEqualTo("ongoing-request=\"true\"");
    }

    @Test
    void writesAreConditional() {
        String one = s3.putObject(
                        request -> request.bucket(bucket).key("k").ifNoneMatch("*"), RequestBody.fromString("one"))
                .eTag();
        assertThat(refused(() -> s3.putObject(
                                request -> request.bucket(bucket).key("k").ifNoneMatch("*"),
                                RequestBody.fromString("two")))
                        .statusCode())
                .isEqualTo(412);
        s3.putObject(request -> request.bucket(bucket).key("k").ifMatch(one), RequestBody.fromString("two"));
        assertThat(refused(() -> s3.deleteObject(
                                request -> request.bucket(bucket).key("k").ifMatch(one)))
                        .statusCode())
                .isEqualTo(412);
        s3.deleteObject(request -> request.bucket(bucket).key("k"));
        // Under a delete marker there is nothing to match.
        s3.putObject(request -> request.bucket(bucket).key("k").ifNoneMatch("*"), RequestBody.fromString("three"));
    }

    @Test
    void kmsKeepsTheKeyAndItsPolicyWhoMayRead() {
        KmsClient kms = clients.kms();
        String key = kms.createKey().keyMetadata().arn();
        byte[] content = new byte[300_000];
        new SplittableRandom(3).nextBytes(content);
        s3.putObject(
                request -> request.bucket(bucket)
                        .key("k")
                        .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                        .ssekmsKeyId(key)
                        .bucketKeyEnabled(false),
                RequestBody.fromBytes(content));
        ResponseBytes<GetObjectResponse> got =
                s3.getObjectAsBytes(request -> request.bucket(bucket).key("k"));
        assertThat(got.asByteArray()).isEqualTo(content);
        assertThat(got.response().ssekmsKeyId()).isEqualTo(key);
        kms.disableKey(request -> request.keyId(key));
        S3Exception disabled = refused(
                () -> s3.getObjectAsBytes(request -> request.bucket(bucket).key("k")));
        assertThat(disabled.awsErrorDetails().errorCode()).isEqualTo("KMS.DisabledException");
        s3.putObject(
                request -> request.bucket(bucket).key("managed").serverSideEncryption(ServerSideEncryption.AWS_KMS),
                RequestBody.fromString("x"));
        assertThat(s3.getObjectAsBytes(request -> request.bucket(bucket).key("managed"))
                        .asUtf8String())
                .isEqualTo("x");
    }
}
