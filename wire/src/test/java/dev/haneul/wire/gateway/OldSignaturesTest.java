package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.wire.gateway.Fixture.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Version 2 at the object store. The signatures were computed by another implementation, good until 10:01. */
class OldSignaturesTest {
    private static final String KEY = "AWSAccessKeyId=AKIDEXAMPLE&Expires=1768471260&Signature=";
    static final String GET = KEY + "V7f4xhHPoqP1lSEgdUN%2FymRcP%2FY%3D";
    private static final String PUT = KEY + "BPln6dgj%2FnJkAo1CEtbqjlecgo4%3D";

    @TempDir
    Path folder;

    private Fixture fixture;

    @BeforeEach
    void open() throws IOException {
        fixture = new Fixture(folder);
        fixture.fakes.objects.stored.put("bucket/key", "value".getBytes(StandardCharsets.UTF_8));
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    private Answer send(String request, String... headers) throws IOException {
        StringBuilder text = new StringBuilder(request + " HTTP/1.1\r\nConnection: close\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        text.append(text.indexOf("Host:") < 0 ? "Host: localhost\r\n" : "");
        text.append(request.startsWith("PUT") ? "Content-Length: 5\r\n\r\n12345" : "\r\n");
        return fixture.raw(text.toString());
    }

    private Call served(Answer answer) {
        assertThat(answer.body()).isEqualTo("value");
        Call call = Objects.requireNonNull(fixture.fakes.lastCall);
        assertThat(call.principal().type()).isNotEqualTo(Principal.Type.ANONYMOUS);
        fixture.fakes.lastCall = null;
        return call;
    }

    private void refused(Answer answer, int status, String... words) {
        assertThat(answer.body()).contains(words);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(fixture.fakes.lastCall).isNull();
    }

    @Test
    void presignedQueriesAreServedByPathAndByHost() throws Exception {
        assertThat(served(send("GET /bucket/key?" + GET)).region()).isEqualTo("us-east-1");
        served(send("GET /key?" + GET, "Host: bucket.s3.localhost"));
        Call abroad = served(send("GET /key?" + GET, "Host: bucket.s3.eu-west-1.localhost"));
        assertThat(abroad.region()).isEqualTo("eu-west-1");
    }

    @Test
    void amzParametersOfTheQueryCountAsHeaders() throws Exception {
        String put = "PUT /bucket/a%20b?content-type=image%2Fjpeg&x-amz-meta-a=b%20c&" + KEY
                + "3YXl%2BSRzPx%2FhDmGZAIxYk23Mfd0%3D";
        String type = "Content-Type: image/jpeg";
        assertThat(send(put, type).status()).isEqualTo(200);
        assertThat(fixture.fakes.objects.stored.get("bucket/a b")).asString().isEqualTo("12345");
        fixture.fakes.lastCall = null;
        refused(send(put.replace("b%20c", "other"), type), 403, "<Code>SignatureDoesNotMatch</Code>");
        refused(send(put, "Content-Type: text/html"), 403, "<Code>SignatureDoesNotMatch</Code>");
    }

    @Test
    void sessionsCarryTheirTokenInTheQuery() throws Exception {
        String url =
                "GET /bucket/key?AWSAccessKeyId=ASIASESSION&Expires=1768471260&Signature=JeVV%2BC%2FUgg3CSoVeQOoBCNIu4tc%3D";
        served(send(url + "&x-amz-security-token=a-session-token"));
        refused(send(url + "&x-amz-security-token=another"), 403, "<Code>SignatureDoesNotMatch</Code>");
        refused(send(url + "&x-amz-security-token=expired"), 400, "<Code>ExpiredToken</Code>");
        refused(send(url), 400, "<Code>InvalidToken</Code>");
    }

    @Test
    void subResourcesAreSignedDecodedAndSorted() throws Exception {
        served(send("GET /bucket/key?versionId=1&x-id=GetObject"
                + "&response-content-disposition=attachment%3B%20filename%3D%22a%20b%22&" + KEY
                + "XcdxrEoUljH99EEkElOQeSXs0B0%3D"));
    }

    @Test
    void theHeadersFormIsServedWithinAQuarterOfAnHour() throws Exception {
        String signed = "Authorization: AWS AKIDEXAMPLE:T2OGI5pJ7MyGC+GaxzfeWA41q9A=";
        served(send("GET /bucket/key", signed, "Date: Thu, 15 Jan 2026 10:00:00 GMT"));
        refused(send("GET /bucket/key", signed, "Date: Thu, 15 Jan 2026 10:00:01 GMT"), 403, "SignatureDoesNotMatch");
        refused(send("GET /bucket/key", signed, "Date: Thu, 15 Jan 2026 09:44:59 GMT"), 403, "RequestTimeTooSkewed");
        refused(send("GET /bucket/key", signed), 403, "requires a valid Date or x-amz-date header");
        refused(send("GET /bucket/key", "Authorization: AWS nothing"), 400, "InvalidArgument");
        refused(send("GET /bucket/key?" + GET, signed), 400, "Only one auth mechanism allowed");
    }

    @Test
    void tamperedRequestsAreRefused() throws Exception {
        refused(
                send("GET /bucket/other?" + GET),
                403,
                "<Code>SignatureDoesNotMatch</Code>",
                "<AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId>",
                "<StringToSign>GET\n\n\n1768471260\n/bucket/other</StringToSign>",
                "<SignatureProvided>",
                "<StringToSignBytes>47 45 54 0a ");
        refused(send("GET /bucket/key?versionId=1&" + GET), 403, "SignatureDoesNotMatch");
        refused(send("PUT /bucket/key?" + GET), 403, "SignatureDoesNotMatch");
        refused(send("GET /bucket/key?" + GET.replace("1768471260", "1768471261")), 403, "SignatureDoesNotMatch");
        refused(send("GET /bucket/key?" + GET, "x-amz-meta-a: b"), 403, "SignatureDoesNotMatch");
    }

    @Test
    void expiredRequestsAreRefused() throws Exception {
        refused(
                send(
                        "GET /bucket/key?AWSAccessKeyId=AKIDEXAMPLE&Expires=1768471199&Signature=ALFoouarjentwAa1eDhoiWs4Qvc%3D"),
                403,
                "<Code>AccessDenied</Code><Message>Request has expired</Message>",
                "<Expires>2026-01-15T09:59:59Z</Expires>",
                "<ServerTime>2026-01-15T10:00:00Z</ServerTime>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AWSAccessKeyId=A&Signature=b | requires the Signature, Expires and AWSAccessKeyId parameters",
                "Expires=1&Signature=b | requires the Signature, Expires and AWSAccessKeyId parameters",
                "Expires=1&AWSAccessKeyId=b | requires the Signature, Expires and AWSAccessKeyId parameters",
                "Expires=soon&AWSAccessKeyId=b&Signature=c | Invalid date (should be seconds since epoch): soon",
                "Expires=9999999999&AWSAccessKeyId=NOBODY&Signature=c | <Code>InvalidAccessKeyId</Code>"
            })
    void malformedQueriesAreNamed(String query, String words) throws Exception {
        refused(send("GET /bucket/key?" + query), 403, words);
    }

    @Test
    void youngRegionsRefuseVersion2() throws Exception {
        refused(
                send("GET /key?" + GET, "Host: bucket.s3.eu-central-1.localhost"),
                400,
                "<Code>InvalidRequest</Code>",
                "Please use AWS4-HMAC-SHA256.");
    }

    @Test
    void aSignatureIsNoGoodForAnOperationItDoesNotCover() throws Exception {
        assertThat(send("PUT /bucket/key?" + PUT).status()).isEqualTo(200);
        fixture.fakes.lastCall = null;
        refused(send("PUT /bucket/key?retention&" + PUT), 400, "Please use AWS4-HMAC-SHA256.");
    }
}
