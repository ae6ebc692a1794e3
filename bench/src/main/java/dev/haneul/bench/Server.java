package dev.haneul.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsClient;

/** A region of its own for one bench run, started and stopped with the launcher. */
final class Server implements AutoCloseable {
    private final Path launcher = Path.of(System.getProperty("haneul.home", "."), "haneul");
    private final Path data;
    private final int port;
    /** It may run, whether or not the launcher saw it ready. */
    private boolean asked;

    private boolean ready;

    Server() throws IOException {
        data = Files.createTempDirectory("haneul-bench");
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    void up() throws IOException, InterruptedException {
        up(Map.of());
    }

    /** With variables and options of its own. */
    void up(Map<String, String> variables, String... options) throws IOException, InterruptedException {
        asked = true;
        launch("up", variables, options);
        ready = true;
    }

    void down() throws IOException, InterruptedException {
        launch("down", Map.of());
    }

    private void launch(String command, Map<String, String> variables, String... options)
            throws IOException, InterruptedException {
        List<String> line =
                new ArrayList<>(List.of(launcher.toString(), command, "--port", "" + port, "--data", data.toString()));
        line.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("launcher.log").toFile());
        builder.environment().putAll(variables);
        Process process = builder.start();
        if (process.waitFor() != 0) {
            throw new IOException("haneul " + command + " failed: " + Files.readString(data.resolve("launcher.log")));
        }
    }

    Path data() {
        return data;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** The server's process id, from the note in its data folder. */
    long pid() throws IOException {
        for (String line : Files.readAllLines(data.resolve("running.properties"), StandardCharsets.UTF_8)) {
            if (line.startsWith("pid=")) {
                return Long.parseLong(line.substring(4));
            }
        }
        throw new IOException("the server left no pid");
    }

    S3Client s3() {
        return s3(endpoint());
    }

    /** The same client for another endpoint: without checksums of its own, which not every peer takes. */
    static S3Client s3(URI endpoint) {
        return at(S3Client.builder(), endpoint)
                .forcePathStyle(true)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .build();
    }

    static SqsClient sqs(URI endpoint) {
        return at(SqsClient.builder(), endpoint).build();
    }

    LambdaClient lambda() {
        return at(LambdaClient.builder(), endpoint()).build();
    }

    EcsClient ecs() {
        return at(EcsClient.builder(), endpoint()).build();
    }

    IamClient iam() {
        return at(IamClient.builder(), endpoint()).build();
    }

    private static <
                    B extends
                            AwsClientBuilder<B, ?>
                                    & software.amazon.awssdk.core.client.builder.SdkSyncClientBuilder<B, ?>>
            B at(B builder, URI endpoint) {
        return builder.endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .httpClientBuilder(UrlConnectionHttpClient.builder().socketTimeout(Duration.ofMinutes(2)))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (ready) {
            // Servers and networks outlive a region that only stops.
            launch("reset", Map.of());
        }
        if (asked) {
            down();
        }
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
