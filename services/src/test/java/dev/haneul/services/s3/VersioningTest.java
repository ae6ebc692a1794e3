package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.BUCKET;
import static dev.haneul.services.s3.S3Fixture.bytes;
import static dev.haneul.services.s3.S3Fixture.fault;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.CopyObjectOutput;
import dev.haneul.api.s3.CopyObjectRequest;
import dev.haneul.api.s3.Delete;
import dev.haneul.api.s3.DeleteBucketRequest;
import dev.haneul.api.s3.DeleteObjectOutput;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.DeleteObjectsOutput;
import dev.haneul.api.s3.DeleteObjectsRequest;
import dev.haneul.api.s3.GetBucketVersioningRequest;
import dev.haneul.api.s3.GetObjectTaggingRequest;
import dev.haneul.api.s3.ListObjectVersionsOutput;
import dev.haneul.api.s3.ListObjectVersionsRequest;
import dev.haneul.api.s3.ListObjectsV2Request;
import dev.haneul.api.s3.ObjectIdentifier;
import dev.haneul.api.s3.PutBucketVersioningRequest;
import dev.haneul.api.s3.PutObjectTaggingRequest;
import dev.haneul.api.s3.Tag;
import dev.haneul.api.s3.Tagging;
import dev.haneul.api.s3.VersioningConfiguration;
import dev.haneul.kernel.store.Row;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersioningTest {
    @TempDir
    Path path;

    private S3Fixture s3;

    @BeforeEach
    void open() {
        s3 = S3Fixture.withBucket(path);
    }

    @AfterEach
    void close() {
        s3.close();
    }

    private String text(String key, @Nullable String version) {
        return new String(bytes(s3.get(key, r -> r.versionId(version))), StandardCharsets.UTF_8);
    }

    private DeleteObjectOutput delete(String key, @Nullable String version) {
        return s3.s3.deleteObject(
                new DeleteObjectRequest().bucket(BUCKET).key(key).versionId(version), s3.call());
    }

    /** Every version as {@code key/version/latest}, a delete marker with an exclamation mark, in pages of this size. */
    private List<String> versions(int page) {
        List<String> all = new ArrayList<>();
        ListObjectVersionsRequest request =
                new ListObjectVersionsRequest().bucket(BUCKET).maxKeys(page);
        while (true) {
            ListObjectVersionsOutput out = s3.s3.listObjectVersions(request, s3.call());
            out.versions().forEach(v -> all.add(v.key() + "/" + v.versionId() + "/" + v.isLatest()));
            out.deleteMarkers().forEach(v -> all.add(v.key() + "!/" + v.versionId() + "/" + v.isLatest()));
            assertThat(out.versions().size() + out.deleteMarkers().size()).isLessThanOrEqualTo(page);
            if (!Boolean.TRUE.equals(out.isTruncated())) {
                return all;
            }
            request.keyMarker(out.nextKeyMarker()).versionIdMarker(out.nextVersionIdMarker());
        }
    }

    @Test
    void versioningIsAsItWasPut() {
        GetBucketVersioningRequest get = new GetBucketVersioningRequest().bucket(BUCKET);
        assertThat(s3.s3.getBucketVersioning(get, s3.call()).status()).isNull();
        s3.versioning("Enabled");
        s3.restart();
        assertThat(s3.s3.getBucketVersioning(get, s3.call()).status()).isEqualTo("Enabled");
        s3.versioning("Suspended");
        assertThat(s3.s3.getBucketVersioning(get, s3.call()).status()).isEqualTo("Suspended");
        PutBucketVersioningRequest put = new PutBucketVersioningRequest().bucket(BUCKET);
        assertThat(fault(() -> s3.s3.putBucketVersioning(
                                put.versioningConfiguration(new VersioningConfiguration()), s3.call()))
                        .code())
                .isEqualTo("IllegalVersioningConfigurationException");
        assertThat(fault(() -> s3.s3.putBucketVersioning(
                                put.versioningConfiguration(new VersioningConfiguration()
                                        .status("Enabled")
                                        .mfaDelete("Enabled")),
                                s3.call()))
                        .code())
                .as("without a code")
                .isEqualTo("AccessDenied");
    }

    @Test
    void everyPutIsAVersionAndOldOnesStayReadable() {
        s3.put("k", "zero");
        s3.versioning("Enabled");
        String one = s3.put("k", "one").versionId();
        String two = s3.put("k", "two").versionId();
        assertThat(Set.of(one, two)).hasSize(2);
        assertThat(s3.text("k")).isEqualTo("two");
        assertThat(text("k", one)).isEqualTo("one");
        assertThat(text("k", two)).isEqualTo("two");
        assertThat(text("k", "null")).isEqualTo("zero");
        assertThat(s3.get("k", r -> r).versionId()).isEqualTo(two);
        for (int page = 1; page <= 4; page++) {
            assertThat(versions(page)).containsExactly("k/" + two + "/true", "k/" + one + "/false", "k/null/false");
        }
        assertThat(fault(() -> text("k", "nonsense")).code()).isEqualTo("InvalidArgument");
        assertThat(fault(() -> text("k", "A".repeat(32))).code()).isEqualTo("NoSuchVersion");
    }

    @Test
    void aDeleteCoversAndDeletingTheMarkerUncovers() {
        s3.versioning("Enabled");
        String one = s3.put("k", "one").versionId();
        DeleteObjectOutput covered = delete("k", null);
        assertThat(covered.deleteMarker()).isTrue();
        String marker = covered.versionId();
        Fault missing = fault(() -> s3.text("k"));
        assertThat(missing.code()).isEqualTo("NoSuchKey");
        assertThat(missing.headers())
                .containsEntry("x-amz-delete-marker", "true")
                .containsEntry("x-amz-version-id", marker);
        Fault named = fault(() -> text("k", marker));
        assertThat(named.status()).isEqualTo(405);
        assertThat(named.code()).isEqualTo("MethodNotAllowed");
        assertThat(named.headers()).containsEntry("x-amz-delete-marker", "true").containsEntry("Allow", "DELETE");
        assertThat(versions(1)).containsExactly("k!/" + marker + "/true", "k/" + one + "/false");
        assertThat(s3.s3.listObjectsV2(new ListObjectsV2Request().bucket(BUCKET), s3.call())
                        .contents())
                .isEmpty();
        assertThat(text("k", one)).isEqualTo("one");
        DeleteObjectOutput uncovered = delete("k", marker);
        assertThat(uncovered.deleteMarker()).isTrue();
        assertThat(uncovered.versionId()).isEqualTo(marker);
        assertThat(s3.text("k")).isEqualTo("one");
        assertThat(s3.get("k", r -> r).versionId()).isEqualTo(one);
    }

    @Test
    void aSuspendedBucketKeepsOneVersionCalledNull() {
        s3.versioning("Enabled");
        String one = s3.put("k", "one").versionId();
        s3.versioning("Suspended");
        assertThat(s3.put("k", "n1").versionId()).isNull();
        s3.put("k", "n2");
        assertThat(s3.get("k", r -> r).versionId()).isEqualTo("null");
        assertThat(versions(1)).containsExactly("k/null/true", "k/" + one + "/false");
        assertThat(delete("k", null).versionId()).isEqualTo("null");
        assertThat(versions(1)).containsExactly("k!/null/true", "k/" + one + "/false");
        assertThat(fault(() -> text("k", "null")).status()).isEqualTo(405);
        s3.versioning("Enabled");
        String two = s3.put("k", "two").versionId();
        assertThat(versions(1)).containsExactly("k/" + two + "/true", "k!/null/false", "k/" + one + "/false");
        s3.versioning("Suspended");
        s3.put("k", "n3");
        assertThat(versions(1)).containsExactly("k/null/true", "k/" + two + "/false", "k/" + one + "/false");
        delete("k", "null");
        assertThat(s3.text("k")).isEqualTo("two");
    }

    @Test
    void aVersionedBucketIsEmptiedPageByPage() {
        s3.versioning("Enabled");
        for (int i = 0; i < 7; i++) {
            s3.put("a", "a" + i);
            s3.put("b/c", "b" + i);
            delete("b/c", null);
        }
        assertThat(fault(() -> s3.s3.deleteBucket(new DeleteBucketRequest().bucket(BUCKET), s3.call()))
                        .code())
                .isEqualTo("BucketNotEmpty");
        ListObjectVersionsRequest request =
                new ListObjectVersionsRequest().bucket(BUCKET).maxKeys(3);
        boolean more = true;
        while (more) {
            ListObjectVersionsOutput page = s3.s3.listObjectVersions(request, s3.call());
            List<ObjectIdentifier> named = new ArrayList<>();
            page.versions()
                    .forEach(v -> named.add(new ObjectIdentifier().key(v.key()).versionId(v.versionId())));
            page.deleteMarkers()
                    .forEach(v -> named.add(new ObjectIdentifier().key(v.key()).versionId(v.versionId())));
            DeleteObjectsOutput out = s3.s3.deleteObjects(
                    new DeleteObjectsRequest().bucket(BUCKET).delete(new Delete().objects(named)), s3.call());
            assertThat(out.errors()).isEmpty();
            assertThat(out.deleted()).hasSize(named.size());
            request.keyMarker(page.nextKeyMarker()).versionIdMarker(page.nextVersionIdMarker());
            more = Boolean.TRUE.equals(page.isTruncated());
        }
        assertThat(versions(10)).isEmpty();
        s3.s3.deleteBucket(new DeleteBucketRequest().bucket(BUCKET), s3.call());
    }

    @Test
    void oldVersionsAreCopiedAndTagged() {
        s3.versioning("Enabled");
        String one = s3.put("k", "one").versionId();
        String two = s3.put("k", "two").versionId();
        CopyObjectOutput copy = s3.s3.copyObject(
                new CopyObjectRequest().bucket(BUCKET).key("k").copySource(BUCKET + "/k?versionId=" + one), s3.call());
        assertThat(copy.copySourceVersionId()).isEqualTo(one);
        assertThat(s3.text("k")).isEqualTo("one");
        assertThat(versions(10)).hasSize(3);
        Tagging tagging = new Tagging().tagSet(List.of(new Tag().key("a").value("b")));
        assertThat(s3.s3.putObjectTagging(
                                new PutObjectTaggingRequest()
                                        .bucket(BUCKET)
                                        .key("k")
                                        .versionId(two)
                                        .tagging(tagging),
                                s3.call())
                        .versionId())
                .isEqualTo(two);
        assertThat(s3.s3.getObjectTagging(
                                new GetObjectTaggingRequest()
                                        .bucket(BUCKET)
                                        .key("k")
                                        .versionId(two),
                                s3.call())
                        .tagSet())
                .hasSize(1);
        assertThat(s3.s3.getObjectTagging(
                                new GetObjectTaggingRequest().bucket(BUCKET).key("k"), s3.call())
                        .tagSet())
                .isEmpty();
    }

    @Test
    void commonPrefixesCoverVersionsAndMarkers() {
        s3.versioning("Enabled");
        s3.put("a/1", "x");
        s3.put("a/1", "y");
        delete("a/2", null);
        String b = s3.put("b", "z").versionId();
        ListObjectVersionsOutput out = s3.s3.listObjectVersions(
                new ListObjectVersionsRequest().bucket(BUCKET).delimiter("/"), s3.call());
        assertThat(out.commonPrefixes()).extracting(prefix -> prefix.prefix()).containsExactly("a/");
        assertThat(out.versions()).extracting(version -> version.versionId()).containsExactly(b);
        assertThat(out.deleteMarkers()).isEmpty();
    }

    /** Against a model: a list of versions a key, newest first. */
    @Test
    void whateverHappensTheListingIsThatOfASimpleModel() {
        SplittableRandom random = new SplittableRandom(7);
        Map<String, List<String>> model = new LinkedHashMap<>();
        boolean enabled = true;
        s3.versioning("Enabled");
        for (int step = 0; step < 300; step++) {
            String key = "k" + random.nextInt(3);
            List<String> versions = model.computeIfAbsent(key, k -> new ArrayList<>());
            int dice = random.nextInt(10);
            if (dice == 0) {
                enabled = !enabled;
                s3.versioning(enabled ? "Enabled" : "Suspended");
            } else if (dice < 6 || versions.isEmpty()) {
                String version = s3.put(key, "c" + step).versionId();
                versions.removeIf(v -> version == null && v.endsWith("null"));
                versions.addFirst(version == null ? "null" : version);
            } else if (dice < 8) {
                String version = delete(key, null).versionId();
                versions.removeIf(v -> version.equals("null") && v.endsWith("null"));
                versions.addFirst("!" + version);
            } else {
                String gone = versions.remove(random.nextInt(versions.size()));
                delete(key, gone.replace("!", ""));
            }
        }
        List<String> expected = new ArrayList<>();
        for (String key : new java.util.TreeSet<>(model.keySet())) {
            List<String> versions = model.get(key);
            for (int i = 0; i < versions.size(); i++) {
                String version = versions.get(i);
                boolean marker = version.startsWith("!");
                expected.add(key + (marker ? "!/" + version.substring(1) : "/" + version) + "/" + (i == 0));
            }
        }
        assertThat(versions(1)).isEqualTo(expected);
        assertThat(new HashSet<>(versions(7))).isEqualTo(new HashSet<>(expected));
        emptyAndExpectNothingLeft();
    }

    private void emptyAndExpectNothingLeft() {
        for (String entry : versions(1000)) {
            String[] parts = entry.replace("!", "").split("/");
            delete(parts[0], parts[1]);
        }
        List<? extends Row<?>> left = s3.store.read(tx -> tx.all(S3Tables.VERSIONS, null, 10));
        assertThat(left).isEmpty();
        assertThat(versions(10)).isEmpty();
    }
}
