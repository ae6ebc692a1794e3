package dev.haneul.kernel.store.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;

/** Writes values of one Java type as JSON and reads them back. */
public interface JsonForm {
    /** Writes a value, never null. */
    void write(JsonGenerator out, Object value);

    /** Reads the value whose first token is the parser's current one (never JSON null), up to its last token. */
    Object read(JsonParser in);

    /** What a missing, not nullable member decodes to; null where the type has no zero. */
    @Nullable
    Object zero();

    /** Writes a value or JSON null. */
    static void writeNullable(JsonForm form, JsonGenerator out, @Nullable Object value) {
        if (value == null) {
            out.writeNull();
        } else {
            form.write(out, value);
        }
    }

    /** Reads a value or JSON null. */
    static @Nullable Object readNullable(JsonForm form, JsonParser in) {
        return in.currentToken() == tools.jackson.core.JsonToken.VALUE_NULL ? null : form.read(in);
    }
}
