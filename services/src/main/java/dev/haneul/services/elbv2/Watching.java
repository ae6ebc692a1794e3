package dev.haneul.services.elbv2;

import dev.haneul.edge.facts.FlowFact;
import dev.haneul.edge.facts.Observer;
import dev.haneul.edge.facts.RequestFact;
import dev.haneul.edge.table.TargetGroup.Health;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.StoreException;
import dev.haneul.services.elbv2.ElbTables.HealthRow;
import java.time.InstantSource;

/** Hears what the data plane tells: keeps health, counts requests, logs them. */
final class Watching implements Observer {
    private final Store store;
    private final InstantSource clock;
    private final Tallies tallies;
    private final AccessLogs logs;

    Watching(Store store, InstantSource clock, Tallies tallies, AccessLogs logs) {
        this.store = store;
        this.clock = clock;
        this.tallies = tallies;
        this.logs = logs;
    }

    @Override
    public void request(RequestFact fact) {
        tallies.request(fact);
        logs.request(fact);
    }

    @Override
    public void opened(String balancer, String zone, String protocol) {
        tallies.opened(balancer, protocol);
    }

    @Override
    public void moved(String balancer, String protocol, long bytes) {
        tallies.moved(balancer, protocol, bytes);
    }

    @Override
    public void closed(FlowFact fact) {
        tallies.closed(fact);
        logs.flow(fact);
    }

    @Override
    public void health(String balancer, String group, String target, Health health) {
        Arn arn = Arn.parse(group).orElseThrow();
        Scope scope = new Scope(arn.account(), arn.region());
        Key key = scope.key(arn.resourceId() + "|" + target);
        HealthRow row = new HealthRow(
                health.state(), health.reason(), health.description(), health.healthy() ? clock.instant() : null);
        try {
            store.write(tx -> {
                if (tx.get(ElbTables.TARGETS, key).isPresent()) {
                    tx.put(ElbTables.HEALTH, key, row);
                }
            });
        } catch (StoreException e) {
            // It is found out again when it changes; traffic goes by what the data plane knows.
            System.getLogger(Watching.class.getName()).log(System.Logger.Level.WARNING, "health is not kept", e);
        }
    }
}
