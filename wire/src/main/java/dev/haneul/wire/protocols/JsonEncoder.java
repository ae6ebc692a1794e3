package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.api.runtime.TimestampFormat;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;

/** Structs → JSON, driven by the schema. Unset members are left out. */
final class JsonEncoder {
    private final JsonFactory factory = new JsonFactory();
    private final ShapeCache<StructShape, SerializableString[]> names =
            new ShapeCache<>(shape -> shape.members().stream()
                    .map(member -> new SerializedString(JsonNames.of(member)))
                    .toArray(SerializableString[]::new));

    /** Writes an object of the given members of a struct, and whatever {@code more} adds. */
    byte[] write(Struct struct, List<Member> members, Consumer<JsonGenerator> more) {
        return generate(out -> {
            out.writeStartObject();
            more.accept(out);
            members(out, struct, members);
            out.writeEndObject();
        });
    }

    /** Writes one value. */
    byte[] write(Member member, Object value) {
        return generate(out -> value(out, member, value));
    }

    /** Writes what {@code content} writes. */
    byte[] generate(Consumer<JsonGenerator> content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator out = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
            content.accept(out);
        }
        return bytes.toByteArray();
    }

    private void members(JsonGenerator out, Struct struct, List<Member> members) {
        SerializableString[] wire = names.of(struct.shape());
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            Object value = Defaults.valueOf(struct, member);
            if (value != null) {
                out.writeName(wire[member.index()]);
                value(out, member, value);
            }
        }
    }

    private void value(JsonGenerator out, Member member, @Nullable Object value) {
        switch (value) {
            case null -> out.writeNull();
            case String text -> out.writeString(text);
            case Boolean bool -> out.writeBoolean(bool);
            case Instant time -> timestamp(out, member, time);
            case byte[] bytes -> out.writeBinary(bytes);
            case Number number -> number(out, number);
            case Struct struct -> {
                out.writeStartObject();
                members(out, struct, struct.shape().members());
                out.writeEndObject();
            }
            case List<?> list -> {
                if (member.shape() instanceof ListShape shape) {
                    out.writeStartArray();
                    list.forEach(element -> value(out, shape.element(), element));
                    out.writeEndArray();
                } else {
                    document(out, list, 1);
                }
            }
            case Map<?, ?> map -> {
                if (member.shape() instanceof MapShape shape) {
                    out.writeStartObject();
                    map.forEach((key, element) -> {
                        out.writeName((String) key);
                        value(out, shape.value(), element);
                    });
                    out.writeEndObject();
                } else {
                    document(out, map, 1);
                }
            }
            default -> throw new IllegalArgumentException(member + " holds a " + value.getClass());
        }
    }

    private static void timestamp(JsonGenerator out, Member member, Instant time) {
        TimestampFormat own = member.timestampFormat();
        if (own == null || own == TimestampFormat.EPOCH_SECONDS) {
            out.writeNumber(Timestamps.format(TimestampFormat.EPOCH_SECONDS, time, false));
        } else {
            out.writeString(Timestamps.format(own, time, false));
        }
    }

    private static void number(JsonGenerator out, Number number) {
        switch (number) {
            case Double value -> {
                if (value.isNaN() || value.isInfinite()) {
                    out.writeString(value.toString());
                } else {
                    out.writeNumber(value);
                }
            }
            case Float value -> {
                if (value.isNaN() || value.isInfinite()) {
                    out.writeString(value.toString());
                } else {
                    out.writeNumber(value);
                }
            }
            case BigDecimal value -> out.writeNumber(value);
            case BigInteger value -> out.writeNumber(value);
            default -> out.writeNumber(number.longValue());
        }
    }

    private static void document(JsonGenerator out, @Nullable Object value, int depth) {
        if (depth > WireLimits.MAX_DEPTH * 2) {
            throw new IllegalArgumentException("A document is nested too deeply");
        }
        switch (value) {
            case null -> out.writeNull();
            case String text -> out.writeString(text);
            case Boolean bool -> out.writeBoolean(bool);
            case Number number -> number(out, number);
            case List<?> list -> {
                out.writeStartArray();
                list.forEach(element -> document(out, element, depth + 1));
                out.writeEndArray();
            }
            case Map<?, ?> map -> {
                out.writeStartObject();
                map.forEach((key, element) -> {
                    out.writeName((String) key);
                    document(out, element, depth + 1);
                });
                out.writeEndObject();
            }
            default -> throw new IllegalArgumentException("A document holds a " + value.getClass());
        }
    }
}
