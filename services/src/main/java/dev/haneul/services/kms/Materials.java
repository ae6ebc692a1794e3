package dev.haneul.services.kms;

import dev.haneul.kernel.Tokens;
import dev.haneul.services.kms.KmsTables.Material;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Makes key material, seals it for the disk, and opens it for use. */
final class Materials {
    private static final Map<String, String> CURVES = Map.of(
            "ECC_NIST_P256", "secp256r1",
            "ECC_NIST_P384", "secp384r1",
            "ECC_NIST_P521", "secp521r1",
            "ECC_SECG_P256K1", "secp256k1");
    private static final int ID_BYTES = 32;

    private final Tokens seal;
    private final SecureRandom random = new SecureRandom();

    /** @param seal under a key of its own, made from the data folder's */
    Materials(Tokens seal) {
        this.seal = seal;
    }

    /** BouncyCastle, for what the JDK has not: the curve secp256k1, PSS over a digest. Made when first needed. */
    private static final class Bouncy {
        static final Provider PROVIDER = new BouncyCastleProvider();
    }

    static Provider bouncyCastle() {
        return Bouncy.PROVIDER;
    }

    SecureRandom random() {
        return random;
    }

    byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** New material for a key of this spec. */
    Material make(String keyId, String spec, Instant now, String rotation) {
        if (!KeySpecs.asymmetric(spec)) {
            return symmetric(keyId, randomBytes(KeySpecs.secretBytes(spec)), now, rotation);
        }
        KeyPair pair = pair(spec);
        return sealed(keyId, pair.getPrivate().getEncoded(), pair.getPublic().getEncoded(), now, rotation);
    }

    /** Material of these secret bytes. */
    Material symmetric(String keyId, byte[] secret, Instant now, String rotation) {
        return sealed(keyId, secret, new byte[0], now, rotation);
    }

    /** Material of this private key (PKCS #8) and public key (X.509). */
    Material sealed(String keyId, byte[] secret, byte[] publicKey, Instant now, String rotation) {
        return named(HexFormat.of().formatHex(randomBytes(ID_BYTES)), keyId, secret, publicKey, now, rotation);
    }

    /** Imported material: the same secret has the same id, a one-way function of both. */
    Material imported(String keyId, byte[] secret, Instant now) {
        byte[] id = Tokens.derive(secret, "material of " + keyId);
        return named(HexFormat.of().formatHex(id), keyId, secret, new byte[0], now, "");
    }

    private Material named(String id, String keyId, byte[] secret, byte[] publicKey, Instant now, String rotation) {
        return new Material(
                id, seal.seal(keyId + "/" + id, Base64.getEncoder().encodeToString(secret)), publicKey, now, rotation);
    }

    /** The secret bytes or the private key's PKCS #8 form. */
    byte[] open(String keyId, Material material) {
        return Base64.getDecoder()
                .decode(seal.open(keyId + "/" + material.id(), material.sealed())
                        .orElseThrow(() -> new IllegalStateException("the material of " + keyId + " does not open")));
    }

    PrivateKey privateKey(String keyId, String spec, Material material) {
        try {
            return factory(spec).generatePrivate(new PKCS8EncodedKeySpec(open(keyId, material)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the material of " + keyId + " is no private key", e);
        }
    }

    static PublicKey publicKey(String spec, byte[] x509) throws GeneralSecurityException {
        return factory(spec).generatePublic(new X509EncodedKeySpec(x509));
    }

    private static KeyFactory factory(String spec) throws GeneralSecurityException {
        if (spec.equals("ECC_SECG_P256K1")) {
            return KeyFactory.getInstance("EC", bouncyCastle());
        }
        return KeyFactory.getInstance(
                KeySpecs.isRsa(spec)
                        ? "RSA"
                        : CURVES.containsKey(spec)
                                ? "EC"
                                : spec.equals("ECC_NIST_EDWARDS25519") ? "Ed25519" : spec.replace('_', '-'));
    }

    /** A key pair of an asymmetric spec. */
    static KeyPair pair(String spec) {
        try {
            String curve = CURVES.get(spec);
            if (curve != null) {
                KeyPairGenerator generator = spec.equals("ECC_SECG_P256K1")
                        ? KeyPairGenerator.getInstance("EC", bouncyCastle())
                        : KeyPairGenerator.getInstance("EC");
                generator.initialize(new ECGenParameterSpec(curve));
                return generator.generateKeyPair();
            }
            if (KeySpecs.isRsa(spec)) {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                generator.initialize(Integer.parseInt(spec.substring("RSA_".length())));
                return generator.generateKeyPair();
            }
            String name = spec.equals("ECC_NIST_EDWARDS25519") ? "Ed25519" : spec.replace('_', '-');
            return KeyPairGenerator.getInstance(name).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no key pair of " + spec, e);
        }
    }
}
