package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.CapacityProviderStrategyItem;
import dev.haneul.services.ecs.task.LaunchRequest.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** How tasks are shared out among capacity providers: first the bases, then by weight. */
public final class Capacity {
    public static final String FARGATE = "FARGATE";
    public static final String FARGATE_SPOT = "FARGATE_SPOT";
    /** What {@code LATEST} means on Fargate. */
    public static final String PLATFORM = "1.4.0";
    /** The providers that every account has. */
    public static final Set<String> OF_AWS = Set.of(FARGATE, FARGATE_SPOT);

    private Capacity() {}

    /**
     * A target for each of so many more tasks.
     *
     * @param strategy not empty, with a weight or base above zero somewhere
     * @param running how many tasks the providers have already, of those that share this strategy
     */
    public static List<Target> split(
            List<CapacityProviderStrategyItem> strategy, int count, Map<String, Integer> running) {
        Map<String, Integer> counts = new HashMap<>(running);
        List<Target> targets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String provider = next(strategy, counts);
            counts.merge(provider, 1, Integer::sum);
            targets.add(target(provider));
        }
        return targets;
    }

    /** A task of this provider. */
    public static Target target(String provider) {
        return OF_AWS.contains(provider)
                ? new Target("FARGATE", provider, PLATFORM, null)
                : new Target("EC2", provider, null, null);
    }

    private static String next(List<CapacityProviderStrategyItem> strategy, Map<String, Integer> counts) {
        for (CapacityProviderStrategyItem item : strategy) {
            if (counts.getOrDefault(name(item), 0) < base(item)) {
                return name(item);
            }
        }
        return strategy.stream()
                .filter(item -> weight(item) > 0)
                .min(Comparator.comparingDouble(item -> share(item, counts)))
                .map(Capacity::name)
                .orElseGet(() -> name(strategy.getFirst()));
    }

    /** What a provider would have in relation to its weight, with one more. */
    private static double share(CapacityProviderStrategyItem item, Map<String, Integer> counts) {
        int beyond = Math.max(0, counts.getOrDefault(name(item), 0) - base(item));
        return (beyond + 1.0) / weight(item);
    }

    private static String name(CapacityProviderStrategyItem item) {
        return Objects.requireNonNull(item.capacityProvider());
    }

    private static int base(CapacityProviderStrategyItem item) {
        return Objects.requireNonNullElse(item.base(), 0);
    }

    private static int weight(CapacityProviderStrategyItem item) {
        return Objects.requireNonNullElse(item.weight(), 0);
    }
}
