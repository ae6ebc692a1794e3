package dev.haneul.codegen.generator;

import static dev.haneul.codegen.generator.Source.literal;

import dev.haneul.codegen.model.ShapeModel;
import java.util.List;
import java.util.Set;

/** The values of an enumeration as string constants: AWS adds values, so readers must live with unknown ones. */
final class EnumWriter {
    private final Package service;

    EnumWriter(Package service) {
        this.service = service;
    }

    String write(ShapeModel shape) {
        String name = service.className(shape.name());
        Source out = new Source(service.name());
        out.comment("The values of " + service.model().facts().sdkId() + "'s {@code " + shape.name() + "}.");
        out.line("public final class " + name + " {");
        Set<String> used = Names.used("VALUES");
        List<String> values = shape.limits().values();
        for (String value : values) {
            String constant = Names.unique(Names.constant(value), used);
            out.line("public static final String " + constant + " = " + literal(value) + ";");
        }
        out.blank().comment("All of them, in the model's order.");
        out.line("public static final List<String> VALUES = List.of(");
        for (int at = 0; at < values.size(); at++) {
            out.line("        " + literal(values.get(at)) + (at + 1 < values.size() ? "," : ""));
        }
        out.line(");");
        out.blank().line("private " + name + "() {}");
        return out.line("}").text();
    }
}
