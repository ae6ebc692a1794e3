package dev.haneul.services.ecs.instance;

import dev.haneul.api.ecs.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.EcsTables.InstanceRow;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.cluster.ClusterOperations;
import dev.haneul.services.ecs.cluster.Clusters;
import dev.haneul.services.ecs.task.Tasks;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Container instances and their attributes.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/create-capacity.html">Container
 *     instances</a>
 */
public interface InstanceOperations extends EcsApi {
    int MOST_INSTANCES = 100;
    int MOST_CHANGED = 10;

    EcsRoom room();

    Tasks tasks();

    @Override
    default RegisterContainerInstanceResponse registerContainerInstance(
            RegisterContainerInstanceRequest in, Call call) {
        return new Registration(room()).register(in, call);
    }

    @Override
    default DiscoverPollEndpointResponse discoverPollEndpoint(DiscoverPollEndpointRequest in, Call call) {
        String endpoint = "https://ecs." + call.region() + ".amazonaws.com/";
        return new DiscoverPollEndpointResponse()
                .endpoint(endpoint)
                .telemetryEndpoint(endpoint)
                .serviceConnectEndpoint(endpoint);
    }

    @Override
    default DeregisterContainerInstanceResponse deregisterContainerInstance(
            DeregisterContainerInstanceRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        boolean force = Boolean.TRUE.equals(in.force());
        return room().change(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            InstanceRow row = require(tx, scope, cluster, String.valueOf(in.containerInstance()));
            List<TaskRow> running = Instances.tasks(tx, scope, row);
            if (!running.isEmpty() && !force) {
                throw EcsFaults.invalid("Found running tasks on the instance.");
            }
            ContainerInstance told = Copies.of(Instances.told(tx, scope, row)).status("INACTIVE");
            InstanceChanges.remove(tx, scope, room(), tasks(), row, "Container instance deregistered.");
            return new DeregisterContainerInstanceResponse().containerInstance(told);
        });
    }

    private static InstanceRow require(ReadTx tx, Scope scope, ClusterRow cluster, String reference) {
        return Instances.find(tx, scope, cluster.name(), reference)
                .orElseThrow(() -> EcsFaults.invalid("The referenced container instance was not found."));
    }

    @Override
    default DescribeContainerInstancesResponse describeContainerInstances(
            DescribeContainerInstancesRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        if (in.containerInstances().isEmpty() || in.containerInstances().size() > MOST_INSTANCES) {
            throw EcsFaults.invalid("Container instances must have between 1 and " + MOST_INSTANCES + " items.");
        }
        boolean tags = in.include().contains("TAGS");
        return room().read(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            List<ContainerInstance> found = new ArrayList<>();
            List<Failure> failures = new ArrayList<>();
            for (String each : in.containerInstances()) {
                InstanceRow row =
                        Instances.find(tx, scope, cluster.name(), each).orElse(null);
                if (row == null) {
                    failures.add(missing(scope, cluster, each));
                } else {
                    found.add(Instances.told(tx, scope, row)
                            .tags(tags ? EcsTables.told(EcsTags.of(tx, scope, resource(row))) : List.of()));
                }
            }
            return new DescribeContainerInstancesResponse()
                    .containerInstances(found)
                    .failures(failures);
        });
    }

    private static String resource(InstanceRow row) {
        return "container-instance/" + row.cluster() + "/" + row.id();
    }

    private static Failure missing(Scope scope, ClusterRow cluster, String reference) {
        String arn = reference.startsWith("arn:")
                ? reference
                : EcsRoom.arn(scope, "container-instance/" + cluster.name() + "/" + reference);
        return new Failure().arn(arn).reason("MISSING");
    }

    @Override
    default ListContainerInstancesResponse listContainerInstances(ListContainerInstancesRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        Expression filter = in.filter() == null ? null : Expression.parse(in.filter());
        List<InstanceRow> found = room().read(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            return Instances.of(tx, scope, cluster.name()).stream()
                    .filter(row ->
                            in.status() == null || in.status().equals(row.told().status()))
                    .filter(row ->
                            filter == null || filter.holds(Instances.facts(row, Instances.tasks(tx, scope, row))))
                    .toList();
        });
        Page<InstanceRow> page = room().pager()
                .list(
                        found,
                        InstanceRow::id,
                        "ListContainerInstances/" + scope + in.cluster() + in.status() + in.filter(),
                        in.nextToken(),
                        ClusterOperations.limit(in.maxResults(), MOST_INSTANCES));
        return new ListContainerInstancesResponse()
                .containerInstanceArns(
                        page.items().stream().map(InstanceRow::arn).toList())
                .nextToken(page.next());
    }

    @Override
    default UpdateContainerInstancesStateResponse updateContainerInstancesState(
            UpdateContainerInstancesStateRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String status = String.valueOf(in.status());
        if (!Set.of("ACTIVE", "DRAINING").contains(status)) {
            throw EcsFaults.invalid("Container instance status should be one of [ACTIVE,DRAINING]");
        }
        if (in.containerInstances().size() > MOST_CHANGED) {
            throw EcsFaults.invalid("Container instances can have at most " + MOST_CHANGED + " items.");
        }
        return room().change(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            List<ContainerInstance> changed = new ArrayList<>();
            List<Failure> failures = new ArrayList<>();
            for (String each : in.containerInstances()) {
                InstanceRow row =
                        Instances.find(tx, scope, cluster.name(), each).orElse(null);
                if (row == null) {
                    failures.add(missing(scope, cluster, each));
                } else {
                    InstanceRow next = InstanceChanges.put(
                            tx, scope, room(), row.with(Copies.of(row.told()).status(status)));
                    changed.add(Instances.told(tx, scope, next));
                }
            }
            return new UpdateContainerInstancesStateResponse()
                    .containerInstances(changed)
                    .failures(failures);
        });
    }

    @Override
    default UpdateContainerAgentResponse updateContainerAgent(UpdateContainerAgentRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        return room().read(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            require(tx, scope, cluster, String.valueOf(in.containerInstance()));
            throw Fault.of(new NoUpdateAvailableException(), "There is no update available for your container agent.");
        });
    }

    @Override
    default PutAttributesResponse putAttributes(PutAttributesRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        return room().change(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            for (Attribute each : in.attributes()) {
                Attributes.check(each);
                InstanceRow row = target(tx, scope, cluster, each);
                change(tx, scope, row, Attributes.with(row.told().attributes(), each));
            }
            return new PutAttributesResponse().attributes(in.attributes());
        });
    }

    @Override
    default DeleteAttributesResponse deleteAttributes(DeleteAttributesRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        return room().change(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            List<Attribute> gone = new ArrayList<>();
            for (Attribute each : in.attributes()) {
                InstanceRow row = target(tx, scope, cluster, each);
                List<Attribute> left = new ArrayList<>();
                for (Attribute had : row.told().attributes()) {
                    if (Objects.equals(had.name(), each.name()) && !Attributes.builtIn(had)) {
                        gone.add(Copies.of(had).targetId(row.arn()));
                    } else {
                        left.add(had);
                    }
                }
                change(tx, scope, row, left);
            }
            return new DeleteAttributesResponse().attributes(gone);
        });
    }

    private static InstanceRow target(ReadTx tx, Scope scope, ClusterRow cluster, Attribute attribute) {
        return Instances.find(tx, scope, cluster.name(), Objects.requireNonNullElse(attribute.targetId(), ""))
                .orElseThrow(() -> Fault.of(
                        new TargetNotFoundException(), "The specified target was not found: " + attribute.targetId()));
    }

    private static void change(WriteTx tx, Scope scope, InstanceRow row, List<Attribute> attributes) {
        tx.put(
                EcsTables.INSTANCES,
                scope.key(row.id()),
                row.with(Copies.of(row.told()).attributes(attributes)));
    }

    @Override
    default ListAttributesResponse listAttributes(ListAttributesRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        if (!"container-instance".equals(in.targetType())) {
            throw EcsFaults.invalid("Invalid target type: " + in.targetType() + ".");
        }
        List<Attribute> found = room().read(tx -> {
            ClusterRow cluster = Clusters.require(tx, scope, in.cluster());
            List<Attribute> all = new ArrayList<>();
            for (InstanceRow row : Instances.of(tx, scope, cluster.name())) {
                row.told().attributes().stream()
                        .filter(each ->
                                in.attributeName() == null || in.attributeName().equals(each.name()))
                        .filter(each -> in.attributeValue() == null
                                || in.attributeValue().equals(each.value()))
                        .forEach(each ->
                                all.add(Copies.of(each).targetId(row.arn()).targetType("container-instance")));
            }
            return all;
        });
        Page<Attribute> page = room().pager()
                .list(
                        found,
                        each -> each.targetId() + " " + each.name(),
                        "ListAttributes/" + scope + in.cluster() + in.attributeName() + in.attributeValue(),
                        in.nextToken(),
                        ClusterOperations.limit(in.maxResults(), MOST_INSTANCES));
        return new ListAttributesResponse().attributes(page.items()).nextToken(page.next());
    }
}
