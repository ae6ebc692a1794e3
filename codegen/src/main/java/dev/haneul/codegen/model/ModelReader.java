package dev.haneul.codegen.model;

import dev.haneul.codegen.Json;
import dev.haneul.codegen.model.ShapeModel.ErrorModel;
import dev.haneul.codegen.model.ShapeModel.Limits;
import dev.haneul.codegen.model.ShapeModel.Xml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads {@code models/ID.json} with its patches. See {@code models/README.md} for the vocabulary. */
public final class ModelReader {
    private static final Set<String> FACTS = Set.of(
            "id",
            "prefix",
            "sdkId",
            "endpointPrefix",
            "signingName",
            "apiVersion",
            "protocols",
            "targetPrefix",
            "xmlNamespace",
            "queryCompatible",
            "global");
    private static final Set<String> OPERATION = Set.of(
            "method",
            "uri",
            "status",
            "hostPrefix",
            "input",
            "output",
            "errors",
            "resultWrapper",
            "checksum",
            "noAuth",
            "unsignedPayload",
            "requestCompression",
            "unwrappedOutput",
            "deprecated",
            "idempotent",
            "readonly",
            "contextParams",
            "pagination");
    private static final Set<String> CHECKSUM = Set.of("member", "required", "validationMember", "responses");
    private static final Set<String> SHAPE = Set.of(
            "kind",
            "members",
            "member",
            "key",
            "value",
            "min",
            "max",
            "pattern",
            "enum",
            "sensitive",
            "sparse",
            "timestampFormat",
            "xml",
            "error",
            "deprecated",
            "synthetic");
    private static final Set<String> MEMBER = Set.of(
            "target",
            "wire",
            "xmlName",
            "ec2",
            "location",
            "xml",
            "timestampFormat",
            "required",
            "flattened",
            "xmlAttribute",
            "idempotencyToken",
            "hostLabel",
            "eventPayload",
            "eventHeader",
            "jsonValue",
            "contextParam",
            "deprecated");
    /** Flags the generated code knows, by their key in the file. */
    private static final Map<String, String> FLAGS = flags();

    private ModelReader() {}

    /** The model of a file, patched by {@code patches/SAME_NAME} beside it where that exists. */
    public static ServiceModel read(Path file) throws IOException {
        Map<String, @Nullable Object> tree = Json.object(Json.read(file));
        Path patches = file.resolveSibling("patches").resolve(file.getFileName());
        if (Files.exists(patches)) {
            tree = Patches.apply(tree, Json.object(Json.read(patches)), patches.toString());
        }
        try {
            return model(tree);
        } catch (IllegalArgumentException wrong) {
            throw new IOException(file + ": " + wrong.getMessage(), wrong);
        }
    }

    /** The model of a (patched) tree. */
    public static ServiceModel model(Map<String, @Nullable Object> tree) {
        known("the model", tree, Set.of("origin", "service", "operations", "shapes"));
        List<OperationModel> operations = new ArrayList<>();
        new TreeMap<>(Json.object(tree, "operations"))
                .forEach((name, operation) -> operations.add(operation(name, Json.object(operation))));
        List<ShapeModel> shapes = new ArrayList<>();
        new TreeMap<>(Json.object(tree, "shapes"))
                .forEach((name, shape) -> shapes.add(shape(name, Json.object(shape))));
        String origin = Json.string(tree, "origin");
        ServiceModel model =
                new ServiceModel(facts(Json.object(tree, "service")), origin == null ? "" : origin, operations, shapes);
        Targets.check(model);
        return model;
    }

    private static ServiceModel.Facts facts(Map<String, @Nullable Object> tree) {
        known("service", tree, FACTS);
        return new ServiceModel.Facts(
                text("service", tree, "id"),
                text("service", tree, "prefix"),
                text("service", tree, "sdkId"),
                text("service", tree, "endpointPrefix"),
                text("service", tree, "signingName"),
                text("service", tree, "apiVersion"),
                Json.strings(tree, "protocols"),
                Json.string(tree, "targetPrefix"),
                Json.string(tree, "xmlNamespace"),
                Json.flag(tree, "queryCompatible"),
                Json.flag(tree, "global"));
    }

    private static OperationModel operation(String name, Map<String, @Nullable Object> tree) {
        known(name, tree, OPERATION);
        Map<String, @Nullable Object> checksum = Json.object(tree, "checksum");
        known(name + ".checksum", checksum, CHECKSUM);
        List<String> traits = new ArrayList<>();
        trait(traits, tree, "noAuth", "NO_AUTH");
        trait(traits, tree, "unsignedPayload", "UNSIGNED_PAYLOAD");
        trait(traits, checksum, "required", "CHECKSUM_REQUIRED");
        if (!Json.array(checksum, "responses").isEmpty()) {
            traits.add("RESPONSE_CHECKSUM");
        }
        if (!Json.array(tree, "requestCompression").isEmpty()) {
            traits.add("REQUEST_COMPRESSION");
        }
        trait(traits, tree, "unwrappedOutput", "UNWRAPPED_OUTPUT");
        trait(traits, tree, "deprecated", "DEPRECATED");
        return new OperationModel(
                name,
                text(name, tree, "method"),
                text(name, tree, "uri"),
                tree.get("status") instanceof Number status ? status.intValue() : 200,
                Json.string(tree, "hostPrefix"),
                text(name, tree, "input"),
                text(name, tree, "output"),
                Json.strings(tree, "errors"),
                Json.string(tree, "resultWrapper"),
                Json.string(checksum, "member"),
                traits);
    }

