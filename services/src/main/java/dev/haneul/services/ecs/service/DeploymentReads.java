package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.ConflictException;
import dev.haneul.api.ecs.ContinueServiceDeploymentRequest;
import dev.haneul.api.ecs.ContinueServiceDeploymentResponse;
import dev.haneul.api.ecs.CreatedAt;
import dev.haneul.api.ecs.DeploymentLifecycleHookDetail;
import dev.haneul.api.ecs.DescribeServiceDeploymentsRequest;
import dev.haneul.api.ecs.DescribeServiceDeploymentsResponse;
import dev.haneul.api.ecs.DescribeServiceRevisionsRequest;
import dev.haneul.api.ecs.DescribeServiceRevisionsResponse;
import dev.haneul.api.ecs.Failure;
import dev.haneul.api.ecs.ListServiceDeploymentsRequest;
import dev.haneul.api.ecs.ListServiceDeploymentsResponse;
import dev.haneul.api.ecs.ServiceDeployment;
import dev.haneul.api.ecs.ServiceDeploymentBrief;
import dev.haneul.api.ecs.ServiceDeploymentNotFoundException;
import dev.haneul.api.ecs.ServiceRevision;
import dev.haneul.api.ecs.ServiceRevisionSummary;
import dev.haneul.api.ecs.StopServiceDeploymentRequest;
import dev.haneul.api.ecs.StopServiceDeploymentResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.cluster.Clusters;
import dev.haneul.services.ecs.service.Rollout.Cause;
import dev.haneul.services.ecs.service.ServiceTables.DeploymentRow;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import dev.haneul.services.ecs.service.ServiceViews.Counts;
import dev.haneul.services.ecs.task.Tasks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Service deployments and revisions described and listed; deployments stopped and let go on. */
final class DeploymentReads {
    private static final int MOST = 20;
    private static final int PAGE = 1000;

    private final Services services;
    private final EcsRoom room;

    DeploymentReads(Services services) {
        this.services = services;
        this.room = services.room();
    }

    /** The cluster and service of a deployment's or revision's ARN, and its id. */
    private record Path(String cluster, String service, String id) {
        static Optional<Path> of(Scope scope, String arn, String kind) {
            String prefix = EcsRoom.arn(scope, kind + "/");
            String[] parts =
                    arn.startsWith(prefix) ? arn.substring(prefix.length()).split("/", -1) : new String[0];
            return parts.length == 3 && Arn.parse(arn).isPresent() && !parts[2].isEmpty()
                    ? Optional.of(new Path(parts[0], parts[1], parts[2]))
                    : Optional.empty();
        }

        String key() {
            return cluster + "/" + service + "/" + id;
        }
    }

    DescribeServiceDeploymentsResponse describe(DescribeServiceDeploymentsRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        checkCount(in.serviceDeploymentArns());
        return room.read(tx -> {
            List<ServiceDeployment> found = new ArrayList<>();
            List<Failure> failures = new ArrayList<>();
            for (String arn : in.serviceDeploymentArns()) {
                Optional<ServiceDeployment> told =
                        Path.of(scope, arn, "service-deployment").flatMap(path -> describe(tx, scope, path));
                told.ifPresentOrElse(
                        found::add, () -> failures.add(new Failure().arn(arn).reason("MISSING")));
            }
            return new DescribeServiceDeploymentsResponse()
                    .serviceDeployments(found)
                    .failures(failures);
        });
    }

    private static void checkCount(List<String> arns) {
        if (arns.isEmpty() || arns.size() > MOST) {
            throw EcsFaults.invalid("Between 1 and " + MOST + " ARNs must be specified.");
        }
    }

    private static Optional<ServiceDeployment> describe(ReadTx tx, Scope scope, Path path) {
        ServiceRow row =
                Services.find(tx, scope, path.cluster(), path.service()).orElse(null);
        return row == null
                ? Optional.empty()
                : tx.get(ServiceTables.DEPLOYMENTS, scope.key(path.key()))
                        .map(found -> told(tx, scope, row, found.value(), path.id()));
    }

