package dev.haneul.services.sts;

import dev.haneul.api.runtime.Principal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals sessions into tokens and opens them: AES-256-GCM, bound to the access key id the token came with. The first
 * byte is the layout's version.
 */
final class SessionTokens {
    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    /** Longer tokens are none of ours; AWS's own limit is far smaller. */
    private static final int LONGEST = 32_768;

    private static final int ATTRIBUTES = 1000;

    private final SecretKeySpec key;
    private final SecureRandom random;

    /** @param secret the data folder's key; the tokens' own key is derived from it */
    SessionTokens(byte[] secret, SecureRandom random) {
        this.random = random;
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            this.key = new SecretKeySpec(mac.doFinal("sts session tokens 1".getBytes(StandardCharsets.UTF_8)), "AES");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    String seal(Session session) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(
                            Cipher.ENCRYPT_MODE, nonce, session.principal().accessKeyId())
                    .doFinal(write(session));
            byte[] token = new byte[1 + NONCE_BYTES + sealed.length];
            token[0] = VERSION;
            System.arraycopy(nonce, 0, token, 1, NONCE_BYTES);
            System.arraycopy(sealed, 0, token, 1 + NONCE_BYTES, sealed.length);
            return Base64.getEncoder().encodeToString(token);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The session of a token; empty where it is forged, damaged or another key's. */
    Optional<Session> open(String token, String accessKeyId) {
        if (token.length() > LONGEST) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(token);
            if (bytes.length <= 1 + NONCE_BYTES || bytes[0] != VERSION) {
                return Optional.empty();
            }
            byte[] nonce = Arrays.copyOfRange(bytes, 1, 1 + NONCE_BYTES);
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, nonce, accessKeyId);
            byte[] open = cipher.doFinal(bytes, 1 + NONCE_BYTES, bytes.length - 1 - NONCE_BYTES);
            return Optional.of(read(open, accessKeyId));
        } catch (IllegalArgumentException | GeneralSecurityException _) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String accessKeyId) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(accessKeyId.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static byte[] write(Session session) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Principal principal = session.principal();
        try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes))) {
            out.writeUTF(session.secretKey());
            out.writeLong(session.expires().getEpochSecond());
            out.writeUTF(principal.type().name());
            out.writeUTF(principal.account());
            out.writeUTF(principal.id());
            out.writeUTF(principal.arn());
            out.writeShort(principal.attributes().size());
            for (Map.Entry<String, String> each : principal.attributes().entrySet()) {
                out.writeUTF(each.getKey());
                out.writeUTF(each.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static Session read(byte[] bytes, String accessKeyId) {
        try (DataInputStream in = new DataInputStream(new InflaterInputStream(new ByteArrayInputStream(bytes)))) {
            String secret = in.readUTF();
            Instant expires = Instant.ofEpochSecond(in.readLong());
            Principal.Type type = Principal.Type.valueOf(in.readUTF());
            String account = in.readUTF();
            String id = in.readUTF();
            String arn = in.readUTF();
            int count = Math.min(in.readUnsignedShort(), ATTRIBUTES);
            Map<String, String> attributes = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                attributes.put(in.readUTF(), in.readUTF());
            }
            return new Session(secret, new Principal(type, account, id, arn, accessKeyId, attributes), expires);
        } catch (IOException e) {
            // It was sealed by us, so it can be read.
            throw new UncheckedIOException(e);
        }
    }
}
