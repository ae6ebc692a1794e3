package dev.haneul.services.iam;

import dev.haneul.api.iam.InvalidPublicKeyException;
import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.util.OpenSSHPublicKeyUtil;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** RSA public keys of users, in OpenSSH's form or PEM. */
final class SshKeys {
    private static final int LEAST_BITS = 2048;
    private static final int MOST_BITS = 16_384;

    private SshKeys() {}

    /** A key in OpenSSH's form with its MD5 fingerprint. */
    record Parsed(String ssh, String fingerprint) {}

    static Parsed parse(String body) {
        try {
            AsymmetricKeyParameter key = body.startsWith("-----") ? ofPem(body) : ofSsh(body);
            if (!(key instanceof RSAKeyParameters rsa)
                    || rsa.getModulus().bitLength() < LEAST_BITS
                    || rsa.getModulus().bitLength() > MOST_BITS) {
                throw invalid();
            }
            byte[] blob = OpenSSHPublicKeyUtil.encodePublicKey(key);
            byte[] md5 = MessageDigest.getInstance("MD5").digest(blob);
            return new Parsed(
                    "ssh-rsa " + Base64.getEncoder().encodeToString(blob),
                    HexFormat.ofDelimiter(":").formatHex(md5));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw invalid();
        }
    }

    private static AsymmetricKeyParameter ofSsh(String body) {
        String[] words = body.strip().split("\\s+");
        if (words.length < 2 || !words[0].equals("ssh-rsa")) {
            throw invalid();
        }
        return OpenSSHPublicKeyUtil.parsePublicKey(Base64.getDecoder().decode(words[1]));
    }

    private static AsymmetricKeyParameter ofPem(String body) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(body))) {
            if (parser.readObject() instanceof SubjectPublicKeyInfo info) {
                return PublicKeyFactory.createKey(info);
            }
            throw invalid();
        }
    }

    static String pem(String ssh) {
        try {
            SubjectPublicKeyInfo info = SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(ofSsh(ssh));
            StringWriter out = new StringWriter();
            try (PemWriter writer = new PemWriter(out)) {
                writer.writeObject(new PemObject("PUBLIC KEY", info.getEncoded()));
            }
            return out.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Fault invalid() {
        return Fault.of(new InvalidPublicKeyException(), "The public key is malformed or otherwise invalid.");
    }
}