    private static ServiceDeployment told(ReadTx tx, Scope scope, ServiceRow row, DeploymentRow kept, String id) {
        Optional<Rollout> rollout = row.rollouts().stream()
                .filter(each -> each.primary() && each.deployment().equals(id))
                .findFirst();
        ServiceDeployment told = Rolls.watched(Copies.of(kept.told()), row, rollout);
        Rollout.Shift shift = rollout.map(Rollout::shift).orElse(null);
        ServiceRevisionSummary target = told.targetServiceRevision();
        if (target != null) {
            told.targetServiceRevision(summary(tx, scope, row, target, shift));
        }
        told.sourceServiceRevisions(told.sourceServiceRevisions().stream()
                .map(each -> summary(tx, scope, row, each, null))
                .toList());
        if (shift != null) {
            told.lifecycleStage(shift.stage().name())
                    .lifecycleHookDetails(shift.hooks().stream()
                            .map(hook -> new DeploymentLifecycleHookDetail()
                                    .hookId(hook.id())
                                    .targetArn(hook.target())
                                    .targetType(hook.target().isEmpty() ? "PAUSE" : "AWS_LAMBDA")
                                    .status(hook.status()))
                            .toList());
        }
        return told;
    }

    private static ServiceRevisionSummary summary(
            ReadTx tx, Scope scope, ServiceRow row, ServiceRevisionSummary kept, Rollout.@Nullable Shift shift) {
        String arn = String.valueOf(kept.arn());
        Rollout rollout = row.rollouts().stream()
                .filter(each -> arn.endsWith("/" + each.revision()))
                .findFirst()
                .orElse(null);
        Counts counts =
                rollout == null ? new Counts(0, 0) : Counts.of(Tasks.startedBy(tx, scope, row.cluster(), rollout.id()));
        ServiceRevisionSummary told = new ServiceRevisionSummary()
                .arn(arn)
                .requestedTaskCount(
                        rollout == null ? 0 : rollout.primary() ? row.count() : counts.running() + counts.pending())
                .runningTaskCount(counts.running())
                .pendingTaskCount(counts.pending());
        return shift == null
                ? told
                : told.requestedProductionTrafficWeight(shift.production())
                        .requestedTestTrafficWeight(shift.test() ? 100.0 : 0.0);
    }

    ListServiceDeploymentsResponse list(ListServiceDeploymentsRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        int limit = ServiceReads.limit(in.maxResults());
        return room.read(tx -> {
            String cluster = Clusters.require(tx, scope, in.cluster()).name();
            ServiceRow row = Services.find(tx, scope, cluster, in.service()).orElseThrow(Services::notFound);
            List<ServiceDeployment> all =
                    tx.range(ServiceTables.DEPLOYMENTS, scope, row.id() + "/", row.id() + "0", PAGE).stream()
                            .map(Row::value)
                            .map(DeploymentRow::told)
                            .filter(each -> in.status().isEmpty() || in.status().contains(each.status()))
                            .filter(each -> within(each, in.createdAt()))
                            .toList();
            String question = "ListServiceDeployments/" + scope + "/" + row.id() + "/" + in.status();
            // Newest first, as AWS lists them.
            Page<ServiceDeployment> page =
                    room.pager().list(all, DeploymentReads::order, question, in.nextToken(), limit);
            return new ListServiceDeploymentsResponse()
                    .serviceDeployments(page.items().stream()
                            .map(each -> Copies.into(each, new ServiceDeploymentBrief())
                                    .targetServiceRevisionArn(
                                            each.targetServiceRevision() == null
                                                    ? null
                                                    : each.targetServiceRevision()
                                                            .arn()))
                            .toList())
                    .nextToken(page.next());
        });
    }

    private static String order(ServiceDeployment each) {
        Instant created = each.createdAt() == null ? Instant.EPOCH : each.createdAt();
        return String.format(java.util.Locale.ROOT, "%019d", Long.MAX_VALUE - created.toEpochMilli())
                + each.serviceDeploymentArn();
    }

    private static boolean within(ServiceDeployment each, @Nullable CreatedAt range) {
        Instant created = each.createdAt();
        return range == null
                || created == null
                || (range.after() == null || created.isAfter(range.after()))
                        && (range.before() == null || created.isBefore(range.before()));
    }

