package dev.haneul.server;

import dev.haneul.api.Catalog;
import dev.haneul.api.coverage.CoverageDocument;
import dev.haneul.api.coverage.Implemented;
import dev.haneul.api.runtime.Api;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.kernel.store.StoreLibrary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A short life of a region, for the JVM to learn what a start-up needs: it starts, serves a few signed calls of each
 * protocol, and stops. What ran here is loaded and linked from the AOT cache next time.
 */
final class Training {
    private static final String FORM = "application/x-www-form-urlencoded";
    /**
     * Code that the optimising compiler has seen here is optimised at once next time, and the rest learns anew over tens
     * of thousands of calls, a third of the processor: so a path is gone until nearly all of it has been seen.
     */
    private static final int INVOCATIONS = 8000;

    private static final int OBJECTS = 1200;
    private static final int OBJECT_BYTES = 4096;
    private static final int LARGE_OBJECTS = 60;
    private static final int LARGE_BYTES = 1 << 20;
    private static final int MESSAGES = 2000;
    private static final int BATCHES = 500;
    private static final int BATCH = 10;
    private static final Pattern RECEIPT = Pattern.compile("\"ReceiptHandle\":\"([^\"]+)\"");
    /** Of functions that have to start a runtime of their own: each step of theirs is seen often enough to be compiled. */
    private static final int OWN_STARTS = 60;

    /** And of ones that find a runtime standing by. */
    private static final int POOLED_STARTS = 4;

    /** A runtime that was taken has its successor by then. */
    private static final int REFILL_MILLIS = 450;

    private final SignedCalls calls;

    private Training(URI endpoint) {
        this.calls = new SignedCalls(endpoint);
    }

    /**
     * Runs the whole life, and puts the store's native library into a folder, which saves each start from unpacking it.
     */
    static void run(Path runtimes, Path natives) throws IOException {
        StoreLibrary.unpack(natives);
        briefly(runtimes, region -> {
            Training training = new Training(URI.create(region.running().endpoint()));
            training.callEachProtocol();
            training.invokeAFunction();
            training.moveObjects();
            training.passMessages();
            training.passBatches();
            return Welcome.text(region);
        });
    }

    /** What the services of a region implement, as Markdown. */
    static String coverage(Path runtimes) throws IOException {
        return briefly(runtimes, region -> coverage(region.services()));
    }

    static String coverage(List<Api> services) {
        Map<ServiceShape, Set<String>> implemented = new HashMap<>();
        Catalog.SERVICES.forEach(service -> implemented.put(service, Set.of()));
        services.forEach(api -> implemented.put(api.service(), Implemented.by(api)));
        return CoverageDocument.of(implemented);
    }

    /** Something done with a region that is gone afterwards. */
    @FunctionalInterface
    private interface Visit {
        String to(Region region) throws IOException;
    }

    private static String briefly(Path runtimes, Visit visit) throws IOException {
        Path data = Files.createTempDirectory("haneul-training");
        try (Region region = Region.start(new Settings(0, "127.0.0.1", data, true, runtimes, "auto"), () -> {})) {
            return visit.to(region);
        } finally {
            Files.deleteIfExists(data);
        }
    }

    private void callEachProtocol() throws IOException {
        for (int round = 0; round < 3; round++) {
            calls.call("GET", "/_haneul/health", "s3", "", "");
            calls.call("PUT", "/training-bucket", "s3", "", "");
            calls.call("PUT", "/training-bucket/key", "s3", "text/plain", "content");
            calls.call("GET", "/training-bucket/key", "s3", "", "");
            calls.call("GET", "/training-bucket?list-type=2", "s3", "", "");
            calls.call("DELETE", "/training-bucket/key", "s3", "", "");
            calls.call("POST", "/", "sts", FORM, "Action=GetCallerIdentity&Version=2011-06-15");
            calls.call("POST", "/", "iam", FORM, "Action=ListRoles&Version=2010-05-08");
            calls.call("GET", "/2015-03-31/functions", "lambda", "", "");
            calls.call("POST", "/", "logs", "application/x-amz-json-1.1", "Logs_20140328.DescribeLogGroups", "{}");
        }
    }

