package dev.haneul.services.lambda;

import dev.haneul.api.lambda.GetFunctionConcurrencyRequest;
import dev.haneul.api.lambda.GetFunctionConcurrencyResponse;
import dev.haneul.api.lambda.PutFunctionConcurrencyRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.services.lambda.run.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Concurrency limits: the account's 1,000 per region, and functions' reserved shares of it, taken from what the others
 * have. See "Understanding Lambda function scaling".
 */
final class Concurrency {
    static final int ACCOUNT_LIMIT = 1000;
    static final int LEAST_UNRESERVED = 100;
    private static final int MOST_RESERVING = 1000;

    private final Store store;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Integer> running = new HashMap<>();
    private final Map<Scope, Integer> unreservedRunning = new HashMap<>();
    private final Map<Scope, Integer> allRunning = new HashMap<>();
    private final Map<Scope, Integer> reservedSums = new ConcurrentHashMap<>();
    private volatile @org.jspecify.annotations.Nullable LambdaMetrics metrics;

    Concurrency(Store store) {
        this.store = store;
    }

    /** Tells how much runs at once from now on. */
    void measuredBy(LambdaMetrics measuring) {
        metrics = measuring;
    }

    dev.haneul.api.lambda.Concurrency put(PutFunctionConcurrencyRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call);
        if (ref.qualifier() != null) {
            throw Problems.invalid("This operation is permitted on Lambda functions only. Aliases and versions do not"
                    + " support this operation. Please specify either a function name or an unqualified function ARN.");
        }
        int wanted = in.reservedConcurrentExecutions();
        store.write(tx -> {
            Function function = Functions.get(tx, ref);
            int others = reserved(tx, ref.scope()) - Functions.or(function.reservedConcurrency(), 0);
            if (ACCOUNT_LIMIT - others - wanted < LEAST_UNRESERVED) {
                throw Problems.invalid("Specified ReservedConcurrentExecutions for function decreases account's"
                        + " UnreservedConcurrentExecution below its minimum value of [" + LEAST_UNRESERVED
                        + "].");
            }
            tx.put(LambdaTables.FUNCTIONS, ref.key(), function.withReserved(wanted));
        });
        reservedSums.remove(ref.scope());
        return new dev.haneul.api.lambda.Concurrency().reservedConcurrentExecutions(wanted);
    }

    GetFunctionConcurrencyResponse get(GetFunctionConcurrencyRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        Function function = store.read(tx -> Functions.get(tx, ref));
        return new GetFunctionConcurrencyResponse().reservedConcurrentExecutions(function.reservedConcurrency());
    }

    void delete(String functionName, Call call) {
        FunctionRef ref = FunctionRef.of(functionName, null, call).with(null);
        store.write(tx ->
                tx.put(LambdaTables.FUNCTIONS, ref.key(), Functions.get(tx, ref).withReserved(null)));
        reservedSums.remove(ref.scope());
    }

    /** Reserved shares changed with a function that was deleted. */
    void forget(Scope scope) {
        reservedSums.remove(scope);
    }

    /** Reserved shares changed with an account that was emptied. */
    void forgetAll() {
        reservedSums.clear();
    }

    /** What functions without a reserved share have between them. */
    int unreservedLimit(Scope scope) {
        return ACCOUNT_LIMIT - reservedSums.computeIfAbsent(scope, one -> store.read(tx -> reserved(tx, one)));
    }

    /** One running invocation. Closing it ends it. */
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    /** Lets an invocation run, or throws TooManyRequestsException. */
    Permit enter(FunctionRef ref, Function function) {
        Integer share = function.reservedConcurrency();
        String key = ref.account() + ":" + ref.region() + ":" + ref.name();
        Scope scope = ref.scope();
        int limit = share == null ? unreservedLimit(scope) : share;
        LambdaMetrics measuring = metrics;
        lock.lock();
        try {
            int now = share == null ? unreservedRunning.getOrDefault(scope, 0) : running.getOrDefault(key, 0);
            if (now >= limit) {
                if (measuring != null) {
                    measuring.throttled(ref);
                }
                throw Problems.throttled(
                        share == null
                                ? "ConcurrentInvocationLimitExceeded"
                                : "ReservedFunctionConcurrentInvocationLimitExceeded");
            }
            running.merge(key, 1, Integer::sum);
            if (share == null) {
                unreservedRunning.merge(scope, 1, Integer::sum);
            }
            allRunning.merge(scope, 1, Integer::sum);
            if (measuring != null) {
                measuring.entered(
                        ref,
                        running.getOrDefault(key, 0),
                        allRunning.getOrDefault(scope, 0),
                        unreservedRunning.getOrDefault(scope, 0));
            }
        } finally {
            lock.unlock();
        }
        return () -> leave(key, scope, share == null ? scope : null);
    }

    /** An invocation has run: tells how it used what is kept ready of its function. */
    void served(FunctionRef ref, String version, Outcome outcome) {
        LambdaMetrics measuring = metrics;
        if (measuring != null && outcome.provision() != null) {
            measuring.provisioned(ref, version, outcome.provision());
        }
    }

    /** Who hears what is measured; null for nobody. */
    @org.jspecify.annotations.Nullable
    LambdaMetrics metrics() {
        return metrics;
    }

    private void leave(String key, Scope scope, @org.jspecify.annotations.Nullable Scope unreserved) {
        lock.lock();
        try {
            allRunning.computeIfPresent(scope, (_, count) -> count == 1 ? null : count - 1);
            running.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
            if (unreserved != null) {
                unreservedRunning.computeIfPresent(unreserved, (_, count) -> count == 1 ? null : count - 1);
            }
        } finally {
            lock.unlock();
        }
    }

    private static int reserved(ReadTx tx, Scope scope) {
        return tx
                .find(
                        LambdaTables.FUNCTIONS,
                        scope,
                        LambdaTables.RESERVED_INDEX,
                        LambdaTables.RESERVED,
                        "",
                        MOST_RESERVING)
                .stream()
                .mapToInt(row -> Functions.or(row.value().reservedConcurrency(), 0))
                .sum();
    }
}
