package dev.haneul.services.kms;

import dev.haneul.services.kms.KmsTables.KeyRow;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signatures and MACs. Messages are signed by their digest, which the caller may have made. */
final class Signing {
    /** What stands before a digest in a PKCS #1 v1.5 signature (RFC 8017, 9.2). */
    private static final Map<String, String> DIGEST_INFO = Map.of(
            "SHA-256", "3031300d060960864801650304020105000420",
            "SHA-384", "3041300d060960864801650304020205000430",
            "SHA-512", "3051300d060960864801650304020305000440");

    private final Materials materials;

    Signing(Materials materials) {
        this.materials = materials;
    }

    byte[] sign(KeyRow row, byte[] message, boolean digest, String algorithm) {
        String spec = row.nature().spec();
        PrivateKey key = materials.privateKey(row.id(), spec, row.material());
        try {
            Signature signature = signature(spec, algorithm);
            signature.initSign(key);
            signature.update(input(spec, message, digest, algorithm));
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign", e);
        }
    }

    boolean verify(KeyRow row, byte[] message, boolean digest, String algorithm, byte[] signed) {
        String spec = row.nature().spec();
        try {
            PublicKey key = Materials.publicKey(spec, row.material().publicKey());
            Signature signature = signature(spec, algorithm);
            signature.initVerify(key);
            signature.update(input(spec, message, digest, algorithm));
            return signature.verify(signed);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot verify", e);
        }
    }

    private static Signature signature(String spec, String algorithm) throws GeneralSecurityException {
        if (algorithm.startsWith("RSASSA_PSS")) {
            String hash = hash(algorithm);
            Signature pss = Signature.getInstance("RAWRSASSA-PSS", Materials.bouncyCastle());
            int length = Integer.parseInt(hash.substring("SHA-".length())) / 8;
            pss.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), length, 1));
            return pss;
        }
        if (algorithm.startsWith("RSASSA_PKCS1")) {
            return Signature.getInstance("NONEwithRSA");
        }
        if (algorithm.startsWith("ECDSA")) {
            return spec.equals("ECC_SECG_P256K1")
                    ? Signature.getInstance("NONEwithECDSA", Materials.bouncyCastle())
                    : Signature.getInstance("NONEwithECDSA");
        }
        return Signature.getInstance(algorithm.startsWith("ED25519") ? "Ed25519" : spec.replace('_', '-'));
    }

    private static byte[] input(String spec, byte[] message, boolean digest, String algorithm)
            throws GeneralSecurityException {
        if (algorithm.startsWith("ED25519") || algorithm.startsWith("ML_DSA")) {
            if (digest) {
                throw KmsFaults.validation("The message type DIGEST is not valid for the algorithm " + algorithm + ".");
            }
            return message;
        }
        MessageDigest hash = MessageDigest.getInstance(hash(algorithm));
        byte[] made = digest ? message : hash.digest(message);
        if (made.length != hash.getDigestLength()) {
            throw KmsFaults.validation("Digest is invalid length for algorithm " + algorithm + ".");
        }
        if (!algorithm.startsWith("RSASSA_PKCS1")) {
            return made;
        }
        byte[] before = HexFormat.of().parseHex(DIGEST_INFO.getOrDefault(hash(algorithm), ""));
        byte[] both = new byte[before.length + made.length];
        System.arraycopy(before, 0, both, 0, before.length);
        System.arraycopy(made, 0, both, before.length, made.length);
        return both;
    }

    private static String hash(String algorithm) {
        return "SHA-" + algorithm.substring(algorithm.lastIndexOf('_') + 1);
    }

    byte[] mac(KeyRow row, byte[] message, String algorithm) {
        try {
            String name = "HmacSHA" + algorithm.substring("HMAC_SHA_".length());
            Mac mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(materials.open(row.id(), row.material()), name));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot make a MAC", e);
        }
    }
}