    DescribeServiceRevisionsResponse revisions(DescribeServiceRevisionsRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        checkCount(in.serviceRevisionArns());
        return room.read(tx -> {
            List<ServiceRevision> found = new ArrayList<>();
            List<Failure> failures = new ArrayList<>();
            for (String arn : in.serviceRevisionArns()) {
                Path.of(scope, arn, "service-revision")
                        .flatMap(path -> tx.get(ServiceTables.REVISIONS, scope.key(path.key())))
                        .ifPresentOrElse(
                                row -> found.add(row.value().told()),
                                () -> failures.add(new Failure().arn(arn).reason("MISSING")));
            }
            found.sort(Comparator.comparing(each -> String.valueOf(each.serviceRevisionArn())));
            return new DescribeServiceRevisionsResponse()
                    .serviceRevisions(found)
                    .failures(failures);
        });
    }

    private static Fault noDeployment() {
        return Fault.of(new ServiceDeploymentNotFoundException(), "Service deployment not found.");
    }

    StopServiceDeploymentResponse stop(StopServiceDeploymentRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String arn = in.serviceDeploymentArn();
        Path path = Path.of(scope, arn, "service-deployment").orElseThrow(DeploymentReads::noDeployment);
        boolean rollback = !"ABORT".equals(in.stopType());
        ServiceRow changed = room.change(tx -> stopped(tx, scope, path, rollback));
        services.changed(scope, changed);
        return new StopServiceDeploymentResponse().serviceDeploymentArn(arn);
    }

    private ServiceRow stopped(WriteTx tx, Scope scope, Path path, boolean rollback) {
        ServiceRow row =
                Services.find(tx, scope, path.cluster(), path.service()).orElseThrow(DeploymentReads::noDeployment);
        DeploymentRow kept = tx.get(ServiceTables.DEPLOYMENTS, scope.key(path.key()))
                .map(Row::value)
                .orElseThrow(DeploymentReads::noDeployment);
        Rollout rollout = row.primary()
                .filter(each -> each.deployment().equals(path.id()) && each.going())
                .filter(each -> "IN_PROGRESS".equals(kept.told().status()))
                .orElseThrow(() -> Fault.of(
                        new ConflictException(),
                        "The service deployment cannot be stopped in the "
                                + kept.told().status() + " state."));
        String to = row.rollouts().stream()
                .filter(each -> each.proven() && !each.id().equals(rollout.id()))
                .map(Rollout::id)
                .findFirst()
                .orElse(null);
        if (rollback && to == null) {
            throw EcsFaults.invalid("There is no service revision to roll back to.");
        }
        ServiceRow next =
                services.failed(tx, scope, row, new Step.Fail(rollout.id(), Cause.ASKED, rollback ? to : null));
        services.put(tx, scope, next);
        return next;
    }

    ContinueServiceDeploymentResponse goOn(ContinueServiceDeploymentRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String arn = in.serviceDeploymentArn();
        Path path = Path.of(scope, arn, "service-deployment").orElseThrow(DeploymentReads::noDeployment);
        String status = "ROLLBACK".equals(in.action()) ? "FAILED" : "SUCCEEDED";
        ServiceRow changed = room.change(tx -> {
            ServiceRow row =
                    Services.find(tx, scope, path.cluster(), path.service()).orElseThrow(DeploymentReads::noDeployment);
            Rollout rollout = row.primary()
                    .filter(each -> each.deployment().equals(path.id()) && each.going())
                    .orElseThrow(DeploymentReads::noDeployment);
            Rollout.Shift shift = rollout.shift();
            boolean waits = shift != null
                    && shift.hooks().stream()
                            .anyMatch(each -> each.id().equals(in.hookId())
                                    && each.status().equals("AWAITING_ACTION"));
            if (shift == null || !waits) {
                throw EcsFaults.invalid("No lifecycle hook with the id " + in.hookId() + " awaits an action.");
            }
            List<Rollout.Hook> hooks = shift.hooks().stream()
                    .map(each -> each.id().equals(in.hookId())
                            ? new Rollout.Hook(each.id(), each.index(), each.target(), status, each.since(), null)
                            : each)
                    .toList();
            ServiceRow next = row.with(rollout.id(), each -> each.shift(shift.hooks(hooks), room.now()));
            services.put(tx, scope, next);
            return next;
        });
        services.changed(scope, changed);
        return new ContinueServiceDeploymentResponse().serviceDeploymentArn(arn);
    }
}
