package dev.haneul.services.lambda;

import dev.haneul.api.lambda.GetFunctionRecursionConfigRequest;
import dev.haneul.api.lambda.GetFunctionRecursionConfigResponse;
import dev.haneul.api.lambda.GetRuntimeManagementConfigRequest;
import dev.haneul.api.lambda.GetRuntimeManagementConfigResponse;
import dev.haneul.api.lambda.PutFunctionRecursionConfigRequest;
import dev.haneul.api.lambda.PutFunctionRecursionConfigResponse;
import dev.haneul.api.lambda.PutRuntimeManagementConfigRequest;
import dev.haneul.api.lambda.PutRuntimeManagementConfigResponse;
import dev.haneul.api.lambda.RuntimeVersionConfig;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.LambdaTables.FunctionSettings;
import dev.haneul.services.lambda.LambdaTables.RuntimeManagement;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Settings beside a function's configuration: whether it may be part of a loop, and when its runtime is updated. The
 * host's interpreters have one version of each runtime, so updates change nothing; what is wanted is kept.
 */
final class Settings {
    static final String TERMINATE = "Terminate";
    static final String ALLOW = "Allow";
    private static final String AUTO = "Auto";
    private static final String MANUAL = "Manual";

    private final Store store;

    Settings(Store store) {
        this.store = store;
    }

    static FunctionSettings of(ReadTx tx, FunctionRef ref) {
        return tx.get(LambdaTables.SETTINGS, ref.with(null).key())
                .map(Row::value)
                .orElse(new FunctionSettings(null, null, Map.of()));
    }

    PutFunctionRecursionConfigResponse put(PutFunctionRecursionConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        String wanted = in.recursiveLoop();
        if (!wanted.equals(ALLOW) && !wanted.equals(TERMINATE)) {
            throw Problems.validation("Value '" + wanted
                    + "' at 'recursiveLoop' failed to satisfy constraint: Member must satisfy enum value set: [Allow,"
                    + " Terminate]");
        }
        store.write(tx -> {
            Functions.get(tx, ref);
            tx.put(LambdaTables.SETTINGS, ref.key(), of(tx, ref).withRecursiveLoop(wanted));
        });
        return new PutFunctionRecursionConfigResponse().recursiveLoop(wanted);
    }

    GetFunctionRecursionConfigResponse get(GetFunctionRecursionConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        return store.read(tx -> {
            Functions.get(tx, ref);
            return new GetFunctionRecursionConfigResponse()
                    .recursiveLoop(Functions.or(of(tx, ref).recursiveLoop(), TERMINATE));
        });
    }

    PutRuntimeManagementConfigResponse put(PutRuntimeManagementConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        String wanted = in.updateRuntimeOn();
        boolean manual = wanted.equals(MANUAL);
        if (!manual && !wanted.equals(AUTO) && !wanted.equals("FunctionUpdate")) {
            throw Problems.validation("Value '" + wanted
                    + "' at 'updateRuntimeOn' failed to satisfy constraint: Member must satisfy enum value set: [Auto,"
                    + " Manual, FunctionUpdate]");
        }
        String arn = in.runtimeVersionArn();
        if (manual != (arn != null)) {
            throw Problems.invalid(
                    manual
                            ? "RuntimeVersionArn must be provided when UpdateRuntimeOn is Manual."
                            : "RuntimeVersionArn can only be provided when UpdateRuntimeOn is Manual.");
        }
        return store.transact(tx -> {
            Found found = Functions.find(tx, ref);
            RuntimeVersionConfig now = found.configuration().runtimeVersionConfig();
            if (arn != null && (now == null || !arn.equals(now.runtimeVersionArn()))) {
                throw Problems.invalid("The runtime version " + arn + " is not available for this function's runtime.");
            }
            FunctionSettings settings = of(tx, ref);
            Map<String, RuntimeManagement> all = new LinkedHashMap<>(settings.runtimes());
            all.put(found.version(), new RuntimeManagement(wanted, in.runtimeVersionArn()));
            tx.put(LambdaTables.SETTINGS, ref.with(null).key(), settings.withRuntimes(all));
            return new PutRuntimeManagementConfigResponse()
                    .updateRuntimeOn(wanted)
                    .functionArn(ref.with(found.version()).qualifiedArn())
                    .runtimeVersionArn(in.runtimeVersionArn());
        });
    }

    GetRuntimeManagementConfigResponse get(GetRuntimeManagementConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        return store.read(tx -> {
            Found found = Functions.find(tx, ref);
            RuntimeManagement kept = of(tx, ref).runtimes().get(found.version());
            return new GetRuntimeManagementConfigResponse()
                    .updateRuntimeOn(kept == null ? AUTO : kept.updateRuntimeOn())
                    .runtimeVersionArn(kept == null ? null : kept.runtimeVersionArn())
                    .functionArn(ref.with(found.version()).qualifiedArn());
        });
    }
}
