package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.BUCKET;
import static dev.haneul.services.s3.S3Fixture.bytes;
import static dev.haneul.services.s3.S3Fixture.fault;
import static dev.haneul.services.s3.S3Fixture.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.CompleteMultipartUploadRequest;
import dev.haneul.api.s3.CompletedMultipartUpload;
import dev.haneul.api.s3.CompletedPart;
import dev.haneul.api.s3.CopyObjectOutput;
import dev.haneul.api.s3.CopyObjectRequest;
import dev.haneul.api.s3.CreateMultipartUploadRequest;
import dev.haneul.api.s3.DeleteBucketEncryptionRequest;
import dev.haneul.api.s3.GetBucketEncryptionRequest;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.api.s3.PutBucketEncryptionRequest;
import dev.haneul.api.s3.PutObjectOutput;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.ServerSideEncryptionByDefault;
import dev.haneul.api.s3.ServerSideEncryptionConfiguration;
import dev.haneul.api.s3.ServerSideEncryptionRule;
import dev.haneul.api.s3.UploadPartCopyRequest;
import dev.haneul.api.s3.UploadPartRequest;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.storage.BlobRef;
import dev.haneul.storage.Draft;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncryptionTest {
    private static final byte[] SECRET = random(32, 42);
    private static final String KEY = Base64.getEncoder().encodeToString(SECRET);
    private static final String KEY_MD5 = Base64.getEncoder().encodeToString(ChecksumAlgorithm.MD5.of(SECRET));
    private static final byte[] MARK =
            "the secret words that must not lie on any disk".repeat(2000).getBytes(StandardCharsets.US_ASCII);

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

    private static final UnaryOperator<PutObjectRequest> CUSTOMER =
            r -> r.sseCustomerAlgorithm("AES256").sseCustomerKey(KEY).sseCustomerKeyMD5(KEY_MD5);
    private static final UnaryOperator<GetObjectRequest> WITH_KEY =
            r -> r.sseCustomerAlgorithm("AES256").sseCustomerKey(KEY).sseCustomerKeyMD5(KEY_MD5);

    private void assertNothingPlainOnDisk() throws IOException {
        String words = "the secret words";
        try (Stream<Path> all = Files.walk(path)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(content.contains(words)).as(file.toString()).isFalse();
            }
        }
    }

    @Test
    void everyObjectIsEncryptedOnDiskAndReadByRange() throws IOException {
        PutObjectOutput put = s3.put("large", MARK, r -> r);
        s3.put("small", Arrays.copyOf(MARK, 1000), r -> r);
        assertThat(put.serverSideEncryption()).isEqualTo("AES256");
        assertThat(put.eTag()).isEqualTo('"' + HexFormat.of().formatHex(ChecksumAlgorithm.MD5.of(MARK)) + '"');
        assertNothingPlainOnDisk();
        s3.restart();
        GetObjectOutput out = s3.get("large", r -> r.range("bytes=40000-60000"));
        assertThat(bytes(out)).isEqualTo(Arrays.copyOfRange(MARK, 40_000, 60_001));
        assertThat(out.serverSideEncryption()).isEqualTo("AES256");
        assertThat(bytes(s3.get("small", r -> r))).isEqualTo(Arrays.copyOf(MARK, 1000));
    }

    @Test
    void aCustomersKeyIsNeededForEveryRead() throws IOException {
        PutObjectOutput put = s3.put("k", MARK, CUSTOMER);
        assertThat(put.sseCustomerAlgorithm()).isEqualTo("AES256");
        assertThat(put.sseCustomerKeyMD5()).isEqualTo(KEY_MD5);
        assertThat(put.serverSideEncryption()).isNull();
        assertNothingPlainOnDisk();
        assertThat(bytes(s3.get("k", WITH_KEY))).isEqualTo(MARK);
        Fault without = fault(() -> s3.get("k", r -> r));
        assertThat(without.code()).isEqualTo("InvalidRequest");
        assertThat(without.message()).startsWith("The object was stored using a form of Server Side Encryption.");
        assertThat(fault(() -> s3.s3.headObject(
                                new HeadObjectRequest().bucket(BUCKET).key("k"), s3.call()))
                        .status())
                .isEqualTo(400);
        byte[] other = random(32, 43);
        assertThat(fault(() -> s3.get(
                                "k",
                                r -> r.sseCustomerAlgorithm("AES256")
                                        .sseCustomerKey(Base64.getEncoder().encodeToString(other))
                                        .sseCustomerKeyMD5(
                                                Base64.getEncoder().encodeToString(ChecksumAlgorithm.MD5.of(other)))))
                        .code())
                .isEqualTo("AccessDenied");
        s3.put("plain", "x");
        assertThat(fault(() -> s3.get("plain", WITH_KEY)).message())
                .isEqualTo("The encryption parameters are not applicable to this object.");
    }

    @Test
    void aCustomersKeyThatCannotBeIsRefused() {
        assertThat(fault(() -> s3.put("k", MARK, r -> r.sseCustomerAlgorithm("AES256")))
                        .code())
                .isEqualTo("InvalidArgument");
        assertThat(fault(() -> s3.put("k", MARK, r -> CUSTOMER.apply(r).sseCustomerAlgorithm("DES")))
                        .code())
                .isEqualTo("InvalidEncryptionAlgorithmError");
        assertThat(fault(() -> s3.put("k", MARK, r -> CUSTOMER.apply(r).sseCustomerKey("c2hvcnQ=")))
                        .message())
                .isEqualTo("The secret key was invalid for the specified algorithm.");
        assertThat(fault(() -> s3.put("k", MARK, r -> CUSTOMER.apply(r).sseCustomerKeyMD5("c2hvcnQ=")))
                        .message())
                .isEqualTo("The calculated MD5 hash of the key did not match the hash that was provided.");
        assertThat(fault(() -> s3.put("k", MARK, r -> CUSTOMER.apply(r).serverSideEncryption("AES256")))
                        .code())
                .isEqualTo("InvalidArgument");
        assertThat(fault(() -> s3.put("k", MARK, r -> r.serverSideEncryption("ROT13")))
                        .code())
                .isEqualTo("InvalidArgument");
        assertThat(fault(() -> s3.put("k", MARK, r -> r.ssekmsKeyId("k"))).code())
                .isEqualTo("InvalidArgument");
    }

    @Test
    void kmsGivesTheKeyInTheCallersName() throws IOException {
        PutObjectOutput put =
                s3.put("k", MARK, r -> r.serverSideEncryption("aws:kms").ssekmsKeyId("my-key"));
        assertThat(put.serverSideEncryption()).isEqualTo("aws:kms");
        assertThat(put.ssekmsKeyId()).isEqualTo(FakeKms.KEY);
        assertThat(put.eTag()).isNotEqualTo('"' + HexFormat.of().formatHex(ChecksumAlgorithm.MD5.of(MARK)) + '"');
        assertThat(s3.kms.generated).containsExactly(Map.of("aws:s3:arn", "arn:aws:s3:::photos/k"));
        assertThat(s3.kms.last.principal().arn())
                .isEqualTo(s3.call().principal().arn());
        assertThat(s3.kms.last.origin().sourceIp()).isEqualTo("s3.amazonaws.com");
        assertNothingPlainOnDisk();
        s3.restart();
        assertThat(bytes(s3.get("k", r -> r.range("bytes=0-99")))).isEqualTo(Arrays.copyOf(MARK, 100));
        assertThat(s3.kms.decrypted).isEqualTo(1);
        s3.kms.refusal = Fault.client("AccessDeniedException", 400, "not authorized to perform: kms:Decrypt");
        assertThat(fault(() -> s3.get("k", r -> r)).status()).isEqualTo(403);
        s3.kms.refusal = Fault.client("DisabledException", 400, "is disabled");
        assertThat(fault(() -> s3.get("k", r -> r)).code()).isEqualTo("KMS.DisabledException");
        assertThat(fault(() -> s3.put("n", MARK, r -> r.serverSideEncryption("aws:kms")))
                        .code())
                .isEqualTo("KMS.DisabledException");
    }

    @Test
    void aBucketKeyIsAskedForOnceAndTheBucketsDefaultIsWhatObjectsGet() {
        ServerSideEncryptionConfiguration configuration = new ServerSideEncryptionConfiguration()
                .rules(List.of(new ServerSideEncryptionRule()
                        .bucketKeyEnabled(true)
                        .applyServerSideEncryptionByDefault(new ServerSideEncryptionByDefault()
                                .sseAlgorithm("aws:kms")
                                .kmsMasterKeyID("alias/mine"))));
        s3.s3.putBucketEncryption(
                new PutBucketEncryptionRequest().bucket(BUCKET).serverSideEncryptionConfiguration(configuration),
                s3.call());
        GetBucketEncryptionRequest get = new GetBucketEncryptionRequest().bucket(BUCKET);
        assertThat(s3.s3.getBucketEncryption(get, s3.call()).serverSideEncryptionConfiguration())
                .isEqualTo(configuration);
        for (int i = 0; i < 5; i++) {
            assertThat(s3.put("k" + i, MARK, r -> r).bucketKeyEnabled()).isTrue();
        }
        assertThat(s3.kms.generated).containsExactly(Map.of("aws:s3:arn", "arn:aws:s3:::photos"));
        for (int i = 0; i < 5; i++) {
            assertThat(bytes(s3.get("k" + i, r -> r))).isEqualTo(MARK);
        }
        assertThat(s3.kms.decrypted).isEqualTo(1);
        s3.s3.deleteBucketEncryption(new DeleteBucketEncryptionRequest().bucket(BUCKET), s3.call());
        assertThat(s3.s3.getBucketEncryption(get, s3.call())
                        .serverSideEncryptionConfiguration()
                        .rules()
                        .getFirst()
                        .applyServerSideEncryptionByDefault()
                        .sseAlgorithm())
                .isEqualTo("AES256");
    }

    @Test
    void copiesGoFromAnyEncryptionToAnyOther() {
        s3.put("own", MARK, r -> r);
        s3.put("customer", MARK, CUSTOMER);
        s3.put("kms", MARK, r -> r.serverSideEncryption("aws:kms"));
        for (String source : List.of("own", "customer", "kms")) {
            for (String target : List.of("own", "customer", "kms")) {
                CopyObjectRequest copy =
                        new CopyObjectRequest().bucket(BUCKET).key("copy").copySource(BUCKET + "/" + source);
                if (source.equals("customer")) {
                    copy.copySourceSSECustomerAlgorithm("AES256")
                            .copySourceSSECustomerKey(KEY)
                            .copySourceSSECustomerKeyMD5(KEY_MD5);
                }
                switch (target) {
                    case "customer" ->
                        copy.sseCustomerAlgorithm("AES256").sseCustomerKey(KEY).sseCustomerKeyMD5(KEY_MD5);
                    case "kms" -> copy.serverSideEncryption("aws:kms");
                    default -> {}
                }
                CopyObjectOutput out = s3.s3.copyObject(copy, s3.call());
                assertThat(out.serverSideEncryption())
                        .isEqualTo(Map.of("own", "AES256", "kms", "aws:kms").get(target));
                UnaryOperator<GetObjectRequest> how = target.equals("customer") ? WITH_KEY : r -> r;
                assertThat(bytes(s3.get("copy", how)))
                        .as(source + " to " + target)
                        .isEqualTo(MARK);
            }
        }
    }

    @Test
    void partsOfAnUploadShareItsKey() {
        byte[] first = random(5 << 20, 1);
        s3.put("source", MARK, r -> r);
        CreateMultipartUploadRequest create =
                new CreateMultipartUploadRequest().bucket(BUCKET).key("k").serverSideEncryption("aws:kms");
        String upload = s3.s3.createMultipartUpload(create, s3.call()).uploadId();
        String one = s3.s3.uploadPart(
                        new UploadPartRequest()
                                .bucket(BUCKET)
                                .key("k")
                                .uploadId(upload)
                                .partNumber(1)
                                .body(Body.of(first)),
                        s3.call())
                .eTag();
        String two = s3.s3.uploadPartCopy(
                        new UploadPartCopyRequest()
                                .bucket(BUCKET)
                                .key("k")
                                .uploadId(upload)
                                .partNumber(2)
                                .copySource(BUCKET + "/source")
                                .copySourceRange("bytes=10-1009"),
                        s3.call())
                .copyPartResult()
                .eTag();
        s3.s3.completeMultipartUpload(
                new CompleteMultipartUploadRequest()
                        .bucket(BUCKET)
                        .key("k")
                        .uploadId(upload)
                        .multipartUpload(new CompletedMultipartUpload()
                                .parts(List.of(
                                        new CompletedPart().partNumber(1).eTag(one),
                                        new CompletedPart().partNumber(2).eTag(two)))),
                s3.call());
        byte[] whole = Arrays.copyOf(first, first.length + 1000);
        System.arraycopy(MARK, 10, whole, first.length, 1000);
        assertThat(bytes(s3.get("k", r -> r))).isEqualTo(whole);
        assertThat(bytes(s3.get("k", r -> r.partNumber(2)))).isEqualTo(Arrays.copyOfRange(MARK, 10, 1010));
    }

    @Test
    void aBitThatFlippedOnDiskIsFoundAndNeverServed() throws IOException {
        byte[] content = random(600_000, 9);
        s3.put("k", content, r -> r);
        Path file;
        try (Stream<Path> all = Files.walk(path.resolve("blobs"))) {
            file = all.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[300_000] ^= 1;
        Files.write(file, bytes);
        assertThat(bytes(s3.get("k", r -> r.range("bytes=0-99999")))).isEqualTo(Arrays.copyOf(content, 100_000));
        GetObjectOutput out = s3.get("k", r -> r);
        try (Body body = out.body()) {
            byte[] served = new byte[content.length];
            int count = 0;
            IOException found = null;
            try {
                for (int read = 0; read >= 0; read = body.stream().read(served, count, content.length - count)) {
                    count += read;
                }
            } catch (IOException damaged) {
                found = damaged;
            }
            assertThat(found).isNotNull();
            assertThat(Arrays.copyOf(served, count)).isEqualTo(Arrays.copyOf(content, count));
            assertThat(count).isLessThan(300_000);
        }
    }

    /** What a release before encryption wrote: plain bytes, and records that know nothing of all this. */
    @Test
    void anOldDataFolderOpensAndItsObjectsAreReadAsTheyAre() throws IOException {
        try (Draft draft = s3.blobs.draft(Set.of())) {
            draft.write(MARK, 0, MARK.length);
            BlobRef ref = draft.seal();
            String json = """
                    {"size":%d,"etag":"abc","modified":"2026-01-01T00:00:00Z",
                    "blob":{"id":"%s","length":%d,"checksum":%d},
                    "description":{"headers":{"ContentType":"text/plain"},"metadata":{},"tags":{},
                    "storageClass":"STANDARD"}}""".formatted(MARK.length, ref.id(), ref.length(), ref.checksum());
            S3Tables.ObjectRecord old = S3Tables.OBJECTS.codec().decode(1, json.getBytes(StandardCharsets.UTF_8));
            S3Tables.BucketRecord oldBucket = S3Tables.BUCKETS
                    .codec()
                    .decode(
                            1,
                            "{\"region\":\"us-east-1\",\"created\":\"2026-01-01T00:00:00Z\",\"notifies\":false}"
                                    .getBytes(StandardCharsets.UTF_8));
            s3.store.write(tx -> {
                Buckets.Bucket bucket = Buckets.find(tx, BUCKET).orElseThrow();
                s3.blobs.keep(tx, bucket.account(), ref);
                tx.put(S3Tables.BUCKETS, bucket.key(), oldBucket);
                tx.put(S3Tables.OBJECTS, bucket.object("old"), old);
            });
        }
        GetObjectOutput out = s3.get("old", r -> r);
        assertThat(bytes(out)).isEqualTo(MARK);
        assertThat(out.serverSideEncryption()).isNull();
        s3.s3.copyObject(new CopyObjectRequest().bucket(BUCKET).key("new").copySource(BUCKET + "/old"), s3.call());
        assertThat(bytes(s3.get("new", r -> r))).isEqualTo(MARK);
        assertThat(s3.get("new", r -> r).serverSideEncryption()).isEqualTo("AES256");
        s3.versioning("Enabled");
        s3.put("old", "now");
        assertThat(bytes(s3.get("old", r -> r.versionId("null")))).isEqualTo(MARK);
    }
}
