package dev.haneul.codegen.importer;

import static dev.haneul.codegen.importer.C2jService.putIfSet;

import dev.haneul.codegen.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The shapes of a C2J model, and those that have to be added to it. */
final class C2jShapes {
    private final Map<String, @Nullable Object> source;
    private final C2jService.Dialect dialect;
    private final Map<String, @Nullable Object> converted = new LinkedHashMap<>();

    C2jShapes(Map<String, @Nullable Object> source, C2jService.Dialect dialect) {
        this.source = source;
        this.dialect = dialect;
    }

    Map<String, @Nullable Object> converted() {
        return converted;
    }

    void convertAll() {
        source.forEach((name, shape) -> converted.put(name, convert(name, Json.object(shape))));
    }

    /** Adds an empty structure and answers its name, which is {@code wanted} where that is free. */
    String addEmpty(String wanted) {
        String name = wanted;
        while (converted.containsKey(name)) {
            name = name + "Empty";
        }
        Map<String, @Nullable Object> empty = new LinkedHashMap<>();
        empty.put("kind", "structure");
        empty.put("synthetic", true);
        empty.put("members", Map.of());
        converted.put(name, empty);
        return name;
    }

    /** Gives an operation's input the root element and namespace that the operation asks for. */
    void nameRoot(String shape, @Nullable String element, @Nullable Object namespace) {
        Map<String, @Nullable Object> target = Json.object(converted, shape);
        Map<String, @Nullable Object> xml = new LinkedHashMap<>(Json.object(target, "xml"));
        if (element != null && !element.equals(shape)) {
            xml.put("name", element);
        }
        putIfSet(xml, "namespace", namespace(namespace));
        putIfSet(xml, "prefix", prefix(namespace));
        if (!xml.isEmpty()) {
            target.put("xml", xml);
        }
    }

    /** The URI of an XML namespace, which C2J writes as a string or as {@code {uri, prefix}}. */
    static @Nullable String namespace(@Nullable Object namespace) {
        return namespace instanceof Map ? Json.string(Json.object(namespace), "uri") : (String) namespace;
    }

    private static @Nullable String prefix(@Nullable Object namespace) {
        return namespace instanceof Map ? Json.string(Json.object(namespace), "prefix") : null;
    }

    private Map<String, @Nullable Object> convert(String name, Map<String, @Nullable Object> shape) {
        Map<String, @Nullable Object> target = new LinkedHashMap<>();
        String kind = kind(shape);
        target.put("kind", kind);
        limits(shape, target);
        putIfSet(target, "timestampFormat", format(shape));
        if (shape.containsKey("error") || Json.flag(shape, "exception")) {
            target.put("error", error(name, shape));
        }
        flag(shape, target, "deprecated");
        if (Set.of("structure", "union", "eventStream").contains(kind)) {
            putIfSet(target, "xml", structureXml(name, shape));
            target.put("members", members(shape));
        }
        if (kind.equals("list")) {
            target.put("member", element(shape));
        }
        if (kind.equals("map")) {
            target.put("key", member("key", Json.object(shape, "key")));
            target.put("value", member("value", Json.object(shape, "value")));
        }
        if (Json.flag(shape, "sparse")) {
            target.put("sparse", true);
        }
        return target;
    }

    private static String kind(Map<String, @Nullable Object> shape) {
        String type = String.valueOf(shape.get("type"));
        return switch (type) {
            case "structure" -> structureKind(shape);
            case "blob" -> Json.flag(shape, "streaming") ? "stream" : "blob";
            case "string", "character" -> "string";
            case "bigdecimal", "bigDecimal" -> "bigDecimal";
            case "biginteger", "bigInteger" -> "bigInteger";
            case "boolean", "byte", "short", "integer", "long", "float", "double", "timestamp", "list", "map" -> type;
            default -> throw new IllegalArgumentException("unknown C2J type " + type);
        };
    }

    private static String structureKind(Map<String, @Nullable Object> shape) {
        if (Json.flag(shape, "document")) {
            return "document";
        }
        if (Json.flag(shape, "eventstream")) {
            return "eventStream";
        }
        return Json.flag(shape, "union") ? "union" : "structure";
    }

