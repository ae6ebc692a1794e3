package dev.haneul.services.ecs.cluster;

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
import dev.haneul.services.ecs.service.Services;
import dev.haneul.services.ecs.task.Capacity;
import dev.haneul.services.ecs.task.Tasks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Clusters.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/clusters.html">Clusters</a>
 */
public interface ClusterOperations extends EcsApi {
    String NAME = "[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}";
    int MOST_PAGE = 100;
    Set<String> INSIGHTS = Set.of("enabled", "disabled", "enhanced");

    EcsRoom room();

    Services services();

    @Override
    default CreateClusterResponse createCluster(CreateClusterRequest in, Call call) {
        String name = Clusters.name(in.clusterName());
        if (!name.matches(NAME)) {
            throw EcsFaults.invalid(
                    "Invalid cluster name. Up to 255 letters, numbers, hyphens and underscores are " + "allowed.");
        }
        Map<String, String> tags = EcsTags.check(in.tags());
        Scope scope = EcsRoom.scope(call);
        ClusterServiceConnectDefaults defaults = defaults(scope, in.serviceConnectDefaults());
        return room().change(tx -> {
            Cluster wanted = new Cluster()
                    .clusterArn(EcsRoom.arn(scope, "cluster/" + name))
                    .clusterName(name)
                    .status("ACTIVE")
                    .configuration(in.configuration())
                    .settings(settings(tx, scope, in.settings()))
                    .capacityProviders(providers(tx, scope, in.capacityProviders()))
                    .defaultCapacityProviderStrategy(strategy(in.defaultCapacityProviderStrategy()))
                    .serviceConnectDefaults(defaults);
            Clusters.checkStrategy(
                    wanted.defaultCapacityProviderStrategy(), new LinkedHashSet<>(wanted.capacityProviders()));
            ClusterRow before = Clusters.find(tx, scope, name).orElse(null);
            if (before != null && before.active()) {
                boolean says = in.hasSettings() || in.hasCapacityProviders();
                if (says && !before.told().equals(wanted)) {
                    throw EcsFaults.invalid("Arguments on this idempotent request are inconsistent with arguments used "
                            + "in previous request(s).");
                }
                return new CreateClusterResponse().cluster(told(tx, scope, before, in.hasTags()));
            }
            ClusterRow row = new ClusterRow(wanted);
            tx.put(EcsTables.CLUSTERS, scope.key(name), row);
            EcsTags.forget(tx, scope, "cluster/" + name);
            EcsTags.put(tx, scope, "cluster/" + name, tags);
            return new CreateClusterResponse().cluster(told(tx, scope, row, true));
        });
    }

    private List<ClusterSetting> settings(ReadTx tx, Scope scope, List<ClusterSetting> given) {
        for (ClusterSetting each : given) {
            if (!"containerInsights".equals(each.name()) || !INSIGHTS.contains(String.valueOf(each.value()))) {
                throw EcsFaults.invalid("Invalid cluster setting: " + each.name() + " = " + each.value()
                        + ". containerInsights can be enabled, disabled or enhanced.");
            }
        }
        if (!given.isEmpty()) {
            return given;
        }
        String value = AccountSettings.value(tx, scope, "containerInsights");
        return List.of(new ClusterSetting().name("containerInsights").value(value));
    }

    private static List<String> providers(ReadTx tx, Scope scope, List<String> given) {
        List<String> found = new ArrayList<>();
        for (String each : given) {
            String name = each.substring(each.lastIndexOf('/') + 1);
            if (!Capacity.OF_AWS.contains(name)
                    && tx.get(EcsTables.PROVIDERS, scope.key(name.isEmpty() ? "-" : name))
                            .isEmpty()) {
                throw EcsFaults.invalid("The specified capacity provider '" + name
                        + "' was not found. Specify a valid name or ARN and try again.");
            }
            if (found.contains(name)) {
                throw EcsFaults.invalid("The specified capacity providers contain duplicate values.");
            }
            found.add(name);
        }
        return found;
    }

    private static List<CapacityProviderStrategyItem> strategy(List<CapacityProviderStrategyItem> given) {
        return given.stream()
                .map(item -> new CapacityProviderStrategyItem()
                        .capacityProvider(Clusters.name(item.capacityProvider()))
                        .weight(Objects.requireNonNullElse(item.weight(), 0))
                        .base(Objects.requireNonNullElse(item.base(), 0)))
                .toList();
    }

