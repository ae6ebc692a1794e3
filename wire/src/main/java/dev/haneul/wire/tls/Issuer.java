package dev.haneul.wire.tls;

import dev.haneul.wire.tls.Certificates.Identity;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates on the curve P-256, with the JDK's cryptography and BouncyCastle's ASN.1. */
final class Issuer {
    private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);
    /** Clients refuse server certificates that live longer, even from authorities they were told to trust. */
    private static final Duration SERVER_LIFE = Duration.ofDays(397);

    private static final Duration BACKDATED = Duration.ofDays(1);
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final SecureRandom RANDOM = new SecureRandom();

    private Issuer() {}

    /** A new authority. Its name is unlike that of any other, so that trust stores can hold several. */
    static Identity authority(Instant now) throws IOException {
        try {
            KeyPair pair = keyPair();
            X500Name name =
                    new X500Name("CN=Haneul local CA " + serial().toString(16).substring(0, 8) + ",O=Haneul");
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name, serial(), start(now), Date.from(now.plus(AUTHORITY_LIFE)), name, pair.getPublic());
            JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(pair.getPublic()));
            return new Identity(pair.getPrivate(), List.of(signed(builder, pair.getPrivate())));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("no certificate authority can be made", e);
        }
    }

    /** A server certificate for these names, signed by the authority. */
    static Identity server(Identity authority, List<String> names, Instant now) throws IOException {
        try {
            KeyPair pair = keyPair();
            X500Name subject = new X500Name("CN=localhost,O=Haneul");
            return new Identity(
                    pair.getPrivate(),
                    leaf(authority, pair.getPublic(), subject, names, start(now), Date.from(now.plus(SERVER_LIFE))));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("no server certificate can be made", e);
        }
    }

    /** A certificate for somebody else's key; the first name is the subject's. */
    static List<X509Certificate> leaf(Identity authority, PublicKey key, List<String> names, Instant start, Instant end)
            throws IOException {
        try {
            X500Name subject = new X500NameBuilder(BCStyle.INSTANCE)
                    .addRDN(BCStyle.CN, names.getFirst())
                    .build();
            return leaf(authority, key, subject, names, Date.from(start), Date.from(end));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("no certificate can be made", e);
        }
    }

    private static List<X509Certificate> leaf(
            Identity authority, PublicKey key, X500Name subject, List<String> names, Date start, Date end)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        X509Certificate issuer = authority.chain().getFirst();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded()),
                serial(),
                start,
                end.before(issuer.getNotAfter()) ? end : issuer.getNotAfter(),
                subject,
                key);
        int usage = key.getAlgorithm().equals("RSA")
                ? KeyUsage.digitalSignature | KeyUsage.keyEncipherment
                : KeyUsage.digitalSignature;
        JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(Extension.subjectAlternativeName, false, generalNames(names));
        builder.addExtension(Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(key));
        builder.addExtension(Extension.authorityKeyIdentifier, false, utils.createAuthorityKeyIdentifier(issuer));
        return List.of(signed(builder, authority.key()), issuer);
    }

    private static GeneralNames generalNames(List<String> names) {
        List<GeneralName> found = new ArrayList<>();
        for (String name : new LinkedHashSet<>(names)) {
            boolean address = name.contains(":") || name.matches("[0-9.]+");
            found.add(new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name));
        }
        return new GeneralNames(found.toArray(GeneralName[]::new));
    }

    private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
    }

    private static KeyPair keyPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static BigInteger serial() {
        return new BigInteger(120, RANDOM).setBit(120);
    }

    private static Date start(Instant now) {
        return Date.from(now.minus(BACKDATED));
    }
}
