package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Instances: launched, told of, started, stopped, rebooted and terminated. These decide; {@link InstanceReconciler}
 * does.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html">Life cycle</a>
 */
public interface InstanceOperations extends Ec2Api {
    Listing<Told> INSTANCE_LISTING = Listing.of("DescribeInstances", InstanceFilters.filters());

    /** A record and how it is told. */
    record Told(InstanceRow row, Instance view) {}

    Ec2Room room();

    Compute compute();

    @Override
    default Reservation runInstances(RunInstancesRequest in, Call call) {
        return new RunInstances(room(), compute()).run(in, call);
    }

    @Override
    default DescribeInstancesResult describeInstances(DescribeInstancesRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        boolean named = !in.instanceIds().isEmpty();
        Page<Tagged<Told>> page = room().read(tx -> {
            List<InstanceRow> rows =
                    named ? Instances.require(tx, scope, in.instanceIds()) : Records.INSTANCES.all(tx, scope);
            List<Told> told = rows.stream()
                    .map(row ->
                            new Told(row, InstanceViews.of(tx, scope, compute().networks(), row)))
                    .toList();
            return INSTANCE_LISTING.page(room(), tx, told, each -> each.row().id(), in, named, call);
        });
        Map<String, Reservation> reservations = new TreeMap<>();
        for (Tagged<Told> each : page.items()) {
            InstanceRow.Reservation of = each.record().row().reservation();
            Reservation reservation = reservations.computeIfAbsent(
                    of.id(),
                    id -> new Reservation()
                            .reservationId(id)
                            .ownerId(of.owner())
                            .requesterId(of.requester())
                            .groups(List.of())
                            .instances(List.of()));
            List<Instance> instances = new ArrayList<>(reservation.instances());
            instances.add(InstanceViews.tagged(each.record().view(), each.tags()));
            reservation.instances(instances);
        }
        return new DescribeInstancesResult()
                .reservations(List.copyOf(reservations.values()))
                .nextToken(page.next());
    }

    @Override
    default StartInstancesResult startInstances(StartInstancesRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Servers.Host host = compute().servers().host();
        List<InstanceStateChange> changes = room().change(
                        in,
                        tx -> change(tx, scope, in.instanceIds(), row -> {
                            if (row.state() == State.PENDING || row.state() == State.RUNNING) {
                                return row;
                            }
                            if (row.state() != State.STOPPED) {
                                throw Instances.incorrect(row.id(), "from which it can be started");
                            }
                            compute()
                                    .capacity()
                                    .grant(tx, scope, host, compute().type(row), 1, 1, row.zone());
                            compute().networks().started(tx, scope, row.id());
                            Instance told = Structs.clone(row.told()).launchTime(room().now());
                            return row.with(told)
                                    .because(null, null)
                                    .with(row.course().started().to(State.PENDING, room().now()));
                        }));
        return new StartInstancesResult().startingInstances(changes);
    }

    @Override
    default StopInstancesResult stopInstances(StopInstancesRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        boolean force = Boolean.TRUE.equals(in.force()) || Boolean.TRUE.equals(in.skipOsShutdown());
        List<InstanceStateChange> changes = room().change(
                        in,
                        tx -> change(tx, scope, in.instanceIds(), row -> {
                            if (row.settings().keepsStarted()) {
                                throw Ec2Faults.of(
                                        "OperationNotPermitted",
                                        "The instance '" + row.id()
                                                + "' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.");
                            }
                            if (row.state() == State.STOPPED) {
                                return row;
                            }
                            if (row.state() == State.STOPPING) {
                                return row.with(row.course()
                                        .forced(force || row.course().forced()));
                            }
                            if (row.state() == State.PENDING && row.course().starts() == 1) {
                                throw Ec2Faults.of(
                                        "IncorrectInstanceState",
                                        "Instance '" + row.id()
                                                + "' cannot be stopped as it has never reached the 'running' state.");
                            }
                            if (row.state() != State.RUNNING) {
                                throw Instances.incorrect(row.id(), "from which it can be stopped");
                            }
                            if (Boolean.TRUE.equals(in.hibernate())) {
                                requireHibernation(row);
                            }
                            return row.because(
                                            new StateReason()
                                                    .code("Client.UserInitiatedShutdown")
                                                    .message("Client.UserInitiatedShutdown: User initiated shutdown"),
                                            "User initiated (" + InstanceReconciler.moment(room().now()) + ")")
                                    .with(row.course()
                                            .towards(Goal.STOP)
                                            .forced(force)
                                            .to(State.STOPPING, room().now()));
                        }));
        return new StopInstancesResult().stoppingInstances(changes);
    }

