package dev.haneul.services.ec2.compute;

import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.types.InstanceType;
import dev.haneul.services.ec2.types.InstanceTypes;
import java.util.List;
import java.util.Objects;

/** What the stories of servers stand on. */
public final class Compute {
    private final Ec2Room room;
    private final Servers servers;
    private final Networks networks;
    private final InstanceTypes types = new InstanceTypes();
    private final Images images = new Images(new ImageCatalogue());
    private final Capacity capacity;
    private final Encryption encryption;
    private final Profiles profiles;

    /**
     * Opens the servers' tables.
     *
     * @param scale by how much servers get less than their type says, 1 for not at all
     */
    public Compute(Ec2Room room, Servers servers, Networks networks, int scale) {
        this.room = room;
        this.servers = servers;
        this.networks = networks;
        this.capacity = new Capacity(types, scale);
        this.encryption = new Encryption(room);
        this.profiles = new Profiles(room);
        room.store().open(Records.tables(), List.of());
        room.tags().register(Records.KINDS);
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
