package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.StateReason;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.ec2.Ec2Room;
import java.util.List;
import java.util.Objects;

/** Says that an image is available once all its snapshots are kept. */
final class ImageReconciler implements Reconciler<Key> {
    private final Ec2Room room;

    ImageReconciler(Compute compute) {
        this.room = compute.room();
    }

    @Override
    public String name() {
        return "ec2.image";
    }

    @Override
    public Next reconcile(Key key) {
        room.store()
                .write(tx -> tx.get(Records.IMAGES.table(), key)
                        .map(Row::value)
                        .filter(row -> "pending".equals(row.told().state()))
                        .ifPresent(row -> {
                            List<String> states = row.told().blockDeviceMappings().stream()
                                    .filter(each ->
                                            each.ebs() != null && each.ebs().snapshotId() != null)
                                    .map(each -> Records.SNAPSHOTS
                                            .find(
                                                    tx,
                                                    key.scope(),
                                                    Objects.requireNonNull(
                                                            each.ebs().snapshotId()))
                                            .map(snapshot -> String.valueOf(
                                                    snapshot.told().state()))
                                            .orElse("error"))
                                    .toList();
                            if (states.contains("error")) {
                                StateReason reason = new StateReason()
                                        .code("Client.InternalError")
                                        .message("Client.InternalError: A snapshot could not be made.");
                                Records.IMAGES.put(
                                        tx,
                                        key.scope(),
                                        row.done(Structs.clone(row.told())
                                                .state("failed")
                                                .stateReason(reason)));
                            } else if (states.stream().allMatch("completed"::equals)) {
                                Records.IMAGES.put(
                                        tx,
                                        key.scope(),
                                        row.done(Structs.clone(row.told()).state("available")));
                            }
                        }));
        return Next.DONE;
    }
}
