package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.ACCOUNT;
import static dev.haneul.services.s3.S3Fixture.fault;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.BucketLifecycleConfiguration;
import dev.haneul.api.s3.CreateBucketRequest;
import dev.haneul.api.s3.DefaultRetention;
import dev.haneul.api.s3.Delete;
import dev.haneul.api.s3.DeleteBucketLifecycleRequest;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.DeleteObjectsRequest;
import dev.haneul.api.s3.GetBucketVersioningRequest;
import dev.haneul.api.s3.GetObjectLegalHoldRequest;
import dev.haneul.api.s3.GetObjectLockConfigurationRequest;
import dev.haneul.api.s3.GetObjectRetentionRequest;
import dev.haneul.api.s3.HeadObjectOutput;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.api.s3.LifecycleExpiration;
import dev.haneul.api.s3.LifecycleRule;
import dev.haneul.api.s3.LifecycleRuleFilter;
import dev.haneul.api.s3.ObjectIdentifier;
import dev.haneul.api.s3.ObjectLockConfiguration;
import dev.haneul.api.s3.ObjectLockLegalHold;
import dev.haneul.api.s3.ObjectLockRetention;
import dev.haneul.api.s3.ObjectLockRule;
import dev.haneul.api.s3.PutBucketLifecycleConfigurationRequest;
import dev.haneul.api.s3.PutBucketVersioningRequest;
import dev.haneul.api.s3.PutObjectLegalHoldRequest;
import dev.haneul.api.s3.PutObjectLockConfigurationRequest;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.PutObjectRetentionRequest;
import dev.haneul.api.s3.RestoreObjectRequest;
import dev.haneul.api.s3.RestoreRequest;
import dev.haneul.api.s3.VersioningConfiguration;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Object lock, legal hold and archive. */
class ProtectionTest {
    private static final String SAFE = "safe";

    @TempDir
    Path path;

    private S3Fixture s3;

    @BeforeEach
    void open() {
        s3 = S3Fixture.withBucket(path);
        s3.s3.createBucket(new CreateBucketRequest().bucket(SAFE).objectLockEnabledForBucket(true), s3.call());
    }

    @AfterEach
    void close() {
        s3.close();
    }

    private String put(String key) {
        return s3.s3.putObject(
                        new PutObjectRequest()
                                .bucket(SAFE)
                                .key(key)
                                .body(Body.of("x".getBytes(StandardCharsets.UTF_8))),
                        s3.call())
                .versionId();
    }

    private void retain(String key, @Nullable String mode, @Nullable Instant until, boolean bypass) {
        s3.s3.putObjectRetention(
                new PutObjectRetentionRequest()
                        .bucket(SAFE)
                        .key(key)
                        .bypassGovernanceRetention(bypass)
                        .retention(new ObjectLockRetention().mode(mode).retainUntilDate(until)),
                s3.call());
    }

    private void delete(String key, @Nullable String version, boolean bypass) {
        s3.s3.deleteObject(
                new DeleteObjectRequest()
                        .bucket(SAFE)
                        .key(key)
                        .versionId(version)
                        .bypassGovernanceRetention(bypass),
                s3.call());
    }

    private Instant in(int days) {
        return s3.clock.instant().truncatedTo(ChronoUnit.SECONDS).plus(days, ChronoUnit.DAYS);
    }

    private static void assertLocked(Fault fault) {
        assertThat(fault.code()).isEqualTo("AccessDenied");
        assertThat(fault.message()).isEqualTo("Access Denied because object protected by object lock.");
    }

    @Test
    void governanceYieldsToABypassAndComplianceToNobody() {
        String version = put("k");
        retain("k", "GOVERNANCE", in(2), false);
        assertLocked(fault(() -> delete("k", version, false)));
        assertLocked(fault(() -> retain("k", "GOVERNANCE", in(1), false)));
        retain("k", "GOVERNANCE", in(1), true);
        s3.permissions = (call, action, arn, context) -> {
            if (action.equals("s3:BypassGovernanceRetention")) {
                throw S3Errors.accessDenied();
            }
        };
        assertThat(fault(() -> retain("k", null, null, true)).message()).isEqualTo("Access Denied");
        s3.permissions = (call, action, arn, context) -> {};
        retain("k", "COMPLIANCE", in(3), false);
        assertLocked(fault(() -> retain("k", "COMPLIANCE", in(2), true)));
        assertLocked(fault(() -> retain("k", "GOVERNANCE", in(4), true)));
        assertLocked(fault(() -> delete("k", version, true)));
        delete("k", null, false);
        assertThat(s3.s3.getObjectRetention(
                                new GetObjectRetentionRequest()
                                        .bucket(SAFE)
                                        .key("k")
                                        .versionId(version),
                                s3.call())
                        .retention()
                        .retainUntilDate())
                .isEqualTo(in(3));
        s3.clock.advance(Duration.ofDays(3));
        delete("k", version, false);
    }

