package dev.haneul.kernel.store.json;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;

/** Values that are one JSON token, and the plain tree. */
record ScalarForm(BiConsumer<JsonGenerator, Object> writer, Function<JsonParser, Object> reader, Object zero)
        implements JsonForm {
    private static final Map<Class<?>, JsonForm> FORMS = Map.ofEntries(
            Map.entry(String.class, form((out, value) -> out.writeString((String) value), JsonParser::getString, "")),
            both(int.class, (out, value) -> out.writeNumber((Integer) value), JsonParser::getIntValue, 0),
            both(Integer.class, (out, value) -> out.writeNumber((Integer) value), JsonParser::getIntValue, 0),
            both(long.class, (out, value) -> out.writeNumber((Long) value), JsonParser::getLongValue, 0L),
            both(Long.class, (out, value) -> out.writeNumber((Long) value), JsonParser::getLongValue, 0L),
            both(short.class, (out, value) -> out.writeNumber((Short) value), JsonParser::getShortValue, (short) 0),
            both(Short.class, (out, value) -> out.writeNumber((Short) value), JsonParser::getShortValue, (short) 0),
            both(byte.class, (out, value) -> out.writeNumber((Byte) value), JsonParser::getByteValue, (byte) 0),
            both(Byte.class, (out, value) -> out.writeNumber((Byte) value), JsonParser::getByteValue, (byte) 0),
            both(double.class, (out, value) -> out.writeNumber((Double) value), ScalarForm::readDouble, 0d),
            both(Double.class, (out, value) -> out.writeNumber((Double) value), ScalarForm::readDouble, 0d),
            both(float.class, (out, value) -> out.writeNumber((Float) value), in -> (float) readDouble(in), 0f),
            both(Float.class, (out, value) -> out.writeNumber((Float) value), in -> (float) readDouble(in), 0f),
            both(boolean.class, (out, value) -> out.writeBoolean((Boolean) value), JsonParser::getBooleanValue, false),
            both(Boolean.class, (out, value) -> out.writeBoolean((Boolean) value), JsonParser::getBooleanValue, false),
            both(
                    Instant.class,
                    (out, value) -> out.writeString(value.toString()),
                    in -> Instant.parse(in.getString()),
                    Instant.EPOCH),
            both(
                    Duration.class,
                    (out, value) -> out.writeString(value.toString()),
                    in -> Duration.parse(in.getString()),
                    Duration.ZERO),
            both(
                    byte[].class,
                    (out, value) -> out.writeBinary((byte[]) value),
                    JsonParser::getBinaryValue,
                    new byte[0]),
            Map.entry(Object.class, new TreeForm()));

    /** The form of a class that is a scalar, null for others. */
    static @Nullable JsonForm of(Class<?> type) {
        return FORMS.get(type);
    }

    /** Infinity and NaN are written as text. */
    static double readDouble(JsonParser in) {
        return in.currentToken().isNumeric() ? in.getDoubleValue() : Double.parseDouble(in.getString());
    }

    private static Map.Entry<Class<?>, JsonForm> both(
            Class<?> type, BiConsumer<JsonGenerator, Object> writer, Function<JsonParser, Object> reader, Object zero) {
        return Map.entry(type, form(writer, reader, zero));
    }

    private static JsonForm form(
            BiConsumer<JsonGenerator, Object> writer, Function<JsonParser, Object> reader, Object zero) {
        return new ScalarForm(writer, reader, zero);
    }

    @Override
    public void write(JsonGenerator out, Object value) {
        writer.accept(out, value);
    }

    @Override
    public Object read(JsonParser in) {
        return reader.apply(in);
    }

    /** A component of type Object: any JSON. */
    private record TreeForm() implements JsonForm {
        @Override
        public void write(JsonGenerator out, Object value) {
            JsonTrees.write(out, value);
        }

        @Override
        public Object read(JsonParser in) {
            return java.util.Objects.requireNonNull(JsonTrees.read(in));
        }

        @Override
        public @Nullable Object zero() {
            return null;
        }
    }
}
