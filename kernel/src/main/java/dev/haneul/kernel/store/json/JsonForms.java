package dev.haneul.kernel.store.json;

import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Finds the form of a type. One instance resolves one codec, so that recursive records meet themselves. */
public final class JsonForms {
    /** Our own data: a record may hold one long text (a template, a policy), and no input of strangers comes this way. */
    static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(64 << 20)
                    .maxNameLength(1 << 20)
                    .build())
            .build();

    private final Map<Class<?>, JsonForm> known = new HashMap<>();

    private JsonForms() {}

    /**
     * The form of a record, sealed interface or struct class.
     *
     * @throws IllegalArgumentException naming the component whose type has no form
     */
    public static JsonForm of(Class<?> type) {
        return new JsonForms().resolve(type, type.getSimpleName());
    }

    /** Encodes. */
    public static byte[] write(JsonForm form, Object value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            form.write(out, value);
        }
        return bytes.toByteArray();
    }

    /** Decodes. */
    public static Object read(JsonForm form, byte[] bytes) {
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), bytes)) {
            in.nextToken();
            return form.read(in);
        } catch (JacksonException e) {
            throw new StoreException("a stored record is not readable: " + e.getOriginalMessage(), e);
        }
    }

    JsonForm resolve(Type type, String where) {
        return switch (type) {
            case Class<?> plain -> ofClass(plain, where);
            case ParameterizedType generic -> ofGeneric(generic, where);
            case WildcardType wildcard -> resolve(wildcard.getUpperBounds()[0], where);
            case GenericArrayType array -> throw unsupported(array, where);
            default -> throw unsupported(type, where);
        };
    }

    private JsonForm ofGeneric(ParameterizedType type, String where) {
        Type[] arguments = type.getActualTypeArguments();
        if (type.getRawType() == List.class) {
            return new CollectionForm(resolve(arguments[0], where), false);
        }
        if (type.getRawType() == Set.class) {
            return new CollectionForm(resolve(arguments[0], where), true);
        }
        if (type.getRawType() == Map.class && arguments[0] == String.class) {
            return new MapForm(resolve(arguments[1], where));
        }
        throw unsupported(type, where);
    }

    private JsonForm ofClass(Class<?> type, String where) {
        JsonForm scalar = ScalarForm.of(type);
        if (scalar != null) {
            return scalar;
        }
        JsonForm found = known.get(type);
        if (found != null) {
            return found;
        }
        if (type.isRecord()) {
            RecordForm form = new RecordForm(type);
            known.put(type, form);
            form.link(this);
            return form;
        }
        if (type.isInterface() && type.isSealed()) {
            SealedForm form = new SealedForm(type);
            known.put(type, form);
            form.link(this);
            return form;
        }
        if (type.isEnum()) {
            return new EnumForm(type);
        }
        if (Struct.class.isAssignableFrom(type) && type != Struct.class) {
            return StructForm.of(type);
        }
        throw unsupported(type, where);
    }

    static IllegalArgumentException unsupported(Type type, String where) {
        return new IllegalArgumentException(
                where + " has the type " + type.getTypeName() + ", which records cannot hold");
    }
}
