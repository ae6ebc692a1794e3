package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.BUCKET;
import static dev.haneul.services.s3.S3Fixture.bytes;
import static dev.haneul.services.s3.S3Fixture.fault;
import static dev.haneul.services.s3.S3Fixture.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.AbortMultipartUploadRequest;
import dev.haneul.api.s3.CompleteMultipartUploadOutput;
import dev.haneul.api.s3.CompleteMultipartUploadRequest;
import dev.haneul.api.s3.CompletedMultipartUpload;
import dev.haneul.api.s3.CompletedPart;
import dev.haneul.api.s3.CreateMultipartUploadRequest;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.GetObjectAttributesOutput;
import dev.haneul.api.s3.GetObjectAttributesRequest;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.HeadObjectOutput;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.api.s3.ListMultipartUploadsOutput;
import dev.haneul.api.s3.ListMultipartUploadsRequest;
import dev.haneul.api.s3.ListPartsOutput;
import dev.haneul.api.s3.ListPartsRequest;
import dev.haneul.api.s3.MultipartUpload;
import dev.haneul.api.s3.Part;
import dev.haneul.api.s3.UploadPartCopyRequest;
import dev.haneul.api.s3.UploadPartOutput;
import dev.haneul.api.s3.UploadPartRequest;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MultipartTest {
    private static final int MIB5 = 5 << 20;
    private static final byte[] ONE = random(MIB5, 1);
    private static final byte[] TWO = random(MIB5 + 3, 2);
    private static final byte[] THREE = random(1000, 3);

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

    private String begin(String key, UnaryOperator<CreateMultipartUploadRequest> more) {
        CreateMultipartUploadRequest request =
                new CreateMultipartUploadRequest().bucket(BUCKET).key(key);
        return String.valueOf(
                s3.s3.createMultipartUpload(more.apply(request), s3.call()).uploadId());
    }

    private CompletedPart part(String upload, int number, byte[] content, String algorithm) {
        UploadPartRequest request = new UploadPartRequest()
                .bucket(BUCKET)
                .key("big")
                .uploadId(upload)
                .partNumber(number)
                .body(Body.of(content));
        String member = "Checksum" + algorithm;
        if (!algorithm.isEmpty()) {
            Members.set(
                    request, member, base64(ChecksumAlgorithm.valueOf(algorithm).of(content)));
        }
        UploadPartOutput out = s3.s3.uploadPart(request, s3.call());
        CompletedPart part = new CompletedPart().partNumber(number).eTag(out.eTag());
        if (!algorithm.isEmpty()) {
            Members.set(part, member, Members.text(out, member));
        }
        return part;
    }

    @Test
    void anEmptyLastPartIsReadAsNothingAndNotAsTheWhole() {
        String upload = begin("big", r -> r);
        complete(upload, part(upload, 1, ONE, ""), part(upload, 2, new byte[0], ""));
        GetObjectOutput last = s3.get("big", r -> r.partNumber(2));
        assertThat(last.contentLength()).isZero();
        assertThat(last.contentRange()).isNull();
        assertThat(last.partsCount()).isEqualTo(2);
        assertThat(bytes(last)).isEmpty();
        assertThat(head(r -> r.partNumber(2)).contentLength()).isZero();
        assertThat(bytes(s3.get("big", r -> r.partNumber(1)))).isEqualTo(ONE);
    }

    private static String base64(byte[] value) {
        return Base64.getEncoder().encodeToString(value);
    }

    private static CompleteMultipartUploadRequest completion(String upload, CompletedPart... parts) {
        return new CompleteMultipartUploadRequest()
                .bucket(BUCKET)
                .key("big")
                .uploadId(upload)
                .multipartUpload(new CompletedMultipartUpload().parts(Arrays.asList(parts)));
    }

    private CompleteMultipartUploadOutput complete(String upload, CompletedPart... parts) {
        return s3.s3.completeMultipartUpload(completion(upload, parts), s3.call());
    }

    private HeadObjectOutput head(UnaryOperator<HeadObjectRequest> more) {
        return s3.s3.headObject(
                more.apply(new HeadObjectRequest().bucket(BUCKET).key("big").checksumMode("ENABLED")), s3.call());
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static String etag(byte[]... parts) {
        ByteArrayOutputStream sums = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            sums.writeBytes(ChecksumAlgorithm.MD5.of(part));
        }
        return '"' + HexFormat.of().formatHex(ChecksumAlgorithm.MD5.of(sums.toByteArray())) + "-" + parts.length + '"';
    }

    @Test
    void partsBecomeOneObjectInTheOrderOfTheirNumbers() {
        String upload = begin("big", r -> r.contentType("video/mp4").tagging("a=b"));
        CompletedPart third = part(upload, 7, THREE, "");
        CompletedPart first = part(upload, 1, ONE, "");
        CompletedPart second = part(upload, 2, TWO, "");
        part(upload, 9, random(50_000, 4), "");
        CompleteMultipartUploadOutput done = complete(upload, first, second, third);
        byte[] whole = join(ONE, TWO, THREE);
        assertThat(done.eTag()).isEqualTo(etag(ONE, TWO, THREE));
        assertThat(done.location()).isEqualTo("http://localhost:4566/photos/big");
        assertThat(done.checksumCRC64NVME()).isEqualTo(base64(ChecksumAlgorithm.CRC64NVME.of(whole)));
        assertThat(done.checksumType()).isEqualTo("FULL_OBJECT");
        assertThat(bytes(s3.get("big", r -> r))).isEqualTo(whole);
        HeadObjectOutput head = head(r -> r);
        assertThat(head.contentType()).isEqualTo("video/mp4");
        assertThat(head.tagCount()).isEqualTo(1);
        assertThat(head.contentLength()).isEqualTo(whole.length);
        assertThat(head.checksumCRC64NVME()).isEqualTo(base64(ChecksumAlgorithm.CRC64NVME.of(whole)));
        String range = "bytes=" + (MIB5 - 2) + "-" + (MIB5 + 1);
        assertThat(bytes(s3.get("big", r -> r.range(range)))).isEqualTo(Arrays.copyOfRange(whole, MIB5 - 2, MIB5 + 2));
        assertThat(listUploads(r -> r).uploads()).isEmpty();
    }

    @Test
    void aPartIsReadByItsPlace() {
        String upload = begin("big", r -> r);
        complete(upload, part(upload, 3, ONE, ""), part(upload, 5, THREE, ""));
        GetObjectOutput second = s3.get("big", r -> r.partNumber(2));
        assertThat(second.partsCount()).isEqualTo(2);
        assertThat(second.contentRange()).isEqualTo("bytes 5242880-5243879/5243880");
        assertThat(bytes(second)).isEqualTo(THREE);
        Fault beyond = fault(() -> s3.get("big", r -> r.partNumber(3)));
        assertThat(beyond.code()).isEqualTo("InvalidPartNumber");
        assertThat(beyond.status()).isEqualTo(416);
        s3.put("small", "abc");
        assertThat(bytes(s3.get("small", r -> r.partNumber(1)))).hasSize(3);
        assertThat(fault(() -> s3.get("small", r -> r.partNumber(2))).status()).isEqualTo(416);
        s3.put("empty", "");
        GetObjectOutput nothing = s3.get("empty", r -> r.partNumber(1));
        assertThat(nothing.contentRange()).isNull();
        assertThat(nothing.contentLength()).isZero();
        assertThat(bytes(nothing)).isEmpty();
        assertThat(fault(() -> s3.get("empty", r -> r.partNumber(2))).status()).isEqualTo(416);
        assertThat(fault(() -> s3.get("small", r -> r.partNumber(1).range("bytes=0-1")))
                        .code())
                .isEqualTo("InvalidRequest");
    }

    @ParameterizedTest
    @CsvSource({
        "CRC32, COMPOSITE",
        "CRC32C, FULL_OBJECT",
        "CRC64NVME, FULL_OBJECT",
        "SHA1, COMPOSITE",
        "SHA256, COMPOSITE"
    })
    void checksumsAreOfTheWholeOrOfTheParts(String algorithm, String type) {
        String upload = begin("big", r -> r.checksumAlgorithm(algorithm).checksumType(type));
        CompletedPart first = part(upload, 1, ONE, algorithm);
        CompletedPart second = part(upload, 2, THREE, algorithm);
        CompleteMultipartUploadOutput done = complete(upload, first, second);
        ChecksumAlgorithm digest = ChecksumAlgorithm.valueOf(algorithm);
        String expected = type.equals("FULL_OBJECT")
                ? base64(digest.of(join(ONE, THREE)))
                : base64(digest.of(join(digest.of(ONE), digest.of(THREE)))) + "-2";
        assertThat(Members.text(done, "Checksum" + algorithm)).isEqualTo(expected);
        assertThat(done.checksumType()).isEqualTo(type);
        assertThat(Members.text(head(r -> r), "Checksum" + algorithm)).isEqualTo(expected);
        GetObjectAttributesOutput attributes = s3.s3.getObjectAttributes(
                new GetObjectAttributesRequest()
                        .bucket(BUCKET)
                        .key("big")
                        .objectAttributes(List.of("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize")),
                s3.call());
        assertThat(attributes.eTag()).isEqualTo(etag(ONE, THREE).replace("\"", ""));
        assertThat(attributes.objectSize()).isEqualTo(MIB5 + 1000L);
        assertThat(attributes.objectParts().totalPartsCount()).isEqualTo(2);
        assertThat(attributes.objectParts().parts()).hasSize(type.equals("COMPOSITE") ? 2 : 0);
        assertThat(Members.text(attributes.checksum(), "Checksum" + algorithm)).isEqualTo(expected);
    }

    @Test
    void checksumsMustFitTheUpload() {
        String composite = begin("big", r -> r.checksumAlgorithm("CRC32"));
        assertThat(fault(() -> part(composite, 1, THREE, "SHA1")).message())
                .isEqualTo(
                        "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: sha1");
        assertThat(fault(() -> part(composite, 1, THREE, "")).message()).endsWith("actual checksum Type: null");
        CompletedPart part = part(composite, 1, THREE, "CRC32");
        assertThat(fault(() -> complete(
                                composite, new CompletedPart().partNumber(1).eTag(part.eTag())))
                        .message())
                .contains("It was missing for part 1");
        assertThat(fault(() -> complete(composite, part.checksumCRC32("AAAAAA==")))
                        .code())
                .isEqualTo("InvalidPart");
        assertThat(fault(() -> begin("big", r -> r.checksumAlgorithm("SHA1").checksumType("FULL_OBJECT")))
                        .code())
                .isEqualTo("InvalidRequest");
        assertThat(fault(() -> begin(
                                "big", r -> r.checksumAlgorithm("CRC64NVME").checksumType("COMPOSITE")))
                        .code())
                .isEqualTo("InvalidRequest");
        assertThat(fault(() -> begin("big", r -> r.checksumType("COMPOSITE"))).code())
                .isEqualTo("InvalidRequest");
        String full = begin("big", r -> r);
        CompletedPart only = part(full, 1, THREE, "");
        assertThat(fault(() -> s3.s3.completeMultipartUpload(
                                completion(full, only).checksumCRC64NVME("AAAAAAAAAAA="), s3.call()))
                        .code())
                .isEqualTo("BadDigest");
        assertThat(fault(() -> s3.s3.completeMultipartUpload(
                                completion(full, only).mpuObjectSize(1L), s3.call()))
                        .code())
                .isEqualTo("InvalidRequest");
    }

    @Test
    void aListThatDoesNotFitIsRefusedAndTheUploadGoesOn() {
        String upload = begin("big", r -> r);
        CompletedPart small = part(upload, 1, THREE, "");
        CompletedPart second = part(upload, 2, ONE, "");
        Fault order = fault(() -> complete(upload, second, small));
        assertThat(order.code()).isEqualTo("InvalidPartOrder");
        Fault size = fault(() -> complete(upload, small, second));
        assertThat(size.code()).isEqualTo("EntityTooSmall");
        assertThat(size.extras()).containsEntry("PartNumber", "1").containsEntry("ProposedSize", "1000");
        Fault missing = fault(
                () -> complete(upload, second, new CompletedPart().partNumber(3).eTag("x")));
        assertThat(missing.code()).isEqualTo("InvalidPart");
        assertThat(missing.extras()).containsEntry("PartNumber", "3").containsEntry("UploadId", upload);
        assertThat(fault(() -> complete(
                                upload, new CompletedPart().partNumber(2).eTag("\"no\"")))
                        .code())
                .isEqualTo("InvalidPart");
        assertThat(fault(() -> complete(upload)).code()).isEqualTo("MalformedXML");
        assertThat(complete(upload, second).eTag()).isEqualTo(etag(ONE));
    }

    @Test
    void completingAgainAnswersTheSame() {
        String upload = begin("big", r -> r);
        CompletedPart part = part(upload, 1, THREE, "");
        String etag = complete(upload, part).eTag();
        assertThat(complete(upload, part).eTag()).isEqualTo(etag);
        s3.put("big", "other");
        assertThat(fault(() -> complete(upload, part)).code()).isEqualTo("NoSuchUpload");
    }

    @Test
    void conditionsAreJudgedWhenItCompletes() {
        String upload = begin("big", r -> r);
        CompletedPart part = part(upload, 1, THREE, "");
        s3.put("big", "there");
        assertThat(fault(() -> s3.s3.completeMultipartUpload(
                                completion(upload, part).ifNoneMatch("*"), s3.call()))
                        .status())
                .isEqualTo(412);
        assertThat(s3.text("big")).isEqualTo("there");
        complete(upload, part);
    }

    @Test
    void anAbortedUploadLeavesNothing() throws IOException {
        String upload = begin("big", r -> r);
        CompletedPart part = part(upload, 1, ONE, "");
        part(upload, 1, TWO, "");
        AbortMultipartUploadRequest abort =
                new AbortMultipartUploadRequest().bucket(BUCKET).key("big").uploadId(upload);
        s3.s3.abortMultipartUpload(abort, s3.call());
        assertThat(fault(() -> s3.s3.abortMultipartUpload(abort, s3.call())).code())
                .isEqualTo("NoSuchUpload");
        assertThat(fault(() -> complete(upload, part)).code()).isEqualTo("NoSuchUpload");
        assertThat(fault(() -> part(upload, 2, THREE, "")).code()).isEqualTo("NoSuchUpload");
        s3.blobs.sweep();
        try (Stream<Path> all = Files.walk(path.resolve("blobs"))) {
            assertThat(all.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void partsAreListedInPages() {
        String upload = begin("big", r -> r.checksumAlgorithm("CRC32C"));
        for (int number = 1; number <= 5; number++) {
            part(upload, number * 10, THREE, "CRC32C");
        }
        List<Integer> numbers = new ArrayList<>();
        int marker = 0;
        boolean more = true;
        while (more) {
            ListPartsOutput page = s3.s3.listParts(
                    new ListPartsRequest()
                            .bucket(BUCKET)
                            .key("big")
                            .uploadId(upload)
                            .maxParts(2)
                            .partNumberMarker(marker),
                    s3.call());
            page.parts().forEach(part -> numbers.add(part.partNumber()));
            assertThat(page.parts())
                    .allSatisfy(part -> assertThat(part.checksumCRC32C()).isNotNull());
            assertThat(page.parts()).extracting(Part::size).containsOnly(1000L);
            marker = page.nextPartNumberMarker();
            more = page.isTruncated();
        }
        assertThat(numbers).containsExactly(10, 20, 30, 40, 50);
        assertThat(fault(() -> part(upload, 0, THREE, "CRC32C")).code()).isEqualTo("InvalidArgument");
        assertThat(fault(() -> part(upload, 10_001, THREE, "CRC32C")).code()).isEqualTo("InvalidArgument");
    }

    private ListMultipartUploadsOutput listUploads(UnaryOperator<ListMultipartUploadsRequest> more) {
        return s3.s3.listMultipartUploads(more.apply(new ListMultipartUploadsRequest().bucket(BUCKET)), s3.call());
    }

    @Test
    void uploadsAreListedByKeyAndThenInOrderOfTheirBeginning() {
        List<String> expected = new ArrayList<>();
        for (String key : List.of("a", "b/1", "b/2", "c")) {
            for (int i = 0; i < 2; i++) {
                expected.add(key + " " + begin(key, r -> r));
                s3.clock.advance(Duration.ofSeconds(1));
            }
        }
        List<String> paged = new ArrayList<>();
        ListMultipartUploadsOutput page = listUploads(r -> r.maxUploads(3));
        while (true) {
            for (MultipartUpload upload : page.uploads()) {
                paged.add(upload.key() + " " + upload.uploadId());
            }
            if (!page.isTruncated()) {
                break;
            }
            String key = page.nextKeyMarker();
            String id = page.nextUploadIdMarker();
            page = listUploads(r -> r.maxUploads(3).keyMarker(key).uploadIdMarker(id));
        }
        assertThat(paged).isEqualTo(expected);
        ListMultipartUploadsOutput folders = listUploads(r -> r.delimiter("/"));
        assertThat(folders.uploads()).hasSize(4);
        assertThat(folders.commonPrefixes())
                .singleElement()
                .satisfies(p -> assertThat(p.prefix()).isEqualTo("b/"));
        assertThat(listUploads(r -> r.keyMarker("a")).uploads()).hasSize(6);
        assertThat(listUploads(r -> r.prefix("b/")).uploads()).hasSize(4);
    }

    @Test
    void aPartIsCopiedFromAnObject() {
        byte[] source = random(MIB5 + 1000, 5);
        s3.put("source", source, r -> r);
        String upload = begin("big", r -> r);
        List<CompletedPart> parts = new ArrayList<>();
        List<String> ranges = List.of("bytes=1000-" + (MIB5 + 999), "");
        for (String range : ranges) {
            UploadPartCopyRequest copy = new UploadPartCopyRequest()
                    .bucket(BUCKET)
                    .key("big")
                    .uploadId(upload)
                    .partNumber(parts.size() + 1)
                    .copySource(BUCKET + "/source")
                    .copySourceRange(range.isEmpty() ? null : range);
            String etag = s3.s3.uploadPartCopy(copy, s3.call()).copyPartResult().eTag();
            parts.add(new CompletedPart().partNumber(parts.size() + 1).eTag(etag));
        }
        byte[] slice = Arrays.copyOfRange(source, 1000, MIB5 + 1000);
        assertThat(complete(upload, parts.toArray(CompletedPart[]::new)).eTag()).isEqualTo(etag(slice, source));
        s3.put("source", "gone");
        assertThat(bytes(s3.get("big", r -> r))).isEqualTo(join(slice, source));
        assertThat(head(r -> r).checksumCRC64NVME())
                .isEqualTo(base64(ChecksumAlgorithm.CRC64NVME.of(join(slice, source))));
    }

    @Test
    void whoReadsAnObjectOfPartsReadsOnWhenItIsDeleted() throws IOException {
        s3.start();
        String upload = begin("big", r -> r);
        complete(upload, part(upload, 1, ONE, ""), part(upload, 2, TWO, ""), part(upload, 3, THREE, ""));
        GetObjectOutput reading = s3.get("big", r -> r);
        byte[] head = reading.body().stream().readNBytes(10);
        s3.s3.deleteObject(new DeleteObjectRequest().bucket(BUCKET).key("big"), s3.call());
        assertThat(s3.driver.awaitIdle(Duration.ofSeconds(30))).isTrue();
        assertThat(join(head, bytes(reading))).isEqualTo(join(ONE, TWO, THREE));
        s3.blobs.sweep();
        try (Stream<Path> all = Files.walk(path.resolve("blobs"))) {
            assertThat(all.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void uploadsSurviveARestart() {
        String upload = begin("big", r -> r);
        CompletedPart first = part(upload, 1, ONE, "");
        s3.restart();
        CompletedPart second = part(upload, 2, THREE, "");
        complete(upload, first, second);
        s3.restart();
        assertThat(bytes(s3.get("big", r -> r))).isEqualTo(join(ONE, THREE));
    }
}
