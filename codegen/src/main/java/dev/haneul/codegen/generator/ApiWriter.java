package dev.haneul.codegen.generator;

import static dev.haneul.codegen.generator.Source.literal;

import dev.haneul.codegen.model.OperationModel;
import dev.haneul.codegen.model.ServiceModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The service's interface, and the client that implements it by asking a Caller.
 *
 * <p>The casts through Object look idle and are not: without them the class-file verifier loads every input and output
 * class of the service to see that it is a Struct, which costs EC2 a hundred milliseconds at its first call.
 */
final class ApiWriter {
    /** Operations a method: some 20 bytes of code each, HotSpot compiles no method above 8,000. */
    private static final int CHUNK = 200;

    private final ServicePackage service;
    private final List<OperationModel> operations;
    private final List<String> methods;

    ApiWriter(ServicePackage service) {
        this.service = service;
        this.operations = service.model().operations();
        this.methods = methods(service.model());
    }

    /** {@code S3Api}. */
    String api() {
        Source out = new Source(service.name());
        out.comment(service.model().facts().sdkId() + ": every operation, answering NotImplemented until built.");
        out.line("public interface " + service.api() + " extends Api {");
        out.line("@Override").line("default ServiceShape service() {");
        out.line("return " + service.service() + ".SHAPE;").line("}");
        for (int index = 0; index < operations.size(); index++) {
            OperationModel operation = operations.get(index);
            out.blank().comment("{@code " + service.id() + ":" + operation.name() + "}.");
            out.line("default " + signature(index) + " {");
            out.line("throw Faults.notImplemented(" + literal(service.id()) + ", " + literal(operation.name()) + ");");
            out.line("}");
        }
        invoke(out);
        return out.line("}").text();
    }

    /** {@code S3Client}. */
    String client() {
        Source out = new Source(service.name());
        out.comment("Calls " + service.model().facts().sdkId() + " through a Caller, with no wire in between.");
        out.line("public final class " + service.client() + " implements " + service.api() + " {");
        out.line("private final Caller caller;");
        out.blank().line("public " + service.client() + "(Caller caller) {");
        out.line("this.caller = caller;").line("}");
        for (int index = 0; index < operations.size(); index++) {
            out.blank().line("@Override").line("public " + signature(index) + " {");
            out.line("return (%s) caller.call(%s.SHAPE.operation(%d), (Struct) (Object) in, call);"
                    .formatted(service.className(operations.get(index).output()), service.service(), index));
            out.line("}");
        }
        out.blank().line("@Override");
        out.line("public Struct invoke(OperationShape operation, Struct input, Call call) {");
        out.line("return caller.call(operation, input, call);").line("}");
        return out.line("}").text();
    }

    private String signature(int index) {
        OperationModel operation = operations.get(index);
        return "%s %s(%s in, Call call)"
                .formatted(
                        service.className(operation.output()),
                        methods.get(index),
                        service.className(operation.input()));
    }

    private void invoke(Source out) {
        out.blank().line("@Override");
        out.line("default Struct invoke(OperationShape operation, Struct input, Call call) {");
        out.line("if (operation.service() != " + service.service() + ".SHAPE) {");
        out.line("throw new IllegalArgumentException(operation + \" is not of " + service.id() + "\");")
                .line("}");
        out.line("return " + service.invoke() + ".invoke(this, operation.index(), input, call);")
                .line("}");
    }

    /** {@code S3ApiInvoke}: the switch from index to method, out of sight of those who implement the interface. */
    String invoke() {
        Source out = new Source(service.name());
        out.comment("From an operation's index to the method of {@code " + service.api() + "}.");
        out.line("final class " + service.invoke() + " {");
        out.line("private " + service.invoke() + "() {}");
        String parameters = "(" + service.api() + " api, int index, Struct input, Call call)";
        Parts parts = new Parts(operations.size(), CHUNK);
        out.blank().line("static Struct invoke" + parameters + " {");
        parts.dispatch(out, "invoke(api, index, input, call)");
        out.line("}");
        parts.write(
                out,
                "static Struct invoke" + parameters,
                index -> "(Struct) (Object) api.%s((%s) input, call)"
                        .formatted(
                                methods.get(index),
                                service.className(operations.get(index).input())));
        return out.line("}").text();
    }

    private static List<String> methods(ServiceModel model) {
        Set<String> used = Names.used("service", "invoke");
        List<String> methods = new ArrayList<>();
        for (OperationModel operation : model.operations()) {
            methods.add(Names.unique(Names.method(operation.name()), used));
        }
        return methods;
    }
}
