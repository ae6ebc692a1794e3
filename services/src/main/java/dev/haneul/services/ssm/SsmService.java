package dev.haneul.services.ssm;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.ssm.*;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ssm.SsmTables.ParameterRow;
import dev.haneul.services.ssm.SsmTables.VersionRow;
import dev.haneul.services.ssm.session.Sessions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** AWS Systems Manager: its Parameter Store and its Session Manager. See the package for what is built. */
public final class SsmService implements SsmApi {
    private static final int MOST_LABELS = 10;
    private static final int MOST_VERSIONS = 100;
    private static final int PAGE = 500;

    private final Store store;
    private final Clock clock;
    private final PutParameter put;
    private final Reading reading;
    private final Sessions sessions;
    private volatile Driver.@Nullable Waker<Key> waker;

    /**
     * Makes the service and opens its tables.
     *
     * @param neighbours carries calls to KMS
     * @param folderKey page tokens are sealed under a key made from it
     * @param sessions what StartSession and its like go to
     */
    public SsmService(
            Store store,
            Clock clock,
            Caller neighbours,
            byte[] folderKey,
            PublicParameters published,
            Sessions sessions) {
        store.open(SsmTables.ALL, List.of());
        this.store = store;
        this.clock = clock;
        this.sessions = sessions;
        Secrets secrets = new Secrets(neighbours);
        put = new PutParameter(store, clock, secrets, this::wake);
        reading = new Reading(store, secrets, new Tokens(Tokens.derive(folderKey, "ssm tokens")), published);
    }

    /** Joins the driver that deletes expired parameters; before it starts. */
    public void join(Driver driver) {
        Driver.Waker<Key> made = driver.add(new Expiry(), 1);
        waker = made;
        Key after = null;
        List<Row<ParameterRow>> rows;
        do {
            Key from = after;
            rows = store.read(tx -> tx.all(SsmTables.PARAMETERS, from, PAGE));
            for (Row<ParameterRow> row : rows) {
                if (row.value().expires() != null) {
                    made.wake(row.key());
                }
                after = row.key();
            }
        } while (rows.size() == PAGE);
    }

    private void wake(Key key) {
        Driver.Waker<Key> known = waker;
        if (known != null) {
            known.wake(key);
        }
    }

    /** Deletes parameters whose expiration policy says so. */
    private final class Expiry implements Reconciler<Key> {
        @Override
        public String name() {
            return "ssm.expiry";
        }

        @Override
        public Next reconcile(Key key) {
            Instant expires = store.read(tx -> tx.get(SsmTables.PARAMETERS, key))
                    .map(row -> row.value().expires())
                    .orElse(null);
            if (expires == null) {
                return Next.DONE;
            }
            if (expires.isAfter(clock.instant())) {
                return Next.at(expires);
            }
            store.write(tx -> {
                Instant still = tx.get(SsmTables.PARAMETERS, key)
                        .map(row -> row.value().expires())
                        .orElse(null);
                if (still != null && !still.isAfter(clock.instant())) {
                    remove(tx, key.scope(), key.id());
                }
            });
            return Next.DONE;
        }
    }

    private static boolean remove(WriteTx tx, Scope scope, String name) {
        for (Row<VersionRow> row : tx.range(SsmTables.VERSIONS, scope, name + ":", name + ";", 10_000)) {
            tx.delete(SsmTables.VERSIONS, row.key());
        }
        return tx.delete(SsmTables.PARAMETERS, scope.key(name));
    }

    private static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    @Override
    public PutParameterResult putParameter(PutParameterRequest in, Call call) {
        return put.put(in, call);
    }

    @Override
    public GetParameterResult getParameter(GetParameterRequest in, Call call) {
        return reading.get(in, call);
    }

    @Override
    public GetParametersResult getParameters(GetParametersRequest in, Call call) {
        return reading.getAll(in, call);
    }

    @Override
    public GetParametersByPathResult getParametersByPath(GetParametersByPathRequest in, Call call) {
        return reading.byPath(in, call);
    }

    @Override
    public DescribeParametersResult describeParameters(DescribeParametersRequest in, Call call) {
        return reading.describe(in, call);
    }

    @Override
    public GetParameterHistoryResult getParameterHistory(GetParameterHistoryRequest in, Call call) {
        return reading.history(in, call);
    }

    @Override
    public DeleteParameterResult deleteParameter(DeleteParameterRequest in, Call call) {
        String name = Names.parse(in.name()).name();
        if (!store.<Boolean>transact(tx -> remove(tx, scope(call), name))) {
            throw SsmFaults.notFound();
        }
        return new DeleteParameterResult();
    }

