package dev.haneul.services.acm;

import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.certificates.CertificateSource;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.acm.AcmTables.CertificateRow;
import dev.haneul.services.acm.AcmTables.Material;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Finds certificates, seals their keys, and hands both to whoever ends TLS. */
final class Certificates implements CertificateSource {
    private final Store store;
    private final Tokens tokens;

    Certificates(Store store, Tokens tokens) {
        this.store = store;
        this.tokens = tokens;
    }

    @Override
    public Set<String> changes() {
        return Set.of(AcmTables.CERTIFICATES.name());
    }

    /** The key of a certificate's ARN. */
    static Key key(String arn) {
        return Arn.parse(arn)
                .filter(each -> each.service().equals("acm")
                        && each.resource().startsWith("certificate/")
                        && each.resource().length() > "certificate/".length())
                .map(each ->
                        new Key(each.account(), each.region(), each.resource().substring("certificate/".length())))
                .orElseThrow(() -> AcmFaults.badArn(arn));
    }

    static CertificateRow require(ReadTx tx, Key key) {
        return tx.get(AcmTables.CERTIFICATES, key)
                .map(Row::value)
                .orElseThrow(() -> AcmFaults.notFound(AcmTables.arn(key)));
    }

    CertificateRow require(Key key) {
        return store.read(tx -> require(tx, key));
    }

    CertificateRow change(Key key, UnaryOperator<CertificateRow> change) {
        return store.transact(tx -> {
            CertificateRow row = change.apply(require(tx, key));
            tx.put(AcmTables.CERTIFICATES, key, row);
            return row;
        });
    }

    /** What is kept of a certificate and its key. */
    Material material(Key key, List<X509Certificate> chain, PrivateKey secret, Instant now) {
        X509Certificate own = chain.getFirst();
        String sealed = tokens.seal(
                context(key), secret.getAlgorithm() + " " + Base64.getEncoder().encodeToString(secret.getEncoded()));
        return new Material(
                Pems.certificate(own),
                Pems.chain(chain.subList(1, chain.size())),
                sealed,
                own.getNotBefore().toInstant(),
                own.getNotAfter().toInstant(),
                now);
    }

    private static String context(Key key) {
        return "acm key " + AcmTables.arn(key);
    }

    PrivateKey open(Key key, Material material) {
        String[] plain = tokens.open(context(key), material.sealedKey())
                .orElseThrow(() -> new IllegalStateException("the key of " + AcmTables.arn(key) + " does not open"))
                .split(" ", 2);
        try {
            return Pems.key(plain[0], Base64.getDecoder().decode(plain[1]));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the key of " + AcmTables.arn(key) + " is no key", e);
        }
    }

    static X509Certificate own(Material material) {
        try {
            return Pems.certificates(material.body()).getFirst();
        } catch (CertificateException e) {
            throw new IllegalStateException("a kept certificate is no certificate", e);
        }
    }

    @Override
    public Optional<Certified> find(String arn) {
        if (Arn.parse(arn).filter(each -> each.service().equals("acm")).isEmpty()) {
            return Optional.empty();
        }
        Key key = key(arn);
        Material material = store.<Optional<CertificateRow>>read(
                        tx -> tx.get(AcmTables.CERTIFICATES, key).map(Row::value))
                .map(CertificateRow::material)
                .orElse(null);
        if (material == null) {
            return Optional.empty();
        }
        try {
            List<X509Certificate> chain = new ArrayList<>(Pems.certificates(material.body()));
            if (!material.chain().isEmpty()) {
                chain.addAll(Pems.certificates(material.chain()));
            }
            return Optional.of(new Certified(chain, open(key, material)));
        } catch (CertificateException e) {
            throw new IllegalStateException("a kept certificate is no certificate", e);
        }
    }
}
