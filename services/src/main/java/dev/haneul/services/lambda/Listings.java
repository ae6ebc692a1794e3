package dev.haneul.services.lambda;

import dev.haneul.api.lambda.AccountLimit;
import dev.haneul.api.lambda.AccountUsage;
import dev.haneul.api.lambda.FunctionCodeLocation;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.GetAccountSettingsResponse;
import dev.haneul.api.lambda.GetFunctionConfigurationRequest;
import dev.haneul.api.lambda.GetFunctionRequest;
import dev.haneul.api.lambda.GetFunctionResponse;
import dev.haneul.api.lambda.ListFunctionsRequest;
import dev.haneul.api.lambda.ListFunctionsResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.services.lambda.LambdaTables.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reading functions: one, all of them, and the account. */
final class Listings {
    private static final int PAGE = 50;
    private static final int SCAN = 1000;
    private static final long TOTAL_CODE_BYTES = 80_530_636_800L;

    private final Store store;
    private final CodeDownloads downloads;
    private final Concurrency concurrency;
    private final SealedVariables variables;

    Listings(Store store, CodeDownloads downloads, Concurrency concurrency, SealedVariables variables) {
        this.variables = variables;
        this.store = store;
        this.downloads = downloads;
        this.concurrency = concurrency;
    }

    GetFunctionResponse get(GetFunctionRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        Found found = store.read(tx -> Functions.find(tx, ref));
        GetFunctionResponse out =
                new GetFunctionResponse().configuration(shown(ref, found, call)).code(location(found, call));
        if (!found.function().tags().isEmpty()) {
            out.tags(found.function().tags());
        }
        Integer reserved = found.function().reservedConcurrency();
        return reserved == null
                ? out
                : out.concurrency(new dev.haneul.api.lambda.Concurrency().reservedConcurrentExecutions(reserved));
    }

    FunctionConfiguration configuration(GetFunctionConfigurationRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        Found found = store.read(tx -> Functions.find(tx, ref));
        return shown(ref, found, call);
    }

    private FunctionCodeLocation location(Found found, Call call) {
        LambdaTables.Image image = found.code().image();
        return image == null
                ? new FunctionCodeLocation()
                        .repositoryType("S3")
                        .location(downloads.location(call.origin().endpoint(), found.code()))
                : new FunctionCodeLocation()
                        .repositoryType("ECR")
                        .imageUri(image.uri())
                        .resolvedImageUri(image.resolved());
    }

    /** Encrypted variables are shown to those who may use their key. */
    private FunctionConfiguration shown(FunctionRef ref, Found found, Call call) {
        FunctionConfiguration answer = Functions.answer(ref.with(answered(ref, found)), found.configuration());
        String sealed = found.sealed();
        return sealed == null
                ? answer
                : answer.environment(variables.shown(sealed, Functions.or(answer.kmsKeyArn(), ""), ref, call));
    }

    /** An alias is answered with the version it leads to. */
    private static @org.jspecify.annotations.Nullable String answered(FunctionRef ref, Found found) {
        return ref.qualifier() == null ? null : found.version();
    }

    ListFunctionsResponse list(ListFunctionsRequest in, Call call) {
        Functions.refuseUnbuilt(in, Set.of("MasterRegion"));
        int limit = Math.min(Functions.or(in.maxItems(), PAGE), PAGE);
        Scope scope = new Scope(call.account(), call.region());
        boolean all = "ALL".equals(in.functionVersion());
        String from = in.marker() == null ? "" : in.marker() + "\0";
        return store.read(tx -> {
            List<Row<Function>> rows = tx.range(LambdaTables.FUNCTIONS, scope, from, null, limit + 1);
            List<FunctionConfiguration> page = new ArrayList<>();
            String last = null;
            boolean more = false;
            for (Row<Function> row : rows) {
                List<FunctionConfiguration> states = states(tx, scope, row, all);
                if (!page.isEmpty() && page.size() + states.size() > limit) {
                    more = true; // a function's states stay on one page, or start a page of their own
                    break;
                }
                page.addAll(states);
                last = row.key().id();
            }
            return new ListFunctionsResponse().functions(page).nextMarker(more ? last : null);
        });
    }

    private static List<FunctionConfiguration> states(ReadTx tx, Scope scope, Row<Function> row, boolean all) {
        FunctionRef ref =
                new FunctionRef(scope.account(), scope.region(), row.key().id(), null);
        List<FunctionConfiguration> states = new ArrayList<>();
        states.add(Functions.listed(ref, row.value().latest(), all));
        if (all) {
            for (Row<Version> version : Versions.rows(tx, ref, 1, SCAN)) {
                states.add(Functions.listed(ref, version.value().configuration(), true));
            }
        }
        return states;
    }

    GetAccountSettingsResponse account(Call call) {
        Scope scope = new Scope(call.account(), call.region());
        long[] usage = store.read(tx -> {
            long functions = 0;
            long bytes = 0;
            String from = "";
            while (true) {
                List<Row<Function>> rows = tx.range(LambdaTables.FUNCTIONS, scope, from, null, SCAN);
                for (Row<Function> row : rows) {
                    functions++;
                    bytes += row.value().code().blob().length();
                }
                if (rows.size() < SCAN) {
                    return new long[] {functions, bytes};
                }
                from = rows.getLast().key().id() + "\0";
            }
        });
        return new GetAccountSettingsResponse()
                .accountLimit(new AccountLimit()
                        .totalCodeSize(TOTAL_CODE_BYTES)
                        .codeSizeUnzipped(262_144_000L)
                        .codeSizeZipped(52_428_800L)
                        .concurrentExecutions(Concurrency.ACCOUNT_LIMIT)
                        .unreservedConcurrentExecutions(concurrency.unreservedLimit(scope)))
                .accountUsage(new AccountUsage().functionCount(usage[0]).totalCodeSize(usage[1]));
    }
}
