package dev.haneul.kernel.certificates;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds the certificate and key a listener presents. Answers change when a certificate is renewed or imported anew. */
@FunctionalInterface
public interface CertificateSource {
    /** For regions without such a room. */
    CertificateSource NONE = arn -> Optional.empty();

    /** The certificate of this ARN; empty where there is none, or none that is issued yet. */
    Optional<Certified> find(String arn);

    /** Sources of the change feed by which answers for the changed key's account and region may have changed. */
    default Set<String> changes() {
        return Set.of();
    }

    /**
     * A certificate that can be presented.
     *
     * @param chain its own certificate first, then those between it and its root
     * @param key never logged
     */
    record Certified(List<X509Certificate> chain, PrivateKey key) {
        public Certified {
            chain = List.copyOf(chain);
        }

        @Override
        public String toString() {
            return "Certified[" + chain.getFirst().getSubjectX500Principal() + "]";
        }
    }
}
