package dev.haneul.api.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A service as its model describes it: identity, protocols and operations. The generator writes one per service.
 */
public final class ServiceShape {
    private final Facts facts;
    private final ShapeTable shapes;
    private final List<OperationShape> operations = new ArrayList<>();
    private final Map<String, OperationShape> byName = new HashMap<>();

    public ServiceShape(Facts facts, ShapeTable shapes) {
        this.facts = facts;
        this.shapes = shapes;
    }

    /** While building: the next operation; its index must be the number of operations so far. */
    public ServiceShape add(OperationShape operation) {
        if (operation.index() != operations.size()) {
            throw new IllegalArgumentException(operation.name() + " is not at its place");
        }
        operations.add(operation);
        byName.put(operation.name(), operation);
        return this;
    }

    /** The short name used in folders, packages and messages, e.g. {@code s3}, {@code elbv2}. */
    public String id() {
        return facts.id();
    }

    public Facts facts() {
        return facts;
    }

    public ShapeTable shapes() {
        return shapes;
    }

    public List<OperationShape> operations() {
        return operations;
    }

    public OperationShape operation(int index) {
        return operations.get(index);
    }

    /** The operation of this name, null for none. */
    public @Nullable OperationShape operation(String name) {
        return byName.get(name);
    }

    /**
     * A service's identity.
     *
     * @param id short name
     * @param sdkId the SDKs' service id, e.g. {@code CloudWatch Logs}
     * @param endpointPrefix first label of its host name, e.g. {@code logs}
     * @param signingName the service in the signature's scope
     * @param apiVersion e.g. {@code 2006-03-01}
     * @param protocols every protocol it is bound to; the first is the model's preferred one
     * @param targetPrefix of {@code X-Amz-Target}, null for none
     * @param xmlNamespace null for none
     * @param queryCompatible whether errors also carry {@code x-amzn-query-error}
     * @param global whether one endpoint serves all regions (IAM, CloudFront, Route 53)
     */
    public record Facts(
            String id,
            String sdkId,
            String endpointPrefix,
            String signingName,
            String apiVersion,
            List<Protocol> protocols,
            @Nullable String targetPrefix,
            @Nullable String xmlNamespace,
            boolean queryCompatible,
            boolean global) {
        public Facts {
            protocols = List.copyOf(protocols);
        }

        public boolean speaks(Protocol protocol) {
            return Set.copyOf(protocols).contains(protocol);
        }
    }
}
