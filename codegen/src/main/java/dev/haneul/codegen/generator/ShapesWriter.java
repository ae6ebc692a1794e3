package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.ShapeModel;
import java.util.List;

/** The table that makes a service's shapes when they are first asked for. */
final class ShapesWriter {
    /** Shapes a method: about 30 bytes of code each, HotSpot compiles no method above 8,000. */
    private static final int CHUNK = 200;

    private final ServicePackage service;
    private final Expressions expressions;

    ShapesWriter(ServicePackage service) {
        this.service = service;
        this.expressions = new Expressions(service);
    }

    String write() {
        List<ShapeModel> shapes = service.model().shapes();
        String name = service.table();
        Source out = new Source(service.name());
        out.comment("The shapes of " + service.model().facts().sdkId() + ", each made when first asked for.");
        out.line("public final class " + name + " implements ShapeTable {");
        out.comment("How many there are.");
        out.line("public static final int SIZE = " + shapes.size() + ";");
        out.line("public static final " + name + " TABLE = new " + name + "();");
        out.line("private final AtomicReferenceArray<@Nullable Shape> made = new AtomicReferenceArray<>(SIZE);");
        out.blank().line("private " + name + "() {}");
        out.blank().line("@Override").line("public Shape at(int index) {");
        out.line("Shape shape = made.get(index);");
        out.line("if (shape != null) {").line("return shape;").line("}");
        out.line("Shape fresh = make(index);");
        out.line("Shape first = made.compareAndExchange(index, null, fresh);");
        out.line("return first == null ? fresh : first;").line("}");
        Parts parts = new Parts(shapes.size(), CHUNK);
        out.blank().line("private static Shape make(int index) {");
        parts.dispatch(out, "make(index)");
        out.line("}");
        parts.write(out, "static Shape make(int index)", index -> expressions.shape(shapes.get(index)));
        return out.line("}").text();
    }
}
