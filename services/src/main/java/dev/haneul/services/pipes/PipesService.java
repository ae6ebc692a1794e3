package dev.haneul.services.pipes;

import dev.haneul.api.pipes.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.EventPatterns;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.pipes.PipesTables.PipeRow;
import dev.haneul.services.pipes.PipesTables.Plan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** EventBridge Pipes' API. */
public final class PipesService implements PipesApi {
    private static final int PAGE = 100;
    private static final int MOST_PIPES = 1_000;
    private static final int MOST_FILTERS = 5;
    private static final Set<String> SETTLED = Set.of(
            PipeState.RUNNING,
            PipeState.STOPPED,
            PipeState.CREATE_FAILED,
            PipeState.UPDATE_FAILED,
            PipeState.START_FAILED,
            PipeState.STOP_FAILED);

    private final Store store;
    private final Clock clock;
    private final Tokens tokens;
    private final PipeRunner runner;

    /**
     * Makes the service and opens its table.
     *
     * @param neighbours carries calls to sources
     * @param targets hands over to enrichments and targets
     * @param folderKey the data folder's key, under which page tokens are sealed
     */
    public PipesService(Store store, Clock clock, Caller neighbours, Targets targets, byte[] folderKey) {
        store.open(List.of(PipesTables.PIPES), List.of());
        this.store = store;
        this.clock = clock;
        this.tokens = new Tokens(Tokens.derive(folderKey, "pipes tokens"));
        this.runner = new PipeRunner(store, clock, neighbours, targets);
    }

    /** Joins the driver that runs pipes; before the driver starts. */
    public void join(Driver driver) {
        runner.join(driver);
    }

    private static Scope scope(Call call) {
        return new Scope(call.account(), call.region());
    }

    private static Fault invalid(String message) {
        return Fault.of(new ValidationException(), message);
    }

    private static PipeRow require(ReadTx tx, Scope scope, String name) {
        return tx.get(PipesTables.PIPES, scope.key(name))
                .map(Row::value)
                .orElseThrow(() -> Fault.of(new NotFoundException(), "Pipe " + name + " does not exist."));
    }

    private static void requireSettled(PipeRow pipe) {
        if (!SETTLED.contains(pipe.current())) {
            throw Fault.of(
                    new ConflictException().resourceId(pipe.name()),
                    "Pipe " + pipe.name() + " is in state " + pipe.current() + " and cannot be changed now.");
        }
    }

    @Override
    public CreatePipeResponse createPipe(CreatePipeRequest in, Call call) {
        Scope scope = scope(call);
        Plan plan = new Plan(
                in.description(),
                in.source(),
                in.sourceParameters() == null ? new PipeSourceParameters() : in.sourceParameters(),
                in.enrichment(),
                in.enrichmentParameters(),
                in.target(),
                in.targetParameters() == null ? new PipeTargetParameters() : in.targetParameters(),
                in.roleArn(),
                in.logConfiguration(),
                in.kmsKeyIdentifier());
        check(plan);
        Instant now = clock.instant();
        PipeRow row = new PipeRow(
                in.name(),
                plan,
                in.desiredState() == null ? RequestedPipeState.RUNNING : in.desiredState(),
                PipeState.CREATING,
                null,
                in.tags(),
                now,
                now);
        Key key = scope.key(in.name());
        store.write(tx -> {
            if (tx.get(PipesTables.PIPES, key).isPresent()) {
                throw Fault.of(new ConflictException().resourceId(in.name()), "Pipe " + in.name() + " already exists.");
            }
            if (tx.range(PipesTables.PIPES, scope, "", null, MOST_PIPES).size() == MOST_PIPES) {
                throw Fault.of(
                        new ServiceQuotaExceededException().quotaCode("L-8F3E28A8"),
                        "The maximum number of pipes is " + MOST_PIPES + ".");
            }
            tx.put(PipesTables.PIPES, key, row);
        });
        runner.changed(key);
        return new CreatePipeResponse()
                .arn(PipesTables.arn(scope, row.name()))
                .name(row.name())
                .desiredState(row.desired())
                .currentState(row.current())
                .creationTime(now)
                .lastModifiedTime(now);
    }

