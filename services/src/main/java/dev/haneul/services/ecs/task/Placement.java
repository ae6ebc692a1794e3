package dev.haneul.services.ecs.task;

import dev.haneul.services.ecs.instance.Expression;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a container instance for one task: those that cannot take it fall out, each with its reason, and of the others
 * the strategies choose, the first before the second.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html">Task placement</a>
 */
final class Placement {
    private Placement() {}

    /**
     * What a task needs.
     *
     * @param tcp ports of the instance it wants for itself
     * @param attributes names the instance must have
     */
    record Need(int cpu, int memory, Set<Integer> tcp, Set<Integer> udp, Set<String> attributes) {}

    /**
     * An instance that might take it.
     *
     * @param cpu units that are free
     * @param memory MiB that are free
     * @param tcp ports that are taken
     * @param agent whether its agent is connected
     * @param group how many tasks of the task's group it has
     * @param facts what expressions and spreads ask
     */
    record Candidate(
            String arn,
            int cpu,
            int memory,
            Set<Integer> tcp,
            Set<Integer> udp,
            boolean agent,
            int group,
            Expression.Facts facts) {}

    /** How a request wants tasks placed. */
    record Wish(boolean distinct, List<Expression> members, List<Strategy> strategies) {}

    /**
     * How to choose among those that fit.
     *
     * @param type spread, binpack or random
     * @param field what to spread over ({@code attribute:NAME}, {@code instanceId}) or to pack ({@code cpu},
     *     {@code memory}); empty for random
     */
    record Strategy(String type, String field) {}

    /**
     * What came of it.
     *
     * @param chosen its ARN; null where none fits
     * @param reasons why those that do not fit do not, by ARN; those that came closest first
     */
    record Choice(@Nullable String chosen, Map<String, String> reasons) {}

    static Choice choose(Need need, List<Candidate> candidates, Wish wish, RandomGenerator random) {
        Map<String, Obstacle> obstacles = new TreeMap<>();
        List<Candidate> fitting = new ArrayList<>();
        for (Candidate each : candidates) {
            Optional<Obstacle> obstacle = obstacle(need, each, wish);
            if (obstacle.isPresent()) {
                obstacles.put(each.arn(), obstacle.get());
            } else {
                fitting.add(each);
            }
        }
        Map<String, String> reasons = new LinkedHashMap<>();
        obstacles.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .forEach(each -> reasons.put(each.getKey(), each.getValue().words()));
        if (fitting.isEmpty()) {
            return new Choice(null, reasons);
        }
        List<Candidate> best = fitting;
        for (Strategy each : wish.strategies()) {
            best = narrowed(each, best, fitting);
        }
        List<Candidate> ordered =
                best.stream().sorted(Comparator.comparing(Candidate::arn)).toList();
        return new Choice(ordered.get(random.nextInt(ordered.size())).arn(), reasons);
    }

    /** What keeps an instance from taking a task, in the order in which it is looked for. */
    private enum Obstacle {
        AGENT("AGENT"),
        ATTRIBUTE("ATTRIBUTE"),
        DISTINCT("DistinctInstance placement constraint unsatisfied."),
        MEMBER("MemberOf placement constraint unsatisfied."),
        CPU("RESOURCE:CPU"),
        MEMORY("RESOURCE:MEMORY"),
        PORTS("RESOURCE:PORTS");

        private final String words;

        Obstacle(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    private static Optional<Obstacle> obstacle(Need need, Candidate each, Wish wish) {
        if (!each.agent()) {
            return Optional.of(Obstacle.AGENT);
        }
        boolean able = need.attributes().stream()
                .allMatch(name -> each.facts().values().containsKey("attribute:" + name));
        if (!able) {
            return Optional.of(Obstacle.ATTRIBUTE);
        }
        if (wish.distinct() && each.group() > 0) {
            return Optional.of(Obstacle.DISTINCT);
        }
        if (!wish.members().stream().allMatch(one -> one.holds(each.facts()))) {
            return Optional.of(Obstacle.MEMBER);
        }
        if (need.cpu() > each.cpu()) {
            return Optional.of(Obstacle.CPU);
        }
        if (need.memory() > each.memory()) {
            return Optional.of(Obstacle.MEMORY);
        }
        boolean taken = need.tcp().stream().anyMatch(each.tcp()::contains)
                || need.udp().stream().anyMatch(each.udp()::contains);
        return taken ? Optional.of(Obstacle.PORTS) : Optional.empty();
    }

    /** Of the best so far, those that are best by one more strategy. */
    private static List<Candidate> narrowed(Strategy strategy, List<Candidate> best, List<Candidate> fitting) {
        return switch (strategy.type()) {
            case "binpack" ->
                least(best, each -> strategy.field().equalsIgnoreCase("cpu") ? each.cpu() : each.memory());
            case "spread" -> {
                Map<String, Integer> counts = new HashMap<>();
                fitting.forEach(each -> counts.merge(place(strategy.field(), each), each.group(), Integer::sum));
                yield least(best, each -> counts.getOrDefault(place(strategy.field(), each), 0));
            }
            default -> best;
        };
    }

    private static List<Candidate> least(List<Candidate> all, java.util.function.ToIntFunction<Candidate> measure) {
        int least = all.stream().mapToInt(measure).min().orElse(0);
        return all.stream().filter(each -> measure.applyAsInt(each) == least).toList();
    }

    /** The value an instance has of what tasks are spread over. */
    private static String place(String field, Candidate each) {
        boolean host = field.equals("instanceId") || field.equals("host");
        return host ? each.arn() : each.facts().values().getOrDefault(field, "");
    }
}