    private static void limits(Map<String, @Nullable Object> shape, Map<String, @Nullable Object> target) {
        putIfSet(target, "min", number(shape.get("min")));
        putIfSet(target, "max", number(shape.get("max")));
        putIfSet(target, "pattern", shape.get("pattern"));
        putIfSet(target, "enum", shape.get("enum"));
        flag(shape, target, "sensitive");
    }

    /** C2J writes some limits as {@code 8.0} and some as strings. */
    private static @Nullable Object number(@Nullable Object value) {
        if (value instanceof String text) {
            return number(Double.parseDouble(text));
        }
        return value instanceof Double real && real == Math.rint(real) ? (Object) real.longValue() : value;
    }

    private static @Nullable Map<String, @Nullable Object> structureXml(
            String name, Map<String, @Nullable Object> shape) {
        Map<String, @Nullable Object> xml = new LinkedHashMap<>();
        String element = Json.string(shape, "locationName");
        putIfSet(xml, "name", name.equals(element) ? null : element);
        putIfSet(xml, "namespace", namespace(shape.get("xmlNamespace")));
        putIfSet(xml, "prefix", prefix(shape.get("xmlNamespace")));
        return xml.isEmpty() ? null : xml;
    }

    /**
     * On the wire an error is called by its shape's name in the JSON and CBOR protocols and by {@code error.code} in
     * XML and Query; a query-compatible service tells both.
     */
    private Map<String, @Nullable Object> error(String name, Map<String, @Nullable Object> shape) {
        Map<String, @Nullable Object> declared = Json.object(shape, "error");
        Map<String, @Nullable Object> error = new LinkedHashMap<>();
        String code = Json.string(declared, "code");
        if (code != null && !code.equals(name)) {
            if (dialect.xml()) {
                error.put("code", code);
            } else if (dialect.queryCompatible()) {
                error.put("queryCode", code);
            }
        }
        int fallback = Json.flag(shape, "fault") ? 500 : 400;
        int status = declared.get("httpStatusCode") instanceof Number given ? given.intValue() : fallback;
        error.put("status", status);
        if (Json.flag(declared, "senderFault") || (status < 500 && !Json.flag(shape, "fault"))) {
            error.put("sender", true);
        }
        return error;
    }

    private Map<String, @Nullable Object> members(Map<String, @Nullable Object> shape) {
        List<String> required = Json.strings(shape, "required");
        String payload = Json.string(shape, "payload");
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        Json.object(shape, "members").forEach((name, reference) -> {
            Map<String, @Nullable Object> member = member(name, name.equals(payload), Json.object(reference));
            if (name.equals(payload)) {
                member.put("location", "payload");
            }
            if (required.contains(name)) {
                member.put("required", true);
            }
            members.put(name, member);
        });
        return members;
    }

    private Map<String, @Nullable Object> element(Map<String, @Nullable Object> list) {
        Map<String, @Nullable Object> element = member("member", Json.object(list, "member"));
        Object name = list.get("locationName");
        if (name != null && !element.containsKey("wire")) {
            element.put("wire", name);
        }
        return element;
    }

    private Map<String, @Nullable Object> member(String name, Map<String, @Nullable Object> reference) {
        return member(name, false, reference);
    }

