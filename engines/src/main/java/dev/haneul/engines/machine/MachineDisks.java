package dev.haneul.engines.machine;

import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.Sparse;
import dev.haneul.fabric.linux.LoopDevice;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The disks of one machine besides its root disk. Their block devices stay attached whatever becomes of our process;
 * what is at which device stands in the machine's state file.
 */
final class MachineDisks {
    private static final Logger LOG = System.getLogger(MachineDisks.class.getName());
    private static final String FACT = "disk.";
    private static final int LOOP_MAJOR = 7;
    private static final long RELEASE_NANOS = 500_000_000;

    private final String machine;
    private final DiskStore store;
    private final Map<String, Attached> attached = new LinkedHashMap<>();

    MachineDisks(String machine, DiskStore store) {
        this.machine = machine;
        this.store = store;
    }

    private record Attached(DiskAttachment at, String loop) {}

    /** The disks that an earlier server noted. */
    static MachineDisks adopted(String machine, DiskStore store, Map<String, String> facts) throws IOException {
        var disks = new MachineDisks(machine, store);
        for (var entry : facts.entrySet()) {
            if (entry.getKey().startsWith(FACT)) {
                var words = entry.getValue().split(" ");
                var id = entry.getKey().substring(FACT.length());
                store.acquire(id, new DiskStore.Use(machine, words[1], () -> {}));
                disks.attached.put(id, new Attached(new DiskAttachment(id, words[0]), words[1]));
            }
        }
        return disks;
    }

    /** For the state file. */
    synchronized Map<String, String> facts() {
        var facts = new LinkedHashMap<String, String>();
        attached.forEach((id, it) -> facts.put(FACT + id, it.at().deviceName() + " " + it.loop()));
        return facts;
    }

    synchronized List<DiskAttachment> list() {
        return attached.values().stream().map(Attached::at).toList();
    }

    /** Takes a disk and makes it a block device. */
    synchronized void take(DiskAttachment disk) throws IOException {
        for (var other : attached.values()) {
            if (suffix(other.at()).equals(suffix(disk))) {
                throw new IOException("the machine " + machine + " has a disk at " + disk.deviceName() + " already");
            }
        }
        store.acquire(disk.diskId(), new DiskStore.Use(machine, "", () -> {}));
        boolean whole = false;
        try (var device = LoopDevice.attachForGood(store.data(disk.diskId()).toString())) {
            store.update(disk.diskId(), new DiskStore.Use(machine, device.path(), () -> {}));
            attached.put(disk.diskId(), new Attached(disk, device.path()));
            whole = true;
        } finally {
            if (!whole) {
                store.release(disk.diskId());
            }
        }
    }

    /** The nodes a machine sees of its disks: each by both names. */
    synchronized List<ContainerConfig.Device> devices() {
        var devices = new ArrayList<ContainerConfig.Device>();
        for (var it : attached.values()) {
            for (var name : names(it.at())) {
                devices.add(new ContainerConfig.Device(name, LOOP_MAJOR, Sparse.minor(it.loop())));
            }
        }
        return devices;
    }

    synchronized List<Integer> minors() {
        return attached.values().stream().map(it -> Sparse.minor(it.loop())).toList();
    }

    /** Makes a disk's nodes in a machine that runs. */
    synchronized void show(String diskId, HostDoor door) throws IOException {
        var it = found(diskId);
        for (var name : names(it.at())) {
            door.makeNode(name, LOOP_MAJOR, Sparse.minor(it.loop()));
        }
    }

    /**
     * Takes a disk away from a machine that runs.
     *
     * @return false where it is still in use; nothing has changed then
     */
    synchronized boolean remove(String diskId, boolean force, HostDoor door, List<String> mountInfo)
            throws IOException {
        var it = found(diskId);
        int minor = Sparse.minor(it.loop());
        boolean mounted = !HostDoor.mountPoints(mountInfo, List.of(minor)).isEmpty();
        if (mounted && !force) {
            return false;
        }
        if (mounted) {
            door.tearOff(minor);
        }
        for (var name : names(it.at())) {
            door.removeNode(name);
        }
        LoopDevice.flush(it.loop());
        LoopDevice.detach(it.loop());
        if (!released(it) && !force) {
            show(diskId, door); // somebody has the device itself open; it goes when they let go
            return false;
        }
        attached.remove(diskId);
        store.release(diskId);
        return true;
    }

    private boolean released(Attached it) throws IOException {
        var data = store.data(it.at().diskId());
        try {
            return HostProcesses.await(RELEASE_NANOS, () -> {
                try {
                    return !Sparse.attached(it.loop(), data);
                } catch (IOException e) {
                    return true;
                }
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Attached found(String diskId) throws IOException {
        var it = attached.get(diskId);
        if (it == null) {
            throw new IOException("the machine " + machine + " has no disk " + diskId);
        }
        return it;
    }

    /** Lets go of all, after the machine's end. */
    synchronized void releaseAll() {
        for (var it : attached.values()) {
            try {
                LoopDevice.detach(it.loop());
                released(it);
            } catch (IOException e) {
                LOG.log(Level.WARNING, it.loop() + " cannot be let go", e);
            }
            store.release(it.at().diskId());
        }
        attached.clear();
    }

    private static String suffix(DiskAttachment at) {
        return at.deviceName().replaceFirst("^/dev/(sd|xvd)", "");
    }

    private static List<String> names(DiskAttachment at) {
        return List.of("/dev/xvd" + suffix(at), "/dev/sd" + suffix(at));
    }
}
