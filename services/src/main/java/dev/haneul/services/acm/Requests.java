package dev.haneul.services.acm;

import dev.haneul.api.acm.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.acm.AcmTables.Asked;
import dev.haneul.services.acm.AcmTables.CertificateRow;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** New certificates: asked for, or brought along. */
final class Requests {
    private static final int MOST_NAMES = 10;
    private static final int MOST_TAGS = 50;
    private static final int LONGEST_SUBJECT = 64;
    private static final int MOST_CERTIFICATES = 2500;
    private static final Duration SAME_REQUEST = Duration.ofHours(1);
    private static final Set<String> ASKABLE = Set.of("RSA_2048", "EC_prime256v1", "EC_secp384r1");

    private final Store store;
    private final Clock clock;
    private final Certificates certificates;

    Requests(Store store, Clock clock, Certificates certificates) {
        this.store = store;
        this.clock = clock;
        this.certificates = certificates;
    }

    String request(RequestCertificateRequest in, Call call) {
        if (in.certificateAuthorityArn() != null) {
            throw Fault.server(
                    "NotImplemented", 501, "acm: private certificate authorities are not implemented by Haneul.");
        }
        Asked asked = asked(in);
        CertificateOptions options = in.options() == null ? new CertificateOptions() : in.options();
        CertificateRow row = new CertificateRow(
                UUID.randomUUID().toString(),
                AcmTables.AMAZON,
                AcmTables.PENDING,
                asked,
                null,
                or(options.certificateTransparencyLoggingPreference(), "ENABLED"),
                or(options.export(), "DISABLED"),
                false,
                null,
                null,
                tags(Map.of(), in.tags()));
        Scope scope = new Scope(call.account(), call.region());
        return store.transact(tx -> {
            Optional<String> same = same(tx, scope, asked);
            if (same.isPresent()) {
                return same.get();
            }
            put(tx, scope, row);
            return AcmTables.arn(scope.key(row.id()));
        });
    }

    private static String or(@Nullable String given, String usual) {
        return given == null ? usual : given;
    }

    private static void put(dev.haneul.kernel.store.WriteTx tx, Scope scope, CertificateRow row) {
        if (tx.range(AcmTables.CERTIFICATES, scope, "", null, MOST_CERTIFICATES).size() == MOST_CERTIFICATES) {
            throw AcmFaults.limit("Error: Cannot request more certificates in this account. Contact Customer Service"
                    + " for details.");
        }
        tx.put(AcmTables.CERTIFICATES, scope.key(row.id()), row);
    }

    /** What the same token asked for within the hour. */
    private static Optional<String> same(ReadTx tx, Scope scope, Asked asked) {
        if (asked.token().isEmpty()) {
            return Optional.empty();
        }
        Instant after = asked.at().minus(SAME_REQUEST);
        return tx.range(AcmTables.CERTIFICATES, scope, "", null, MOST_CERTIFICATES).stream()
                .map(Row::value)
                .filter(row -> row.asked().token().equals(asked.token())
                        && row.asked().names().equals(asked.names())
                        && row.asked().at().isAfter(after))
                .map(row -> AcmTables.arn(scope.key(row.id())))
                .findFirst();
    }

    private Asked asked(RequestCertificateRequest in) {
        Set<String> names = new LinkedHashSet<>();
        names.add(in.domainName().toLowerCase(Locale.ROOT));
        in.subjectAlternativeNames().forEach(each -> names.add(each.toLowerCase(Locale.ROOT)));
        if (names.size() > MOST_NAMES) {
            throw AcmFaults.limit("The maximum number of domain names per certificate is " + MOST_NAMES + ".");
        }
        if (in.domainName().length() > LONGEST_SUBJECT) {
            throw AcmFaults.parameter("The first domain name can have no more than " + LONGEST_SUBJECT
                    + " characters; longer names go into SubjectAlternativeNames.");
        }
        String algorithm = or(in.keyAlgorithm(), "RSA_2048");
        if (!ASKABLE.contains(algorithm)) {
            throw AcmFaults.parameter(
                    "The key algorithm " + algorithm + " is not supported for requested certificates.");
        }
        String method = or(in.validationMethod(), in.managedBy() == null ? "EMAIL" : "HTTP");
        if (method.equals("HTTP") != (in.managedBy() != null)) {
            throw AcmFaults.parameter("HTTP validation is for, and only for, certificates managed by CLOUDFRONT.");
        }
        return new Asked(
                List.copyOf(names),
                method,
                algorithm,
                validationDomains(in, names),
                in.managedBy(),
                or(in.idempotencyToken(), ""),
                clock.instant());
    }

    private static Map<String, String> validationDomains(RequestCertificateRequest in, Set<String> names) {
        Map<String, String> found = new LinkedHashMap<>();
        for (DomainValidationOption each : in.domainValidationOptions()) {
            String name = each.domainName().toLowerCase(Locale.ROOT);
            String domain = each.validationDomain().toLowerCase(Locale.ROOT);
            if (!names.contains(name)) {
                throw AcmFaults.validationOptions(
                        "DomainValidationOptions names " + name + ", which the request does not.");
            }
            if (!name.equals(domain) && !name.endsWith("." + domain)) {
                throw AcmFaults.validationOptions("ValidationDomain " + domain + " is no superdomain of " + name + ".");
            }
            found.put(name, domain);
        }
        return found;
    }

