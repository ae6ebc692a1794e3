package dev.haneul.services.servicediscovery;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.servicediscovery.*;
import dev.haneul.fabric.vpc.NameSource;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.servicediscovery.CloudMapTables.InstanceRow;
import dev.haneul.services.servicediscovery.CloudMapTables.NamespaceRow;
import dev.haneul.services.servicediscovery.CloudMapTables.OperationRow;
import dev.haneul.services.servicediscovery.CloudMapTables.ServiceRow;
import dev.haneul.services.servicediscovery.Namespaces.Wanted;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Cloud Map's API. */
public final class ServiceDiscoveryService implements ServiceDiscoveryApi {
    private static final int PAGE = 100;
    private static final int MOST_TAGS = 50;

    private final Store store;
    private final Pager pager;
    private final Operations operations;
    private final Namespaces namespaces;
    private final Services services;
    private final Instances instances;
    private final Discovery discovery;
    private final NamespaceReconciler reconciler;

    /**
     * Makes the service and opens its tables.
     *
     * @param caller reaches Route 53, which has the namespaces' hosted zones
     * @param folderKey the data folder's key, under which page tokens are sealed
     */
    public ServiceDiscoveryService(Store store, Clock clock, Caller caller, byte[] folderKey) {
        store.open(CloudMapTables.ALL, List.of());
        SecureRandom random = new SecureRandom();
        Ids ids = new Ids(random);
        this.store = store;
        this.pager = new Pager(new Tokens(Tokens.derive(folderKey, "servicediscovery")), CloudMapFaults::badToken);
        this.operations = new Operations(clock, ids);
        this.namespaces = new Namespaces(store, clock, ids, operations);
        this.services = new Services(store, clock, ids, operations);
        this.instances = new Instances(store, operations);
        this.discovery = new Discovery(store, random);
        this.reconciler = new NamespaceReconciler(store, clock, ids, operations, caller);
    }

    /** Joins the driver that makes hosted zones; before it starts. */
    public void join(Driver driver) {
        reconciler.join(driver);
    }

    /** Where instances are, for the networks' resolvers. */
    public NameSource names() {
        return discovery;
    }

    private static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    private static String question(String operation, Call call, Object filters) {
        return operation + "/" + call.account() + "/" + call.region() + "/" + filters;
    }

    private static int limit(@Nullable Integer asked) {
        return asked == null ? PAGE : asked;
    }

    @Override
    public CreateHttpNamespaceResponse createHttpNamespace(CreateHttpNamespaceRequest in, Call call) {
        Wanted wanted = new Wanted(
                in.name(), CloudMapTables.HTTP, in.description(), in.creatorRequestId(), null, 0, tags(in.tags()));
        return new CreateHttpNamespaceResponse().operationId(namespaces.create(wanted, call));
    }

    @Override
    public CreatePrivateDnsNamespaceResponse createPrivateDnsNamespace(CreatePrivateDnsNamespaceRequest in, Call call) {
        long soa = in.properties() == null
                ? 0
                : in.properties().dnsProperties().soa().ttl();
        Wanted wanted = new Wanted(
                in.name(),
                CloudMapTables.DNS_PRIVATE,
                in.description(),
                in.creatorRequestId(),
                in.vpc(),
                soa,
                tags(in.tags()));
        return new CreatePrivateDnsNamespaceResponse().operationId(namespaces.create(wanted, call));
    }

    @Override
    public CreatePublicDnsNamespaceResponse createPublicDnsNamespace(CreatePublicDnsNamespaceRequest in, Call call) {
        long soa = in.properties() == null
                ? 0
                : in.properties().dnsProperties().soa().ttl();
        Wanted wanted = new Wanted(
                in.name(),
                CloudMapTables.DNS_PUBLIC,
                in.description(),
                in.creatorRequestId(),
                null,
                soa,
                tags(in.tags()));
        return new CreatePublicDnsNamespaceResponse().operationId(namespaces.create(wanted, call));
    }

