package dev.haneul.kernel.store.json;

import dev.haneul.kernel.store.StoreException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;

/** An enum by the names of its constants. */
final class EnumForm implements JsonForm {
    private final Class<?> type;
    private final Map<String, Object> byName = new HashMap<>();
    private final @Nullable Object first;

    EnumForm(Class<?> type) {
        this.type = type;
        Object[] constants = type.getEnumConstants();
        for (Object constant : constants) {
            byName.put(((Enum<?>) constant).name(), constant);
        }
        first = constants.length == 0 ? null : constants[0];
    }

    @Override
    public void write(JsonGenerator out, Object value) {
        out.writeString(((Enum<?>) value).name());
    }

    @Override
    public Object read(JsonParser in) {
        String name = in.getString();
        Object constant = byName.get(name);
        if (constant == null) {
            throw new StoreException("a stored record holds " + type.getSimpleName() + " " + name
                    + ", which this release does not know");
        }
        return constant;
    }

    @Override
    public @Nullable Object zero() {
        return first;
    }
}
