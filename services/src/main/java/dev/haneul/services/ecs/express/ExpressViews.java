package dev.haneul.services.ecs.express;

import dev.haneul.api.ecs.Deployment;
import dev.haneul.api.ecs.DescribeServicesRequest;
import dev.haneul.api.ecs.ECSExpressGatewayService;
import dev.haneul.api.ecs.EcsApi;
import dev.haneul.api.ecs.ExpressGatewayServiceConfiguration;
import dev.haneul.api.ecs.ExpressGatewayServiceStatus;
import dev.haneul.api.ecs.IngressPathSummary;
import dev.haneul.api.ecs.Service;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.cluster.Clusters;
import dev.haneul.services.ecs.express.ExpressTables.ExpressRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Express services as describe tells them: how they are is asked of the services behind them. */
final class ExpressViews {
    private final EcsRoom room;
    private final EcsApi ecs;

    ExpressViews(EcsRoom room, EcsApi ecs) {
        this.room = room;
        this.ecs = ecs;
    }

    ECSExpressGatewayService of(ExpressRow row, boolean tags, Call call) {
        Scope scope = EcsRoom.scope(call);
        Service service = service(ecs, room, scope, row).orElse(null);
        ECSExpressGatewayService told = new ECSExpressGatewayService()
                .cluster(EcsRoom.arn(scope, "cluster/" + row.cluster()))
                .serviceName(row.name())
                .serviceArn(EcsRoom.arn(scope, "service/" + row.key()))
                .infrastructureRoleArn(row.role())
                .status(status(row, service))
                .activeConfigurations(configurations(row, service, call))
                .createdAt(row.created())
                .updatedAt(row.updated());
        if (service != null) {
            told.currentDeployment(service.currentServiceDeployment());
        }
        if (tags) {
            told.tags(service == null ? EcsTables.told(row.tags()) : service.tags());
        }
        return told;
    }

    /** The service behind an Express service; empty where it is not made yet, or is forgotten. */
    static Optional<Service> service(EcsApi ecs, EcsRoom room, Scope scope, ExpressRow row) {
        boolean there = room.read(tx -> Clusters.find(tx, scope, row.cluster()))
                .filter(ClusterRow::active)
                .isPresent();
        if (!there) {
            return Optional.empty(); // a cluster can go only when its services are gone
        }
        return ecs
                .describeServices(
                        new DescribeServicesRequest()
                                .cluster(row.cluster())
                                .services(List.of(row.name()))
                                .include(List.of("TAGS")),
                        room.inside(scope))
                .services()
                .stream()
                .filter(each -> "ECS".equals(each.resourceManagementType()))
                .filter(each -> each.createdAt() != null && !each.createdAt().isBefore(row.created()))
                .findFirst();
    }

    /** What somebody else did to the service behind holds too. */
    private static ExpressGatewayServiceStatus status(ExpressRow row, @Nullable Service service) {
        String behind = service != null
                ? String.valueOf(service.status())
                : row.made() > 0 ? ExpressTables.INACTIVE : ExpressTables.ACTIVE;
        if (row.active() && !behind.equals(ExpressTables.ACTIVE)) {
            return new ExpressGatewayServiceStatus()
                    .statusCode(behind)
                    .statusReason("The Amazon ECS service was deleted.");
        }
        ExpressGatewayServiceStatus told = new ExpressGatewayServiceStatus().statusCode(row.status());
        if (!row.reason().isEmpty()) {
            return told.statusReason(row.reason());
        }
        if (!row.active() || service == null) {
            return told;
        }
        return service.deployments().stream()
                .filter(each -> "PRIMARY".equals(each.status()))
                .filter(each -> !"COMPLETED".equals(each.rolloutState()))
                .map(each -> told.statusReason(each.rolloutStateReason()))
                .findFirst()
                .orElse(told);
    }

    private List<ExpressGatewayServiceConfiguration> configurations(
            ExpressRow row, @Nullable Service service, Call call) {
        if (service == null || service.deployments().isEmpty()) {
            return row.ended() ? List.of() : List.of(told(row, row.told(), null, call));
        }
        List<Deployment> deployments = service.deployments();
        List<ExpressGatewayServiceConfiguration> all = new ArrayList<>();
        for (int i = 0; i < deployments.size(); i++) {
            String revision = i < service.currentServiceRevisions().size()
                    ? service.currentServiceRevisions().get(i).arn()
                    : null;
            row.of(deployments.get(i).taskDefinition())
                    .ifPresent(version -> all.add(told(row, version.told(), revision, call)));
        }
        return all;
    }

    /** A configuration with its endpoint. */
    ExpressGatewayServiceConfiguration told(
            ExpressRow row, ExpressGatewayServiceConfiguration kept, @Nullable String revision, Call call) {
        return Copies.of(kept)
                .serviceRevisionArn(revision)
                .ingressPaths(List.of(new IngressPathSummary()
                        .accessType(row.place().internal() ? "PRIVATE" : "PUBLIC")
                        .endpoint(endpoint(row.label(), call))));
    }

    /** Where it answers: at the port the caller came in by. */
    private static String endpoint(String label, Call call) {
        List<String> names = ExpressNames.of(label, call.region());
        return call.origin().endpoint().isEmpty()
                ? "http://" + names.getFirst()
                : call.origin().at(names.getLast());
    }
}
