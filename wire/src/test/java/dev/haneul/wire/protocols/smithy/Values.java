package dev.haneul.wire.protocols.smithy;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.smithy.model.node.Node;
import software.amazon.smithy.model.node.NumberNode;
import software.amazon.smithy.model.node.ObjectNode;

/** The parameters of test cases as values, and values as trees that can be compared and read. */
public final class Values {
    private Values() {}

    /** A struct of the given parameters. */
    static Struct struct(StructShape shape, ObjectNode params) {
        Struct made = shape.create();
        params.getStringMap().forEach((name, node) -> {
            Member member = shape.member(name);
            if (member == null) {
                throw new IllegalArgumentException(shape.name() + " has no member " + name);
            }
            made.set(member.index(), ofNode(member, node));
        });
        return made;
    }

    /** A default as a model writes it: blobs in base64. */
    static Object ofDefault(Member member, Node node) {
        return member.shape().kind() == Kind.BLOB
                ? Base64.getDecoder().decode(node.expectStringNode().getValue())
                : ofNode(member, node);
    }

    /** A value of the member's shape. */
    static Object ofNode(Member member, Node node) {
        if (node.isNullNode()) {
            return null;
        }
        Kind kind = member.shape().kind();
        return switch (member.shape()) {
            case StructShape struct -> struct(struct, node.expectObjectNode());
            case ListShape list -> {
                List<Object> values = new ArrayList<>();
                node.expectArrayNode().getElements().forEach(n -> values.add(ofNode(list.element(), n)));
                yield values;
            }
            case MapShape map -> {
                Map<String, Object> values = new LinkedHashMap<>();
                node.expectObjectNode().getStringMap().forEach((k, n) -> values.put(k, ofNode(map.value(), n)));
                yield values;
            }
            default -> simple(kind, node);
        };
    }

    private static Object simple(Kind kind, Node node) {
        return switch (kind) {
            case STRING -> node.expectStringNode().getValue();
            case BOOLEAN -> node.expectBooleanNode().getValue();
            case BLOB -> node.expectStringNode().getValue().getBytes(StandardCharsets.UTF_8);
            case STREAM -> Body.of(node.expectStringNode().getValue().getBytes(StandardCharsets.UTF_8));
            case TIMESTAMP -> instant(node.expectNumberNode());
            case DOCUMENT -> document(node);
            case BIG_INTEGER ->
                new BigInteger(node.expectNumberNode().getValue().toString());
            case BIG_DECIMAL ->
                new BigDecimal(node.expectNumberNode().getValue().toString());
            default -> number(kind, node);
        };
    }

    private static Instant instant(NumberNode node) {
        BigDecimal seconds = new BigDecimal(node.getValue().toString());
        return Instant.ofEpochMilli(seconds.movePointRight(3).longValue());
    }

    private static Object number(Kind kind, Node node) {
        double value = node.isStringNode()
                ? Double.parseDouble(node.expectStringNode().getValue())
                : node.expectNumberNode().getValue().doubleValue();
        return switch (kind) {
            case BYTE -> (byte) value;
            case SHORT -> (short) value;
            case INTEGER -> (int) value;
            case LONG -> node.expectNumberNode().getValue().longValue();
            case FLOAT -> (float) value;
            case DOUBLE -> value;
            default -> throw new IllegalArgumentException(kind + " from " + node);
        };
    }

    static Object document(Node node) {
        return switch (node.getType()) {
            case NULL -> null;
            case STRING -> node.expectStringNode().getValue();
            case BOOLEAN -> node.expectBooleanNode().getValue();
            case NUMBER -> {
                Number number = node.expectNumberNode().getValue();
                yield number instanceof Double || number instanceof BigDecimal
                        ? (Object) number.doubleValue()
                        : (Object) number.longValue();
            }
            case ARRAY -> {
                List<Object> values = new ArrayList<>();
                node.expectArrayNode().getElements().forEach(n -> values.add(document(n)));
                yield values;
            }
            case OBJECT -> {
                Map<String, Object> values = new LinkedHashMap<>();
                node.expectObjectNode().getStringMap().forEach((k, n) -> values.put(k, document(n)));
                yield values;
            }
        };
    }

    /** A value as a tree of maps, lists and texts in which equal values are equal; unset members do not appear. */
    public static Object tree(Object value) {
        return switch (value) {
            case null -> null;
            case Struct struct -> {
                Map<String, Object> members = new TreeMap<>();
                for (Member member : struct.shape().members()) {
                    Object held = struct.get(member.index());
                    if (held != null && !isEmptyStream(held)) {
                        members.put(member.name(), tree(held));
                    }
                }
                yield members;
            }
            case List<?> list -> list.stream().map(Values::tree).collect(ArrayList::new, List::add, List::addAll);
            case Map<?, ?> map -> {
                Map<String, Object> entries = new TreeMap<>();
                map.forEach((key, held) -> entries.put((String) key, tree(held)));
                yield entries;
            }
            case byte[] bytes -> "blob:" + new String(bytes, StandardCharsets.ISO_8859_1);
            case Body body -> {
                try {
                    yield "blob:" + new String(body.stream().readAllBytes(), StandardCharsets.ISO_8859_1);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            case Number number -> number.getClass().getSimpleName() + ":" + number;
            default -> value.toString();
        };
    }

    private static boolean isEmptyStream(Object value) {
        return value instanceof Body body && body.length() == 0;
    }
}
