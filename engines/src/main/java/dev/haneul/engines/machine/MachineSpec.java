package dev.haneul.engines.machine;

import dev.haneul.engines.WorkloadSpec.Limits;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * What server to run.
 *
 * @param id unique in the region, safe as a file name, e.g. {@code i-0abc…}; at most 48 characters
 * @param hostname what it calls itself, without dots or with
 * @param rootDisk the disk it boots from, made by {@link Disks#createRoot} or restored from a snapshot of such a one
 * @param disks what else it has from the start
 * @param limits what it may use; {@code openFiles} is per process
 * @param seed what the first boot is told
 * @param way whether it shares the host's kernel
 * @param labels kept with the machine and given back by {@link Machines#recover()}
 */
public record MachineSpec(
        String id,
        String hostname,
        String rootDisk,
        List<DiskAttachment> disks,
        Limits limits,
        Seed seed,
        MachineWay way,
        Map<String, String> labels) {
    private static final int MOST_DISKS = 40;

    public MachineSpec {
        if (!id.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,47}")) {
            throw new IllegalArgumentException("not a machine id: " + id);
        }
        if (!hostname.matches("[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?")) {
            throw new IllegalArgumentException("not a hostname: " + hostname);
        }
        disks = List.copyOf(disks);
        labels = Map.copyOf(labels);
        if (disks.size() > MOST_DISKS) {
            throw new IllegalArgumentException("more than " + MOST_DISKS + " disks");
        }
        var names = new HashSet<String>();
        for (var disk : disks) {
            if (!names.add(disk.deviceName())) {
                throw new IllegalArgumentException("two disks are called " + disk.deviceName());
            }
        }
    }

    /** A system container. */
    public MachineSpec(
            String id,
            String hostname,
            String rootDisk,
            List<DiskAttachment> disks,
            Limits limits,
            Seed seed,
            Map<String, String> labels) {
        this(id, hostname, rootDisk, disks, limits, seed, MachineWay.CONTAINER, labels);
    }
}
