package dev.haneul.saml;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * What an identity provider's metadata document says.
 *
 * @param entityId who it is; issuer of its assertions
 * @param certificates with which it signs
 * @param validUntil when the document says that it ends
 */
public record SamlMetadata(String entityId, List<X509Certificate> certificates, Optional<Instant> validUntil) {
    static final String METADATA = "urn:oasis:names:tc:SAML:2.0:metadata";
    static final String SIGNATURE = "http://www.w3.org/2000/09/xmldsig#";

    public SamlMetadata {
        certificates = List.copyOf(certificates);
    }

    /**
     * Reads a document.
     *
     * @throws SamlException where it is no metadata of an identity provider with a signing certificate
     */
    public static SamlMetadata parse(String text) {
        Document document = SecureXml.parse(text);
        Element root = document.getDocumentElement();
        if (!SecureXml.is(root, METADATA, "EntityDescriptor")
                || root.getAttribute("entityID").isEmpty()) {
            throw new SamlException("no EntityDescriptor with an entityID");
        }
        Element provider = SecureXml.child(root, METADATA, "IDPSSODescriptor");
        List<X509Certificate> certificates = new ArrayList<>();
        for (Element key : SecureXml.children(provider, METADATA, "KeyDescriptor")) {
            String use = key.getAttribute("use");
            if (use.isEmpty() || use.equals("signing")) {
                certificates.addAll(certificates(key));
            }
        }
        if (certificates.isEmpty()) {
            throw new SamlException("no signing certificate");
        }
        String until = root.getAttribute("validUntil");
        return new SamlMetadata(
                root.getAttribute("entityID"),
                certificates,
                until.isEmpty() ? Optional.empty() : Optional.of(moment(until)));
    }

    private static List<X509Certificate> certificates(Element key) {
        List<X509Certificate> found = new ArrayList<>();
        for (Element info : SecureXml.children(key, SIGNATURE, "KeyInfo")) {
            for (Element data : SecureXml.children(info, SIGNATURE, "X509Data")) {
                for (Element each : SecureXml.children(data, SIGNATURE, "X509Certificate")) {
                    found.add(certificate(SecureXml.text(each)));
                }
            }
        }
        return found;
    }

    private static X509Certificate certificate(String base64) {
        try {
            byte[] der = Base64.getMimeDecoder().decode(base64);
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException | IllegalArgumentException e) {
            throw new SamlException("a certificate that cannot be read");
        }
    }

    /** A time as SAML writes it: with Z. */
    static Instant moment(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new SamlException("a time that cannot be read");
        }
    }
}
