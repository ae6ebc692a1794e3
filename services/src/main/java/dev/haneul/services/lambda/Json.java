package dev.haneul.services.lambda;

import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;

/** The little JSON this room needs: to check a payload and to write small documents. */
final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** What is wrong with a document, in the parser's words; null where it is one JSON value. */
    static @Nullable String fault(byte[] document) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), document)) {
            if (parser.nextToken() == null) {
                return "No content to map due to end-of-input";
            }
            int depth = 0;
            do {
                switch (parser.currentToken()) {
                    case START_OBJECT, START_ARRAY -> depth++;
                    case END_OBJECT, END_ARRAY -> depth--;
                    default -> {}
                }
            } while (depth > 0 && parser.nextToken() != null);
            if (depth > 0) {
                return "Unexpected end-of-input";
            }
            return parser.nextToken() == null ? null : "Trailing token after the document";
        } catch (StreamReadException e) {
            return e.getOriginalMessage();
        } catch (tools.jackson.core.JacksonException e) {
            return e.getOriginalMessage();
        }
    }

    /** Writes maps, lists, text and numbers. */
    static String write(Object tree) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            write(json, tree);
        }
        return out.toString();
    }

    private static void write(JsonGenerator json, Object tree) {
        switch (tree) {
            case Map<?, ?> map -> {
                json.writeStartObject();
                map.forEach((name, value) -> {
                    json.writeName(String.valueOf(name));
                    write(json, value);
                });
                json.writeEndObject();
            }
            case List<?> list -> {
                json.writeStartArray();
                list.forEach(value -> write(json, value));
                json.writeEndArray();
            }
            case Number number -> json.writeNumber(number.toString());
            case Boolean flag -> json.writeBoolean(flag);
            default -> json.writeString(String.valueOf(tree));
        }
    }
}
