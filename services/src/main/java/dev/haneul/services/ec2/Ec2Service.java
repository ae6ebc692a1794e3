package dev.haneul.services.ec2;

import dev.haneul.api.runtime.Call;
import dev.haneul.services.ec2.compute.Compute;
import dev.haneul.services.ec2.compute.ComputeOperations;
import dev.haneul.services.ec2.network.NetworkOperations;

/** EC2's API. */
public final class Ec2Service implements TagOperations, RegionOperations, NetworkOperations, ComputeOperations {
    private final Ec2Room room;
    private final Compute compute;

    /** Makes the service and opens its tables. */
    public Ec2Service(Ec2Room room, Compute compute) {
        this.room = room;
        this.compute = compute;
    }

    @Override
    public Compute compute() {
        return compute;
    }

    @Override
    public Ec2Room room() {
        return room;
    }

    @Override
    public String defaultVpc(Call call) {
        return "none";
    }
}
