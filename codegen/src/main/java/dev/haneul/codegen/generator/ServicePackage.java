package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.ServiceModel;
import dev.haneul.codegen.model.ShapeModel;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
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

    /** A class of this package. */
    ClassDesc desc(String simpleName) {
        return ClassDesc.of(name(), simpleName);
    }

    /** The class of a structure or enum, as code names it. */
    ClassDesc structure(String shape) {
        return desc(className(shape));
    }

    /** The Java type of a shape's values, boxed. */
    ValueType type(String name) {
        ShapeModel shape = shape(name);
        return switch (shape.kind()) {
            case "blob" -> ValueType.of(Types.BYTES);
            case "boolean" -> ValueType.of(ConstantDescs.CD_Boolean);
            case "byte" -> ValueType.of(ConstantDescs.CD_Byte);
            case "short" -> ValueType.of(ConstantDescs.CD_Short);
            case "integer" -> ValueType.of(ConstantDescs.CD_Integer);
            case "long" -> ValueType.of(ConstantDescs.CD_Long);
            case "float" -> ValueType.of(ConstantDescs.CD_Float);
            case "double" -> ValueType.of(ConstantDescs.CD_Double);
            case "bigInteger" -> ValueType.of(Types.BIG_INTEGER);
            case "bigDecimal" -> ValueType.of(Types.BIG_DECIMAL);
            case "string" -> ValueType.of(ConstantDescs.CD_String);
            case "timestamp" -> ValueType.of(Types.INSTANT);
            case "document" -> ValueType.of(ConstantDescs.CD_Object);
            case "stream" -> ValueType.of(Types.BODY);
            case "eventStream" -> ValueType.of(Types.EVENT_STREAM);
            case "structure", "union" -> ValueType.of(structure(name));
            case "list" -> ValueType.list(type(shape.members().get(0).target()), shape.sparse());
            case "map" -> ValueType.map(type(shape.members().get(1).target()), shape.sparse());
            default -> throw new IllegalArgumentException(name + " is of an unknown kind: " + shape.kind());
        };
    }
}