    @Override
    public GetNamespaceResponse getNamespace(GetNamespaceRequest in, Call call) {
        return store.read(tx -> new GetNamespaceResponse()
                .namespace(Namespaces.told(tx, scope(call), Namespaces.require(tx, scope(call), in.id()))));
    }

    @Override
    public ListNamespacesResponse listNamespaces(ListNamespacesRequest in, Call call) {
        return store.read(tx -> {
            Page<NamespaceRow> page = pager.rows(
                    tx,
                    CloudMapTables.NAMESPACES,
                    scope(call),
                    row -> Namespaces.wanted(row, in.filters()),
                    question("ListNamespaces", call, in.filters()),
                    in.nextToken(),
                    limit(in.maxResults()));
            return new ListNamespacesResponse()
                    .namespaces(page.items().stream()
                            .map(row -> Namespaces.summary(tx, scope(call), row))
                            .toList())
                    .nextToken(page.next());
        });
    }

    @Override
    public UpdateHttpNamespaceResponse updateHttpNamespace(UpdateHttpNamespaceRequest in, Call call) {
        return new UpdateHttpNamespaceResponse()
                .operationId(namespaces.change(
                        in.id(), CloudMapTables.HTTP, in.namespace().description(), null, call));
    }

    @Override
    public UpdatePrivateDnsNamespaceResponse updatePrivateDnsNamespace(UpdatePrivateDnsNamespaceRequest in, Call call) {
        PrivateDnsNamespacePropertiesChange change = in.namespace().properties();
        return new UpdatePrivateDnsNamespaceResponse()
                .operationId(namespaces.change(
                        in.id(),
                        CloudMapTables.DNS_PRIVATE,
                        in.namespace().description(),
                        change == null ? null : change.dnsProperties().soa().ttl(),
                        call));
    }

    @Override
    public UpdatePublicDnsNamespaceResponse updatePublicDnsNamespace(UpdatePublicDnsNamespaceRequest in, Call call) {
        PublicDnsNamespacePropertiesChange change = in.namespace().properties();
        return new UpdatePublicDnsNamespaceResponse()
                .operationId(namespaces.change(
                        in.id(),
                        CloudMapTables.DNS_PUBLIC,
                        in.namespace().description(),
                        change == null ? null : change.dnsProperties().soa().ttl(),
                        call));
    }

    @Override
    public DeleteNamespaceResponse deleteNamespace(DeleteNamespaceRequest in, Call call) {
        return new DeleteNamespaceResponse().operationId(namespaces.delete(in.id(), call));
    }

    @Override
    public GetOperationResponse getOperation(GetOperationRequest in, Call call) {
        return store.read(
                tx -> new GetOperationResponse().operation(Operations.get(tx, scope(call), in.operationId())));
    }

    @Override
    public ListOperationsResponse listOperations(ListOperationsRequest in, Call call) {
        return store.read(tx -> {
            Page<OperationRow> page = pager.rows(
                    tx,
                    CloudMapTables.OPERATIONS,
                    scope(call),
                    row -> Operations.wanted(row, in.filters()),
                    question("ListOperations", call, in.filters()),
                    in.nextToken(),
                    limit(in.maxResults()));
            return new ListOperationsResponse()
                    .operations(page.items().stream()
                            .map(row -> new OperationSummary().id(row.id()).status(row.status()))
                            .toList())
                    .nextToken(page.next());
        });
    }

    @Override
    public CreateServiceResponse createService(CreateServiceRequest in, Call call) {
        return new CreateServiceResponse().service(services.create(in, tags(in.tags()), call));
    }

    @Override
    public GetServiceResponse getService(GetServiceRequest in, Call call) {
        return store.read(tx -> new GetServiceResponse()
                .service(Services.told(scope(call), Services.require(tx, scope(call), in.id()))));
    }

