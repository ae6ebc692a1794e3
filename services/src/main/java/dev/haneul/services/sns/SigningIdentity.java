package dev.haneul.services.sns;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A new key and the certificate of its own making that goes with it. Apart from {@link Signer}, since the certificate
 * library is slow to load and needed once in the life of a data folder.
 *
 * @param privateKey in PKCS #8
 * @param certificate in PEM
 */
record SigningIdentity(byte[] privateKey, String certificate) {
    private static final int KEY_BITS = 2048;
    private static final Duration LIFE = Duration.ofDays(3650);

    /** Makes one that holds for ten years. */
    static SigningIdentity make(Instant now) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(KEY_BITS);
            KeyPair pair = generator.generateKeyPair();
            X500Name name = new X500Name("CN=sns.amazonaws.com,O=Haneul");
            X509Certificate certificate = new JcaX509CertificateConverter()
                    .getCertificate(new JcaX509v3CertificateBuilder(
                                    name,
                                    new BigInteger(64, new SecureRandom()),
                                    Date.from(now.minus(Duration.ofDays(1))),
                                    Date.from(now.plus(LIFE)),
                                    name,
                                    pair.getPublic())
                            .build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate())));
            String pem = "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
            return new SigningIdentity(pair.getPrivate().getEncoded(), pem);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("no signing key can be made", e);
        }
    }
}
