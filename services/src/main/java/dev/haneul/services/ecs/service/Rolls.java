package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.Deployment;
import dev.haneul.api.ecs.DeploymentConfiguration;
import dev.haneul.api.ecs.ResolvedConfiguration;
import dev.haneul.api.ecs.Rollback;
import dev.haneul.api.ecs.ServiceConnectConfiguration;
import dev.haneul.api.ecs.ServiceDeployment;
import dev.haneul.api.ecs.ServiceDeploymentAlarms;
import dev.haneul.api.ecs.ServiceDeploymentCircuitBreaker;
import dev.haneul.api.ecs.ServiceRevision;
import dev.haneul.api.ecs.ServiceRevisionSummary;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.service.ServiceTables.DeploymentRow;
import dev.haneul.services.ecs.service.ServiceTables.RevisionRow;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Revisions of services, and the deployments that bring them about. */
final class Rolls {
    private static final int MOST = 100;
    private static final int REVISION_DIGITS = 19;
    private static final int DEPLOYMENT_CHARS = 21;

    private final EcsRoom room;

    Rolls(EcsRoom room) {
        this.room = room;
    }

    /**
     * Begins a deployment of what a service wants now.
     *
     * @param slot the target group its tasks are to be in; see {@link RevisionRow#slot}
     * @return the service with the deployment as its primary one
     */
    ServiceRow begin(WriteTx tx, Scope scope, ServiceRow service, int slot) {
        Instant now = room.now();
        String revision = number();
        RevisionRow made = revision(tx, scope, service, revision, slot, now);
        tx.put(ServiceTables.REVISIONS, ServiceTables.key(scope, service, revision), made);
        String deployment = room.ids().lower(DEPLOYMENT_CHARS);
        Rollout next = Rollout.begin("ecs-svc/" + number(), revision, deployment, now);
        if (service.shifting()) {
            Rollout.Shift begun = Rollout.Shift.begin(now);
            Rollout.Shift overtaken =
                    service.primary().filter(Rollout::going).map(Rollout::shift).orElse(null);
            // Both are in the same target groups: what traffic the overtaken one has is the new one's until it is
            // moved.
            next = next.shift(
                    overtaken == null ? begun : begun.weighing(overtaken.production(), overtaken.test(), now), now);
        }
        supersede(tx, scope, service, now);
        prune(tx, scope, service);
        open(tx, scope, service, next, null, now);
        return service.rollouts(Rollouts.begin(service.rollouts(), next, now))
                .steady(false)
                .balancing(false);
    }

    /** A number of as many digits as AWS gives revisions and deployments. */
    String number() {
        StringBuilder text = new StringBuilder(REVISION_DIGITS);
        String hex = room.ids().hex(REVISION_DIGITS);
        for (int i = 0; i < REVISION_DIGITS; i++) {
            int digit = Character.digit(hex.charAt(i), 16) % 10;
            text.append(i == 0 && digit == 0 ? 1 : digit);
        }
        return text.toString();
    }

    private static RevisionRow revision(ReadTx tx, Scope scope, ServiceRow service, String id, int slot, Instant now) {
        ServiceRevision told = Copies.into(service.told(), new ServiceRevision())
                .serviceRevisionArn(arn(scope, "service-revision", service, id))
                .guardDutyEnabled(false)
                .serviceConnectConfiguration(ConnectTables.of(tx, scope, service.id())
                        .filter(ConnectTables.ConnectRow::enabled)
                        .map(ConnectTables.ConnectRow::told)
                        .orElse(null))
                .resolvedConfiguration(
                        service.told().loadBalancers().isEmpty()
                                ? null
                                : new ResolvedConfiguration()
                                        .loadBalancers(Balancers.resolved(
                                                service.told().loadBalancers(), slot)))
                .createdAt(now);
        return new RevisionRow(told, slot, Boolean.TRUE.equals(service.told().enableExecuteCommand()));
    }

    static String arn(Scope scope, String kind, ServiceRow service, String id) {
        return EcsRoom.arn(scope, kind + "/" + service.id() + "/" + id);
    }

