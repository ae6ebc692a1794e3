package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.StateReason;
import dev.haneul.api.ec2.VolumeAttachment;
import dev.haneul.engines.machine.MachineExit;
import dev.haneul.kernel.events.ServiceEvent;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.compute.InstancePlan.Step;
import dev.haneul.services.ec2.compute.InstanceRow.Course;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Brings instances where they are wanted: takes the steps of {@link InstancePlan}. */
final class InstanceReconciler implements Reconciler<Key> {
    private static final System.Logger LOG = System.getLogger(InstanceReconciler.class.getName());
    private static final Duration STOP_GRACE = Duration.ofSeconds(30);
    private static final Duration END_GRACE = Duration.ofSeconds(5);
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'GMT'").withZone(ZoneOffset.UTC);

    private final Compute compute;
    private final Ec2Room room;
    private final Servers servers;
    private final Booting booting;

    InstanceReconciler(Compute compute, Booting booting) {
        this.compute = compute;
        this.room = compute.room();
        this.servers = compute.servers();
        this.booting = booting;
    }

    @Override
    public String name() {
        return "ec2.instance";
    }

    @Override
    public Next reconcile(Key key) throws InterruptedException {
        InstanceRow row = room.read(tx -> tx.get(Records.INSTANCES.table(), key))
                .map(Row::value)
                .orElse(null);
        if (row == null) {
            // A reset took the record: its server must not outlive it.
            servers.clear(key.id());
            return Next.DONE;
        }
        Step step = InstancePlan.of(row.course(), servers.view(key.id()), room.now());
        return take(step, key, row);
    }

    private Next take(Step step, Key key, InstanceRow row) throws InterruptedException {
        switch (step) {
            case Step.Rest() -> {
                return Next.DONE;
            }
            case Step.Wait wait -> {
                return Next.at(wait.until());
            }
            case Step.Boot() -> boot(key, row);
            case Step.Arrive() -> arrive(key);
            case Step.Revive() -> {
                servers.clear(key.id());
                change(key, State.RUNNING, each -> each.with(each.course().to(State.PENDING, room.now())));
            }
            case Step.GiveUp up -> giveUp(key, up.why());
            case Step.Ended ended -> ended(key, ended.exit());
            case Step.Reboot() -> reboot(key);
            case Step.Shutdown down ->
                servers.shutdown(
                        key.id(),
                        down.force() ? Duration.ZERO : row.state() == State.STOPPING ? STOP_GRACE : END_GRACE);
            case Step.Clear() -> servers.clear(key.id());
            case Step.Stopped() -> stopped(key);
            case Step.Terminated() -> terminated(key);
            case Step.Forget() -> forget(key);
        }
        return Next.after(Duration.ZERO);
    }