    @Test
    void aLegalHoldHoldsUntilItIsLifted() {
        String version = put("k");
        assertThat(fault(() -> s3.s3.getObjectLegalHold(
                                new GetObjectLegalHoldRequest().bucket(SAFE).key("k"), s3.call()))
                        .code())
                .isEqualTo("NoSuchObjectLockConfiguration");
        hold("ON");
        assertLocked(fault(() -> delete("k", version, true)));
        hold("OFF");
        assertThat(s3.s3.getObjectLegalHold(
                                new GetObjectLegalHoldRequest().bucket(SAFE).key("k"), s3.call())
                        .legalHold()
                        .status())
                .isEqualTo("OFF");
        delete("k", version, false);
    }

    private void hold(String status) {
        s3.s3.putObjectLegalHold(
                new PutObjectLegalHoldRequest()
                        .bucket(SAFE)
                        .key("k")
                        .legalHold(new ObjectLockLegalHold().status(status)),
                s3.call());
    }

    @Test
    void aDefaultRetentionIsThatOfNewObjects() {
        ObjectLockConfiguration configuration = new ObjectLockConfiguration()
                .objectLockEnabled("Enabled")
                .rule(new ObjectLockRule()
                        .defaultRetention(
                                new DefaultRetention().mode("COMPLIANCE").days(5)));
        s3.s3.putObjectLockConfiguration(
                new PutObjectLockConfigurationRequest().bucket(SAFE).objectLockConfiguration(configuration), s3.call());
        assertThat(s3.s3.getObjectLockConfiguration(new GetObjectLockConfigurationRequest().bucket(SAFE), s3.call())
                        .objectLockConfiguration())
                .isEqualTo(configuration);
        put("k");
        HeadObjectOutput head =
                s3.s3.headObject(new HeadObjectRequest().bucket(SAFE).key("k"), s3.call());
        assertThat(head.objectLockMode()).isEqualTo("COMPLIANCE");
        assertThat(head.objectLockRetainUntilDate()).isEqualTo(in(5));
    }

    @Test
    void lockingNeedsABucketForIt() {
        s3.put("k", "x");
        assertThat(fault(() -> s3.s3.getObjectRetention(
                                new GetObjectRetentionRequest()
                                        .bucket(S3Fixture.BUCKET)
                                        .key("k"),
                                s3.call()))
                        .code())
                .isEqualTo("InvalidRequest");
        ObjectLockConfiguration plain = new ObjectLockConfiguration().objectLockEnabled("Enabled");
        PutObjectLockConfigurationRequest put =
                new PutObjectLockConfigurationRequest().bucket(S3Fixture.BUCKET).objectLockConfiguration(plain);
        assertThat(fault(() -> s3.s3.putObjectLockConfiguration(put, s3.call())).code())
                .isEqualTo("InvalidBucketState");
        s3.versioning("Enabled");
        s3.s3.putObjectLockConfiguration(put, s3.call());
        assertThat(fault(() -> s3.versioning("Suspended")).code()).isEqualTo("InvalidBucketState");
        assertThat(fault(() -> s3.s3.putBucketVersioning(
                                new PutBucketVersioningRequest()
                                        .bucket(SAFE)
                                        .versioningConfiguration(new VersioningConfiguration().status("Suspended")),
                                s3.call()))
                        .status())
                .isEqualTo(409);
        assertThat(fault(() -> retain("none", "GOVERNANCE", in(1), false)).code())
                .isEqualTo("NoSuchKey");
        put("past");
        assertThat(fault(() -> retain("past", "GOVERNANCE", in(-1), false)).code())
                .isEqualTo("InvalidArgument");
    }

    @Test
    void anArchivedObjectIsReadableForAWhileOnceItIsRestored() {
        s3.start();
        s3.put("k", "frozen".getBytes(StandardCharsets.UTF_8), r -> r.storageClass("GLACIER"));
        assertThat(fault(() -> s3.text("k")).code()).isEqualTo("InvalidObjectState");
        restore(2);
        assertThat(fault(() -> restore(2)).code()).isEqualTo("RestoreAlreadyInProgress");
        assertThat(restoring()).isEqualTo("ongoing-request=\"true\"");
        assertThat(fault(() -> s3.text("k")).code()).isEqualTo("InvalidObjectState");
        s3.clock.advance(Duration.ofHours(6));
        assertThat(s3.text("k")).isEqualTo("frozen");
        assertThat(restoring()).startsWith("ongoing-request=\"false\", expiry-date=\"Mon, 05 Jan 2026 00:00:00 GMT\"");
        s3.clock.advance(Duration.ofDays(4));
        assertThat(fault(() -> s3.text("k")).code()).isEqualTo("InvalidObjectState");
        assertThat(restoring()).isNull();
        assertThat(s3.driver.awaitIdle(Duration.ofSeconds(30))).isTrue();
        assertThat(s3.store.<Boolean>read(
                        tx -> tx.all(S3Tables.RESTORES, null, 1).isEmpty()))
                .isTrue();
        s3.put("warm", "x");
        assertThat(fault(() -> s3.s3.restoreObject(
                                new RestoreObjectRequest()
                                        .bucket(S3Fixture.BUCKET)
                                        .key("warm")
                                        .restoreRequest(new RestoreRequest().days(1)),
                                s3.call()))
                        .code())
                .isEqualTo("InvalidObjectState");
    }

