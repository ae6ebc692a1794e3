package dev.haneul.codegen.model;

import java.util.HashMap;
import java.util.Map;

/** Whether everything a model names exists and is of the right form. */
final class Targets {
    private Targets() {}

    static void check(ServiceModel model) {
        Map<String, ShapeModel> shapes = new HashMap<>();
        model.shapes().forEach(shape -> shapes.put(shape.name(), shape));
        for (ShapeModel shape : model.shapes()) {
            int expected = expectedMembers(shape);
            if (expected >= 0 && shape.members().size() != expected) {
                throw new IllegalArgumentException(shape.name() + " is no whole " + shape.kind());
            }
            for (MemberModel member : shape.members()) {
                if (!shapes.containsKey(member.target())) {
                    throw new IllegalArgumentException(
                            shape.name() + "." + member.name() + " targets nothing: " + member.target());
                }
            }
        }
        for (OperationModel operation : model.operations()) {
            structure(shapes, operation, operation.input());
            structure(shapes, operation, operation.output());
            for (String error : operation.errors()) {
                if (structure(shapes, operation, error).error() == null) {
                    throw new IllegalArgumentException(operation.name() + " throws " + error + ", which is no error");
                }
            }
        }
    }

    /** How many members the kind demands, -1 for any number. */
    private static int expectedMembers(ShapeModel shape) {
        if (shape.isStructure()) {
            return -1;
        }
        return switch (shape.kind()) {
            case "list" -> 1;
            case "map" -> 2;
            default -> 0;
        };
    }

    private static ShapeModel structure(Map<String, ShapeModel> shapes, OperationModel operation, String name) {
        ShapeModel shape = shapes.get(name);
        if (shape == null || !shape.isStructure()) {
            throw new IllegalArgumentException(operation.name() + " names " + name + ", which is no structure");
        }
        return shape;
    }
}
