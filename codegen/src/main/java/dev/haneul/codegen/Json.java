package dev.haneul.codegen;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON as plain trees: {@code Map} (in file order), {@code List}, {@code String}, {@code Long}, {@code Double},
 * {@code Boolean} and null. Enough for models, and no binding library.
 */
public final class Json {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Json() {}

    /** The tree of a file, gunzipped where its name ends in {@code .gz}. */
    public static @Nullable Object read(Path file) throws IOException {
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
                JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), in)) {
            parser.nextToken();
            return value(parser);
        } catch (JacksonException broken) {
            throw new IOException(file + " is not JSON: " + broken.getOriginalMessage(), broken);
        }
    }

    /** The tree of a text. */
    public static @Nullable Object parse(String text) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            parser.nextToken();
            return value(parser);
        }
    }

    /** A tree in one line, without spaces. */
    public static String write(@Nullable Object tree) {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            write(tree, generator);
        }
        return out.toString();
    }

    /** The tree as an object. */
    @SuppressWarnings("unchecked")
    public static Map<String, @Nullable Object> object(@Nullable Object tree) {
        if (tree instanceof Map) {
            return (Map<String, @Nullable Object>) tree;
        }
        throw new IllegalArgumentException("expected a JSON object, found " + write(tree));
    }

    /** The object under a key, an empty one where there is none. */
    public static Map<String, @Nullable Object> object(Map<String, @Nullable Object> parent, String key) {
        Object child = parent.get(key);
        return child == null ? Map.of() : object(child);
    }

    /** The array under a key, an empty one where there is none. */
    public static List<?> array(Map<String, @Nullable Object> parent, String key) {
        Object child = parent.get(key);
        if (child == null) {
            return List.of();
        }
        if (child instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException("expected a JSON array under " + key + ", found " + write(child));
    }

    /** The strings of the array under a key, none where there is none. */
    public static List<String> strings(Map<String, @Nullable Object> parent, String key) {
        List<String> found = new ArrayList<>();
        for (Object entry : array(parent, key)) {
            found.add((String) entry);
        }
        return found;
    }

    /** The string under a key, null where there is none. */
    public static @Nullable String string(Map<String, @Nullable Object> parent, String key) {
        return (String) parent.get(key);
    }

    /** Whether the key holds {@code true}. */
    public static boolean flag(Map<String, @Nullable Object> parent, String key) {
        return Boolean.TRUE.equals(parent.get(key));
    }

    private static @Nullable Object value(JsonParser parser) {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> members(parser);
            case START_ARRAY -> elements(parser);
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new IllegalArgumentException("unexpected " + token);
        };
    }

    private static Map<String, @Nullable Object> members(JsonParser parser) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            object.put(name, value(parser));
        }
        return object;
    }

    private static List<@Nullable Object> elements(JsonParser parser) {
        List<@Nullable Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(parser));
        }
        return array;
    }

    private static void write(@Nullable Object tree, JsonGenerator out) {
        switch (tree) {
            case null -> out.writeNull();
            case Map<?, ?> object -> {
                out.writeStartObject();
                object.forEach((name, child) -> {
                    out.writeName((String) name);
                    write(child, out);
                });
                out.writeEndObject();
            }
            case List<?> array -> {
                out.writeStartArray();
                array.forEach(child -> write(child, out));
                out.writeEndArray();
            }
            case String text -> out.writeString(text);
            case Boolean truth -> out.writeBoolean(truth);
            case Double number -> out.writeNumber(number);
            case Number number -> out.writeNumber(number.longValue());
            default -> throw new IllegalArgumentException("not JSON: " + tree.getClass());
        }
    }
}
