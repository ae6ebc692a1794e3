package dev.haneul.services.acm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.acm.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.certificates.CertificateSource.Certified;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AcmTest {
    private final DataFolder folder = DataFolder.temporary();
    private final SqliteStore store = SqliteStore.open(folder);
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-03-04T05:06:07Z"));
    private final ReconcileDriver driver = new ReconcileDriver(store.feed(), clock, new Random(1));
    private final Map<String, String> dns = new ConcurrentHashMap<>();
    private final List<String> uses = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private KeyPair authority;
    private AcmService acm;

    @BeforeEach
    void open() throws Exception {
        ServiceEvent.open(store);
        authority = Pems.make("EC_prime256v1");
        acm = new AcmService(new AcmService.Ground(
                store,
                clock,
                this::issue,
                (name, type) -> dns.containsKey(name) ? List.of(dns.get(name)) : List.of(),
                arn -> List.copyOf(uses),
                folder.key()));
        acm.join(driver);
        driver.follow(
                "test.events",
                java.util.Set.of(ServiceEvent.TOPIC.name()),
                change -> change.after(ServiceEvent.TOPIC.codec()).ifPresent(event -> events.add(event.detailType())));
        driver.start();
    }

    @AfterEach
    void close() {
        driver.close();
        store.close();
        folder.close();
    }

    private List<X509Certificate> issue(PublicKey key, List<String> names, Instant start, Instant end) {
        return List.of(certificate("CN=" + names.getFirst(), key, authority, names, start, end), root());
    }

    private X509Certificate root() {
        Instant now = clock.instant();
        return certificate(
                "CN=Test CA",
                authority.getPublic(),
                authority,
                List.of(),
                now.minusSeconds(9),
                now.plusSeconds(900_000));
    }

    private static X509Certificate certificate(
            String subject, PublicKey key, KeyPair signer, List<String> names, Instant start, Instant end) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Name("CN=Test CA"),
                    BigInteger.valueOf(4711),
                    Date.from(start),
                    Date.from(end),
                    new X500Name(subject),
                    key);
            if (!names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(names.stream()
                                .map(each -> new GeneralName(GeneralName.dNSName, each))
                                .toArray(GeneralName[]::new)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Call call() {
        return new Call(
                Principal.root("111122223333", "AKIA"),
                "111122223333",
                "us-east-1",
                "request",
                clock.instant().plusSeconds(60),
                Call.Origin.inside("test"));
    }

    /** Time goes on until it comes about: the reconciler sets its next look when it has ended the last. */
    private void await(Duration step, BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
            clock.advance(step);
            Thread.sleep(20);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private static void assertFault(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
    }

    private CertificateDetail describe(String arn) {
        return acm.describeCertificate(new DescribeCertificateRequest().certificateArn(arn), call())
                .certificate();
    }

    private String request(String... names) {
        RequestCertificateRequest request = new RequestCertificateRequest()
                .domainName(names[0])
                .keyAlgorithm("EC_prime256v1")
                .validationMethod("DNS");
        if (names.length > 1) {
            request.subjectAlternativeNames(List.of(names).subList(1, names.length));
        }
        return acm.requestCertificate(request, call()).certificateArn();
    }

    private void prove(String arn) {
        for (DomainValidation each : describe(arn).domainValidationOptions()) {
            ResourceRecord record = each.resourceRecord();
            dns.put(record.name().substring(0, record.name().length() - 1), record.value());
        }
    }

    private void issued(String arn) throws InterruptedException {
        prove(arn);
        await(Duration.ofSeconds(6), () -> describe(arn).status().equals("ISSUED"));
    }

    @Test
    void aCertificateIsIssuedOnceEveryNameIsProven() throws Exception {
        String arn = request("example.com", "*.example.com", "www.example.org");
        CertificateDetail pending = describe(arn);
        assertThat(pending.status()).isEqualTo("PENDING_VALIDATION");
        assertThat(pending.domainValidationOptions()).hasSize(3);
        assertThat(pending.domainValidationOptions().get(0).resourceRecord())
                .isEqualTo(pending.domainValidationOptions().get(1).resourceRecord());
        assertFault(
                "RequestInProgressException",
                () -> acm.getCertificate(new GetCertificateRequest().certificateArn(arn), call()));
        ResourceRecord first = pending.domainValidationOptions().getFirst().resourceRecord();
        dns.put(first.name().replaceFirst("\\.$", ""), first.value());
        clock.advance(Duration.ofSeconds(6));
        Thread.sleep(100);
        assertThat(describe(arn).status()).isEqualTo("PENDING_VALIDATION");
        issued(arn);
        Certified certified = acm.source().find(arn).orElseThrow();
        assertThat(Details.dnsNames(certified.chain().getFirst()))
                .containsExactly("example.com", "*.example.com", "www.example.org");
        assertThat(Pems.belong(certified.key(), certified.chain().getFirst().getPublicKey()))
                .isTrue();
        assertThat(describe(arn).domainValidationOptions())
                .allMatch(each -> each.validationStatus().equals("SUCCESS"));
        await(Duration.ofHours(1), () -> events.contains("ACM Certificate Available"));
    }

    @Test
    void whatNobodyProvesTimesOut() throws Exception {
        String arn = request("never.example.com");
        for (int hour = 0; hour < 73; hour++) {
            clock.advance(Duration.ofHours(1));
        }
        await(Duration.ofHours(1), () -> describe(arn).status().equals("VALIDATION_TIMED_OUT"));
        assertThat(describe(arn).domainValidationOptions().getFirst().validationStatus())
                .isEqualTo("FAILED");
    }

    @Test
    void whatIsInUseIsRenewedAndOtherwiseItEnds() throws Exception {
        String used = request("used.example.com");
        issued(used);
        String serial = acm.getCertificate(new GetCertificateRequest().certificateArn(used), call())
                .certificate();
        uses.add("arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/a/1");
        DeleteCertificateRequest delete = new DeleteCertificateRequest().certificateArn(used);
        assertFault("ResourceInUseException", () -> acm.deleteCertificate(delete, call()));
        clock.advance(Duration.ofDays(154));
        await(
                Duration.ofHours(1),
                () -> !acm.getCertificate(new GetCertificateRequest().certificateArn(used), call())
                        .certificate()
                        .equals(serial));
        assertThat(describe(used).renewalSummary().renewalStatus()).isEqualTo("SUCCESS");
        uses.clear();
        clock.advance(Duration.ofDays(199));
        await(Duration.ofHours(1), () -> describe(used).status().equals("EXPIRED"));
        assertThat(events).contains("ACM Certificate Expired");
        acm.deleteCertificate(delete, call());
        assertFault("ResourceNotFoundException", () -> describe(used));
    }

    @Test
    void theSameTokenIsTheSameRequest() {
        RequestCertificateRequest request =
                new RequestCertificateRequest().domainName("a.example.com").idempotencyToken("once");
        String first = acm.requestCertificate(request, call()).certificateArn();
        assertThat(acm.requestCertificate(request, call()).certificateArn()).isEqualTo(first);
        clock.advance(Duration.ofMinutes(61));
        assertThat(acm.requestCertificate(request, call()).certificateArn()).isNotEqualTo(first);
        assertThat(describe(first).domainValidationOptions().getFirst().validationEmails())
                .contains("admin@a.example.com");
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + type + "-----\n";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void importsAreCheckedKeptAndReplaced() throws Exception {
        Instant now = clock.instant();
        KeyPair pair = Pems.make("RSA_2048");
        byte[] key = bytes(pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
        X509Certificate own = certificate(
                "CN=shop.example.com",
                pair.getPublic(),
                authority,
                List.of("shop.example.com"),
                now.minusSeconds(60),
                now.plusSeconds(864_000));
        ImportCertificateRequest whole = new ImportCertificateRequest()
                .certificate(bytes(Pems.certificate(own)))
                .privateKey(key)
                .certificateChain(bytes(Pems.certificate(root())));
        String arn = acm.importCertificate(whole, call()).certificateArn();
        assertThat(describe(arn).type()).isEqualTo("IMPORTED");
        assertThat(describe(arn).domainName()).isEqualTo("shop.example.com");
        assertThat(describe(arn).keyAlgorithm()).isEqualTo("RSA-2048");
        assertThat(acm.source().find(arn).orElseThrow().chain()).hasSize(2);
        assertThat(acm.importCertificate(
                                new ImportCertificateRequest()
                                        .certificateArn(arn)
                                        .certificate(whole.certificate())
                                        .privateKey(key),
                                call())
                        .certificateArn())
                .isEqualTo(arn);
        KeyPair other = Pems.make("RSA_2048");
        assertRefused(
                "does not match",
                Pems.certificate(own),
                pem("PRIVATE KEY", other.getPrivate().getEncoded()),
                null);
        assertRefused("not valid", "no certificate", new String(key, StandardCharsets.UTF_8), null);
        assertRefused("not supported", Pems.certificate(own), "no key", null);
        X509Certificate stranger = certificate(
                "CN=x", other.getPublic(), Pems.make("EC_prime256v1"), List.of(), now, now.plusSeconds(999));
        assertRefused(
                "certificate chain",
                Pems.certificate(own),
                new String(key, StandardCharsets.UTF_8),
                Pems.certificate(stranger));
        clock.advance(Duration.ofDays(11));
        assertRefused("expired", Pems.certificate(own), new String(key, StandardCharsets.UTF_8), null);
    }

    private void assertRefused(String why, String certificate, String key, String chain) {
        ImportCertificateRequest request =
                new ImportCertificateRequest().certificate(bytes(certificate)).privateKey(bytes(key));
        if (chain != null) {
            request.certificateChain(bytes(chain));
        }
        assertThatThrownBy(() -> acm.importCertificate(request, call()))
                .isInstanceOf(Fault.class)
                .hasMessageContaining(why);
    }

    /** What OpenSSL would make of it. */
    private static byte[] opened(String pem, String passphrase) throws Exception {
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        EncryptedPrivateKeyInfo sealed = new EncryptedPrivateKeyInfo(der);
        String scheme = sealed.getAlgParameters().toString();
        Cipher cipher = Cipher.getInstance(scheme);
        cipher.init(
                Cipher.DECRYPT_MODE,
                SecretKeyFactory.getInstance(scheme).generateSecret(new PBEKeySpec(passphrase.toCharArray())),
                sealed.getAlgParameters());
        return sealed.getKeySpec(cipher).getEncoded();
    }

    @Test
    void onlyExportableCertificatesGiveTheirKey() throws Exception {
        String closed = request("closed.example.com");
        issued(closed);
        ExportCertificateRequest refused =
                new ExportCertificateRequest().certificateArn(closed).passphrase(bytes("secret"));
        assertFault("ValidationException", () -> acm.exportCertificate(refused, call()));
        String open = acm.requestCertificate(
                        new RequestCertificateRequest()
                                .domainName("open.example.com")
                                .keyAlgorithm("EC_secp384r1")
                                .validationMethod("DNS")
                                .options(new CertificateOptions().export("ENABLED")),
                        call())
                .certificateArn();
        issued(open);
        ExportCertificateResponse out = acm.exportCertificate(
                new ExportCertificateRequest().certificateArn(open).passphrase(bytes("secret")), call());
        assertThat(opened(out.privateKey(), "secret"))
                .isEqualTo(acm.source().find(open).orElseThrow().key().getEncoded());
        assertThat(describe(open).renewalEligibility()).isEqualTo("ELIGIBLE");
        assertThat(acm.listCertificates(new ListCertificatesRequest(), call()).certificateSummaryList())
                .isEmpty();
        List<CertificateSummary> curves = acm.listCertificates(
                        new ListCertificatesRequest()
                                .includes(new Filters().keyTypes(List.of("EC_prime256v1", "EC_secp384r1"))),
                        call())
                .certificateSummaryList();
        assertThat(curves).extracting(CertificateSummary::certificateArn).containsExactly(open, closed);
    }
}