    /** The default namespace, found or made in Cloud Map: not within a transaction. */
    private @Nullable ClusterServiceConnectDefaults defaults(
            Scope scope, @Nullable ClusterServiceConnectDefaultsRequest given) {
        return given == null
                ? null
                : new ClusterServiceConnectDefaults()
                        .namespace(services().connects().defaults(scope, given.namespace()));
    }

    @Override
    default DescribeClustersResponse describeClusters(DescribeClustersRequest in, Call call) {
        if (in.clusters().size() > MOST_PAGE) {
            throw EcsFaults.invalid("Clusters cannot have more than " + MOST_PAGE + " elements.");
        }
        Scope scope = EcsRoom.scope(call);
        List<String> wanted = in.clusters().isEmpty() ? List.of("default") : in.clusters();
        return room().read(tx -> {
            List<Cluster> found = new ArrayList<>();
            List<Failure> failures = new ArrayList<>();
            for (String each : wanted) {
                ClusterRow row = Clusters.find(tx, scope, each).orElse(null);
                if (row == null) {
                    failures.add(new Failure()
                            .arn(EcsRoom.arn(scope, "cluster/" + Clusters.name(each)))
                            .reason("MISSING"));
                } else {
                    found.add(included(told(tx, scope, row, in.include().contains("TAGS")), in.include(), tx, scope));
                }
            }
            return new DescribeClustersResponse().clusters(found).failures(failures);
        });
    }

    /** What describe tells only when asked for it. */
    private Cluster included(Cluster told, List<String> include, ReadTx tx, Scope scope) {
        if (!include.contains("SETTINGS")) {
            told.settings(List.of());
        }
        if (!include.contains("CONFIGURATIONS")) {
            told.configuration(null);
        }
        if (include.contains("ATTACHMENTS")) {
            told.attachments(List.of());
        }
        if (include.contains("STATISTICS")) {
            told.statistics(statistics(tx, scope, Objects.requireNonNull(told.clusterName())));
        }
        return told;
    }

