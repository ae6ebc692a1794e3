package dev.haneul.services.acm;

import dev.haneul.api.acm.DomainValidation;
import dev.haneul.api.acm.HttpRedirect;
import dev.haneul.api.acm.ResourceRecord;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.names.DnsLookup;
import dev.haneul.kernel.store.Key;
import dev.haneul.services.acm.AcmTables.CertificateRow;
import java.util.HexFormat;
import java.util.List;

/** How names are proven: what has to stand where, and whether it does. */
final class Validations {
    private static final int NAME_HEX = 32;
    private static final List<String> MAILBOXES =
            List.of("admin", "administrator", "hostmaster", "postmaster", "webmaster");

    private final byte[] secret;
    private final DnsLookup dns;

    Validations(byte[] folderKey, DnsLookup dns) {
        this.secret = Tokens.derive(folderKey, "acm validation");
        this.dns = dns;
    }

    /** What is proven for a name: a wildcard's is that of the domain it stands below. */
    private static String proven(String name) {
        return name.startsWith("*.") ? name.substring(2) : name;
    }

    /** The record for an account and name, the same each time. */
    private ResourceRecord record(Key certificate, String name) {
        String domain = proven(name);
        String hex = HexFormat.of().formatHex(Tokens.derive(secret, certificate.account() + " " + domain));
        String zone = HexFormat.of()
                .formatHex(Tokens.derive(secret, "zone " + certificate.account()))
                .substring(0, 10);
        return new ResourceRecord()
                .name("_" + hex.substring(0, NAME_HEX) + "." + domain + ".")
                .type("CNAME")
                .value("_" + hex.substring(NAME_HEX) + "." + zone + ".acm-validations.aws.");
    }

    /** Whether a name's record stands in DNS. */
    private boolean stands(Key certificate, String name) {
        ResourceRecord wanted = record(certificate, name);
        String value = bare(wanted.value());
        return dns.find(bare(wanted.name()), "CNAME").stream()
                .anyMatch(each -> bare(each).equalsIgnoreCase(value));
    }

    private static String bare(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /** Whether every name of a certificate is proven now. */
    boolean proven(Key certificate, CertificateRow row) {
        return row.asked().method().equals("DNS")
                && row.asked().names().stream()
                        .map(Validations::proven)
                        .distinct()
                        .allMatch(name -> stands(certificate, name));
    }

    /** How each name is proven, and how far that is. */
    List<DomainValidation> options(Key certificate, CertificateRow row) {
        return row.asked().names().stream()
                .map(name -> option(certificate, row, name))
                .toList();
    }

    private DomainValidation option(Key certificate, CertificateRow row, String name) {
        String method = row.asked().method();
        String domain = row.asked().validationDomains().getOrDefault(name, proven(name));
        DomainValidation option = new DomainValidation()
                .domainName(name)
                .validationDomain(domain)
                .validationMethod(method)
                .validationStatus(status(certificate, row, name));
        return switch (method) {
            case "DNS" -> option.resourceRecord(record(certificate, name));
            case "HTTP" ->
                option.httpRedirect(new HttpRedirect()
                        .redirectFrom("http://" + name + "/.well-known/pki-validation/"
                                + record(certificate, name).name().substring(1, 1 + NAME_HEX) + ".txt")
                        .redirectTo("https://validation.us-east-1.acm-validations.aws/" + certificate.account()
                                + "/.well-known/pki-validation/"
                                + record(certificate, name).name().substring(1, 1 + NAME_HEX) + ".txt"));
            default -> option.validationEmails(mails(domain));
        };
    }

    private String status(Key certificate, CertificateRow row, String name) {
        return switch (row.status()) {
            case AcmTables.PENDING ->
                row.asked().method().equals("DNS") && stands(certificate, name) ? "SUCCESS" : AcmTables.PENDING;
            case AcmTables.TIMED_OUT, "FAILED" -> "FAILED";
            default -> "SUCCESS";
        };
    }

    static List<String> mails(String domain) {
        return MAILBOXES.stream().map(each -> each + "@" + domain).toList();
    }
}
