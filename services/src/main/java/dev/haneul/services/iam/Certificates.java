package dev.haneul.services.iam;

import dev.haneul.api.iam.KeyPairMismatchException;
import dev.haneul.api.iam.MalformedCertificateException;
import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import java.io.StringReader;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/** Certificates and private keys in PEM, and whether they belong together. */
final class Certificates {
    private static final int MOST = 20;

    private Certificates() {}

    /** The one certificate of a text. */
    static X509Certificate one(String pem) {
        List<X509Certificate> found = all(pem);
        if (found.size() != 1) {
            throw malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.");
        }
        return found.getFirst();
    }

    /** Every certificate of a chain. */
    static List<X509Certificate> all(String pem) {
        List<X509Certificate> found = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            Object next;
            while ((next = parser.readObject()) != null) {
                if (!(next instanceof X509CertificateHolder holder) || found.size() >= MOST) {
                    throw malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.");
                }
                found.add(new JcaX509CertificateConverter().getCertificate(holder));
            }
        } catch (IOException | CertificateException | RuntimeException e) {
            if (e instanceof Fault fault) {
                throw fault;
            }
            throw malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.");
        }
        if (found.isEmpty()) {
            throw malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.");
        }
        return found;
    }

    /** A private key that is not encrypted. */
    static AsymmetricKeyParameter privateKey(String pem) {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            Object found = parser.readObject();
            PrivateKeyInfo info = found instanceof PEMKeyPair pair
                    ? pair.getPrivateKeyInfo()
                    : found instanceof PrivateKeyInfo direct ? direct : null;
            if (info == null) {
                throw new PEMException("no private key");
            }
            return PrivateKeyFactory.createKey(info);
        } catch (IOException | RuntimeException e) {
            throw malformed(
                    "Unable to parse key. Please ensure the key is in PEM format and is not encrypted by a passphrase.");
        }
    }

    /** Refuses a key that is not the certificate's. */
    static void requirePair(X509Certificate certificate, AsymmetricKeyParameter key) {
        try {
            AsymmetricKeyParameter known =
                    PublicKeyFactory.createKey(certificate.getPublicKey().getEncoded());
            boolean same = known instanceof RSAKeyParameters a && key instanceof RSAKeyParameters b
                    ? a.getModulus().equals(b.getModulus())
                    : known instanceof ECPublicKeyParameters point
                            && key instanceof ECPrivateKeyParameters secret
                            && Arrays.equals(
                                    point.getQ().getEncoded(false),
                                    secret.getParameters()
                                            .getG()
                                            .multiply(secret.getD())
                                            .normalize()
                                            .getEncoded(false));
            if (!same) {
                throw Fault.of(new KeyPairMismatchException(), "Private key does not match certificate body.");
            }
        } catch (IOException e) {
            throw malformed("The certificate's key is of no kind that can be used.");
        }
    }

    static Fault malformed(String message) {
        return Fault.of(new MalformedCertificateException(), message);
    }
}
