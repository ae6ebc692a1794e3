package dev.haneul.kernel.certificates;

import java.io.IOException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** The region's own authority, to rooms that have certificates signed by it. */
@FunctionalInterface
public interface CertificateIssuer {
    /**
     * Signs a certificate for servers.
     *
     * @param names DNS names; the first is the subject's
     * @param end at the latest; earlier where the authority ends earlier
     * @return the certificate, then the authority's
     * @throws IOException where the authority cannot be read or made
     */
    List<X509Certificate> issue(PublicKey key, List<String> names, Instant start, Instant end) throws IOException;
}
