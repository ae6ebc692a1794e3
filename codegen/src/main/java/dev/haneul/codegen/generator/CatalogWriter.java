package dev.haneul.codegen.generator;

import static dev.haneul.codegen.generator.Source.literal;

import dev.haneul.codegen.model.ServiceModel;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Function;

/**
 * The list of all services. What routes requests needs their facts and nothing more, so these stand in one class, and a
 * service's own classes are loaded when it is first called.
 */
final class CatalogWriter {
    static final String PACKAGE = "dev.haneul.api";
    static final String NAME = "Catalog";

    private final List<ServicePackage> services;

    CatalogWriter(List<ServicePackage> services) {
        this.services = services;
    }

    String write() {
        Source out = new Source(PACKAGE);
        out.comment("Every service that has a model: its facts at once, its shapes and operations when asked for.");
        out.line("public final class Catalog implements ServiceTables {");
        out.comment("By id.");
        out.line("public static final List<ServiceShape> SERVICES = List.of(");
        for (int index = 0; index < services.size(); index++) {
            boolean last = index == services.size() - 1;
            out.line("        new ServiceShape(" + facts(services.get(index)) + ", new Catalog(" + index + "))"
                    + (last ? ");" : ","));
        }
        out.line("private final int index;");
        out.blank()
                .line("private Catalog(int index) {")
                .line("this.index = index;")
                .line("}");
        find(out);
        table(out, "ShapeTable shapes()", ServicePackage::table);
        table(out, "OperationTable operations()", ServicePackage::service);
        return out.line("}").text();
    }

    private static void find(Source out) {
        out.blank().comment("The service with this id; throws IllegalArgumentException where there is none.");
        out.line("public static ServiceShape service(String id) {");
        out.line("for (ServiceShape service : SERVICES) {");
        out.line("if (service.id().equals(id)) {").line("return service;").line("}");
        out.line("}");
        out.line("throw new IllegalArgumentException(\"no service \" + id);").line("}");
    }

    private void table(Source out, String signature, Function<ServicePackage, String> type) {
        out.blank().line("@Override").line("public " + signature + " {");
        out.line("return switch (index) {");
        for (int index = 0; index < services.size(); index++) {
            ServicePackage service = services.get(index);
            out.line("case " + index + " -> " + service.name() + "." + type.apply(service) + ".TABLE;");
        }
        out.line("default -> throw new IndexOutOfBoundsException(index);")
                .line("};")
                .line("}");
    }

    private static String facts(ServicePackage service) {
        ServiceModel.Facts facts = service.model().facts();
        StringJoiner protocols = new StringJoiner(", ", "List.of(", ")");
        facts.protocols().forEach(protocol -> protocols.add("Protocol." + protocol(protocol)));
        return "new ServiceShape.Facts(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                .formatted(
                        literal(facts.id()),
                        literal(facts.sdkId()),
                        literal(facts.endpointPrefix()),
                        literal(facts.signingName()),
                        literal(facts.apiVersion()),
                        protocols,
                        literal(facts.targetPrefix()),
                        literal(facts.xmlNamespace()),
                        facts.queryCompatible(),
                        facts.global());
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
}
