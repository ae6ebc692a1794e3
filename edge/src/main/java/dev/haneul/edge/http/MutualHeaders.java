package dev.haneul.edge.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * What targets are told of a client's certificate; a client cannot tell it itself.
 *
 * @see <a href="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html">Mutual
 *     authentication</a>
 */
final class MutualHeaders {
    private static final String PREFIX = "X-Amzn-Mtls-Clientcert";

    private MutualHeaders() {}

    /**
     * Adds them.
     *
     * @param verified whether the certificate is known to be good: then it is told in parts
     */
    static void add(Headers headers, List<X509Certificate> chain, boolean verified) {
        headers.removeIf((name, value) -> name.regionMatches(true, 0, PREFIX, 0, PREFIX.length()));
        if (chain.isEmpty()) {
            return;
        }
        X509Certificate own = chain.getFirst();
        if (!verified) {
            StringBuilder all = new StringBuilder();
            chain.forEach(each -> all.append(pem(each)));
            headers.add(PREFIX, encoded(all.toString()));
            return;
        }
        headers.add(
                PREFIX + "-Serial-Number", own.getSerialNumber().toString(16).toUpperCase(Locale.ROOT));
        headers.add(PREFIX + "-Issuer", own.getIssuerX500Principal().getName());
        headers.add(PREFIX + "-Subject", own.getSubjectX500Principal().getName());
        headers.add(
                PREFIX + "-Validity",
                "NotBefore=" + own.getNotBefore().toInstant() + ";NotAfter="
                        + own.getNotAfter().toInstant());
        headers.add(PREFIX + "-Leaf", encoded(pem(own)));
    }

    private static String pem(X509Certificate certificate) {
        try {
            String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded());
            return "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n";
        } catch (CertificateEncodingException e) {
            return "";
        }
    }

    /** All but what AWS leaves as it is: {@code +}, {@code =} and {@code /}. */
    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2B", "+")
                .replace("%3D", "=")
                .replace("%2F", "/");
    }
}
