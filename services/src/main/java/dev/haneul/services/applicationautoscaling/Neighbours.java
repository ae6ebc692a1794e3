package dev.haneul.services.applicationautoscaling;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.store.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** How this service comes to its neighbours: by its own name. */
final class Neighbours {
    static final String HOST = "application-autoscaling.amazonaws.com";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Neighbours() {}

    static Call call(Scope scope, Instant now) {
        return new Call(
                Principal.service(HOST),
                scope.account(),
                scope.region(),
                UUID.randomUUID().toString(),
                now.plus(PATIENCE),
                Call.Origin.inside(HOST));
    }
}
