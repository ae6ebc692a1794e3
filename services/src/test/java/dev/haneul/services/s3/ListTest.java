package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.BUCKET;
import static dev.haneul.services.s3.S3Fixture.fault;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.s3.CommonPrefix;
import dev.haneul.api.s3.CreateBucketRequest;
import dev.haneul.api.s3.ListObjectVersionsOutput;
import dev.haneul.api.s3.ListObjectVersionsRequest;
import dev.haneul.api.s3.ListObjectsOutput;
import dev.haneul.api.s3.ListObjectsRequest;
import dev.haneul.api.s3.ListObjectsV2Output;
import dev.haneul.api.s3.ListObjectsV2Request;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Object;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListTest {
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

    private ListObjectsV2Output v2(ListObjectsV2Request request) {
        return s3.s3.listObjectsV2(request.bucket(BUCKET), s3.call());
    }

    private ListObjectsOutput v1(ListObjectsRequest request) {
        return s3.s3.listObjects(request.bucket(BUCKET), s3.call());
    }

    @Test
    void objectsAreListedWithWhatIsKnownOfThem() {
        String etag = s3.put("b", "123456789").eTag();
        s3.put("a", "");
        ListObjectsV2Output out = v2(new ListObjectsV2Request());
        assertThat(out.keyCount()).isEqualTo(2);
        assertThat(out.isTruncated()).isFalse();
        assertThat(out.maxKeys()).isEqualTo(1000);
        S3Object second = out.contents().get(1);
        assertThat(second.key()).isEqualTo("b");
        assertThat(second.size()).isEqualTo(9);
        assertThat(second.eTag()).isEqualTo(etag);
        assertThat(second.storageClass()).isEqualTo("STANDARD");
        assertThat(second.checksumAlgorithm()).containsExactly("CRC64NVME");
        assertThat(second.owner()).isNull();
        assertThat(v2(new ListObjectsV2Request().fetchOwner(true))
                        .contents()
                        .getFirst()
                        .owner()
                        .id())
                .hasSize(64);
        assertThat(v1(new ListObjectsRequest()).contents().getFirst().owner()).isNotNull();
    }

    @Test
    void foldersRollUpAndCountAsEntries() {
        for (String key : List.of("a.txt", "photos/1", "photos/2", "photos/2026/1", "videos/1", "z")) {
            s3.put(key, key);
        }
        ListObjectsV2Output first = v2(new ListObjectsV2Request().delimiter("/").maxKeys(2));
        assertThat(first.contents()).extracting(S3Object::key).containsExactly("a.txt");
        assertThat(first.commonPrefixes()).extracting(CommonPrefix::prefix).containsExactly("photos/");
        assertThat(first.keyCount()).isEqualTo(2);
        ListObjectsV2Output second = v2(
                new ListObjectsV2Request().delimiter("/").maxKeys(2).continuationToken(first.nextContinuationToken()));
        assertThat(second.commonPrefixes()).extracting(CommonPrefix::prefix).containsExactly("videos/");
        assertThat(second.contents()).extracting(S3Object::key).containsExactly("z");
        assertThat(second.isTruncated()).isFalse();
        assertThat(second.nextContinuationToken()).isNull();
        ListObjectsV2Output inside =
                v2(new ListObjectsV2Request().prefix("photos/").delimiter("/"));
        assertThat(inside.contents()).extracting(S3Object::key).containsExactly("photos/1", "photos/2");
        assertThat(inside.commonPrefixes()).extracting(CommonPrefix::prefix).containsExactly("photos/2026/");
        ListObjectsOutput old = v1(new ListObjectsRequest().delimiter("/").maxKeys(2));
        assertThat(old.nextMarker()).isEqualTo("photos/");
        assertThat(v1(new ListObjectsRequest().delimiter("/").marker("photos/")).commonPrefixes())
                .extracting(CommonPrefix::prefix)
                .containsExactly("videos/");
    }

    @Test
    void theOrderIsThatOfUtf8() {
        List<String> keys = List.of("A", "a", "a/b", "a0", "é", "\uFFFD", "😀");
        keys.reversed().forEach(key -> s3.put(key, key));
        assertThat(v2(new ListObjectsV2Request()).contents())
                .extracting(S3Object::key)
                .isEqualTo(keys);
        List<String> paged = new ArrayList<>();
        String marker = "";
        boolean more = true;
        while (more) {
            ListObjectsOutput page = v1(new ListObjectsRequest().maxKeys(2).marker(marker));
            page.contents().forEach(object -> paged.add(object.key()));
            marker = paged.getLast();
            more = page.isTruncated();
            assertThat(page.nextMarker()).as("only with a delimiter").isNull();
        }
        assertThat(paged).isEqualTo(keys);
    }

    @Test
    void namesAreEncodedWhereAsked() {
        s3.put("a b/ü+&\u0001.txt", "x");
        ListObjectsV2Output out =
                v2(new ListObjectsV2Request().encodingType("url").prefix("a b/").delimiter("+"));
        assertThat(out.prefix()).isEqualTo("a+b/");
        assertThat(out.delimiter()).isEqualTo("%2B");
        assertThat(out.commonPrefixes().getFirst().prefix()).isEqualTo("a+b/%C3%BC%2B");
        assertThat(v2(new ListObjectsV2Request().encodingType("url"))
                        .contents()
                        .getFirst()
                        .key())
                .isEqualTo("a+b/%C3%BC%2B%26%01.txt");
        assertThat(fault(() -> v2(new ListObjectsV2Request().encodingType("base64")))
                        .code())
                .isEqualTo("InvalidArgument");
    }

    @Test
    void badParametersAreRefusedAndLargeOnesCapped() {
        assertThat(fault(() -> v2(new ListObjectsV2Request().continuationToken("nonsense")))
                        .message())
                .isEqualTo("The continuation token provided is incorrect");
        assertThat(fault(() -> v2(new ListObjectsV2Request().maxKeys(-1))).code())
                .isEqualTo("InvalidArgument");
        assertThat(v2(new ListObjectsV2Request().maxKeys(5000)).maxKeys()).isEqualTo(1000);
        s3.put("k", "x");
        ListObjectsV2Output none = v2(new ListObjectsV2Request().maxKeys(0));
        assertThat(none.contents()).isEmpty();
        assertThat(none.isTruncated()).isFalse();
    }

    @Test
    void startAfterLeavesOutWhatComesBefore() {
        List.of("a", "b", "c").forEach(key -> s3.put(key, key));
        assertThat(v2(new ListObjectsV2Request().startAfter("a")).contents())
                .extracting(S3Object::key)
                .containsExactly("b", "c");
    }

    @Test
    void aBucketSeesItsOwnObjectsOnly() {
        s3.s3.createBucket(new CreateBucketRequest().bucket("photo"), s3.call());
        s3.s3.createBucket(new CreateBucketRequest().bucket("photos2"), s3.call());
        s3.s3.putObject(new PutObjectRequest().bucket("photo").key("s/x"), s3.call());
        s3.s3.putObject(new PutObjectRequest().bucket("photos2").key("x"), s3.call());
        assertThat(v2(new ListObjectsV2Request()).contents()).isEmpty();
        s3.put("x", "x");
        assertThat(v2(new ListObjectsV2Request()).contents()).hasSize(1);
    }

    @Test
    void withoutVersioningEachObjectIsItsLatestVersion() {
        List.of("a", "b/1", "b/2").forEach(key -> s3.put(key, key));
        ListObjectVersionsOutput out = s3.s3.listObjectVersions(
                new ListObjectVersionsRequest().bucket(BUCKET).delimiter("/").maxKeys(1), s3.call());
        assertThat(out.versions()).singleElement().satisfies(version -> {
            assertThat(version.versionId()).isEqualTo("null");
            assertThat(version.isLatest()).isTrue();
        });
        assertThat(out.nextKeyMarker()).isEqualTo("a");
        assertThat(s3.s3.listObjectVersions(
                                new ListObjectVersionsRequest()
                                        .bucket(BUCKET)
                                        .delimiter("/")
                                        .keyMarker("a")
                                        .versionIdMarker("null"),
                                s3.call())
                        .commonPrefixes())
                .extracting(CommonPrefix::prefix)
                .containsExactly("b/");
    }
}
