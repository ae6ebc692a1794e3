package dev.haneul.services.kms;

import dev.haneul.services.kms.KmsTables.KeyRow;
import dev.haneul.services.kms.KmsTables.Material;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts and decrypts: AES-256-GCM in a ciphertext that names its key and material, and RSA-OAEP. The encryption
 * context and everything the ciphertext says are authenticated with it.
 */
final class Sealing {
    private static final int MAGIC = 0x01020300;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int MOST_BYTES = 6144;

    private final Materials materials;

    Sealing(Materials materials) {
        this.materials = materials;
    }

    /**
     * What a ciphertext says of itself.
     *
     * @param header the bytes before the nonce
     */
    record Blob(String account, String region, String keyId, String materialId, byte[] header, byte[] sealed) {
        /** Reads a ciphertext; empty where it is none of ours. */
        static Optional<Blob> read(byte[] blob) {
            if (blob.length > MOST_BYTES) {
                return Optional.empty();
            }
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(blob))) {
                if (in.readInt() != MAGIC) {
                    return Optional.empty();
                }
                String account = in.readUTF();
                String region = in.readUTF();
                String keyId = in.readUTF();
                String material = in.readUTF();
                byte[] sealed = in.readAllBytes();
                byte[] header = Arrays.copyOf(blob, blob.length - sealed.length);
                boolean whole = sealed.length > NONCE_BYTES
                        && account.matches("[0-9]{12}")
                        && !keyId.isEmpty()
                        && region.matches("[a-z0-9-]+");
                return whole
                        ? Optional.of(new Blob(account, region, keyId, material, header, sealed))
                        : Optional.empty();
            } catch (IOException e) {
                return Optional.empty();
            }
        }
    }

    byte[] encrypt(KeyRow row, String account, String region, byte[] plaintext, Map<String, String> context) {
        Material material = row.material();
        byte[] header = header(account, region, row.id(), material.id());
        byte[] nonce = materials.randomBytes(NONCE_BYTES);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, row, material, nonce, header, context);
            byte[] sealed = cipher.doFinal(plaintext);
            byte[] blob = Arrays.copyOf(header, header.length + NONCE_BYTES + sealed.length);
            System.arraycopy(nonce, 0, blob, header.length, NONCE_BYTES);
            System.arraycopy(sealed, 0, blob, header.length + NONCE_BYTES, sealed.length);
            return blob;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encrypt", e);
        }
    }

    /** Opens a ciphertext; null where the key, the context or the ciphertext are not those of its making. */
    byte @Nullable [] decrypt(KeyRow row, Blob blob, Map<String, String> context) {
        Material material = row.materials().stream()
                .filter(each -> each.id().equals(blob.materialId()))
                .findFirst()
                .orElse(null);
        if (material == null) {
            return null;
        }
        byte[] nonce = Arrays.copyOf(blob.sealed(), NONCE_BYTES);
        try {
            return cipher(Cipher.DECRYPT_MODE, row, material, nonce, blob.header(), context)
                    .doFinal(blob.sealed(), NONCE_BYTES, blob.sealed().length - NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private Cipher cipher(
            int mode, KeyRow row, Material material, byte[] nonce, byte[] header, Map<String, String> context)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(materials.open(row.id(), material), "AES"),
                new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(header);
        cipher.updateAAD(bytes(context));
        return cipher;
    }

    private static byte[] header(String account, String region, String keyId, String material) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(out)) {
            data.writeInt(MAGIC);
            data.writeUTF(account);
            data.writeUTF(region);
            data.writeUTF(keyId);
            data.writeUTF(material);
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
        return out.toByteArray();
    }

    /** A context in one form whatever its order, each text with its length. */
    private static byte[] bytes(Map<String, String> context) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(out)) {
            for (Map.Entry<String, String> each : new TreeMap<>(context).entrySet()) {
                for (String text : new String[] {each.getKey(), each.getValue()}) {
                    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                    data.writeInt(utf8.length);
                    data.write(utf8);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
        return out.toByteArray();
    }

    byte[] rsaEncrypt(KeyRow row, byte[] plaintext, String algorithm) {
        try {
            PublicKey key =
                    Materials.publicKey(row.nature().spec(), row.material().publicKey());
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, oaep(algorithm));
            return cipher.doFinal(plaintext);
        } catch (javax.crypto.IllegalBlockSizeException e) {
            throw KmsFaults.validation("The plaintext is too long for the key and the algorithm " + algorithm + ".");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encrypt", e);
        }
    }

    byte @Nullable [] rsaDecrypt(KeyRow row, byte[] ciphertext, String algorithm) {
        try {
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    materials.privateKey(row.id(), row.nature().spec(), row.material()),
                    oaep(algorithm));
            return cipher.doFinal(ciphertext);
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    static OAEPParameterSpec oaep(String algorithm) {
        boolean one = algorithm.endsWith("SHA_1");
        return new OAEPParameterSpec(
                one ? "SHA-1" : "SHA-256",
                "MGF1",
                one ? MGF1ParameterSpec.SHA1 : MGF1ParameterSpec.SHA256,
                PSource.PSpecified.DEFAULT);
    }
}
