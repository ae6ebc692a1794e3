package dev.haneul.services.kms;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** What keys of each spec can do. See the developer guide's "Key spec reference". */
final class KeySpecs {
    static final String SYMMETRIC = "SYMMETRIC_DEFAULT";
    static final String ENCRYPT = "ENCRYPT_DECRYPT";
    static final String SIGN = "SIGN_VERIFY";
    static final String MAC = "GENERATE_VERIFY_MAC";
    static final String AGREE = "KEY_AGREEMENT";

    private static final List<String> OAEP = List.of("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256");
    private static final List<String> RSA_SIGNATURES = List.of(
            "RSASSA_PKCS1_V1_5_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_384",
            "RSASSA_PKCS1_V1_5_SHA_512",
            "RSASSA_PSS_SHA_256",
            "RSASSA_PSS_SHA_384",
            "RSASSA_PSS_SHA_512");
    private static final Set<String> NIST = Set.of("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521");
    private static final Map<String, String> ONE_SIGNATURE = Map.of(
            "ECC_NIST_P256", "ECDSA_SHA_256",
            "ECC_SECG_P256K1", "ECDSA_SHA_256",
            "ECC_NIST_P384", "ECDSA_SHA_384",
            "ECC_NIST_P521", "ECDSA_SHA_512",
            "ECC_NIST_EDWARDS25519", "ED25519_SHA_512",
            "ML_DSA_44", "ML_DSA_SHAKE_256",
            "ML_DSA_65", "ML_DSA_SHAKE_256",
            "ML_DSA_87", "ML_DSA_SHAKE_256");
    private static final Map<String, Integer> MAC_BYTES =
            Map.of("HMAC_224", 28, "HMAC_256", 32, "HMAC_384", 48, "HMAC_512", 64);

    private KeySpecs() {}

    /** Whether keys of this spec can be made here. */
    static boolean known(String spec) {
        return spec.equals(SYMMETRIC) || isRsa(spec) || ONE_SIGNATURE.containsKey(spec) || MAC_BYTES.containsKey(spec);
    }

    static boolean isRsa(String spec) {
        return spec.equals("RSA_2048") || spec.equals("RSA_3072") || spec.equals("RSA_4096");
    }

    static int secretBytes(String spec) {
        return MAC_BYTES.getOrDefault(spec, 32);
    }

    static boolean asymmetric(String spec) {
        return isRsa(spec) || ONE_SIGNATURE.containsKey(spec);
    }

    /** Whether a key of this spec may be used so. */
    static boolean fits(String spec, String usage) {
        return switch (usage) {
            case ENCRYPT -> spec.equals(SYMMETRIC) || isRsa(spec);
            case SIGN -> asymmetric(spec);
            case MAC -> MAC_BYTES.containsKey(spec);
            case AGREE -> NIST.contains(spec);
            default -> false;
        };
    }

    static List<String> encryptions(String spec, String usage) {
        return !usage.equals(ENCRYPT) ? List.of() : spec.equals(SYMMETRIC) ? List.of(SYMMETRIC) : OAEP;
    }

    static List<String> signatures(String spec, String usage) {
        if (!usage.equals(SIGN)) {
            return List.of();
        }
        return isRsa(spec) ? RSA_SIGNATURES : List.of(ONE_SIGNATURE.getOrDefault(spec, ""));
    }

    static List<String> macs(String spec) {
        return MAC_BYTES.containsKey(spec) ? List.of(spec.replace("HMAC_", "HMAC_SHA_")) : List.of();
    }

    static List<String> agreements(String usage) {
        return usage.equals(AGREE) ? List.of("ECDH") : List.of();
    }
}
