package dev.haneul.codegen.generator;

import static dev.haneul.codegen.generator.Source.literal;

import dev.haneul.codegen.model.OperationModel;
import dev.haneul.codegen.model.ServiceModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The service's interface, and the client that implements it by asking a Caller. */
final class ApiWriter {
    /** Operations a method: some 20 bytes of code each, HotSpot compiles no method above 8,000. */
    private static final int CHUNK = 200;

    private final Package service;
    private final List<OperationModel> operations;
    private final List<String> methods;

    ApiWriter(Package service) {
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
        List<String> constants = ServiceWriter.constants(service.model());
        Source out = new Source(service.name());
        out.comment("Calls " + service.model().facts().sdkId() + " through a Caller, with no wire in between.");
        out.line("public final class " + service.client() + " implements " + service.api() + " {");
        out.line("private final Caller caller;");
        out.blank().line("public " + service.client() + "(Caller caller) {");
        out.line("this.caller = caller;").line("}");
        for (int index = 0; index < operations.size(); index++) {
            out.blank().line("@Override").line("public " + signature(index) + " {");
            out.line("return (%s) caller.call(%s.%s, in, call);"
                    .formatted(
                            service.className(operations.get(index).output()),
                            service.service(),
                            constants.get(index)));
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
        int chunks = (operations.size() + CHUNK - 1) / CHUNK;
        out.blank().line("@Override");
        out.line("default Struct invoke(OperationShape operation, Struct input, Call call) {");
        out.line("if (operation.service() != " + service.service() + ".SHAPE) {");
        out.line("throw new IllegalArgumentException(operation + \" is not of " + service.id() + "\");")
                .line("}");
        out.line("int index = operation.index();");
        out.line("return switch (index / " + CHUNK + ") {");
        for (int chunk = 0; chunk < chunks; chunk++) {
            out.line("case " + chunk + " -> " + service.api() + "Invoke.part" + chunk + "(this, index, input, call);");
        }
        out.line("default -> throw new IndexOutOfBoundsException(index);")
                .line("};")
                .line("}");
    }

    /** {@code S3ApiInvoke}: the switch from index to method, out of sight of those who implement the interface. */
    String invoke() {
        Source out = new Source(service.name());
        out.comment("From an operation's index to the method of {@code " + service.api() + "}.");
        out.line("final class " + service.api() + "Invoke {");
        out.line("private " + service.api() + "Invoke() {}");
        for (int chunk = 0; chunk * CHUNK < operations.size(); chunk++) {
            out.blank()
                    .line("static Struct part%d(%s api, int index, Struct input, Call call) {"
                            .formatted(chunk, service.api()));
            out.line("return switch (index) {");
            for (int index = chunk * CHUNK; index < Math.min(operations.size(), (chunk + 1) * CHUNK); index++) {
                out.line("case %d -> api.%s((%s) input, call);"
                        .formatted(
                                index,
                                methods.get(index),
                                service.className(operations.get(index).input())));
            }
            out.line("default -> throw new IndexOutOfBoundsException(index);")
                    .line("};")
                    .line("}");
        }
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
