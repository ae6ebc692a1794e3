package dev.haneul.codegen.generator;

import static dev.haneul.codegen.generator.Source.literal;

import dev.haneul.codegen.model.OperationModel;
import dev.haneul.codegen.model.ServiceModel;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

/** The service's facts and its operations. */
final class ServiceWriter {
    private static final int CHUNK = 50;
    private final Package service;

    ServiceWriter(Package service) {
        this.service = service;
    }

    String write() {
        ServiceModel.Facts facts = service.model().facts();
        List<OperationModel> operations = service.model().operations();
        Source out = new Source(service.name());
        out.comment("What " + facts.sdkId() + " is and what it can do.");
        out.line("public final class " + service.service() + " {");
        out.line("public static final ServiceShape SHAPE = new ServiceShape(");
        facts(out, facts);
        out.blank().line("static {");
        int chunks = (operations.size() + CHUNK - 1) / CHUNK;
        for (int chunk = 0; chunk < chunks; chunk++) {
            out.line("add" + chunk + "();");
        }
        out.line("}").blank();
        Set<String> used = Names.used("SHAPE");
        for (int index = 0; index < operations.size(); index++) {
            String constant = Names.unique(Names.constant(operations.get(index).name()), used);
            out.line("public static final OperationShape " + constant + " = SHAPE.operation(" + index + ");");
        }
        out.blank().line("private " + service.service() + "() {}");
        for (int chunk = 0; chunk < chunks; chunk++) {
            out.blank().line("private static void add" + chunk + "() {");
            for (int index = chunk * CHUNK; index < Math.min(operations.size(), (chunk + 1) * CHUNK); index++) {
                out.line("SHAPE.add(" + operation(operations.get(index), index) + ");");
            }
            out.line("}");
        }
        return out.line("}").text();
    }

    /** The constants of the operations, in order: what the client names them by. */
    static List<String> constants(ServiceModel model) {
        Set<String> used = Names.used("SHAPE");
        return model.operations().stream()
                .map(operation -> Names.unique(Names.constant(operation.name()), used))
                .toList();
    }

    private void facts(Source out, ServiceModel.Facts facts) {
        StringJoiner protocols = new StringJoiner(", ", "List.of(", ")");
        facts.protocols().forEach(protocol -> protocols.add("Protocol." + protocol(protocol)));
        out.line("        new ServiceShape.Facts(");
        out.line("                %s, %s, %s, %s, %s,"
                .formatted(
                        literal(facts.id()),
                        literal(facts.sdkId()),
                        literal(facts.endpointPrefix()),
                        literal(facts.signingName()),
                        literal(facts.apiVersion())));
        out.line("                %s, %s, %s, %s, %s),"
                .formatted(
                        protocols,
                        literal(facts.targetPrefix()),
                        literal(facts.xmlNamespace()),
                        facts.queryCompatible(),
                        facts.global()));
        out.line("        " + service.table() + ".TABLE);");
    }

    private static String protocol(String name) {
        return switch (name) {
            case "restXml" -> "REST_XML";
            case "restJson1" -> "REST_JSON_1";
            case "awsJson1_0" -> "AWS_JSON_1_0";
            case "awsJson1_1" -> "AWS_JSON_1_1";
            case "awsQuery" -> "AWS_QUERY";
            case "ec2Query" -> "EC2_QUERY";
            case "rpcv2Cbor" -> "RPC_V2_CBOR";
            default -> throw new IllegalArgumentException("unknown protocol " + name);
        };
    }

    private String operation(OperationModel operation, int index) {
        StringJoiner errors = new StringJoiner(", ", "new int[] {", "}");
        operation.errors().forEach(error -> errors.add(String.valueOf(service.index(error))));
        StringJoiner traits = new StringJoiner(", ", "Set.of(", ")");
        operation.traits().forEach(trait -> traits.add("OperationShape.Trait." + trait));
        return "new OperationShape(SHAPE, %d, %s, %s, %s, %d, %s, %d, %d, %s, %s, %s, %s)"
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
