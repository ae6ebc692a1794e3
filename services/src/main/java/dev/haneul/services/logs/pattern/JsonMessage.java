package dev.haneul.services.logs.pattern;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** A message as a JSON tree: Map, List, String, BigDecimal, Boolean, null. */
final class JsonMessage {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(200).build())
            .build();

    private JsonMessage() {}

    /** The object; null where the message is none. */
    @SuppressWarnings("unchecked")
    static @Nullable Map<String, @Nullable Object> read(String message) {
        if (!message.stripLeading().startsWith("{")) {
            return null;
        }
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), message)) {
            in.nextToken();
            Object tree = value(in);
            boolean whole = in.nextToken() == null;
            return whole ? (Map<String, @Nullable Object>) tree : null;
        } catch (JacksonException _) {
            return null;
        }
    }

    private static @Nullable Object value(JsonParser in) {
        return switch (in.currentToken()) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = in.currentName();
                    in.nextToken();
                    map.put(name, value(in));
                }
                yield map;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(in));
                }
                yield list;
            }
            case VALUE_STRING -> in.getString();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(in.getString());
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case null, default -> null;
        };
    }

    /** A number, or its text where it is too long to be worth comparing as one. */
    private static Object number(String text) {
        return text.length() > 64 ? text : new BigDecimal(text);
    }
}
