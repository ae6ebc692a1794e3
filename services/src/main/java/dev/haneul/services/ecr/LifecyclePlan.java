package dev.haneul.services.ecr;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which images a lifecycle policy expires. Pure.
 *
 * <p>As AWS tells it ("How lifecycle policies work"): every rule looks at all images its tags select, also at those that
 * an earlier rule has marked; then rules mark in order of priority, each image once; an image whose tags an earlier rule
 * selects is never expired by a later one; and an image that an index needs stays as long as the index does.
 */
final class LifecyclePlan {
    private LifecyclePlan() {}

    /**
     * An image as rules see it.
     *
     * @param used when it was last pulled, or pushed where never
     * @param parts the images it needs, of an index
     */
    record Candidate(String digest, List<String> tags, Instant pushed, Instant used, List<String> parts) {}

    /** An image that goes, and by which rule. */
    record Expired(Candidate image, int rule) {}

    static List<Expired> of(List<LifecycleRules> rules, List<Candidate> images, Instant now) {
        List<Expired> expired = new ArrayList<>();
        Set<String> claimed = new HashSet<>();
        for (LifecycleRules rule : rules) {
            List<Candidate> selected =
                    images.stream().filter(each -> rule.selects(each.tags())).toList();
            for (Candidate each : meant(rule, selected, now)) {
                if (!claimed.contains(each.digest())) {
                    expired.add(new Expired(each, rule.priority()));
                }
            }
            selected.forEach(each -> claimed.add(each.digest()));
        }
        return spared(expired, images);
    }

    private static List<Candidate> meant(LifecycleRules rule, List<Candidate> selected, Instant now) {
        if (rule.countType().equals(LifecycleRules.MORE_THAN)) {
            return selected.stream()
                    .sorted(Comparator.comparing(Candidate::pushed).reversed().thenComparing(Candidate::digest))
                    .skip(rule.count())
                    .toList();
        }
        Instant before = now.minus(Duration.ofDays(Math.min(rule.count(), 100_000)));
        return selected.stream()
                .filter(each ->
                        (rule.countType().equals(LifecycleRules.PULLED) ? each.used() : each.pushed()).isBefore(before))
                .toList();
    }

    /** Leaves out what an index needs that stays; that may spare further ones, down the tree. */
    private static List<Expired> spared(List<Expired> expired, List<Candidate> images) {
        List<Expired> left = new ArrayList<>(expired);
        boolean changed = true;
        while (changed) {
            Set<String> going = new HashSet<>();
            left.forEach(each -> going.add(each.image().digest()));
            Set<String> needed = new HashSet<>();
            images.stream().filter(each -> !going.contains(each.digest())).forEach(each -> needed.addAll(each.parts()));
            changed = left.removeIf(each -> needed.contains(each.image().digest()));
        }
        return List.copyOf(left);
    }
}