    private void restore(int days) {
        s3.s3.restoreObject(
                new RestoreObjectRequest()
                        .bucket(S3Fixture.BUCKET)
                        .key("k")
                        .restoreRequest(new RestoreRequest().days(days)),
                s3.call(ACCOUNT, S3Fixture.REGION));
    }

    private @Nullable String restoring() {
        return s3.s3.headObject(new HeadObjectRequest().bucket(S3Fixture.BUCKET).key("k"), s3.call())
                .restore();
    }

    private void versions(@Nullable String mfaDelete, @Nullable String mfa, Call call) {
        s3.s3.putBucketVersioning(
                new PutBucketVersioningRequest()
                        .bucket(S3Fixture.BUCKET)
                        .mfa(mfa)
                        .versioningConfiguration(
                                new VersioningConfiguration().status("Enabled").mfaDelete(mfaDelete)),
                call);
    }

    @Test
    void mfaDeleteAsksForACodeWhereAVersionGoesForGood() {
        versions("Disabled", null, s3.call());
        assertThat(fault(() -> versions("Enabled", null, s3.call())).message())
                .isEqualTo("Mfa Authentication must be used for this request");
        assertThat(fault(() -> versions("Enabled", "phone", s3.call())).code()).isEqualTo("InvalidArgument");
        assertThat(fault(() -> versions("Enabled", "phone 000000", s3.call())).code())
                .isEqualTo("AccessDenied");
        versions("Enabled", "phone 123456", s3.call());
        GetBucketVersioningRequest get = new GetBucketVersioningRequest().bucket(S3Fixture.BUCKET);
        assertThat(s3.s3.getBucketVersioning(get, s3.call()).mfaDelete()).isEqualTo("Enabled");
        assertThat(fault(() -> s3.versioning("Suspended")).code()).isEqualTo("AccessDenied");

        String version = s3.put("k", "x").versionId();
        DeleteObjectRequest marker =
                new DeleteObjectRequest().bucket(S3Fixture.BUCKET).key("k");
        assertThat(s3.s3.deleteObject(marker, s3.call()).deleteMarker()).isTrue();
        DeleteObjectRequest one =
                new DeleteObjectRequest().bucket(S3Fixture.BUCKET).key("k").versionId(version);
        assertThat(fault(() -> s3.s3.deleteObject(one, s3.call())).code()).isEqualTo("AccessDenied");
        DeleteObjectsRequest many = new DeleteObjectsRequest()
                .bucket(S3Fixture.BUCKET)
                .delete(new Delete()
                        .objects(List.of(new ObjectIdentifier().key("k").versionId(version))));
        assertThat(fault(() -> s3.s3.deleteObjects(many, s3.call())).status()).isEqualTo(403);
        assertThat(fault(() -> s3.s3.deleteObjects(many.mfa("phone 654321"), s3.call()))
                        .status())
                .isEqualTo(403);
        assertThat(s3.s3.deleteObject(one.mfa("phone 123456"), s3.call()).versionId())
                .isEqualTo(version);
        assertThat(s3.s3.deleteObjects(many.mfa("phone 123456"), s3.call()).errors())
                .isEmpty();
    }

    @Test
    void mfaDeleteAndLifecycleExcludeEachOther() {
        PutBucketLifecycleConfigurationRequest lifecycle = new PutBucketLifecycleConfigurationRequest()
                .bucket(S3Fixture.BUCKET)
                .lifecycleConfiguration(new BucketLifecycleConfiguration()
                        .rules(List.of(new LifecycleRule()
                                .id("r")
                                .status("Enabled")
                                .filter(new LifecycleRuleFilter())
                                .expiration(new LifecycleExpiration().days(1)))));
        s3.s3.putBucketLifecycleConfiguration(lifecycle, s3.call());
        assertThat(fault(() -> versions("Enabled", "phone 123456", s3.call())).code())
                .isEqualTo("InvalidBucketState");
        s3.s3.deleteBucketLifecycle(new DeleteBucketLifecycleRequest().bucket(S3Fixture.BUCKET), s3.call());
        versions("Enabled", "phone 123456", s3.call());
        assertThat(fault(() -> s3.s3.putBucketLifecycleConfiguration(lifecycle, s3.call()))
                        .code())
                .isEqualTo("InvalidBucketState");
    }
}
