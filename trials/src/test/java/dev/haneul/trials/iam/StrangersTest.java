package dev.haneul.trials.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityResponse;
import software.amazon.awssdk.services.sts.model.Credentials;

/** People whom identity providers vouch for: OpenID Connect and SAML, providers and sessions, with unsigned calls. */
@ExtendWith(SharedRegion.class)
class StrangersTest {
    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final IamClient iam;
    private final StsClient unsigned;
    private final List<AutoCloseable> open = new ArrayList<>();

    StrangersTest(URI endpoint) {
        this.endpoint = endpoint;
        Clients root = new Clients(endpoint, account, "test");
        this.iam = root.iam();
        this.unsigned = StsClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .build();
        open.add(root);
        open.add(unsigned);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private static AwsServiceException refused(Runnable call) {
        AwsServiceException refused = catchThrowableOfType(AwsServiceException.class, call::run);
        assertThat(refused).as("refused").isNotNull();
        return refused;
    }

    private static String code(Runnable call) {
        return refused(call).awsErrorDetails().errorCode();
    }

    private String caller(Credentials session) {
        Clients clients =
                new Clients(endpoint, session.accessKeyId(), session.secretAccessKey(), session.sessionToken());
        open.add(clients);
        assertThat(code(() -> clients.s3().listBuckets())).isEqualTo("AccessDenied");
        return clients.sts().getCallerIdentity().arn();
    }

    @Test
    void anOpenIdProviderLivesItsLife() {
        String arn = iam.createOpenIDConnectProvider(request -> request.url("https://idp.example.com/tenant")
                        .clientIDList("one")
                        .thumbprintList("9e99a48a9960b14926bb7f3b02e22da2b0ab7280")
                        .tags(tag -> tag.key("team").value("a")))
                .openIDConnectProviderArn();
        assertThat(arn).isEqualTo("arn:aws:iam::" + account + ":oidc-provider/idp.example.com/tenant");
        assertThat(code(() -> iam.createOpenIDConnectProvider(
                        request -> request.url("https://idp.example.com/tenant").clientIDList("one"))))
                .isEqualTo("EntityAlreadyExists");
        assertThat(code(() -> iam.createOpenIDConnectProvider(request -> request.url("ftp://idp.example.com"))))
                .isEqualTo("ValidationError");
        assertThat(code(() -> iam.createOpenIDConnectProvider(
                        request -> request.url("https://b.example.com").thumbprintList("zz"))))
                .isIn("InvalidInput", "ValidationError");
        iam.addClientIDToOpenIDConnectProvider(
                request -> request.openIDConnectProviderArn(arn).clientID("two"));
        iam.removeClientIDFromOpenIDConnectProvider(
                request -> request.openIDConnectProviderArn(arn).clientID("one"));
        iam.updateOpenIDConnectProviderThumbprint(request ->
                request.openIDConnectProviderArn(arn).thumbprintList("0000000000000000000000000000000000000001"));
        iam.tagOpenIDConnectProvider(request -> request.openIDConnectProviderArn(arn)
                .tags(tag -> tag.key("stage").value("test")));
        iam.untagOpenIDConnectProvider(
                request -> request.openIDConnectProviderArn(arn).tagKeys("team"));
        var provider = iam.getOpenIDConnectProvider(request -> request.openIDConnectProviderArn(arn));
        assertThat(provider.url()).isEqualTo("idp.example.com/tenant");
        assertThat(provider.clientIDList()).containsExactly("two");
        assertThat(provider.thumbprintList()).containsExactly("0000000000000000000000000000000000000001");
        assertThat(provider.tags()).extracting(each -> each.key()).containsExactly("stage");
        assertThat(iam.listOpenIDConnectProviders().openIDConnectProviderList())
                .extracting(each -> each.arn())
                .containsExactly(arn);
        iam.deleteOpenIDConnectProvider(request -> request.openIDConnectProviderArn(arn));
        assertThat(code(() -> iam.getOpenIDConnectProvider(request -> request.openIDConnectProviderArn(arn))))
                .isEqualTo("NoSuchEntity");
    }

    @Test
    void aTokenOfALoopbackIssuerOpensItsRole() throws Exception {
        RSAKey key = new RSAKeyGenerator(2048).keyID("k1").generate();
        HttpServer issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        open.add(() -> issuer.stop(0));
        String url = "http://localhost:" + issuer.getAddress().getPort();
        serve(issuer, "/.well-known/openid-configuration", """
                {"issuer":"%s","jwks_uri":"%s/keys"}""".formatted(url, url));
        serve(issuer, "/keys", new JWKSet(key.toPublicJWK()).toString());
        issuer.start();
        String provider = iam.createOpenIDConnectProvider(
                        request -> request.url(url).clientIDList("client"))
                .openIDConnectProviderArn();
        String host = url.substring("http://".length());
        String role = iam.createRole(request ->
                        request.roleName("web").assumeRolePolicyDocument("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"%s"},
                         "Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession"],
                         "Condition":{"StringEquals":{"%s:aud":"client","%s:sub":"alice"}}}]}""".formatted(provider, host, host)))
                .role()
                .arn();
        AssumeRoleWithWebIdentityResponse opened = assume(role, token(key, url, "alice", "client", 300));
        assertThat(opened.subjectFromWebIdentityToken()).isEqualTo("alice");
        assertThat(opened.audience()).isEqualTo("client");
        assertThat(opened.provider()).isEqualTo(provider);
        assertThat(caller(opened.credentials())).isEqualTo("arn:aws:sts::" + account + ":assumed-role/web/session");
        RSAKey forged = new RSAKeyGenerator(2048).keyID("k1").generate();
        AwsServiceException forgery = refused(() -> assume(role, token(forged, url, "alice", "client", 300)));
        assertThat(forgery.awsErrorDetails().errorCode()).isEqualTo("InvalidIdentityToken");
        assertThat(forgery.statusCode()).isEqualTo(400);
        AwsServiceException audience = refused(() -> assume(role, token(key, url, "alice", "stranger", 300)));
        assertThat(audience.awsErrorDetails().errorMessage()).isEqualTo("Incorrect token audience");
        assertThat(code(() -> assume(role, token(key, url, "alice", "client", -300))))
                .isEqualTo("ExpiredTokenException");
        AwsServiceException mallory = refused(() -> assume(role, token(key, url, "mallory", "client", 300)));
        assertThat(mallory.statusCode()).isEqualTo(403);
        assertThat(mallory.awsErrorDetails().errorMessage())
                .isEqualTo("Not authorized to perform sts:AssumeRoleWithWebIdentity");
        assertThat(code(() -> assume(role.replace("role/web", "role/none"), token(key, url, "alice", "client", 300))))
                .isEqualTo("AccessDenied");
        iam.deleteOpenIDConnectProvider(request -> request.openIDConnectProviderArn(provider));
        assertThat(refused(() -> assume(role, token(key, url, "alice", "client", 300)))
                        .awsErrorDetails()
                        .errorMessage())
                .isEqualTo("No OpenIDConnect provider found in your account for " + url);
    }

    private static void serve(HttpServer server, String path, String body) {
        server.createContext(path, exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    private static String token(RSAKey signer, String issuer, String subject, String audience, long seconds) {
        try {
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(),
                    new JWTClaimsSet.Builder()
                            .issuer(issuer)
                            .subject(subject)
                            .audience(audience)
                            .issueTime(Date.from(Instant.now()))
                            .expirationTime(Date.from(Instant.now().plusSeconds(seconds)))
                            .build());
            jwt.sign(new RSASSASigner(signer));
            return jwt.serialize();
        } catch (com.nimbusds.jose.JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private AssumeRoleWithWebIdentityResponse assume(String role, String token) {
        return unsigned.assumeRoleWithWebIdentity(
                request -> request.roleArn(role).roleSessionName("session").webIdentityToken(token));
    }

    @Test
    void aSamlProviderLivesItsLifeAndItsAssertionsOpenRoles() {
        SamlIssuer issuer = new SamlIssuer("https://idp.example.com");
        AwsServiceException bad = refused(
                () -> iam.createSAMLProvider(request -> request.name("corp").samlMetadataDocument("x".repeat(1000))));
        assertThat(bad.awsErrorDetails().errorCode()).isEqualTo("InvalidInput");
        String provider = iam.createSAMLProvider(
                        request -> request.name("corp").samlMetadataDocument(issuer.metadata()))
                .samlProviderArn();
        assertThat(provider).isEqualTo("arn:aws:iam::" + account + ":saml-provider/corp");
        assertThat(iam.getSAMLProvider(request -> request.samlProviderArn(provider))
                        .samlMetadataDocument())
                .isEqualTo(issuer.metadata());
        iam.tagSAMLProvider(request ->
                request.samlProviderArn(provider).tags(tag -> tag.key("team").value("a")));
        assertThat(iam.listSAMLProviderTags(request -> request.samlProviderArn(provider))
                        .tags())
                .hasSize(1);
        assertThat(iam.listSAMLProviders().samlProviderList()).hasSize(1);
        String role = iam.createRole(
                        request -> request.roleName("saml").assumeRolePolicyDocument("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"%s"},
                         "Action":["sts:AssumeRoleWithSAML","sts:TagSession"],"Condition":{"StringEquals":{
                         "SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}""".formatted(provider)))
                .role()
                .arn();
        Map<String, String> told =
                Map.of("Role", role + "," + provider, "RoleSessionName", "alice", "PrincipalTag:team", "blue");
        String good = issuer.response("alice", told, 240);
        var opened = unsigned.assumeRoleWithSAML(
                request -> request.roleArn(role).principalArn(provider).samlAssertion(good));
        assertThat(opened.subject()).isEqualTo("alice");
        assertThat(opened.subjectType()).isEqualTo("persistent");
        assertThat(opened.issuer()).isEqualTo("https://idp.example.com");
        assertThat(opened.audience()).isEqualTo("https://signin.aws.amazon.com/saml");
        assertThat(caller(opened.credentials())).isEqualTo("arn:aws:sts::" + account + ":assumed-role/saml/alice");
        samlRefused(
                role,
                provider,
                new SamlIssuer("https://idp.example.com").response("alice", told, 240),
                "InvalidIdentityToken",
                "Response signature invalid");
        samlRefused(role, provider, issuer.response("alice", told, -1), "ExpiredTokenException", null);
        samlRefused(
                role,
                provider,
                issuer.response("alice", Map.of("Role", role + "," + provider), 240),
                "InvalidIdentityToken",
                "RoleSessionName is required in AuthnResponse");
        samlRefused(
                role,
                provider,
                issuer.response("alice", Map.of("Role", "a,a", "RoleSessionName", "alice"), 240),
                "AccessDenied",
                "Not authorized to perform sts:AssumeRoleWithSAML");
        iam.deleteSAMLProvider(request -> request.samlProviderArn(provider));
        samlRefused(role, provider, good, "InvalidIdentityToken", "Specified provider doesn't exist");
    }

    private void samlRefused(String role, String provider, String assertion, String code, String message) {
        AwsServiceException refused = refused(() -> unsigned.assumeRoleWithSAML(
                request -> request.roleArn(role).principalArn(provider).samlAssertion(assertion)));
        assertThat(refused.awsErrorDetails().errorCode()).isEqualTo(code);
        if (message != null) {
            assertThat(refused.awsErrorDetails().errorMessage()).isEqualTo(message);
        }
    }
}
