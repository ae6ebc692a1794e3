package dev.haneul.services.ec2.compute;

import dev.haneul.api.runtime.Call;
import dev.haneul.engines.machine.MachineWay;
import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.metadata.IdentityDocuments;
import dev.haneul.services.ec2.metadata.Imds;
import dev.haneul.services.ec2.types.InstanceType;
import dev.haneul.services.ec2.types.InstanceTypes;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the stories of servers stand on. */
public final class Compute {
    private static final int HTTP = 80;

    private final Ec2Room room;
    private final Servers servers;
    private final Networks networks;
    private final InstanceTypes types = new InstanceTypes();
    private final Images images = new Images(new ImageCatalogue());
    private final Capacity capacity;
    private final Ways ways;
    private final Encryption encryption;
    private final Profiles profiles;
    private volatile @Nullable Work work;

    /**
     * Opens the servers' tables.
     *
     * @param scale by how much servers get less than their type says, 1 for not at all
     */
    public Compute(Ec2Room room, Servers servers, Networks networks, int scale) {
        this(room, servers, networks, scale, MachineWay.CONTAINER);
    }

    /** @param usual which way instances are servers that say nothing about it */
    public Compute(Ec2Room room, Servers servers, Networks networks, int scale, MachineWay usual) {
        this.ways = new Ways(servers, usual);
        this.room = room;
        this.servers = servers;
        this.networks = networks;
        this.capacity = new Capacity(types, scale);
        this.encryption = new Encryption(room);
        this.profiles = new Profiles(room);
        room.store().open(Records.tables(), List.of());
        room.tags().register(Records.KINDS);
    }

    /**
     * Joins the driver that makes servers and disks what they should be; before it starts.
     *
     * @param trusted certificates (PEM) that programs in instances trust besides the usual ones, asked at each boot
     */
    public void join(Driver driver, Supplier<List<String>> trusted) {
        Work made = new Work(this, trusted);
        made.join(driver);
        work = made;
    }

    /**
     * Joins the driver that imports images and snapshots from S3; after {@link #join}, before it starts.
     *
     * @param credentials finds the sessions of roles that read there
     */
    public void imports(Driver driver, Credentials credentials) {
        Objects.requireNonNull(work).imports(driver, credentials);
    }

    /**
     * Answers instances that ask about themselves.
     *
     * @param doors serves their connections
     * @param identity a folder for the key that signs identity documents
     */
    public Closeable listen(VpcFabric fabric, SocketHttpServer doors, Path identity, byte[] folderKey)
            throws IOException {
        Imds imds = new Imds(
                new Tokens(Tokens.derive(folderKey, "ec2 metadata")),
                room.clock(),
                new IdentityDocuments(identity, room.clock()),
                new SessionCredentials(room, profiles));
        MetadataDoor door = new MetadataDoor(this, doors, imds, this::instance);
        return fabric.serve(new InetSocketAddress(VpcFabric.METADATA_ADDRESS, HTTP), door::visit);
    }

    /** The instance of a network interface; null where it is at none. */
    public @Nullable Key instance(String eni) {
        Work known = work;
        return known == null ? null : known.instance(eni);
    }

    /**
     * Lets a user of an instance log in with a key for a while.
     *
     * @throws IOException with the reason where the instance refused
     */
    public void authorize(Call call, String instance, String user, String key, Duration life)
            throws IOException, InterruptedException {
        room.read(tx -> Instances.require(tx, Ec2Room.scope(call), instance));
        servers.authorize(instance, user, key, life);
    }

    /**
     * The network namespace of an instance that runs, as a path for setns(2); null where it does not, or is a virtual
     * machine, whose network is in its own kernel.
     */
    public @Nullable Path namespace(String instance) {
        return servers.virtual(instance) ? null : servers.netns(instance);
    }

    /** The command that opens a shell on an instance, or why there is none. */
    public String ssh(String instance) {
        Work known = work;
        Scope scope = known == null ? null : known.scope(instance);
        if (scope == null) {
            return "There is no instance '" + instance + "'.";
        }
        return room.read(tx -> SshCommand.of(tx, scope, this, instance));
    }

    /** Removes servers, disks and snapshots of which no record is left, after a reset. */
    public void forget() {
        new Sweep(room, servers).run();
    }

    /** How servers run here, as {@code haneul status} shows it. */
    public String status() {
        return servers.obstacle()
                .map(why -> "servers: cannot run here; " + why)
                .orElseGet(() -> "servers: " + servers.how() + capacity.note());
    }

    Ec2Room room() {
        return room;
    }

    Servers servers() {
        return servers;
    }

    Networks networks() {
        return networks;
    }

    /** Every instance type. */
    public InstanceTypes types() {
        return types;
    }

    Images images() {
        return images;
    }

    Ways ways() {
        return ways;
    }

    Capacity capacity() {
        return capacity;
    }

    Encryption encryption() {
        return encryption;
    }

    Profiles profiles() {
        return profiles;
    }

    /** The type of an instance. */
    InstanceType type(InstanceRow row) {
        return types.find(Objects.requireNonNull(row.told().instanceType())).orElseThrow();
    }
}
