package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/** The AWS SDK for Java against the real front door. */
@ExtendWith(SharedRegion.class)
class S3ClientTest {
    private static final int MIB5 = 5 << 20;

    private final String account = Accounts.fresh();
    private final String bucket = "objects-" + account;
    private final Clients clients;
    private final S3Client s3;

    S3ClientTest(URI endpoint) {
        clients = new Clients(endpoint, account, "test");
        s3 = clients.s3();
    }

    @BeforeEach
    void makeTheBucket() {
        s3.createBucket(request -> request.bucket(bucket));
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return bytes;
    }

    private void put(String key, byte[] content) {
        s3.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromBytes(content));
    }

    private ResponseBytes<GetObjectResponse> get(String key) {
        return s3.getObjectAsBytes(request -> request.bucket(bucket).key(key));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16_385, 3_000_000})
    void objectsRoundTripWithWhatIsSaidOfThem(int length) {
        byte[] content = random(length);
        s3.putObject(
                request -> request.bucket(bucket)
                        .key("k")
                        .contentType("image/jpeg")
                        .cacheControl("no-cache")
                        .metadata(Map.of("camera", "X100"))
                        .tagging("a=b"),
                RequestBody.fromBytes(content));
        ResponseBytes<GetObjectResponse> got = get("k");
        assertThat(got.asByteArray()).isEqualTo(content);
        assertThat(got.response().contentType()).isEqualTo("image/jpeg");
        assertThat(got.response().cacheControl()).isEqualTo("no-cache");
        assertThat(got.response().metadata()).containsEntry("camera", "X100");
        assertThat(got.response().tagCount()).isEqualTo(1);
        assertThat(got.response().contentLength()).isEqualTo(length);
    }

    @ParameterizedTest
    @EnumSource(
            value = ChecksumAlgorithm.class,
            names = {"CRC32", "CRC32_C", "SHA1", "SHA256"})
    void checksumsAreSentCheckedAndToldBack(ChecksumAlgorithm algorithm) {
        s3.putObject(
                request -> request.bucket(bucket).key("k").checksumAlgorithm(algorithm),
                RequestBody.fromContentProvider(
                        () -> new java.io.ByteArrayInputStream(random(200_000)), 200_000, "text/plain"));
        ResponseBytes<GetObjectResponse> got =
                s3.getObjectAsBytes(request -> request.bucket(bucket).key("k").checksumMode(ChecksumMode.ENABLED));
        assertThat(got.asByteArray()).isEqualTo(random(200_000));
        GetObjectResponse told = got.response();
        assertThat(new String[] {told.checksumCRC32(), told.checksumCRC32C(), told.checksumSHA1(), told.checksumSHA256()
                })
                .filteredOn(value -> value != null)
                .hasSize(1);
    }

    @Test
    void aWrongChecksumIsRefusedAndNothingIsStored() {
        S3Exception refused = catchThrowableOfType(
                S3Exception.class,
                () -> s3.putObject(
                        request -> request.bucket(bucket).key("k").checksumSHA256("A".repeat(43) + "="),
                        RequestBody.fromString("content")));
        assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("BadDigest");
        assertThat(catchThrowableOfType(NoSuchKeyException.class, () -> get("k")))
                .isNotNull();
    }

    @Test
    void rangesAndConditionsAnswerAsHttpDoes() {
        put("k", "0123456789".getBytes(StandardCharsets.US_ASCII));
        ResponseBytes<GetObjectResponse> part =
                s3.getObjectAsBytes(request -> request.bucket(bucket).key("k").range("bytes=2-4"));
        assertThat(part.asUtf8String()).isEqualTo("234");
        assertThat(part.response().sdkHttpResponse().statusCode()).isEqualTo(206);
        assertThat(part.response().contentRange()).isEqualTo("bytes 2-4/10");
        S3Exception outside = catchThrowableOfType(
                S3Exception.class,
                () -> s3.getObjectAsBytes(
                        request -> request.bucket(bucket).key("k").range("bytes=10-")));
        assertThat(outside.statusCode()).isEqualTo(416);
        String etag = part.response().eTag();
        S3Exception same = catchThrowableOfType(
                S3Exception.class,
                () -> s3.getObjectAsBytes(
                        request -> request.bucket(bucket).key("k").ifNoneMatch(etag)));
        assertThat(same.statusCode()).isEqualTo(304);
        S3Exception taken = catchThrowableOfType(
                S3Exception.class,
                () -> s3.putObject(
                        request -> request.bucket(bucket).key("k").ifNoneMatch("*"), RequestBody.fromString("x")));
        assertThat(taken.statusCode()).isEqualTo(412);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b+c%", "//", "/lead", "..", "../up", "한글/하늘 😀", "x\ny", "&<>\"'?#"})
    void oddKeysGoThereAndBack(String key) {
        put(key, key.getBytes(StandardCharsets.UTF_8));
        assertThat(get(key).asUtf8String()).isEqualTo(key);
        assertThat(s3.listObjectsV2(request -> request.bucket(bucket)).contents())
                .extracting(S3Object::key)
                .contains(key);
        s3.copyObject(request -> request.sourceBucket(bucket)
                .sourceKey(key)
                .destinationBucket(bucket)
                .destinationKey(key)
                .metadataDirective(MetadataDirective.REPLACE)
                .contentType("text/plain"));
        assertThat(get(key).response().contentType()).isEqualTo("text/plain");
        s3.deleteObject(request -> request.bucket(bucket).key(key));
        assertThat(catchThrowableOfType(NoSuchKeyException.class, () -> get(key)))
                .isNotNull();
    }

    @Test
    void listingsPageThroughFolders() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            keys.add("f%02d/k".formatted(i));
            keys.add("k%02d".formatted(i));
        }
        keys.forEach(key -> put(key, new byte[0]));
        List<String> seen = new ArrayList<>();
        s3.listObjectsV2Paginator(
                        request -> request.bucket(bucket).delimiter("/").maxKeys(7))
                .forEach(page -> {
                    page.commonPrefixes().stream().map(CommonPrefix::prefix).forEach(seen::add);
                    page.contents().stream().map(S3Object::key).forEach(seen::add);
                });
        assertThat(seen).hasSize(50).contains("f24/", "k24").doesNotHaveDuplicates();
        assertThat(s3.deleteObjects(request -> request.bucket(bucket)
                                .delete(d -> d.objects(keys.stream()
                                        .map(key -> ObjectIdentifier.builder()
                                                .key(key)
                                                .build())
                                        .toList())))
                        .deleted())
                .hasSize(50);
        s3.deleteBucket(request -> request.bucket(bucket));
        assertThat(catchThrowableOfType(
                        NoSuchBucketException.class, () -> s3.headBucket(request -> request.bucket(bucket))))
                .isNotNull();
    }

    @Test
    void partsMakeOneObject() {
        byte[] first = random(MIB5);
        byte[] second = random(70_001);
        String upload = s3.createMultipartUpload(
                        request -> request.bucket(bucket).key("big"))
                .uploadId();
        List<CompletedPart> parts = new ArrayList<>();
        for (byte[] part : List.of(first, second)) {
            int number = parts.size() + 1;
            UploadPartResponse answer = s3.uploadPart(
                    request ->
                            request.bucket(bucket).key("big").uploadId(upload).partNumber(number),
                    RequestBody.fromBytes(part));
            parts.add(CompletedPart.builder()
                    .partNumber(number)
                    .eTag(answer.eTag())
                    .checksumCRC32(answer.checksumCRC32())
                    .build());
        }
        String etag = s3.completeMultipartUpload(request ->
                        request.bucket(bucket).key("big").uploadId(upload).multipartUpload(m -> m.parts(parts)))
                .eTag();
        assertThat(etag).endsWith("-2\"");
        byte[] whole = get("big").asByteArray();
        assertThat(Arrays.copyOf(whole, MIB5)).isEqualTo(first);
        assertThat(Arrays.copyOfRange(whole, MIB5, whole.length)).isEqualTo(second);
        HeadObjectResponse part =
                s3.headObject(request -> request.bucket(bucket).key("big").partNumber(2));
        assertThat(part.partsCount()).isEqualTo(2);
        assertThat(part.contentLength()).isEqualTo(70_001);
    }

    @Test
    void presignedUrlsWorkWithoutKeys() throws Exception {
        URI put = clients.presigner()
                .presignPutObject(request -> request.signatureDuration(Duration.ofMinutes(1))
                        .putObjectRequest(o -> o.bucket(bucket).key("a b/ü.txt")))
                .url()
                .toURI();
        URI get = clients.presigner()
                .presignGetObject(request -> request.signatureDuration(Duration.ofMinutes(1))
                        .getObjectRequest(o -> o.bucket(bucket).key("a b/ü.txt").responseContentType("text/html")))
                .url()
                .toURI();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest upload = HttpRequest.newBuilder(put)
                    .PUT(HttpRequest.BodyPublishers.ofString("by url"))
                    .build();
            assertThat(http.send(upload, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
            HttpResponse<String> got =
                    http.send(HttpRequest.newBuilder(get).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(got.body()).isEqualTo("by url");
            assertThat(got.headers().firstValue("content-type")).contains("text/html");
        }
    }

    @Test
    void anotherAccountGetsWhatThePolicyGivesIt(URI endpoint) throws Exception {
        put("shared/k", new byte[1]);
        put("mine/k", new byte[1]);
        String other = Accounts.fresh();
        s3.putBucketPolicy(request -> request.bucket(bucket).policy("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                        "Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"s3:GetObject",
                        "Resource":"arn:aws:s3:::%s/shared/*"}]}""".formatted(other, bucket)));
        try (Clients theirs = new Clients(endpoint, other, "test")) {
            S3Client guest = theirs.s3();
            assertThat(guest.getObjectAsBytes(request -> request.bucket(bucket).key("shared/k"))
                            .asByteArray())
                    .hasSize(1);
            for (String key : List.of("mine/k", "nothing")) {
                S3Exception denied = catchThrowableOfType(
                        S3Exception.class,
                        () -> guest.getObjectAsBytes(
                                request -> request.bucket(bucket).key(key)));
                assertThat(denied.statusCode()).isEqualTo(403);
            }
        }
    }
}
