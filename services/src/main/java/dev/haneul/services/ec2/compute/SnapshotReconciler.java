package dev.haneul.services.ec2.compute;

import dev.haneul.engines.machine.Disks;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.ec2.Ec2Room;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keeps the bytes of new snapshots, and lets go of those that no snapshot needs any more. */
final class SnapshotReconciler implements Reconciler<Key> {
    private final Ec2Room room;
    private final Servers servers;

    SnapshotReconciler(Compute compute) {
        this.room = compute.room();
        this.servers = compute.servers();
    }

    @Override
    public String name() {
        return "ec2.snapshot";
    }

    @Override
    public Next reconcile(Key key) {
        SnapshotRow row = room.read(tx -> tx.get(Records.SNAPSHOTS.table(), key))
                .map(Row::value)
                .orElse(null);
        try {
            if (row == null) {
                free(key.id());
            } else if ("pending".equals(row.told().state())) {
                keep(key, row);
            }
            return Next.DONE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies keep their bytes under the first one's name. */
    private void free(String kept) throws IOException {
        boolean needed = !room.read(tx -> tx.findAnywhere(Records.SNAPSHOTS.table(), Records.KEPT, kept, null, 1))
                .isEmpty();
        if (!needed) {
            servers.disks().deleteSnapshot(kept);
        }
    }

    private void keep(Key key, SnapshotRow row) throws IOException {
        Disks disks = servers.disks();
        Disks.Snapshot made = disks.findSnapshot(row.kept()).orElse(null);
        if (made == null) {
            String volume = Objects.requireNonNull(row.told().volumeId());
            if (disks.find(volume).isEmpty()) {
                change(key, "error", 0, "The volume is gone.");
                return;
            }
            made = disks.snapshot(row.kept(), volume);
        }
        change(key, "completed", made.storedBytes(), null);
    }

    private void change(Key key, String state, long stored, @Nullable String message) {
        room.store()
                .write(tx -> tx.get(Records.SNAPSHOTS.table(), key)
                        .map(Row::value)
                        .ifPresent(row -> {
                            boolean done = state.equals("completed");
                            Records.SNAPSHOTS.put(
                                    tx,
                                    key.scope(),
                                    new SnapshotRow(
                                            Structs.clone(row.told())
                                                    .state(state)
                                                    .stateMessage(message)
                                                    .progress(
                                                            done
                                                                    ? "100%"
                                                                    : row.told().progress())
                                                    .completionTime(done ? room.now() : null),
                                            row.kept(),
                                            row.image(),
                                            stored,
                                            row.users()));
                        }));
    }
}
