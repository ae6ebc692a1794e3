package dev.haneul.services.sts;

import static dev.haneul.services.iam.IamRig.ACCOUNT;
import static dev.haneul.services.iam.IamRig.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.haneul.api.iam.CreateOpenIDConnectProviderRequest;
import dev.haneul.api.iam.CreateRoleRequest;
import dev.haneul.api.iam.CreateVirtualMFADeviceRequest;
import dev.haneul.api.iam.DeleteUserRequest;
import dev.haneul.api.iam.EnableMFADeviceRequest;
import dev.haneul.api.iam.ListMFADevicesRequest;
import dev.haneul.api.iam.VirtualMFADevice;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.AssumeRoleWithWebIdentityRequest;
import dev.haneul.api.sts.AssumeRoleWithWebIdentityResponse;
import dev.haneul.api.sts.GetSessionTokenRequest;
import dev.haneul.api.sts.StsClient;
import dev.haneul.services.iam.IamRig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Date;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Web identities checked against a real issuer's keys, and MFA codes against RFC 6238. */
class FederationTest {
    private final IamRig rig = new IamRig();
    private final StsClient sts = new StsClient(rig.dispatcher);
    private HttpServer issuer;
    private RSAKey key;
    private String url;

    @BeforeEach
    void start() throws Exception {
        rig.with(new StsService(rig.dispatcher, rig.factors, rig.key, rig.clock));
        key = new RSAKeyGenerator(2048).keyID("k1").generate();
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        url = "http://localhost:" + issuer.getAddress().getPort();
        serve("/.well-known/openid-configuration", "{\"issuer\":\"" + url + "\",\"jwks_uri\":\"" + url + "/keys\"}");
        serve("/keys", new JWKSet(key.toPublicJWK()).toString());
        issuer.start();
        String arn = rig.iam
                .createOpenIDConnectProvider(
                        new CreateOpenIDConnectProviderRequest().url(url).clientIDList(java.util.List.of("client")),
                        rig.root())
                .openIDConnectProviderArn();
        String trust = """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"%s"},
                 "Action":"sts:AssumeRoleWithWebIdentity",
                 "Condition":{"StringEquals":{"%s:sub":"alice"}}}]}""".formatted(arn, url.substring("http://".length()));
        rig.iam.createRole(new CreateRoleRequest().roleName("web").assumeRolePolicyDocument(trust), rig.root());
    }

