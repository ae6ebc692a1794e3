package dev.haneul.codegen.importer;

import dev.haneul.codegen.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Small C2J models for tests, and what the importer makes of them as one line of JSON. */
final class C2j {
    private final Map<String, @Nullable Object> model;

    private C2j(Map<String, @Nullable Object> model) {
        this.model = model;
    }

    /** A model of these parts; {@code metadata} adds to a minimal one and may choose the protocol. */
    static C2j of(String metadata, String operations, String shapes) {
        String protocol = metadata.contains("\"protocol\"") ? "" : "\"protocol\": \"rest-json\",";
        String text = """
                {"metadata": {%s %s "apiVersion": "1", "endpointPrefix": "t", "serviceId": "T"},
                 "operations": {%s}, "shapes": {%s}}""".formatted(protocol, metadata.isEmpty() ? "" : metadata + ",", operations, shapes);
        C2jTree.Source source = new C2jTree.Source("t", "test", Json.object(Json.parse(text)), Map.of());
        return new C2j(C2jService.convert(source, false));
    }

    static C2j shapes(String shapes) {
        return of("", "", shapes);
    }

    static C2j operation(String operation) {
        return of("", "\"Op\": {\"name\": \"Op\", " + operation + "}", """
                "In": {"type": "structure", "members": {}}, "Out": {"type": "structure", "members": {}},
                "Oops": {"type": "structure", "members": {}, "exception": true}""");
    }

    String service(String key) {
        return Json.write(Json.object(model, "service").get(key));
    }

    String shape(String name) {
        return Json.write(Json.object(model, "shapes").get(name));
    }

    String member(String shape, String name) {
        Map<String, @Nullable Object> members =
                Json.object(Json.object(Json.object(model, "shapes"), shape), "members");
        return Json.write(members.get(name));
    }

    String operation() {
        return Json.write(Json.object(model, "operations").get("Op"));
    }

    String fact(String key) {
        return Json.write(Json.object(Json.object(model, "operations"), "Op").get(key));
    }
}
