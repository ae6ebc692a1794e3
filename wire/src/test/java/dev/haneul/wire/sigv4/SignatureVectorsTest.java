package dev.haneul.wire.sigv4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.s3.S3Model;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.QueryString;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signatures that AWS publishes: the SigV4 test suite, and the examples of S3's API reference. */
class SignatureVectorsTest {
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String SUITE_SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final String S3_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    private static SigV4 at(String moment, String secret) {
        Credentials credentials =
                (key, token) -> Optional.of(new Credentials.Identity(secret, Principal.root("123456789012", key)));
        return new SigV4(credentials, () -> Instant.parse(moment));
    }

    private static void verify(SigV4 sigV4, SigningInput in, String service, boolean objects, String payload) {
        SigV4.Expectation expected =
                new SigV4.Expectation(AuthFaults.of(Protocol.AWS_QUERY, objects), service, null, objects);
        Claim claim = sigV4.claim(in, expected);
        assertThat(claim).isNotNull();
        assertThat(sigV4.verify(claim, in, payload, expected).principal().account())
                .isEqualTo("123456789012");
    }

    private static SigningInput in(String method, String target, Headers headers) {
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        String query = question < 0 ? "" : target.substring(question + 1);
        return new SigningInput(method, path, QueryString.parse(query), headers);
    }

