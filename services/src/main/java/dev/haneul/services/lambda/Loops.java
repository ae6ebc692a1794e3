package dev.haneul.services.lambda;

import dev.haneul.api.lambda.RecursiveInvocationException;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Store;
import org.jspecify.annotations.Nullable;

/** Stops functions that call themselves over and over, directly or through queues and other functions. */
final class Loops {
    private static final String HEADER = "x-amzn-trace-id";

    private final Store store;
    private volatile @Nullable LambdaMetrics metrics;

    Loops(Store store) {
        this.store = store;
    }

    /** Counts what is stopped from now on. */
    void measuredBy(LambdaMetrics measuring) {
        metrics = measuring;
    }

    /** The trace header a call came with; null for none. */
    static @Nullable String trace(Call call) {
        return call.origin().headers().get(HEADER);
    }

    /**
     * The trace header for an invocation.
     *
     * @param trace that came with it; null for none
     * @throws Fault RecursiveInvocationException where it is one too many of a chain
     */
    String pass(FunctionRef ref, @Nullable String trace) {
        Lineage lineage = Lineage.of(trace, Invoke.newTraceId(), ref);
        if (lineage.loops()
                && !Settings.ALLOW.equals(store.read(tx -> Settings.of(tx, ref)).recursiveLoop())) {
            LambdaMetrics measuring = metrics;
            if (measuring != null) {
                measuring.loopStopped(ref);
            }
            throw Fault.of(
                    new RecursiveInvocationException().type("User"),
                    "Lambda detected your function (" + ref.name() + ") being invoked in a recursive loop with other"
                            + " Amazon Web Services resources and stopped your function's invocation.");
        }
        return lineage.header();
    }
}
