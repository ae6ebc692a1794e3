package dev.haneul.services.lambda.run;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many environments are kept ready, by their targets' identities. Used with the fleet's lock held. */
final class KeptReady {
    private final Map<String, Integer> many = new HashMap<>();

    void made(Target target) {
        if (target.provisioned()) {
            many.merge(target.identity(), 1, Integer::sum);
        }
    }

    void ended(Target target) {
        if (target.provisioned()) {
            many.computeIfPresent(target.identity(), (_, count) -> count == 1 ? null : count - 1);
        }
    }

    /** How what is kept ready of an environment's target is used now; null where nothing is. */
    Outcome.@Nullable Provision use(Environment environment, Collection<Environment> busy) {
        String identity = environment.target().identity();
        Integer ready = many.get(identity);
        if (ready == null) {
            return null;
        }
        int running = (int) busy.stream()
                .map(Environment::target)
                .filter(one -> one.provisioned() && one.identity().equals(identity))
                .count();
        return new Outcome.Provision(environment.target().provisioned(), running, ready);
    }
}
