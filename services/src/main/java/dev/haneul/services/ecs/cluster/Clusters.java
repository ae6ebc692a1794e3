package dev.haneul.services.ecs.cluster;

import dev.haneul.api.ecs.CapacityProviderStrategyItem;
import dev.haneul.api.ecs.ClusterSetting;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.ClusterRow;
import dev.haneul.services.ecs.task.Capacity;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Clusters as others ask for them. */
public final class Clusters {
    private static final String DEFAULT = "default";
    private static final int MOST_PROVIDERS = 20;
    private static final int MOST_BASE = 100_000;
    private static final int MOST_WEIGHT = 1000;

    private Clusters() {}

    /** The name of what a request calls a cluster: a name, an ARN, or nothing for the default one. */
    public static String name(@Nullable String reference) {
        if (reference == null || reference.isEmpty()) {
            return DEFAULT;
        }
        return reference.startsWith("arn:") ? reference.substring(reference.lastIndexOf('/') + 1) : reference;
    }

    /** A cluster, active or not, of this account. */
    public static Optional<ClusterRow> find(ReadTx tx, Scope scope, @Nullable String reference) {
        String name = name(reference);
        return name.isEmpty()
                ? Optional.empty()
                : tx.get(EcsTables.CLUSTERS, scope.key(name))
                        .map(Row::value)
                        .filter(row -> reference == null
                                || !reference.startsWith("arn:")
                                || reference.equals(row.told().clusterArn()));
    }

    /**
     * An active cluster.
     *
     * @throws Fault ClusterNotFoundException
     */
    public static ClusterRow require(ReadTx tx, Scope scope, @Nullable String reference) {
        ClusterRow row = find(tx, scope, reference).orElseThrow(EcsFaults::noCluster);
        if (!row.active()) {
            throw EcsFaults.inactiveCluster();
        }
        return row;
    }

    /** The value of a cluster's setting, e.g. containerInsights. */
    public static String setting(ClusterRow row, String name) {
        return row.told().settings().stream()
                .filter(each -> name.equals(each.name()))
                .map(ClusterSetting::value)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("disabled");
    }

    /**
     * Refuses a strategy that cannot be followed.
     *
     * @param providers the cluster's capacity providers
     * @throws Fault InvalidParameterException
     */
    public static void checkStrategy(List<CapacityProviderStrategyItem> strategy, Set<String> providers) {
        if (strategy.size() > MOST_PROVIDERS) {
            throw EcsFaults.invalid(
                    "The specified capacity provider strategy can contain at most " + MOST_PROVIDERS + " items.");
        }
        Set<String> seen = new HashSet<>();
        int bases = 0;
        int weights = 0;
        boolean fargate = false;
        boolean other = false;
        for (CapacityProviderStrategyItem item : strategy) {
            String name = Objects.requireNonNullElse(item.capacityProvider(), "");
            int base = range("base", item.base(), MOST_BASE);
            weights += range("weight", item.weight(), MOST_WEIGHT);
            bases += base > 0 ? 1 : 0;
            fargate |= Capacity.OF_AWS.contains(name);
            other |= !Capacity.OF_AWS.contains(name);
            if (!seen.add(name)) {
                throw EcsFaults.invalid("The specified capacity provider strategy contains duplicate values.");
            }
            if (!providers.contains(name)) {
                throw EcsFaults.invalid("The specified capacity provider '" + name
                        + "' was not found. Specify a valid name or ARN and try again.");
            }
        }
        if (bases > 1) {
            throw EcsFaults.invalid("The specified capacity provider strategy can have only one capacity provider "
                    + "with a base value greater than 0.");
        }
        if (!strategy.isEmpty() && weights == 0) {
            throw EcsFaults.invalid(
                    "The specified capacity provider strategy must have at least one capacity provider with a weight "
                            + "greater than 0.");
        }
        if (fargate && other) {
            throw EcsFaults.invalid("The specified capacity provider strategy cannot contain both Fargate and Auto "
                    + "Scaling group capacity providers.");
        }
    }

    private static int range(String what, @Nullable Integer value, int most) {
        int number = Objects.requireNonNullElse(value, 0);
        if (number < 0 || number > most) {
            throw EcsFaults.invalid("The " + what + " of a capacity provider must be between 0 and " + most + ".");
        }
        return number;
    }
}
