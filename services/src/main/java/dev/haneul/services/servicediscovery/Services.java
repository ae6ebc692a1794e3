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
import dev.haneul.services.servicediscovery.CloudMapTables.ServiceRow;
import dev.haneul.services.servicediscovery.CloudMapTables.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The services of namespaces. */
final class Services {
    static final int MOST = 10_000;
    private static final int ID_CHARS = 16;
    private static final int MOST_ATTRIBUTES = 30;

    private final Store store;
    private final Clock clock;
    private final Ids ids;
    private final Operations operations;

    Services(Store store, Clock clock, Ids ids, Operations operations) {
        this.store = store;
        this.clock = clock;
        this.ids = ids;
        this.operations = operations;
    }

    /** A service; the ARN counts as its id. */
    static ServiceRow require(ReadTx tx, Scope scope, String idOrArn) {
        String id = CloudMapTables.bare(idOrArn);
        return tx.get(CloudMapTables.SERVICES, scope.key(id))
                .map(Row::value)
                .orElseThrow(() -> CloudMapFaults.noService(id));
    }

    static List<ServiceRow> of(ReadTx tx, Scope scope, String namespace) {
        return tx.find(CloudMapTables.SERVICES, scope, CloudMapTables.NAMESPACE, namespace, "", MOST).stream()
                .map(Row::value)
                .toList();
    }

    static Optional<ServiceRow> named(ReadTx tx, Scope scope, String namespace, String name) {
        return of(tx, scope, namespace).stream()
                .filter(row -> row.name().equalsIgnoreCase(name))
                .findFirst();
    }

    Service create(CreateServiceRequest in, Map<String, String> tags, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        DnsConfig dns = in.dnsConfig();
        String namespaceId = in.namespaceId() == null && dns != null ? dns.namespaceId() : in.namespaceId();
        if (namespaceId == null) {
            throw CloudMapFaults.invalid("NamespaceId must be provided.");
        }
        if (in.healthCheckConfig() != null && in.healthCheckCustomConfig() != null) {
            throw CloudMapFaults.invalid(
                    "HealthCheckConfig and HealthCheckCustomConfig cannot be used in the same request.");
        }
        return store.transact(tx -> {
            NamespaceRow namespace = Namespaces.require(tx, scope, namespaceId);
            if (namespace.stage() == Stage.DELETING) {
                throw CloudMapFaults.noNamespace(namespace.id());
            }
            DnsConfig records = checked(namespace, in);
            named(tx, scope, namespace.id(), in.name()).ifPresent(other -> {
                throw Fault.of(
                        new ServiceAlreadyExists()
                                .creatorRequestId(other.creator())
                                .serviceId(other.id())
                                .serviceArn(CloudMapTables.arn(scope, "service", other.id())),
                        "Service " + in.name() + " already exists.");
            });
            ServiceRow row = new ServiceRow(
                    "srv-" + ids.lower(ID_CHARS),
                    in.name(),
                    namespace.id(),
                    in.description(),
                    records,
                    records == null ? "HTTP" : "DNS_HTTP",
                    in.healthCheckConfig(),
                    in.healthCheckCustomConfig(),
                    in.creatorRequestId(),
                    Map.of(),
                    tags,
                    1,
                    0,
                    clock.instant());
            tx.put(CloudMapTables.SERVICES, scope.key(row.id()), row);
            return told(scope, row);
        });
    }

    /** The records a new service's instances get; null where it is for discovery by API only. */
    private static @Nullable DnsConfig checked(NamespaceRow namespace, CreateServiceRequest in) {
        boolean http = namespace.type().equals(CloudMapTables.HTTP);
        boolean open = namespace.type().equals(CloudMapTables.DNS_PUBLIC);
        if (in.healthCheckConfig() != null && !open) {
            throw CloudMapFaults.invalid("HealthCheckConfig is supported for services of public DNS namespaces only.");
        }
        DnsConfig dns = in.dnsConfig();
        if (dns == null || ServiceTypeOption.HTTP.equals(in.type())) {
            if (dns != null) {
                throw CloudMapFaults.invalid("DnsConfig cannot be used in a service of type HTTP.");
            }
            return null;
        }
        if (http) {
            throw CloudMapFaults.invalid("Service that belongs to HTTP namespace cannot have DnsConfig.");
        }
        String routing = dns.routingPolicy() == null ? RoutingPolicy.MULTIVALUE : dns.routingPolicy();
        records(dns.dnsRecords(), routing);
        return new DnsConfig()
                .namespaceId(namespace.id())
                .routingPolicy(routing)
                .dnsRecords(dns.dnsRecords());
    }