    @Override
    public ListServicesResponse listServices(ListServicesRequest in, Call call) {
        return store.read(tx -> {
            Page<ServiceRow> page = pager.rows(
                    tx,
                    CloudMapTables.SERVICES,
                    scope(call),
                    row -> in.filters().stream()
                            .filter(filter -> filter.name().equals(ServiceFilterName.NAMESPACE_ID))
                            .allMatch(filter -> filter.values().contains(row.namespace())),
                    question("ListServices", call, in.filters()),
                    in.nextToken(),
                    limit(in.maxResults()));
            return new ListServicesResponse()
                    .services(page.items().stream()
                            .map(row -> Services.summary(scope(call), row))
                            .toList())
                    .nextToken(page.next());
        });
    }

    @Override
    public UpdateServiceResponse updateService(UpdateServiceRequest in, Call call) {
        return new UpdateServiceResponse().operationId(services.change(in.id(), in.service(), call));
    }

    @Override
    public DeleteServiceResponse deleteService(DeleteServiceRequest in, Call call) {
        services.delete(in.id(), call);
        return new DeleteServiceResponse();
    }

    @Override
    public GetServiceAttributesResponse getServiceAttributes(GetServiceAttributesRequest in, Call call) {
        return store.read(tx -> {
            ServiceRow row = Services.require(tx, scope(call), in.serviceId());
            return new GetServiceAttributesResponse()
                    .serviceAttributes(new ServiceAttributes()
                            .serviceArn(CloudMapTables.arn(scope(call), "service", row.id()))
                            .resourceOwner(call.account())
                            .attributes(row.attributes()));
        });
    }

    @Override
    public UpdateServiceAttributesResponse updateServiceAttributes(UpdateServiceAttributesRequest in, Call call) {
        services.attributes(in.serviceId(), in.attributes(), Set.of(), call);
        return new UpdateServiceAttributesResponse();
    }

    @Override
    public DeleteServiceAttributesResponse deleteServiceAttributes(DeleteServiceAttributesRequest in, Call call) {
        services.attributes(in.serviceId(), Map.of(), Set.copyOf(in.attributes()), call);
        return new DeleteServiceAttributesResponse();
    }

    @Override
    public RegisterInstanceResponse registerInstance(RegisterInstanceRequest in, Call call) {
        return new RegisterInstanceResponse().operationId(instances.register(in, call));
    }

    @Override
    public DeregisterInstanceResponse deregisterInstance(DeregisterInstanceRequest in, Call call) {
        return new DeregisterInstanceResponse()
                .operationId(instances.deregister(in.serviceId(), in.instanceId(), call));
    }

    @Override
    public GetInstanceResponse getInstance(GetInstanceRequest in, Call call) {
        return store.read(tx -> {
            ServiceRow service = Services.require(tx, scope(call), in.serviceId());
            InstanceRow row = Instances.require(tx, scope(call), service, in.instanceId());
            return new GetInstanceResponse()
                    .resourceOwner(call.account())
                    .instance(new Instance()
                            .id(row.id())
                            .creatorRequestId(row.creator())
                            .attributes(row.attributes())
                            .createdByAccount(row.account()));
        });
    }

    private Page<InstanceRow> page(
            ReadTx tx, Call call, String operation, ServiceRow service, @Nullable String token, int limit) {
        return pager.list(
                Instances.of(tx, scope(call), service.id()),
                InstanceRow::id,
                question(operation, call, service.id()),
                token,
                limit);
    }

    @Override
    public ListInstancesResponse listInstances(ListInstancesRequest in, Call call) {
        return store.read(tx -> {
            ServiceRow service = Services.require(tx, scope(call), in.serviceId());
            Page<InstanceRow> page = page(tx, call, "ListInstances", service, in.nextToken(), limit(in.maxResults()));
            return new ListInstancesResponse()
                    .resourceOwner(call.account())
                    .instances(page.items().stream()
                            .map(row -> new InstanceSummary()
                                    .id(row.id())
                                    .attributes(row.attributes())
                                    .createdByAccount(row.account()))
                            .toList())
                    .nextToken(page.next());
        });
    }

