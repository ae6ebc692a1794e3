package dev.haneul.services.lambda.run;

import dev.haneul.engines.Workload;
import java.time.Duration;

/**
 * The last phase of an environment that has extensions: they are told, the runtime gets its SIGTERM, and all have two
 * seconds, or half of one where no extension is a program of its own. Without extensions there is no such phase.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html">Understanding the Lambda
 *     execution environment lifecycle</a>
 */
final class Shutdown {
    static final String SPINDOWN = "spindown";
    static final String TIMEOUT = "timeout";
    static final String FAILURE = "failure";

    private static final Duration EXTERNAL = Duration.ofSeconds(2);
    private static final Duration INTERNAL = Duration.ofMillis(500);

    private Shutdown() {}

    /** Waits until its processes have ended by themselves, for as long as they have. */
    static void phase(Workload workload, RuntimeSession session, String reason) throws InterruptedException {
        Extensions extensions = session.extensions();
        if (!extensions.any() || !workload.running()) {
            return;
        }
        Duration patience = extensions.external() ? EXTERNAL : INTERNAL;
        long until = System.nanoTime() + patience.toNanos();
        session.telemetry().flush(patience.dividedBy(2));
        extensions.shutDown(reason, System.currentTimeMillis() + (until - System.nanoTime()) / 1_000_000);
        workload.signal(Workload.Signal.TERM);
        workload.await(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
    }
}
