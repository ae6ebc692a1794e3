package dev.haneul.trials;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.client.builder.SdkSyncClientBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.account.AccountClient;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.organizations.OrganizationsClient;
import software.amazon.awssdk.services.pipes.PipesClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.scheduler.SchedulerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.sts.StsClient;

/** Stock SDK clients for one endpoint and one key; closes those it made. */
public final class Clients implements AutoCloseable {
    private final URI endpoint;
    private final String accessKeyId;
    private final String secretKey;
    private final @Nullable String sessionToken;
    private final List<AutoCloseable> made = new ArrayList<>();

    public Clients(URI endpoint, String accessKeyId, String secretKey) {
        this(endpoint, accessKeyId, secretKey, null);
    }

    /** Clients of a session. */
    public Clients(URI endpoint, String accessKeyId, String secretKey, @Nullable String sessionToken) {
        this.endpoint = endpoint;
        this.accessKeyId = accessKeyId;
        this.secretKey = secretKey;
        this.sessionToken = sessionToken;
    }

    /** Clients of the root user of the default account. */
    public static Clients root(URI endpoint) {
        return new Clients(endpoint, "test", "test");
    }

    public S3Client s3() {
        return keep(at(S3Client.builder()).forcePathStyle(true).build());
    }

    public LambdaClient lambda() {
        return keep(at(LambdaClient.builder()).build());
    }

    public IamClient iam() {
        return keep(at(IamClient.builder()).build());
    }

    public StsClient sts() {
        return keep(at(StsClient.builder()).build());
    }

    public CloudWatchClient cloudWatch() {
        return keep(at(CloudWatchClient.builder()).build());
    }

    public CloudWatchLogsClient logs() {
        return keep(at(CloudWatchLogsClient.builder()).build());
    }

    public EventBridgeClient events() {
        return keep(at(EventBridgeClient.builder()).build());
    }

    public SchedulerClient scheduler() {
        return keep(at(SchedulerClient.builder()).build());
    }

    public PipesClient pipes() {
        return keep(at(PipesClient.builder()).build());
    }

    public CloudTrailClient cloudTrail() {
        return keep(at(CloudTrailClient.builder()).build());
    }

    public KmsClient kms() {
        return keep(at(KmsClient.builder()).build());
    }

    /** KMS in another region. */
    public KmsClient kms(String region) {
        return keep(at(KmsClient.builder()).region(Region.of(region)).build());
    }

    /** Secrets Manager in another region. */
    public SecretsManagerClient secretsManager(String region) {
        return keep(at(SecretsManagerClient.builder()).region(Region.of(region)).build());
    }

    public SsmClient ssm() {
        return keep(at(SsmClient.builder()).build());
    }

    public SecretsManagerClient secretsManager() {
        return keep(at(SecretsManagerClient.builder()).build());
    }

    public OrganizationsClient organizations() {
        return keep(at(OrganizationsClient.builder()).build());
    }

    /** The account's own page, asked in this region. */
    public AccountClient account() {
        return keep(at(AccountClient.builder()).build());
    }

    /** STS in another region. */
    public StsClient sts(String region) {
        return keep(at(StsClient.builder()).region(Region.of(region)).build());
    }

    public SqsClient sqs() {
        return keep(at(SqsClient.builder()).build());
    }

    public SnsClient sns() {
        return keep(at(SnsClient.builder()).build());
    }

    public S3Presigner presigner() {
        return keep(S3Presigner.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(credentials())
                .serviceConfiguration(
                        S3Configuration.builder().pathStyleAccessEnabled(true).build())
                .build());
    }

    private <B extends AwsClientBuilder<B, ?> & SdkSyncClientBuilder<B, ?>> B at(B builder) {
        return builder.endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .httpClientBuilder(UrlConnectionHttpClient.builder().socketTimeout(Duration.ofMinutes(2)))
                .credentialsProvider(credentials());
    }

    private StaticCredentialsProvider credentials() {
        return StaticCredentialsProvider.create(
                sessionToken == null
                        ? AwsBasicCredentials.create(accessKeyId, secretKey)
                        : AwsSessionCredentials.create(accessKeyId, secretKey, sessionToken));
    }

    private <C extends AutoCloseable> C keep(C client) {
        made.add(client);
        return client;
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable client : made) {
            client.close();
        }
    }
}
