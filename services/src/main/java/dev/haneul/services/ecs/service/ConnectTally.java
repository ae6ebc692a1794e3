package dev.haneul.services.ecs.service;

import dev.haneul.edge.facts.FlowFact;
import dev.haneul.edge.facts.Observer;
import dev.haneul.edge.facts.RequestFact;
import dev.haneul.edge.table.TargetGroup.Health;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Service Connect's metrics, by the service that was called.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html">Metrics</a>
 */
final class ConnectTally implements Observer {
    private static final String NAMESPACE = "AWS/ECS";
    private static final double NANOS_PER_MILLI = 1e6;

    private final EcsRoom room;
    private final Function<String, Optional<Scope>> scopes;

    /** @param scopes whose the table of an id is */
    ConnectTally(EcsRoom room, Function<String, Optional<Scope>> scopes) {
        this.room = room;
        this.scopes = scopes;
    }

    @Override
    public void request(RequestFact fact) {
        add(fact.balancer(), fact.group(), "RequestCount", "Count", 1, fact.ended());
        int kind = fact.targetStatus() / 100;
        if (kind >= 2 && kind <= 5) {
            add(fact.balancer(), fact.group(), "HTTPCode_Target_" + kind + "XX_Count", "Count", 1, fact.ended());
        }
        if (fact.targetNanos() >= 0) {
            add(
                    fact.balancer(),
                    fact.group(),
                    "TargetResponseTime",
                    "Milliseconds",
                    fact.targetNanos() / NANOS_PER_MILLI,
                    fact.ended());
        }
        add(fact.balancer(), fact.group(), "ProcessedBytes", "Bytes", fact.received() + fact.sent(), fact.ended());
    }

    @Override
    public void opened(String balancer, String zone, String protocol) {}

    @Override
    public void closed(FlowFact fact) {
        if (fact.target() != null) {
            add(fact.balancer(), fact.group(), "NewConnectionCount", "Count", 1, fact.ended());
            add(fact.balancer(), fact.group(), "ProcessedBytes", "Bytes", fact.received() + fact.sent(), fact.ended());
        }
    }

    @Override
    public void health(String balancer, String group, String target, Health health) {}

    private void add(String table, @Nullable String group, String name, String unit, double value, Instant at) {
        Scope scope = scopes.apply(table).orElse(null);
        if (scope == null || group == null) {
            return;
        }
        String[] parts = group.split("/", 3);
        Map<String, String> endpoint = Map.of("DiscoveryName", parts[2]);
        Map<String, String> whole = Map.of("ClusterName", parts[0], "ServiceName", parts[1], "DiscoveryName", parts[2]);
        for (Map<String, String> dimensions : List.of(endpoint, whole)) {
            room.metrics().add(new Metrics.What(scope, NAMESPACE, name, dimensions, unit), at, value);
        }
    }
}
