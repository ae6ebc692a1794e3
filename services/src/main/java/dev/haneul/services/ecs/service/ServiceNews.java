package dev.haneul.services.ecs.service;

import dev.haneul.delivery.Json;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What EventBridge hears of services.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html">Service actions</a>
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html">
 *     Deployment state changes</a>
 */
final class ServiceNews {
    private ServiceNews() {}

    /**
     * A service action.
     *
     * @param type INFO, WARN or ERROR
     * @param name e.g. SERVICE_STEADY_STATE
     * @param more further members of the detail
     */
    static void action(
            WriteTx tx, Scope scope, ServiceRow row, String type, String name, Map<String, ?> more, Instant now) {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("eventType", type);
        detail.put("eventName", name);
        detail.put("clusterArn", String.valueOf(row.told().clusterArn()));
        detail.put("createdAt", now.toString());
        detail.putAll(more);
        ServiceEvent.of("aws.ecs", "ECS Service Action", now, List.of(row.arn()), Json.write(detail))
                .emit(tx, scope);
    }

    /** A deployment goes on, has come to its end, or has failed. */
    static void deployment(
            WriteTx tx,
            Scope scope,
            @Nullable String serviceArn,
            Rollout rollout,
            String type,
            String name,
            Instant now) {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("eventType", type);
        detail.put("eventName", name);
        detail.put("deploymentId", rollout.id());
        detail.put("updatedAt", now.toString());
        detail.put("reason", rollout.reason());
        ServiceEvent.of(
                        "aws.ecs",
                        "ECS Deployment State Change",
                        now,
                        List.of(String.valueOf(serviceArn)),
                        Json.write(detail))
                .emit(tx, scope);
    }
}