    private static void records(List<DnsRecord> records, String routing) {
        List<String> types = new ArrayList<>();
        for (DnsRecord each : records) {
            if (types.contains(each.type())) {
                throw CloudMapFaults.invalid("Only one record of each type may be given: " + each.type());
            }
            types.add(each.type());
        }
        if (types.isEmpty()) {
            throw CloudMapFaults.invalid("DnsRecords must not be empty.");
        }
        if (types.contains(RecordType.CNAME) && types.size() > 1) {
            throw CloudMapFaults.invalid("A CNAME record cannot stand beside records of other types.");
        }
        if (types.contains(RecordType.CNAME) && !RoutingPolicy.WEIGHTED.equals(routing)) {
            throw CloudMapFaults.invalid("A CNAME record needs the routing policy WEIGHTED.");
        }
    }

    /**
     * Changes a service: what the request leaves out of DNS records and health checks is taken away, as AWS does.
     *
     * @return the operation
     */
    String change(String idOrArn, ServiceChange in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        return store.transact(tx -> {
            ServiceRow row = require(tx, scope, idOrArn);
            DnsConfig dns = row.dns();
            DnsConfig next = null;
            if (in.dnsConfig() != null) {
                if (dns == null) {
                    throw CloudMapFaults.invalid("The service " + row.id() + " has no DNS records.");
                }
                String routing = String.valueOf(dns.routingPolicy());
                records(in.dnsConfig().dnsRecords(), routing);
                next = new DnsConfig()
                        .namespaceId(dns.namespaceId())
                        .routingPolicy(routing)
                        .dnsRecords(in.dnsConfig().dnsRecords());
            }
            String text = in.description() == null ? row.description() : in.description();
            tx.put(CloudMapTables.SERVICES, scope.key(row.id()), row.changed(text, next, in.healthCheckConfig()));
            return operations.done(
                    tx, scope, OperationType.UPDATE_SERVICE, Map.of(OperationTargetType.SERVICE, row.id()));
        });
    }

    void delete(String idOrArn, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        store.write(tx -> {
            ServiceRow row = require(tx, scope, idOrArn);
            if (row.instances() > 0) {
                throw CloudMapFaults.inUse(
                        "Service contains registered instances; delete the instances before deleting the service");
            }
            tx.delete(CloudMapTables.SERVICES, scope.key(row.id()));
        });
    }

    void attributes(String idOrArn, Map<String, String> more, Set<String> gone, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        store.write(tx -> {
            ServiceRow row = require(tx, scope, idOrArn);
            Map<String, String> next = new HashMap<>(row.attributes());
            next.putAll(more);
            next.keySet().removeAll(gone);
            if (next.size() > MOST_ATTRIBUTES) {
                throw Fault.of(
                        new ServiceAttributesLimitExceededException(),
                        "A service can have at most " + MOST_ATTRIBUTES + " attributes.");
            }
            tx.put(CloudMapTables.SERVICES, scope.key(row.id()), row.attributes(next));
        });
    }

    static Service told(Scope scope, ServiceRow row) {
        return new Service()
                .id(row.id())
                .arn(CloudMapTables.arn(scope, "service", row.id()))
                .resourceOwner(scope.account())
                .name(row.name())
                .namespaceId(row.namespace())
                .description(row.description())
                .instanceCount(row.instances())
                .dnsConfig(row.dns())
                .type(row.type())
                .healthCheckConfig(row.checked())
                .healthCheckCustomConfig(row.told())
                .createDate(row.created())
                .creatorRequestId(row.creator())
                .createdByAccount(scope.account());
    }

    static ServiceSummary summary(Scope scope, ServiceRow row) {
        return new ServiceSummary()
                .id(row.id())
                .arn(CloudMapTables.arn(scope, "service", row.id()))
                .resourceOwner(scope.account())
                .name(row.name())
                .type(row.type())
                .description(row.description())
                .instanceCount(row.instances())
                .dnsConfig(row.dns())
                .healthCheckConfig(row.checked())
                .healthCheckCustomConfig(row.told())
                .createDate(row.created())
                .createdByAccount(scope.account());
    }
}
