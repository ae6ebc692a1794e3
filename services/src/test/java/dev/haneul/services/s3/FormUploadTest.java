package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.BUCKET;
import static dev.haneul.services.s3.S3Fixture.fault;
import static dev.haneul.services.s3.S3Fixture.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Faults;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.HeadObjectOutput;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.kernel.call.RootKeys;
import dev.haneul.kernel.call.SigningKey;
import dev.haneul.kernel.plane.Exchange;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormUploadTest {
    private static final String SCOPE = "test/20260102/us-east-1/s3/aws4_request";
    private static final byte[] PICTURE = random(100_000, 1);

    @TempDir
    Path path;

    private S3Fixture s3;
    private FormUpload plane;

    @BeforeEach
    void open() {
        s3 = S3Fixture.withBucket(path);
        plane = new FormUpload(
                (operation, input, call) -> {
                    if (call.principal().type() == Principal.Type.ANONYMOUS) {
                        throw Faults.accessDenied("Access Denied");
                    }
                    return s3.s3.invoke(operation, input, call);
                },
                RootKeys.loopback(),
                s3.clock);
    }

    @AfterEach
    void close() {
        s3.close();
    }

    /** A form whose policy asks for what it holds, signed as boto3's generate_presigned_post signs. */
    private static Map<String, String> form(String extraConditions) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("key", "in/${filename}");
        fields.put("Content-Type", "image/jpeg");
        fields.put("x-amz-meta-camera", "X100");
        fields.put("x-amz-algorithm", "AWS4-HMAC-SHA256");
        fields.put("x-amz-credential", SCOPE);
        fields.put("x-amz-date", "20260102T030000Z");
        String policy = """
                {"expiration": "2026-01-02T04:00:00Z", "conditions": [
                  {"bucket": "photos"}, ["starts-with", "$key", "in/"], ["starts-with", "$Content-Type", "image/"],
                  {"x-amz-meta-camera": "X100"}, {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
                  {"x-amz-credential": "%s"}, {"x-amz-date": "20260102T030000Z"}%s]}""".formatted(SCOPE, extraConditions);
        sign(fields, policy);
        return fields;
    }

    private static void sign(Map<String, String> fields, String policy) {
        String encoded = Base64.getEncoder().encodeToString(policy.getBytes(StandardCharsets.UTF_8));
        fields.put("policy", encoded);
        fields.put(
                "x-amz-signature",
                SigningKey.derive("test", "20260102", "us-east-1", "s3").signature(encoded));
    }

    private static byte[] encode(Map<String, String> fields, byte[] file) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        fields.forEach((name, value) ->
                out.writeBytes(("--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n")
                        .getBytes(StandardCharsets.UTF_8)));
        out.writeBytes("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.jpg\"\r\n\r\n"
                .getBytes(StandardCharsets.UTF_8));
        out.writeBytes(file);
        out.writeBytes("\r\n--b--\r\n".getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    private Posted post(Map<String, String> fields) throws IOException {
        return post(encode(fields, PICTURE));
    }

    private Posted post(byte[] body) throws IOException {
        Posted posted = new Posted("POST", "localhost", "/" + BUCKET, "multipart/form-data; boundary=b", body);
        assertThat(plane.claims(posted)).isTrue();
        plane.serve(posted);
        return posted;
    }

    private HeadObjectOutput head(String key) {
        return s3.s3.headObject(new HeadObjectRequest().bucket(BUCKET).key(key), s3.call());
    }

    @Test
    void aSignedFormIsStoredAsItSays() throws IOException {
        Posted answer = post(form(""));
        assertThat(answer.status).isEqualTo(204);
        HeadObjectOutput head = head("in/a b.jpg");
        assertThat(head.contentType()).isEqualTo("image/jpeg");
        assertThat(head.metadata()).containsEntry("camera", "X100");
        assertThat(head.contentLength()).isEqualTo(PICTURE.length);
        assertThat(answer.answerHeaders.get("ETag")).containsExactly(head.eTag());
        assertThat(answer.answerHeaders.get("Location")).containsExactly("http://localhost:4566/photos/in%2Fa%20b.jpg");
        assertThat(S3Fixture.bytes(s3.get("in/a b.jpg", r -> r))).isEqualTo(PICTURE);
    }

    @Test
    void theAnswerIsWhatTheFormAsksFor() throws IOException {
        Map<String, String> created = form(", {\"success_action_status\": \"201\"}");
        created.put("success_action_status", "201");
        Posted answer = post(created);
        assertThat(answer.status).isEqualTo(201);
        assertThat(answer.text()).contains("<PostResponse>", "<Bucket>photos</Bucket>", "<Key>in/a b.jpg</Key>");
        Map<String, String> redirected = form(", [\"starts-with\", \"$success_action_redirect\", \"\"]");
        redirected.put("success_action_redirect", "https://example.com/done?x=1#top");
        Posted redirect = post(redirected);
        assertThat(redirect.status).isEqualTo(303);
        assertThat(redirect.answerHeaders.get("Location").getFirst())
                .startsWith("https://example.com/done?x=1&bucket=photos&key=in%2Fa+b.jpg&etag=%22")
                .endsWith("#top");
    }

    @Test
    void tagsComeAsXml() throws IOException {
        Map<String, String> fields = form(", [\"starts-with\", \"$tagging\", \"\"]");
        fields.put("tagging", "<Tagging><TagSet><Tag><Key>a b</Key><Value>1&amp;2</Value></Tag></TagSet></Tagging>");
        assertThat(post(fields).status).isEqualTo(400);
        fields.put("tagging", "<Tagging><TagSet><Tag><Key>a b</Key><Value>1</Value></Tag></TagSet></Tagging>");
        assertThat(post(fields).status).isEqualTo(204);
        assertThat(head("in/a b.jpg").tagCount()).isEqualTo(1);
        fields.put("tagging", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><Tagging>&e;</Tagging>");
        assertThat(post(fields).text()).contains("<Code>MalformedXML</Code>");
    }

    private void refused(int status, String code, Map<String, String> fields) throws IOException {
        Posted answer = post(fields);
        assertThat(answer.text()).contains("<Code>" + code + "</Code>", "<RequestId>4442587FB7D0A2F9</RequestId>");
        assertThat(answer.status).isEqualTo(status);
        assertThat(fault(() -> head("in/a b.jpg")).code()).isEqualTo("NoSuchKey");
    }

    @Test
    void aTamperedFormIsRefused() throws IOException {
        Map<String, String> otherKey = form("");
        otherKey.put("key", "out/x");
        refused(403, "AccessDenied", otherKey);
        Map<String, String> otherPolicy = form("");
        String signature = otherPolicy.get("x-amz-signature");
        otherPolicy.putAll(form(", [\"starts-with\", \"$acl\", \"\"]"));
        otherPolicy.put("x-amz-signature", signature);
        refused(403, "SignatureDoesNotMatch", otherPolicy);
        Map<String, String> nobody = form("");
        nobody.put("x-amz-credential", SCOPE.replace("test", "AKIAIOSFODNN7EXAMPLE"));
        refused(403, "InvalidAccessKeyId", nobody);
        Map<String, String> unsigned = form("");
        unsigned.remove("x-amz-signature");
        refused(400, "InvalidArgument", unsigned);
        Map<String, String> noKey = form("");
        noKey.remove("key");
        refused(400, "InvalidArgument", noKey);
        Map<String, String> extra = form("");
        extra.put("x-amz-storage-class", "GLACIER");
        refused(403, "AccessDenied", extra);
        refused(403, "AccessDeniedException", new HashMap<>(Map.of("key", "in/a b.jpg")));
    }

    /** Signed by another implementation: HMAC-SHA1 of the policy with the secret "test", in Base64. */
    private static Map<String, String> oldForm() {
        String policy = """
                {"expiration": "2026-01-02T04:00:00Z", "conditions": [{"bucket": "photos"}, {"key": "in/a b.jpg"}]}""";
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("key", "in/a b.jpg");
        fields.put("AWSAccessKeyId", "test");
        fields.put("policy", Base64.getEncoder().encodeToString(policy.getBytes(StandardCharsets.UTF_8)));
        fields.put("signature", "eADR46IycxbZvSuHTk/WYDqShfE=");
        return fields;
    }

    @Test
    void formsOfVersion2AreTaken() throws IOException {
        assertThat(post(oldForm()).status).isEqualTo(204);
        assertThat(head("in/a b.jpg").contentLength()).isEqualTo(PICTURE.length);
    }

    @Test
    void tamperedFormsOfVersion2AreRefused() throws IOException {
        Map<String, String> forged = oldForm();
        forged.put("signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        refused(403, "SignatureDoesNotMatch", forged);
        Map<String, String> nobody = oldForm();
        nobody.put("AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE");
        refused(403, "InvalidAccessKeyId", nobody);
        Map<String, String> unsigned = oldForm();
        unsigned.remove("signature");
        refused(400, "InvalidArgument", unsigned);
        Map<String, String> bare = oldForm();
        bare.keySet().removeAll(List.of("signature", "policy"));
        refused(400, "InvalidArgument", bare);
        s3.clock.advance(java.time.Duration.ofHours(1));
        refused(403, "AccessDenied", oldForm());
    }

    @Test
    void anExpiredPolicyIsRefused() throws IOException {
        s3.clock.advance(java.time.Duration.ofHours(1));
        refused(403, "AccessDenied", form(""));
    }

    @ParameterizedTest
    @CsvSource({"1, 99999, EntityTooLarge", "100001, 200000, EntityTooSmall"})
    void theLengthMustBeInRange(long min, long max, String code) throws IOException {
        refused(400, code, form(", [\"content-length-range\", " + min + ", " + max + "]"));
    }

    @Test
    void exactBoundsAreInRange() throws IOException {
        assertThat(post(form(", [\"content-length-range\", 100000, 100000]")).status)
                .isEqualTo(204);
    }

    @Test
    void aBodyThatEndsEarlyStoresNothing() throws IOException {
        byte[] whole = encode(form(""), PICTURE);
        Posted answer = post(java.util.Arrays.copyOf(whole, whole.length - 20));
        assertThat(answer.status).isEqualTo(400);
        assertThat(answer.text()).contains("<Code>MalformedPOSTRequest</Code>");
        assertThat(fault(() -> head("in/a b.jpg")).code()).isEqualTo("NoSuchKey");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, photos.s3.localhost, /, multipart/form-data; boundary=b, photos",
        "POST, my.photos.s3.ap-northeast-2.amazonaws.com, /, multipart/form-data; boundary=b, my.photos",
        "POST, photos.s3-eu-west-1.amazonaws.com, /, multipart/form-data; boundary=b, photos",
        "POST, localhost, /photos/, Multipart/Form-Data; boundary=b, photos",
        "POST, 127.0.0.1, /photos, multipart/form-data; boundary=b, photos",
        "PUT, localhost, /photos, multipart/form-data; boundary=b, ",
        "POST, localhost, /photos, application/xml, ",
        "POST, localhost, /, multipart/form-data; boundary=b, ",
        "POST, localhost, /photos/key, multipart/form-data; boundary=b, ",
        "POST, abc.lambda-url.us-east-1.localhost, /upload, multipart/form-data; boundary=b, "
    })
    void onlyFormsForABucketAreClaimed(String method, String host, String at, String type, @Nullable String bucket) {
        Posted posted = new Posted(method, host, at, type, new byte[0]);
        assertThat(plane.claims(posted)).isEqualTo(bucket != null);
        if (bucket != null) {
            assertThat(FormUpload.bucket(posted)).isEqualTo(bucket);
        }
    }

    private static final class Posted implements Exchange {
        private final String method;
        private final String host;
        private final String path;
        private final String type;
        private final byte[] body;
        private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
        private Map<String, List<String>> answerHeaders = Map.of();
        private int status;

        Posted(String method, String host, String path, String type, byte[] body) {
            this.method = method;
            this.host = host;
            this.path = path;
            this.type = type;
            this.body = body;
        }

        String text() {
            return answer.toString(StandardCharsets.UTF_8);
        }

        @Override
        public String method() {
            return method;
        }

        @Override
        public String path() {
            return path;
        }

        @Override
        public String query() {
            return "";
        }

        @Override
        public String host() {
            return host;
        }

        @Override
        public @Nullable String header(String name) {
            return name.equals("content-type") ? type : null;
        }

        @Override
        public Map<String, List<String>> headers() {
            return Map.of("content-type", List.of(type));
        }

        @Override
        public String remoteAddress() {
            return "127.0.0.1";
        }

        @Override
        public boolean secure() {
            return false;
        }

        @Override
        public String endpoint() {
            return "http://localhost:4566";
        }

        @Override
        public String requestId() {
            return "4442587FB7D0A2F9";
        }

        @Override
        public InputStream body() {
            return new ByteArrayInputStream(body);
        }

        @Override
        public OutputStream respond(int code, Map<String, List<String>> headers, long length) {
            status = code;
            answerHeaders = headers;
            return answer;
        }
    }
}