    private static void check(Plan plan) {
        Arn source = Arn.parse(plan.source()).orElseThrow(() -> invalid("Invalid source ARN: " + plan.source()));
        if (!source.service().equals("sqs")) {
            throw invalid("Sources of " + source.service()
                    + " are not implemented by Haneul yet: only SQS queues can be the source of a pipe.");
        }
        if (Arn.parse(plan.target()).isEmpty()) {
            throw invalid("Invalid target ARN: " + plan.target());
        }
        if (plan.enrichment() != null && Arn.parse(plan.enrichment()).isEmpty()) {
            throw invalid("Invalid enrichment ARN: " + plan.enrichment());
        }
        FilterCriteria criteria = plan.sourceParameters().filterCriteria();
        List<Filter> filters = criteria == null ? List.of() : criteria.filters();
        if (filters.size() > MOST_FILTERS) {
            throw invalid("At most " + MOST_FILTERS + " filters can be given.");
        }
        for (Filter filter : filters) {
            String fault = filter.pattern() == null ? null : EventPatterns.fault(filter.pattern());
            if (fault != null) {
                throw invalid("Event pattern is not valid. Reason: " + fault);
            }
        }
        var queue = plan.targetParameters().sqsQueueParameters();
        boolean fifo = plan.target().contains(":sqs:") && plan.target().endsWith(".fifo");
        if (fifo && (queue == null || queue.messageGroupId() == null)) {
            throw invalid("MessageGroupId is required for FIFO queue targets.");
        }
    }

    @Override
    public UpdatePipeResponse updatePipe(UpdatePipeRequest in, Call call) {
        Scope scope = scope(call);
        PipeRow before = store.read(tx -> require(tx, scope, in.name()));
        Plan old = before.plan();
        Plan plan = new Plan(
                in.description() == null ? old.description() : in.description(),
                old.source(),
                updated(old.sourceParameters(), in.sourceParameters()),
                in.enrichment() == null ? old.enrichment() : in.enrichment().isEmpty() ? null : in.enrichment(),
                in.enrichmentParameters() == null ? old.enrichmentParameters() : in.enrichmentParameters(),
                in.target() == null ? old.target() : in.target(),
                in.targetParameters() == null ? old.targetParameters() : in.targetParameters(),
                in.roleArn(),
                in.logConfiguration() == null ? old.logs() : in.logConfiguration(),
                in.kmsKeyIdentifier() == null ? old.kmsKey() : in.kmsKeyIdentifier());
        check(plan);
        PipeRow row = new PipeRow(
                before.name(),
                plan,
                in.desiredState() == null ? before.desired() : in.desiredState(),
                PipeState.UPDATING,
                null,
                before.tags(),
                before.created(),
                clock.instant());
        store.write(tx -> {
            requireSettled(require(tx, scope, in.name()));
            tx.put(PipesTables.PIPES, scope.key(in.name()), row);
        });
        runner.changed(scope.key(in.name()));
        return new UpdatePipeResponse()
                .arn(PipesTables.arn(scope, row.name()))
                .name(row.name())
                .desiredState(row.desired())
                .currentState(row.current())
                .creationTime(row.created())
                .lastModifiedTime(row.modified());
    }

    private static PipeSourceParameters updated(PipeSourceParameters old, @Nullable UpdatePipeSourceParameters in) {
        if (in == null) {
            return old;
        }
        var queue = in.sqsQueueParameters();
        return new PipeSourceParameters()
                .filterCriteria(in.filterCriteria() == null ? old.filterCriteria() : in.filterCriteria())
                .sqsQueueParameters(
                        queue == null
                                ? old.sqsQueueParameters()
                                : new PipeSourceSqsQueueParameters()
                                        .batchSize(queue.batchSize())
                                        .maximumBatchingWindowInSeconds(queue.maximumBatchingWindowInSeconds()));
    }

    /** Gives a settled pipe another wish. */
    private PipeRow wish(String name, String desired, String passing, Call call) {
        Scope scope = scope(call);
        PipeRow row = store.transact(tx -> {
            PipeRow now = require(tx, scope, name);
            requireSettled(now);
            PipeRow next = now.wanting(desired, passing, clock.instant());
            tx.put(PipesTables.PIPES, scope.key(name), next);
            return next;
        });
        runner.changed(scope.key(name));
        return row;
    }

    @Override
    public StartPipeResponse startPipe(StartPipeRequest in, Call call) {
        PipeRow row = wish(in.name(), RequestedPipeState.RUNNING, PipeState.STARTING, call);
        return new StartPipeResponse()
                .arn(PipesTables.arn(scope(call), row.name()))
                .name(row.name())
                .desiredState(row.desired())
                .currentState(row.current())
                .creationTime(row.created())
                .lastModifiedTime(row.modified());
    }

    @Override
    public StopPipeResponse stopPipe(StopPipeRequest in, Call call) {
        PipeRow row = wish(in.name(), RequestedPipeState.STOPPED, PipeState.STOPPING, call);
        return new StopPipeResponse()
                .arn(PipesTables.arn(scope(call), row.name()))
                .name(row.name())
                .desiredState(row.desired())
                .currentState(row.current())
                .creationTime(row.created())
                .lastModifiedTime(row.modified());
    }

    @Override
    public DeletePipeResponse deletePipe(DeletePipeRequest in, Call call) {
        PipeRow row = wish(in.name(), RequestedPipeStateDescribeResponse.DELETED, PipeState.DELETING, call);
        return new DeletePipeResponse()
                .arn(PipesTables.arn(scope(call), row.name()))
                .name(row.name())
                .desiredState(row.desired())
                .currentState(row.current())
                .creationTime(row.created())
                .lastModifiedTime(row.modified());
    }

