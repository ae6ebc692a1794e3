package dev.haneul.wire.validation;

import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import java.util.Map;
import java.util.Set;

/**
 * What a service checks of its inputs and how it tells, as data. The default follows from the service's protocol.
 *
 * @param wording the family of messages
 * @param code of the fault
 * @param values whether lengths, ranges, patterns and enums are checked here, or only what is required
 * @param uncheckedEnums shapes whose enum the service checks itself, or not at all
 */
record ValidationPolicy(Wording wording, String code, boolean values, Set<String> uncheckedEnums) {
    private static final ValidationPolicy JSON =
            new ValidationPolicy(Wording.CORAL, "ValidationException", true, Set.of());
    private static final ValidationPolicy QUERY =
            new ValidationPolicy(Wording.CORAL, "ValidationError", true, Set.of());
    private static final ValidationPolicy SMITHY =
            new ValidationPolicy(Wording.SMITHY, "ValidationException", true, Set.of());
    private static final ValidationPolicy EC2 =
            new ValidationPolicy(Wording.MISSING_PARAMETER, "MissingParameter", false, Set.of());
    private static final ValidationPolicy XML = new ValidationPolicy(Wording.CORAL, "InvalidInput", true, Set.of());

    private static final Map<String, ValidationPolicy> BY_SERVICE = Map.of(
            // S3 has codes of its own for what is wrong with a value.
            "s3", new ValidationPolicy(Wording.S3, "InvalidRequest", false, Set.of()),
            "logs", new ValidationPolicy(Wording.CORAL, "InvalidParameterException", true, Set.of()),
            // The runtime may also be one that AWS has not told yet; Lambda answers InvalidParameterValueException.
            "lambda", new ValidationPolicy(Wording.CORAL, "ValidationException", true, Set.of("Runtime")),
            "sqs", new ValidationPolicy(Wording.MISSING_PARAMETER, "MissingParameter", false, Set.of()),
            "sns", new ValidationPolicy(Wording.CORAL, "ValidationError", false, Set.of()));

    boolean checksEnum(String shapeName) {
        return !uncheckedEnums.contains(shapeName);
    }

    static ValidationPolicy of(OperationShape operation) {
        ValidationPolicy own = BY_SERVICE.get(operation.service().id());
        if (own != null) {
            return own;
        }
        if (Wording.declared(operation) != null) {
            return SMITHY;
        }
        Protocol protocol = operation.service().facts().protocols().getFirst();
        return switch (protocol) {
            case REST_XML -> XML;
            case AWS_QUERY -> QUERY;
            case EC2_QUERY -> EC2;
            case REST_JSON_1, AWS_JSON_1_0, AWS_JSON_1_1, RPC_V2_CBOR -> JSON;
        };
    }
}