    /** Of deployments and revisions, so many are remembered. */
    private static void prune(WriteTx tx, Scope scope, ServiceRow service) {
        List<Row<DeploymentRow>> all =
                tx.range(ServiceTables.DEPLOYMENTS, scope, service.id() + "/", service.id() + "0", 2 * MOST);
        if (all.size() < MOST) {
            return;
        }
        Row<DeploymentRow> oldest = Collections.min(
                all,
                Comparator.comparing(row -> String.valueOf(row.value().told().createdAt())));
        tx.delete(ServiceTables.DEPLOYMENTS, oldest.key());
        ServiceRevisionSummary target = oldest.value().told().targetServiceRevision();
        String arn = target == null ? "" : String.valueOf(target.arn());
        String revision = arn.substring(arn.lastIndexOf('/') + 1);
        boolean used =
                service.rollouts().stream().anyMatch(each -> each.revision().equals(revision));
        if (!used && !revision.isEmpty()) {
            tx.delete(ServiceTables.REVISIONS, ServiceTables.key(scope, service, revision));
        }
    }

    /** A deployment that a newer one overtakes has stopped. */
    private static void supersede(WriteTx tx, Scope scope, ServiceRow service, Instant now) {
        service.primary()
                .filter(Rollout::going)
                .ifPresent(rollout -> change(
                        tx,
                        scope,
                        service,
                        rollout.deployment(),
                        told -> told.status("STOPPED")
                                .statusReason("Service deployment was overwritten by a newer deployment.")
                                .stoppedAt(now)
                                .finishedAt(now)
                                .updatedAt(now)));
    }

    /**
     * Writes the service deployment of a rollout.
     *
     * @param rollback why it goes back to an older revision; null where it does not
     */
    private void open(
            WriteTx tx, Scope scope, ServiceRow service, Rollout rollout, @Nullable Rollback rollback, Instant now) {
        DeploymentConfiguration configuration = service.told().deploymentConfiguration();
        List<ServiceRevisionSummary> sources = service.rollouts().stream()
                .filter(each -> !each.id().equals(rollout.id()))
                .map(each -> new ServiceRevisionSummary().arn(arn(scope, "service-revision", service, each.revision())))
                .toList();
        ServiceDeployment told = new ServiceDeployment()
                .serviceDeploymentArn(arn(scope, "service-deployment", service, rollout.deployment()))
                .serviceArn(service.arn())
                .clusterArn(service.told().clusterArn())
                .createdAt(now)
                .startedAt(now)
                .updatedAt(now)
                .sourceServiceRevisions(sources)
                .targetServiceRevision(
                        new ServiceRevisionSummary().arn(arn(scope, "service-revision", service, rollout.revision())))
                .status("IN_PROGRESS")
                .deploymentConfiguration(configuration == null ? new DeploymentConfiguration() : configuration)
                .rollback(rollback);
        tx.put(
                ServiceTables.DEPLOYMENTS,
                ServiceTables.key(scope, service, rollout.deployment()),
                new DeploymentRow(told));
    }

    /** Changes a service deployment, if it is there. */
    static void change(
            WriteTx tx, Scope scope, ServiceRow service, String deployment, Consumer<ServiceDeployment> how) {
        var key = ServiceTables.key(scope, service, deployment.isEmpty() ? "-" : deployment);
        tx.get(ServiceTables.DEPLOYMENTS, key).map(Row::value).ifPresent(row -> {
            ServiceDeployment told = Copies.of(row.told());
            how.accept(told);
            tx.put(ServiceTables.DEPLOYMENTS, key, new DeploymentRow(told));
        });
    }

    /** A deployment is where it should be. */
    ServiceRow complete(WriteTx tx, Scope scope, ServiceRow service, Rollout rollout) {
        Instant now = room.now();
        change(tx, scope, service, rollout.deployment(), told -> {
            boolean rolledBack = told.rollback() != null;
            told.status(rolledBack ? "ROLLBACK_SUCCESSFUL" : "SUCCESSFUL")
                    .finishedAt(now)
                    .updatedAt(now);
            if (told.lifecycleStage() != null) {
                told.lifecycleStage("CLEAN_UP");
            }
        });
        return service.rollouts(Rollouts.complete(service.rollouts(), rollout.id(), now))
                .steady(false);
    }

    /**
     * A deployment has failed; the service goes back to another one, or stays as it is.
     *
     * @return the service, with the settings of the revision that comes back
     */
    ServiceRow fail(WriteTx tx, Scope scope, ServiceRow service, Rollout rollout, Step.Fail how) {
        Instant now = room.now();
        String to = how.to();
        String why = Rollouts.reason(how.cause());
        Rollout target = to == null ? null : service.rollout(to).orElse(null);
        String back = target == null ? null : arn(scope, "service-revision", service, target.revision());
        change(tx, scope, service, rollout.deployment(), told -> {
            boolean already = told.rollback() != null;
            String status = already ? "ROLLBACK_FAILED" : target == null ? "STOPPED" : "ROLLBACK_IN_PROGRESS";
            told.status(status).statusReason(why).updatedAt(now);
            if (!how.alarms().isEmpty()) {
                told.alarms(new ServiceDeploymentAlarms().triggeredAlarmNames(how.alarms()));
            }
            if (target == null) {
                told.stoppedAt(now).finishedAt(now);
            } else {
                told.rollback(new Rollback().reason(why).startedAt(now).serviceRevisionArn(back));
            }
        });
        // A rollback goes on under the service deployment that failed, as AWS tells it.
        ServiceRow failed = service.rollouts(
                        Rollouts.fail(service.rollouts(), rollout.id(), how.cause(), to, rollout.deployment(), now))
                .steady(false)
                .balancing(false);
        return target == null ? failed : returned(tx, scope, failed, target);
    }

