package dev.haneul.api.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A service as its model describes it: identity, protocols and operations. The generator writes one per service, whose
 * operations come from a table as they are asked for; one that is built by hand gets them by {@link #add}.
 */
public final class ServiceShape {
    private final Facts facts;
    private final ShapeTable shapes;
    private final @Nullable OperationTable table;
    private volatile AtomicReferenceArray<@Nullable OperationShape> made;
    private volatile @Nullable Map<String, Integer> byName;

    /** A service to be filled by {@link #add}. */
    public ServiceShape(Facts facts, ShapeTable shapes) {
        this.facts = facts;
        this.shapes = shapes;
        this.table = null;
        this.made = new AtomicReferenceArray<>(0);
    }

    /** A service whose operations the table makes when they are first asked for. */
    public ServiceShape(Facts facts, ShapeTable shapes, OperationTable table) {
        this.facts = facts;
        this.shapes = shapes;
        this.table = table;
        this.made = new AtomicReferenceArray<>(table.size());
    }

    /** While building: the next operation; its index must be the number of operations so far. */
    public ServiceShape add(OperationShape operation) {
        AtomicReferenceArray<@Nullable OperationShape> before = made;
        if (operation.index() != before.length()) {
            throw new IllegalArgumentException(operation.name() + " is not at its place");
        }
        AtomicReferenceArray<@Nullable OperationShape> after = new AtomicReferenceArray<>(before.length() + 1);
        for (int index = 0; index < before.length(); index++) {
            after.set(index, before.get(index));
        }
        after.set(operation.index(), operation);
        made = after;
        byName = null;
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

    /** All operations, by index. Makes every one of them: for indexes and documents, not for a request's way. */
    public List<OperationShape> operations() {
        List<OperationShape> all = new ArrayList<>(made.length());
        for (int index = 0; index < made.length(); index++) {
            all.add(operation(index));
        }
        return List.copyOf(all);
    }

    /**
     * The operation at this index; the same object each time.
     *
     * @throws IndexOutOfBoundsException where there is none
     */
    public OperationShape operation(int index) {
        OperationShape operation = made.get(index);
        if (operation != null) {
            return operation;
        }
        OperationShape fresh = Objects.requireNonNull(table).make(this, index);
        OperationShape first = made.compareAndExchange(index, null, fresh);
        return first == null ? fresh : first;
    }

    /** The operation of this name, null for none. */
    public @Nullable OperationShape operation(String name) {
        Integer index = indexes().get(name);
        return index == null ? null : operation(index);
    }

    private Map<String, Integer> indexes() {
        Map<String, Integer> known = byName;
        if (known == null) {
            known = new HashMap<>();
            List<String> names = table == null ? null : table.names();
            for (int index = 0; index < made.length(); index++) {
                known.put(names == null ? operation(index).name() : names.get(index), index);
            }
            byName = known;
        }
        return known;
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
