package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.BUCKET;
import static dev.haneul.services.s3.S3Fixture.bytes;
import static dev.haneul.services.s3.S3Fixture.fault;
import static dev.haneul.services.s3.S3Fixture.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.s3.CompleteMultipartUploadRequest;
import dev.haneul.api.s3.CompletedMultipartUpload;
import dev.haneul.api.s3.CompletedPart;
import dev.haneul.api.s3.CopyObjectOutput;
import dev.haneul.api.s3.CopyObjectRequest;
import dev.haneul.api.s3.CreateBucketConfiguration;
import dev.haneul.api.s3.CreateBucketRequest;
import dev.haneul.api.s3.CreateMultipartUploadRequest;
import dev.haneul.api.s3.Delete;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.DeleteObjectTaggingRequest;
import dev.haneul.api.s3.DeleteObjectsOutput;
import dev.haneul.api.s3.DeleteObjectsRequest;
import dev.haneul.api.s3.DeletedObject;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.GetObjectTaggingRequest;
import dev.haneul.api.s3.HeadObjectOutput;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.api.s3.ObjectIdentifier;
import dev.haneul.api.s3.PutObjectTaggingRequest;
import dev.haneul.api.s3.Tag;
import dev.haneul.api.s3.Tagging;
import dev.haneul.api.s3.UploadPartRequest;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies, batch deletes and tags. */
class CopyTest {
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

    private CopyObjectOutput copy(String source, String key, UnaryOperator<CopyObjectRequest> more) {
        CopyObjectRequest request =
                new CopyObjectRequest().bucket(BUCKET).key(key).copySource(source);
        return s3.s3.copyObject(more.apply(request), s3.call());
    }

    private HeadObjectOutput head(String key) {
        return s3.s3.headObject(new HeadObjectRequest().bucket(BUCKET).key(key).checksumMode("ENABLED"), s3.call());
    }

    @Test
    void aCopyIsItsOwnObject() {
        byte[] content = random(100_000, 1);
        String etag = s3.put(
                        "a",
                        content,
                        r -> r.contentType("image/png")
                                .metadata(Map.of("x", "1"))
                                .tagging("t=1"))
                .eTag();
        CopyObjectOutput out = copy(BUCKET + "/a", "b", r -> r);
        assertThat(out.copyObjectResult().eTag()).isEqualTo(etag);
        s3.put("a", "changed");
        assertThat(bytes(s3.get("b", r -> r))).isEqualTo(content);
        HeadObjectOutput head = head("b");
        assertThat(head.contentType()).isEqualTo("image/png");
        assertThat(head.metadata()).containsEntry("x", "1");
        assertThat(head.tagCount()).isEqualTo(1);
    }

    @Test
    void directivesSayWhatIsTakenOver() {
        s3.put(
                "a",
                new byte[1],
                r -> r.contentType("image/png")
                        .metadata(Map.of("x", "1"))
                        .tagging("t=1")
                        .storageClass("STANDARD_IA"));
        copy(
                "/" + BUCKET + "/a",
                "b",
                r -> r.metadataDirective("REPLACE")
                        .contentType("text/plain")
                        .metadata(Map.of("y", "2"))
                        .taggingDirective("REPLACE"));
        HeadObjectOutput head = head("b");
        assertThat(head.contentType()).isEqualTo("text/plain");
        assertThat(head.metadata()).containsExactly(Map.entry("y", "2"));
        assertThat(head.tagCount()).isNull();
        assertThat(head.storageClass()).as("is not taken over").isNull();
        copy(BUCKET + "/a", "c", r -> r.contentType("ignored/with-copy"));
        assertThat(head("c").contentType()).isEqualTo("image/png");
        assertThat(fault(() -> copy(BUCKET + "/a", "d", r -> r.metadataDirective("MERGE")))
                        .code())
                .isEqualTo("InvalidArgument");
    }

    @Test
    void ontoItselfSomethingMustChange() {
        byte[] content = random(100_000, 1);
        s3.put("a", content, r -> r);
        Fault same = fault(() -> copy(BUCKET + "/a", "a", r -> r));
        assertThat(same.code()).isEqualTo("InvalidRequest");
        assertThat(same.message()).startsWith("This copy request is illegal");
        copy(BUCKET + "/a", "a", r -> r.metadataDirective("REPLACE").contentType("text/plain"));
        assertThat(head("a").contentType()).isEqualTo("text/plain");
        assertThat(bytes(s3.get("a", r -> r))).isEqualTo(content);
        s3.restart();
        assertThat(bytes(s3.get("a", r -> r))).isEqualTo(content);
    }

