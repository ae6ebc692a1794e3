package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.NamespaceNotFoundException;
import dev.haneul.api.ecs.ServiceConnectConfiguration;
import dev.haneul.api.ecs.ServiceConnectServiceResource;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.servicediscovery.CreateHttpNamespaceRequest;
import dev.haneul.api.servicediscovery.CreateServiceRequest;
import dev.haneul.api.servicediscovery.ListNamespacesRequest;
import dev.haneul.api.servicediscovery.ListServicesRequest;
import dev.haneul.api.servicediscovery.ListServicesResponse;
import dev.haneul.api.servicediscovery.NamespaceFilter;
import dev.haneul.api.servicediscovery.NamespaceSummary;
import dev.haneul.api.servicediscovery.ServiceDiscoveryClient;
import dev.haneul.api.servicediscovery.ServiceFilter;
import dev.haneul.api.servicediscovery.ServiceSummary;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.service.ConnectTables.ConnectRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Service Connect's namespaces and endpoints in Cloud Map. */
public final class Connects {
    private final EcsRoom room;
    private final ServiceDiscoveryClient cloudMap;

    Connects(EcsRoom room) {
        this.room = room;
        this.cloudMap = new ServiceDiscoveryClient(room.caller());
    }

    /**
     * What a service says, with the namespace found and its endpoints made known in Cloud Map.
     *
     * @throws Fault NamespaceNotFoundException, InvalidParameterException
     */
    ConnectRow resolve(
            Scope scope,
            ClusterRow cluster,
            String service,
            ServiceConnectConfiguration asked,
            TaskDefinition definition) {
        if (!Boolean.TRUE.equals(asked.enabled())) {
            return new ConnectRow(service, new ServiceConnectConfiguration().enabled(false), List.of());
        }
        var defaults = cluster.told().serviceConnectDefaults();
        String named = asked.namespace() != null ? asked.namespace() : defaults == null ? null : defaults.namespace();
        if (named == null) {
            throw EcsFaults.invalid("serviceConnectConfiguration namespace can not be blank where the cluster has no "
                    + "default namespace for Service Connect.");
        }
        NamespaceSummary namespace = find(scope, named).orElseThrow(Connects::noNamespace);
        String arn = Objects.requireNonNull(namespace.arn());
        ServiceConnectConfiguration told =
                ConnectSpec.resolve(asked, arn, Objects.requireNonNull(namespace.name()), definition);
        room.read(tx -> {
            for (ConnectRow other : ConnectTables.in(tx, scope, arn)) {
                refuseTaken(other, service, told);
            }
            return service;
        });
        List<ServiceConnectServiceResource> resources = new ArrayList<>();
        told.services()
                .forEach(each -> resources.add(new ServiceConnectServiceResource()
                        .discoveryName(each.discoveryName())
                        .discoveryArn(discovery(scope, namespace, String.valueOf(each.discoveryName())))));
        return new ConnectRow(service, told, resources);
    }

    private static void refuseTaken(ConnectRow other, String service, ServiceConnectConfiguration told) {
        if (other.service().equals(service)) {
            return;
        }
        other.told()
                .services()
                .forEach(theirs -> told.services().forEach(ours -> {
                    if (Objects.equals(theirs.discoveryName(), ours.discoveryName())) {
                        throw EcsFaults.invalid("serviceConnectConfiguration discoveryName " + ours.discoveryName()
                                + " is already in use in the namespace.");
                    }
                }));
    }

    static Fault noNamespace() {
        return Fault.of(new NamespaceNotFoundException(), "The specified namespace could not be found.");
    }

    /** A namespace, by its name or ARN. */
    Optional<NamespaceSummary> find(Scope scope, String named) {
        String token = null;
        do {
            var page = cloudMap.listNamespaces(
                    named.startsWith("arn:")
                            ? new ListNamespacesRequest().nextToken(token)
                            : new ListNamespacesRequest()
                                    .filters(List.of(
                                            new NamespaceFilter().name("NAME").values(List.of(named))))
                                    .nextToken(token),
                    room.inside(scope));
            for (NamespaceSummary each : page.namespaces()) {
                if (named.equals(each.arn()) || named.equals(each.name())) {
                    return Optional.of(each);
                }
            }
            token = page.nextToken();
        } while (token != null);
        return Optional.empty();
    }

    /**
     * The ARN of a cluster's default namespace: one that is there, or a new one for calls by API.
     *
     * @param named a name or an ARN; null or empty for none
     */
    public @Nullable String defaults(Scope scope, @Nullable String named) {
        if (named == null || named.isEmpty()) {
            return named;
        }
        NamespaceSummary known = find(scope, named).orElse(null);
        if (known == null && !named.startsWith("arn:")) {
            cloudMap.createHttpNamespace(
                    new CreateHttpNamespaceRequest().name(named).creatorRequestId(named), room.inside(scope));
            known = find(scope, named).orElse(null);
        }
        if (known == null) {
            throw noNamespace();
        }
        return known.arn();
    }

    /** The ARN of the service in Cloud Map that stands for an endpoint; made where it is not there. */
    private String discovery(Scope scope, NamespaceSummary namespace, String name) {
        String token = null;
        do {
            ListServicesResponse page = cloudMap.listServices(
                    new ListServicesRequest()
                            .filters(List.of(new ServiceFilter()
                                    .name("NAMESPACE_ID")
                                    .values(List.of(Objects.requireNonNull(namespace.id())))))
                            .nextToken(token),
                    room.inside(scope));
            for (ServiceSummary each : page.services()) {
                if (name.equals(each.name())) {
                    return Objects.requireNonNull(each.arn());
                }
            }
            token = page.nextToken();
        } while (token != null);
        var made = cloudMap.createService(
                        new CreateServiceRequest()
                                .name(name)
                                .namespaceId(namespace.id())
                                .type("HTTP")
                                .creatorRequestId(name),
                        room.inside(scope))
                .service();
        return Objects.requireNonNull(Objects.requireNonNull(made).arn());
    }
}
