package dev.haneul.services.servicediscovery;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.servicediscovery.*;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.servicediscovery.CloudMapTables.NamespaceRow;
import dev.haneul.services.servicediscovery.CloudMapTables.Stage;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Namespaces: made, changed and deleted, the DNS ones by and by. */
final class Namespaces {
    private static final int MOST = 50;
    private static final int ID_CHARS = 16;

    private final Store store;
    private final Clock clock;
    private final Ids ids;
    private final Operations operations;

    Namespaces(Store store, Clock clock, Ids ids, Operations operations) {
        this.store = store;
        this.clock = clock;
        this.ids = ids;
        this.operations = operations;
    }

    /** What a creation says. */
    record Wanted(
            String name,
            String type,
            @Nullable String description,
            @Nullable String creator,
            @Nullable String vpc,
            long soaSeconds,
            Map<String, String> tags) {}

    /** A namespace that is there; the ARN counts as its id. */
    static NamespaceRow require(ReadTx tx, Scope scope, String idOrArn) {
        String id = CloudMapTables.bare(idOrArn);
        return tx.get(CloudMapTables.NAMESPACES, scope.key(id))
                .map(Row::value)
                .filter(row -> row.stage() != Stage.CREATING)
                .orElseThrow(() -> CloudMapFaults.noNamespace(id));
    }

    /** A namespace that is there, by its name. */
    static NamespaceRow named(ReadTx tx, Scope scope, String name) {
        return tx.find(CloudMapTables.NAMESPACES, scope, CloudMapTables.NAME, name, "", MOST).stream()
                .map(Row::value)
                .filter(row -> row.stage() == Stage.ACTIVE)
                .findFirst()
                .orElseThrow(() -> CloudMapFaults.noNamespace(name));
    }

    /** @return the operation */
    String create(Wanted wanted, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        return store.transact(tx -> {
            for (Row<NamespaceRow> row :
                    tx.find(CloudMapTables.NAMESPACES, scope, CloudMapTables.NAME, wanted.name(), "", MOST)) {
                refuseTwin(row.value(), wanted);
            }
            if (tx.range(CloudMapTables.NAMESPACES, scope, "", null, MOST).size() == MOST) {
                throw CloudMapFaults.limit("The limit of " + MOST + " namespaces has been reached.");
            }
            String id = "ns-" + ids.lower(ID_CHARS);
            boolean http = wanted.type().equals(CloudMapTables.HTTP);
            String operation = http
                    ? operations.done(
                            tx, scope, OperationType.CREATE_NAMESPACE, Map.of(OperationTargetType.NAMESPACE, id))
                    : operations.pending(tx, scope, OperationType.CREATE_NAMESPACE, OperationTargetType.NAMESPACE, id);
            tx.put(
                    CloudMapTables.NAMESPACES,
                    scope.key(id),
                    new NamespaceRow(
                            id,
                            wanted.name(),
                            wanted.type(),
                            wanted.description(),
                            wanted.creator(),
                            wanted.vpc(),
                            null,
                            wanted.soaSeconds(),
                            http ? Stage.ACTIVE : Stage.CREATING,
                            operation,
                            wanted.tags(),
                            clock.instant()));
            return operation;
        });
    }

    /** Private ones of the same name may be in other networks. */
    private static void refuseTwin(NamespaceRow row, Wanted wanted) {
        boolean elsewhere =
                row.vpc() != null && wanted.vpc() != null && !row.vpc().equals(wanted.vpc());
        if (elsewhere) {
            return;
        }
        if (row.stage() != Stage.ACTIVE) {
            throw Fault.of(
                    new DuplicateRequest().duplicateOperationId(row.operation()),
                    "Another operation on the namespace " + row.name() + " is in progress: " + row.operation());
        }
        throw Fault.of(
                new NamespaceAlreadyExists().creatorRequestId(row.creator()).namespaceId(row.id()),
                "Namespace " + row.name() + " already exists.");
    }