    private List<KeyValuePair> statistics(ReadTx tx, Scope scope, String cluster) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (String type : List.of("EC2", "Fargate", "External")) {
            counts.put("running" + type + "TasksCount", 0);
            counts.put("pending" + type + "TasksCount", 0);
            counts.put("active" + type + "ServiceCount", 0);
            counts.put("draining" + type + "ServiceCount", 0);
        }
        for (TaskRow task : Tasks.of(tx, scope, cluster)) {
            String type = switch (String.valueOf(task.told().launchType())) {
                case "FARGATE" -> "Fargate";
                case "EXTERNAL" -> "External";
                default -> "EC2";
            };
            if (running(task)) {
                counts.merge("running" + type + "TasksCount", 1, Integer::sum);
            } else if (pending(task)) {
                counts.merge("pending" + type + "TasksCount", 1, Integer::sum);
            }
        }
        counts.putAll(services().statistics(tx, scope, cluster));
        return counts.entrySet().stream()
                .map(each -> new KeyValuePair().name(each.getKey()).value(String.valueOf(each.getValue())))
                .toList();
    }

    private static boolean running(TaskRow task) {
        return task.lastStatus().equals("RUNNING");
    }

    private static boolean pending(TaskRow task) {
        return Set.of("PROVISIONING", "PENDING", "ACTIVATING").contains(task.lastStatus());
    }

    private Cluster told(ReadTx tx, Scope scope, ClusterRow row, boolean tags) {
        List<TaskRow> tasks = Tasks.of(tx, scope, row.name());
        List<InstanceRow> instances = EcsTables.every(tx, EcsTables.INSTANCES, scope, EcsTables.CLUSTER, row.name());
        return Copies.of(row.told())
                .registeredContainerInstancesCount(instances.size())
                .runningTasksCount(
                        (int) tasks.stream().filter(ClusterOperations::running).count())
                .pendingTasksCount(
                        (int) tasks.stream().filter(ClusterOperations::pending).count())
                .activeServicesCount(services().active(tx, scope, row.name()))
                .statistics(List.of())
                .tags(tags ? EcsTables.told(EcsTags.of(tx, scope, "cluster/" + row.name())) : List.of());
    }

    @Override
    default ListClustersResponse listClusters(ListClustersRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String question = "ListClusters/" + scope;
        Page<ClusterRow> page = room().read(tx -> room().pager()
                .rows(
                        tx,
                        EcsTables.CLUSTERS,
                        scope,
                        ClusterRow::active,
                        question,
                        in.nextToken(),
                        limit(in.maxResults(), MOST_PAGE)));
        return new ListClustersResponse()
                .clusterArns(page.items().stream()
                        .map(row -> row.told().clusterArn())
                        .toList())
                .nextToken(page.next());
    }

    /** How many a page has. */
    static int limit(@Nullable Integer wanted, int most) {
        if (wanted == null || wanted == 0) {
            return most;
        }
        if (wanted < 1 || wanted > most) {
            throw EcsFaults.invalid("maxResults must be between 1 and " + most + ".");
        }
        return wanted;
    }

    @Override
    default UpdateClusterResponse updateCluster(UpdateClusterRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        ClusterServiceConnectDefaults defaults = defaults(scope, in.serviceConnectDefaults());
        return room().change(tx -> {
            ClusterRow row = Clusters.require(tx, scope, in.cluster());
            Cluster next = Copies.of(row.told());
            if (in.hasSettings()) {
                next.settings(settings(tx, scope, in.settings()));
            }
            if (in.configuration() != null) {
                next.configuration(in.configuration());
            }
            if (in.serviceConnectDefaults() != null) {
                next.serviceConnectDefaults(defaults);
            }
            return new UpdateClusterResponse().cluster(told(tx, scope, put(tx, scope, next), false));
        });
    }

    @Override
    default UpdateClusterSettingsResponse updateClusterSettings(UpdateClusterSettingsRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        return room().change(tx -> {
            ClusterRow row = Clusters.require(tx, scope, in.cluster());
            Cluster next = Copies.of(row.told()).settings(settings(tx, scope, in.settings()));
            return new UpdateClusterSettingsResponse().cluster(told(tx, scope, put(tx, scope, next), false));
        });
    }

    private static ClusterRow put(WriteTx tx, Scope scope, Cluster next) {
        ClusterRow row = new ClusterRow(next);
        tx.put(EcsTables.CLUSTERS, scope.key(row.name()), row);
        return row;
    }

    @Override
    default PutClusterCapacityProvidersResponse putClusterCapacityProviders(
            PutClusterCapacityProvidersRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        return room().change(tx -> {
            ClusterRow row = Clusters.require(tx, scope, in.cluster());
            List<String> providers = providers(tx, scope, in.capacityProviders());
            List<CapacityProviderStrategyItem> strategy = strategy(in.defaultCapacityProviderStrategy());
            Clusters.checkStrategy(strategy, new LinkedHashSet<>(providers));
            for (String gone : row.told().capacityProviders()) {
                if (!providers.contains(gone) && used(tx, scope, row.name(), gone)) {
                    throw Fault.of(
                            new ResourceInUseException(),
                            "The specified capacity provider is in use and cannot be removed.");
                }
            }
            Cluster next = Copies.of(row.told()).capacityProviders(providers).defaultCapacityProviderStrategy(strategy);
            return new PutClusterCapacityProvidersResponse().cluster(told(tx, scope, put(tx, scope, next), false));
        });
    }

    private static boolean used(ReadTx tx, Scope scope, String cluster, String provider) {
        return Tasks.of(tx, scope, cluster).stream()
                .anyMatch(task -> !task.stopped() && provider.equals(task.told().capacityProviderName()));
    }

    @Override
    default DeleteClusterResponse deleteCluster(DeleteClusterRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        return room().change(tx -> {
            ClusterRow row = Clusters.find(tx, scope, in.cluster()).orElseThrow(EcsFaults::noCluster);
            String name = row.name();
            if (!EcsTables.every(tx, EcsTables.INSTANCES, scope, EcsTables.CLUSTER, name)
                    .isEmpty()) {
                throw Fault.of(
                        new ClusterContainsContainerInstancesException(),
                        "The Cluster cannot be deleted while Container Instances are active or draining.");
            }
            if (services().active(tx, scope, name) > 0) {
                throw Fault.of(
                        new ClusterContainsServicesException(),
                        "The Cluster cannot be deleted while Services are active.");
            }
            if (Tasks.of(tx, scope, name).stream().anyMatch(task -> !task.stopped())) {
                throw Fault.of(
                        new ClusterContainsTasksException(), "The Cluster cannot be deleted while Tasks are active.");
            }
            ClusterRow gone = put(tx, scope, Copies.of(row.told()).status("INACTIVE"));
            return new DeleteClusterResponse().cluster(told(tx, scope, gone, false));
        });
    }
}
