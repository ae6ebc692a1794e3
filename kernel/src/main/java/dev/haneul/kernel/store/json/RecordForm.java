package dev.haneul.kernel.store.json;

import dev.haneul.kernel.store.StoreException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A record as an object by component name. */
final class RecordForm implements JsonForm {
    private static final MethodType READ_ONE = MethodType.methodType(Object.class, Object.class);
    private static final MethodType MAKE = MethodType.methodType(Object.class, Object[].class);
    private static final Object MISSING = new Object();

    private final Class<?> type;
    private final Map<String, Integer> places = new HashMap<>();
    private Part[] parts = new Part[0];
    private @Nullable MethodHandle constructor;
    private boolean makingZero;

    /** A component: a null that is allowed is left out of the JSON; any other null is written, so that it comes back. */
    private record Part(String name, JsonForm form, MethodHandle accessor, boolean nullable) {}

    RecordForm(Class<?> type) {
        this.type = type;
    }

    void link(JsonForms forms) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        parts = new Part[components.length];
        try {
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
            for (int i = 0; i < components.length; i++) {
                RecordComponent component = components[i];
                types[i] = component.getType();
                String where = type.getSimpleName() + "." + component.getName();
                JsonForm form = forms.resolve(component.getGenericType(), where);
                MethodHandle accessor =
                        lookup.unreflect(component.getAccessor()).asType(READ_ONE);
                boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
                parts[i] = new Part(component.getName(), form, accessor, nullable);
                places.put(component.getName(), i);
            }
            constructor = lookup.findConstructor(type, MethodType.methodType(void.class, types))
                    .asSpreader(Object[].class, types.length)
                    .asType(MAKE);
        } catch (IllegalAccessException | NoSuchMethodException e) {
            throw new IllegalArgumentException(type + " cannot be looked into", e);
        }
    }

    @Override
    public void write(JsonGenerator out, Object value) {
        out.writeStartObject();
        writeMembers(out, value);
        out.writeEndObject();
    }

    /** Writes the members only, for a form that adds its own. */
    void writeMembers(JsonGenerator out, Object value) {
        for (Part part : parts) {
            Object member = get(part, value);
            if (member != null || !part.nullable) {
                out.writeName(part.name);
                JsonForm.writeNullable(part.form, out, member);
            }
        }
    }

    @Override
    public Object read(JsonParser in) {
        in.nextToken();
        return readMembers(in);
    }

    /** Reads from the first member's name (or the object's end) to the object's end. */
    Object readMembers(JsonParser in) {
        @Nullable Object[] values = new @Nullable Object[parts.length];
        java.util.Arrays.fill(values, MISSING);
        for (JsonToken token = in.currentToken(); token != JsonToken.END_OBJECT; token = in.nextToken()) {
            if (token == null) {
                throw new StoreException("a stored " + type.getSimpleName() + " is cut short");
            }
            Integer place = places.get(in.currentName());
            in.nextToken();
            if (place == null) {
                in.skipChildren();
            } else {
                values[place] = JsonForm.readNullable(parts[place].form, in);
            }
        }
        return make(values);
    }

    @Override
    public @Nullable Object zero() {
        if (makingZero) {
            // A record that holds itself has no zero: the inner one is null.
            return null;
        }
        makingZero = true;
        try {
            @Nullable Object[] values = new @Nullable Object[parts.length];
            java.util.Arrays.fill(values, MISSING);
            return make(values);
        } finally {
            makingZero = false;
        }
    }

    private Object make(@Nullable Object[] values) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == MISSING) {
                values[i] = parts[i].nullable ? null : parts[i].form.zero();
            }
        }
        try {
            return Objects.requireNonNull(constructor).invokeExact(values);
        } catch (RuntimeException e) {
            throw new StoreException("a stored " + type.getSimpleName() + " is refused by its constructor", e);
        } catch (Error e) {
            throw e;
        } catch (Throwable e) {
            throw new StoreException("a stored " + type.getSimpleName() + " cannot be made", e);
        }
    }

    private static @Nullable Object get(Part part, Object value) {
        try {
            return part.accessor.invokeExact(value);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new StoreException("cannot read " + part.name, e);
        }
    }
}
