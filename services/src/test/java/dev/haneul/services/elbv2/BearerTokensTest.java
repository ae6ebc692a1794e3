package dev.haneul.services.elbv2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.haneul.edge.http.Headers;
import dev.haneul.edge.http.RequestHead;
import dev.haneul.edge.table.Action;
import dev.haneul.services.elbv2.IdentityProvider.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens good and bad, by an issuer on loopback that behaves as a test says. */
class BearerTokensTest {
    private static final String ISSUER = "https://issuer.example";
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static RSAKey first;
    private static RSAKey second;

    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile Instant now = START;
    private volatile int status = 200;
    private volatile boolean stalls;
    private volatile String published;
    private final BearerTokens tokens = new BearerTokens(() -> now);
    private HttpServer server;

    @BeforeAll
    static void generate() throws JOSEException {
        first = new RSAKeyGenerator(2048).keyID("one").generate();
        second = new RSAKeyGenerator(2048).keyID("two").generate();
    }

    @BeforeEach
    void start() throws IOException {
        publish(first);
        server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/keys", exchange -> {
            asked.incrementAndGet();
            byte[] bytes = published.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            exchange.sendResponseHeaders(status, bytes.length);
            if (stalls) {
                exchange.getResponseBody().write(bytes, 0, 1);
                exchange.getResponseBody().flush();
                hold();
            }
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.setExecutor(java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    private void hold() {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void close() {
        over.countDown();
        server.stop(0);
    }

    private void publish(RSAKey... keys) {
        published = new JWKSet(List.<JWK>of(keys)).toString();
    }

    private String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/keys";
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .claim("exp", START.plusSeconds(3600).getEpochSecond())
                .claim("scope", "write read")
                .claim("aud", List.of("shop", "till"))
                .claim("tenant", "seven");
    }

    private static String signed(RSAKey by, JWSHeader header, JWTClaimsSet claims) throws JOSEException {
        SignedJWT jwt = new SignedJWT(header, claims);
        jwt.sign(new RSASSASigner(by));
        return jwt.serialize();
    }

    private static String signed(RSAKey by, UnaryOperator<JWTClaimsSet.Builder> more) throws JOSEException {
        JWSHeader header =
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(by.getKeyID()).build();
        return signed(by, header, more.apply(claims()).build());
    }

    private static String good() throws JOSEException {
        return signed(first, claims -> claims);
    }

    /** An access log's code; "on" where the request may go on. */
    private String check(Headers headers, Action.Claim... claims) {
        Action.Bearer wanted = new Action.Bearer(ISSUER, endpoint(), List.of(claims));
        return tokens.check(wanted, new RequestHead("GET", "/", "x", "HTTP/1.1", headers))
                .map(answered -> answered.status() + " " + answered.reason())
                .orElse("on");
    }

    private String check(String token, Action.Claim... claims) {
        return check(new Headers().add("Authorization", "Bearer " + token), claims);
    }

    @Test
    void aTokenOfTheIssuersGoesOnAndItsKeysAreFetchedOnce() throws JOSEException {
        assertThat(check(good())).isEqualTo("on");
        assertThat(check(new Headers().add("authorization", "bearer " + good())))
                .isEqualTo("on");
        assertThat(check(signed(first, new JWSHeader(JWSAlgorithm.RS256), claims().build())))
                .isEqualTo("on");
        assertThat(asked).hasValue(1);
    }

    @Test
    void whatIsNoTokenIsRefusedBeforeKeysAreFetched() throws Exception {
        assertThat(check(new Headers())).isEqualTo("401 JWTHeaderNotPresent");
        for (String value : List.of("Basic abc", "Bearer", "Bearer ", "Bearer a.b.c", "Bearer " + "a".repeat(20_000))) {
            assertThat(check(new Headers().add("Authorization", value)))
                    .as(value)
                    .isEqualTo("401 JWTRequestFormatInvalid");
        }
        Headers both = new Headers().add("Authorization", "Bearer " + good()).add("Authorization", "Bearer " + good());
        assertThat(check(both)).isEqualTo("401 JWTRequestFormatInvalid");
        String deep = Base64URL.encode("[".repeat(9000)).toString();
        assertThat(check(deep + "." + deep + "." + deep)).isEqualTo("401 JWTRequestFormatInvalid");
        assertThat(asked).hasValue(0);
    }

    @Test
    void noOtherAlgorithmIsTaken() throws Exception {
        assertThat(check(new PlainJWT(claims().build()).serialize())).isEqualTo("401 JWTRequestFormatInvalid");
        SignedJWT shared = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("one").build(), claims().build());
        shared.sign(new MACSigner(first.toRSAPublicKey().getEncoded()));
        assertThat(check(shared.serialize())).isEqualTo("401 JWTRequestFormatInvalid");
        for (JWSAlgorithm each : List.of(JWSAlgorithm.RS512, JWSAlgorithm.PS256)) {
            JWSHeader header = new JWSHeader.Builder(each).keyID("one").build();
            assertThat(check(signed(first, header, claims().build()))).isEqualTo("401 JWTRequestFormatInvalid");
        }
        JWSHeader critical = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("one")
                .criticalParams(Set.of("b64"))
                .base64URLEncodePayload(false)
                .build();
        assertThat(check(critical.toBase64URL() + ".e30.AAAA")).isEqualTo("401 JWTRequestFormatInvalid");
    }

    @Test
    void aKeyThatTheIssuerDoesNotPublishOpensNothing() throws JOSEException {
        RSAKey forged = new RSAKey.Builder(second).keyID("one").build();
        assertThat(check(signed(forged, claims -> claims))).isEqualTo("401 JWTSignatureValidationError");
        JWSHeader carries = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .jwk(second.toPublicJWK())
                .build();
        assertThat(check(signed(second, carries, claims().build()))).isEqualTo("401 JWTSignatureValidationError");
        String token = good();
        String other = claims().issuer("https://issuer.example")
                .claim("scope", "all")
                .build()
                .toString();
        String[] parts = token.split("\\.");
        assertThat(check(parts[0] + "." + Base64URL.encode(other) + "." + parts[2]))
                .isEqualTo("401 JWTSignatureValidationError");
        assertThat(check(token)).isEqualTo("on");
    }

    @Test
    void itMustBeFromTheIssuerAndInTime() throws JOSEException {
        long at = START.getEpochSecond();
        assertThat(check(signed(first, claims -> claims.issuer("https://other.example"))))
                .isEqualTo("401 JWTClaimValueInvalid");
        assertThat(check(signed(first, claims -> claims.issuer(null)))).isEqualTo("401 JWTClaimNotPresent");
        assertThat(check(signed(first, claims -> claims.claim("exp", null)))).isEqualTo("401 JWTClaimNotPresent");
        assertThat(check(signed(first, claims -> claims.claim("exp", "soon")))).isEqualTo("401 JWTClaimFormatInvalid");
        assertThat(check(signed(first, claims -> claims.claim("exp", at)))).isEqualTo("401 JWTClaimValueInvalid");
        assertThat(check(signed(first, claims -> claims.claim("exp", at + 1)))).isEqualTo("on");
        for (String name : List.of("nbf", "iat")) {
            assertThat(check(signed(first, claims -> claims.claim(name, at + 1))))
                    .as(name)
                    .isEqualTo("401 JWTClaimValueInvalid");
            assertThat(check(signed(first, claims -> claims.claim(name, at))))
                    .as(name)
                    .isEqualTo("on");
            assertThat(check(signed(first, claims -> claims.claim(name, "now"))))
                    .as(name)
                    .isEqualTo("401 JWTClaimFormatInvalid");
        }
    }

    @Test
    void moreClaimsMustHaveTheirShapeAndAllTheirValues() throws JOSEException {
        Action.Claim tenant = new Action.Claim("tenant", Action.Shape.STRING, List.of("seven"));
        Action.Claim scope = new Action.Claim("scope", Action.Shape.WORDS, List.of("read", "write"));
        Action.Claim audience = new Action.Claim("aud", Action.Shape.LIST, List.of("till"));
        Action.Claim roles = new Action.Claim("roles", Action.Shape.LIST, List.of("admin"));
        assertThat(check(good(), tenant, scope, audience)).isEqualTo("on");
        assertThat(check(good(), new Action.Claim("tenant", Action.Shape.STRING, List.of("sev"))))
                .isEqualTo("401 JWTClaimValueInvalid");
        assertThat(check(good(), new Action.Claim("scope", Action.Shape.WORDS, List.of("read", "own"))))
                .isEqualTo("401 JWTClaimValueInvalid");
        assertThat(check(good(), new Action.Claim("aud", Action.Shape.LIST, List.of("till", "bank"))))
                .isEqualTo("401 JWTClaimValueInvalid");
        assertThat(check(good(), new Action.Claim("aud", Action.Shape.STRING, List.of("till"))))
                .isEqualTo("401 JWTClaimFormatInvalid");
        assertThat(check(good(), new Action.Claim("scope", Action.Shape.LIST, List.of("read"))))
                .isEqualTo("401 JWTClaimFormatInvalid");
        assertThat(check(signed(first, claims -> claims.claim("roles", List.of("admin", 7))), roles))
                .isEqualTo("401 JWTClaimFormatInvalid");
        assertThat(check(good(), roles)).isEqualTo("401 JWTClaimNotPresent");
    }

    @Test
    void anUnknownKeyIsAskedForAtABoundedRate() throws JOSEException {
        assertThat(check(good())).isEqualTo("on");
        String rotated = signed(second, claims -> claims);
        publish(first, second);
        for (int i = 0; i < 20; i++) {
            assertThat(check(rotated)).isEqualTo("401 JWTSignatureValidationError");
        }
        assertThat(asked).hasValue(1);
        now = START.plusSeconds(11);
        assertThat(check(rotated)).isEqualTo("on");
        assertThat(asked).hasValue(2);
        now = START.plusSeconds(1000);
        publish(second);
        assertThat(check(good())).isEqualTo("401 JWTSignatureValidationError");
        assertThat(asked).hasValue(3);
    }

    @Test
    void anEndpointThatFailsTakesNoKnownKeyBackUntilKeysAreOld() throws JOSEException {
        assertThat(check(good())).isEqualTo("on");
        status = 503;
        now = START.plusSeconds(60);
        assertThat(check(signed(second, claims -> claims))).isEqualTo("401 JWTSignatureValidationError");
        assertThat(check(good())).isEqualTo("on");
        now = START.plusSeconds(601);
        assertThat(check(good())).isEqualTo("500 JWKSRequestFailed");
        assertThat(check(good())).isEqualTo("500 JWKSRequestFailed");
        assertThat(asked).hasValue(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 404, 500, 204})
    void anythingButKeysIsAFailureAndNoRedirectIsFollowed(int code) throws JOSEException {
        server.createContext("/elsewhere", exchange -> {
            asked.addAndGet(100);
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        status = code;
        if (code == 204) {
            published = "";
        }
        assertThat(check(good())).isEqualTo("500 JWKSRequestFailed");
        assertThat(asked).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no JSON", "[]", "{}", "{\"keys\":7}"})
    void whatIsNoSetIsAFailure(String text) throws JOSEException {
        published = text;
        assertThat(check(good())).isEqualTo("500 JWKSResponseFormatInvalid");
    }

    @Test
    void aSetThatIsNestedWithoutEndIsAFailure() throws JOSEException {
        published = "{\"keys\":" + "[".repeat(100_000);
        assertThat(check(good())).isEqualTo("500 JWKSResponseFormatInvalid");
    }

    @Test
    void setsAreBounded() throws JOSEException {
        published = "{\"keys\":[],\"filler\":\"" + "x".repeat(150 * 1024) + "\"}";
        assertThat(check(good())).isEqualTo("500 JWKSResponseSizeExceeded");
        now = START.plusSeconds(11);
        published = new JWKSet(Collections.<JWK>nCopies(11, first)).toString();
        assertThat(check(good())).isEqualTo("500 JWKSResponseSizeExceeded");
        now = START.plusSeconds(22);
        published = new JWKSet(Collections.<JWK>nCopies(10, first)).toString();
        assertThat(check(good())).isEqualTo("on");
    }

    @Test
    void keysThatDoNotFitAreAsIfTheyWereNotThere() throws Exception {
        String huge = Base64URL.encode(new java.math.BigInteger(20_000, new java.util.Random(7)).setBit(19_999))
                .toString();
        String modulus = first.getModulus().toString();
        published = "{\"keys\":[7,null,{},{\"kty\":\"EC\"},{\"kty\":\"RSA\"},{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\"},"
                + "{\"kty\":\"RSA\",\"kid\":\"one\",\"n\":\"" + huge + "\",\"e\":\"AQAB\"},"
                + "{\"kty\":\"RSA\",\"kid\":\"one\",\"n\":\"" + modulus + "\",\"e\":\"" + huge.substring(0, 300)
                + "\"},"
                + "{\"kty\":\"RSA\",\"kid\":\"one\",\"use\":\"enc\",\"n\":\"" + modulus + "\",\"e\":\"AQAB\"},"
                + "{\"kty\":\"RSA\",\"kid\":\"one\",\"alg\":\"PS256\",\"n\":\"" + modulus + "\",\"e\":\"AQAB\"}]}";
        assertThat(check(good())).isEqualTo("401 JWTSignatureValidationError");
        RSAKey weak = new RSAKeyGenerator(1024, true).keyID("weak").generate();
        now = START.plusSeconds(11);
        publish(weak);
        PublishedKeys keys = new PublishedKeys(Duration.ofSeconds(5));
        assertThat(keys.of(endpoint(), null, now)).isEmpty();
    }

    @Test
    void anEndpointThatStallsIsNotWaitedFor() {
        stalls = true;
        PublishedKeys keys = new PublishedKeys(Duration.ofMillis(300));
        assertThatThrownBy(() -> keys.of(endpoint(), "one", now))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo("JWKSRequestTimeout"));
    }

    @Test
    void anEndpointThatIsNotThereIsAFailure() {
        PublishedKeys keys = new PublishedKeys(Duration.ofSeconds(5));
        server.stop(0);
        assertThatThrownBy(() -> keys.of(endpoint(), "one", now))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo("JWKSRequestFailed"));
    }
}
