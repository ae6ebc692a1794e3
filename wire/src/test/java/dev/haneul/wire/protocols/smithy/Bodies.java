package dev.haneul.wire.protocols.smithy;

import dev.haneul.wire.protocols.CborTrees;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import software.amazon.smithy.model.node.ObjectNode;

/** Bodies brought to a form in which those that mean the same are equal. */
final class Bodies {
    private Bodies() {}

    /** CBOR by value: floats and integers by what they are worth, errors by their short names. */
    static Object cbor(byte[] bytes) {
        return normal(CborTrees.read(bytes));
    }

    private static Object normal(Object value) {
        return switch (value) {
            case null -> "null";
            case Map<?, ?> map -> {
                TreeMap<String, Object> entries = new TreeMap<>();
                map.forEach((key, held) -> entries.put((String) key, normal(held)));
                entries.computeIfPresent(
                        "__type", (key, type) -> type.toString().replaceFirst(".*#", ""));
                yield entries;
            }
            case List<?> list -> list.stream().map(Bodies::normal).toList();
            case byte[] blob -> "blob:" + new String(blob, StandardCharsets.ISO_8859_1);
            case Double number -> number.isNaN() || number.isInfinite() ? number.toString() : number(number.toString());
            case BigDecimal number -> number(number.toString());
            default -> value.toString();
        };
    }

    /** JSON by value: members in any order, numbers by what they are worth. */
    static Object json(String text) {
        return normal(software.amazon.smithy.model.node.Node.parse(text));
    }

    private static Object normal(software.amazon.smithy.model.node.Node node) {
        return switch (node.getType()) {
            case OBJECT -> {
                TreeMap<String, Object> entries = new TreeMap<>();
                ObjectNode object = node.expectObjectNode();
                object.getStringMap().forEach((key, value) -> entries.put(key, normal(value)));
                yield entries;
            }
            case ARRAY ->
                node.expectArrayNode().getElements().stream()
                        .map(Bodies::normal)
                        .toList();
            case NUMBER -> number(node.expectNumberNode().getValue().toString());
            case NULL -> "null";
            case STRING -> "string:" + node.expectStringNode().getValue();
            case BOOLEAN -> "boolean:" + node.expectBooleanNode().getValue();
        };
    }

    /**
     * XML by structure: elements of different names in any order, white space between elements not counted, without
     * the elements of the given names.
     */
    static String xml(String text, Set<String> without) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            Element root = factory.newDocumentBuilder()
                    .parse(new ByteArrayInputStream(text.strip().getBytes(StandardCharsets.UTF_8)))
                    .getDocumentElement();
            StringBuilder out = new StringBuilder();
            write(root, without, out, 0);
            return out.toString();
        } catch (Exception e) {
            throw new IllegalArgumentException("not XML: " + text, e);
        }
    }

    private static void write(Element element, Set<String> without, StringBuilder out, int depth) {
        out.append("  ".repeat(depth)).append(element.getNodeName());
        List<String> attributes = new ArrayList<>();
        for (int i = 0; i < element.getAttributes().getLength(); i++) {
            Node attribute = element.getAttributes().item(i);
            attributes.add(" " + attribute.getNodeName() + "=" + attribute.getNodeValue());
        }
        attributes.stream().sorted().forEach(out::append);
        List<Element> children = new ArrayList<>();
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element inner && !without.contains(inner.getNodeName())) {
                children.add(inner);
            }
        }
        if (children.isEmpty() && element.getElementsByTagName("*").getLength() == 0) {
            out.append(": ").append(scalar(element.getTextContent())).append('\n');
            return;
        }
        out.append('\n');
        children.sort(Comparator.comparing(Element::getNodeName));
        children.forEach(child -> write(child, without, out, depth + 1));
    }

    private static String scalar(String text) {
        try {
            return number(text.strip());
        } catch (NumberFormatException e) {
            return text.isBlank() ? "" : text;
        }
    }

    private static String number(String text) {
        return "number:" + new BigDecimal(text).stripTrailingZeros().toPlainString();
    }
}