    private Map<String, @Nullable Object> member(
            String name, boolean payload, Map<String, @Nullable Object> reference) {
        String shape = String.valueOf(reference.get("shape"));
        Map<String, @Nullable Object> target = Json.object(source, shape);
        Map<String, @Nullable Object> member = new LinkedHashMap<>();
        member.put("target", Json.flag(reference, "streaming") ? stream(shape, target) : shape);
        names(name, payload, reference, target, member);
        putIfSet(member, "ec2", reference.get("queryName"));
        putIfSet(member, "location", location(reference, target));
        putIfSet(member, "xml", memberXml(reference));
        putIfSet(member, "timestampFormat", format(reference));
        if (Json.flag(reference, "flattened") || Json.flag(target, "flattened")) {
            member.put("flattened", true);
        }
        flag(reference, member, "xmlAttribute");
        flag(reference, member, "idempotencyToken");
        flag(reference, member, "hostLabel");
        if (Json.flag(reference, "eventpayload")) {
            member.put("eventPayload", true);
        }
        if (Json.flag(reference, "eventheader")) {
            member.put("eventHeader", true);
        }
        if (Json.flag(reference, "jsonvalue")) {
            member.put("jsonValue", true);
        }
        putIfSet(member, "contextParam", Json.object(reference, "contextParam").get("name"));
        flag(reference, member, "deprecated");
        return member;
    }

    /**
     * The wire name is the reference's own, else its structure's, else the member's. A flattened list whose element
     * has a name is written under that name in XML and Query. A structure that is a whole body is written under its own
     * name, so a reference that asks for the member's name says it.
     */
    private void names(
            String name,
            boolean payload,
            Map<String, @Nullable Object> reference,
            Map<String, @Nullable Object> target,
            Map<String, @Nullable Object> member) {
        String own = Json.string(reference, "locationName");
        String wire = own == null && "structure".equals(target.get("type")) ? Json.string(target, "locationName") : own;
        boolean flattened = Json.flag(reference, "flattened") || Json.flag(target, "flattened");
        String element = Json.string(Json.object(target, "member"), "locationName");
        String effective = wire == null ? name : wire;
        if (flattened && element != null && !element.equals(effective)) {
            if (dialect.xml()) {
                wire = element;
            } else {
                member.put("xmlName", element);
            }
        }
        boolean root = payload && name.equals(own) && "structure".equals(target.get("type"));
        String rootByDefault = Json.string(target, "locationName");
        boolean said = root && !name.equals(rootByDefault == null ? reference.get("shape") : rootByDefault);
        putIfSet(member, "wire", name.equals(wire) && !said ? null : wire);
    }

    private static @Nullable String location(
            Map<String, @Nullable Object> reference, Map<String, @Nullable Object> target) {
        String location = Json.string(reference, "location");
        if (location == null) {
            return null;
        }
        return switch (location) {
            case "header" -> "header";
            case "headers" -> "prefixHeaders";
            case "querystring" -> "map".equals(target.get("type")) ? "queryParams" : "query";
            case "uri" -> "uri";
            case "statusCode" -> "statusCode";
            default -> throw new IllegalArgumentException("unknown C2J location " + location);
        };
    }

    private static @Nullable Map<String, @Nullable Object> memberXml(Map<String, @Nullable Object> reference) {
        Object namespace = reference.get("xmlNamespace");
        if (namespace == null) {
            return null;
        }
        Map<String, @Nullable Object> xml = new LinkedHashMap<>();
        putIfSet(xml, "namespace", namespace(namespace));
        putIfSet(xml, "prefix", prefix(namespace));
        return xml;
    }

    private static @Nullable String format(Map<String, @Nullable Object> owner) {
        String format = Json.string(owner, "timestampFormat");
        if (format == null) {
            return null;
        }
        return switch (format) {
            case "iso8601" -> "date-time";
            case "rfc822" -> "http-date";
            case "unixTimestamp" -> "epoch-seconds";
            default -> throw new IllegalArgumentException("unknown C2J timestamp format " + format);
        };
    }

    /** A blob that only this kind of member streams, as a shape of its own beside the plain one. */
    private String stream(String shape, Map<String, @Nullable Object> target) {
        if (Json.flag(target, "streaming")) {
            return shape;
        }
        String name = shape + "Stream";
        if (!source.containsKey(name)) {
            converted.put(name, new LinkedHashMap<>(Map.of("kind", "stream")));
            return name;
        }
        throw new IllegalArgumentException("the name " + name + " is taken");
    }

    private static void flag(Map<String, @Nullable Object> from, Map<String, @Nullable Object> to, String key) {
        if (Json.flag(from, key)) {
            to.put(key, true);
        }
    }
}
