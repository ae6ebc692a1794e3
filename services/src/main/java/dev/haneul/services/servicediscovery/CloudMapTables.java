package dev.haneul.services.servicediscovery;

import dev.haneul.api.servicediscovery.DnsConfig;
import dev.haneul.api.servicediscovery.HealthCheckConfig;
import dev.haneul.api.servicediscovery.HealthCheckCustomConfig;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cloud Map's durable state. */
final class CloudMapTables {
    static final String VPC = "vpc";
    static final String NAME = "name";
    static final String PUBLIC = "public";
    static final String NAMESPACE = "namespace";

    static final String HTTP = "HTTP";
    static final String DNS_PRIVATE = "DNS_PRIVATE";
    static final String DNS_PUBLIC = "DNS_PUBLIC";

    /** Where a namespace is: made, there, or on its way out. */
    enum Stage {
        CREATING,
        ACTIVE,
        DELETING
    }

    /**
     * A namespace.
     *
     * @param vpc the network of a private one
     * @param zone the hosted zone of a DNS one, once it is there
     * @param soaSeconds TTL of the zone's SOA record; 0 where nobody said
     * @param operation what it waits for
     */
    record NamespaceRow(
            String id,
            String name,
            String type,
            @Nullable String description,
            @Nullable String creator,
            @Nullable String vpc,
            @Nullable String zone,
            long soaSeconds,
            Stage stage,
            String operation,
            Map<String, String> tags,
            Instant created) {
        NamespaceRow active(@Nullable String madeZone) {
            return new NamespaceRow(
                    id,
                    name,
                    type,
                    description,
                    creator,
                    vpc,
                    madeZone,
                    soaSeconds,
                    Stage.ACTIVE,
                    operation,
                    tags,
                    created);
        }

        NamespaceRow deleting(String by) {
            return new NamespaceRow(
                    id, name, type, description, creator, vpc, zone, soaSeconds, Stage.DELETING, by, tags, created);
        }

        NamespaceRow changed(@Nullable String text, long seconds) {
            return new NamespaceRow(id, name, type, text, creator, vpc, zone, seconds, stage, operation, tags, created);
        }

        NamespaceRow tags(Map<String, String> next) {
            return new NamespaceRow(
                    id, name, type, description, creator, vpc, zone, soaSeconds, stage, operation, next, created);
        }
    }

    /**
     * A service.
     *
     * @param dns which records its instances get; null for none
     * @param revision grows with every change of its instances
     * @param instances how many there are
     */
    record ServiceRow(
            String id,
            String name,
            String namespace,
            @Nullable String description,
            @Nullable DnsConfig dns,
            String type,
            @Nullable HealthCheckConfig checked,
            @Nullable HealthCheckCustomConfig told,
            @Nullable String creator,
            Map<String, String> attributes,
            Map<String, String> tags,
            long revision,
            int instances,
            Instant created) {
        ServiceRow changed(@Nullable String text, @Nullable DnsConfig records, @Nullable HealthCheckConfig checks) {
            return new ServiceRow(
                    id,
                    name,
                    namespace,
                    text,
                    records,
                    type,
                    checks,
                    told,
                    creator,
                    attributes,
                    tags,
                    revision,
                    instances,
                    created);
        }

        /** The same with so many instances, of which one has changed. */
        ServiceRow instances(int count) {
            return new ServiceRow(
                    id,
                    name,
                    namespace,
                    description,
                    dns,
                    type,
                    checked,
                    told,
                    creator,
                    attributes,
                    tags,
                    revision + 1,
                    count,
                    created);
        }

        ServiceRow attributes(Map<String, String> next) {
            return new ServiceRow(
                    id,
                    name,
                    namespace,
                    description,
                    dns,
                    type,
                    checked,
                    told,
                    creator,
                    next,
                    tags,
                    revision,
                    instances,
                    created);
        }

        ServiceRow tags(Map<String, String> next) {
            return new ServiceRow(
                    id,
                    name,
                    namespace,
                    description,
                    dns,
                    type,
                    checked,
                    told,
                    creator,
                    attributes,
                    next,
                    revision,
                    instances,
                    created);
        }
    }

    /**
     * An instance.
     *
     * @param health as whoever watches it says; UNKNOWN where nobody does
     */
    record InstanceRow(
            String service,
            String id,
            @Nullable String creator,
            Map<String, String> attributes,
            String health,
            String account) {
        InstanceRow health(String next) {
            return new InstanceRow(service, id, creator, attributes, next, account);
        }
    }

    /** What was asked for and becomes of it. */
    record OperationRow(
            String id,
            String type,
            String status,
            @Nullable String errorCode,
            @Nullable String errorMessage,
            Map<String, String> targets,
            Instant created,
            Instant updated) {
        OperationRow ended(String state, @Nullable String code, @Nullable String message, Instant now) {
            return new OperationRow(id, type, state, code, message, targets, created, now);
        }
    }

    static final Table<NamespaceRow> NAMESPACES = Table.of(
            "servicediscovery.namespace",
            RecordCodecs.of(NamespaceRow.class),
            new Table.Index<>(NAME, row -> List.of(row.name())),
            new Table.Index<>(VPC, row -> row.vpc() == null ? List.of() : List.of(row.vpc())),
            new Table.Index<>(PUBLIC, row -> row.type().equals(DNS_PUBLIC) ? List.of(row.name()) : List.of()));
    static final Table<ServiceRow> SERVICES = Table.of(
            "servicediscovery.service",
            RecordCodecs.of(ServiceRow.class),
            new Table.Index<>(NAMESPACE, row -> List.of(row.namespace())));
    /** By service and id. */
    static final Table<InstanceRow> INSTANCES =
            Table.of("servicediscovery.instance", RecordCodecs.of(InstanceRow.class));

    static final Table<OperationRow> OPERATIONS =
            Table.of("servicediscovery.operation", RecordCodecs.of(OperationRow.class));

    static final List<Table<?>> ALL = List.of(NAMESPACES, SERVICES, INSTANCES, OPERATIONS);

    private CloudMapTables() {}

    static String arn(Scope scope, String kind, String id) {
        return Arn.of("servicediscovery", scope.region(), scope.account(), kind + "/" + id)
                .toString();
    }

    /** An id, also from an ARN. */
    static String bare(String idOrArn) {
        return idOrArn.startsWith("arn:") ? idOrArn.substring(idOrArn.lastIndexOf('/') + 1) : idOrArn;
    }

    static String instanceKey(String service, String id) {
        return instancesFrom(service) + id;
    }

    static String instancesFrom(String service) {
        return service + "/";
    }

    /** Just after the instances of a service. */
    static String instancesEnd(String service) {
        return service + "0";
    }
}