    private void serve(String path, String body) {
        issuer.createContext(path, exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    @AfterEach
    void close() {
        issuer.stop(0);
        rig.close();
    }

    private String token(RSAKey signer, String subject, String audience, long seconds) throws Exception {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(),
                new JWTClaimsSet.Builder()
                        .issuer(url)
                        .subject(subject)
                        .audience(audience)
                        .expirationTime(Date.from(rig.clock.instant().plusSeconds(seconds)))
                        .build());
        jwt.sign(new RSASSASigner(signer));
        return jwt.serialize();
    }

    private AssumeRoleWithWebIdentityResponse assume(String token) {
        return sts.assumeRoleWithWebIdentity(
                new AssumeRoleWithWebIdentityRequest()
                        .roleArn("arn:aws:iam::" + ACCOUNT + ":role/web")
                        .roleSessionName("session")
                        .webIdentityToken(token),
                rig.anonymous());
    }

    @Test
    void aTokenOfTheIssuerForThisClientOpensTheRole() throws Exception {
        AssumeRoleWithWebIdentityResponse answer = assume(token(key, "alice", "client", 60));
        assertThat(answer.subjectFromWebIdentityToken()).isEqualTo("alice");
        assertThat(answer.audience()).isEqualTo("client");
        assertThat(answer.assumedRoleUser().arn()).endsWith(":assumed-role/web/session");
        assertThat(new StsCredentials(rig.key, rig.clock)
                        .find(
                                answer.credentials().accessKeyId(),
                                answer.credentials().sessionToken()))
                .isPresent();
    }

    @Test
    void everyOtherTokenDoesNot() throws Exception {
        RSAKey forged = new RSAKeyGenerator(2048).keyID("k1").generate();
        assertCode(token(forged, "alice", "client", 60), "InvalidIdentityToken");
        assertCode(token(key, "alice", "stranger", 60), "InvalidIdentityToken");
        assertCode(token(key, "alice", "client", -1), "ExpiredTokenException");
        assertCode(token(key, "mallory", "client", 60), "AccessDenied");
        assertCode("aaaa.bbbb.cccc", "InvalidIdentityToken");
    }

    private void assertCode(String token, String code) {
        assertThatThrownBy(() -> assume(token))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
    }

    @Test
    void mfaOpensWhatAsksForIt() throws Exception {
        Call bob = rig.user("bob", policy("Allow", "sts:AssumeRole", "*"));
        VirtualMFADevice device = rig.iam
                .createVirtualMFADevice(new CreateVirtualMFADeviceRequest().virtualMFADeviceName("phone"), rig.root())
                .virtualMFADevice();
        byte[] seed = unbase32(new String(device.base32StringSeed(), StandardCharsets.US_ASCII));
        long step = rig.clock.instant().getEpochSecond() / 30;
        EnableMFADeviceRequest enable = new EnableMFADeviceRequest()
                .userName("bob")
                .serialNumber(device.serialNumber())
                .authenticationCode1("000000")
                .authenticationCode2("000000");
        assertThatThrownBy(() -> rig.iam.enableMFADevice(enable, rig.root()))
                .hasMessageContaining("Authentication code for device is not valid.");
        rig.iam.enableMFADevice(
                enable.authenticationCode1(code(seed, step - 1)).authenticationCode2(code(seed, step)), rig.root());
        assertThat(rig.iam
                        .listMFADevices(new ListMFADevicesRequest().userName("bob"), rig.root())
                        .mfaDevices())
                .hasSize(1);
        String trust = """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"%s"},
                 "Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}""".formatted(ACCOUNT);
        String role = rig.iam
                .createRole(new CreateRoleRequest().roleName("mfa").assumeRolePolicyDocument(trust), rig.root())
                .role()
                .arn();
        AssumeRoleRequest assume = new AssumeRoleRequest().roleArn(role).roleSessionName("ss");
        assertThatThrownBy(() -> sts.assumeRole(assume, bob)).hasMessageContaining("not authorized");
        assume.serialNumber(device.serialNumber()).tokenCode(code(seed, step + 1));
        assertThat(sts.assumeRole(assume, bob).credentials()).isNotNull();
        assertThatThrownBy(() -> sts.assumeRole(assume, bob))
                .describedAs("a code is good once")
                .hasMessageContaining("MultiFactorAuthentication failed");
        assertThatThrownBy(() -> sts.getSessionToken(
                        new GetSessionTokenRequest()
                                .serialNumber(device.serialNumber())
                                .tokenCode("123"),
                        bob))
                .isInstanceOf(Fault.class);
        assertThatThrownBy(() -> rig.iam.deleteUser(new DeleteUserRequest().userName("bob"), rig.root()))
                .isInstanceOf(Fault.class);
    }

    /** RFC 6238 anew, so that the service's own code is not its judge. */
    private static String code(byte[] seed, long step) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(seed, "HmacSHA1"));
        byte[] hash = mac.doFinal(java.nio.ByteBuffer.allocate(8).putLong(step).array());
        int at = hash[19] & 15;
        int number =
                (hash[at] & 127) << 24 | (hash[at + 1] & 255) << 16 | (hash[at + 2] & 255) << 8 | hash[at + 3] & 255;
        return String.format("%06d", number % 1_000_000);
    }

    private static byte[] unbase32(String text) throws IOException {
        java.math.BigInteger bits = java.math.BigInteger.ONE;
        for (char c : text.toCharArray()) {
            bits = bits.shiftLeft(5).or(java.math.BigInteger.valueOf("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c)));
        }
        byte[] marked = bits.toByteArray();
        return java.util.Arrays.copyOfRange(marked, 1, marked.length);
    }
}