    @Override
    public GetInstancesHealthStatusResponse getInstancesHealthStatus(GetInstancesHealthStatusRequest in, Call call) {
        return store.read(tx -> {
            ServiceRow service = Services.require(tx, scope(call), in.serviceId());
            Map<String, String> found = new LinkedHashMap<>();
            String next = null;
            if (in.instances().isEmpty()) {
                Page<InstanceRow> page =
                        page(tx, call, "GetInstancesHealthStatus", service, in.nextToken(), limit(in.maxResults()));
                page.items().forEach(row -> found.put(row.id(), row.health()));
                next = page.next();
            } else {
                in.instances()
                        .forEach(id -> found.put(
                                id,
                                Instances.require(tx, scope(call), service, id).health()));
            }
            return new GetInstancesHealthStatusResponse().status(found).nextToken(next);
        });
    }

    @Override
    public UpdateInstanceCustomHealthStatusResponse updateInstanceCustomHealthStatus(
            UpdateInstanceCustomHealthStatusRequest in, Call call) {
        instances.health(in.serviceId(), in.instanceId(), in.status(), call);
        return new UpdateInstanceCustomHealthStatusResponse();
    }

    @Override
    public DiscoverInstancesResponse discoverInstances(DiscoverInstancesRequest in, Call call) {
        return discovery.discover(in, scope(call));
    }

    @Override
    public DiscoverInstancesRevisionResponse discoverInstancesRevision(DiscoverInstancesRevisionRequest in, Call call) {
        return new DiscoverInstancesRevisionResponse()
                .instancesRevision(discovery.revision(in.namespaceName(), in.serviceName(), scope(call)));
    }

    private static Map<String, String> tags(List<Tag> given) {
        Map<String, String> tags = new LinkedHashMap<>();
        given.forEach(tag -> tags.put(tag.key(), tag.value()));
        refuseTooMany(tags);
        return tags;
    }

    private static void refuseTooMany(Map<String, String> tags) {
        if (tags.size() > MOST_TAGS) {
            throw Fault.of(new TooManyTagsException(), "A resource can have at most " + MOST_TAGS + " tags.");
        }
    }

    /** Changes the tags of what an ARN names. */
    private void tag(String arn, Call call, UnaryOperator<Map<String, String>> change) {
        Scope scope = scope(call);
        String id = resource(arn, call);
        store.write(tx -> {
            if (id.startsWith("ns-")) {
                NamespaceRow row = Namespaces.require(tx, scope, id);
                tx.put(CloudMapTables.NAMESPACES, scope.key(id), row.tags(change.apply(row.tags())));
            } else {
                ServiceRow row = Services.require(tx, scope, id);
                tx.put(CloudMapTables.SERVICES, scope.key(id), row.tags(change.apply(row.tags())));
            }
        });
    }

    private String resource(String arn, Call call) {
        String id = Arn.parse(arn)
                .filter(each -> each.service().equals("servicediscovery"))
                .map(Arn::resourceId)
                .orElse("");
        boolean there = store.read(
                tx -> tx.get(CloudMapTables.NAMESPACES, scope(call).key(id)).isPresent()
                        || tx.get(CloudMapTables.SERVICES, scope(call).key(id)).isPresent());
        if (id.isEmpty() || !there) {
            throw Fault.of(new ResourceNotFoundException(), "Resource not found: " + arn);
        }
        return id;
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        tag(in.resourceARN(), call, before -> {
            Map<String, String> next = new LinkedHashMap<>(before);
            next.putAll(tags(in.tags()));
            refuseTooMany(next);
            return next;
        });
        return new TagResourceResponse();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        tag(in.resourceARN(), call, before -> {
            Map<String, String> next = new LinkedHashMap<>(before);
            in.tagKeys().forEach(next::remove);
            return next;
        });
        return new UntagResourceResponse();
    }

    @Override
    public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest in, Call call) {
        String id = resource(in.resourceARN(), call);
        Map<String, String> tags = store.read(tx -> id.startsWith("ns-")
                ? Namespaces.require(tx, scope(call), id).tags()
                : Services.require(tx, scope(call), id).tags());
        return new ListTagsForResourceResponse()
                .tags(tags.entrySet().stream()
                        .map(each -> new Tag().key(each.getKey()).value(each.getValue()))
                        .toList());
    }
}