    private static SigningInput suite(String method, String target, Headers more, String signature) {
        Headers headers = new Headers().add("Host", "example.amazonaws.com");
        StringBuilder names = new StringBuilder("host");
        for (int line = 0; line < more.size(); line++) {
            headers.add(more.nameAt(line), more.valueAt(line));
        }
        more.lowerNames().stream()
                .filter(n -> n.startsWith("my-"))
                .forEach(n -> names.append(';').append(n));
        names.append(";x-amz-date");
        if (more.has("x-amz-security-token")) {
            names.append(";x-amz-security-token");
        }
        headers.add("X-Amz-Date", "20150830T123600Z");
        headers.add(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders="
                        + names + ", Signature=" + signature);
        return in(method, target, headers);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET | / | 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                "POST | / | 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
                "GET | /example1/example2/../.. | 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                "GET | /./example | ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
                "GET | //example// | 9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
                "GET | /example space/ | 652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
                "GET | /ሴ | 8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
                "GET | /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1 | "
                        + "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
                "GET | /?ሴ=bar | 2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"
            })
    void pathsAndQueriesOfTheSuite(String method, String target, String signature) {
        SigV4 sigV4 = at("2015-08-30T12:36:00Z", SUITE_SECRET);
        verify(sigV4, suite(method, target, new Headers(), signature), "service", false, EMPTY);
    }

    @Test
    void headersOfTheSuite() {
        SigV4 sigV4 = at("2015-08-30T12:36:00Z", SUITE_SECRET);
        Headers duplicates = new Headers()
                .add("My-Header1", "value2")
                .add("My-Header1", "value2")
                .add("My-Header1", "value1");
        verify(
                sigV4,
                suite("GET", "/", duplicates, "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
                "service",
                false,
                EMPTY);
        Headers spaces = new Headers().add("My-Header1", " value1").add("My-Header2", " \"a   b   c\"");
        verify(
                sigV4,
                suite("GET", "/", spaces, "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
                "service",
                false,
                EMPTY);
        Headers token = new Headers()
                .add("X-Amz-Security-Token", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267");
        verify(
                sigV4,
                suite("GET", "/", token, "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"),
                "service",
                false,
                EMPTY);
    }

    @Test
    void presignedQueryOfTheSuite() {
        String unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        SigningInput in = in(
                "GET",
                "/?" + unreserved + "=" + unreserved
                        + "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1"
                        + "%2Fservice%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host"
                        + "&X-Amz-Expires=3600"
                        + "&X-Amz-Signature=8e76a88a7433637b12778d5592799b29ad21ecd6cf6325051c21d86f0acda2bf",
                new Headers().add("Host", "example.amazonaws.com"));
        verify(at("2015-08-30T13:36:00Z", SUITE_SECRET), in, "service", false, EMPTY);
        assertThatThrownBy(() -> verify(at("2015-08-30T13:36:01Z", SUITE_SECRET), in, "service", false, EMPTY))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("SignatureDoesNotMatch"));
    }

    private static SigningInput s3(String method, String target, Headers headers, String signed, String signature) {
        headers.add("Host", "examplebucket.s3.amazonaws.com");
        headers.add(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders="
                        + signed + ",Signature=" + signature);
        return in(method, target, headers);
    }

    @Test
    void examplesOfTheS3Reference() {
        SigV4 sigV4 = at("2013-05-24T00:05:00Z", S3_SECRET);
        SigningInput get = s3(
                "GET",
                "/test.txt",
                new Headers()
                        .add("Range", "bytes=0-9")
                        .add("x-amz-content-sha256", EMPTY)
                        .add("x-amz-date", "20130524T000000Z"),
                "host;range;x-amz-content-sha256;x-amz-date",
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
        verify(sigV4, get, "s3", true, EMPTY);
        String hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        SigningInput put = s3(
                "PUT",
                "/test%24file.text",
                new Headers()
                        .add("Date", "Fri, 24 May 2013 00:00:00 GMT")
                        .add("x-amz-date", "20130524T000000Z")
                        .add("x-amz-storage-class", "REDUCED_REDUNDANCY")
                        .add("x-amz-content-sha256", hash),
                "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
        verify(sigV4, put, "s3", true, hash);
        SigningInput list = s3(
                "GET",
                "/?max-keys=2&prefix=J",
                new Headers().add("x-amz-content-sha256", EMPTY).add("x-amz-date", "20130524T000000Z"),
                "host;x-amz-content-sha256;x-amz-date",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
        verify(sigV4, list, "s3", true, EMPTY);
    }

    @Test
    void presignedExampleOfTheS3Reference() {
        SigningInput in = in(
                "GET",
                "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524"
                        + "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
                        + "&X-Amz-SignedHeaders=host"
                        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
                new Headers().add("Host", "examplebucket.s3.amazonaws.com"));
        verify(at("2013-05-24T23:59:59Z", S3_SECRET), in, "s3", true, "UNSIGNED-PAYLOAD");
        assertThatThrownBy(() -> verify(at("2013-05-25T00:00:01Z", S3_SECRET), in, "s3", true, "UNSIGNED-PAYLOAD"))
                .hasMessage("Request has expired");
    }

    /** S3's user guide, "Signing and authenticating REST requests": the examples of header and query. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620 |",
                "'' | AWS AKIAIOSFODNN7EXAMPLE:bWq2s1WEIj+Ydj0vQ697zp+IXMU="
            })
    void version2sExamples(String query, @Nullable String authorization) {
        Credentials credentials =
                (key, token) -> Optional.of(new Credentials.Identity(S3_SECRET, Principal.root("123456789012", key)));
        SigV2 sigV2 = new SigV2(credentials, () -> Instant.parse("2007-03-27T19:40:00Z"));
        Headers headers = new Headers().add("Host", "johnsmith.s3.amazonaws.com");
        if (authorization != null) {
            headers.add("Date", "Tue, 27 Mar 2007 19:36:42 +0000").add("Authorization", authorization);
        }
        SigningInput in = in("GET", "/photos/puppy.jpg?" + query, headers);
        assertThat(SigV2.signs(in)).isTrue();
        OperationShape operation = Objects.requireNonNull(S3Model.SHAPE.operation("GetObject"));
        Principal signer = sigV2.verify(SigV2.effective(in), "/johnsmith/photos/puppy.jpg", operation, null);
        assertThat(signer.account()).isEqualTo("123456789012");
        assertThatThrownBy(() -> sigV2.verify(in, "/johnsmith/photos/kitten.jpg", operation, null))
                .isInstanceOf(Fault.class)
                .hasMessageContaining("does not match");
    }
}
