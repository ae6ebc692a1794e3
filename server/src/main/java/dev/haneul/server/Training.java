package dev.haneul.server;

import dev.haneul.api.Catalog;
import dev.haneul.api.coverage.CoverageDocument;
import dev.haneul.api.coverage.Implemented;
import dev.haneul.api.runtime.Api;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.kernel.call.SigningKey;
import dev.haneul.kernel.store.StoreLibrary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A short life of a region, for the JVM to learn what a start-up needs: it starts, serves a few signed calls of each
 * protocol, and stops. What ran here is loaded and linked from the AOT cache next time.
 */
final class Training {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final int INVOCATIONS = 800;
    /** Of functions that find a runtime standing by; and of ones that have to start their own. */
    private static final int COLD_STARTS = 4;

    /** A runtime that was taken has its successor by then. */
    private static final int REFILL_MILLIS = 450;

    private final URI endpoint;

    private Training(URI endpoint) {
        this.endpoint = endpoint;
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
            call("GET", "/_haneul/health", "s3", "", "");
            call("PUT", "/training-bucket", "s3", "", "");
            call("PUT", "/training-bucket/key", "s3", "text/plain", "content");
            call("GET", "/training-bucket/key", "s3", "", "");
            call("GET", "/training-bucket?list-type=2", "s3", "", "");
            call("DELETE", "/training-bucket/key", "s3", "", "");
            call("POST", "/", "sts", FORM, "Action=GetCallerIdentity&Version=2011-06-15");
            call("POST", "/", "iam", FORM, "Action=ListRoles&Version=2010-05-08");
            call("GET", "/2015-03-31/functions", "lambda", "", "");
            call("POST", "/", "logs", "application/x-amz-json-1.1", "{}");
        }
    }

    /** The path of an invocation is long and hot: the cache keeps what the compiler learns of it. Needs a Python. */
    private void invokeAFunction() throws IOException {
        String trust = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":"
                + "\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}";
        String policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        call(
                "POST",
                "/",
                "iam",
                FORM,
                "Action=CreateRole&Version=2010-05-08&RoleName=training&AssumeRolePolicyDocument="
                        + URLEncoder.encode(trust, StandardCharsets.UTF_8));
        call(
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
        for (int i = 0; i < COLD_STARTS; i++) {
            create("own-" + i, ",\"Environment\":{\"Variables\":{\"TZ\":\":UTC\"}}");
            invoke("own-" + i);
            create("cold-" + i, "");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(REFILL_MILLIS));
            invoke("cold-" + i);
        }
    }

    private void create(String name, String more) throws IOException {
        call(
                "POST",
                "/2015-03-31/functions",
                "lambda",
                "application/json",
                "{\"FunctionName\":\"" + name + "\",\"Runtime\":\"python3.12\",\"Handler\":\"app.handler\","
                        + "\"MemorySize\":1769,\"Role\":\"arn:aws:iam::000000000000:role/training\","
                        + "\"Code\":{\"ZipFile\":\"" + function() + "\"}" + more + "}");
    }

    private void invoke(String name) throws IOException {
        call("POST", "/2015-03-31/functions/" + name + "/invocations", "lambda", "application/json", "{}");
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

    /** One signed request; whatever the region answers is fine here. */
    private void call(String method, String target, String service, String type, String body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) endpoint.resolve(target).toURL().openConnection();
        try {
            connection.setRequestMethod(method);
            if (service.equals("logs")) {
                connection.setRequestProperty("X-Amz-Target", "Logs_20140328.DescribeLogGroups");
            }
            if (!type.isEmpty()) {
                connection.setRequestProperty("Content-Type", type);
            }
            byte[] content = body.getBytes(StandardCharsets.UTF_8);
            sign(connection, method, target, service, content);
            if (content.length > 0) {
                connection.setDoOutput(true);
                try (OutputStream out = connection.getOutputStream()) {
                    out.write(content);
                }
            }
            int code = connection.getResponseCode();
            try (InputStream in = code < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                if (in != null) {
                    in.readAllBytes();
                }
            }
        } finally {
            connection.disconnect();
        }
    }

    private void sign(HttpURLConnection connection, String method, String target, String service, byte[] content) {
        String stamp = STAMP.format(Instant.now());
        String digest = sha256(content);
        String[] parts = target.split("\\?", 2);
        String host = endpoint.getHost() + ":" + endpoint.getPort();
        String canonical = String.join(
                "\n",
                List.of(
                        method,
                        parts[0],
                        parts.length > 1 ? parts[1] : "",
                        "host:" + host,
                        "x-amz-content-sha256:" + digest,
                        "x-amz-date:" + stamp,
                        "",
                        "host;x-amz-content-sha256;x-amz-date",
                        digest));
        String date = stamp.substring(0, 8);
        String scope = date + "/us-east-1/" + service + "/aws4_request";
        String text =
                "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + sha256(canonical.getBytes(StandardCharsets.UTF_8));
        String signature = SigningKey.derive("test", date, "us-east-1", service).signature(text);
        connection.setRequestProperty("X-Amz-Date", stamp);
        connection.setRequestProperty("X-Amz-Content-Sha256", digest);
        connection.setRequestProperty(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=test/" + scope
                        + ", SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=" + signature);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
