package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.BUCKET;
import static dev.haneul.services.s3.S3Fixture.bytes;
import static dev.haneul.services.s3.S3Fixture.fault;
import static dev.haneul.services.s3.S3Fixture.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.ChecksummedBody;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.HeadObjectOutput;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.api.s3.PutObjectOutput;
import dev.haneul.api.s3.PutObjectRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectTest {
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

    private long files() throws IOException {
        try (Stream<Path> all = Files.walk(path.resolve("blobs"))) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    private HeadObjectOutput head(String key) {
        return s3.s3.headObject(new HeadObjectRequest().bucket(BUCKET).key(key).checksumMode("ENABLED"), s3.call());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 16 * 1024, 16 * 1024 + 1, 3_000_000})
    void bytesComeBackAsTheyWentIn(int length) {
        byte[] content = random(length, length);
        PutObjectOutput put = s3.put("k", content, request -> request);
        GetObjectOutput out = s3.get("k", request -> request);
        assertThat(bytes(out)).isEqualTo(content);
        assertThat(out.contentLength()).isEqualTo(length);
        assertThat(out.eTag()).isEqualTo(put.eTag());
    }

    @Test
    void theEntityTagIsTheMd5AndTheDefaultChecksumCrc64Nvme() {
        PutObjectOutput out = s3.put("k", "123456789");
        assertThat(out.eTag()).isEqualTo("\"25f9e794323b453885f5181f1b624d0b\"");
        assertThat(out.checksumCRC64NVME()).isEqualTo("rosUhgp5mIg=");
        assertThat(out.checksumType()).isEqualTo("FULL_OBJECT");
        assertThat(head("k").checksumCRC64NVME()).isEqualTo("rosUhgp5mIg=");
        assertThat(s3.get("k", r -> r).checksumCRC64NVME())
                .as("only when asked for")
                .isNull();
    }

    @Test
    void whatIsSaidOfAnObjectIsToldAgain() {
        s3.put(
                "k",
                new byte[3],
                request -> request.contentType("image/jpeg")
                        .cacheControl("max-age=60")
                        .contentDisposition("attachment")
                        .contentEncoding("aws-chunked,gzip")
                        .contentLanguage("ko")
                        .expires("Wed, 21 Oct 2026 07:28:00 GMT")
                        .storageClass("STANDARD_IA")
                        .tagging("a=1&b=two%20words")
                        .metadata(Map.of("Camera", "X100")));
        HeadObjectOutput out = head("k");
        assertThat(out.contentType()).isEqualTo("image/jpeg");
        assertThat(out.cacheControl()).isEqualTo("max-age=60");
        assertThat(out.contentDisposition()).isEqualTo("attachment");
        assertThat(out.contentEncoding()).isEqualTo("gzip");
        assertThat(out.contentLanguage()).isEqualTo("ko");
        assertThat(out.expires()).isEqualTo("Wed, 21 Oct 2026 07:28:00 GMT");
        assertThat(out.storageClass()).isEqualTo("STANDARD_IA");
        assertThat(out.metadata()).containsExactly(Map.entry("camera", "X100"));
        assertThat(out.tagCount()).isEqualTo(2);
        assertThat(out.lastModified()).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(out.acceptRanges()).isEqualTo("bytes");
    }

    @Test
    void aPlainObjectIsBinaryAndStandard() {
        s3.put("k", "x");
        HeadObjectOutput out = head("k");
        assertThat(out.contentType()).isEqualTo("binary/octet-stream");
        assertThat(out.storageClass()).isNull();
        assertThat(out.tagCount()).isNull();
        assertThat(out.partsCount()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"bytes=2-4, 234, bytes 2-4/10", "bytes=-2, 89, bytes 8-9/10", "bytes=7-, 789, bytes 7-9/10"})
    void aRangeIsServedWithItsPlace(String range, String expected, String contentRange) {
        s3.put("k", "0123456789");
        GetObjectOutput out = s3.get("k", request -> request.range(range).checksumMode("ENABLED"));
        assertThat(out.contentRange()).isEqualTo(contentRange);
        assertThat(out.contentLength()).isEqualTo(expected.length());
        assertThat(out.checksumCRC64NVME()).as("is of the whole").isNull();
        assertThat(new String(bytes(out), StandardCharsets.UTF_8)).isEqualTo(expected);
    }

    @Test
    void rangesOfLargeObjectsAreExact() {
        byte[] content = random(2_500_000, 9);
        s3.put("k", content, request -> request);
        byte[] got = bytes(s3.get("k", request -> request.range("bytes=1048575-2097153")));
        assertThat(got).isEqualTo(java.util.Arrays.copyOfRange(content, 1048575, 2097154));
    }

    @Test
    void overridesChangeTheAnswerOnly() {
        s3.put("k", "x");
        GetObjectOutput out = s3.get(
                "k",
                request -> request.responseContentType("text/plain")
                        .responseContentDisposition("inline")
                        .responseExpires(Instant.EPOCH));
        assertThat(out.contentType()).isEqualTo("text/plain");
        assertThat(out.contentDisposition()).isEqualTo("inline");
        assertThat(out.expires()).isEqualTo("Thu, 01 Jan 1970 00:00:00 GMT");
        assertThat(head("k").contentType()).isEqualTo("binary/octet-stream");
    }

    @Test
    void whatIsNotThereIsNoSuchKey() {
        Fault fault = fault(() -> s3.get("gone", request -> request));
        assertThat(fault.code()).isEqualTo("NoSuchKey");
        assertThat(fault.status()).isEqualTo(404);
        assertThat(fault.extras()).containsEntry("Key", "gone");
        Fault bucket = fault(
                () -> s3.s3.headObject(new HeadObjectRequest().bucket("nowhere").key("k"), s3.call()));
        assertThat(bucket.code()).isEqualTo("NoSuchBucket");
        assertThat(bucket.extras()).containsEntry("BucketName", "nowhere");
    }

    @Test
    void readConditionsAreKept() {
        String etag = s3.put("k", "x").eTag();
        assertThat(fault(() -> s3.get("k", r -> r.ifNoneMatch(etag))).status()).isEqualTo(304);
        assertThat(fault(() -> s3.get("k", r -> r.ifMatch("\"no\""))).status()).isEqualTo(412);
        assertThat(bytes(s3.get("k", r -> r.ifMatch(etag).ifUnmodifiedSince(Instant.EPOCH))))
                .hasSize(1);
    }

    @Test
    void aConditionalWriteWinsOnlyOnce() {
        String etag = s3.put("k", "first".getBytes(StandardCharsets.UTF_8), r -> r.ifNoneMatch("*"))
                .eTag();
        Fault exists = fault(() -> s3.put("k", new byte[1], r -> r.ifNoneMatch("*")));
        assertThat(exists.status()).isEqualTo(412);
        assertThat(exists.extras()).containsEntry("Condition", "If-None-Match");
        s3.put("k", "second".getBytes(StandardCharsets.UTF_8), r -> r.ifMatch(etag));
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.ifMatch(etag))).status())
                .isEqualTo(412);
        assertThat(fault(() -> s3.put("none", new byte[1], r -> r.ifMatch(etag)))
                        .code())
                .isEqualTo("NoSuchKey");
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.ifNoneMatch(etag)))
                        .status())
                .isEqualTo(501);
        assertThat(s3.text("k")).isEqualTo("second");
    }

    @Test
    void aWrongDigestStoresNothing() throws IOException {
        byte[] content = random(200_000, 3);
        Fault md5 = fault(() -> s3.put("k", content, r -> r.contentMD5("1B2M2Y8AsgTpgAmY7PhCfg==")));
        assertThat(md5.code()).isEqualTo("BadDigest");
        Fault crc = fault(() -> s3.put("k", content, r -> r.checksumCRC32("AAAAAA==")));
        assertThat(crc.code()).isEqualTo("BadDigest");
        assertThat(crc.message()).contains("CRC32");
        assertThat(fault(() -> s3.put("k", content, r -> r.contentMD5("short"))).code())
                .isEqualTo("InvalidDigest");
        assertThat(fault(() -> s3.put("k", content, r -> r.checksumSHA256("AAAA")))
                        .code())
                .isEqualTo("InvalidRequest");
        assertThat(fault(() -> s3.put("k", content, r -> r.checksumSHA1("x").checksumCRC32("y")))
                        .message())
                .contains("Multiple checksum Types");
        assertThat(fault(() -> s3.get("k", r -> r)).code()).isEqualTo("NoSuchKey");
        assertThat(files()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "CRC32, y/Q5Jg==",
        "CRC32C, 4waSgw==",
        "CRC64NVME, rosUhgp5mIg=",
        "SHA1, 98O8HYCOBHMq32eZZczDTKeuNEE=",
        "SHA256, FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="
    })
    void aDeclaredChecksumIsCheckedKeptAndTold(String algorithm, String value) {
        PutObjectRequest request = new PutObjectRequest()
                .bucket(BUCKET)
                .key("k")
                .body(Body.of("123456789".getBytes(StandardCharsets.UTF_8)));
        Members.set(request, "Checksum" + algorithm, value);
        assertThat(Members.text(s3.s3.putObject(request, s3.call()), "Checksum" + algorithm))
                .isEqualTo(value);
        assertThat(Members.text(head("k"), "Checksum" + algorithm)).isEqualTo(value);
    }

    @Test
    void aChecksumFromATrailerIsTakenFromTheBodyThatCheckedIt() {
        byte[] content = "123456789".getBytes(StandardCharsets.UTF_8);
        ChecksummedBody body = new ChecksummedBody() {
            @Override
            public Map<String, String> checksums() {
                return Map.of("x-amz-checksum-crc32c", "4waSgw==");
            }

            @Override
            public InputStream stream() {
                return new ByteArrayInputStream(content);
            }

            @Override
            public long length() {
                return content.length;
            }
        };
        s3.s3.putObject(
                new PutObjectRequest().bucket(BUCKET).key("k").body(body),
                s3.call(S3Fixture.ACCOUNT, S3Fixture.REGION, Map.of("x-amz-trailer", "x-amz-checksum-crc32c")));
        assertThat(head("k").checksumCRC32C()).isEqualTo("4waSgw==");
    }

    @Test
    void aTruncatedOrBrokenBodyStoresNothing() throws IOException {
        Body shorter = Body.of(new ByteArrayInputStream(random(100_000, 1)), 100_001);
        Fault truncated = fault(() ->
                s3.s3.putObject(new PutObjectRequest().bucket(BUCKET).key("k").body(shorter), s3.call()));
        assertThat(truncated.code()).isEqualTo("IncompleteBody");
        InputStream broken = new InputStream() {
            private int left = 100_000;

            @Override
            public int read() throws IOException {
                if (left-- <= 0) {
                    throw new IOException("connection reset");
                }
                return 7;
            }
        };
        Fault reset = fault(() -> s3.s3.putObject(
                new PutObjectRequest().bucket(BUCKET).key("k").body(Body.of(broken, 200_000)), s3.call()));
        assertThat(reset.code()).isEqualTo("IncompleteBody");
        assertThat(fault(() -> s3.get("k", r -> r)).code()).isEqualTo("NoSuchKey");
        assertThat(files()).isZero();
    }

    @Test
    void replacedAndDeletedBytesGoAndAReaderReadsOn() throws Exception {
        byte[] first = random(300_000, 1);
        s3.start();
        s3.put("k", first, r -> r);
        GetObjectOutput reading = s3.get("k", r -> r);
        byte[] head = reading.body().stream().readNBytes(10);
        s3.put("k", random(300_000, 2), r -> r);
        s3.s3.deleteObject(new DeleteObjectRequest().bucket(BUCKET).key("k"), s3.call());
        byte[] tail = bytes(reading);
        assertThat(head).isEqualTo(java.util.Arrays.copyOf(first, 10));
        assertThat(tail).isEqualTo(java.util.Arrays.copyOfRange(first, 10, first.length));
        assertThat(s3.driver.awaitIdle(java.time.Duration.ofSeconds(20))).isTrue();
        s3.blobs.sweep();
        assertThat(files()).isZero();
    }

    @Test
    void deletingWhatIsNotThereSucceeds() {
        s3.s3.deleteObject(new DeleteObjectRequest().bucket(BUCKET).key("never"), s3.call());
        s3.put("k", "x");
        Fault unmet = fault(() -> s3.s3.deleteObject(
                new DeleteObjectRequest().bucket(BUCKET).key("k").ifMatch("\"no\""), s3.call()));
        assertThat(unmet.status()).isEqualTo(412);
        assertThat(s3.text("k")).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                "a+b",
                "100%",
                "%41",
                "//",
                "/lead",
                "a//b",
                "..",
                "../up",
                "./x",
                "한글/하늘",
                "emoji😀",
                "ctl\u0001\u0000\u001f\u007f",
                "new\nline",
                "&<>\"'",
                "?#"
            })
    void oddKeysAreJustKeys(String key) {
        s3.put(key, key);
        assertThat(s3.text(key)).isEqualTo(key);
        assertThat(s3.get(key, r -> r).eTag()).isEqualTo(head(key).eTag());
    }

    @Test
    void whatIsNotBuiltIsRefusedAndNotIgnored() {
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.acl("public-read")))
                        .code())
                .isEqualTo("AccessControlListNotSupported");
        assertThat(fault(() -> s3.put(
                                "k",
                                new byte[1],
                                r -> r.contentMD5("k7iFrf4NoInN9jSQT9WfcQ==").objectLockMode("GOVERNANCE")))
                        .code())
                .isEqualTo("InvalidRequest");
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.storageClass("SNOW")))
                        .code())
                .isEqualTo("InvalidStorageClass");
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.metadata(Map.of("a", "x".repeat(2048)))))
                        .code())
                .isEqualTo("MetadataTooLarge");
    }

    @Test
    void anArchivedObjectMustBeRestoredBeforeItIsRead() {
        s3.put("k", new byte[1], r -> r.storageClass("GLACIER"));
        Fault fault = fault(() -> s3.get("k", r -> r));
        assertThat(fault.code()).isEqualTo("InvalidObjectState");
        assertThat(fault.extras()).containsEntry("StorageClass", "GLACIER");
        assertThat(head("k").storageClass()).isEqualTo("GLACIER");
    }

    @Test
    void bytesDamagedBehindOurBackAreNeverServed() throws IOException {
        s3.put("k", random(400_000, 5), r -> r);
        try (Stream<Path> all = Files.walk(path.resolve("blobs"))) {
            Path file = all.filter(Files::isRegularFile).findFirst().orElseThrow();
            Files.delete(file);
        }
        assertThat(fault(() -> s3.get("k", r -> r)).status()).isEqualTo(500);
    }

    @Test
    void acknowledgedObjectsAreThereAfterARestart() {
        byte[] content = random(100_000, 8);
        s3.put("k", content, r -> r.metadata(Map.of("a", "b")));
        s3.restart();
        GetObjectOutput out = s3.get("k", r -> r);
        assertThat(out.metadata()).containsEntry("a", "b");
        assertThat(bytes(out)).isEqualTo(content);
    }
}
