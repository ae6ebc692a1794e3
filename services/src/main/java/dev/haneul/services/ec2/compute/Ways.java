package dev.haneul.services.ec2.compute;

import dev.haneul.engines.machine.MachineWay;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.types.InstanceType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which way an instance is a server. Its tag {@code haneul:machine} ({@code vm} or {@code container}) decides at each
 * start; without one it is what the region was started with ({@code haneul up --machines}), but that bare-metal types get
 * a virtual machine, and with it a kernel of their own, where one is known to run at full speed. Volumes fit both ways.
 */
final class Ways {
    static final String TAG = "haneul:machine";

    private final Servers servers;
    private final MachineWay usual;

    Ways(Servers servers, MachineWay usual) {
        this.servers = servers;
        this.usual = usual;
    }

    /**
     * Decides.
     *
     * @param tag what the instance's tag says, null where it has none
     */
    MachineWay of(InstanceType type, @Nullable String tag) {
        return switch (String.valueOf(tag)) {
            case "vm" -> MachineWay.VIRTUAL;
            case "container" -> MachineWay.CONTAINER;
            default -> type.name().contains(".metal") && servers.virtualMachinesProven() ? MachineWay.VIRTUAL : usual;
        };
    }

    /** The same for a launch, refusing words that it does not know. */
    MachineWay asked(InstanceType type, Map<String, String> tags) {
        String tag = tags.get(TAG);
        if (tag != null && !tag.equals("vm") && !tag.equals("container")) {
            throw Ec2Faults.invalid("Invalid value '" + tag + "' for the tag " + TAG + ". It is vm or container.");
        }
        return of(type, tag);
    }
}
