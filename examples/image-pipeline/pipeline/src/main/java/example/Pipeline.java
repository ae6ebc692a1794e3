package example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * Deploys the image pipeline, uploads the pictures with presigned URLs, and watches the crops appear.
 *
 * <p>Usage: {@code Pipeline RESIZE_FUNCTION_JAR [FOLDER]}. Endpoint, region and keys come from the environment, as for
 * every AWS SDK. Exit code 0 when every picture has its crop.
 */
public final class Pipeline {
    private static final Duration PATIENCE = Duration.ofSeconds(180);

    private Pipeline() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 1 || args.length > 2) {
            System.err.println("usage: Pipeline RESIZE_FUNCTION_JAR [FOLDER]");
            System.exit(2);
        }
        Path jar = Path.of(args[0]);
        List<Path> photos = args.length == 2 ? Photos.in(Path.of(args[1])) : Photos.painted();
        if (photos.isEmpty()) {
            System.err.println("There is no .jpg, .jpeg or .png in " + args[1] + ".");
            System.exit(1);
        }
        System.exit(run(jar, photos) ? 0 : 1);
    }

    private static boolean run(Path jar, List<Path> photos) throws IOException, InterruptedException {
        var http = UrlConnectionHttpClient.builder();
        try (S3Client s3 = S3Client.builder().httpClientBuilder(http).build();
                S3Presigner presigner = S3Presigner.create();
                LambdaClient lambda = LambdaClient.builder().httpClientBuilder(http).build();
                IamClient iam = IamClient.builder().httpClientBuilder(http).build();
                CloudWatchLogsClient logs =
                        CloudWatchLogsClient.builder().httpClientBuilder(http).build()) {
            Deployment deployment = new Deployment(s3, lambda, iam);
            deployment.deploy(jar);
            Instant started = Instant.now();
            Run run = new Run(s3, presigner, logs, deployment.photosBucket(), deployment.cropsBucket());
            List<Run.Picture> pictures = run.upload(photos);
            run.watch(pictures, PATIENCE);
            run.report(pictures, Duration.between(started, Instant.now()));
            Path sheet = ContactSheet.write(s3, deployment.cropsBucket(), pictures);
            System.out.println("\nContact sheet: " + sheet.toUri());
            System.out.println("The function's log, " + Deployment.LOG_GROUP + ":");
            run.printLog(started);
            return pictures.stream().allMatch(Run.Picture::cropped);
        }
    }

    /** A folder for what the example makes, in the system's temporary folder. */
    static Path workFolder() throws IOException {
        return Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir"), "haneul-image-pipeline"));
    }
}
