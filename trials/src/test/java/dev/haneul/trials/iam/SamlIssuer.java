package dev.haneul.trials.iam;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** A company's identity provider: its metadata, and responses it signed. */
final class SamlIssuer {
    private static final String ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/";

    private final String entityId;
    private final KeyPair keys;
    private final String metadata;

    SamlIssuer(String entityId) {
        this.entityId = entityId;
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            this.keys = generator.generateKeyPair();
            X500Name name = new X500Name("CN=idp");
            Instant now = Instant.now();
            byte[] certificate = new JcaX509v3CertificateBuilder(
                            name,
                            BigInteger.ONE,
                            Date.from(now.minusSeconds(60)),
                            Date.from(now.plusSeconds(86_400)),
                            name,
                            keys.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate()))
                    .getEncoded();
            this.metadata = """
                    <EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="%s">
                    <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
                    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>
                    <X509Certificate>%s</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
                    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
                     Location="https://idp.example.com/sso"/>
                    </IDPSSODescriptor></EntityDescriptor>""".formatted(entityId, Base64.getEncoder().encodeToString(certificate));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    String metadata() {
        return metadata;
    }

    /** A signed response, in base64, that may be redeemed for so many seconds. */
    String response(String subject, Map<String, String> told, long seconds) {
        Instant until = Instant.now().plusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS);
        StringBuilder attributes = new StringBuilder();
        told.forEach((name, value) -> attributes.append("""
                <a:Attribute Name="%s"><a:AttributeValue>%s</a:AttributeValue></a:Attribute>""".formatted(ATTRIBUTES + name, value)));
        String xml = """
                <p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="r1"><p:Status><p:StatusCode
                 Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>
                <a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="a1"><a:Issuer>%s</a:Issuer>
                <a:Subject><a:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">%s</a:NameID>
                <a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><a:SubjectConfirmationData
                 Recipient="https://signin.aws.amazon.com/saml" NotOnOrAfter="%s"/></a:SubjectConfirmation></a:Subject>
                <a:Conditions NotOnOrAfter="%s"><a:AudienceRestriction><a:Audience>urn:amazon:webservices</a:Audience>
                </a:AudienceRestriction></a:Conditions><a:AttributeStatement>%s</a:AttributeStatement></a:Assertion>
                </p:Response>""".formatted(entityId, subject, until, until, attributes);
        try {
            return Base64.getEncoder().encodeToString(signed(xml));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] signed(String xml) throws Exception {
        Document document = DocumentBuilderFactory.newDefaultNSInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
        Element assertion =
                (Element) document.getElementsByTagNameNS("*", "Assertion").item(0);
        assertion.setIdAttribute("ID", true);
        XMLSignatureFactory signatures = XMLSignatureFactory.getInstance("DOM");
        SignedInfo info = signatures.newSignedInfo(
                signatures.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null),
                signatures.newSignatureMethod("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", null),
                List.of(signatures.newReference(
                        "#a1",
                        signatures.newDigestMethod(DigestMethod.SHA256, null),
                        List.of(
                                signatures.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null),
                                signatures.newTransform(
                                        CanonicalizationMethod.EXCLUSIVE, (TransformParameterSpec) null)),
                        null,
                        null)));
        signatures.newXMLSignature(info, null).sign(new DOMSignContext(keys.getPrivate(), assertion));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TransformerFactory.newDefaultInstance()
                .newTransformer()
                .transform(new DOMSource(document), new StreamResult(out));
        return out.toByteArray();
    }
}
