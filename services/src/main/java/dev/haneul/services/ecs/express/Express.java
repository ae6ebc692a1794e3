package dev.haneul.services.ecs.express;

import dev.haneul.api.ecs.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.cluster.Clusters;
import dev.haneul.services.ecs.express.ExpressTables.ExpressRow;
import dev.haneul.services.ecs.express.ExpressTables.Place;
import dev.haneul.services.ecs.express.ExpressTables.Version;
import dev.haneul.services.ecs.service.Services;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Express services made, changed, described and deleted. What is acknowledged is brought about by a reconciler. */
public final class Express {
    private static final int MOST_SHARING = 25;
    private static final int ID_LENGTH = 12;
    private static final String DEFAULT = "default";

    private final EcsRoom room;
    private final Services services;
    private final EcsApi ecs;
    private final ExpressRoles roles;
    private final ExpressPlaces places;
    private final ExpressViews views;

    /**
     * The story of Express services.
     *
     * @param ecs what they are made of
     */
    public Express(EcsRoom room, Services services, EcsApi ecs) {
        this.room = room;
        this.services = services;
        this.ecs = ecs;
        this.roles = new ExpressRoles(room);
        this.places = new ExpressPlaces(room);
        this.views = new ExpressViews(room, ecs);
        room.store().open(List.of(ExpressTables.EXPRESS), List.of());
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {
        new ExpressReconciler(room, services, ecs).join(driver);
    }

    /**
     * Where endpoints answer.
     *
     * @param balancers answers at balancers' own names
     */
    public ExpressNames names(DataPlane balancers) {
        return new ExpressNames(room, balancers);
    }

    CreateExpressGatewayServiceResponse create(CreateExpressGatewayServiceRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        if (in.primaryContainer() == null) {
            throw EcsFaults.invalid("primaryContainer can not be blank.");
        }
        String id = room.ids().hex(ID_LENGTH);
        String name = ExpressSpec.name(in.serviceName(), in.primaryContainer(), id);
        ExpressGatewayServiceConfiguration wanted = ExpressSpec.wanted(in);
        Map<String, String> tags = EcsTags.check(in.tags());
        String cluster = cluster(in.cluster(), call);
        roles.check(call, wanted.executionRoleArn(), wanted.taskRoleArn());
        roles.checkInfrastructure(call, in.infrastructureRoleArn());
        ExpressGatewayServiceNetworkConfiguration network = in.networkConfiguration();
        Place place = places.find(scope, network == null ? List.of() : network.subnets());
        wanted.networkConfiguration(new ExpressGatewayServiceNetworkConfiguration()
                .subnets(place.subnets())
                .securityGroups(network == null ? List.of() : network.securityGroups()));
        room.read(tx -> free(tx, scope, cluster, name));
        ExpressGatewayContainer main = Objects.requireNonNull(wanted.primaryContainer());
        if (main.awsLogsConfiguration() == null) {
            main.awsLogsConfiguration(new ExpressGatewayServiceAwsLogsConfiguration()
                    .logGroup("/aws/ecs/" + cluster + "/" + name + "-" + id.substring(0, 4))
                    .logStreamPrefix("ecs"));
        }
        Instant now = room.now();
        wanted.createdAt(now);
        Version first = new Version(register(cluster, name, wanted, call), wanted);
        ExpressRow row = room.change(tx -> {
            free(tx, scope, cluster, name);
            ExpressRow made = new ExpressRow(
                    cluster,
                    name,
                    id,
                    in.infrastructureRoleArn(),
                    ExpressTables.ACTIVE,
                    "The resources of the service are being made.",
                    gateway(tx, scope, place),
                    place,
                    List.of(first),
                    1,
                    0,
                    "",
                    tags,
                    now,
                    now,
                    null);
            tx.put(ExpressTables.EXPRESS, scope.key(made.key()), made);
            return made;
        });
        return new CreateExpressGatewayServiceResponse().service(views.of(row, true, call));
    }

    /** The cluster; the default one is made where it is not there. */
    private String cluster(@Nullable String reference, Call call) {
        Scope scope = EcsRoom.scope(call);
        boolean there = room.read(tx -> Clusters.find(tx, scope, reference))
                .filter(EcsTables.ClusterRow::active)
                .isPresent();
        if (!there && Clusters.name(reference).equals(DEFAULT)) {
            ecs.createCluster(
                    new CreateClusterRequest()
                            .clusterName(DEFAULT)
                            .capacityProviders(List.of("FARGATE", "FARGATE_SPOT")),
                    room.inside(scope));
        }
        return room.read(tx -> Clusters.require(tx, scope, reference)).name();
    }

    /** Refuses a name that a service of the cluster has. */
    private Boolean free(ReadTx tx, Scope scope, String cluster, String name) {
        String status = services.status(tx, scope, cluster, name).orElse(ExpressTables.INACTIVE);
        String before = tx.get(ExpressTables.EXPRESS, scope.key(cluster + "/" + name))
                .map(row -> row.value().status())
                .orElse(ExpressTables.INACTIVE);
        if (status.equals(ExpressTables.DRAINING) || before.equals(ExpressTables.DRAINING)) {
            throw EcsFaults.invalid("Unable to Start a service that is still Draining.");
        }
        if (status.equals(ExpressTables.ACTIVE) || before.equals(ExpressTables.ACTIVE)) {
            throw EcsFaults.invalid("Creation of service was not idempotent.");
        }
        return Boolean.TRUE;
    }

    private String register(String cluster, String name, ExpressGatewayServiceConfiguration told, Call call) {
        String family = cluster + "-" + name;
        RegisterTaskDefinitionRequest wanted =
                ExpressSpec.definition(family.substring(0, Math.min(family.length(), 255)), call.region(), told);
        return String.valueOf(
                Objects.requireNonNull(ecs.registerTaskDefinition(wanted, call).taskDefinition())
                        .taskDefinitionArn());
    }

    /** The name of the first balancer for the same subnets that has room; a new one's where none has. */
    private static String gateway(ReadTx tx, Scope scope, Place place) {
        String what = place.vpc() + place.internal() + List.copyOf(new java.util.TreeSet<>(place.subnets()));
        for (int number = 0; ; number++) {
            String hash = java.util.HexFormat.of().toHexDigits((what + number).hashCode());
            String name = "ecs-express-gateway-alb-" + hash;
            if (tx.find(ExpressTables.EXPRESS, scope, ExpressTables.GATEWAY, name, "", MOST_SHARING)
                            .size()
                    < MOST_SHARING) {
                return name;
            }
        }
    }

    DescribeExpressGatewayServiceResponse describe(DescribeExpressGatewayServiceRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        ExpressRow row = room.read(tx -> find(tx, scope, in.serviceArn()))
                .orElseThrow(() -> Fault.of(
                        new ResourceNotFoundException(), "The Express service " + in.serviceArn() + " was not found."));
        return new DescribeExpressGatewayServiceResponse()
                .service(views.of(row, in.include().contains("TAGS"), call));
    }

    private static Optional<ExpressRow> find(ReadTx tx, Scope scope, @Nullable String arn) {
        String prefix = EcsRoom.arn(scope, "service/");
        if (arn == null
                || !arn.startsWith(prefix)
                || !arn.substring(prefix.length()).matches("[^/]+/[^/]+")) {
            throw EcsFaults.invalid("serviceArn '" + arn + "' is not the ARN of a service of this account and region.");
        }
        return tx.get(ExpressTables.EXPRESS, scope.key(arn.substring(prefix.length())))
                .map(Row::value);
    }

    private static ExpressRow require(ReadTx tx, Scope scope, @Nullable String arn) {
        ExpressRow row =
                find(tx, scope, arn).orElseThrow(() -> Fault.of(new ServiceNotFoundException(), "Service not found."));
        if (!row.active()) {
            throw Fault.of(new ServiceNotActiveException(), "Service was not ACTIVE.");
        }
        return row;
    }

    UpdateExpressGatewayServiceResponse update(UpdateExpressGatewayServiceRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        ExpressRow seen = room.read(tx -> require(tx, scope, in.serviceArn()));
        ExpressGatewayServiceConfiguration wanted = ExpressSpec.wanted(seen.told(), in);
        roles.check(call, in.executionRoleArn(), in.taskRoleArn());
        String definition = seen.definition();
        if (ExpressSpec.redefines(seen.told(), wanted)) {
            definition = register(seen.cluster(), seen.name(), wanted, call);
            wanted.createdAt(room.now());
        }
        Version next = new Version(definition, wanted);
        ExpressRow row = room.change(tx -> {
            ExpressRow now = require(tx, scope, in.serviceArn());
            if (now.wanted() != seen.wanted() || !now.id().equals(seen.id())) {
                throw EcsFaults.client("The service was changed by somebody else at the same time. Try again.");
            }
            return put(tx, scope, now.wants(next, room.now()));
        });
        return new UpdateExpressGatewayServiceResponse()
                .service(new UpdatedExpressGatewayService()
                        .serviceArn(in.serviceArn())
                        .cluster(EcsRoom.arn(scope, "cluster/" + row.cluster()))
                        .serviceName(row.name())
                        .status(new ExpressGatewayServiceStatus().statusCode(row.status()))
                        .targetConfiguration(views.told(row, next.told(), null, call))
                        .createdAt(row.created())
                        .updatedAt(row.updated()));
    }

    private static ExpressRow put(WriteTx tx, Scope scope, ExpressRow row) {
        Key key = scope.key(row.key());
        tx.put(ExpressTables.EXPRESS, key, row);
        return row;
    }

    DeleteExpressGatewayServiceResponse delete(DeleteExpressGatewayServiceRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        ExpressRow row = room.change(
                tx -> put(tx, scope, require(tx, scope, in.serviceArn()).status(ExpressTables.DRAINING, "", null)));
        return new DeleteExpressGatewayServiceResponse().service(views.of(row, false, call));
    }
}
