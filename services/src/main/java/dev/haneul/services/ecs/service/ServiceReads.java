package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.DescribeServicesRequest;
import dev.haneul.api.ecs.DescribeServicesResponse;
import dev.haneul.api.ecs.Failure;
import dev.haneul.api.ecs.ListServicesByNamespaceRequest;
import dev.haneul.api.ecs.ListServicesByNamespaceResponse;
import dev.haneul.api.ecs.ListServicesRequest;
import dev.haneul.api.ecs.ListServicesResponse;
import dev.haneul.api.ecs.Service;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.servicediscovery.NamespaceSummary;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.cluster.Clusters;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Services described and listed. */
final class ServiceReads {
    private static final int MOST_DESCRIBED = 10;
    private static final int PAGE = 10;
    private static final int MOST_LISTED = 100;

    private final Services services;
    private final EcsRoom room;

    ServiceReads(Services services) {
        this.services = services;
        this.room = services.room();
    }

    DescribeServicesResponse describe(DescribeServicesRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        if (in.services().isEmpty()) {
            throw EcsFaults.invalid("Services cannot be empty.");
        }
        if (in.services().size() > MOST_DESCRIBED) {
            throw EcsFaults.invalid("Services can have at most " + MOST_DESCRIBED + " items.");
        }
        return room.read(tx -> {
            String cluster = Clusters.require(tx, scope, in.cluster()).name();
            List<Service> found = new ArrayList<>();
            List<Failure> failures = new ArrayList<>();
            for (String each : in.services()) {
                ServiceRow row = Services.find(tx, scope, cluster, each).orElse(null);
                if (row == null) {
                    String arn = each.startsWith("arn:") ? each : EcsRoom.arn(scope, "service/" + cluster + "/" + each);
                    failures.add(new Failure().arn(arn).reason("MISSING"));
                } else {
                    found.add(ServiceViews.of(tx, scope, row, in.include().contains("TAGS")));
                }
            }
            return new DescribeServicesResponse().services(found).failures(failures);
        });
    }

    ListServicesResponse list(ListServicesRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        int limit = limit(in.maxResults());
        return room.read(tx -> {
            String cluster = Clusters.require(tx, scope, in.cluster()).name();
            List<ServiceRow> all = Services.of(tx, scope, cluster).stream()
                    .filter(each -> !each.status().equals("INACTIVE"))
                    .filter(each -> in.launchType() == null
                            || Objects.equals(in.launchType(), each.told().launchType()))
                    .filter(each -> in.schedulingStrategy() == null
                            || Objects.equals(
                                    in.schedulingStrategy(), each.told().schedulingStrategy()))
                    .filter(each -> in.resourceManagementType() == null
                            || in.resourceManagementType()
                                    .equals(Objects.requireNonNullElse(
                                            each.told().resourceManagementType(), "CUSTOMER")))
                    .toList();
            String question = "ListServices/" + scope + "/" + cluster + "/" + in.launchType() + "/"
                    + in.schedulingStrategy() + "/" + in.resourceManagementType();
            Page<ServiceRow> page = room.pager().list(all, ServiceRow::name, question, in.nextToken(), limit);
            return new ListServicesResponse()
                    .serviceArns(page.items().stream().map(ServiceRow::arn).toList())
                    .nextToken(page.next());
        });
    }

    static int limit(@Nullable Integer asked) {
        if (asked != null && (asked < 1 || asked > MOST_LISTED)) {
            throw EcsFaults.invalid("maxResults must be between 1 and " + MOST_LISTED + ".");
        }
        return asked == null ? PAGE : asked;
    }

    /** The active services that take part in a namespace of Service Connect, whatever their cluster. */
    ListServicesByNamespaceResponse listByNamespace(ListServicesByNamespaceRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        int limit = limit(in.maxResults());
        String namespace = in.namespace().isBlank()
                ? null
                : services.connects()
                        .find(scope, in.namespace())
                        .map(NamespaceSummary::arn)
                        .orElse(null);
        if (namespace == null) {
            throw Connects.noNamespace();
        }
        List<String> arns = room.read(tx -> ConnectTables.in(tx, scope, namespace).stream()
                .map(row -> EcsRoom.arn(scope, "service/" + row.service()))
                .toList());
        Page<String> page = room.pager()
                .list(arns, arn -> arn, "ListServicesByNamespace/" + scope + namespace, in.nextToken(), limit);
        return new ListServicesByNamespaceResponse().serviceArns(page.items()).nextToken(page.next());
    }
}
