package dev.haneul.saml;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.MarshalException;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureException;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * What an assertion says, once it is known to be its provider's, meant for us, and in time.
 *
 * @param format of the name, the last word of its URN, e.g. {@code persistent}
 * @param recipient where it was to be sent
 * @param ends when what it says ends
 * @param attributes values by name
 */
public record SamlAssertion(
        String issuer,
        String name,
        String format,
        String recipient,
        Instant ends,
        Map<String, List<String>> attributes) {
    private static final String ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion";
    private static final String PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol";
    private static final String SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success";
    private static final String BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    private static final Set<String> TRANSFORMS = Set.of(
            Transform.ENVELOPED, CanonicalizationMethod.EXCLUSIVE, CanonicalizationMethod.EXCLUSIVE_WITH_COMMENTS);

    /**
     * Checks a response.
     *
     * @param base64 the response as the provider sent it
     * @param provider whose it must be
     * @param audience who it must be meant for
     * @param recipient whether an address may be where it was to be sent
     * @throws SamlException saying what is wrong
     */
    public static SamlAssertion verify(
            String base64,
            SamlMetadata provider,
            Set<String> audience,
            java.util.function.Predicate<String> recipient,
            Instant now) {
        Document document = SecureXml.parse(decode(base64));
        Element response = document.getDocumentElement();
        if (!SecureXml.is(response, PROTOCOL, "Response")) {
            throw new SamlException("no Response");
        }
        Element status = SecureXml.child(SecureXml.child(response, PROTOCOL, "Status"), PROTOCOL, "StatusCode");
        if (!SUCCESS.equals(status.getAttribute("Value"))) {
            throw new SamlException("the response tells no success");
        }
        // What was signed and what is read must be the same element: one assertion, a child of the response.
        NodeList all = document.getElementsByTagNameNS(ASSERTION, "Assertion");
        Element assertion = SecureXml.child(response, ASSERTION, "Assertion");
        if (all.getLength() != 1) {
            throw new SamlException("there must be one Assertion");
        }
        requireUniqueIds(document);
        if (!signed(assertion, provider) && !signed(response, provider)) {
            throw new SamlException("Response signature invalid");
        }
        return read(assertion, provider, audience, recipient, now);
    }

    private static String decode(String base64) {
        try {
            return new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new SamlException("not base64");
        }
    }

    private static void requireUniqueIds(Document document) {
        Set<String> seen = new java.util.HashSet<>();
        NodeList all = document.getElementsByTagNameNS("*", "*");
        for (int i = 0; i < all.getLength(); i++) {
            String id = ((Element) all.item(i)).getAttribute("ID");
            if (!id.isEmpty() && !seen.add(id)) {
                throw new SamlException("an ID stands twice");
            }
        }
    }

    /** Whether the element holds a signature over itself as a whole, by one of the provider's keys. */
    private static boolean signed(Element element, SamlMetadata provider) {
        List<Element> signatures = SecureXml.children(element, SamlMetadata.SIGNATURE, "Signature");
        String id = element.getAttribute("ID");
        if (signatures.size() != 1 || id.isEmpty()) {
            return false;
        }
        for (X509Certificate certificate : provider.certificates()) {
            DOMValidateContext context = new DOMValidateContext(
                    KeySelector.singletonKeySelector(certificate.getPublicKey()), signatures.getFirst());
            context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
            context.setIdAttributeNS(element, null, "ID");
            try {
                XMLSignature signature = XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context);
                if (covers(signature, id) && signature.validate(context)) {
                    return true;
                }
            } catch (MarshalException | XMLSignatureException e) {
                // Not by this key, or no signature at all: the next key, then no.
                continue;
            }
        }
        return false;
    }

    private static boolean covers(XMLSignature signature, String id) {
        List<Reference> references = signature.getSignedInfo().getReferences();
        return references.size() == 1
                && ("#" + id).equals(references.getFirst().getURI())
                && references.getFirst().getTransforms().stream()
                        .allMatch(transform -> TRANSFORMS.contains(transform.getAlgorithm()))
                && signature.getObjects().isEmpty();
    }

    private static SamlAssertion read(
            Element assertion,
            SamlMetadata provider,
            Set<String> audience,
            java.util.function.Predicate<String> recipient,
            Instant now) {
        String issuer = SecureXml.text(SecureXml.child(assertion, ASSERTION, "Issuer"));
        if (!issuer.equals(provider.entityId())) {
            throw new SamlException("Issuer not present in specified provider");
        }
        Element subject = SecureXml.child(assertion, ASSERTION, "Subject");
        Element name = SecureXml.child(subject, ASSERTION, "NameID");
        Element confirmed = confirmation(subject, recipient);
        Instant confirmedUntil = SamlMetadata.moment(confirmed.getAttribute("NotOnOrAfter"));
        Element conditions = SecureXml.child(assertion, ASSERTION, "Conditions");
        if (!now.isBefore(confirmedUntil) || tooLate(conditions, now)) {
            throw new SamlException("Token must be redeemed within 5 minutes of issuance");
        }
        String from = conditions.getAttribute("NotBefore");
        if (!from.isEmpty() && now.isBefore(SamlMetadata.moment(from))) {
            throw new SamlException("the assertion is not valid yet");
        }
        requireAudience(conditions, audience);
        String format = name.getAttribute("Format");
        String until = conditions.getAttribute("NotOnOrAfter");
        return new SamlAssertion(
                issuer,
                SecureXml.text(name),
                format.substring(format.lastIndexOf(':') + 1),
                confirmed.getAttribute("Recipient"),
                until.isEmpty() ? confirmedUntil : SamlMetadata.moment(until),
                attributes(assertion));
    }

    private static boolean tooLate(Element conditions, Instant now) {
        String until = conditions.getAttribute("NotOnOrAfter");
        return !until.isEmpty() && !now.isBefore(SamlMetadata.moment(until));
    }

    private static Element confirmation(Element subject, java.util.function.Predicate<String> recipient) {
        for (Element each : SecureXml.children(subject, ASSERTION, "SubjectConfirmation")) {
            if (BEARER.equals(each.getAttribute("Method"))) {
                Element data = SecureXml.child(each, ASSERTION, "SubjectConfirmationData");
                if (recipient.test(data.getAttribute("Recipient"))) {
                    return data;
                }
            }
        }
        throw new SamlException("the assertion was not sent to this recipient");
    }

    private static void requireAudience(Element conditions, Set<String> audience) {
        for (Element restriction : SecureXml.children(conditions, ASSERTION, "AudienceRestriction")) {
            for (Element each : SecureXml.children(restriction, ASSERTION, "Audience")) {
                if (audience.contains(SecureXml.text(each))) {
                    return;
                }
            }
        }
        throw new SamlException("Response does not contain the required audience.");
    }

    private static Map<String, List<String>> attributes(Element assertion) {
        Map<String, List<String>> found = new LinkedHashMap<>();
        for (Element statement : SecureXml.children(assertion, ASSERTION, "AttributeStatement")) {
            for (Element attribute : SecureXml.children(statement, ASSERTION, "Attribute")) {
                List<String> values = found.computeIfAbsent(attribute.getAttribute("Name"), key -> new ArrayList<>());
                for (Element value : SecureXml.children(attribute, ASSERTION, "AttributeValue")) {
                    values.add(SecureXml.text(value));
                }
            }
        }
        return found;
    }
}
