package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.ServiceModel;
import dev.haneul.codegen.model.ShapeModel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** One service's package: its model, the index of each shape and the class each shape becomes. */
final class ServicePackage {
    private final ServiceModel model;
    private final Map<String, ShapeModel> shapes = new HashMap<>();
    private final Map<String, Integer> indexes = new HashMap<>();
    private final Map<String, String> classes = new HashMap<>();

    ServicePackage(ServiceModel model) {
        this.model = model;
        Set<String> used = new HashSet<>();
        for (String own : new String[] {api(), client(), service(), table(), operations(), invoke()}) {
            used.add(own.toLowerCase(Locale.ROOT));
        }
        for (ShapeModel shape : model.shapes()) {
            indexes.put(shape.name(), indexes.size());
            shapes.put(shape.name(), shape);
            if (shape.isStructure() || shape.isEnum()) {
                String plain = Names.className(shape.name());
                String free = Names.taken(plain) ? model.facts().prefix() + plain : plain;
                classes.put(shape.name(), Names.uniqueFile(free, used));
            }
        }
    }

    ServiceModel model() {
        return model;
    }

    String id() {
        return model.facts().id();
    }

    String name() {
        return "dev.haneul.api." + id();
    }

    /** {@code S3Api}: the interface. */
    String api() {
        return model.facts().prefix() + "Api";
    }

    /** {@code S3Client}. */
    String client() {
        return model.facts().prefix() + "Client";
    }

    /** {@code S3Operations}: a constant for each operation. */
    String operations() {
        return model.facts().prefix() + "Operations";
    }

    /** {@code S3ApiInvoke}: from index to method. */
    String invoke() {
        return api() + "Invoke";
    }

    /** {@code S3Model}: facts and the table of operations. */
    String service() {
        return model.facts().prefix() + "Model";
    }

    /** {@code S3Shapes}: the table. */
    String table() {
        return model.facts().prefix() + "Shapes";
    }

    ShapeModel shape(String name) {
        return Objects.requireNonNull(shapes.get(name), name);
    }

    int index(String shape) {
        return Objects.requireNonNull(indexes.get(shape), shape);
    }

    /** The class of a structure or enum. */
    String className(String shape) {
        return Objects.requireNonNull(classes.get(shape), shape);
    }

    /** The Java type of a shape's values, boxed. */
    String type(String name) {
        ShapeModel shape = shape(name);
        return switch (shape.kind()) {
            case "blob" -> "byte[]";
            case "boolean" -> "Boolean";
            case "byte" -> "Byte";
            case "short" -> "Short";
            case "integer" -> "Integer";
            case "long" -> "Long";
            case "float" -> "Float";
            case "double" -> "Double";
            case "bigInteger" -> "BigInteger";
            case "bigDecimal" -> "BigDecimal";
            case "string" -> "String";
            case "timestamp" -> "Instant";
            case "document" -> "Object";
            case "stream" -> "Body";
            case "eventStream" -> "EventStream";
            case "structure", "union" -> className(name);
            case "list" -> "List<" + argument(shape, 0) + ">";
            case "map" -> "Map<String, " + argument(shape, 1) + ">";
            default -> throw new IllegalArgumentException(name + " is of an unknown kind: " + shape.kind());
        };
    }

    private String argument(ShapeModel shape, int member) {
        String type = type(shape.members().get(member).target());
        if (!shape.sparse()) {
            return type;
        }
        return type.equals("byte[]") ? "byte @Nullable []" : "@Nullable " + type;
    }
}
