package dev.haneul.services.acm;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.util.io.pem.PemObject;

/** Keys and certificates, in and out of PEM. */
final class Pems {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
    private static final int MOST_CHAIN = 10;
    private static final int KEY_BITS = 256;
    private static final int SALT_BYTES = 16;
    private static final int ITERATIONS = 2048;
    private static final byte[] PROOF = "the same key".getBytes(StandardCharsets.US_ASCII);

    private Pems() {}

    static String certificate(X509Certificate certificate) {
        try {
            return text("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateException e) {
            throw new IllegalStateException("a certificate has a form", e);
        }
    }

    static String chain(List<X509Certificate> certificates) {
        StringBuilder all = new StringBuilder();
        certificates.forEach(each -> all.append(certificate(each)));
        return all.toString();
    }

    private static String text(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + LINES.encodeToString(der) + "\n-----END " + type + "-----\n";
    }

    /**
     * The certificates of a text.
     *
     * @throws CertificateException where it holds anything else, or more than ten
     */
    static List<X509Certificate> certificates(String pem) throws CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> found = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (PemObject each = parser.readPemObject(); each != null; each = parser.readPemObject()) {
                if (!each.getType().equals("CERTIFICATE") || found.size() == MOST_CHAIN) {
                    throw new CertificateException("unexpected " + each.getType());
                }
                found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(each.getContent())));
            }
        } catch (IOException | RuntimeException e) {
            throw new CertificateException("no PEM", e);
        }
        if (found.isEmpty()) {
            throw new CertificateException("no certificate");
        }
        return found;
    }

    /** A private key that is not encrypted: PKCS#8, or the older forms of RSA and elliptic curves. */
    static PrivateKey key(String pem) throws GeneralSecurityException {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            Object found = parser.readObject();
            while (found != null && !(found instanceof PEMKeyPair) && !(found instanceof PrivateKeyInfo)) {
                found = parser.readObject(); // curves' parameters stand before their key
            }
            PrivateKeyInfo info = found instanceof PEMKeyPair pair
                    ? pair.getPrivateKeyInfo()
                    : found instanceof PrivateKeyInfo plain ? plain : null;
            if (info == null) {
                throw new GeneralSecurityException("no private key");
            }
            String oid = info.getPrivateKeyAlgorithm().getAlgorithm().getId();
            return key(oid.startsWith("1.2.840.10045") ? "EC" : "RSA", info.getEncoded());
        } catch (IOException | RuntimeException e) {
            throw new GeneralSecurityException("no private key", e);
        }
    }

    static PrivateKey key(String algorithm, byte[] pkcs8) throws GeneralSecurityException {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    /** Whether the key is the certificate's, by signing with one and checking with the other. */
    static boolean belong(PrivateKey key, PublicKey known) {
        try {
            String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(PROOF);
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(known);
            verifier.update(PROOF);
            return verifier.verify(signer.sign());
        } catch (GeneralSecurityException otherKinds) {
            return false;
        }
    }

    static KeyPair make(String keyAlgorithm) throws GeneralSecurityException {
        if (keyAlgorithm.startsWith("RSA_")) {
            KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(Integer.parseInt(keyAlgorithm.substring("RSA_".length())));
            return rsa.generateKeyPair();
        }
        KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
        String name = keyAlgorithm.substring("EC_".length());
        curve.initialize(new ECGenParameterSpec(name.equals("prime256v1") ? "secp256r1" : name));
        return curve.generateKeyPair();
    }

    /** What ACM calls the key of a certificate; empty for a kind it does not take. */
    static String algorithm(Key key) {
        if (key instanceof RSAKey rsa) {
            return "RSA_" + rsa.getModulus().bitLength();
        }
        if (key instanceof ECKey curve) {
            return switch (curve.getParams().getCurve().getField().getFieldSize()) {
                case 256 -> "EC_prime256v1";
                case 384 -> "EC_secp384r1";
                case 521 -> "EC_secp521r1";
                default -> "";
            };
        }
        return "";
    }

    /** The key, encrypted under a passphrase (PKCS#8, PBES2 with AES-256, as OpenSSL reads it). */
    static String encrypted(PrivateKey key, byte[] passphrase) {
        char[] password = new String(passphrase, StandardCharsets.UTF_8).toCharArray();
        try {
            byte[] salt = new byte[SALT_BYTES];
            new SecureRandom().nextBytes(salt);
            byte[] secret = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password, salt, ITERATIONS, KEY_BITS))
                    .getEncoded();
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(secret, "AES"));
            AlgorithmIdentifier digest =
                    new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE);
            PBES2Parameters scheme = new PBES2Parameters(
                    new KeyDerivationFunc(
                            PKCSObjectIdentifiers.id_PBKDF2, new PBKDF2Params(salt, ITERATIONS, KEY_BITS / 8, digest)),
                    new EncryptionScheme(NISTObjectIdentifiers.id_aes256_CBC, new DEROctetString(cipher.getIV())));
            EncryptedPrivateKeyInfo sealed = new EncryptedPrivateKeyInfo(
                    new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBES2, scheme), cipher.doFinal(key.getEncoded()));
            return text("ENCRYPTED PRIVATE KEY", sealed.getEncoded());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("the JDK encrypts keys", e);
        }
    }
}
