package dev.haneul.kernel.store.json;

import dev.haneul.kernel.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;

/** Plain JSON trees: mutable Map (in order), List, String, Long, BigInteger, Double, BigDecimal, Boolean, null. */
public final class JsonTrees {
    private JsonTrees() {}

    /** Reads a JSON object. */
    @SuppressWarnings("unchecked")
    public static Map<String, @Nullable Object> readObject(byte[] bytes) {
        try (JsonParser in = JsonForms.JSON.createParser(ObjectReadContext.empty(), bytes)) {
            in.nextToken();
            if (read(in) instanceof Map<?, ?> map) {
                return (Map<String, @Nullable Object>) map;
            }
            throw new StoreException("a stored record is not a JSON object");
        } catch (JacksonException e) {
            throw new StoreException("a stored record is not readable: " + e.getOriginalMessage(), e);
        }
    }

    /** Writes a tree. */
    public static byte[] write(@Nullable Object tree) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator out = JsonForms.JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            write(out, tree);
        }
        return bytes.toByteArray();
    }

    static @Nullable Object read(JsonParser in) {
        return switch (in.currentToken()) {
            case VALUE_NULL -> null;
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_STRING -> in.getString();
            case VALUE_NUMBER_INT -> integer(in);
            case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    list.add(read(in));
                }
                yield list;
            }
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                while (in.nextToken() != JsonToken.END_OBJECT) {
                    String name = in.currentName();
                    in.nextToken();
                    map.put(name, read(in));
                }
                yield map;
            }
            default -> throw new StoreException("a stored record is cut short");
        };
    }

    private static Object integer(JsonParser in) {
        return in.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? in.getBigIntegerValue()
                : (Object) in.getLongValue();
    }

    static void write(JsonGenerator out, @Nullable Object value) {
        switch (value) {
            case null -> out.writeNull();
            case String text -> out.writeString(text);
            case Boolean bool -> out.writeBoolean(bool);
            case Integer number -> out.writeNumber(number);
            case Long number -> out.writeNumber(number);
            case Short number -> out.writeNumber(number);
            case Byte number -> out.writeNumber(number.intValue());
            case Float number -> out.writeNumber(number);
            case Double number -> out.writeNumber(number);
            case BigInteger number -> out.writeNumber(number);
            case BigDecimal number -> out.writeNumber(number);
            case Iterable<?> list -> {
                out.writeStartArray();
                for (Object element : list) {
                    write(out, element);
                }
                out.writeEndArray();
            }
            case Map<?, ?> map -> {
                out.writeStartObject();
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.writeName(String.valueOf(entry.getKey()));
                    write(out, entry.getValue());
                }
                out.writeEndObject();
            }
            default -> throw new IllegalArgumentException(value.getClass().getName() + " is no part of a JSON tree");
        }
    }
}