    private void boot(Key key, InstanceRow row) throws InterruptedException {
        try {
            booting.boot(key.scope(), row);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "instance " + key.id() + " does not start: " + e.getMessage());
            String why = String.valueOf(e.getMessage());
            change(key, State.PENDING, each -> {
                Course failed = each.course().failed();
                return failed.attempts() < InstancePlan.MOST_ATTEMPTS ? each.with(failed) : given(each, why);
            });
        }
    }

    private void arrive(Key key) {
        change(
                key,
                State.PENDING,
                each -> each.because(null, null).with(each.course().to(State.RUNNING, room.now())));
        room.store()
                .write(tx -> Instances.volumes(tx, key.scope(), key.id()).forEach(volume -> {
                    VolumeAttachment attachment = Objects.requireNonNull(volume.attachment());
                    if ("attaching".equals(attachment.state())) {
                        Records.VOLUMES.put(tx, key.scope(), volume.attachment("attached"));
                    }
                }));
    }

    private void giveUp(Key key, String why) {
        change(key, State.PENDING, each -> given(each, why));
    }

    /** A launch that fails ends terminated, a start that fails ends stopped. */
    private InstanceRow given(InstanceRow row, String why) {
        boolean launch = row.course().starts() == 1;
        StateReason reason = new StateReason()
                .code("Server.InternalError")
                .message("Server.InternalError: Internal error on launch: " + why);
        return row.because(reason, "Server.InternalError")
                .with(row.course()
                        .towards(launch ? Goal.TERMINATE : Goal.STOP)
                        .to(launch ? State.SHUTTING_DOWN : State.STOPPING, room.now()));
    }

    private void ended(Key key, MachineExit exit) {
        change(key, State.RUNNING, each -> {
            boolean asked = exit.kind() == MachineExit.Kind.POWERED_OFF;
            boolean ends = asked && each.settings().shutdown().equals("terminate");
            StateReason reason = asked
                    ? new StateReason()
                            .code("Client.InstanceInitiatedShutdown")
                            .message("Client.InstanceInitiatedShutdown: Instance initiated shutdown")
                    : new StateReason()
                            .code("Server.InternalError")
                            .message("Server.InternalError: The system ended: " + exit.detail());
            return each.because(reason, asked ? "" : "Server.InternalError")
                    .with(each.course()
                            .towards(ends ? Goal.TERMINATE : Goal.STOP)
                            .to(ends ? State.SHUTTING_DOWN : State.STOPPING, room.now()));
        });
    }

    private void reboot(Key key) throws InterruptedException {
        try {
            servers.reboot(key.id(), STOP_GRACE);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "instance " + key.id() + " does not reboot: " + e.getMessage());
        }
        room.store()
                .write(tx -> tx.get(Records.INSTANCES.table(), key)
                        .map(Row::value)
                        .ifPresent(each -> {
                            if (each.state() == State.RUNNING) {
                                Records.INSTANCES.put(
                                        tx, key.scope(), each.with(each.course().reboot(false)));
                            }
                        }));
    }

    private void stopped(Key key) {
        unwire(key);
        booting.loseStorage(key.scope(), key.id());
        room.store().write(tx -> {
            InstanceRow row = tx.get(Records.INSTANCES.table(), key)
                    .map(Row::value)
                    .filter(each -> each.state() == State.STOPPING)
                    .orElse(null);
            if (row != null) {
                compute.networks().stopped(tx, key.scope(), key.id());
                put(tx, key.scope(), row.with(row.course().to(State.STOPPED, room.now())));
            }
        });
    }

    private void terminated(Key key) {
        unwire(key);
        booting.loseStorage(key.scope(), key.id());
        room.store().write(tx -> {
            InstanceRow row = tx.get(Records.INSTANCES.table(), key)
                    .map(Row::value)
                    .filter(each -> each.state() == State.SHUTTING_DOWN)
                    .orElse(null);
            if (row == null) {
                return;
            }
            Scope scope = key.scope();
            compute.networks().terminated(tx, scope, key.id());
            for (VolumeRow volume : Instances.volumes(tx, scope, key.id())) {
                boolean ends = Boolean.TRUE.equals(
                        Objects.requireNonNull(volume.attachment()).deleteOnTermination());
                VolumeRow free = volume.attached(null);
                Records.VOLUMES.put(tx, scope, ends ? free.state("deleting") : free);
            }
            put(tx, scope, row.with(row.course().to(State.TERMINATED, room.now())));
        });
    }

    private void unwire(Key key) {
        try {
            compute.networks().unwire(key.scope(), key.id());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void forget(Key key) {
        servers.forget(key.id());
        room.store().write(tx -> {
            Records.INSTANCES.delete(tx, key.scope(), key.id());
            tx.delete(Records.METERED, key);
        });
    }

    /** Changes a record that is still in this state, and tells of the new one. */
    private void change(Key key, State from, UnaryOperator<InstanceRow> step) {
        room.store()
                .write(tx -> tx.get(Records.INSTANCES.table(), key)
                        .map(Row::value)
                        .filter(row -> row.state() == from)
                        .ifPresent(row -> {
                            InstanceRow next = step.apply(row);
                            if (next.state() == from) {
                                Records.INSTANCES.put(tx, key.scope(), next);
                            } else {
                                put(tx, key.scope(), next);
                            }
                        }));
    }

    private void put(WriteTx tx, Scope scope, InstanceRow next) {
        Records.INSTANCES.put(tx, scope, next);
        tell(tx, scope, next, room.now());
    }

    /** Tells whoever listens that an instance came into its state. */
    static void tell(WriteTx tx, Scope scope, InstanceRow row, Instant now) {
        String detail = "{\"instance-id\":\"" + row.id() + "\",\"state\":\""
                + row.state().told() + "\"}";
        ServiceEvent.of(
                        "aws.ec2",
                        "EC2 Instance State-change Notification",
                        now,
                        List.of(Ec2Room.arn(scope, "instance/" + row.id())),
                        detail)
                .emit(tx, scope);
    }

    /** A moment as reasons of transitions tell it. */
    static String moment(Instant now) {
        return MOMENT.format(now);
    }
}
