package dev.haneul.services.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.s3.AbortIncompleteMultipartUpload;
import dev.haneul.api.s3.BucketLifecycleConfiguration;
import dev.haneul.api.s3.CreateMultipartUploadRequest;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.GetBucketLifecycleConfigurationRequest;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.api.s3.LifecycleExpiration;
import dev.haneul.api.s3.LifecycleRule;
import dev.haneul.api.s3.LifecycleRuleAndOperator;
import dev.haneul.api.s3.LifecycleRuleFilter;
import dev.haneul.api.s3.ListMultipartUploadsRequest;
import dev.haneul.api.s3.ListObjectVersionsOutput;
import dev.haneul.api.s3.ListObjectVersionsRequest;
import dev.haneul.api.s3.NoncurrentVersionExpiration;
import dev.haneul.api.s3.PutBucketLifecycleConfigurationRequest;
import dev.haneul.api.s3.Tag;
import dev.haneul.api.s3.Transition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lifecycle rules on a steered clock: what they take, and what they do at midnight. */
class LifecycleTest {
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path folder;

    private S3Fixture fixture;

    @BeforeEach
    void open() {
        fixture = S3Fixture.withBucket(folder);
        fixture.start();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void put(LifecycleRule... rules) {
        fixture.s3.putBucketLifecycleConfiguration(
                new PutBucketLifecycleConfigurationRequest()
                        .bucket(S3Fixture.BUCKET)
                        .lifecycleConfiguration(new BucketLifecycleConfiguration().rules(List.of(rules))),
                fixture.call());
    }

    private static LifecycleRule rule(String prefix) {
        return new LifecycleRule().id("r" + prefix).status("Enabled").filter(new LifecycleRuleFilter().prefix(prefix));
    }

    private boolean there(String key) {
        try {
            fixture.s3.headObject(
                    new HeadObjectRequest().bucket(S3Fixture.BUCKET).key(key), fixture.call());
            return true;
        } catch (dev.haneul.api.runtime.Fault missing) {
            return false;
        }
    }

    private ListObjectVersionsOutput versions() {
        return fixture.s3.listObjectVersions(new ListObjectVersionsRequest().bucket(S3Fixture.BUCKET), fixture.call());
    }

    @Test
    void expiresAtTheMidnightAfterItsDays() {
        put(rule("logs/").expiration(new LifecycleExpiration().days(2)));
        // 2 January 03:04 and two days end at midnight of 5 January.
        assertThat(fixture.put("logs/a", "x").expiration())
                .isEqualTo("expiry-date=\"Mon, 05 Jan 2026 00:00:00 GMT\", rule-id=\"rlogs%2F\"");
        fixture.put("kept", "x");

        fixture.clock.advance(DAY.multipliedBy(2));
        assertThat(there("logs/a")).isTrue();
        fixture.clock.advance(DAY);
        assertThat(there("logs/a")).isFalse();
        assertThat(there("kept")).isTrue();
    }

    @Test
    void filtersByTagsAndSizes() {
        put(new LifecycleRule()
                .id("both")
                .status("Enabled")
                .filter(new LifecycleRuleFilter()
                        .and(new LifecycleRuleAndOperator()
                                .tags(List.of(new Tag().key("keep").value("no")))
                                .objectSizeGreaterThan(2L)))
                .expiration(new LifecycleExpiration().days(1)));
        fixture.put(
                "tagged",
                "long".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                request -> request.tagging("keep=no"));
        fixture.put(
                "short", "s".getBytes(java.nio.charset.StandardCharsets.UTF_8), request -> request.tagging("keep=no"));
        fixture.put("untagged", "long");

        fixture.clock.advance(DAY.multipliedBy(3));

        assertThat(there("tagged")).isFalse();
        assertThat(there("short")).isTrue();
        assertThat(there("untagged")).isTrue();
    }

    @Test
    void coversVersionedObjectsAndRemovesOldVersionsAndLoneMarkers() {
        fixture.versioning("Enabled");
        put(rule("").expiration(new LifecycleExpiration().expiredObjectDeleteMarker(true))
                .noncurrentVersionExpiration(
                        new NoncurrentVersionExpiration().noncurrentDays(1).newerNoncurrentVersions(1)));
        for (int i = 0; i < 4; i++) {
            fixture.put("many", "v" + i);
        }
        fixture.put("gone", "x");
        fixture.s3.deleteObject(
                new DeleteObjectRequest().bucket(S3Fixture.BUCKET).key("gone"), fixture.call());

        fixture.clock.advance(DAY.multipliedBy(3));

        assertThat(versions().versions().stream()
                        .filter(version -> version.key().equals("many")))
                .as("the current one and one noncurrent")
                .hasSize(2);
        assertThat(fixture.text("many")).isEqualTo("v3");
        assertThat(versions().versions().stream()
                        .filter(version -> version.key().equals("gone")))
                .as("one is kept as the newest noncurrent")
                .hasSize(1);

        put(rule("").expiration(new LifecycleExpiration().expiredObjectDeleteMarker(true))
                .noncurrentVersionExpiration(new NoncurrentVersionExpiration().noncurrentDays(1)));
        fixture.clock.advance(DAY.multipliedBy(2));

        assertThat(versions().versions()).hasSize(1);
        assertThat(versions().deleteMarkers()).isEmpty();
    }

    @Test
    void movesLargeObjectsToTheColdestClassThatIsDue() {
        put(rule("").transitions(List.of(
                new Transition().days(0).storageClass("GLACIER_IR"),
                new Transition().days(1).storageClass("GLACIER"))));
        fixture.put("large", S3Fixture.random(128 << 10, 1), request -> request);
        fixture.put("small", "x");

        fixture.clock.advance(DAY);
        assertThat(storageClass("large")).isEqualTo("GLACIER_IR");
        fixture.clock.advance(DAY);
        assertThat(storageClass("large")).isEqualTo("GLACIER");
        assertThat(storageClass("small")).isNull();
    }

    private String storageClass(String key) {
        return fixture.s3
                .headObject(new HeadObjectRequest().bucket(S3Fixture.BUCKET).key(key), fixture.call())
                .storageClass();
    }

    @Test
    void abortsUploadsThatWereNeverCompleted() {
        put(rule("").abortIncompleteMultipartUpload(new AbortIncompleteMultipartUpload().daysAfterInitiation(1)));
        fixture.s3.createMultipartUpload(
                new CreateMultipartUploadRequest().bucket(S3Fixture.BUCKET).key("big"), fixture.call());

        fixture.clock.advance(DAY);
        assertThat(uploads()).isEqualTo(1);
        fixture.clock.advance(DAY);
        assertThat(uploads()).isZero();
    }

    private int uploads() {
        return fixture.s3
                .listMultipartUploads(new ListMultipartUploadsRequest().bucket(S3Fixture.BUCKET), fixture.call())
                .uploads()
                .size();
    }

    @Test
    void refusesWhatAwsRefuses() {
        refused(rule(""), "InvalidRequest", "At least one action needs to be specified in a rule");
        refused(
                rule("").expiration(new LifecycleExpiration().days(0)),
                "InvalidArgument",
                "'Days' for Expiration action must be a positive integer");
        refused(
                rule("").transitions(List.of(new Transition().days(29).storageClass("STANDARD_IA"))),
                "InvalidArgument",
                "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'");
        refused(
                rule("a")
                        .transitions(List.of(new Transition().days(40).storageClass("GLACIER")))
                        .expiration(new LifecycleExpiration().days(40)),
                "InvalidArgument",
                "'Days' in the Expiration action for filter '(prefix=a)' must be greater than 'Days' in the Transition"
                        + " action");
        assertThat(S3Fixture.fault(() -> fixture.s3.getBucketLifecycleConfiguration(
                                new GetBucketLifecycleConfigurationRequest().bucket(S3Fixture.BUCKET), fixture.call()))
                        .code())
                .isEqualTo("NoSuchLifecycleConfiguration");
    }

    private void refused(LifecycleRule rule, String code, String message) {
        dev.haneul.api.runtime.Fault fault = S3Fixture.fault(() -> put(rule));
        assertThat(fault.code()).isEqualTo(code);
        assertThat(fault.message()).isEqualTo(message);
    }
}