    /** @return the operation */
    String change(String idOrArn, String type, @Nullable String description, @Nullable Long soaSeconds, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        return store.transact(tx -> {
            NamespaceRow row = require(tx, scope, idOrArn);
            if (!row.type().equals(type)) {
                throw CloudMapFaults.invalid("The namespace " + row.id() + " is of type " + row.type() + ".");
            }
            tx.put(
                    CloudMapTables.NAMESPACES,
                    scope.key(row.id()),
                    row.changed(
                            description == null ? row.description() : description,
                            soaSeconds == null ? row.soaSeconds() : soaSeconds));
            return operations.done(
                    tx, scope, OperationType.UPDATE_NAMESPACE, Map.of(OperationTargetType.NAMESPACE, row.id()));
        });
    }

    /** @return the operation */
    String delete(String idOrArn, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        return store.transact(tx -> {
            NamespaceRow row = require(tx, scope, idOrArn);
            if (row.stage() == Stage.DELETING) {
                throw Fault.of(
                        new DuplicateRequest().duplicateOperationId(row.operation()),
                        "Another operation on the namespace " + row.id() + " is in progress: " + row.operation());
            }
            if (services(tx, scope, row.id()) > 0) {
                throw CloudMapFaults.inUse(
                        "Namespace contains services; delete the services before deleting the namespace");
            }
            if (row.type().equals(CloudMapTables.HTTP)) {
                tx.delete(CloudMapTables.NAMESPACES, scope.key(row.id()));
                return operations.done(
                        tx, scope, OperationType.DELETE_NAMESPACE, Map.of(OperationTargetType.NAMESPACE, row.id()));
            }
            String operation = operations.pending(
                    tx, scope, OperationType.DELETE_NAMESPACE, OperationTargetType.NAMESPACE, row.id());
            tx.put(CloudMapTables.NAMESPACES, scope.key(row.id()), row.deleting(operation));
            return operation;
        });
    }

    private static int services(ReadTx tx, Scope scope, String namespace) {
        return tx.find(CloudMapTables.SERVICES, scope, CloudMapTables.NAMESPACE, namespace, "", Services.MOST)
                .size();
    }

    static Namespace told(ReadTx tx, Scope scope, NamespaceRow row) {
        NamespaceProperties properties =
                new NamespaceProperties().httpProperties(new HttpProperties().httpName(row.name()));
        if (!row.type().equals(CloudMapTables.HTTP)) {
            properties.dnsProperties(new DnsProperties()
                    .hostedZoneId(row.zone())
                    .soa(row.soaSeconds() == 0 ? null : new SOA().ttl(row.soaSeconds())));
        }
        return new Namespace()
                .id(row.id())
                .arn(CloudMapTables.arn(scope, "namespace", row.id()))
                .resourceOwner(scope.account())
                .name(row.name())
                .type(row.type())
                .description(row.description())
                .serviceCount(services(tx, scope, row.id()))
                .properties(properties)
                .createDate(row.created())
                .creatorRequestId(row.creator());
    }

    static NamespaceSummary summary(ReadTx tx, Scope scope, NamespaceRow row) {
        Namespace whole = told(tx, scope, row);
        return new NamespaceSummary()
                .id(whole.id())
                .arn(whole.arn())
                .resourceOwner(whole.resourceOwner())
                .name(whole.name())
                .type(whole.type())
                .description(whole.description())
                .serviceCount(whole.serviceCount())
                .properties(whole.properties())
                .createDate(whole.createDate());
    }

    /** Whether a namespace is one that the filters ask for. */
    static boolean wanted(NamespaceRow row, List<NamespaceFilter> filters) {
        return row.stage() == Stage.ACTIVE
                && filters.stream().allMatch(filter -> {
                    String value = switch (filter.name()) {
                        case NamespaceFilterName.TYPE -> row.type();
                        case NamespaceFilterName.RESOURCE_OWNER -> "SELF";
                        default -> row.name();
                    };
                    boolean begins = FilterCondition.BEGINS_WITH.equals(filter.condition());
                    return filter.values().stream()
                            .anyMatch(each -> begins ? value.startsWith(each) : value.equals(each));
                });
    }
}
