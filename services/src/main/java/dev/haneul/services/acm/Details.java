package dev.haneul.services.acm;

import dev.haneul.api.acm.*;
import dev.haneul.kernel.certificates.CertificateUses;
import dev.haneul.kernel.store.Key;
import dev.haneul.services.acm.AcmTables.CertificateRow;
import dev.haneul.services.acm.AcmTables.Material;
import dev.haneul.services.acm.AcmTables.Renewal;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** Certificates as the API shows them. */
final class Details {
    private static final int DNS_NAME = 2;
    private static final List<String> USAGES = List.of(
            "DIGITAL_SIGNATURE",
            "NON_REPUDIATION",
            "KEY_ENCIPHERMENT",
            "DATA_ENCIPHERMENT",
            "KEY_AGREEMENT",
            "CERTIFICATE_SIGNING",
            "CRL_SIGNING",
            "ENCIPHER_ONLY",
            "DECIPHER_ONLY");
    private static final Map<String, String> EXTENDED = Map.of(
            "1.3.6.1.5.5.7.3.1", "TLS_WEB_SERVER_AUTHENTICATION",
            "1.3.6.1.5.5.7.3.2", "TLS_WEB_CLIENT_AUTHENTICATION",
            "1.3.6.1.5.5.7.3.3", "CODE_SIGNING",
            "1.3.6.1.5.5.7.3.4", "EMAIL_PROTECTION",
            "1.3.6.1.5.5.7.3.8", "TIME_STAMPING",
            "1.3.6.1.5.5.7.3.9", "OCSP_SIGNING",
            "2.5.29.37.0", "ANY");
    private static final int MOST_NAMES_LISTED = 100;

    private final Validations validations;
    private final CertificateUses uses;

    Details(Validations validations, CertificateUses uses) {
        this.validations = validations;
        this.uses = uses;
    }

    static @Nullable String commonName(X500Principal principal) {
        try {
            return new LdapName(principal.getName())
                    .getRdns().stream()
                            .filter(each -> each.getType().equalsIgnoreCase("CN"))
                            .map(Rdn::getValue)
                            .map(String::valueOf)
                            .findFirst()
                            .orElse(null);
        } catch (InvalidNameException e) {
            return null;
        }
    }

