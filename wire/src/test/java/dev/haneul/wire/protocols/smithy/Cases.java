package dev.haneul.wire.protocols.smithy;

import dev.haneul.api.runtime.Location;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.StructShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.smithy.model.Model;
import software.amazon.smithy.model.shapes.ServiceShape;
import software.amazon.smithy.model.shapes.ShapeId;
import software.amazon.smithy.protocoltests.traits.AppliesTo;
import software.amazon.smithy.protocoltests.traits.HttpMalformedRequestTestCase;
import software.amazon.smithy.protocoltests.traits.HttpMalformedRequestTestsTrait;
import software.amazon.smithy.protocoltests.traits.HttpMessageTestCase;
import software.amazon.smithy.protocoltests.traits.HttpRequestTestCase;
import software.amazon.smithy.protocoltests.traits.HttpRequestTestsTrait;
import software.amazon.smithy.protocoltests.traits.HttpResponseTestCase;
import software.amazon.smithy.protocoltests.traits.HttpResponseTestsTrait;

/** Every case of Smithy's models that a server of our protocols has to pass. */
final class Cases {
    private static final Map<String, Protocol> PROTOCOLS = Map.of(
            "restXml", Protocol.REST_XML,
            "restJson1", Protocol.REST_JSON_1,
            "awsJson1_0", Protocol.AWS_JSON_1_0,
            "awsJson1_1", Protocol.AWS_JSON_1_1,
            "awsQuery", Protocol.AWS_QUERY,
            "ec2Query", Protocol.EC2_QUERY,
            "rpcv2Cbor", Protocol.RPC_V2_CBOR);

    private final Model model = Model.assembler().discoverModels().assemble().unwrap();
    private final List<Case> found = new ArrayList<>();

    static List<Case> all() {
        Cases cases = new Cases();
        for (ServiceShape service : cases.model.getServiceShapes()) {
            for (Protocol protocol : Protocol.values()) {
                if (service.getAllTraits().keySet().stream().anyMatch(id -> PROTOCOLS.get(id.getName()) == protocol)) {
                    cases.service(service, protocol);
                }
            }
        }
        return List.copyOf(cases.found);
    }

    private void service(ServiceShape service, Protocol protocol) {
        SmithyModels schema = new SmithyModels(model, service, protocol);
        Runner runner = new Runner(protocol, schema.service());
        Map<ShapeId, OperationShape> errors = new LinkedHashMap<>();
        for (OperationShape operation : schema.service().operations()) {
            software.amazon.smithy.model.shapes.OperationShape source = service.getAllOperations().stream()
                    .filter(id -> id.getName().equals(operation.name()))
                    .map(id -> model.expectShape(id, software.amazon.smithy.model.shapes.OperationShape.class))
                    .findFirst()
                    .orElseThrow();
            source.getTrait(HttpRequestTestsTrait.class)
                    .ifPresent(t -> requests(runner, protocol, operation, t.getTestCases()));
            source.getTrait(HttpResponseTestsTrait.class)
                    .ifPresent(t -> responses(runner, protocol, operation, null, t.getTestCases()));
            source.getTrait(HttpMalformedRequestTestsTrait.class)
                    .ifPresent(t -> malformed(runner, protocol, operation, t.getTestCases()));
            source.getErrors(service).forEach(id -> errors.putIfAbsent(id, operation));
        }
        errors.forEach((id, operation) -> model.expectShape(id)
                .getTrait(HttpResponseTestsTrait.class)
                .ifPresent(t -> responses(runner, protocol, operation, schema.struct(id), t.getTestCases())));
    }

    private void requests(Runner runner, Protocol protocol, OperationShape operation, List<HttpRequestTestCase> cases) {
        for (HttpRequestTestCase test : cases) {
            if (applies(test, protocol) && tellsBody(operation, test)) {
                found.add(new Case(protocol, test.getId(), () -> runner.request(operation, test)));
            }
        }
    }

    private void responses(
            Runner runner,
            Protocol protocol,
            OperationShape operation,
            StructShape error,
            List<HttpResponseTestCase> cases) {
        for (HttpResponseTestCase test : cases) {
            if (applies(test, protocol)) {
                // Some requests and responses share an id.
                String id = test.getId() + "/response";
                found.add(new Case(protocol, id, () -> runner.response(operation, error, test)));
            }
        }
    }

    private void malformed(
            Runner runner, Protocol protocol, OperationShape operation, List<HttpMalformedRequestTestCase> cases) {
        for (HttpMalformedRequestTestCase test : cases) {
            if (PROTOCOLS.get(test.getProtocol().getName()) == protocol) {
                found.add(new Case(protocol, test.getId(), () -> runner.malformed(operation, test)));
            }
        }
    }

    /** Cases of compressed bodies give parameters but no bytes: they can only be a client's. */
    private static boolean tellsBody(OperationShape operation, HttpRequestTestCase test) {
        return test.getBody().isPresent()
                || operation.inputShape().members().stream()
                        .filter(member -> member.location() == Location.BODY)
                        .noneMatch(member -> test.getParams().containsMember(member.name()));
    }

    private static boolean applies(HttpMessageTestCase test, Protocol protocol) {
        boolean client = test.getAppliesTo().filter(a -> a == AppliesTo.CLIENT).isPresent();
        return !client && PROTOCOLS.get(test.getProtocol().getName()) == protocol;
    }
}