    private static void trait(List<String> traits, Map<String, @Nullable Object> tree, String key, String trait) {
        if (Json.flag(tree, key)) {
            traits.add(trait);
        }
    }

    private static ShapeModel shape(String name, Map<String, @Nullable Object> tree) {
        known(name, tree, SHAPE);
        List<MemberModel> members = new ArrayList<>();
        Json.object(tree, "members").forEach((key, member) -> members.add(member(name, key, Json.object(member))));
        for (String key : List.of("member", "key", "value")) {
            if (tree.containsKey(key)) {
                members.add(member(name, key, Json.object(tree, key)));
            }
        }
        Limits limits = new Limits(
                (Number) tree.get("min"),
                (Number) tree.get("max"),
                Json.string(tree, "pattern"),
                Json.strings(tree, "enum"),
                Json.flag(tree, "sensitive"));
        return new ShapeModel(
                name,
                text(name, tree, "kind"),
                members,
                limits,
                Json.flag(tree, "sparse"),
                format(tree),
                xml(name, tree),
                error(name, tree));
    }

    private static MemberModel member(String shape, String name, Map<String, @Nullable Object> tree) {
        String where = shape + "." + name;
        known(where, tree, MEMBER);
        List<String> flags = new ArrayList<>();
        FLAGS.forEach((key, flag) -> trait(flags, tree, key, flag));
        if (tree.containsKey("contextParam")) {
            flags.add("CONTEXT_PARAM");
        }
        Xml xml = xml(where, tree);
        String location = Json.string(tree, "location");
        return new MemberModel(
                name,
                text(where, tree, "target"),
                Json.string(tree, "wire"),
                Json.string(tree, "xmlName"),
                Json.string(tree, "ec2"),
                location == null ? "BODY" : constant(location),
                xml == null ? null : xml.namespace(),
                xml == null ? null : xml.prefix(),
                format(tree),
                flags);
    }

    private static @Nullable Xml xml(String where, Map<String, @Nullable Object> tree) {
        if (!tree.containsKey("xml")) {
            return null;
        }
        Map<String, @Nullable Object> xml = Json.object(tree, "xml");
        known(where + ".xml", xml, Set.of("name", "namespace", "prefix"));
        return new Xml(Json.string(xml, "name"), Json.string(xml, "namespace"), Json.string(xml, "prefix"));
    }

    private static @Nullable ErrorModel error(String name, Map<String, @Nullable Object> tree) {
        if (!tree.containsKey("error")) {
            return null;
        }
        Map<String, @Nullable Object> error = Json.object(tree, "error");
        known(name + ".error", error, Set.of("code", "queryCode", "status", "sender"));
        if (!(error.get("status") instanceof Number status)) {
            throw new IllegalArgumentException(name + ".error has no status");
        }
        String code = Json.string(error, "code");
        return new ErrorModel(
                code == null ? name : code,
                Json.string(error, "queryCode"),
                status.intValue(),
                Json.flag(error, "sender"));
    }

    private static @Nullable String format(Map<String, @Nullable Object> tree) {
        String format = Json.string(tree, "timestampFormat");
        return format == null ? null : constant(format);
    }

    private static String text(String where, Map<String, @Nullable Object> tree, String key) {
        String text = Json.string(tree, key);
        if (text == null) {
            throw new IllegalArgumentException(where + " has no " + key);
        }
        return text;
    }

    private static void known(String where, Map<String, @Nullable Object> tree, Set<String> keys) {
        for (String key : tree.keySet()) {
            if (!keys.contains(key)) {
                throw new IllegalArgumentException(where + " has an unknown key: " + key);
            }
        }
    }

    private static Map<String, String> flags() {
        Map<String, String> flags = new LinkedHashMap<>();
        for (String key : List.of(
                "required",
                "flattened",
                "xmlAttribute",
                "idempotencyToken",
                "hostLabel",
                "eventPayload",
                "eventHeader",
                "jsonValue")) {
            flags.put(key, constant(key));
        }
        return flags;
    }

    /** {@code prefixHeaders} and {@code date-time} as {@code PREFIX_HEADERS} and {@code DATE_TIME}. */
    private static String constant(String name) {
        return name.replaceAll("([a-z])([A-Z])", "$1_$2").replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
