package dev.haneul.services.lambda;

import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.lambda.DurableTables.End;
import dev.haneul.services.lambda.DurableTables.Execution;
import dev.haneul.services.lambda.DurableTables.Start;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of durable executions: one that was begun asynchronously and ended as FAILED, STOPPED or TIMED_OUT
 * leaves its event in its function's dead-letter queue. A destination it has not: durable functions "don't support Lambda
 * destinations".
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/durable-best-practices.html">Best practices for Lambda durable
 *     functions</a>
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html">Invoking durable Lambda functions</a>
 */
final class DurableLetters {
    /** As asynchronous invocations have it where the function itself failed. */
    private static final String FUNCTION_FAILED = "200";

    private final Store store;
    private final Destinations destinations;

    DurableLetters(Store store, Destinations destinations) {
        this.store = store;
        this.destinations = destinations;
    }

    void join(Driver driver) {
        driver.follow("lambda.durable-letters", Set.of(DurableTables.EXECUTIONS.name()), this::changed);
    }

    private void changed(Change change) {
        boolean ran = change.before(DurableTables.EXECUTIONS.codec())
                .filter(one -> one.end() == null)
                .isPresent();
        Execution now = change.after(DurableTables.EXECUTIONS.codec()).orElse(null);
        if (!ran || now == null) {
            return;
        }
        End end = now.end();
        String event = now.start().event();
        if (end != null && !end.status().equals("SUCCEEDED") && event != null) {
            Map<String, String> attributes = Destinations.attributes(event, FUNCTION_FAILED, message(end));
            String target = store.transact(tx -> put(tx, change.key(), now.start(), attributes));
            if (target != null) {
                destinations.wake(change.key().scope(), List.of(target));
            }
        }
    }

    private @Nullable String put(WriteTx tx, Key key, Start start, Map<String, String> attributes) {
        FunctionRef ref = new FunctionRef(key.account(), key.region(), start.function(), start.version());
        Optional<FunctionConfiguration> at = configuration(tx, ref);
        String input = DurableReads.input(tx, key);
        return at.isEmpty() ? null : destinations.putLetter(tx, ref, at.get(), input, attributes);
    }

    private static Optional<FunctionConfiguration> configuration(WriteTx tx, FunctionRef ref) {
        try {
            return Optional.of(Functions.find(tx, ref).configuration());
        } catch (Fault gone) {
            return Optional.empty();
        }
    }

    private static String message(End end) {
        String message = end.error() == null ? null : end.error().errorMessage();
        return message == null || message.isEmpty() ? end.status() : message;
    }
}
