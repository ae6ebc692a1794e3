package example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.EntityAlreadyExistsException;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.Architecture;
import software.amazon.awssdk.services.lambda.model.GetFunctionResponse;
import software.amazon.awssdk.services.lambda.model.ResourceConflictException;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;
import software.amazon.awssdk.services.lambda.model.Runtime;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketAlreadyOwnedByYouException;
import software.amazon.awssdk.services.s3.model.Event;

/** The pipeline's resources: two buckets, a role, the function, its permission and the bucket's notification. */
final class Deployment {
    static final String FUNCTION = "resize-photo";
    static final String LOG_GROUP = "/aws/lambda/" + FUNCTION;
    private static final String ROLE = "resize-photo-role";
    private static final String TRUST =
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
              "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";

    private final S3Client s3;
    private final LambdaClient lambda;
    private final IamClient iam;
    private String account = "";

    Deployment(S3Client s3, LambdaClient lambda, IamClient iam) {
        this.s3 = s3;
        this.lambda = lambda;
        this.iam = iam;
    }

    String photosBucket() {
        return "photos-" + account;
    }

    String cropsBucket() {
        return "photo-crops-" + account;
    }

    /** Makes what is missing and updates what differs; a second run changes nothing. */
    void deploy(Path jar) throws IOException {
        String role = role();
        account = role.split(":")[4];
        bucket(photosBucket());
        bucket(cropsBucket());
        iam.putRolePolicy(request -> request.roleName(ROLE)
                .policyName("photos")
                .policyDocument(
                        """
                        {"Version":"2012-10-17","Statement":[
                          {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/*"},
                          {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::%s/*"}]}"""
                                .formatted(photosBucket(), cropsBucket())));
        String function = function(role, Files.readAllBytes(jar));
        permit(function);
        s3.putBucketNotificationConfiguration(request -> request.bucket(photosBucket())
                .notificationConfiguration(configuration -> configuration.lambdaFunctionConfigurations(
                        rule -> rule.lambdaFunctionArn(function).events(Event.S3_OBJECT_CREATED))));
        System.out.println("Deployed: s3://" + photosBucket() + " → " + FUNCTION + " → s3://" + cropsBucket());
    }

    private String role() {
        String arn;
        try {
            arn = iam.createRole(request -> request.roleName(ROLE).assumeRolePolicyDocument(TRUST))
                    .role()
                    .arn();
        } catch (EntityAlreadyExistsException e) {
            arn = iam.getRole(request -> request.roleName(ROLE)).role().arn();
        }
        iam.attachRolePolicy(request -> request.roleName(ROLE)
                .policyArn("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"));
        return arn;
    }

    private void bucket(String name) {
        try {
            s3.createBucket(request -> request.bucket(name));
        } catch (BucketAlreadyOwnedByYouException e) {
            // It stands from an earlier run.
        }
    }

    private String function(String role, byte[] code) {
        try {
            GetFunctionResponse found = lambda.getFunction(request -> request.functionName(FUNCTION));
            if (!found.configuration().codeSha256().equals(sha256(code))) {
                lambda.updateFunctionCode(
                        request -> request.functionName(FUNCTION).zipFile(SdkBytes.fromByteArrayUnsafe(code)));
                lambda.waiter().waitUntilFunctionUpdatedV2(request -> request.functionName(FUNCTION));
            }
            return found.configuration().functionArn();
        } catch (ResourceNotFoundException e) {
            String arn = lambda.createFunction(request -> request.functionName(FUNCTION)
                            .runtime(Runtime.JAVA21)
                            .architectures(Architecture.X86_64)
                            .handler("example.ResizeHandler::handleRequest")
                            .role(role)
                            .memorySize(1769)
                            .timeout(60)
                            .environment(environment ->
                                    environment.variables(Map.of("CROPS_BUCKET", cropsBucket())))
                            .code(zip -> zip.zipFile(SdkBytes.fromByteArrayUnsafe(code))))
                    .functionArn();
            lambda.waiter().waitUntilFunctionActiveV2(request -> request.functionName(FUNCTION));
            return arn;
        }
    }

    private void permit(String function) {
        try {
            lambda.addPermission(request -> request.functionName(function)
                    .statementId("photos-bucket")
                    .action("lambda:InvokeFunction")
                    .principal("s3.amazonaws.com")
                    .sourceAccount(account)
                    .sourceArn("arn:aws:s3:::" + photosBucket()));
        } catch (ResourceConflictException e) {
            // It stands from an earlier run.
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
