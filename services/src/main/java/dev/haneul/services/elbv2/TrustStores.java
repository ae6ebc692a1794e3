package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.elbv2.ElbTables.ListenerRow;
import dev.haneul.services.elbv2.ElbTables.Revocation;
import dev.haneul.services.elbv2.ElbTables.StoreRow;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Trust stores: authorities whose clients' certificates are good, and lists of those that are not. */
final class TrustStores {
    private static final int MOST_BYTES = 1024 * 1024;
    private static final int MOST = 20;
    private static final int MOST_LISTS = 30;
    private static final long MOST_REVOKED = 500_000;

    private final Store store;
    private final Ids ids;
    private final Pager pager;
    private final S3Client s3;
    private final TrustStoreDownloads downloads;

    TrustStores(Store store, Ids ids, Pager pager, Caller neighbours, TrustStoreDownloads downloads) {
        this.store = store;
        this.ids = ids;
        this.pager = pager;
        this.s3 = new S3Client(neighbours);
        this.downloads = downloads;
    }

    /** Reads as the caller, who must be allowed to. */
    private byte[] object(String bucket, String key, @Nullable String version, Call call) {
        try {
            Body body = Objects.requireNonNull(
                    s3.getObject(new GetObjectRequest().bucket(bucket).key(key).versionId(version), call)
                            .body());
            try (InputStream in = body.stream()) {
                byte[] bytes = in.readNBytes(MOST_BYTES + 1);
                if (bytes.length > MOST_BYTES) {
                    throw Fault.of(new InvalidCaCertificatesBundleException(), "The file is too large");
                }
                return bytes;
            }
        } catch (IOException e) {
            throw Fault.of(new CaCertificatesBundleNotFoundException(), "The file cannot be read");
        }
    }

    private byte[] bundle(String bucket, String key, @Nullable String version, Call call) {
        try {
            return object(bucket, key, version, call);
        } catch (Fault e) {
            if (e.code().startsWith("NoSuch") || e.code().equals("AccessDenied")) {
                throw Fault.of(
                        new CaCertificatesBundleNotFoundException(),
                        "The CA certificates bundle '" + bucket + "/" + key + "' could not be found");
            }
            throw e;
        }
    }

