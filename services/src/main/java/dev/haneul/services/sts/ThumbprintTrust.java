package dev.haneul.services.sts;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Trusts hosts that public authorities vouch for, and those whose chain leads to a certificate of a known thumbprint. */
final class ThumbprintTrust implements X509TrustManager {
    private final X509TrustManager common;
    private final List<String> thumbprints;

    private ThumbprintTrust(X509TrustManager common, List<String> thumbprints) {
        this.common = common;
        this.thumbprints = List.copyOf(thumbprints);
    }

    static SSLSocketFactory sockets(List<String> thumbprints) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new ThumbprintTrust(of(null), thumbprints)}, null);
        return context.getSocketFactory();
    }

    private static X509TrustManager of(@Nullable KeyStore anchors) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(anchors);
        for (TrustManager each : factory.getTrustManagers()) {
            if (each instanceof X509TrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("no trust manager for certificates");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        try {
            common.checkServerTrusted(chain, authType);
        } catch (CertificateException unknown) {
            anchored(chain, unknown).checkServerTrusted(chain, authType);
        }
    }

    /** Trust in the chain's certificate of a known thumbprint alone: the rest must still lead to it, link by link. */
    private X509TrustManager anchored(X509Certificate[] chain, CertificateException unknown)
            throws CertificateException {
        try {
            for (X509Certificate each : chain) {
                byte[] print = MessageDigest.getInstance("SHA-1").digest(each.getEncoded());
                if (thumbprints.contains(HexFormat.of().formatHex(print))) {
                    KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
                    anchors.load(null, null);
                    anchors.setCertificateEntry("anchor", each);
                    return of(anchors);
                }
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new CertificateException(e);
        }
        throw unknown;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("no clients here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return common.getAcceptedIssuers();
    }
}
