package dev.haneul.services.lambda;

import dev.haneul.api.lambda.DeleteFunctionEventInvokeConfigRequest;
import dev.haneul.api.lambda.DestinationConfig;
import dev.haneul.api.lambda.FunctionEventInvokeConfig;
import dev.haneul.api.lambda.GetFunctionEventInvokeConfigRequest;
import dev.haneul.api.lambda.ListFunctionEventInvokeConfigsRequest;
import dev.haneul.api.lambda.ListFunctionEventInvokeConfigsResponse;
import dev.haneul.api.lambda.OnFailure;
import dev.haneul.api.lambda.OnSuccess;
import dev.haneul.api.lambda.PutFunctionEventInvokeConfigRequest;
import dev.haneul.api.lambda.UpdateFunctionEventInvokeConfigRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.LambdaTables.InvokeConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How asynchronous invocations are treated, per function, version or alias. */
final class InvokeConfigs {
    static final int DEFAULT_RETRIES = 2;
    static final Duration DEFAULT_AGE = Duration.ofHours(6);
    private static final int PAGE = 50;

    private final Store store;
    private final Clock clock;
    private final DestinationRules rules;

    InvokeConfigs(Store store, Clock clock, DestinationRules rules) {
        this.store = store;
        this.rules = rules;
        this.clock = clock;
    }

    FunctionEventInvokeConfig put(PutFunctionEventInvokeConfigRequest in, Call call) {
        requireSomething(in.maximumRetryAttempts(), in.maximumEventAgeInSeconds(), in.destinationConfig());
        FunctionRef ref = qualified(in.functionName(), in.qualifier(), call);
        check(in.destinationConfig(), ref);
        return store.transact(tx -> {
            Functions.find(tx, ref);
            InvokeConfig made = new InvokeConfig(
                    in.maximumRetryAttempts(),
                    in.maximumEventAgeInSeconds(),
                    clock.instant(),
                    DestinationRules.success(in.destinationConfig()),
                    DestinationRules.failure(in.destinationConfig()));
            tx.put(LambdaTables.INVOKE_CONFIGS, ref.qualifiedKey(), made);
            return answer(ref, made);
        });
    }

    FunctionEventInvokeConfig update(UpdateFunctionEventInvokeConfigRequest in, Call call) {
        requireSomething(in.maximumRetryAttempts(), in.maximumEventAgeInSeconds(), in.destinationConfig());
        FunctionRef ref = qualified(in.functionName(), in.qualifier(), call);
        check(in.destinationConfig(), ref);
        DestinationConfig given = in.destinationConfig();
        return store.transact(tx -> {
            InvokeConfig before = require(tx, ref);
            InvokeConfig changed = new InvokeConfig(
                    in.maximumRetryAttempts() == null ? before.maximumRetryAttempts() : in.maximumRetryAttempts(),
                    in.maximumEventAgeInSeconds() == null
                            ? before.maximumEventAgeSeconds()
                            : in.maximumEventAgeInSeconds(),
                    clock.instant(),
                    given == null || given.onSuccess() == null ? before.onSuccess() : DestinationRules.success(given),
                    given == null || given.onFailure() == null ? before.onFailure() : DestinationRules.failure(given));
            tx.put(LambdaTables.INVOKE_CONFIGS, ref.qualifiedKey(), changed);
            return answer(ref, changed);
        });
    }

    FunctionEventInvokeConfig get(GetFunctionEventInvokeConfigRequest in, Call call) {
        FunctionRef ref = qualified(in.functionName(), in.qualifier(), call);
        return store.read(tx -> answer(ref, require(tx, ref)));
    }

    void delete(DeleteFunctionEventInvokeConfigRequest in, Call call) {
        FunctionRef ref = qualified(in.functionName(), in.qualifier(), call);
        store.write(tx -> {
            require(tx, ref);
            tx.delete(LambdaTables.INVOKE_CONFIGS, ref.qualifiedKey());
        });
    }

    ListFunctionEventInvokeConfigsResponse list(ListFunctionEventInvokeConfigsRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        int limit = Math.min(Functions.or(in.maxItems(), PAGE), PAGE);
        String from = in.marker() == null ? ref.name() + ":" : ref.name() + ":" + in.marker() + "\0";
        return store.read(tx -> {
            Functions.get(tx, ref);
            List<Row<InvokeConfig>> rows =
                    tx.range(LambdaTables.INVOKE_CONFIGS, ref.scope(), from, ref.name() + ";", limit + 1);
            List<FunctionEventInvokeConfig> page = new ArrayList<>();
            for (Row<InvokeConfig> row : rows.subList(0, Math.min(limit, rows.size()))) {
                page.add(answer(ref.with(qualifierOf(row, ref)), row.value()));
            }
            ListFunctionEventInvokeConfigsResponse out =
                    new ListFunctionEventInvokeConfigsResponse().functionEventInvokeConfigs(page);
            return rows.size() > limit ? out.nextMarker(qualifierOf(rows.get(limit - 1), ref)) : out;
        });
    }

    /** What applies to an event that was invoked with this qualifier. */
    static InvokeConfig of(ReadTx tx, FunctionRef ref) {
        FunctionRef exact = ref.qualifier() == null ? ref.with(FunctionRef.LATEST) : ref;
        return tx.get(LambdaTables.INVOKE_CONFIGS, exact.qualifiedKey())
                .map(Row::value)
                .orElse(new InvokeConfig(null, null, java.time.Instant.EPOCH));
    }

    private static FunctionRef qualified(String functionName, @Nullable String qualifier, Call call) {
        FunctionRef ref = FunctionRef.of(functionName, qualifier, call);
        return ref.qualifier() == null ? ref.with(FunctionRef.LATEST) : ref;
    }

    private static InvokeConfig require(ReadTx tx, FunctionRef ref) {
        return tx.get(LambdaTables.INVOKE_CONFIGS, ref.qualifiedKey())
                .map(Row::value)
                .orElseThrow(() ->
                        Problems.notFound("The function " + ref.qualifiedArn() + " doesn't have an EventInvokeConfig"));
    }

    private static String qualifierOf(Row<InvokeConfig> row, FunctionRef ref) {
        return row.key().id().substring(ref.name().length() + 1);
    }

    private static FunctionEventInvokeConfig answer(FunctionRef ref, InvokeConfig config) {
        return new FunctionEventInvokeConfig()
                .functionArn(ref.qualifiedArn())
                .lastModified(config.lastModified())
                .maximumRetryAttempts(config.maximumRetryAttempts())
                .maximumEventAgeInSeconds(config.maximumEventAgeSeconds())
                .destinationConfig(new DestinationConfig()
                        .onSuccess(new OnSuccess().destination(config.onSuccess()))
                        .onFailure(new OnFailure().destination(config.onFailure())));
    }

    private static void requireSomething(
            @Nullable Integer retries, @Nullable Integer age, @Nullable DestinationConfig destinations) {
        if (retries == null && age == null && destinations == null) {
            throw Problems.invalid("You must specify at least one of error handling or destination setting.");
        }
    }

    private void check(@Nullable DestinationConfig destinations, FunctionRef ref) {
        if (DestinationRules.success(destinations) != null || DestinationRules.failure(destinations) != null) {
            Found found = store.read(tx -> Functions.find(tx, ref));
            rules.check(
                    destinations,
                    ref.with(null),
                    Functions.or(found.configuration().role(), ""));
        }
    }
}
