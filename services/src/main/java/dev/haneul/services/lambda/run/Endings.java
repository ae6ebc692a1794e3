package dev.haneul.services.lambda.run;

import dev.haneul.engines.Workload;
import dev.haneul.engines.Workload.Exit;
import dev.haneul.services.lambda.run.Environment.Launched;
import dev.haneul.services.lambda.run.RuntimeSession.Answer;

/** What the ends of a started workload mean. */
final class Endings {
    private Endings() {}

    static Ending of(Answer answer) {
        return switch (answer) {
            case Answer.Result(byte[] body) -> new Ending.Result(body);
            case Answer.Failure(RuntimeSession.Problem problem) -> new Ending.Reported(problem);
            case Answer.TooLarge(long bytes) -> new Ending.TooLarge(bytes);
        };
    }

    /** How its runtime ended; where its extensions live on, they have their last moments now. */
    static Exit exit(Launched launched) throws InterruptedException {
        Integer code = launched.session().exitCode();
        if (code != null) {
            Shutdown.phase(launched.workload(), launched.session(), Shutdown.FAILURE);
            launched.workload().signal(Workload.Signal.KILL);
            boolean outOfMemory = launched.workload()
                    .await(Environment.EXIT_PATIENCE)
                    .map(Exit::outOfMemory)
                    .orElse(false);
            return new Exit(code, outOfMemory);
        }
        return launched.workload().await(Environment.EXIT_PATIENCE).orElse(new Exit(1, false));
    }

    static Ending extensionFailed(Launched launched) {
        Extensions.Failure failure = launched.session().extensions().failure();
        return new Ending.ExtensionFailed(
                failure == null ? new Extensions.Failure("Extension.Crash", "exit status 1") : failure);
    }
}
