package dev.haneul.codegen.generator;

import static dev.haneul.codegen.generator.Source.literal;

import dev.haneul.codegen.model.OperationModel;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

/** The table of a service's operations, and a constant for each. */
final class ServiceWriter {
    /** Operations a part: about 60 bytes of code each, up to 120 where they declare many errors. */
    private static final int CHUNK = 75;

    private final ServicePackage service;
    private final List<OperationModel> operations;

    ServiceWriter(ServicePackage service) {
        this.service = service;
        this.operations = service.model().operations();
    }

    /** {@code S3Model}. */
    String model() {
        Source out = new Source(service.name());
        out.comment("The operations of " + service.model().facts().sdkId() + ", each made when first asked for.");
        out.line("public final class " + service.service() + " implements OperationTable {");
        out.line("public static final ServiceShape SHAPE = Catalog.service(" + literal(service.id()) + ");");
        out.line("public static final " + service.service() + " TABLE = new " + service.service() + "();");
        out.blank().line("private " + service.service() + "() {}");
        StringJoiner names = new StringJoiner(" ");
        operations.forEach(operation -> names.add(operation.name()));
        out.blank().line("@Override").line("public int size() {");
        out.line("return " + operations.size() + ";").line("}");
        out.blank().line("@Override").line("public List<String> names() {");
        out.line("return List.of(" + literal(names.toString()) + ".split(\" \"));")
                .line("}");
        Parts parts = new Parts(operations.size(), CHUNK);
        out.blank().line("@Override").line("public OperationShape make(ServiceShape service, int index) {");
        parts.dispatch(out, "make(service, index)");
        out.line("}");
        parts.write(
                out,
                "static OperationShape make(ServiceShape service, int index)",
                index -> operation(operations.get(index), index));
        return out.line("}").text();
    }

    /** {@code S3Operations}. */
    String operations() {
        Set<String> used = Names.used();
        Source out = new Source(service.name());
        out.comment("The operations of " + service.model().facts().sdkId() + " by name.");
        out.line("public final class " + service.operations() + " {");
        for (int index = 0; index < operations.size(); index++) {
            String constant = Names.unique(Names.constant(operations.get(index).name()), used);
            out.line("public static final OperationShape " + constant + " = " + service.service() + ".SHAPE.operation("
                    + index + ");");
        }
        out.blank().line("private " + service.operations() + "() {}");
        return out.line("}").text();
    }

    private String operation(OperationModel operation, int index) {
        StringJoiner errors = new StringJoiner(", ", "new int[] {", "}");
        operation.errors().forEach(error -> errors.add(String.valueOf(service.index(error))));
        StringJoiner traits = new StringJoiner(", ", "Set.of(", ")");
        operation.traits().forEach(trait -> traits.add("OperationShape.Trait." + trait));
        return "new OperationShape(service, %d, %s, %s, %s, %d, %s, %d, %d, %s, %s, %s, %s)"
                .formatted(
                        index,
                        literal(operation.name()),
                        literal(operation.method()),
                        literal(operation.uri()),
                        operation.status(),
                        literal(operation.hostPrefix()),
                        service.index(operation.input()),
                        service.index(operation.output()),
                        errors,
                        literal(operation.resultWrapper()),
                        literal(operation.checksumMember()),
                        traits);
    }
}
