package dev.haneul.trials.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.CloudWatchLogsException;
import software.amazon.awssdk.services.cloudwatchlogs.model.ExportTask;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetQueryResultsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.InvalidParameterException;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Events that are hidden in part, and events that are carried to a bucket. */
@ExtendWith(SharedRegion.class)
class LogsProtectionTest {
    private static final String HIDES = """
            {"Name":"p","Version":"2021-06-01","Statement":[
            {"Sid":"audit","DataIdentifier":["arn:aws:dataprotection::aws:data-identifier/EmailAddress",
            "arn:aws:dataprotection::aws:data-identifier/CreditCardNumber"],"Operation":{"Audit":{"FindingsDestination":{}}}},
            {"Sid":"hide","DataIdentifier":["arn:aws:dataprotection::aws:data-identifier/EmailAddress",
            "arn:aws:dataprotection::aws:data-identifier/CreditCardNumber"],"Operation":{"Deidentify":{"MaskConfig":{}}}}]}""";

    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final CloudWatchLogsClient logs;

    LogsProtectionTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.logs = root.logs();
    }

    @AfterEach
    void close() throws Exception {
        root.close();
    }

    private void group(String name) {
        logs.createLogGroup(request -> request.logGroupName(name));
        logs.createLogStream(request -> request.logGroupName(name).logStreamName("a/b"));
    }

    private void put(String group, String message) {
        logs.putLogEvents(request -> request.logGroupName(group)
                .logStreamName("a/b")
                .logEvents(event -> event.timestamp(System.currentTimeMillis()).message(message)));
    }

    private List<String> messages(CloudWatchLogsClient client, String group, boolean unmask) {
        return client
                .getLogEvents(request -> request.logGroupName(group)
                        .logStreamName("a/b")
                        .startFromHead(true)
                        .unmask(unmask))
                .events()
                .stream()
                .map(OutputLogEvent::message)
                .toList();
    }

    @Test
    void sensitiveDataIsHiddenFromThoseWhoMayNotSeeIt() throws Exception {
        group("g");
        put("g", "before ann@example.com");
        Thread.sleep(5); // the policy holds for what comes in after it
        logs.putDataProtectionPolicy(request -> request.logGroupIdentifier("g").policyDocument(HIDES));
        put("g", "after ann@example.com paid with 4111 1111 1111 1111, not 4111 1111 1111 1112");
        String hidden = "after *************** paid with *******************, not 4111 1111 1111 1112";
        assertThat(messages(logs, "g", false)).containsExactly("before ann@example.com", hidden);
        assertThat(messages(logs, "g", true).getLast()).contains("ann@example.com");
        assertThat(logs.filterLogEvents(request -> request.logGroupName("g").filterPattern("paid"))
                        .events())
                .singleElement()
                .satisfies(event -> assertThat(event.message()).isEqualTo(hidden));
        String query = logs.startQuery(request -> request.logGroupName("g")
                        .startTime(0L)
                        .endTime(Instant.now().getEpochSecond() + 60)
                        .queryString("fields @message | filter @message like /paid/"))
                .queryId();
        GetQueryResultsResponse results = logs.getQueryResults(request -> request.queryId(query));
        Instant until = Instant.now().plus(Duration.ofSeconds(20));
        while (!results.statusAsString().equals("Complete") && Instant.now().isBefore(until)) {
            results = logs.getQueryResults(request -> request.queryId(query));
        }
        assertThat(results.results().toString()).contains(hidden).doesNotContain("ann@");

        root.iam().createUser(request -> request.userName("reader"));
        root.iam()
                .putUserPolicy(
                        request -> request.userName("reader").policyName("p").policyDocument("""
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:Get*","Resource":"*"}]}"""));
        var keys = root.iam()
                .createAccessKey(request -> request.userName("reader"))
                .accessKey();
        try (CloudWatchLogsClient reader = new Clients(endpoint, keys.accessKeyId(), keys.secretAccessKey()).logs()) {
            assertThat(messages(reader, "g", false)).contains(hidden);
            assertThatThrownBy(() -> messages(reader, "g", true)).isInstanceOf(CloudWatchLogsException.class);
        }
        logs.deleteDataProtectionPolicy(request -> request.logGroupIdentifier("g"));
        assertThat(logs.getDataProtectionPolicy(request -> request.logGroupIdentifier("g"))
                        .policyDocument())
                .isNull();
        logs.putAccountPolicy(request ->
                request.policyName("all").policyType("DATA_PROTECTION_POLICY").policyDocument(HIDES));
        put("g", "mail bob@example.org");
        assertThat(messages(logs, "g", false).getLast()).isEqualTo("mail ***************");
        assertThat(logs.describeAccountPolicies(request -> request.policyType("DATA_PROTECTION_POLICY"))
                        .accountPolicies())
                .hasSize(1);
        logs.deleteAccountPolicy(request -> request.policyName("all").policyType("DATA_PROTECTION_POLICY"));
    }

    @Test
    void eventsAreExportedWhereTheBucketsPolicyLetsThem() throws IOException {
        S3Client s3 = root.s3();
        String bucket = "exports-" + account;
        s3.createBucket(request -> request.bucket(bucket));
        group("e");
        put("e", "first");
        put("e", "second");
        long from = System.currentTimeMillis() - 3_600_000;
        long to = System.currentTimeMillis() + 1000;
        assertThatThrownBy(() -> logs.createExportTask(
                        request -> request.logGroupName("e").from(from).to(to).destination(bucket)))
                .isInstanceOf(InvalidParameterException.class)
                .hasMessageContaining("PutObject call on the given bucket failed");
        s3.putBucketPolicy(request -> request.bucket(bucket).policy("""
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"logs.us-east-1.amazonaws.com"},
                "Action":"s3:PutObject","Resource":"arn:aws:s3:::%s/*"}]}""".formatted(bucket)));
        String task = logs.createExportTask(request -> request.logGroupName("e")
                        .from(from)
                        .to(to)
                        .destination(bucket)
                        .destinationPrefix("p"))
                .taskId();
        ExportTask told = told(task);
        Instant until = Instant.now().plus(Duration.ofSeconds(20));
        while (!told.status().codeAsString().equals("COMPLETED")
                && Instant.now().isBefore(until)) {
            told = told(task);
        }
        assertThat(told.status().codeAsString()).isEqualTo("COMPLETED");
        assertThat(told.executionInfo().completionTime()).isNotNull();
        List<String> keys = s3.listObjectsV2(request -> request.bucket(bucket)).contents().stream()
                .map(S3Object::key)
                .toList();
        String file = "p/" + task + "/a-b/000000.gz";
        assertThat(keys)
                .containsExactlyInAnyOrder("p/aws-logs-write-test", file)
                .isNotEmpty();
        try (GZIPInputStream text = new GZIPInputStream(
                s3.getObject(request -> request.bucket(bucket).key(file)))) {
            assertThat(new String(text.readAllBytes(), StandardCharsets.UTF_8))
                    .matches("(?s)\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z first\n.* second\n");
        }
        assertThatThrownBy(() -> logs.cancelExportTask(request -> request.taskId(task)))
                .isInstanceOf(CloudWatchLogsException.class);
    }

    private ExportTask told(String task) {
        return logs.describeExportTasks(request -> request.taskId(task))
                .exportTasks()
                .getFirst();
    }

    @Test
    void groupsAreListedByPatternAndNameTheirKey() {
        group("/app/one");
        group("/app/two");
        group("other");
        assertThat(logs.listLogGroups(request -> request.logGroupNamePattern("^/app"))
                        .logGroups())
                .extracting(found -> found.logGroupName())
                .containsExactly("/app/one", "/app/two");
        String key = "arn:aws:kms:us-east-1:" + account + ":key/1";
        logs.associateKmsKey(request -> request.logGroupName("other").kmsKeyId(key));
        assertThat(logs.describeLogGroups(request -> request.logGroupNamePrefix("other"))
                        .logGroups())
                .singleElement()
                .satisfies(found -> assertThat(found.kmsKeyId()).isEqualTo(key));
        logs.disassociateKmsKey(request -> request.logGroupName("other"));
        assertThat(logs.describeLogGroups(request -> request.logGroupNamePrefix("other"))
                        .logGroups()
                        .getFirst()
                        .kmsKeyId())
                .isNull();
    }
}
