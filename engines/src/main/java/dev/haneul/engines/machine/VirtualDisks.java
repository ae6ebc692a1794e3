package dev.haneul.engines.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The disks of one virtual machine besides its root disk: the emulator has their files open, nobody else does. */
final class VirtualDisks {
    private static final String FACT = "disk.";

    /** The emulator's bus has 32 places, and some are taken. */
    private static final int MOST = 20;

    private final String machine;
    private final DiskStore store;
    private final Map<String, DiskAttachment> attached = new LinkedHashMap<>();

    VirtualDisks(String machine, DiskStore store) {
        this.machine = machine;
        this.store = store;
    }

    /** The disks that an earlier server noted. */
    static VirtualDisks adopted(String machine, DiskStore store, Map<String, String> facts) throws IOException {
        var disks = new VirtualDisks(machine, store);
        for (var entry : facts.entrySet()) {
            if (entry.getKey().startsWith(FACT)) {
                disks.take(new DiskAttachment(entry.getKey().substring(FACT.length()), entry.getValue()));
            }
        }
        return disks;
    }

    /** For the state file. */
    synchronized Map<String, String> facts() {
        var facts = new LinkedHashMap<String, String>();
        attached.forEach((id, it) -> facts.put(FACT + id, it.deviceName()));
        return facts;
    }

    synchronized List<DiskAttachment> list() {
        return new ArrayList<>(attached.values());
    }

    synchronized void take(DiskAttachment disk) throws IOException {
        for (var other : attached.values()) {
            if (suffix(other).equals(suffix(disk))) {
                throw new IOException("the machine " + machine + " has a disk at " + disk.deviceName() + " already");
            }
        }
        if (attached.size() >= MOST) {
            throw new IOException("a virtual machine has at most " + MOST + " disks besides its root disk here");
        }
        store.acquire(disk.diskId(), new DiskStore.Use(machine, "", () -> {}));
        attached.put(disk.diskId(), disk);
    }

    synchronized DiskAttachment found(String diskId) throws IOException {
        var it = attached.get(diskId);
        if (it == null) {
            throw new IOException("the machine " + machine + " has no disk " + diskId);
        }
        return it;
    }

    synchronized void release(String diskId) {
        if (attached.remove(diskId) != null) {
            store.release(diskId);
        }
    }

    synchronized void releaseAll() {
        attached.keySet().forEach(store::release);
        attached.clear();
    }

    Path data(String diskId) {
        return store.data(diskId);
    }

    /** The letters behind {@code /dev/xvd}: the disk's serial number within the machine. */
    static String suffix(DiskAttachment at) {
        return at.deviceName().replaceFirst("^/dev/(sd|xvd)", "");
    }
}
