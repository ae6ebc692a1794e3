package dev.haneul.services.ec2.compute;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.generators.RSAKeyPairGenerator;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.OpenSSHPrivateKeyUtil;
import org.bouncycastle.crypto.util.PrivateKeyInfoFactory;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * A key pair made here. The private half is told once and not kept.
 *
 * @param key the public half, with AWS's fingerprint: SHA-1 of the private key's DER form (PKCS #8) for RSA, SHA-256 of
 *     the public key for ED25519
 */
record NewKeyPair(SshKey key, AsymmetricKeyParameter secret) {
    private static final int RSA_BITS = 2048;
    private static final int CERTAINTY = 100;
    private static final int PPK_LINE_CHARS = 64;

    /** Makes one: {@code rsa} (2048 bits) or {@code ed25519}. */
    static NewKeyPair make(String type, SecureRandom random) {
        try {
            if (type.equals("ed25519")) {
                Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
                generator.init(new Ed25519KeyGenerationParameters(random));
                AsymmetricCipherKeyPair pair = generator.generateKeyPair();
                return new NewKeyPair(SshKey.made(pair.getPublic()), pair.getPrivate());
            }
            RSAKeyPairGenerator generator = new RSAKeyPairGenerator();
            generator.init(new RSAKeyGenerationParameters(BigInteger.valueOf(65_537), random, RSA_BITS, CERTAINTY));
            AsymmetricCipherKeyPair pair = generator.generateKeyPair();
            SshKey read = SshKey.made(pair.getPublic());
            byte[] der = PrivateKeyInfoFactory.createPrivateKeyInfo(pair.getPrivate())
                    .getEncoded();
            return new NewKeyPair(new SshKey("rsa", read.blob(), SshKey.colons("SHA-1", der)), pair.getPrivate());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The private key for OpenSSH: PKCS #1 for RSA, OpenSSH's own form for ED25519. */
    String pem() {
        try {
            StringWriter text = new StringWriter();
            try (PemWriter writer = new PemWriter(text)) {
                if (secret instanceof RSAPrivateCrtKeyParameters) {
                    PrivateKeyInfo info = PrivateKeyInfoFactory.createPrivateKeyInfo(secret);
                    byte[] body = info.parsePrivateKey().toASN1Primitive().getEncoded();
                    writer.writeObject(new PemObject("RSA PRIVATE KEY", body));
                } else {
                    byte[] body = OpenSSHPrivateKeyUtil.encodePrivateKey(secret);
                    writer.writeObject(new PemObject("OPENSSH PRIVATE KEY", body));
                }
            }
            String lines = text.toString().replace("\r\n", "\n").stripTrailing();
            // OpenSSH reads its own form line by line and refuses a last one that does not end.
            return secret instanceof RSAPrivateCrtKeyParameters ? lines : lines + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The private key for PuTTY: its file format, version 2, without a passphrase. */
    String ppk(String comment) {
        String algorithm = key.type().equals("rsa") ? "ssh-rsa" : "ssh-ed25519";
        byte[] hidden = ppkSecret();
        String mac = HexFormat.of().formatHex(ppkMac(algorithm, comment, hidden));
        String open = lines(key.blob());
        String closed = lines(hidden);
        return "PuTTY-User-Key-File-2: " + algorithm + "\nEncryption: none\nComment: " + comment + "\nPublic-Lines: "
                + open.lines().count() + "\n" + open + "Private-Lines: "
                + closed.lines().count() + "\n" + closed
                + "Private-MAC: " + mac;
    }

    private byte[] ppkSecret() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            if (secret instanceof RSAPrivateCrtKeyParameters rsa) {
                string(out, rsa.getExponent().toByteArray());
                string(out, rsa.getP().toByteArray());
                string(out, rsa.getQ().toByteArray());
                string(out, rsa.getQInv().toByteArray());
            } else if (secret instanceof Ed25519PrivateKeyParameters ed25519) {
                string(out, ed25519.getEncoded());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private byte[] ppkMac(String algorithm, String comment, byte[] hidden) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            string(out, algorithm.getBytes(StandardCharsets.UTF_8));
            string(out, "none".getBytes(StandardCharsets.UTF_8));
            string(out, comment.getBytes(StandardCharsets.UTF_8));
            string(out, key.blob());
            string(out, hidden);
            byte[] macKey = MessageDigest.getInstance("SHA-1")
                    .digest("putty-private-key-file-mac-key".getBytes(StandardCharsets.US_ASCII));
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(macKey, "HmacSHA1"));
            return mac.doFinal(bytes.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA1", e);
        }
    }

    private static void string(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String lines(byte[] bytes) {
        String text = Base64.getEncoder().encodeToString(bytes);
        StringBuilder out = new StringBuilder();
        for (int from = 0; from < text.length(); from += PPK_LINE_CHARS) {
            out.append(text, from, Math.min(text.length(), from + PPK_LINE_CHARS))
                    .append('\n');
        }
        return out.toString();
    }
}
