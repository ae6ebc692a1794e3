package dev.haneul.trials.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.Zips;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.Event;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Twenty uploads, each handled by a function; the server is killed while they are on their way. */
class PipelineCrashTest {
    private static final int PICTURES = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Copies the object to the other bucket with nothing but the standard library, signed with the role's keys. */
    private static final String FUNCTION = """
            import json, os, time, urllib.parse, urllib.request, hashlib, hmac, datetime

            def sign(method, host, path, body):
                now = datetime.datetime.utcnow()
                date, stamp = now.strftime('%Y%m%d'), now.strftime('%Y%m%dT%H%M%SZ')
                region = os.environ['AWS_REGION']
                digest = hashlib.sha256(body).hexdigest()
                headers = {'host': host, 'x-amz-content-sha256': digest, 'x-amz-date': stamp,
                           'x-amz-security-token': os.environ['AWS_SESSION_TOKEN']}
                names = ';'.join(sorted(headers))
                canonical = '\\n'.join([method, path, ''] + [k + ':' + headers[k] for k in sorted(headers)]
                                       + ['', names, digest])
                scope = '/'.join([date, region, 's3', 'aws4_request'])
                text = '\\n'.join(['AWS4-HMAC-SHA256', stamp, scope,
                                   hashlib.sha256(canonical.encode()).hexdigest()])
                key = ('AWS4' + os.environ['AWS_SECRET_ACCESS_KEY']).encode()
                for part in [date, region, 's3', 'aws4_request']:
                    key = hmac.new(key, part.encode(), hashlib.sha256).digest()
                signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
                headers['authorization'] = ('AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s'
                    % (os.environ['AWS_ACCESS_KEY_ID'], scope, names, signature))
                return headers

            def s3(method, path, body=b''):
                endpoint = os.environ['AWS_ENDPOINT_URL']
                host = urllib.parse.urlparse(endpoint).netloc
                request = urllib.request.Request(endpoint + path, data=body if method == 'PUT' else None,
                                                 method=method, headers=sign(method, host, path, body))
                with urllib.request.urlopen(request) as answer:
                    return answer.read()

            def handler(event, context):
                for record in event['Records']:
                    key = record['s3']['object']['key']
                    body = s3('GET', '/photos/' + key)
                    time.sleep(0.3)
                    s3('PUT', '/crops/' + key, body[:100])
                return 'done'
            """;

    @Test
    void everyUploadIsHandledThoughTheServerIsKilledInTheMiddle() throws Exception {
        try (LaunchedRegion region = new LaunchedRegion()) {
            region.up();
            try (Clients clients = Clients.root(region.endpoint())) {
                deploy(clients);
                List<String> keys = upload(clients, region.endpoint());
                S3Client s3 = clients.s3();
                awaitCrops(s3, 3);
                region.killHard();
                region.up();
                assertThat(awaitCrops(s3, PICTURES)).containsExactlyInAnyOrderElementsOf(keys);
            }
        }
    }

    private static void deploy(Clients clients) {
        IamClient iam = clients.iam();
        String role = iam.createRole(request -> request.roleName("copier").assumeRolePolicyDocument("""
                                {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                                "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"""))
                .role()
                .arn();
        iam.putRolePolicy(request -> request.roleName("copier").policyName("s3").policyDocument("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                        "Action":["s3:GetObject","s3:PutObject"],
                        "Resource":["arn:aws:s3:::photos/*","arn:aws:s3:::crops/*"]}]}"""));
        S3Client s3 = clients.s3();
        s3.createBucket(request -> request.bucket("photos"));
        s3.createBucket(request -> request.bucket("crops"));
        LambdaClient lambda = clients.lambda();
        String function = lambda.createFunction(request -> request.functionName("copy")
                        .runtime(HostRuntimes.python())
                        .handler("app.handler")
                        .role(role)
                        .timeout(30)
                        .environment(e -> e.variables(Map.of("LANG", "C.UTF-8")))
                        .code(code -> code.zipFile(Zips.of("app.py", FUNCTION))))
                .functionArn();
        lambda.waiter().waitUntilFunctionActiveV2(request -> request.functionName("copy"));
        lambda.addPermission(request -> request.functionName("copy")
                .statementId("s3")
                .action("lambda:InvokeFunction")
                .principal("s3.amazonaws.com")
                .sourceArn("arn:aws:s3:::photos"));
        s3.putBucketNotificationConfiguration(request -> request.bucket("photos")
                .notificationConfiguration(c -> c.lambdaFunctionConfigurations(
                        rule -> rule.lambdaFunctionArn(function).events(Event.S3_OBJECT_CREATED))));
    }

    private static List<String> upload(Clients clients, URI endpoint) throws Exception {
        S3Presigner presigner = clients.presigner();
        List<String> keys = new ArrayList<>();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (int i = 0; i < PICTURES; i++) {
                String key = "picture-%02d.jpg".formatted(i);
                URI url = presigner
                        .presignPutObject(request -> request.signatureDuration(Duration.ofMinutes(5))
                                .putObjectRequest(put -> put.bucket("photos").key(key)))
                        .url()
                        .toURI();
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(url)
                                .PUT(HttpRequest.BodyPublishers.ofByteArray(new byte[20_000]))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                keys.add(key);
            }
        }
        return keys;
    }

    /** The crops that are there once there are so many, or when patience ends. */
    private static Set<String> awaitCrops(S3Client s3, int wanted) throws InterruptedException {
        Instant deadline = Instant.now().plus(PATIENCE);
        Set<String> crops = new TreeSet<>();
        while (crops.size() < wanted && Instant.now().isBefore(deadline)) {
            Thread.sleep(100);
            s3.listObjectsV2(request -> request.bucket("crops")).contents().stream()
                    .map(S3Object::key)
                    .forEach(crops::add);
        }
        return crops;
    }
}