    /** The service's settings are those of the revision that came back. */
    private static ServiceRow returned(WriteTx tx, Scope scope, ServiceRow service, Rollout target) {
        revision(tx, scope, service, target.revision()).ifPresent(row -> connected(tx, scope, service, row));
        return revision(tx, scope, service, target.revision())
                .map(row -> service.told(Copies.of(service.told())
                        .taskDefinition(row.told().taskDefinition())
                        .launchType(row.told().launchType())
                        .capacityProviderStrategy(
                                row.told().capacityProviderStrategy().isEmpty()
                                        ? null
                                        : row.told().capacityProviderStrategy())
                        .platformVersion(row.told().platformVersion())
                        .networkConfiguration(row.told().networkConfiguration())
                        .loadBalancers(row.told().loadBalancers())
                        .serviceRegistries(row.told().serviceRegistries())))
                .orElse(service);
    }

    private static void connected(WriteTx tx, Scope scope, ServiceRow service, RevisionRow back) {
        ServiceConnectConfiguration told = back.told().serviceConnectConfiguration();
        ConnectTables.of(tx, scope, service.id())
                .ifPresent(now -> ConnectTables.put(
                        tx,
                        scope,
                        new ConnectTables.ConnectRow(
                                now.service(),
                                told == null ? new ServiceConnectConfiguration().enabled(false) : told,
                                now.resources())));
    }

    static Optional<RevisionRow> revision(ReadTx tx, Scope scope, ServiceRow service, String id) {
        return tx.get(ServiceTables.REVISIONS, ServiceTables.key(scope, service, id))
                .map(Row::value);
    }

    /** How the circuit breaker and alarms of a deployment stand. */
    static ServiceDeployment watched(ServiceDeployment told, ServiceRow service, Optional<Rollout> rollout) {
        DeploymentConfiguration configuration = told.deploymentConfiguration();
        boolean going = "IN_PROGRESS".equals(told.status()) || "PENDING".equals(told.status());
        boolean failed = told.statusReason() != null && told.statusReason().contains("circuit breaker");
        var breaker = configuration == null ? null : configuration.deploymentCircuitBreaker();
        boolean breaks = breaker != null && Boolean.TRUE.equals(breaker.enable());
        told.deploymentCircuitBreaker(new ServiceDeploymentCircuitBreaker()
                .status(!breaks ? "DISABLED" : failed ? "TRIGGERED" : going ? "MONITORING" : "MONITORING_COMPLETE")
                .failureCount(rollout.filter(each -> each.deployment().equals(id(told)))
                        .map(Rollout::failures)
                        .orElse(0))
                .threshold(Desired.threshold(service.count())));
        var alarms = configuration == null ? null : configuration.alarms();
        List<String> rang = told.alarms() == null ? List.of() : told.alarms().triggeredAlarmNames();
        if (alarms == null || !Boolean.TRUE.equals(alarms.enable())) {
            return told.alarms(new ServiceDeploymentAlarms().status("DISABLED"));
        }
        String state = !rang.isEmpty() ? "TRIGGERED" : going ? "MONITORING" : "MONITORING_COMPLETE";
        return told.alarms(new ServiceDeploymentAlarms()
                .status(state)
                .alarmNames(alarms.alarmNames())
                .triggeredAlarmNames(rang));
    }

    private static String id(ServiceDeployment told) {
        String arn = told.serviceDeploymentArn();
        return arn == null ? "" : arn.substring(arn.lastIndexOf('/') + 1);
    }

    /** A deployment, as describe tells it without counts. */
    static Deployment told(Rollout rollout, RevisionRow revision) {
        return Copies.into(revision.told(), new Deployment())
                .id(rollout.id())
                .status(rollout.role().name())
                .failedTasks(rollout.failed())
                .createdAt(rollout.created())
                .updatedAt(rollout.updated())
                .rolloutState(rollout.state().name())
                .rolloutStateReason(rollout.reason());
    }
}
