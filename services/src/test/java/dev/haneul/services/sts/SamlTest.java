package dev.haneul.services.sts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.saml.SamlAssertion;
import dev.haneul.saml.SamlException;
import dev.haneul.saml.SamlMetadata;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Assertions really signed, and what an attacker would make of them. */
class SamlTest {
    private static final String RECIPIENT = "https://signin.aws.amazon.com/saml";
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private KeyPair keys;
    private SamlMetadata provider;

    @BeforeEach
    void keys() throws Exception {
        keys = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        provider = SamlMetadata.parse("""
                <EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp">
                <IDPSSODescriptor><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">
                <X509Data><X509Certificate>%s</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
                </IDPSSODescriptor></EntityDescriptor>""".formatted(certificate(keys)));
    }

    private static String certificate(KeyPair pair) throws Exception {
        X500Name name = new X500Name("CN=idp");
        byte[] der = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(NOW),
                        Date.from(NOW.plusSeconds(86_400)),
                        name,
                        pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate()))
                .getEncoded();
        return Base64.getEncoder().encodeToString(der);
    }

    private static String response(String subject, Instant until) {
        return """
                <p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="r1"><p:Status><p:StatusCode
                 Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>
                <a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="a1"><a:Issuer>https://idp</a:Issuer>
                <a:Subject><a:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">%s</a:NameID>
                <a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><a:SubjectConfirmationData
                 Recipient="%s" NotOnOrAfter="%s"/></a:SubjectConfirmation></a:Subject>
                <a:Conditions NotOnOrAfter="%s"><a:AudienceRestriction><a:Audience>urn:amazon:webservices</a:Audience>
                </a:AudienceRestriction></a:Conditions><a:AttributeStatement><a:Attribute Name="x">
                <a:AttributeValue>y</a:AttributeValue></a:Attribute></a:AttributeStatement></a:Assertion>
                </p:Response>""".formatted(subject, RECIPIENT, until, until);
    }

    private String signed(String xml, KeyPair by) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
        Document document =
                factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
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
        signatures.newXMLSignature(info, null).sign(new DOMSignContext(by.getPrivate(), assertion));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TransformerFactory.newDefaultInstance()
                .newTransformer()
                .transform(new DOMSource(document), new StreamResult(out));
        return out.toString(StandardCharsets.UTF_8);
    }

    private SamlAssertion verify(String xml) {
        String base64 = Base64.getEncoder().encodeToString(xml.getBytes(StandardCharsets.UTF_8));
        return SamlAssertion.verify(base64, provider, Set.of("urn:amazon:webservices"), RECIPIENT::equals, NOW);
    }

    @Test
    void takesWhatTheProviderSigned() throws Exception {
        SamlAssertion found = verify(signed(response("alice", NOW.plusSeconds(60)), keys));
        assertThat(found.name()).isEqualTo("alice");
        assertThat(found.format()).isEqualTo("persistent");
        assertThat(found.attributes()).containsEntry("x", List.of("y"));
    }

    @Test
    void refusesWhatIsForgedChangedWrappedLateOrHostile() throws Exception {
        String good = signed(response("alice", NOW.plusSeconds(60)), keys);
        KeyPair other = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        refused(signed(response("alice", NOW.plusSeconds(60)), other));
        refused(response("alice", NOW.plusSeconds(60)));
        refused(good.replace(">alice<", ">admin<"));
        refused(signed(response("alice", NOW), keys));
        // A second assertion beside the signed one, and the signed one moved below it.
        int from = good.indexOf("<a:Assertion");
        int to = good.indexOf("</a:Assertion>") + "</a:Assertion>".length();
        String inner = good.substring(from, to);
        String evil = response("admin", NOW.plusSeconds(60));
        refused(good.replace(
                inner, inner + evil.substring(evil.indexOf("<a:Assertion"), evil.indexOf("</p:Response"))));
        refused(evil.replace("ID=\"a1\"", "ID=\"a2\"").replace("</a:Assertion>", inner + "</a:Assertion>"));
        refused("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" + good.replaceFirst("<\\?xml.*?\\?>", ""));
    }

    private void refused(String xml) {
        assertThatThrownBy(() -> verify(xml)).isInstanceOf(SamlException.class);
    }
}
