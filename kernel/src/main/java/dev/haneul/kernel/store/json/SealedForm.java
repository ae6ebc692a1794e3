package dev.haneul.kernel.store.json;

import dev.haneul.kernel.store.StoreException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A sealed interface of records: the record's object with its simple name in the first member, {@code "@"}. */
final class SealedForm implements JsonForm {
    private static final String TAG = "@";

    private final Class<?> type;
    private final Map<String, RecordForm> byTag = new HashMap<>();
    private final Map<Class<?>, RecordForm> byClass = new HashMap<>();

    SealedForm(Class<?> type) {
        this.type = type;
    }

    void link(JsonForms forms) {
        add(type, forms);
    }

    private void add(Class<?> parent, JsonForms forms) {
        for (Class<?> each : parent.getPermittedSubclasses()) {
            if (each.isInterface() && each.isSealed()) {
                add(each, forms);
            } else if (each.isRecord()) {
                RecordForm form = (RecordForm) forms.resolve(each, type.getSimpleName());
                byClass.put(each, form);
                RecordForm other = byTag.put(each.getSimpleName(), form);
                if (other != null && other != form) {
                    throw new IllegalArgumentException(type + " has two records named " + each.getSimpleName());
                }
            } else {
                throw JsonForms.unsupported(each, type.getSimpleName());
            }
        }
    }

    @Override
    public void write(JsonGenerator out, Object value) {
        RecordForm form = byClass.get(value.getClass());
        if (form == null) {
            throw new IllegalArgumentException(value.getClass() + " is no " + type.getSimpleName());
        }
        out.writeStartObject();
        out.writeName(TAG);
        out.writeString(value.getClass().getSimpleName());
        form.writeMembers(out, value);
        out.writeEndObject();
    }

    @Override
    public Object read(JsonParser in) {
        if (in.nextToken() != JsonToken.PROPERTY_NAME || !TAG.equals(in.currentName())) {
            throw new StoreException("a stored " + type.getSimpleName() + " does not begin with its type");
        }
        in.nextToken();
        String tag = in.getString();
        RecordForm form = byTag.get(tag);
        if (form == null) {
            throw new StoreException(
                    "a stored " + type.getSimpleName() + " is a " + tag + ", which this release does not know");
        }
        in.nextToken();
        return form.readMembers(in);
    }

    @Override
    public @Nullable Object zero() {
        return null;
    }
}
