package dev.haneul.engines.machine;

import java.util.List;

/**
 * What was found out about this host.
 *
 * @param usable whether servers can run at all
 * @param reason why not, each thing that is missing; or in a few words how servers run
 * @param virtualMachines whether a virtual machine really boots here, or why not
 * @param guarantees what is enforced here, e.g. {@code memory limit (cgroup v1)}
 * @param weaknesses what cannot be enforced here, each a plain sentence
 */
public record MachineProbe(
        boolean usable, String reason, String virtualMachines, List<String> guarantees, List<String> weaknesses) {
    public MachineProbe {
        guarantees = List.copyOf(guarantees);
        weaknesses = List.copyOf(weaknesses);
    }

    /** The same with what has been found out since about virtual machines. */
    MachineProbe withVirtualMachines(String words) {
        return new MachineProbe(usable, reason, words, guarantees, weaknesses);
    }
}
