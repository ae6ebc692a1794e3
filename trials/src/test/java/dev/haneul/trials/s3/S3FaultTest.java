package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.server.Region;
import dev.haneul.server.Settings;
import dev.haneul.trials.Clients;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.utils.Md5Utils;

/** What clients see of a full disk, and what is left of those that vanish. */
class S3FaultTest {
    private static final String BUCKET = "faults";
    private static final int OBJECT_BYTES = 3 << 20;
    private static final int MOST_OBJECTS = 80;
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private static void mount(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        boolean done = process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        assumeTrue(done, "file systems cannot be mounted here");
    }

    @Test
    void aFullDiskIsToldNothingIsLostAndDeletingMakesRoom() throws Exception {
        mount("mount", "-t", "tmpfs", "-o", "size=64m", "none", folder.toString());
        try {
            Settings settings = new Settings(
                    0, "127.0.0.1", folder.resolve("data"), false, folder.resolve("runtimes"), "auto", false);
            // Apache's client reads an answer that comes while it still sends; Java's own now and then sees a broken
            // pipe.
            try (Region region = Region.start(settings, () -> {});
                    SdkHttpClient http = ApacheHttpClient.create();
                    S3Client s3 = client(http, URI.create(region.running().endpoint()))) {
                fillAndEmpty(s3);
            }
        } finally {
            mount("umount", "-l", folder.toString());
        }
    }

    private static S3Client client(SdkHttpClient http, URI endpoint) {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                .forcePathStyle(true)
                .httpClient(http)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .build();
    }

    private static void fillAndEmpty(S3Client s3) throws InterruptedException {
        byte[] content = new byte[OBJECT_BYTES];
        s3.createBucket(request -> request.bucket(BUCKET));
        Copies copies = new Copies(s3);
        List<String> kept = new ArrayList<>();
        S3Exception full = null;
        while (full == null && kept.size() < MOST_OBJECTS) {
            String key = "k" + kept.size();
            try {
                s3.putObject(request -> request.bucket(BUCKET).key(key), RequestBody.fromBytes(content));
                kept.add(key);
            } catch (S3Exception told) {
                full = told;
            }
        }
        assertFull(full);
        assertFull(catchThrowableOfType(S3Exception.class, () -> copies.object("k0")));
        assertFull(catchThrowableOfType(S3Exception.class, () -> copies.part("k0")));
        assertThat(kept).hasSizeGreaterThan(3);
        for (String key : kept) {
            assertThat(s3.getObjectAsBytes(request -> request.bucket(BUCKET).key(key))
                            .asByteArrayUnsafe())
                    .isEqualTo(content);
        }
        String refused = "k" + kept.size();
        assertThat(catchThrowableOfType(
                        NoSuchKeyException.class,
                        () -> s3.getObjectAsBytes(
                                request -> request.bucket(BUCKET).key(refused))))
                .isNotNull();
        for (String key : kept) {
            s3.deleteObject(request -> request.bucket(BUCKET).key(key));
        }
        await(() -> {
            try {
                s3.putObject(request -> request.bucket(BUCKET).key("again"), RequestBody.fromBytes(content));
                return true;
            } catch (S3Exception notYet) {
                return false;
            }
        });
    }

    private static void assertFull(@Nullable S3Exception told) {
        assertThat(told).isNotNull();
        assertThat(told.statusCode()).isEqualTo(503);
        assertThat(told.awsErrorDetails().errorCode()).isEqualTo("ServiceUnavailable");
    }

    /** Copies under a key of the customer's: their bytes are written anew, where others share their source's. */
    private static final class Copies {
        private final S3Client s3;
        private final String key;
        private final String md5;
        private final String upload;

        Copies(S3Client s3) {
            byte[] secret = "a secret of the customer's own..".getBytes(StandardCharsets.US_ASCII);
            this.s3 = s3;
            this.key = Base64.getEncoder().encodeToString(secret);
            this.md5 = Md5Utils.md5AsBase64(secret);
            this.upload = s3.createMultipartUpload(request -> request.bucket(BUCKET)
                            .key("parts")
                            .sseCustomerAlgorithm("AES256")
                            .sseCustomerKey(key)
                            .sseCustomerKeyMD5(md5))
                    .uploadId();
        }

        void object(String from) {
            s3.copyObject(request -> request.sourceBucket(BUCKET)
                    .sourceKey(from)
                    .destinationBucket(BUCKET)
                    .destinationKey("copy")
                    .sseCustomerAlgorithm("AES256")
                    .sseCustomerKey(key)
                    .sseCustomerKeyMD5(md5));
        }

        void part(String from) {
            s3.uploadPartCopy(request -> request.sourceBucket(BUCKET)
                    .sourceKey(from)
                    .destinationBucket(BUCKET)
                    .destinationKey("parts")
                    .uploadId(upload)
                    .partNumber(1)
                    .sseCustomerAlgorithm("AES256")
                    .sseCustomerKey(key)
                    .sseCustomerKeyMD5(md5));
        }
    }

    @Test
    void anUploadWhoseClientVanishesLeavesNothing() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Settings settings = new Settings(0, "127.0.0.1", data, false, folder.resolve("runtimes"), "auto", false);
        try (Region region = Region.start(settings, () -> {});
                Clients clients = Clients.root(URI.create(region.running().endpoint()))) {
            S3Client s3 = clients.s3();
            s3.createBucket(request -> request.bucket(BUCKET));
            URL url = clients.presigner()
                    .presignPutObject(request -> request.signatureDuration(Duration.ofMinutes(5))
                            .putObjectRequest(put -> put.bucket(BUCKET).key("half")))
                    .url();
            try (Socket socket = new Socket(url.getHost(), url.getPort())) {
                OutputStream out = socket.getOutputStream();
                String head = "PUT " + url.getFile() + " HTTP/1.1\r\nHost: " + url.getAuthority()
                        + "\r\nContent-Length: 90000000\r\n\r\n";
                out.write(head.getBytes(StandardCharsets.US_ASCII));
                out.write(new byte[3 << 20]);
                out.flush();
                // Some of the body was asked for; the rest never comes.
                await(() -> drafts(data) > 0 || answered(socket));
                assertThat(answered(socket)).as("refused").isFalse();
            }
            await(() -> drafts(data) == 0);
            assertThat(s3.listObjectsV2(request -> request.bucket(BUCKET)).contents())
                    .isEmpty();
            s3.deleteBucket(request -> request.bucket(BUCKET));
        }
    }

    private static boolean answered(Socket socket) {
        try {
            int length = socket.getInputStream().available();
            if (length > 0) {
                System.out.println(new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII));
            }
            return length > 0;
        } catch (IOException e) {
            return true;
        }
    }

    private static long drafts(Path data) {
        try (Stream<Path> files = Files.list(data.resolve("blobs/drafts"))) {
            return files.count();
        } catch (IOException e) {
            return -1;
        }
    }

    private static void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(50);
        }
    }
}
