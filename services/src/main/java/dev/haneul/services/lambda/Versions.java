package dev.haneul.services.lambda;

import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.ListVersionsByFunctionRequest;
import dev.haneul.api.lambda.ListVersionsByFunctionResponse;
import dev.haneul.api.lambda.PublishVersionRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.services.lambda.LambdaTables.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Published versions: snapshots of {@code $LATEST} that never change. See "Manage Lambda function versions". */
final class Versions {
    private static final int PAGE = 50;

    private final Store store;
    private final Clock clock;
    private final CodeSource source;

    Versions(Store store, Clock clock, CodeSource source) {
        this.store = store;
        this.clock = clock;
        this.source = source;
    }

    FunctionConfiguration publish(PublishVersionRequest in, Call call) {
        Functions.refuseUnbuilt(in, java.util.Set.of("PublishTo"));
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        FunctionConfiguration published = store.transact(tx -> {
            Function function = Functions.get(tx, ref);
            Functions.requireRevision(in.revisionId(), function.latest().revisionId());
            String sha = function.latest().codeSha256();
            if (in.codeSha256() != null
                    && !in.codeSha256().isEmpty()
                    && !in.codeSha256().equals(sha)) {
                throw Problems.invalid("CodeSHA256 (" + in.codeSha256() + ") is different from current CodeSHA256 in"
                        + " $LATEST (" + sha + "). Please try again with the CodeSHA256 in $LATEST.");
            }
            return publish(tx, ref, function, in.description(), source, clock.instant());
        });
        return Functions.copy(published);
    }

    /**
     * Publishes {@code $LATEST}, unless it is what was published last.
     *
     * @return the version's configuration, with its qualified ARN
     */
    static FunctionConfiguration publish(
            WriteTx tx,
            FunctionRef ref,
            Function function,
            @Nullable String description,
            CodeSource source,
            Instant now) {
        Optional<Version> last = function.lastVersion() == 0
                ? Optional.empty()
                : tx.get(LambdaTables.VERSIONS, ref.versionKey(function.lastVersion()))
                        .map(Row::value);
        if (last.isPresent() && sameContent(last.get().configuration(), function.latest())) {
            return last.get().configuration();
        }
        long number = function.lastVersion() + 1;
        FunctionConfiguration version = Functions.copy(function.latest())
                .functionArn(ref.arn() + ":" + number)
                .version(Long.toString(number))
                .revisionId(UUID.randomUUID().toString())
                .lastModified(Functions.lastModified(now));
        version = SnapStarts.published(version);
        if (description != null && !description.isEmpty()) {
            version.description(description);
        }
        source.keep(tx, ref, function.code());
        tx.put(LambdaTables.VERSIONS, ref.versionKey(number), new Version(version, function.code(), function.sealed()));
        tx.put(LambdaTables.FUNCTIONS, ref.key(), function.withLastVersion(function.latest(), number));
        return version;
    }

    private static boolean sameContent(FunctionConfiguration a, FunctionConfiguration b) {
        return Objects.equals(bare(a), bare(b));
    }

    private static FunctionConfiguration bare(FunctionConfiguration of) {
        return SnapStarts.bare(Functions.copy(of))
                .functionArn(null)
                .version(null)
                .revisionId(null)
                .lastModified(null)
                .description(null);
    }

    ListVersionsByFunctionResponse list(ListVersionsByFunctionRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        int limit = Math.min(Functions.or(in.maxItems(), PAGE), PAGE);
        String marker = Functions.or(in.marker(), "");
        return store.read(tx -> {
            Function function = Functions.get(tx, ref);
            List<FunctionConfiguration> page = new ArrayList<>();
            if (marker.isEmpty()) {
                page.add(Functions.listed(ref, function.latest(), true));
            }
            long from = marker.isEmpty() ? 1 : number(marker) + 1;
            List<Row<Version>> rows = rows(tx, ref, from, limit - page.size() + 1);
            int take = Math.min(rows.size(), limit - page.size());
            for (Row<Version> row : rows.subList(0, take)) {
                page.add(Functions.listed(ref, row.value().configuration(), true));
            }
            ListVersionsByFunctionResponse out = new ListVersionsByFunctionResponse().versions(page);
            if (rows.size() > take) {
                out.nextMarker(
                        take == 0
                                ? "0"
                                : rows.get(take - 1).value().configuration().version());
            }
            return out;
        });
    }

    /** Versions from a number on, at most so many. */
    static List<Row<Version>> rows(ReadTx tx, FunctionRef ref, long from, int limit) {
        return tx.range(
                LambdaTables.VERSIONS,
                ref.scope(),
                LambdaTables.versionId(ref.name(), from),
                ref.name() + ";",
                Math.max(1, limit));
    }

    private static long number(String marker) {
        if (!Functions.isNumber(marker)) {
            throw Problems.invalid("The pagination marker is not valid.");
        }
        return Long.parseLong(marker);
    }
}
