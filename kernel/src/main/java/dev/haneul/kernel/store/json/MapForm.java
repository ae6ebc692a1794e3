package dev.haneul.kernel.store.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A map with string keys, in order; what is read cannot be changed. Null values are kept. */
record MapForm(JsonForm element) implements JsonForm {
    @Override
    public void write(JsonGenerator out, Object value) {
        out.writeStartObject();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
            out.writeName((String) entry.getKey());
            JsonForm.writeNullable(element, out, entry.getValue());
        }
        out.writeEndObject();
    }

    @Override
    public Object read(JsonParser in) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String name = in.currentName();
            in.nextToken();
            values.put(name, JsonForm.readNullable(element, in));
        }
        return Collections.unmodifiableMap(values);
    }

    @Override
    public Object zero() {
        return Map.of();
    }
}
