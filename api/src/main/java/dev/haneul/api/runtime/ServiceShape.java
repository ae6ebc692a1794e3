package dev.haneul.api.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A service as its model describes it: identity, protocols and operations. The generator lists them all in the catalog,
 * where their facts stand at once and their shapes and operations come from tables as they are asked for; one that is
 * built by hand gets its operations by {@link #add}.
 */
public final class ServiceShape {
    private final Facts facts;
    private final ServiceTables tables;
    private volatile @Nullable ShapeTable shapes;
    private volatile @Nullable AtomicReferenceArray<@Nullable OperationShape> made;
    private volatile @Nullable Map<String, Integer> byName;

    /** A service to be filled by {@link #add}. */
    public ServiceShape(Facts facts, ShapeTable shapes) {
        this(facts, new ByHand(shapes));
        this.made = new AtomicReferenceArray<>(0);
    }

    /** A service whose tables are asked for with the first of its shapes or operations. */
    public ServiceShape(Facts facts, ServiceTables tables) {
        this.facts = facts;
        this.tables = tables;
    }

    /** While building: the next operation; its index must be the number of operations so far. */
    public ServiceShape add(OperationShape operation) {
        AtomicReferenceArray<@Nullable OperationShape> before = made();
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
        ShapeTable found = shapes;
        if (found == null) {
            found = tables.shapes();
            shapes = found;
        }
        return found;
    }

    /** All operations, by index. Makes every one of them: for indexes and documents, not for a request's way. */
    public List<OperationShape> operations() {
        int size = made().length();
        List<OperationShape> all = new ArrayList<>(size);
        for (int index = 0; index < size; index++) {
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
        AtomicReferenceArray<@Nullable OperationShape> known = made();
        OperationShape operation = known.get(index);
        if (operation != null) {
            return operation;
        }
        OperationShape fresh = tables.operations().make(this, index);
        OperationShape first = known.compareAndExchange(index, null, fresh);
        return first == null ? fresh : first;
    }

    /** The operation of this name, null for none. */
    public @Nullable OperationShape operation(String name) {
        Integer index = indexes().get(name);
        return index == null ? null : operation(index);
    }

    private AtomicReferenceArray<@Nullable OperationShape> made() {
        AtomicReferenceArray<@Nullable OperationShape> found = made;
        return found == null ? firstMade() : found;
    }

    private synchronized AtomicReferenceArray<@Nullable OperationShape> firstMade() {
        AtomicReferenceArray<@Nullable OperationShape> found = made;
        if (found == null) {
            found = new AtomicReferenceArray<>(tables.operations().size());
            made = found;
        }
        return found;
    }

    private Map<String, Integer> indexes() {
        Map<String, Integer> known = byName;
        if (known == null) {
            known = new HashMap<>();
            int size = made().length();
            List<String> names =
                    tables instanceof ByHand ? null : tables.operations().names();
            for (int index = 0; index < size; index++) {
                known.put(names == null ? operation(index).name() : names.get(index), index);
            }
            byName = known;
        }
        return known;
    }

    /** The tables of a service whose operations are added one by one. */
    private record ByHand(ShapeTable shapes) implements ServiceTables {
        @Override
        public OperationTable operations() {
            throw new IndexOutOfBoundsException("the operations were added by hand");
        }
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