    @Test
    void sourcesAreUrlEncoded() {
        s3.put("ü b+c%2F", "odd");
        copy(BUCKET + "/%C3%BC+b%2Bc%252F", "copy", r -> r);
        assertThat(s3.text("copy")).isEqualTo("odd");
        assertThat(fault(() -> copy("nokey", "copy", r -> r)).code()).isEqualTo("InvalidArgument");
        assertThat(fault(() -> copy(BUCKET + "/%zz", "copy", r -> r)).code()).isEqualTo("InvalidArgument");
        assertThat(fault(() -> copy(BUCKET + "/none", "copy", r -> r)).code()).isEqualTo("NoSuchKey");
        assertThat(fault(() -> copy("nowhere/none", "copy", r -> r)).code()).isEqualTo("NoSuchBucket");
    }

    @Test
    void sourcesMayBeOfAnotherRegionAndAccount() {
        byte[] content = random(100_000, 6);
        s3.put("a", content, r -> r);
        Call seoul = s3.call("111111111111", "ap-northeast-2");
        s3.s3.createBucket(
                new CreateBucketRequest()
                        .bucket("haneul")
                        .createBucketConfiguration(
                                new CreateBucketConfiguration().locationConstraint("ap-northeast-2")),
                seoul);
        s3.s3.copyObject(new CopyObjectRequest().bucket("haneul").key("b").copySource(BUCKET + "/a"), seoul);
        s3.s3.deleteObject(new DeleteObjectRequest().bucket(BUCKET).key("a"), s3.call());
        assertThat(bytes(s3.s3.getObject(new GetObjectRequest().bucket("haneul").key("b"), seoul)))
                .isEqualTo(content);
    }

    @Test
    void conditionsOnSourceAndTargetAreKept() {
        String etag = s3.put("a", "x").eTag();
        assertThat(fault(() -> copy(BUCKET + "/a", "b", r -> r.copySourceIfNoneMatch(etag)))
                        .status())
                .isEqualTo(412);
        assertThat(fault(() -> copy(BUCKET + "/a", "b", r -> r.copySourceIfMatch("\"no\"")))
                        .status())
                .isEqualTo(412);
        s3.put("b", "there");
        assertThat(fault(() -> copy(BUCKET + "/a", "b", r -> r.ifNoneMatch("*")))
                        .status())
                .isEqualTo(412);
        assertThat(s3.text("b")).isEqualTo("there");
    }

    @Test
    void whoMayNotReadTheSourceMayNotCopyIt() {
        s3.put("a", "x");
        s3.permissions = (call, action, arn, context) -> {
            if (action.equals("s3:GetObject") && arn.equals("arn:aws:s3:::photos/a")) {
                throw Faults.accessDenied("no");
            }
        };
        assertThat(fault(() -> copy(BUCKET + "/a", "b", r -> r)).status()).isEqualTo(403);
    }

    @Test
    void aCopyOfAMultipartObjectHasThePlainTagOfItsBytes() {
        byte[] content = random(70_000, 4);
        String upload = s3.s3.createMultipartUpload(
                        new CreateMultipartUploadRequest()
                                .bucket(BUCKET)
                                .key("a")
                                .checksumAlgorithm("SHA256"),
                        s3.call())
                .uploadId();
        String sha = Base64.getEncoder().encodeToString(ChecksumAlgorithm.SHA256.of(content));
        String etag = s3.s3.uploadPart(
                        new UploadPartRequest()
                                .bucket(BUCKET)
                                .key("a")
                                .uploadId(upload)
                                .partNumber(1)
                                .checksumSHA256(sha)
                                .body(Body.of(content)),
                        s3.call())
                .eTag();
        CompletedPart part = new CompletedPart().partNumber(1).eTag(etag).checksumSHA256(sha);
        s3.s3.completeMultipartUpload(
                new CompleteMultipartUploadRequest()
                        .bucket(BUCKET)
                        .key("a")
                        .uploadId(upload)
                        .multipartUpload(new CompletedMultipartUpload().parts(List.of(part))),
                s3.call());
        copy(BUCKET + "/a", "b", r -> r);
        HeadObjectOutput head = head("b");
        assertThat(head.eTag()).isEqualTo('"' + HexFormat.of().formatHex(ChecksumAlgorithm.MD5.of(content)) + '"');
        assertThat(head.checksumSHA256()).isEqualTo(sha);
        copy(BUCKET + "/b", "c", r -> r.checksumAlgorithm("CRC32C"));
        assertThat(head("c").checksumCRC32C())
                .isEqualTo(Base64.getEncoder().encodeToString(ChecksumAlgorithm.CRC32C.of(content)));
    }

