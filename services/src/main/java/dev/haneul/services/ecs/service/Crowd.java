package dev.haneul.services.ecs.service;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which task goes next, and which zone gets the next one: what is not healthy goes first, then one of the zone and the
 * container instance that have most.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html">How the
 *     scheduler chooses</a>
 */
final class Crowd {
    private final List<Member> left;
    private final Map<String, Integer> zones = new HashMap<>();
    private final Map<String, Integer> instances = new HashMap<>();

    /** The tasks among which is chosen. */
    Crowd(List<Member> members) {
        this.left = new ArrayList<>(members);
        members.forEach(each -> {
            zones.merge(each.zone(), 1, Integer::sum);
            instances.merge(each.instance(), 1, Integer::sum);
        });
    }

    int size() {
        return left.size();
    }

    List<Member> left() {
        return left;
    }

    /**
     * Takes the one that goes next.
     *
     * @param healthyToo whether one that is healthy may go
     * @param guardedToo whether one that is protected may go
     * @return null where none may
     */
    @Nullable
    Member take(boolean healthyToo, boolean guardedToo) {
        Member next = left.stream()
                .filter(each -> (healthyToo || !each.healthy()) && (guardedToo || !each.guarded()))
                .min(Comparator.comparing(Member::vitals)
                        .thenComparing(each -> -zones.getOrDefault(each.zone(), 0))
                        .thenComparing(each -> -instances.getOrDefault(each.instance(), 0))
                        .thenComparing(Member::created)
                        .thenComparing(Member::id))
                .orElse(null);
        if (next != null) {
            left.remove(next);
            zones.merge(next.zone(), -1, Integer::sum);
            instances.merge(next.instance(), -1, Integer::sum);
        }
        return next;
    }

    /** The one of these zones that has fewest, which gets one more; null where there is nothing to choose. */
    @Nullable
    String place(List<String> among) {
        String best = among.stream()
                .min(Comparator.comparing((String zone) -> zones.getOrDefault(zone, 0))
                        .thenComparing(Comparator.naturalOrder()))
                .orElse(null);
        if (best != null) {
            zones.merge(best, 1, Integer::sum);
        }
        return best;
    }

    /** By how much the fullest of these zones exceeds the emptiest. */
    int imbalance(List<String> among) {
        int most = among.stream()
                .mapToInt(zone -> zones.getOrDefault(zone, 0))
                .max()
                .orElse(0);
        int least = among.stream()
                .mapToInt(zone -> zones.getOrDefault(zone, 0))
                .min()
                .orElse(0);
        return most - least;
    }
}
