package dev.haneul.services.servicediscovery;

import dev.haneul.api.route53.CreateHostedZoneRequest;
import dev.haneul.api.route53.DeleteHostedZoneRequest;
import dev.haneul.api.route53.HostedZone;
import dev.haneul.api.route53.HostedZoneConfig;
import dev.haneul.api.route53.ListHostedZonesByNameRequest;
import dev.haneul.api.route53.Route53Client;
import dev.haneul.api.route53.VPC;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.servicediscovery.CloudMapTables.NamespaceRow;
import dev.haneul.services.servicediscovery.CloudMapTables.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Makes the hosted zones of DNS namespaces, and removes them. */
final class NamespaceReconciler implements Reconciler<Key> {
    static final String HOST = "servicediscovery.amazonaws.com";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PAGE = 1000;

    private final Store store;
    private final Clock clock;
    private final Ids ids;
    private final Operations operations;
    private final Route53Client dns;

    NamespaceReconciler(Store store, Clock clock, Ids ids, Operations operations, Caller caller) {
        this.store = store;
        this.clock = clock;
        this.ids = ids;
        this.operations = operations;
        this.dns = new Route53Client(caller);
    }

    void join(Driver driver) {
        Driver.Waker<Key> waker = driver.add(this, 2);
        driver.follow("servicediscovery.namespace", Set.of(CloudMapTables.NAMESPACES.name()), change -> {
            if (change.after() != null) {
                waker.wake(change.key());
            }
        });
        store.read(tx -> tx.all(CloudMapTables.NAMESPACES, null, PAGE)).stream()
                .filter(row -> row.value().stage() != Stage.ACTIVE)
                .forEach(row -> waker.wake(row.key()));
    }

    @Override
    public String name() {
        return "servicediscovery.namespace";
    }

    @Override
    public Next reconcile(Key key) {
        NamespaceRow row = store.read(tx -> tx.get(CloudMapTables.NAMESPACES, key))
                .map(Row::value)
                .orElse(null);
        if (row != null && row.stage() == Stage.CREATING) {
            create(key, row);
        } else if (row != null && row.stage() == Stage.DELETING) {
            delete(key, row);
        }
        return Next.DONE;
    }

    private void create(Key key, NamespaceRow row) {
        Scope scope = key.scope();
        try {
            String zone = zone(scope, row);
            store.write(tx -> {
                tx.put(CloudMapTables.NAMESPACES, key, row.active(zone));
                operations.end(tx, scope, row.operation(), null, null);
            });
        } catch (Fault fault) {
            store.write(tx -> {
                tx.delete(CloudMapTables.NAMESPACES, key);
                operations.end(
                        tx,
                        scope,
                        row.operation(),
                        "CANNOT_CREATE_HOSTED_ZONE",
                        fault.message() + " (Service: AmazonRoute53; Status Code: " + fault.status() + "; Error Code: "
                                + fault.code() + ")");
            });
        }
    }

    /** The hosted zone of a namespace: a new one, or the one that was made before the server was killed. */
    private String zone(Scope scope, NamespaceRow row) {
        VPC vpc = row.vpc() == null ? null : new VPC().vpcId(row.vpc()).vpcRegion(scope.region());
        CreateHostedZoneRequest in = new CreateHostedZoneRequest()
                .name(row.name())
                .callerReference(row.id())
                .vpc(vpc)
                .hostedZoneConfig(new HostedZoneConfig()
                        .comment("Created by AWS Cloud Map namespace with ID " + row.id())
                        .privateZone(vpc != null));
        try {
            return bare(dns.createHostedZone(in, inside(scope)).hostedZone().id());
        } catch (Fault fault) {
            if (!fault.code().equals("HostedZoneAlreadyExists")) {
                throw fault;
            }
            List<HostedZone> found = dns.listHostedZonesByName(
                            new ListHostedZonesByNameRequest().dnsName(row.name()), inside(scope))
                    .hostedZones();
            return found.stream()
                    .filter(each -> row.id().equals(each.callerReference()))
                    .map(each -> bare(each.id()))
                    .findFirst()
                    .orElseThrow(() -> fault);
        }
    }

    private static String bare(String id) {
        return id.substring(id.lastIndexOf('/') + 1);
    }

    private void delete(Key key, NamespaceRow row) {
        Scope scope = key.scope();
        try {
            if (row.zone() != null) {
                dns.deleteHostedZone(new DeleteHostedZoneRequest().id(row.zone()), inside(scope));
            }
        } catch (Fault fault) {
            if (!fault.code().equals("NoSuchHostedZone")) {
                store.write(tx -> {
                    tx.put(CloudMapTables.NAMESPACES, key, row.active(row.zone()));
                    operations.end(tx, scope, row.operation(), "CANNOT_DELETE_HOSTED_ZONE", fault.message());
                });
                return;
            }
        }
        store.write(tx -> {
            tx.delete(CloudMapTables.NAMESPACES, key);
            operations.end(tx, scope, row.operation(), null, null);
        });
    }

    private Call inside(Scope scope) {
        return new Call(
                Principal.service(HOST),
                scope.account(),
                scope.region(),
                ids.uuid(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside(HOST));
    }
}
