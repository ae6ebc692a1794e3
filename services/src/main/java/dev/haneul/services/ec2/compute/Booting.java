package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.engines.machine.DiskAttachment;
import dev.haneul.engines.machine.Disks;
import dev.haneul.engines.machine.MachineWay;
import dev.haneul.engines.machine.Seed;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.compute.KeyPairOperations.KeyPairRow;
import dev.haneul.services.ec2.compute.VolumeRow.Source;
import dev.haneul.services.ec2.types.InstanceType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Starts servers: makes disks, wires, boots. */
final class Booting {
    private static final System.Logger LOG = System.getLogger(Booting.class.getName());
    private static final long GIB = 1L << 30;
    private static final long GB = 1_000_000_000L;
    private static final int MOST_STORES = 8;

    private final Compute compute;
    private final Ec2Room room;
    private final Servers servers;
    private final Supplier<List<String>> trusted;

    /**
     * Starts servers.
     *
     * @param trusted certificates (PEM) that programs in them trust besides the usual ones
     */
    Booting(Compute compute, Supplier<List<String>> trusted) {
        this.compute = compute;
        this.room = compute.room();
        this.servers = compute.servers();
        this.trusted = trusted;
    }

    /** Starts an instance's server. */
    void boot(Scope scope, InstanceRow row) throws IOException, InterruptedException {
        String id = row.id();
        List<VolumeRow> volumes = room.read(tx -> Instances.volumes(tx, scope, id));
        List<DiskAttachment> disks = new ArrayList<>();
        String root = null;
        for (VolumeRow volume : volumes) {
            ensure(volume);
            if (!volume.made()) {
                room.store()
                        .write(tx -> Records.VOLUMES
                                .find(tx, scope, volume.id())
                                .ifPresent(now -> Records.VOLUMES.put(tx, scope, now.ready())));
            }
            if (Instances.device(volume).equals(row.told().rootDeviceName())) {
                root = volume.id();
            } else if (!"detaching"
                    .equals(Objects.requireNonNull(volume.attachment()).state())) {
                disks.add(new DiskAttachment(volume.id(), Instances.device(volume)));
            }
        }
        if (root == null) {
            throw new IOException("it has no root volume");
        }
        InstanceType type = compute.type(row);
        disks.addAll(stores(id, type, disks));
        List<NetworkInterface> interfaces = room.read(tx -> compute.networks().of(tx, scope, id));
        String hostname = hostname(interfaces, id);
        servers.boot(new Servers.Boot(
                id,
                hostname,
                root,
                disks,
                compute.capacity().limits(type, servers.host()),
                seed(scope, row),
                way(scope, row, type),
                netns -> wire(scope, id, netns)));
    }

    private MachineWay way(Scope scope, InstanceRow row, InstanceType type) {
        Map<String, String> tags = room.read(tx -> Tags.of(tx, scope, row.id()));
        return compute.ways().of(type, tags.get(Ways.TAG));
    }

    private void wire(Scope scope, String id, Path netns) throws IOException {
        try {
            compute.networks().wire(scope, id, netns);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while its network was made", e);
        }
    }

    private static String hostname(List<NetworkInterface> interfaces, String id) {
        String name = interfaces.isEmpty() ? null : interfaces.getFirst().privateDnsName();
        return name == null || name.isEmpty() ? id : name;
    }

    private Seed seed(Scope scope, InstanceRow row) throws IOException {
        String keyName = row.told().keyName();
        Optional<KeyPairRow> key = room.read(tx -> KeyPairOperations.keyNamed(tx, scope, keyName));
        List<String> keys =
                key.map(pair -> List.of(pair.publicKey() + " " + pair.name())).orElse(List.of());
        String userData = row.settings().userData();
        return new Seed(
                row.id(),
                Optional.empty(),
                keys,
                userData.isEmpty() ? new byte[0] : UserData.decode(userData),
                compute.networks().nameServers(scope, row.id()),
                List.of(compute.networks().searchDomain(scope, row.id())),
                trusted.get());
    }

    /** Makes a volume's disk where it is not there. */
    void ensure(VolumeRow volume) throws IOException, InterruptedException {
        Disks disks = servers.disks();
        if (disks.find(volume.id()).isPresent()) {
            return;
        }
        long bytes = volume.sizeGib() * GIB;
        switch (volume.source()) {
            case Source.Empty() -> disks.create(volume.id(), bytes);
            case Source.Kept kept -> disks.restore(volume.id(), kept.snapshot(), bytes);
            case Source.System system -> {
                disks.createRoot(volume.id(), system(system.image()), bytes);
            }
        }
    }

    /** The image of a system: one that was imported is there, another is built where it is not. */
    private String system(String name) throws IOException, InterruptedException {
        return ImportRow.imported(name)
                ? name
                : servers.images()
                        .ensure(name, line -> LOG.log(System.Logger.Level.INFO, "image " + name + ": " + line))
                        .id();
    }

    /** The disks of the instance's own, under names that nothing else has. */
    private List<DiskAttachment> stores(String id, InstanceType type, List<DiskAttachment> taken) throws IOException {
        List<DiskAttachment> made = new ArrayList<>();
        InstanceType.Disks own = type.disks();
        for (int number = 0; own != null && number < Math.min(own.count(), MOST_STORES); number++) {
            String device = "/dev/xvd" + (char) ('p' + number);
            if (taken.stream().anyMatch(each -> each.deviceName().equals(device))) {
                continue;
            }
            String disk = store(id, number);
            if (servers.disks().find(disk).isEmpty()) {
                servers.disks().create(disk, own.sizeGb() * GB);
            }
            made.add(new DiskAttachment(disk, device));
        }
        return made;
    }

    private static String store(String id, int number) {
        return id + "-ephemeral" + number;
    }

    /** The disks of the instance's own lose what is on them. */
    void loseStorage(Scope scope, String id) {
        InstanceType.Disks own = room.read(tx -> Records.INSTANCES.find(tx, scope, id))
                .map(compute::type)
                .map(InstanceType::disks)
                .orElse(null);
        for (int number = 0; own != null && number < Math.min(own.count(), MOST_STORES); number++) {
            try {
                servers.disks().delete(store(id, number));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
