package dev.haneul.wire.tls;

import dev.haneul.kernel.files.PrivateFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/** PEM files, RFC 7468: certificates and PKCS#8 keys of elliptic curves. */
final class Pem {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    static PrivateKey readKey(Path file) throws IOException, GeneralSecurityException {
        String base64 = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException malformed) {
            throw new IOException(file + " is no PEM file", malformed);
        }
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    static List<X509Certificate> readCertificates(Path file) throws IOException, GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> found =
                factory.generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file))).stream()
                        .map(X509Certificate.class::cast)
                        .toList();
        if (found.isEmpty()) {
            throw new IOException(file + " holds no certificate");
        }
        return found;
    }

    /** Writes keys or certificates in one step: a reader sees the old file or the new one. */
    static void write(Path file, List<?> objects, boolean secret) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Object object : objects) {
            append(text, object);
        }
        byte[] content = text.toString().getBytes(StandardCharsets.US_ASCII);
        if (secret) {
            PrivateFile.write(file, content);
            return;
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.write(fresh, content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void append(StringBuilder text, Object object) throws IOException {
        try {
            String type = object instanceof Certificate ? "CERTIFICATE" : "PRIVATE KEY";
            byte[] der =
                    object instanceof Certificate certificate ? certificate.getEncoded() : ((Key) object).getEncoded();
            text.append("-----BEGIN ").append(type).append("-----\n");
            text.append(LINES.encodeToString(der));
            text.append("\n-----END ").append(type).append("-----\n");
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot be encoded", e);
        }
    }
}
