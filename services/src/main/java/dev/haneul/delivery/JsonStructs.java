package dev.haneul.delivery;

import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON trees as requests of an API, by the model's member names, whose first letter may be of either case: Scheduler and
 * Step Functions write every service's parameters in PascalCase.
 */
public final class JsonStructs {
    private JsonStructs() {}

    /**
     * Fills a structure from a JSON object.
     *
     * @throws IllegalArgumentException naming the member that does not fit
     */
    public static Struct read(StructShape shape, Map<?, ?> object) {
        Struct struct = shape.create();
        for (Map.Entry<?, ?> entry : object.entrySet()) {
            String name = String.valueOf(entry.getKey());
            Member member = member(shape, name);
            if (member == null) {
                throw new IllegalArgumentException("unknown parameter " + name);
            }
            struct.set(member.index(), value(member.shape(), entry.getValue(), name));
        }
        return struct;
    }

    private static @Nullable Member member(StructShape shape, String name) {
        Member same = shape.member(name);
        if (same != null || name.isEmpty()) {
            return same;
        }
        char first = name.charAt(0);
        char other = Character.isUpperCase(first) ? Character.toLowerCase(first) : Character.toUpperCase(first);
        return shape.member(other + name.substring(1));
    }

    private static @Nullable Object value(Shape shape, @Nullable Object tree, String name) {
        if (tree == null) {
            return null;
        }
        return switch (shape) {
            case StructShape structure when tree instanceof Map<?, ?> map -> read(structure, map);
            case ListShape list
            when tree instanceof List<?> elements -> {
                List<@Nullable Object> values = new ArrayList<>(elements.size());
                for (Object element : elements) {
                    values.add(value(list.element().shape(), element, name));
                }
                yield values;
            }
            case MapShape map
            when tree instanceof Map<?, ?> entries -> {
                Map<String, @Nullable Object> values = new LinkedHashMap<>();
                for (Map.Entry<?, ?> entry : entries.entrySet()) {
                    values.put(String.valueOf(entry.getKey()), value(map.value().shape(), entry.getValue(), name));
                }
                yield values;
            }
            case StructShape structure -> throw wrong(name, "an object");
            case ListShape list -> throw wrong(name, "a list");
            case MapShape map -> throw wrong(name, "an object");
            default -> scalar(shape, tree, name);
        };
    }

    private static Object scalar(Shape shape, Object tree, String name) {
        return switch (shape.kind()) {
            case STRING -> tree instanceof String text ? text : text(tree, name);
            case BLOB -> (tree instanceof String text ? text : Json.write(tree)).getBytes(StandardCharsets.UTF_8);
            case BOOLEAN -> {
                if (tree instanceof Boolean flag) {
                    yield flag;
                }
                throw wrong(name, "true or false");
            }
            case BYTE -> (byte) whole(tree, name);
            case SHORT -> (short) whole(tree, name);
            case INTEGER -> (int) whole(tree, name);
            case LONG -> whole(tree, name);
            case FLOAT -> number(tree, name).floatValue();
            case DOUBLE -> number(tree, name).doubleValue();
            case BIG_INTEGER -> number(tree, name).toBigInteger();
            case BIG_DECIMAL -> number(tree, name);
            case TIMESTAMP -> moment(tree, name);
            case DOCUMENT -> tree;
            default -> throw wrong(name, "something else: it cannot be given here");
        };
    }

    /** Objects and lists are taken for text that holds JSON. */
    private static String text(Object tree, String name) {
        if (tree instanceof Map || tree instanceof List) {
            return Json.write(tree);
        }
        throw wrong(name, "a string");
    }

    private static long whole(Object tree, String name) {
        try {
            return number(tree, name).longValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(name + " must be a whole number", e);
        }
    }

    private static BigDecimal number(Object tree, String name) {
        return switch (tree) {
            case BigDecimal number -> number;
            case BigInteger number -> new BigDecimal(number);
            default -> throw wrong(name, "a number");
        };
    }

    private static Instant moment(Object tree, String name) {
        try {
            return tree instanceof String text
                    ? Instant.parse(text)
                    : Instant.ofEpochMilli(number(tree, name).movePointRight(3).longValue());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(name + " must be a point in time", e);
        }
    }

    private static IllegalArgumentException wrong(String name, String wanted) {
        return new IllegalArgumentException(name + " must be " + wanted);
    }
}
