package dev.haneul.codegen.generator;

import static dev.haneul.codegen.generator.Source.literal;

import dev.haneul.codegen.model.ShapeModel;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

/** The values of an enumeration as string constants: AWS adds values, so readers must live with unknown ones. */
final class EnumWriter {
    private static final int MANY = 32;
    /** In characters; a constant holds 65,535 bytes, a character of it three at most. */
    private static final int LONGEST_LITERAL = 20_000;

    private final ServicePackage service;

    EnumWriter(ServicePackage service) {
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
        out.line("public static final List<String> VALUES = List.of(" + list(values) + ");");
        out.blank().line("private " + name + "() {}");
        return out.line("}").text();
    }

    /** Many values as one string: each literal of its own costs a look-up when the class starts. */
    private static String list(List<String> values) {
        String joined = String.join("\n", values);
        boolean splits = values.size() > MANY
                && joined.length() < LONGEST_LITERAL
                && List.of(joined.split("\n", -1)).equals(values);
        if (splits) {
            return literal(joined) + ".split(\"\\n\", -1)";
        }
        StringJoiner literals = new StringJoiner(", ");
        values.forEach(value -> literals.add(literal(value)));
        return literals.toString();
    }
}