    static List<String> dnsNames(X509Certificate certificate) {
        List<String> found = new ArrayList<>();
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (List<?> each : names == null ? List.<List<?>>of() : names) {
                if (each.getFirst().equals(DNS_NAME)) {
                    found.add(String.valueOf(each.get(1)));
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return found;
    }

    static String serial(X509Certificate certificate) {
        return HexFormat.ofDelimiter(":")
                .formatHex(certificate.getSerialNumber().toByteArray());
    }

    private static List<String> keyUsages(X509Certificate certificate) {
        boolean[] bits = certificate.getKeyUsage();
        List<String> found = new ArrayList<>();
        for (int i = 0; bits != null && i < Math.min(bits.length, USAGES.size()); i++) {
            if (bits[i]) {
                found.add(USAGES.get(i));
            }
        }
        return found;
    }

    private static List<String> extendedOids(X509Certificate certificate) {
        try {
            List<String> oids = certificate.getExtendedKeyUsage();
            return oids == null ? List.of() : oids;
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static List<String> extended(X509Certificate certificate) {
        return extendedOids(certificate).stream()
                .map(oid -> EXTENDED.getOrDefault(oid, "CUSTOM"))
                .toList();
    }

    /** As the real API has it, with a hyphen, whatever the model says. */
    private static String algorithm(CertificateRow row) {
        return row.asked().keyAlgorithm().replace("RSA_", "RSA-");
    }

    boolean inUse(Key key) {
        return !uses.of(AcmTables.arn(key)).isEmpty();
    }

    private String eligibility(Key key, CertificateRow row) {
        boolean renewable = row.type().equals(AcmTables.AMAZON)
                && row.status().equals(AcmTables.ISSUED)
                && (row.exported() || inUse(key));
        return renewable ? "ELIGIBLE" : "INELIGIBLE";
    }

    CertificateDetail detail(Key key, CertificateRow row) {
        boolean imported = row.type().equals(AcmTables.IMPORTED);
        CertificateDetail detail = new CertificateDetail()
                .certificateArn(AcmTables.arn(key))
                .domainName(row.asked().names().getFirst())
                .subjectAlternativeNames(row.asked().names())
                .managedBy(row.asked().managedBy())
                .status(row.status())
                .type(row.type())
                .keyAlgorithm(algorithm(row))
                .inUseBy(uses.of(AcmTables.arn(key)))
                .renewalEligibility(eligibility(key, row))
                .options(new CertificateOptions()
                        .certificateTransparencyLoggingPreference(row.transparency())
                        .export(row.export()));
        if (imported) {
            detail.importedAt(row.material() == null ? null : row.material().since());
        } else {
            detail.createdAt(row.asked().at())
                    .issuedAt(row.material() == null ? null : row.material().since())
                    .domainValidationOptions(validations.options(key, row));
        }
        Renewal renewal = row.renewal();
        if (renewal != null) {
            detail.renewalSummary(new RenewalSummary()
                    .renewalStatus(renewal.status())
                    .renewalStatusReason(renewal.reason())
                    .domainValidationOptions(validations.options(key, row))
                    .updatedAt(renewal.updated()));
        }
        Material material = row.material();
        return material == null ? detail : of(detail, Certificates.own(material));
    }

    private static CertificateDetail of(CertificateDetail detail, X509Certificate own) {
        String issuer = commonName(own.getIssuerX500Principal());
        return detail.serial(serial(own))
                .subject(own.getSubjectX500Principal().getName())
                .issuer(issuer == null ? own.getIssuerX500Principal().getName() : issuer)
                .notBefore(own.getNotBefore().toInstant())
                .notAfter(own.getNotAfter().toInstant())
                .signatureAlgorithm(own.getSigAlgName().toUpperCase(Locale.ROOT))
                .keyUsages(keyUsages(own).stream()
                        .map(each -> new KeyUsage().name(each))
                        .toList())
                .extendedKeyUsages(extendedOids(own).stream()
                        .map(oid -> new ExtendedKeyUsage()
                                .name(EXTENDED.getOrDefault(oid, "CUSTOM"))
                                .oid(oid))
                        .toList());
    }

    CertificateSummary summary(Key key, CertificateRow row) {
        List<String> names = row.asked().names();
        boolean imported = row.type().equals(AcmTables.IMPORTED);
        Instant since = row.material() == null ? null : row.material().since();
        CertificateSummary summary = new CertificateSummary()
                .certificateArn(AcmTables.arn(key))
                .domainName(names.getFirst())
                .subjectAlternativeNameSummaries(
                        names.stream().limit(MOST_NAMES_LISTED).toList())
                .hasAdditionalSubjectAlternativeNames(names.size() > MOST_NAMES_LISTED)
                .status(row.status())
                .type(row.type())
                .keyAlgorithm(algorithm(row))
                .exportOption(row.export())
                .inUse(inUse(key))
                .exported(row.exported())
                .renewalEligibility(eligibility(key, row))
                .managedBy(row.asked().managedBy())
                .createdAt(row.asked().at());
        if (imported) {
            summary.importedAt(since);
        } else {
            summary.issuedAt(since);
        }
        Material material = row.material();
        if (material != null) {
            X509Certificate own = Certificates.own(material);
            summary.notBefore(material.notBefore())
                    .notAfter(material.notAfter())
                    .keyUsages(keyUsages(own))
                    .extendedKeyUsages(extended(own));
        }
        return summary;
    }

    /** Whether a list's filters let it through. Without a filter for keys, only RSA of 1024 and 2048 bits is listed. */
    static boolean shown(CertificateSummary each, @Nullable Filters filters) {
        List<String> keys =
                filters == null || filters.keyTypes().isEmpty() ? List.of("RSA_1024", "RSA_2048") : filters.keyTypes();
        if (!keys.contains(Objects.requireNonNull(each.keyAlgorithm()).replace('-', '_'))) {
            return false;
        }
        if (filters == null) {
            return true;
        }
        boolean usage = filters.keyUsage().isEmpty()
                || filters.keyUsage().contains("ANY")
                || each.keyUsages().stream().anyMatch(filters.keyUsage()::contains);
        boolean extended = filters.extendedKeyUsage().isEmpty()
                || filters.extendedKeyUsage().contains("ANY")
                || each.extendedKeyUsages().stream().anyMatch(filters.extendedKeyUsage()::contains);
        return usage
                && extended
                && (filters.exportOption() == null || filters.exportOption().equals(each.exportOption()))
                && (filters.managedBy() == null || filters.managedBy().equals(each.managedBy()));
    }
}
