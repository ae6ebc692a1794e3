package dev.haneul.services.lambda.run;

import dev.haneul.engines.Workload.Exit;
import dev.haneul.services.lambda.run.RuntimeSession.Problem;

/** How an attempt ended, to start a function or to run it: the raw finding, before it is put in AWS's words. */
sealed interface Ending {
    /** The runtime is ready; only for starts. */
    record Ready() implements Ending {}

    /** The handler's result. */
    record Result(byte[] body) implements Ending {}

    /** An error the runtime reported: the handler's, or why the function cannot be started. */
    record Reported(Problem problem) implements Ending {}

    /** A result larger than allowed. */
    record TooLarge(long bytes) implements Ending {}

    /** The time was up. */
    record TimedOut() implements Ending {}

    /** The runtime's process ended. */
    record Exited(Exit exit) implements Ending {}

    /** An extension ended, or said that it failed. */
    record ExtensionFailed(Extensions.Failure failure) implements Ending {}

    /** A custom runtime's program is missing or cannot be run; only for starts. */
    record NoEntrypoint(String reason) implements Ending {}

    /** The invocation was not given to the runtime, which had ended before: another environment may take it. */
    record NotDelivered() implements Ending {}
}