    private static void requireHibernation(InstanceRow row) {
        HibernationOptions options = row.told().hibernationOptions();
        if (options == null || !Boolean.TRUE.equals(options.configured())) {
            throw Ec2Faults.of(
                    "UnsupportedHibernationConfiguration",
                    "This instance was not configured for hibernation: " + row.id());
        }
    }

    @Override
    default TerminateInstancesResult terminateInstances(TerminateInstancesRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        boolean force = Boolean.TRUE.equals(in.force()) || Boolean.TRUE.equals(in.skipOsShutdown());
        List<InstanceStateChange> changes = room().change(
                        in,
                        tx -> change(tx, scope, in.instanceIds(), row -> {
                            if (row.state() == State.TERMINATED || row.state() == State.SHUTTING_DOWN) {
                                return row;
                            }
                            if (row.settings().keepsRunning()) {
                                throw Ec2Faults.of(
                                        "OperationNotPermitted",
                                        "The instance '" + row.id()
                                                + "' may not be terminated. Modify its 'disableApiTermination'"
                                                + " instance attribute and try again.");
                            }
                            return row.because(
                                            new StateReason()
                                                    .code("Client.UserInitiatedShutdown")
                                                    .message("Client.UserInitiatedShutdown: User initiated shutdown"),
                                            "User initiated (" + InstanceReconciler.moment(room().now()) + ")")
                                    .with(row.course()
                                            .towards(Goal.TERMINATE)
                                            .forced(force)
                                            .to(State.SHUTTING_DOWN, room().now()));
                        }));
        return new TerminateInstancesResult().terminatingInstances(changes);
    }

    @Override
    default RebootInstancesResult rebootInstances(RebootInstancesRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        room().change(
                        in,
                        tx -> change(tx, scope, in.instanceIds(), row -> {
                            if (row.state() != State.RUNNING && row.state() != State.PENDING) {
                                throw Instances.incorrect(row.id(), "from which it can be rebooted");
                            }
                            return row.with(row.course().reboot(row.state() == State.RUNNING));
                        }));
        return new RebootInstancesResult();
    }

    /** Changes several instances, all of them or none, and tells whoever listens of new states. */
    private List<InstanceStateChange> change(
            WriteTx tx, Scope scope, List<String> ids, Function<InstanceRow, InstanceRow> step) {
        List<InstanceStateChange> changes = new ArrayList<>();
        for (InstanceRow row : Instances.require(tx, scope, ids)) {
            InstanceRow next = step.apply(row);
            if (!next.equals(row)) {
                Records.INSTANCES.put(tx, scope, next);
            }
            if (next.state() != row.state()) {
                InstanceReconciler.tell(tx, scope, next, room().now());
            }
            changes.add(new InstanceStateChange()
                    .instanceId(row.id())
                    .previousState(row.state().struct())
                    .currentState(next.state().struct()));
        }
        return changes;
    }

    @Override
    default MonitorInstancesResult monitorInstances(MonitorInstancesRequest in, Call call) {
        return new MonitorInstancesResult().instanceMonitorings(monitoring(in, in.instanceIds(), "enabled", call));
    }

    @Override
    default UnmonitorInstancesResult unmonitorInstances(UnmonitorInstancesRequest in, Call call) {
        return new UnmonitorInstancesResult().instanceMonitorings(monitoring(in, in.instanceIds(), "disabled", call));
    }

    private List<InstanceMonitoring> monitoring(Struct in, List<String> ids, String state, Call call) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            List<InstanceMonitoring> out = new ArrayList<>();
            for (InstanceRow row : Instances.require(tx, scope, ids)) {
                Monitoring monitoring = new Monitoring().state(state);
                Records.INSTANCES.put(
                        tx, scope, row.with(Structs.clone(row.told()).monitoring(monitoring)));
                out.add(new InstanceMonitoring()
                        .instanceId(row.id())
                        .monitoring(new Monitoring().state(state.equals("enabled") ? "pending" : "disabling")));
            }
            return out;
        });
    }
}