    /** Tags as they are after adding some. */
    static Map<String, String> tags(Map<String, String> before, List<Tag> added) {
        Map<String, String> after = new LinkedHashMap<>(before);
        for (Tag tag : added) {
            if (tag.key().startsWith("aws:")) {
                throw AcmFaults.tag("Tag keys beginning with aws: are reserved: " + tag.key());
            }
            after.put(tag.key(), tag.value() == null ? "" : tag.value());
        }
        if (after.size() > MOST_TAGS) {
            throw AcmFaults.tooManyTags();
        }
        return after;
    }

    String bring(ImportCertificateRequest in, Call call) {
        Instant now = clock.instant();
        Brought brought = read(in, now);
        String there = in.certificateArn();
        if (there != null) {
            return bringAnew(there, in, brought, now);
        }
        Scope scope = new Scope(call.account(), call.region());
        String id = UUID.randomUUID().toString();
        Asked asked = new Asked(brought.names(), "", brought.algorithm(), Map.of(), null, "", now);
        CertificateRow row = new CertificateRow(
                id,
                AcmTables.IMPORTED,
                AcmTables.ISSUED,
                asked,
                certificates.material(scope.key(id), brought.chain(), brought.key(), now),
                "DISABLED",
                "DISABLED",
                false,
                null,
                null,
                tags(Map.of(), in.tags()));
        store.write(tx -> put(tx, scope, row));
        return AcmTables.arn(scope.key(id));
    }

    private String bringAnew(String arn, ImportCertificateRequest in, Brought brought, Instant now) {
        if (!in.tags().isEmpty()) {
            throw AcmFaults.invalid("Tagging is not permitted on re-import.");
        }
        Key key = Certificates.key(arn);
        certificates.change(key, row -> {
            if (!row.type().equals(AcmTables.IMPORTED)) {
                throw AcmFaults.invalid("Only imported certificates can be imported again.");
            }
            Asked asked = new Asked(
                    brought.names(),
                    "",
                    brought.algorithm(),
                    Map.of(),
                    null,
                    "",
                    row.asked().at());
            CertificateRow anew = new CertificateRow(
                    row.id(),
                    row.type(),
                    row.status(),
                    asked,
                    row.material(),
                    row.transparency(),
                    row.export(),
                    row.exported(),
                    row.renewal(),
                    null,
                    row.tags());
            return anew.with(certificates.material(key, brought.chain(), brought.key(), now));
        });
        return arn;
    }

    /** What was brought, once it is known to be whole. */
    private record Brought(List<X509Certificate> chain, PrivateKey key, String algorithm, List<String> names) {}

    private static Brought read(ImportCertificateRequest in, Instant now) {
        List<X509Certificate> own = parse(in.certificate(), "certificate");
        if (own.size() != 1) {
            throw AcmFaults.invalid("The certificate field contains more than one certificate. You can specify only"
                    + " one certificate in this field.");
        }
        X509Certificate certificate = own.getFirst();
        String algorithm = Pems.algorithm(certificate.getPublicKey());
        if (!Set.of("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")
                .contains(algorithm)) {
            throw AcmFaults.invalid("The key algorithm of the certificate is not supported.");
        }
        PrivateKey key;
        try {
            key = Pems.key(text(in.privateKey()));
        } catch (GeneralSecurityException e) {
            throw AcmFaults.invalid(
                    "The private key is not supported. It must be PEM-encoded and unencrypted, without a passphrase.");
        }
        if (!Pems.belong(key, certificate.getPublicKey())) {
            throw AcmFaults.invalid("The private key does not match the public key of the certificate.");
        }
        if (certificate.getNotAfter().toInstant().isBefore(now)) {
            throw AcmFaults.invalid("The certificate has expired.");
        }
        if (certificate.getNotBefore().toInstant().isAfter(now)) {
            throw AcmFaults.invalid("The certificate is not yet valid.");
        }
        List<X509Certificate> all = new ArrayList<>(own);
        if (in.certificateChain() != null) {
            all.addAll(parse(in.certificateChain(), "certificate chain"));
        }
        checkChain(all);
        return new Brought(all, key, algorithm, names(certificate));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }

    private static List<X509Certificate> parse(byte[] pem, String what) {
        try {
            return Pems.certificates(text(pem));
        } catch (CertificateException e) {
            throw AcmFaults.invalid("The " + what + " is not valid: it must be PEM-encoded.");
        }
    }

    /** Each certificate is signed by the next. */
    private static void checkChain(List<X509Certificate> all) {
        for (int i = 0; i + 1 < all.size(); i++) {
            try {
                all.get(i).verify(all.get(i + 1).getPublicKey());
            } catch (GeneralSecurityException e) {
                throw AcmFaults.invalid("Could not validate the certificate with the certificate chain.");
            }
        }
    }

    /** Its DNS names, the subject's common name first; the serial number where it has none. */
    private static List<String> names(X509Certificate certificate) {
        Set<String> names = new LinkedHashSet<>();
        String common = Details.commonName(certificate.getSubjectX500Principal());
        if (common != null) {
            names.add(common);
        }
        names.addAll(Details.dnsNames(certificate));
        return names.isEmpty() ? List.of(Details.serial(certificate)) : List.copyOf(names);
    }
}
