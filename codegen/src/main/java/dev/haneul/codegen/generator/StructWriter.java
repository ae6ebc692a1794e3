package dev.haneul.codegen.generator;

import static dev.haneul.codegen.generator.Source.literal;

import dev.haneul.codegen.model.MemberModel;
import dev.haneul.codegen.model.ShapeModel;
import java.util.Set;
import java.util.StringJoiner;

/** A structure, union or error as a fluent class over an array of values. */
final class StructWriter {
    private final ServicePackage service;
    private final Expressions expressions;

    StructWriter(ServicePackage service) {
        this.service = service;
        this.expressions = new Expressions(service);
    }

    String write(ShapeModel shape) {
        String name = service.className(shape.name());
        Source out = new Source(service.name());
        out.comment(service.model().facts().sdkId() + "'s " + what(shape) + " {@code " + shape.name() + "}.");
        out.line("public final class " + name + " extends Struct {");
        schema(out, shape, name);
        out.blank().comment("Empty: no member is set.");
        out.line("public " + name + "() {")
                .line("super(" + shape.members().size() + ");")
                .line("}");
        out.blank()
                .line("@Override")
                .line("public StructShape shape() {")
                .line("return SHAPE;")
                .line("}");
        out.blank().line("@Override").line("public Struct fresh() {");
        out.line("return new " + name + "();").line("}");
        Set<String> used = Names.used("get", "set", "has", "list", "map", "shape", "fresh");
        String[] accessors = new String[shape.members().size()];
        for (int index = 0; index < accessors.length; index++) {
            accessors[index] =
                    Names.unique(Names.method(shape.members().get(index).name()), used);
        }
        for (int index = 0; index < accessors.length; index++) {
            accessors(out, name, shape.members().get(index), index, accessors[index], used);
        }
        return out.line("}").text();
    }

    private static String what(ShapeModel shape) {
        if (shape.error() != null) {
            return "error";
        }
        return switch (shape.kind()) {
            case "union" -> "union";
            case "eventStream" -> "event";
            default -> "structure";
        };
    }

    private void schema(Source out, ShapeModel shape, String name) {
        StringJoiner steps = new StringJoiner("\n                    ", "", ";");
        steps.add("new StructShape(%s, Kind.%s, new %s())"
                .formatted(literal(shape.name()), Expressions.kind(shape), name));
        ShapeModel.Xml xml = shape.xml();
        if (xml != null && xml.name() != null) {
            steps.add(".xml(" + literal(xml.name()) + ")");
        }
        if (xml != null && xml.namespace() != null) {
            steps.add(".namespace(" + literal(xml.namespace()) + ", " + literal(xml.prefix()) + ")");
        }
        ShapeModel.ErrorModel error = shape.error();
        if (error != null) {
            steps.add(".error(new StructShape.ErrorTrait(%s, %s, %d, %s))"
                    .formatted(literal(error.code()), literal(error.queryCode()), error.status(), error.sender()));
        }
        for (int index = 0; index < shape.members().size(); index++) {
            steps.add(".add(" + expressions.member(shape.members().get(index), index) + ")");
        }
        out.line("public static final StructShape SHAPE =");
        out.line("        " + steps);
    }

    private void accessors(Source out, String owner, MemberModel member, int index, String accessor, Set<String> used) {
        String type = service.type(member.target());
        boolean list = type.startsWith("List<");
        boolean collection = list || type.startsWith("Map<");
        boolean neverNull = collection || member.is("REQUIRED");
        out.blank().line("public " + (neverNull ? type : nullable(type)) + " " + accessor + "() {");
        if (collection) {
            out.line("return " + (list ? "list(" : "map(") + index + ");");
        } else {
            out.line("return " + (type.equals("Object") ? "" : "(" + type + ") ") + "get(" + index + ");");
        }
        out.line("}");
        out.blank().line("public " + owner + " " + accessor + "(" + nullable(type) + " value) {");
        out.line("set(" + index + ", value);").line("return this;").line("}");
        if (collection) {
            String has = Names.unique("has" + Names.capitalised(accessor), used);
            out.blank()
                    .line("public boolean " + has + "() {")
                    .line("return has(" + index + ");")
                    .line("}");
        }
    }

    private static String nullable(String type) {
        return type.equals("byte[]") ? "byte @Nullable []" : "@Nullable " + type;
    }
}
