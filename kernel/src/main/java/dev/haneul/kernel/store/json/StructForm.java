package dev.haneul.kernel.store.json;

import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.kernel.store.StoreException;
import java.lang.reflect.Constructor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A generated structure as an object by the model's member names (not wire names, which differ by protocol). Its shape
 * is asked of a value made with the class's no-argument constructor.
 */
final class StructForm implements JsonForm {
    private final Struct prototype;

    private StructForm(Struct prototype) {
        this.prototype = prototype;
    }

    static StructForm of(Class<?> type) {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return new StructForm((Struct) constructor.newInstance());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type + " has no usable constructor without arguments", e);
        }
    }

    @Override
    public void write(JsonGenerator out, Object value) {
        Struct struct = (Struct) value;
        out.writeStartObject();
        for (Member member : struct.shape().members()) {
            Object each = struct.get(member.index());
            if (each != null) {
                out.writeName(member.name());
                writeValue(out, member.shape(), each);
            }
        }
        out.writeEndObject();
    }

    @Override
    public Object read(JsonParser in) {
        return readStruct(in, prototype.shape());
    }

    @Override
    public Object zero() {
        return prototype.fresh();
    }

    private void writeValue(JsonGenerator out, Shape shape, @Nullable Object value) {
        if (value == null) {
            out.writeNull();
            return;
        }
        switch (shape) {
            case StructShape structure -> write(out, value);
            case ListShape list -> {
                out.writeStartArray();
                for (Object each : (List<?>) value) {
                    writeValue(out, list.element().shape(), each);
                }
                out.writeEndArray();
            }
            case MapShape map -> {
                out.writeStartObject();
                for (Map.Entry<?, ?> each : ((Map<?, ?>) value).entrySet()) {
                    out.writeName((String) each.getKey());
                    writeValue(out, map.value().shape(), each.getValue());
                }
                out.writeEndObject();
            }
            default -> writeScalar(out, shape, value);
        }
    }

    private static void writeScalar(JsonGenerator out, Shape shape, Object value) {
        switch (shape.kind()) {
            case BLOB -> out.writeBinary((byte[]) value);
            case STRING, TIMESTAMP, BIG_INTEGER, BIG_DECIMAL -> out.writeString(value.toString());
            case STREAM, EVENT_STREAM ->
                throw new IllegalArgumentException("a stream (" + shape.name() + ") cannot be kept in a record");
            default -> JsonTrees.write(out, value);
        }
    }

    private static Struct readStruct(JsonParser in, StructShape shape) {
        Struct struct = shape.create();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            Member member = shape.member(in.currentName());
            in.nextToken();
            if (member == null) {
                in.skipChildren();
            } else {
                struct.set(member.index(), readValue(in, member.shape()));
            }
        }
        return struct;
    }

    private static @Nullable Object readValue(JsonParser in, Shape shape) {
        if (in.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        return switch (shape) {
            case StructShape structure -> readStruct(in, structure);
            case ListShape list -> {
                List<@Nullable Object> values = new ArrayList<>();
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    values.add(readValue(in, list.element().shape()));
                }
                yield values;
            }
            case MapShape map -> {
                Map<String, @Nullable Object> values = new LinkedHashMap<>();
                while (in.nextToken() != JsonToken.END_OBJECT) {
                    String name = in.currentName();
                    in.nextToken();
                    values.put(name, readValue(in, map.value().shape()));
                }
                yield values;
            }
            default -> readScalar(in, shape);
        };
    }

    private static @Nullable Object readScalar(JsonParser in, Shape shape) {
        return switch (shape.kind()) {
            case BLOB -> in.getBinaryValue();
            case STRING -> in.getString();
            case BOOLEAN -> in.getBooleanValue();
            case BYTE -> in.getByteValue();
            case SHORT -> in.getShortValue();
            case INTEGER -> in.getIntValue();
            case LONG -> in.getLongValue();
            case FLOAT -> (float) ScalarForm.readDouble(in);
            case DOUBLE -> ScalarForm.readDouble(in);
            case BIG_INTEGER -> new java.math.BigInteger(in.getString());
            case BIG_DECIMAL -> new java.math.BigDecimal(in.getString());
            case TIMESTAMP -> Instant.parse(in.getString());
            case DOCUMENT -> JsonTrees.read(in);
            default -> throw new StoreException("a stored record holds a " + shape.kind());
        };
    }
}