    /** The path of an invocation is long and hot: the cache keeps what the compiler learns of it. Needs a Python. */
    private void invokeAFunction() throws IOException {
        String trust = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":"
                + "\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}";
        String policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        calls.call(
                "POST",
                "/",
                "iam",
                FORM,
                "Action=CreateRole&Version=2010-05-08&RoleName=training&AssumeRolePolicyDocument="
                        + URLEncoder.encode(trust, StandardCharsets.UTF_8));
        calls.call(
                "POST",
                "/",
                "iam",
                FORM,
                "Action=AttachRolePolicy&Version=2010-05-08&RoleName=training&PolicyArn="
                        + URLEncoder.encode(policy, StandardCharsets.UTF_8));
        create("training", "");
        for (int i = 0; i < INVOCATIONS; i++) {
            invoke("training");
        }
        startCold();
    }

    /** Cold starts are rare, so a server would be long in learning how they go. */
    private void startCold() throws IOException {
        for (int i = 0; i < OWN_STARTS; i++) {
            create("own-" + i, ",\"Environment\":{\"Variables\":{\"TZ\":\":UTC\"}}");
            invoke("own-" + i);
            calls.call("DELETE", "/2015-03-31/functions/own-" + i, "lambda", "", "");
        }
        for (int i = 0; i < POOLED_STARTS; i++) {
            create("pooled-" + i, "");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(REFILL_MILLIS));
            invoke("pooled-" + i);
        }
    }

    private void create(String name, String more) throws IOException {
        calls.call(
                "POST",
                "/2015-03-31/functions",
                "lambda",
                "application/json",
                "{\"FunctionName\":\"" + name + "\",\"Runtime\":\"python3.12\",\"Handler\":\"app.handler\","
                        + "\"MemorySize\":1769,\"Role\":\"arn:aws:iam::000000000000:role/training\","
                        + "\"Code\":{\"ZipFile\":\"" + function() + "\"}" + more + "}");
    }

    private void invoke(String name) throws IOException {
        calls.call("POST", "/2015-03-31/functions/" + name + "/invocations", "lambda", "application/json", "{}");
    }

    /** Objects there and back, small and larger ones, in the form in which the stock clients send them. */
    private void moveObjects() throws IOException {
        calls.call("PUT", "/training-objects", "s3", "", "");
        moveObjects(OBJECTS, new byte[OBJECT_BYTES]);
        moveObjects(LARGE_OBJECTS, new byte[LARGE_BYTES]);
    }

    private void moveObjects(int count, byte[] content) throws IOException {
        for (int i = 0; i < count; i++) {
            calls.upload("/training-objects/key" + i % 10, content);
            calls.call("GET", "/training-objects/key" + i % 10, "s3", "", "");
        }
    }

    private void passMessages() throws IOException {
        message("CreateQueue", "{\"QueueName\":\"training\"}");
        String queue = "{\"QueueUrl\":\"http://localhost/000000000000/training\"";
        for (int i = 0; i < MESSAGES; i++) {
            message("SendMessage", queue + ",\"MessageBody\":\"content\"}");
            Matcher receipt = RECEIPT.matcher(message("ReceiveMessage", queue + "}"));
            if (receipt.find()) {
                message("DeleteMessage", queue + ",\"ReceiptHandle\":\"" + receipt.group(1) + "\"}");
            }
        }
    }

    private void passBatches() throws IOException {
        String queue = "{\"QueueUrl\":\"http://localhost/000000000000/training\"";
        String body = "content ".repeat(128);
        String entries = IntStream.range(0, BATCH)
                .mapToObj(i -> "{\"Id\":\"" + i + "\",\"MessageBody\":\"" + body + "\"}")
                .collect(Collectors.joining(",", ",\"Entries\":[", "]}"));
        for (int i = 0; i < BATCHES; i++) {
            message("SendMessageBatch", queue + entries);
            Matcher receipt = RECEIPT.matcher(message("ReceiveMessage", queue + ",\"MaxNumberOfMessages\":10}"));
            StringBuilder received = new StringBuilder();
            for (int n = 0; receipt.find(); n++) {
                received.append(n == 0 ? ",\"Entries\":[" : ",")
                        .append("{\"Id\":\"" + n + "\",\"ReceiptHandle\":\"" + receipt.group(1) + "\"}");
            }
            message("DeleteMessageBatch", queue + received + "]}");
        }
    }

    private String message(String action, String body) throws IOException {
        return calls.call("POST", "/", "sqs", "application/x-amz-json-1.0", "AmazonSQS." + action, body);
    }

    /** A package as CreateFunction takes it: a zip in Base64. */
    private static String function() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("app.py"));
            zip.write("def handler(event, context):\n    print(event)\n    return event\n"
                    .getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
