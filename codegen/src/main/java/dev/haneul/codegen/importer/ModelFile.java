package dev.haneul.codegen.importer;

import dev.haneul.codegen.Json;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a model is laid out: one fact, operation or shape a line, so that a new release reads as a short diff. */
final class ModelFile {
    private ModelFile() {}

    static String render(Map<String, @Nullable Object> model) {
        StringBuilder out = new StringBuilder("{\n");
        out.append("\"origin\":").append(Json.write(model.get("origin"))).append(",\n");
        section(out, "service", Json.object(model, "service"));
        out.append(",\n");
        section(out, "operations", Json.object(model, "operations"));
        out.append(",\n");
        section(out, "shapes", Json.object(model, "shapes"));
        return out.append("\n}\n").toString();
    }

    private static void section(StringBuilder out, String name, Map<String, @Nullable Object> lines) {
        out.append('"').append(name).append("\":{");
        Iterator<Map.Entry<String, @Nullable Object>> entries = lines.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<String, @Nullable Object> entry = entries.next();
            out.append('\n').append(Json.write(entry.getKey())).append(':').append(Json.write(entry.getValue()));
            out.append(entries.hasNext() ? "," : "\n");
        }
        out.append('}');
    }
}