    @Override
    public DeleteParametersResult deleteParameters(DeleteParametersRequest in, Call call) {
        List<String> gone = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String each : in.names().stream().distinct().toList()) {
            String name = Names.parse(each).name();
            boolean was = store.<Boolean>transact(tx -> remove(tx, scope(call), name));
            (was ? gone : missing).add(each);
        }
        return new DeleteParametersResult().deletedParameters(gone).invalidParameters(missing);
    }

    @Override
    public LabelParameterVersionResult labelParameterVersion(LabelParameterVersionRequest in, Call call) {
        Scope scope = scope(call);
        String name = Names.parse(in.name()).name();
        List<String> good = in.labels().stream().filter(SsmService::goodLabel).toList();
        List<String> bad = in.labels().stream().filter(each -> !goodLabel(each)).toList();
        long version = store.transact(tx -> {
            ParameterRow row = tx.get(SsmTables.PARAMETERS, scope.key(name))
                    .map(Row::value)
                    .orElseThrow(SsmFaults::notFound);
            long number = in.parameterVersion() == null ? row.current().version() : in.parameterVersion();
            if (tx.get(SsmTables.VERSIONS, SsmTables.versionKey(scope, name, number))
                    .isEmpty()) {
                throw SsmFaults.noVersion(name, Long.toString(number));
            }
            for (Row<VersionRow> each :
                    tx.range(SsmTables.VERSIONS, scope, name + ":", name + ";", MOST_VERSIONS + 1)) {
                List<String> labels = new ArrayList<>(each.value().labels());
                labels.removeAll(good);
                if (each.value().version() == number) {
                    labels.addAll(good);
                    if (labels.size() > MOST_LABELS) {
                        throw Fault.of(
                                new ParameterVersionLabelLimitExceeded(),
                                "An error occurred (ParameterVersionLabelLimitExceeded): A parameter version can have"
                                        + " maximum " + MOST_LABELS + " labels.");
                    }
                }
                relabel(tx, scope, each.value(), labels);
            }
            return number;
        });
        return new LabelParameterVersionResult().invalidLabels(bad).parameterVersion(version);
    }

    private static boolean goodLabel(String label) {
        String small = label.toLowerCase(java.util.Locale.ROOT);
        return label.matches("[a-zA-Z_.-][a-zA-Z0-9_.-]{0,99}") && !small.startsWith("aws") && !small.startsWith("ssm");
    }

    private static void relabel(WriteTx tx, Scope scope, VersionRow row, List<String> labels) {
        if (labels.equals(row.labels())) {
            return;
        }
        VersionRow changed = row.labelled(labels);
        tx.put(SsmTables.VERSIONS, SsmTables.versionKey(scope, row.name(), row.version()), changed);
        tx.get(SsmTables.PARAMETERS, scope.key(row.name())).map(Row::value).ifPresent(parameter -> {
            if (parameter.current().version() == row.version()) {
                tx.put(
                        SsmTables.PARAMETERS,
                        scope.key(row.name()),
                        new ParameterRow(changed, parameter.tags(), parameter.expires()));
            }
        });
    }

    @Override
    public UnlabelParameterVersionResult unlabelParameterVersion(UnlabelParameterVersionRequest in, Call call) {
        Scope scope = scope(call);
        String name = Names.parse(in.name()).name();
        List<String> removed = new ArrayList<>();
        List<String> invalid = new ArrayList<>();
        store.write(tx -> {
            removed.clear();
            invalid.clear();
            if (tx.get(SsmTables.PARAMETERS, scope.key(name)).isEmpty()) {
                throw SsmFaults.notFound();
            }
            VersionRow row = tx.get(SsmTables.VERSIONS, SsmTables.versionKey(scope, name, in.parameterVersion()))
                    .map(Row::value)
                    .orElseThrow(() -> SsmFaults.noVersion(name, String.valueOf(in.parameterVersion())));
            in.labels().forEach(each -> (row.labels().contains(each) ? removed : invalid).add(each));
            List<String> left = new ArrayList<>(row.labels());
            left.removeAll(removed);
            relabel(tx, scope, row, left);
        });
        return new UnlabelParameterVersionResult().removedLabels(removed).invalidLabels(invalid);
    }

    @Override
    public AddTagsToResourceResult addTagsToResource(AddTagsToResourceRequest in, Call call) {
        tag(in.resourceType(), in.resourceId(), call, tags -> PutParameter.tags(tags, in.tags()));
        return new AddTagsToResourceResult();
    }

    @Override
    public RemoveTagsFromResourceResult removeTagsFromResource(RemoveTagsFromResourceRequest in, Call call) {
        tag(in.resourceType(), in.resourceId(), call, tags -> {
            Map<String, String> left = new LinkedHashMap<>(tags);
            in.tagKeys().forEach(left::remove);
            return left;
        });
        return new RemoveTagsFromResourceResult();
    }

    private void tag(String type, String id, Call call, UnaryOperator<Map<String, String>> change) {
        onlyParameters(type);
        Key key = scope(call).key(Names.parse(id).name());
        store.write(tx -> {
            ParameterRow row = tx.get(SsmTables.PARAMETERS, key).map(Row::value).orElseThrow(SsmService::noResource);
            tx.put(SsmTables.PARAMETERS, key, new ParameterRow(row.current(), change.apply(row.tags()), row.expires()));
        });
    }

    private static void onlyParameters(String type) {
        if (!type.equals("Parameter")) {
            throw Fault.of(new InvalidResourceType(), "The resource type " + type + " is not valid here.");
        }
    }

    private static Fault noResource() {
        return Fault.of(
                new InvalidResourceId(),
                "The resource ID is not valid. Verify that you entered the correct ID and try" + " again.");
    }

    @Override
    public ListTagsForResourceResult listTagsForResource(ListTagsForResourceRequest in, Call call) {
        onlyParameters(in.resourceType());
        Key key = scope(call).key(Names.parse(in.resourceId()).name());
        ParameterRow row = store.read(tx -> tx.get(SsmTables.PARAMETERS, key))
                .map(Row::value)
                .orElseThrow(SsmService::noResource);
        return new ListTagsForResourceResult()
                .tagList(row.tags().entrySet().stream()
                        .map(each -> new Tag().key(each.getKey()).value(each.getValue()))
                        .toList());
    }

    @Override
    public StartSessionResponse startSession(StartSessionRequest in, Call call) {
        return sessions.start(in, call);
    }

    @Override
    public ResumeSessionResponse resumeSession(ResumeSessionRequest in, Call call) {
        return sessions.resume(in, call);
    }

    @Override
    public TerminateSessionResponse terminateSession(TerminateSessionRequest in, Call call) {
        return sessions.terminate(in, call);
    }

    @Override
    public DescribeSessionsResponse describeSessions(DescribeSessionsRequest in, Call call) {
        return sessions.describe(in, call);
    }
}