    @Override
    public DescribePipeResponse describePipe(DescribePipeRequest in, Call call) {
        Scope scope = scope(call);
        PipeRow row = store.read(tx -> require(tx, scope, in.name()));
        Plan plan = row.plan();
        PipeLogConfigurationParameters logs = plan.logs();
        return new DescribePipeResponse()
                .arn(PipesTables.arn(scope, row.name()))
                .name(row.name())
                .description(plan.description())
                .desiredState(row.desired())
                .currentState(row.current())
                .stateReason(row.reason())
                .source(plan.source())
                .sourceParameters(plan.sourceParameters())
                .enrichment(plan.enrichment())
                .enrichmentParameters(plan.enrichmentParameters())
                .target(plan.target())
                .targetParameters(plan.targetParameters())
                .roleArn(plan.role())
                .tags(row.tags())
                .kmsKeyIdentifier(plan.kmsKey())
                .logConfiguration(logs == null ? null : logs(logs))
                .creationTime(row.created())
                .lastModifiedTime(row.modified());
    }

    private static PipeLogConfiguration logs(PipeLogConfigurationParameters in) {
        PipeLogConfiguration out =
                new PipeLogConfiguration().level(in.level()).includeExecutionData(in.includeExecutionData());
        if (in.cloudwatchLogsLogDestination() != null) {
            out.cloudwatchLogsLogDestination(new CloudwatchLogsLogDestination()
                    .logGroupArn(in.cloudwatchLogsLogDestination().logGroupArn()));
        }
        return out;
    }

    @Override
    public ListPipesResponse listPipes(ListPipesRequest in, Call call) {
        Scope scope = scope(call);
        String prefix = in.namePrefix() == null ? "" : in.namePrefix();
        String context = "pipes " + scope + prefix;
        String from = in.nextToken() == null
                ? prefix
                : tokens.open(context, in.nextToken()).orElseThrow(() -> invalid("Invalid NextToken.")) + "\u0000";
        int limit = in.limit() == null ? PAGE : Math.min(in.limit(), PAGE);
        List<Row<PipeRow>> rows = store.read(tx -> tx.range(PipesTables.PIPES, scope, from, null, MOST_PIPES));
        List<Pipe> found = new ArrayList<>();
        String last = from;
        for (Row<PipeRow> each : rows) {
            PipeRow row = each.value();
            if (!row.name().startsWith(prefix)) {
                break;
            }
            if (wanted(row, in)) {
                if (found.size() == limit) {
                    return new ListPipesResponse().pipes(found).nextToken(tokens.seal(context, last));
                }
                found.add(new Pipe()
                        .name(row.name())
                        .arn(PipesTables.arn(scope, row.name()))
                        .desiredState(row.desired())
                        .currentState(row.current())
                        .stateReason(row.reason())
                        .creationTime(row.created())
                        .lastModifiedTime(row.modified())
                        .source(row.plan().source())
                        .target(row.plan().target())
                        .enrichment(row.plan().enrichment()));
            }
            last = row.name();
        }
        return new ListPipesResponse().pipes(found);
    }

    private static boolean wanted(PipeRow row, ListPipesRequest in) {
        return (in.currentState() == null || in.currentState().equals(row.current()))
                && (in.desiredState() == null || in.desiredState().equals(row.desired()))
                && (in.sourcePrefix() == null || row.plan().source().startsWith(in.sourcePrefix()))
                && (in.targetPrefix() == null || row.plan().target().startsWith(in.targetPrefix()));
    }

    private static String tagged(String arn, Scope scope) {
        String prefix = PipesTables.arn(scope, "");
        if (!arn.startsWith(prefix)) {
            throw invalid("Invalid pipe ARN: " + arn);
        }
        return arn.substring(prefix.length());
    }

    @Override
    public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest in, Call call) {
        String name = tagged(in.resourceArn(), scope(call));
        return new ListTagsForResourceResponse()
                .tags(store.read(tx -> require(tx, scope(call), name)).tags());
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        retag(in.resourceArn(), call, in.tags(), List.of());
        return new TagResourceResponse();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        retag(in.resourceArn(), call, Map.of(), in.tagKeys());
        return new UntagResourceResponse();
    }

    private void retag(String arn, Call call, Map<String, String> added, List<String> removed) {
        Scope scope = scope(call);
        String name = tagged(arn, scope);
        store.write(tx -> {
            PipeRow row = require(tx, scope, name);
            Map<String, String> tags = new LinkedHashMap<>(row.tags());
            tags.putAll(added);
            removed.forEach(tags::remove);
            if (tags.size() > 50) {
                throw invalid("A pipe can have at most 50 tags.");
            }
            tx.put(PipesTables.PIPES, scope.key(name), row.tagged(tags));
        });
    }
}