    /** Certificates in PEM. */
    static List<X509Certificate> certificates(String pem) throws CertificateException {
        List<X509Certificate> all = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (var each : factory.generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))) {
            all.add((X509Certificate) each);
        }
        return all;
    }

    /** The lists of a store. */
    static List<X509CRL> revoked(StoreRow row) throws CertificateException, CRLException {
        List<X509CRL> all = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (Revocation each : row.revocations()) {
            all.add((X509CRL) factory.generateCRL(
                    new ByteArrayInputStream(Base64.getDecoder().decode(each.content()))));
        }
        return all;
    }

    private static int counted(byte[] bundle) {
        try {
            int count = certificates(new String(bundle, StandardCharsets.UTF_8)).size();
            if (count > 0) {
                return count;
            }
        } catch (CertificateException e) {
            throw Fault.of(
                    new InvalidCaCertificatesBundleException(),
                    "The CA certificates bundle is not valid: " + e.getMessage());
        }
        throw Fault.of(new InvalidCaCertificatesBundleException(), "The CA certificates bundle has no certificates");
    }

    CreateTrustStoreOutput create(CreateTrustStoreInput in, Call call) {
        Scope scope = Rows.scope(call);
        byte[] bundle = bundle(
                in.caCertificatesBundleS3Bucket(),
                in.caCertificatesBundleS3Key(),
                in.caCertificatesBundleS3ObjectVersion(),
                call);
        int count = counted(bundle);
        Map<String, String> tags = Tagging.checked(in.tags());
        StoreRow row = new StoreRow(
                in.name() + "/" + ids.hex(16),
                in.name(),
                in.caCertificatesBundleS3Bucket(),
                in.caCertificatesBundleS3Key(),
                new String(bundle, StandardCharsets.UTF_8),
                count,
                List.of(),
                1,
                tags);
        store.write(tx -> {
            List<StoreRow> all = Rows.all(tx, scope, ElbTables.STORES);
            if (all.stream().anyMatch(each -> each.name().equals(in.name()))) {
                throw Fault.of(
                        new DuplicateTrustStoreNameException(),
                        "A trust store with the name '" + in.name() + "' exists already");
            }
            if (all.size() >= MOST) {
                throw Fault.of(
                        new TooManyTrustStoresException(), "You have reached the maximum number of trust stores");
            }
            tx.put(ElbTables.STORES, scope.key(row.id()), row);
        });
        return new CreateTrustStoreOutput().trustStores(List.of(told(scope, row)));
    }

    private static TrustStore told(Scope scope, StoreRow row) {
        return new TrustStore()
                .name(row.name())
                .trustStoreArn(ElbTables.storeArn(scope, row.id()))
                .status("ACTIVE")
                .numberOfCaCertificates(row.count())
                .totalRevokedEntries(row.revocations().stream()
                        .mapToLong(Revocation::entries)
                        .sum());
    }

    ModifyTrustStoreOutput modify(ModifyTrustStoreInput in, Call call) {
        Scope scope = Rows.scope(call);
        byte[] bundle = bundle(
                in.caCertificatesBundleS3Bucket(),
                in.caCertificatesBundleS3Key(),
                in.caCertificatesBundleS3ObjectVersion(),
                call);
        int count = counted(bundle);
        StoreRow after = store.transact(tx -> {
            StoreRow row = Rows.store(tx, scope, in.trustStoreArn());
            StoreRow now = new StoreRow(
                    row.id(),
                    row.name(),
                    in.caCertificatesBundleS3Bucket(),
                    in.caCertificatesBundleS3Key(),
                    new String(bundle, StandardCharsets.UTF_8),
                    count,
                    row.revocations(),
                    row.nextRevocation(),
                    row.tags());
            tx.put(ElbTables.STORES, scope.key(row.id()), now);
            return now;
        });
        return new ModifyTrustStoreOutput().trustStores(List.of(told(scope, after)));
    }

    private static List<ListenerRow> users(ReadTx tx, Scope scope, String arn) {
        return Rows.all(tx, scope, ElbTables.LISTENERS).stream()
                .filter(each ->
                        each.mutual() != null && arn.equals(each.mutual().trustStoreArn()))
                .toList();
    }

    DeleteTrustStoreOutput delete(DeleteTrustStoreInput in, Call call) {
        Scope scope = Rows.scope(call);
        store.write(tx -> {
            StoreRow row = Rows.store(tx, scope, in.trustStoreArn());
            if (!users(tx, scope, in.trustStoreArn()).isEmpty()) {
                throw Fault.of(
                        new TrustStoreInUseException(),
                        "Trust store '" + in.trustStoreArn() + "' is currently in use by a listener");
            }
            tx.delete(ElbTables.STORES, scope.key(row.id()));
        });
        return new DeleteTrustStoreOutput();
    }

    DescribeTrustStoresOutput describe(DescribeTrustStoresInput in, Call call) {
        Scope scope = Rows.scope(call);
        List<StoreRow> all = store.read(tx -> in.trustStoreArns().isEmpty()
                ? Rows.all(tx, scope, ElbTables.STORES)
                : in.trustStoreArns().stream()
                        .map(arn -> Rows.store(tx, scope, arn))
                        .toList());
        List<StoreRow> named = all.stream()
                .filter(each -> in.names().isEmpty() || in.names().contains(each.name()))
                .toList();
        if (named.size() < in.names().size()) {
            throw ElbFaults.noStore(String.join(", ", in.names()));
        }
        Page<StoreRow> page = pager.list(
                named, StoreRow::id, "DescribeTrustStores " + scope, in.marker(), Balancers.size(in.pageSize()));
        return new DescribeTrustStoresOutput()
                .trustStores(
                        page.items().stream().map(each -> told(scope, each)).toList())
                .nextMarker(page.next());
    }

    DescribeTrustStoreAssociationsOutput associations(DescribeTrustStoreAssociationsInput in, Call call) {
        Scope scope = Rows.scope(call);
        return new DescribeTrustStoreAssociationsOutput().trustStoreAssociations(store.read(tx -> {
            Rows.store(tx, scope, in.trustStoreArn());
            return users(tx, scope, in.trustStoreArn()).stream()
                    .map(each -> new TrustStoreAssociation().resourceArn(ElbTables.listenerArn(scope, each.id())))
                    .toList();
        }));
    }

    GetTrustStoreCaCertificatesBundleOutput bundle(GetTrustStoreCaCertificatesBundleInput in, Call call) {
        Scope scope = Rows.scope(call);
        StoreRow row = store.read(tx -> Rows.store(tx, scope, in.trustStoreArn()));
        return new GetTrustStoreCaCertificatesBundleOutput()
                .location(downloads.bundle(call.origin().endpoint(), scope, row));
    }

    GetTrustStoreRevocationContentOutput revocation(GetTrustStoreRevocationContentInput in, Call call) {
        Scope scope = Rows.scope(call);
        StoreRow row = store.read(tx -> Rows.store(tx, scope, in.trustStoreArn()));
        if (row.revocations().stream().noneMatch(each -> each.id() == in.revocationId())) {
            throw Fault.of(
                    new RevocationIdNotFoundException(), "The revocation ID '" + in.revocationId() + "' was not found");
        }
        return new GetTrustStoreRevocationContentOutput()
                .location(downloads.revocations(call.origin().endpoint(), scope, row, in.revocationId()));
    }

    AddTrustStoreRevocationsOutput revoke(AddTrustStoreRevocationsInput in, Call call) {
        Scope scope = Rows.scope(call);
        List<Revocation> read = new ArrayList<>();
        for (RevocationContent each : in.revocationContents()) {
            String bucket = each.s3Bucket();
            String key = each.s3Key();
            if (bucket == null || key == null) {
                throw ElbFaults.validation("The S3 bucket and key of a revocation content must be specified");
            }
            byte[] bytes;
            try {
                bytes = object(bucket, key, each.s3ObjectVersion(), call);
            } catch (Fault e) {
                throw Fault.of(new RevocationContentNotFoundException(), "The revocation content could not be found");
            }
            read.add(new Revocation(
                    0, "CRL", entries(bytes), bucket, key, Base64.getEncoder().encodeToString(bytes)));
        }
        List<TrustStoreRevocation> told = new ArrayList<>();
        store.write(tx -> {
            told.clear();
            StoreRow row = Rows.store(tx, scope, in.trustStoreArn());
            List<Revocation> all = new ArrayList<>(row.revocations());
            long next = row.nextRevocation();
            for (Revocation each : read) {
                all.add(new Revocation(next, each.type(), each.entries(), each.bucket(), each.key(), each.content()));
                told.add(new TrustStoreRevocation()
                        .trustStoreArn(in.trustStoreArn())
                        .revocationId(next)
                        .revocationType("CRL")
                        .numberOfRevokedEntries(each.entries()));
                next++;
            }
            if (all.size() > MOST_LISTS
                    || all.stream().mapToLong(Revocation::entries).sum() > MOST_REVOKED) {
                throw Fault.of(
                        new TooManyTrustStoreRevocationEntriesException(),
                        "The trust store would have more than " + MOST_LISTS + " revocation lists or " + MOST_REVOKED
                                + " revocation entries");
            }
            tx.put(ElbTables.STORES, scope.key(row.id()), row.revoking(all, next));
        });
        return new AddTrustStoreRevocationsOutput().trustStoreRevocations(told);
    }

    private static long entries(byte[] bytes) {
        try {
            X509CRL list =
                    (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(bytes));
            var revoked = list.getRevokedCertificates();
            return revoked == null ? 0 : revoked.size();
        } catch (CertificateException | CRLException e) {
            throw Fault.of(new InvalidRevocationContentException(), "The revocation content is not a valid CRL");
        }
    }

    DescribeTrustStoreRevocationsOutput revocations(DescribeTrustStoreRevocationsInput in, Call call) {
        Scope scope = Rows.scope(call);
        StoreRow row = store.read(tx -> Rows.store(tx, scope, in.trustStoreArn()));
        return new DescribeTrustStoreRevocationsOutput()
                .trustStoreRevocations(row.revocations().stream()
                        .filter(each -> in.revocationIds().isEmpty()
                                || in.revocationIds().contains(each.id()))
                        .map(each -> new DescribeTrustStoreRevocation()
                                .trustStoreArn(in.trustStoreArn())
                                .revocationId(each.id())
                                .revocationType(each.type())
                                .numberOfRevokedEntries(each.entries()))
                        .toList());
    }

    RemoveTrustStoreRevocationsOutput unrevoke(RemoveTrustStoreRevocationsInput in, Call call) {
        Scope scope = Rows.scope(call);
        store.write(tx -> {
            StoreRow row = Rows.store(tx, scope, in.trustStoreArn());
            List<Revocation> left = row.revocations().stream()
                    .filter(each -> !in.revocationIds().contains(each.id()))
                    .toList();
            if (row.revocations().size() - left.size() < in.revocationIds().size()) {
                throw Fault.of(new RevocationIdNotFoundException(), "One or more revocation IDs not found");
            }
            tx.put(ElbTables.STORES, scope.key(row.id()), row.revoking(left, row.nextRevocation()));
        });
        return new RemoveTrustStoreRevocationsOutput();
    }
}
