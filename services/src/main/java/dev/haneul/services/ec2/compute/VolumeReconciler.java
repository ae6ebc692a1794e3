package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.VolumeAttachment;
import dev.haneul.api.ec2.VolumeModification;
import dev.haneul.engines.machine.DiskAttachment;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.ec2.Ec2Room;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Makes, plugs, grows and removes volumes: takes the steps of {@link VolumePlan}. */
final class VolumeReconciler implements Reconciler<Key> {
    private static final long GIB = 1L << 30;
    private static final Duration BUSY = Duration.ofSeconds(2);

    private final Ec2Room room;
    private final Servers servers;
    private final Booting booting;

    VolumeReconciler(Compute compute, Booting booting) {
        this.room = compute.room();
        this.servers = compute.servers();
        this.booting = booting;
    }

    @Override
    public String name() {
        return "ec2.volume";
    }

    @Override
    public Next reconcile(Key key) throws InterruptedException {
        VolumeRow row = room.read(tx -> tx.get(Records.VOLUMES.table(), key))
                .map(Row::value)
                .orElse(null);
        if (row == null) {
            return Next.DONE;
        }
        try {
            return take(VolumePlan.of(row, seen(key, row)), key, row);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private VolumePlan.Seen seen(Key key, VolumeRow row) {
        VolumeAttachment attachment = row.attachment();
        if (attachment == null || !(servers.view(instance(attachment)) instanceof ServerView.Up)) {
            return VolumePlan.Seen.NO_SERVER;
        }
        return servers.plugged(instance(attachment), key.id()) ? VolumePlan.Seen.PLUGGED : VolumePlan.Seen.UNPLUGGED;
    }

    private static String instance(VolumeAttachment attachment) {
        return Objects.requireNonNull(attachment.instanceId());
    }

    private Next take(VolumePlan.Step step, Key key, VolumeRow row) throws IOException, InterruptedException {
        switch (step) {
            case REST -> {
                return Next.DONE;
            }
            case MAKE -> {
                if (row.attachment() != null) {
                    // It comes with its instance, whose boot makes it.
                    return Next.DONE;
                }
                booting.ensure(row);
                change(key, each -> each.ready().state("available"));
            }
            case PLUG -> {
                VolumeAttachment attachment = Objects.requireNonNull(row.attachment());
                servers.plug(
                        instance(attachment),
                        new DiskAttachment(key.id(), Objects.requireNonNull(attachment.device())));
                change(key, each -> each.attachment("attached"));
            }
            case ATTACHED -> {
                if (pending(key, row)) {
                    return Next.DONE;
                }
                change(key, each -> each.attachment("attached"));
            }
            case UNPLUG -> {
                String instance = instance(Objects.requireNonNull(row.attachment()));
                if (!servers.unplug(instance, key.id(), row.force())) {
                    return Next.after(BUSY);
                }
                change(key, each -> each.forced(false).attached(null));
            }
            case DETACHED -> change(key, each -> each.forced(false).attached(null));
            case GROW -> grow(key, row);
            case DELETE -> {
                servers.disks().delete(key.id());
                room.store().write(tx -> {
                    Records.VOLUMES.delete(tx, key.scope(), key.id());
                    tx.delete(Records.METERED, key);
                });
                return Next.DONE;
            }
        }
        return Next.after(Duration.ZERO);
    }

    /** Whether its instance is about to boot with it, and says itself when it has it. */
    private boolean pending(Key key, VolumeRow row) {
        String instance = instance(Objects.requireNonNull(row.attachment()));
        return room.read(tx -> Records.INSTANCES.find(tx, key.scope(), instance))
                .filter(each -> each.state() == State.PENDING)
                .isPresent();
    }

    private void grow(Key key, VolumeRow row) throws IOException {
        VolumeModification change = Objects.requireNonNull(row.modification());
        int target = Objects.requireNonNull(change.targetSize());
        if (target > row.grown()) {
            servers.disks().grow(key.id(), target * GIB);
        }
        VolumeModification done = Structs.clone(change)
                .modificationState("completed")
                .progress(100L)
                .endTime(room.now());
        change(
                key,
                each -> each.grown(target)
                        .modified(done)
                        .with(Structs.clone(each.told())
                                .size(target)
                                .volumeType(change.targetVolumeType())
                                .iops(change.targetIops())
                                .throughput(change.targetThroughput())));
    }

    private void change(Key key, UnaryOperator<VolumeRow> step) {
        room.store()
                .write(tx -> tx.get(Records.VOLUMES.table(), key)
                        .map(Row::value)
                        .filter(row -> !row.state().equals("deleting"))
                        .ifPresent(row -> Records.VOLUMES.put(tx, key.scope(), step.apply(row))));
    }
}
