package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.wire.gateway.Fixture.Answer;
import dev.haneul.wire.gateway.Signed.Draft;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may come in, and what the others are told: signed by AWS's own signer, over real sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignaturesTest {
    private static final String FORM = "application/x-www-form-urlencoded; charset=utf-8";
    private Fixture fixture;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        fixture = new Fixture(folder);
    }

    @AfterAll
    void close() throws Exception {
        fixture.close();
    }

    @BeforeEach
    void reset() {
        fixture.fakes.objects.stored.clear();
        fixture.fakes.objects.stored.put("bucket/key", "value".getBytes());
        fixture.fakes.lastCall = null;
    }

    private static Draft get() {
        return new Draft("GET", "http://bucket.s3.localhost:4566/key");
    }

    private static Draft sts() {
        return new Draft("POST", "http://localhost:4566/")
                .to("sts", "us-east-1")
                .header("Content-Type", FORM)
                .body("Action=GetCallerIdentity&Version=2011-06-15");
    }

    private static Draft logs() {
        return new Draft("POST", "http://logs.us-east-1.localhost:4566/")
                .to("logs", "us-east-1")
                .header("Content-Type", "application/x-amz-json-1.1")
                .header("X-Amz-Target", "Logs_20140328.DescribeLogGroups")
                .body("{}");
    }

    private static Draft lambda() {
        return new Draft("GET", "http://localhost:4566/2015-03-31/functions/a%3Ab").to("lambda", "us-east-1");
    }

    private static void refused(Answer answer, int status, String code) {
        assertThat(answer.body()).contains(code);
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://bucket.s3.localhost:4566/a%20key/%2B%21%27%28%29%2A%C3%A9~-_.",
                "http://localhost:4566/bucket/a%20key/%2B%21%27%28%29%2A%C3%A9~-_.",
                "http://bucket.s3.us-east-1.amazonaws.com/a%20key/%2B%21%27%28%29%2A%C3%A9~-_.",
                "http://127.0.0.1:4566/bucket/a//b/../c/./%01%25?versionId=a%2Bb%20c&partNumber=1"
            })
    void objectPathsAreSignedAsTheyAre(String url) throws Exception {
        Answer put = fixture.send(
                new Draft("PUT", url.replaceFirst("\\?.*", "")).body("hello").sign());
        assertThat(put.status()).as(put.body()).isEqualTo(200);
        Answer get = fixture.send(new Draft("GET", url).sign());
        assertThat(get.body()).isEqualTo("hello");
    }

    @Test
    void theCallTellsWhoWhereAndHow() throws Exception {
        Answer answer = fixture.send(
                sts().to("sts", "ap-northeast-2").header("User-Agent", "test/1").sign());
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        Call call = Objects.requireNonNull(fixture.fakes.lastCall);
        assertThat(call.principal()).isEqualTo(Principal.root(Fakes.ACCOUNT, Fakes.KEY));
        assertThat(call.account()).isEqualTo(Fakes.ACCOUNT);
        assertThat(call.region()).isEqualTo("ap-northeast-2");
        assertThat(call.requestId()).isEqualTo(answer.header("x-amzn-RequestId"));
        assertThat(call.deadline()).isAfter(Fixture.NOW);
        assertThat(call.origin().userAgent()).isEqualTo("test/1");
        assertThat(call.origin().sourceIp()).isEqualTo("127.0.0.1");
        assertThat(call.origin().secure()).isFalse();
        assertThat(call.origin().endpoint()).isEqualTo("http://localhost:4566");
        assertThat(call.origin().headers()).containsEntry("content-type", FORM);
    }

    @Test
    void answersCarryIdsDateAndServer() throws Exception {
        Answer object = fixture.send(get().sign());
        assertThat(object.header("x-amz-request-id")).matches("[0-9A-Z]{16}");
        assertThat(object.header("x-amz-id-2")).isNotEmpty();
        assertThat(object.header("Server")).isEqualTo("AmazonS3");
        assertThat(object.header("Date")).isEqualTo("Thu, 15 Jan 2026 10:00:00 GMT");
        Answer json = fixture.send(logs().sign());
        assertThat(json.header("x-amzn-RequestId")).matches("[0-9a-f-]{36}");
        assertThat(json.header("Server")).isEmpty();
    }

    @Test
    void doubleEncodedPathsOfOtherServices() throws Exception {
        Answer answer = fixture.send(lambda().sign());
        refused(answer, 501, "lambda:GetFunction is not implemented");
        assertThat(answer.header("x-amzn-ErrorType")).isEqualTo("NotImplemented");
    }

    @Test
    void sessionsNeedTheirToken() throws Exception {
        assertThat(fixture.send(get().session(Fakes.TOKEN).sign()).status()).isEqualTo(200);
        assertThat(fixture.send(sts().session(Fakes.TOKEN).sign()).status()).isEqualTo(200);
        refused(fixture.send(get().session("expired").sign()), 400, "<Code>ExpiredToken</Code>");
        refused(fixture.send(sts().session("expired").sign()), 403, "<Code>ExpiredToken</Code>");
        refused(fixture.send(logs().session("expired").sign()), 400, "ExpiredTokenException");
        refused(fixture.send(get().by(Fakes.SESSION_KEY, Fakes.SECRET).sign()), 400, "InvalidToken");
        refused(fixture.send(sts().by(Fakes.SESSION_KEY, Fakes.SECRET).sign()), 403, "InvalidClientTokenId");
    }

    @Test
    void unknownKeysAreToldInEachFamilysWords() throws Exception {
        Answer object = fixture.send(get().by("AKIDNOBODY", "x").sign());
        refused(object, 403, "<Code>InvalidAccessKeyId</Code>");
        assertThat(object.body()).contains("<AWSAccessKeyId>AKIDNOBODY</AWSAccessKeyId>");
        refused(fixture.send(sts().by("AKIDNOBODY", "x").sign()), 403, "<Code>InvalidClientTokenId</Code>");
        refused(fixture.send(logs().by("AKIDNOBODY", "x").sign()), 400, "UnrecognizedClientException");
        Answer rest = fixture.send(lambda().by("AKIDNOBODY", "x").sign());
        assertThat(rest.status()).isEqualTo(403);
        assertThat(rest.header("x-amzn-ErrorType")).isEqualTo("UnrecognizedClientException");
    }

    @Test
    void anotherKeysSignatureIsRefused() throws Exception {
        Answer object = fixture.send(get().by(Fakes.KEY, "another").sign());
        refused(object, 403, "<Code>SignatureDoesNotMatch</Code>");
        assertThat(object.body())
                .contains("<StringToSign>AWS4-HMAC-SHA256\n", "<CanonicalRequest>GET\n", "<StringToSignBytes>41 57 ");
        refused(fixture.send(sts().by(Fakes.KEY, "another").sign()), 403, "<Code>SignatureDoesNotMatch</Code>");
        refused(fixture.send(logs().by(Fakes.KEY, "another").sign()), 400, "InvalidSignatureException");
        assertThat(fixture.fakes.lastCall).isNull();
    }

    @Test
    void tamperedRequestsAreRefused() throws Exception {
        refused(fixture.send(get().sign().target("/other")), 403, "SignatureDoesNotMatch");
        refused(fixture.send(get().sign().target("/key?a=b")), 403, "SignatureDoesNotMatch");
        refused(fixture.send(get().sign().header("Host", "x.s3.localhost:4566")), 403, "SignatureDoesNotMatch");
        refused(fixture.send(get().sign().header("X-Amz-Date", "20260115T100001Z")), 403, "SignatureDoesNotMatch");
        Signed form = sts().sign();
        refused(
                fixture.send(form.body("Action=GetSessionToken&Version=2011-06-15".getBytes())),
                403,
                "SignatureDoesNotMatch");
        assertThat(fixture.fakes.lastCall).isNull();
    }

    @Test
    void unsignedAmzHeadersAreRefusedByTheObjectStore() throws Exception {
        Answer answer = fixture.send(get().sign().header("x-amz-acl", "public-read"));
        refused(answer, 403, "<HeadersNotSigned>x-amz-acl</HeadersNotSigned>");
        assertThat(fixture.send(sts().sign().header("x-amz-acl", "public-read")).status())
                .isEqualTo(200);
    }

    @Test
    void clocksMayDifferByAQuarterOfAnHour() throws Exception {
        Duration quarter = Duration.ofMinutes(15);
        for (Duration within : new Duration[] {quarter, quarter.negated()}) {
            assertThat(fixture.send(get().at(Fixture.NOW.plus(within)).sign()).status())
                    .isEqualTo(200);
        }
        for (Duration beyond :
                new Duration[] {quarter.plusSeconds(1), quarter.plusSeconds(1).negated()}) {
            Answer object = fixture.send(get().at(Fixture.NOW.plus(beyond)).sign());
            refused(object, 403, "<Code>RequestTimeTooSkewed</Code>");
            assertThat(object.body())
                    .contains("<MaxAllowedSkewMilliseconds>900000<", "<ServerTime>2026-01-15T10:00:00Z<");
        }
        Answer past =
                fixture.send(logs().at(Fixture.NOW.minus(Duration.ofHours(1))).sign());
        refused(past, 400, "InvalidSignatureException");
        assertThat(past.body())
                .contains("Signature expired: 20260115T090000Z is now earlier than 20260115T094500Z"
                        + " (20260115T100000Z - 15 min.)");
        Answer future =
                fixture.send(sts().at(Fixture.NOW.plus(Duration.ofHours(1))).sign());
        refused(future, 403, "Signature not yet current: 20260115T110000Z is still later than 20260115T101500Z");
    }

    @Test
    void presignedUrlsWorkUntilTheyEnd() throws Exception {
        Signed url = get().presigned(Duration.ofMinutes(5)).sign();
        assertThat(fixture.send(url).body()).isEqualTo("value");
        Signed put = new Draft("PUT", "http://localhost:4566/bucket/new%20key")
                .presigned(Duration.ofDays(7))
                .sign();
        assertThat(fixture.send(put.body("any body".getBytes())).status()).isEqualTo(200);
        assertThat(fixture.fakes.objects.stored.get("bucket/new key"))
                .asString()
                .isEqualTo("any body");
        Answer old = fixture.send(get().at(Fixture.NOW.minusSeconds(61))
                .presigned(Duration.ofMinutes(1))
                .sign());
        refused(old, 403, "<Code>AccessDenied</Code><Message>Request has expired</Message>");
        assertThat(old.body())
                .contains(
                        "<X-Amz-Expires>60</X-Amz-Expires>",
                        "<Expires>2026-01-15T09:59:59Z</Expires>",
                        "<ServerTime>2026-01-15T10:00:00Z</ServerTime>");
        refused(fixture.send(url.target(url.target().replace("/key", "/other"))), 403, "SignatureDoesNotMatch");
        Signed sessions =
                get().session(Fakes.TOKEN).presigned(Duration.ofMinutes(5)).sign();
        assertThat(fixture.send(sessions).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "X-Amz-Expires=300 | X-Amz-Expires=604801 | must be less than a week",
                "X-Amz-Expires=300 | X-Amz-Expires=-1 | must be non-negative",
                "X-Amz-Expires=300 | X-Amz-Expires=soon | should be a number",
                "X-Amz-Expires=300 | X-Nothing=1 | requires the X-Amz-Algorithm",
                "%2Faws4_request | %2Faws5_request | incorrect terminal",
                "%2Fs3%2F | %2Fs4%2F | incorrect service",
                "%2F20260115%2F | %2F20260114%2F | Invalid credential date",
                "AKIDEXAMPLE%2F20260115%2Fus-east-1%2F | AKIDEXAMPLE%2F | mal-formed",
                "X-Amz-Date=20260115T100000Z | X-Amz-Date=yesterday | ISO8601 Long Format"
            })
    void malformedPresignedQueriesAreNamed(String part, String other, String words) throws Exception {
        Signed url = get().presigned(Duration.ofMinutes(5)).sign();
        Answer answer = fixture.send(url.target(url.target().replace(part, other)));
        refused(answer, 400, "<Code>AuthorizationQueryParametersError</Code>");
        assertThat(answer.body()).contains(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/aws4_request | /aws5_request | AuthorizationHeaderMalformed | 400",
                "/s3/ | /s4/ | AuthorizationHeaderMalformed | 400",
                "Signature= | Sign= | AuthorizationHeaderMalformed | 400",
                "AKIDEXAMPLE/20260115/ | AKIDEXAMPLE/ | AuthorizationHeaderMalformed | 400",
                "AWS4-HMAC-SHA256 | AWS4-ECDSA-P256-SHA256 | The authorization mechanism | 400",
                "AWS4-HMAC-SHA256 | Bearer | Unsupported Authorization Type | 400",
                "SignedHeaders=host;x-amz-content-sha256; | SignedHeaders= | HeadersNotSigned | 403"
            })
    void malformedAuthorizationHeadersAreNamed(String part, String other, String code, int status) throws Exception {
        Signed signed = get().sign();
        String header = Objects.requireNonNull(signed.headers().get("Authorization"));
        assertThat(header).contains(part);
        refused(fixture.send(signed.header("Authorization", header.replace(part, other))), status, code);
    }

    @Test
    void otherMechanismsAreRefusedByName() throws Exception {
        String end = " HTTP/1.1\r\nHost: sts.us-east-1.localhost\r\nConnection: close\r\n\r\n";
        refused(
                fixture.raw("GET /?Action=GetCallerIdentity&Version=2011-06-15&AWSAccessKeyId=A&Signature=b&Expires=1"
                        + end),
                400,
                "<Error>");
        Signed twice = get().presigned(Duration.ofMinutes(5)).sign().header("Authorization", "AWS4-HMAC-SHA256 x");
        refused(fixture.send(twice), 400, "Only one auth mechanism allowed");
    }

    @Test
    void hostsRegionMustBeTheScopes() throws Exception {
        Answer object = fixture.send(new Draft("GET", "http://bucket.s3.eu-west-1.localhost:4566/key").sign());
        refused(object, 400, "the region 'us-east-1' is wrong; expecting 'eu-west-1'");
        assertThat(object.body()).contains("<Region>eu-west-1</Region>");
        refused(
                fixture.send(new Draft("POST", "http://logs.eu-west-1.localhost:4566/")
                        .to("logs", "us-east-1")
                        .header("X-Amz-Target", "Logs_20140328.DescribeLogGroups")
                        .body("{}")
                        .sign()),
                400,
                "Credential should be scoped to a valid region");
    }

    @Test
    void anonymousCallersReachTheObjectStoreAndUnsignedOperationsOnly() throws Exception {
        String end = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        assertThat(fixture.raw("GET /bucket/key" + end + "\r\n").body()).isEqualTo("value");
        assertThat(Objects.requireNonNull(fixture.fakes.lastCall).principal()).isEqualTo(Principal.ANONYMOUS);
        assertThat(fixture.raw("GET /?Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::1:role"
                                + "/x12345678&RoleSessionName=ab&WebIdentityToken=abcdef"
                                + end + "\r\n")
                        .body())
                .contains("<Audience>anonymous</Audience>");
        refused(
                fixture.raw("GET /?Action=GetCallerIdentity&Version=2011-06-15" + end + "\r\n"),
                403,
                "<Code>MissingAuthenticationToken</Code>");
        refused(
                fixture.raw("POST /" + end + "X-Amz-Target: Logs_20140328.DescribeLogGroups\r\n"
                        + "Content-Type: application/x-amz-json-1.1\r\nContent-Length: 2\r\n\r\n{}"),
                400,
                "MissingAuthenticationTokenException");
        Answer rest = fixture.raw(
                "GET /2015-03-31/functions/f HTTP/1.1\r\nHost: lambda.us-east-1.localhost\r\nConnection: close\r\n\r\n");
        assertThat(rest.status()).isEqualTo(403);
        assertThat(rest.header("x-amzn-ErrorType")).isEqualTo("MissingAuthenticationTokenException");
    }

    @Test
    void bugsBecomeInternalFailuresWithTheRequestId() throws Exception {
        Answer answer =
                fixture.send(logs().body("{\"logGroupNamePrefix\":\"bug\"}").sign());
        refused(answer, 500, "InternalFailure");
        assertThat(answer.body()).contains(answer.header("x-amzn-RequestId")).doesNotContain("a bug");
        fixture.fakes.objects.served = body -> {
            throw new IllegalStateException("a bug");
        };
        try {
            refused(fixture.send(get().sign()), 500, "<Code>InternalError</Code>");
        } finally {
            fixture.fakes.objects.served = body -> body;
        }
    }

    @Test
    void otherServicesBodiesMustMatchTheirSignedHash() throws Exception {
        String hash = "0".repeat(64);
        Signed call = logs().header("x-amz-content-sha256", hash).sign();
        refused(fixture.send(call.header("x-amz-content-sha256", hash)), 400, "InvalidSignatureException");
        refused(fixture.send(call.body("{ }".getBytes())), 400, "InvalidSignatureException");
        assertThat(fixture.fakes.lastCall).isNull();
    }
}
