package dev.haneul.services.ec2.compute;

import dev.haneul.engines.machine.Disks;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Table;
import dev.haneul.services.ec2.Ec2Room;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Removes what no record names: servers first, then their disks. */
final class Sweep {
    private static final System.Logger LOG = System.getLogger(Sweep.class.getName());
    private static final int PAGE = 1000;

    private final Ec2Room room;
    private final Servers servers;

    Sweep(Ec2Room room, Servers servers) {
        this.room = room;
        this.servers = servers;
    }

    void run() {
        Set<String> instances = all(Records.INSTANCES.table(), InstanceRow::id);
        for (String id : servers.ids()) {
            if (!instances.contains(id)) {
                servers.clear(id);
                servers.forget(id);
            }
        }
        Set<String> volumes = all(Records.VOLUMES.table(), VolumeRow::id);
        Set<String> snapshots = all(Records.SNAPSHOTS.table(), SnapshotRow::kept);
        try {
            for (Disks.Disk disk : servers.disks().list()) {
                String owner = disk.id().startsWith("i-")
                        ? disk.id().substring(0, disk.id().lastIndexOf("-"))
                        : "";
                if (!volumes.contains(disk.id()) && !instances.contains(owner)) {
                    servers.disks().delete(disk.id());
                }
            }
            for (Disks.Snapshot snapshot : servers.disks().snapshots()) {
                if (!snapshots.contains(snapshot.id())) {
                    servers.disks().deleteSnapshot(snapshot.id());
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "disks that nobody names stay until the next reset", e);
        }
    }

    private <R> Set<String> all(Table<R> table, Function<R, String> id) {
        Set<String> found = new HashSet<>();
        Key after = null;
        List<Row<R>> page;
        do {
            Key from = after;
            page = room.read(tx -> tx.all(table, from, PAGE));
            page.forEach(row -> found.add(id.apply(row.value())));
            after = page.isEmpty() ? null : page.getLast().key();
        } while (page.size() == PAGE);
        return found;
    }
}
