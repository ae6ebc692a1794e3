package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.transfer.s3.S3TransferManager;

/** The AWS SDK for Java's transfer manager over its Java client: parallel parts, whole folders, copies. */
@ExtendWith(SharedRegion.class)
class S3TransferManagerTest {
    private static final int BYTES = (20 << 20) + 4711;
    private static final int PARTS = 3;
    private static final int FILES = 40;
    private final String account = Accounts.fresh();
    private final String bucket = "moved-" + account;
    private final S3AsyncClient s3;

    @TempDir
    Path folder;

    S3TransferManagerTest(URI endpoint) {
        s3 = S3AsyncClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .multipartEnabled(true)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(account, "test")))
                .build();
    }

    @Test
    void filesFoldersAndCopiesGoThereAndBack() throws Exception {
        Path up = Files.createDirectories(folder.resolve("up"));
        Files.write(up.resolve("big"), random(BYTES));
        for (int i = 0; i < FILES; i++) {
            Path file = up.resolve("d" + i % 5 + "/f " + i + "+é");
            Files.createDirectories(file.getParent());
            Files.write(file, random(1 + i * 1000));
        }
        try (s3;
                S3TransferManager manager =
                        S3TransferManager.builder().s3Client(s3).build()) {
            s3.createBucket(request -> request.bucket(bucket)).join();
            manager.uploadFile(request -> request.source(up.resolve("big"))
                            .putObjectRequest(put ->
                                    put.bucket(bucket).key("single").checksumAlgorithm(ChecksumAlgorithm.SHA256)))
                    .completionFuture()
                    .join();
            HeadObjectResponse head = s3.headObject(request -> request.bucket(bucket)
                            .key("single")
                            .checksumMode(ChecksumMode.ENABLED)
                            .partNumber(1))
                    .join();
            assertThat(head.partsCount()).isEqualTo(PARTS);
            assertThat(head.checksumSHA256()).isNotNull();
            assertThat(manager.uploadDirectory(
                                    request -> request.source(up).bucket(bucket).s3Prefix("tree"))
                            .completionFuture()
                            .join()
                            .failedTransfers())
                    .isEmpty();
            manager.copy(request -> request.copyObjectRequest(copy -> copy.sourceBucket(bucket)
                            .sourceKey("single")
                            .destinationBucket(bucket)
                            .destinationKey("tree/copy")))
                    .completionFuture()
                    .join();
            Path down = folder.resolve("down");
            assertThat(manager.downloadDirectory(request -> request.bucket(bucket)
                                    .destination(down)
                                    .listObjectsV2RequestTransformer(list -> list.prefix("tree/")))
                            .completionFuture()
                            .join()
                            .failedTransfers())
                    .isEmpty();
            same(up, down);
            assertThat(down.resolve("copy")).hasSameBinaryContentAs(up.resolve("big"));
        }
    }

    private static void same(Path up, Path down) throws Exception {
        try (Stream<Path> all = Files.walk(up)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                assertThat(down.resolve(up.relativize(file))).hasSameBinaryContentAs(file);
            }
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return bytes;
    }
}
