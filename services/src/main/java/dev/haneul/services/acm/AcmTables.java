package dev.haneul.services.acm;

import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The durable state of certificates. */
final class AcmTables {
    static final String BY_STATUS = "status";
    static final Table<CertificateRow> CERTIFICATES = Table.of(
            "acm.certificate",
            RecordCodecs.of(CertificateRow.class),
            new Table.Index<>(BY_STATUS, row -> List.of(row.status())));
    static final Table<AccountRow> ACCOUNTS = Table.of("acm.account", RecordCodecs.of(AccountRow.class));
    static final List<Table<?>> ALL = List.of(CERTIFICATES, ACCOUNTS);

    static final String PENDING = "PENDING_VALIDATION";
    static final String ISSUED = "ISSUED";
    static final String EXPIRED = "EXPIRED";
    static final String TIMED_OUT = "VALIDATION_TIMED_OUT";
    static final String IMPORTED = "IMPORTED";
    static final String AMAZON = "AMAZON_ISSUED";

    private AcmTables() {}

    /** How many days before the end events begin; 45 where nobody has said. */
    record AccountRow(int daysBeforeExpiry) {
        static final AccountRow USUAL = new AccountRow(45);
    }

    /**
     * What is asked for.
     *
     * @param names the first is the domain name
     * @param token what makes asking again the same request; empty where none
     */
    record Asked(
            List<String> names,
            String method,
            String keyAlgorithm,
            Map<String, String> validationDomains,
            @Nullable String managedBy,
            String token,
            Instant at) {}

    /** A certificate with its key; PEM texts, the key sealed. */
    record Material(String body, String chain, String sealedKey, Instant notBefore, Instant notAfter, Instant since) {}

    /** How the last renewal went. */
    record Renewal(String status, @Nullable String reason, Instant updated) {}

    /**
     * A certificate, keyed by its id.
     *
     * @param material null until it is issued
     * @param exported whether its key was given out
     * @param warned the day for which an event last told that the end nears
     */
    record CertificateRow(
            String id,
            String type,
            String status,
            Asked asked,
            @Nullable Material material,
            String transparency,
            String export,
            boolean exported,
            @Nullable Renewal renewal,
            @Nullable Instant warned,
            Map<String, String> tags) {
        CertificateRow become(String changed) {
            return new CertificateRow(
                    id, type, changed, asked, material, transparency, export, exported, renewal, warned, tags);
        }

        CertificateRow with(Material made) {
            return new CertificateRow(id, type, ISSUED, asked, made, transparency, export, false, renewal, null, tags);
        }

        CertificateRow renewed(Renewal last) {
            return new CertificateRow(
                    id, type, status, asked, material, transparency, export, exported, last, warned, tags);
        }

        CertificateRow options(String logging, String exporting) {
            return new CertificateRow(
                    id, type, status, asked, material, logging, exporting, exported, renewal, warned, tags);
        }

        CertificateRow givenOut() {
            return new CertificateRow(
                    id, type, status, asked, material, transparency, export, true, renewal, warned, tags);
        }

        CertificateRow warnedAt(Instant day) {
            return new CertificateRow(
                    id, type, status, asked, material, transparency, export, exported, renewal, day, tags);
        }

        CertificateRow tagged(Map<String, String> changed) {
            return new CertificateRow(
                    id, type, status, asked, material, transparency, export, exported, renewal, warned, changed);
        }
    }

    static String arn(Key key) {
        return Arn.of("acm", key.region(), key.account(), "certificate/" + key.id())
                .toString();
    }
}
