package dev.haneul.kernel.store.json;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A list, or a set that keeps its order; what is read cannot be changed. Null elements are kept. */
record CollectionForm(JsonForm element, boolean set) implements JsonForm {
    @Override
    public void write(JsonGenerator out, Object value) {
        out.writeStartArray();
        for (Object each : (Collection<?>) value) {
            JsonForm.writeNullable(element, out, each);
        }
        out.writeEndArray();
    }

    @Override
    public Object read(JsonParser in) {
        Collection<@Nullable Object> values = set ? new LinkedHashSet<>() : new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            values.add(JsonForm.readNullable(element, in));
        }
        return values instanceof Set<@Nullable Object> found
                ? Collections.unmodifiableSet(found)
                : Collections.unmodifiableList((List<@Nullable Object>) values);
    }

    @Override
    public Object zero() {
        return set ? Set.of() : List.of();
    }
}
