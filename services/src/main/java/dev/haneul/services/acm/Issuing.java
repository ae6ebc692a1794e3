package dev.haneul.services.acm;

import dev.haneul.delivery.Json;
import dev.haneul.kernel.certificates.CertificateIssuer;
import dev.haneul.kernel.certificates.CertificateUses;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.acm.AcmTables.AccountRow;
import dev.haneul.services.acm.AcmTables.CertificateRow;
import dev.haneul.services.acm.AcmTables.Material;
import dev.haneul.services.acm.AcmTables.Renewal;
import dev.haneul.services.acm.CertificatePlan.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes certificates on: issues, renews and ends them, and says so. Looks at those that wait every few seconds. */
final class Issuing implements Reconciler<String> {
    private static final Duration LIFE = Duration.ofDays(198);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int PAGE = 500;
    private static final String WAITING = "waiting";
    private static final String ISSUED = "issued";

    private final Store store;
    private final Clock clock;
    private final Certificates certificates;
    private final Validations validations;
    private final CertificateIssuer issuer;
    private final CertificateUses uses;
    private Driver.@Nullable Waker<String> waker;

    Issuing(
            Store store,
            Clock clock,
            Certificates certificates,
            Validations validations,
            CertificateIssuer issuer,
            CertificateUses uses) {
        this.store = store;
        this.clock = clock;
        this.certificates = certificates;
        this.validations = validations;
        this.issuer = issuer;
        this.uses = uses;
    }

    void join(Driver driver) {
        waker = driver.add(this, 1);
        waker.wake(WAITING);
        waker.wake(ISSUED);
    }

    /** A certificate waits now. */
    void wake() {
        Driver.Waker<String> joined = waker;
        if (joined != null) {
            joined.wake(WAITING);
        }
    }

    @Override
    public String name() {
        return "acm.issuing";
    }

    @Override
    public Next reconcile(String which) {
        boolean waiting = which.equals(WAITING);
        boolean any = all(waiting ? AcmTables.PENDING : AcmTables.ISSUED);
        if (waiting) {
            return any ? Next.after(LOOK) : Next.DONE;
        }
        return Next.after(HOUR);
    }

    private boolean all(String status) {
        boolean any = false;
        Key after = null;
        List<Row<CertificateRow>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.findAnywhere(AcmTables.CERTIFICATES, AcmTables.BY_STATUS, status, from, PAGE));
            page.forEach(row -> step(row.key(), row.value()));
            any |= !page.isEmpty();
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == PAGE);
        return any;
    }

    static AccountRow account(ReadTx tx, Key certificate) {
        return tx.get(AcmTables.ACCOUNTS, certificate.scope().key("account"))
                .map(Row::value)
                .orElse(AccountRow.USUAL);
    }

    private void step(Key key, CertificateRow row) {
        Instant now = clock.instant();
        int days = store.read(tx -> account(tx, key)).daysBeforeExpiry();
        boolean inUse = row.exported() || !uses.of(AcmTables.arn(key)).isEmpty();
        Step step = CertificatePlan.of(row, validations.proven(key, row), inUse, days, now);
        switch (step) {
            case NONE -> {}
            case ISSUE -> issue(key, row, "ISSUANCE", now);
            case RENEW -> issue(key, row, "RENEWAL", now);
            case TIME_OUT -> put(key, row, row.become(AcmTables.TIMED_OUT), null, Map.of(), now);
            case EXPIRE ->
                put(key, row, row.become(AcmTables.EXPIRED), "ACM Certificate Expired", detail(row, "EXPIRY"), now);
            case RENEWAL_STUCK -> {
                Map<String, @Nullable Object> detail = detail(row, "RENEWAL");
                detail.put("RenewalStatusReason", "DOMAIN_VALIDATION_DENIED");
                put(
                        key,
                        row,
                        row.renewed(new Renewal(AcmTables.PENDING, null, now)),
                        "ACM Certificate Renewal Action Required",
                        detail,
                        now);
            }
            case WARN -> warn(key, row, now);
        }
    }

    private void warn(Key key, CertificateRow row, Instant now) {
        Material material = row.material();
        long days = material == null
                ? 0
                : Duration.between(now, material.notAfter()).toDays();
        Map<String, @Nullable Object> detail = new LinkedHashMap<>();
        detail.put("DaysToExpiry", days);
        detail.put("CommonName", row.asked().names().getFirst());
        put(key, row, row.warnedAt(now), "ACM Certificate Approaching Expiration", detail, now);
    }

    private static Map<String, @Nullable Object> detail(CertificateRow row, String action) {
        Map<String, @Nullable Object> detail = new LinkedHashMap<>();
        detail.put("Action", action);
        detail.put("CertificateType", row.type());
        detail.put("CommonName", row.asked().names().getFirst());
        detail.put("DomainValidationMethod", row.asked().method());
        return detail;
    }

    /** Signs a new certificate, a renewal with a new key too, as AWS does. */
    private void issue(Key key, CertificateRow row, String action, Instant now) {
        try {
            KeyPair pair = Pems.make(row.asked().keyAlgorithm());
            List<X509Certificate> chain =
                    issuer.issue(pair.getPublic(), row.asked().names(), now, now.plus(LIFE));
            CertificateRow issued = row.with(certificates.material(key, chain, pair.getPrivate(), now));
            CertificateRow after =
                    action.equals("RENEWAL") ? issued.renewed(new Renewal("SUCCESS", null, now)) : issued;
            Map<String, @Nullable Object> detail = detail(row, action);
            detail.put("InUse", !uses.of(AcmTables.arn(key)).isEmpty());
            detail.put("Exported", row.exported());
            put(key, row, after, "ACM Certificate Available", detail, now);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK makes keys of ACM's kinds", e);
        }
    }

    /** Writes the next state, unless somebody else was quicker. */
    private void put(
            Key key,
            CertificateRow before,
            CertificateRow after,
            @Nullable String event,
            Map<String, @Nullable Object> detail,
            Instant now) {
        store.write((WriteTx tx) -> {
            Optional<CertificateRow> current =
                    tx.get(AcmTables.CERTIFICATES, key).map(Row::value);
            if (!current.equals(Optional.of(before))) {
                return;
            }
            tx.put(AcmTables.CERTIFICATES, key, after);
            if (event != null) {
                ServiceEvent.of("aws.acm", event, now, List.of(AcmTables.arn(key)), Json.write(detail))
                        .emit(tx, key.scope());
            }
        });
    }

    /** Renews a certificate now, where its names are proven. */
    void renew(Key key, CertificateRow row) {
        if (!validations.proven(key, row)) {
            Instant now = clock.instant();
            put(key, row, row.renewed(new Renewal(AcmTables.PENDING, null, now)), null, Map.of(), now);
            return;
        }
        issue(key, row, "RENEWAL", clock.instant());
    }
}
