package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.Tag;
import java.io.StringReader;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** Tags of objects and buckets. See AWS, "Categorizing your objects using tags". */
final class Tags {
    private static final int MAX_OBJECT_TAGS = 10;
    private static final int MAX_BUCKET_TAGS = 50;
    private static final int MAX_KEY_CHARS = 128;
    private static final int MAX_VALUE_CHARS = 256;

    private static final XMLInputFactory XML = xml();

    private Tags() {}

    /** Reads {@code x-amz-tagging}: tags as a URL query. */
    static Map<String, String> ofHeader(@Nullable String header) {
        if (header == null || header.isEmpty()) {
            return Map.of();
        }
        Map<String, String> tags = new LinkedHashMap<>();
        for (String pair : header.split("&", -1)) {
            String[] sides = pair.split("=", 2);
            String value = sides.length == 2 ? decode(sides[1], header) : "";
            if (pair.isEmpty() || tags.putIfAbsent(decode(sides[0], header), value) != null) {
                throw badHeader(header);
            }
        }
        checkObject(tags);
        return tags;
    }

    private static String decode(String encoded, String header) {
        try {
            return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw badHeader(header);
        }
    }

    private static Fault badHeader(String header) {
        return S3Errors.invalidArgument(
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag"
                        + " name duplicates.",
                "x-amz-tagging",
                header);
    }

    /** Reads the {@code tagging} field of a form: tags as an XML document. */
    static Map<String, String> ofXml(String xml) {
        List<Tag> set = new ArrayList<>();
        try {
            XMLStreamReader in = XML.createXMLStreamReader(new StringReader(xml));
            Tag tag = new Tag();
            while (in.hasNext()) {
                if (in.next() == XMLStreamConstants.START_ELEMENT) {
                    switch (in.getLocalName()) {
                        case "Tag" -> {
                            tag = new Tag();
                            set.add(tag);
                        }
                        case "Key" -> tag.key(in.getElementText());
                        case "Value" -> tag.value(in.getElementText());
                        default -> {}
                    }
                }
            }
        } catch (XMLStreamException malformed) {
            throw S3Errors.malformedXml();
        }
        return ofObject(set);
    }

    private static XMLInputFactory xml() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        return factory;
    }

    /** Reads an object's tag set. */
    static Map<String, String> ofObject(List<Tag> set) {
        Map<String, String> tags = ofSet(set);
        checkObject(tags);
        return tags;
    }

    private static void checkObject(Map<String, String> tags) {
        if (tags.size() > MAX_OBJECT_TAGS) {
            throw Fault.client("BadRequest", 400, "Object tags cannot be greater than " + MAX_OBJECT_TAGS);
        }
        tags.forEach(Tags::check);
    }

    /** Reads a bucket's tag set. */
    static Map<String, String> ofBucket(List<Tag> set) {
        Map<String, String> tags = ofSet(set);
        if (tags.size() > MAX_BUCKET_TAGS) {
            throw Fault.client("BadRequest", 400, "Bucket tag count cannot be greater than " + MAX_BUCKET_TAGS);
        }
        tags.forEach(Tags::check);
        return tags;
    }

    private static Map<String, String> ofSet(List<Tag> set) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (Tag tag : set) {
            String key = tag.key();
            String value = tag.value();
            if (key == null || value == null) {
                throw S3Errors.malformedXml();
            }
            if (tags.putIfAbsent(key, value) != null) {
                throw Fault.client("InvalidTag", 400, "Cannot provide multiple Tags with the same key")
                        .with("TagKey", key);
            }
        }
        return tags;
    }

    private static void check(String key, String value) {
        if (key.startsWith("aws:")) {
            throw Fault.client("InvalidTag", 400, "System tags cannot be added/updated by requester")
                    .with("TagKey", key);
        }
        if (key.isEmpty() || key.codePointCount(0, key.length()) > MAX_KEY_CHARS || !allowed(key)) {
            throw Fault.client("InvalidTag", 400, "The TagKey you have provided is invalid")
                    .with("TagKey", key);
        }
        if (value.codePointCount(0, value.length()) > MAX_VALUE_CHARS || !allowed(value)) {
            throw Fault.client("InvalidTag", 400, "The TagValue you have provided is invalid")
                    .with("TagKey", key)
                    .with("TagValue", value);
        }
    }

    /** Letters, digits and spaces of any script, and {@code + - = . _ : / @}. */
    private static boolean allowed(String text) {
        return text.codePoints()
                .allMatch(c -> Character.isLetterOrDigit(c)
                        || Character.getType(c) == Character.NON_SPACING_MARK
                        || Character.isSpaceChar(c)
                        || "+-=._:/@".indexOf(c) >= 0);
    }

    /** Tags as {@code x-amz-tagging} carries them. */
    static String toHeader(Map<String, String> tags) {
        StringJoiner out = new StringJoiner("&");
        tags.forEach((key, value) -> out.add(URLEncoder.encode(key, StandardCharsets.UTF_8) + "="
                + URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return out.toString();
    }

    /** Tags as the API lists them. */
    static List<Tag> toSet(Map<String, String> tags) {
        List<Tag> set = new ArrayList<>(tags.size());
        tags.forEach((key, value) -> set.add(new Tag().key(key).value(value)));
        return set;
    }
}
