package dev.haneul.services.lambda.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How many environments of each kind should stand by: one as long as functions of its kind come, more after several came
 * at once, none when nobody has for a while. Pure: no clock and nothing started.
 *
 * @param steps what to do now
 * @param next when to look again, if nothing happens before
 */
record StandbyPlan(List<Step> steps, Optional<Instant> next) {
    /** What to do with one kind. */
    sealed interface Step {
        /** Start so many more. */
        record Boot(StandbyKey key, int count) implements Step {}

        /** End so many. */
        record End(StandbyKey key, int count) implements Step {}
    }

    /**
     * One kind.
     *
     * @param wanted when a function of it last came
     * @param rush how many were asked for within {@link Rules#rush()}
     * @param there how many stand by or are being started
     */
    record Kind(StandbyKey key, Instant wanted, int rush, int there) {}

    /**
     * Bounds.
     *
     * @param keep how long a kind is kept up after it was wanted
     * @param rush how long a function's coming counts towards its kind's number
     */
    record Rules(int most, int mostPerKind, Duration keep, Duration rush) {}

    /** Plans; the kinds wanted last are served first. */
    static StandbyPlan of(List<Kind> kinds, Instant now, Rules rules) {
        List<Kind> latestFirst = new ArrayList<>(kinds);
        latestFirst.sort(Comparator.comparing(Kind::wanted).reversed());
        List<Step> steps = new ArrayList<>();
        Optional<Instant> next = Optional.empty();
        int left = rules.most;
        for (Kind kind : latestFirst) {
            Instant end = kind.wanted.plus(rules.keep);
            boolean kept = end.isAfter(now);
            int desired = kept ? Math.min(left, Math.clamp(1L + kind.rush, 1, rules.mostPerKind)) : 0;
            left -= desired;
            if (desired > kind.there) {
                steps.add(new Step.Boot(kind.key, desired - kind.there));
            } else if (desired < kind.there) {
                steps.add(new Step.End(kind.key, kind.there - desired));
            }
            if (kept) {
                Instant calm = kind.wanted.plus(rules.rush);
                Instant look = kind.rush > 0 && calm.isAfter(now) ? calm : end;
                next = next.filter(known -> known.isBefore(look)).or(() -> Optional.of(look));
            }
        }
        return new StandbyPlan(List.copyOf(steps), next);
    }
}