    private DeleteObjectsOutput delete(boolean quiet, String... keys) {
        List<ObjectIdentifier> objects = java.util.Arrays.stream(keys)
                .map(key -> new ObjectIdentifier().key(key))
                .toList();
        return s3.s3.deleteObjects(
                new DeleteObjectsRequest()
                        .bucket(BUCKET)
                        .delete(new Delete().objects(objects).quiet(quiet)),
                s3.call());
    }

    @Test
    void manyAreDeletedAndEachAnswersForItself() {
        s3.put("a", "x");
        s3.put("locked", "x");
        s3.permissions = (call, action, arn, context) -> {
            if (arn.endsWith("/locked")) {
                throw Faults.accessDenied("not yours");
            }
        };
        DeleteObjectsOutput out = delete(false, "a", "never", "locked", "k".repeat(1025));
        assertThat(out.deleted()).extracting(DeletedObject::key).containsExactly("a", "never");
        assertThat(out.errors())
                .extracting(error -> error.code())
                .containsExactly("AccessDeniedException", "KeyTooLongError");
        assertThat(s3.text("locked")).isEqualTo("x");
        assertThat(fault(() -> s3.get("a", r -> r)).code()).isEqualTo("NoSuchKey");
        DeleteObjectsOutput quiet = delete(true, "a", "locked");
        assertThat(quiet.deleted()).isEmpty();
        assertThat(quiet.errors()).hasSize(1);
        assertThat(fault(() -> delete(false)).code()).isEqualTo("MalformedXML");
        String[] tooMany = Collections.nCopies(1001, "x").toArray(String[]::new);
        assertThat(fault(() -> delete(false, tooMany)).code()).isEqualTo("MalformedXML");
    }

    @Test
    void tagsAreReplacedAndRemoved() {
        s3.put("a", new byte[1], r -> r.tagging("old=1"));
        List<Tag> tags =
                List.of(new Tag().key("k").value("v"), new Tag().key("e").value(""));
        s3.s3.putObjectTagging(
                new PutObjectTaggingRequest().bucket(BUCKET).key("a").tagging(new Tagging().tagSet(tags)), s3.call());
        GetObjectTaggingRequest get =
                new GetObjectTaggingRequest().bucket(BUCKET).key("a");
        assertThat(s3.s3.getObjectTagging(get, s3.call()).tagSet()).isEqualTo(tags);
        s3.s3.deleteObjectTagging(
                new DeleteObjectTaggingRequest().bucket(BUCKET).key("a"), s3.call());
        assertThat(s3.s3.getObjectTagging(get, s3.call()).tagSet()).isEmpty();
    }

    @Test
    void tagsHaveTheirLimits() {
        String eleven = "a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1";
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.tagging(eleven))).code())
                .isEqualTo("BadRequest");
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.tagging("a=1&a=2")))
                        .code())
                .isEqualTo("InvalidArgument");
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.tagging("a=%zz")))
                        .code())
                .isEqualTo("InvalidArgument");
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.tagging("k".repeat(129) + "=1")))
                        .code())
                .isEqualTo("InvalidTag");
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.tagging("k=" + "v".repeat(257))))
                        .code())
                .isEqualTo("InvalidTag");
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.tagging("k=a%3Cb")))
                        .code())
                .isEqualTo("InvalidTag");
        assertThat(fault(() -> s3.put("k", new byte[1], r -> r.tagging("aws%3Ax=1")))
                        .code())
                .isEqualTo("InvalidTag");
    }
}
