package dev.haneul.services.servicediscovery;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.servicediscovery.*;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.servicediscovery.CloudMapTables.InstanceRow;
import dev.haneul.services.servicediscovery.CloudMapTables.ServiceRow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The instances of services: registered, watched over by whoever registered them, deregistered. */
final class Instances {
    static final String IPV4 = "AWS_INSTANCE_IPV4";
    static final String IPV6 = "AWS_INSTANCE_IPV6";
    static final String PORT = "AWS_INSTANCE_PORT";
    static final String CNAME = "AWS_INSTANCE_CNAME";
    static final String ALIAS = "AWS_ALIAS_DNS_NAME";
    private static final String EC2 = "AWS_EC2_INSTANCE_ID";
    private static final String FIRST_HEALTH = "AWS_INIT_HEALTH_STATUS";
    private static final int MOST = 1000;
    private static final int MOST_ATTRIBUTES = 30;
    private static final int MOST_PORT = 65_535;

    private final Store store;
    private final Operations operations;

    Instances(Store store, Operations operations) {
        this.store = store;
        this.operations = operations;
    }

    /** Every instance of a service, in order of id. */
    static List<InstanceRow> of(ReadTx tx, Scope scope, String service) {
        return tx
                .range(
                        CloudMapTables.INSTANCES,
                        scope,
                        CloudMapTables.instancesFrom(service),
                        CloudMapTables.instancesEnd(service),
                        MOST)
                .stream()
                .map(Row::value)
                .toList();
    }

    static InstanceRow require(ReadTx tx, Scope scope, ServiceRow service, String id) {
        return tx.get(CloudMapTables.INSTANCES, scope.key(CloudMapTables.instanceKey(service.id(), id)))
                .map(Row::value)
                .orElseThrow(() -> CloudMapFaults.noInstance(id));
    }

    /**
     * Registers an instance, or registers it anew.
     *
     * @return the operation
     */
    String register(RegisterInstanceRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        return store.transact(tx -> {
            ServiceRow service = Services.require(tx, scope, in.serviceId());
            Map<String, String> attributes = new HashMap<>(in.attributes());
            check(service, attributes);
            String first = attributes.remove(FIRST_HEALTH);
            Key key = scope.key(CloudMapTables.instanceKey(service.id(), in.instanceId()));
            InstanceRow before =
                    tx.get(CloudMapTables.INSTANCES, key).map(Row::value).orElse(null);
            if (before == null && service.instances() >= MOST) {
                throw CloudMapFaults.limit("The limit of " + MOST + " instances of a service has been reached.");
            }
            tx.put(
                    CloudMapTables.INSTANCES,
                    key,
                    new InstanceRow(
                            service.id(),
                            in.instanceId(),
                            in.creatorRequestId(),
                            attributes,
                            health(service, before, first),
                            call.account()));
            tx.put(
                    CloudMapTables.SERVICES,
                    scope.key(service.id()),
                    service.instances(service.instances() + (before == null ? 1 : 0)));
            return operations.done(tx, scope, OperationType.REGISTER_INSTANCE, targets(service, in.instanceId()));
        });
    }

    private static Map<String, String> targets(ServiceRow service, String instance) {
        return Map.of(
                OperationTargetType.NAMESPACE,
                service.namespace(),
                OperationTargetType.SERVICE,
                service.id(),
                OperationTargetType.INSTANCE,
                instance);
    }

    private static String health(ServiceRow service, @Nullable InstanceRow before, @Nullable String first) {
        if (service.told() == null) {
            return HealthStatus.UNKNOWN;
        }
        return first != null ? first : before != null ? before.health() : HealthStatus.HEALTHY;
    }

    private static void check(ServiceRow service, Map<String, String> attributes) {
        if (attributes.size() > MOST_ATTRIBUTES) {
            throw CloudMapFaults.invalid("An instance can have at most " + MOST_ATTRIBUTES + " attributes.");
        }
        if (attributes.containsKey(EC2)) {
            throw Fault.server(
                    "NotImplemented", 501, "Registration by AWS_EC2_INSTANCE_ID is not implemented by Haneul yet.");
        }
        String first = attributes.get(FIRST_HEALTH);
        if (first != null
                && (service.told() == null
                        || !Set.of(CustomHealthStatus.HEALTHY, CustomHealthStatus.UNHEALTHY)
                                .contains(first))) {
            throw CloudMapFaults.invalid("Invalid value for " + FIRST_HEALTH + ": " + first
                    + ". It is HEALTHY or UNHEALTHY, for services with HealthCheckCustomConfig.");
        }
        address(attributes, IPV4, false);
        address(attributes, IPV6, true);
        String port = attributes.get(PORT);
        if (port != null && (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > MOST_PORT)) {
            throw CloudMapFaults.invalid("Invalid value for " + PORT + ": " + port);
        }
        DnsConfig dns = service.dns();
        if (dns == null) {
            return;
        }
        if (attributes.containsKey(ALIAS)) {
            if (!RoutingPolicy.WEIGHTED.equals(dns.routingPolicy())) {
                throw CloudMapFaults.invalid(ALIAS + " needs the routing policy WEIGHTED.");
            }
            return;
        }
        for (DnsRecord each : dns.dnsRecords()) {
            switch (each.type()) {
                case RecordType.A -> need(attributes, IPV4, each.type());
                case RecordType.AAAA -> need(attributes, IPV6, each.type());
                case RecordType.CNAME -> need(attributes, CNAME, each.type());
                default -> {
                    need(attributes, PORT, each.type());
                    if (!attributes.containsKey(IPV4) && !attributes.containsKey(IPV6)) {
                        need(attributes, IPV4, each.type());
                    }
                }
            }
        }
    }

    private static void need(Map<String, String> attributes, String attribute, String type) {
        if (!attributes.containsKey(attribute)) {
            throw CloudMapFaults.invalid(
                    "Attribute " + attribute + " must be specified for a service with DNS records of type " + type);
        }
    }

    private static void address(Map<String, String> attributes, String attribute, boolean six) {
        String text = attributes.get(attribute);
        Cidr address = text == null || text.indexOf('/') >= 0 ? null : Cidr.parseOrNull(text);
        if (text != null && (address == null || address.v6() != six)) {
            throw CloudMapFaults.invalid("Invalid value for " + attribute + ": " + text);
        }
    }

    /** @return the operation */
    String deregister(String serviceId, String id, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        return store.transact(tx -> {
            ServiceRow service = Services.require(tx, scope, serviceId);
            require(tx, scope, service, id);
            tx.delete(CloudMapTables.INSTANCES, scope.key(CloudMapTables.instanceKey(service.id(), id)));
            tx.put(CloudMapTables.SERVICES, scope.key(service.id()), service.instances(service.instances() - 1));
            return operations.done(tx, scope, OperationType.DEREGISTER_INSTANCE, targets(service, id));
        });
    }

    void health(String serviceId, String id, String status, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        store.write(tx -> {
            ServiceRow service = Services.require(tx, scope, serviceId);
            if (service.told() == null) {
                throw Fault.of(
                        new CustomHealthNotFound(),
                        "The service " + service.id() + " does not have a custom health check.");
            }
            InstanceRow row = require(tx, scope, service, id);
            if (row.health().equals(status)) {
                return;
            }
            tx.put(
                    CloudMapTables.INSTANCES,
                    scope.key(CloudMapTables.instanceKey(service.id(), id)),
                    row.health(status));
            tx.put(CloudMapTables.SERVICES, scope.key(service.id()), service.instances(service.instances()));
        });
    }
}
