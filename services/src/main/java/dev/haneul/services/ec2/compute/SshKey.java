package dev.haneul.services.ec2.compute;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.util.OpenSSHPublicKeyUtil;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.jspecify.annotations.Nullable;

/**
 * A public key that somebody imports: RSA of 1024, 2048 or 4096 bits or ED25519, as OpenSSH writes them, or by RFC 4716,
 * or (RSA) as the base64 of its DER form.
 *
 * @param type {@code rsa} or {@code ed25519}
 * @param blob the key as the SSH protocol writes it
 * @param fingerprint AWS's: MD5 of the DER form of RSA keys, SHA-256 of ED25519's
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html">Verify the fingerprint</a>
 */
record SshKey(String type, byte[] blob, String fingerprint) {
    private static final Set<Integer> RSA_BITS = Set.of(1024, 2048, 4096);
    private static final int LONGEST_CHARS = 16_384;

    /** The line for {@code authorized_keys}, without a comment. */
    String line() {
        String algorithm = type.equals("rsa") ? "ssh-rsa" : "ssh-ed25519";
        return algorithm + " " + Base64.getEncoder().encodeToString(blob);
    }

    /** Reads a key in any form that is taken; empty where it is none. */
    static Optional<SshKey> parse(byte[] material) {
        String text = new String(material, StandardCharsets.UTF_8).strip();
        if (text.isEmpty() || text.length() > LONGEST_CHARS) {
            return Optional.empty();
        }
        try {
            AsymmetricKeyParameter key = text.startsWith("ssh-")
                    ? OpenSSHPublicKeyUtil.parsePublicKey(Base64.getDecoder().decode(text.split("\\s+")[1]))
                    : text.startsWith("---- BEGIN SSH2 PUBLIC KEY ----") ? ofRfc4716(text) : ofDer(text);
            return key == null ? Optional.empty() : of(key);
        } catch (IOException | RuntimeException e) {
            // Every parser of keys has failures of its own; each of them means that this is no key.
            return Optional.empty();
        }
    }

    /** A key we made or read; empty where it is of a kind or size that EC2 does not take. */
    static Optional<SshKey> of(AsymmetricKeyParameter key) throws IOException {
        if (key instanceof RSAKeyParameters rsa) {
            if (!RSA_BITS.contains(rsa.getModulus().bitLength())) {
                return Optional.empty();
            }
            byte[] der =
                    SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(rsa).getEncoded();
            return Optional.of(new SshKey("rsa", OpenSSHPublicKeyUtil.encodePublicKey(rsa), colons("MD5", der)));
        }
        if (key instanceof Ed25519PublicKeyParameters) {
            byte[] blob = OpenSSHPublicKeyUtil.encodePublicKey(key);
            return Optional.of(
                    new SshKey("ed25519", blob, Base64.getEncoder().encodeToString(digest("SHA-256", blob))));
        }
        return Optional.empty();
    }

    private static @Nullable AsymmetricKeyParameter ofDer(String text) throws IOException {
        return PublicKeyFactory.createKey(Base64.getMimeDecoder().decode(text));
    }

    /** Headers may run over several lines, each of which then ends with a backslash. */
    private static AsymmetricKeyParameter ofRfc4716(String text) throws IOException {
        StringBuilder body = new StringBuilder();
        boolean header = false;
        for (String line :
                new java.io.BufferedReader(new StringReader(text)).lines().toList()) {
            if (header || line.contains(":")) {
                header = line.endsWith("\\");
            } else if (!line.startsWith("----")) {
                body.append(line.strip());
            }
        }
        return OpenSSHPublicKeyUtil.parsePublicKey(Base64.getDecoder().decode(body.toString()));
    }

    /** A digest as hexadecimal bytes between colons. */
    static String colons(String algorithm, byte[] bytes) {
        return HexFormat.ofDelimiter(":").formatHex(digest(algorithm, bytes));
    }

    private static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SshKey that && that.type.equals(type) && MessageDigest.isEqual(that.blob, blob);
    }

    @Override
    public int hashCode() {
        return java.util.Arrays.hashCode(blob);
    }

    /** The same, for those who cannot go on when writing to memory fails. */
    static SshKey made(AsymmetricKeyParameter key) {
        try {
            return of(key).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
