package dev.haneul.runtime;

import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.factories.JacksonFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Documents as the maps, lists, strings and numbers that they are. AWS's serializer can fit them to any type, and takes
 * several times as long to become ready as all else of a start; it is asked where a document is not plain, or wrong, so
 * that what becomes of it, and what is said of it, is its own.
 */
final class PlainDocuments {
    private final Type type;
    private @Nullable PojoSerializer<Object> whole;

    /** @param type what a function takes or gives: any value, a string, or a map of strings */
    PlainDocuments(Type type) {
        this.type = type;
    }

    @Nullable
    Object read(byte[] document) {
        try {
            Object read = new PlainReader(document).read();
            if (read != null
                    && type != Object.class
                    && !(type == String.class ? read instanceof String : read instanceof Map)) {
                throw new OtherwiseException();
            }
            return read;
        } catch (OtherwiseException e) {
            return whole().fromJson(new ByteArrayInputStream(document));
        }
    }

    void write(@Nullable Object value, OutputStream to) throws IOException {
        String text;
        try {
            text = PlainWriter.write(value);
        } catch (OtherwiseException e) {
            whole().toJson(value, to);
            return;
        }
        to.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private PojoSerializer<Object> whole() {
        PojoSerializer<Object> known = whole;
        if (known == null) {
            known = JacksonFactory.getInstance().getSerializer(type);
            whole = known;
        }
        return known;
    }
}
