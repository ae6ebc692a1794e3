package dev.haneul.services.ec2.compute;

import dev.haneul.api.runtime.Fault;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.types.InstanceType;
import dev.haneul.services.ec2.types.InstanceTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * How many instances there may be: the account's quotas of vCPUs, and what the host has. Servers get what their type
 * says, as far as the host has it; what they do not use is there for others.
 */
final class Capacity {
    /** AWS gives new accounts 5 and raises it by and by; quotas of accounts in use are like this. */
    static final int VCPUS_PER_BUCKET = 128;

    /** What the host keeps for itself, and what a server that idles needs. */
    private static final int HOST_MIB = 256;

    private static final int IDLE_MIB = 48;
    private static final int LEAST_MIB = 128;
    private static final int MILLIS_PER_CPU = 1000;
    private static final int LEAST_CPU_MILLIS = 100;
    private static final int PIDS = 8192;
    private static final int FILES = 65_536;
    private static final int MOST = 10_000;

    private final InstanceTypes types;
    private final int scale;

    Capacity(InstanceTypes types, int scale) {
        this.types = types;
        this.scale = scale;
    }

    /**
     * How many of up to so many instances can be launched, at least the least.
     *
     * @throws Fault VcpuLimitExceeded or InsufficientInstanceCapacity where the least cannot
     */
    int grant(ReadTx tx, Scope scope, Servers.Host host, InstanceType type, int least, int most, String zone) {
        String bucket = bucket(type.family());
        int used = active(tx, scope).stream()
                .map(row -> types.find(Objects.requireNonNull(row.told().instanceType()))
                        .orElseThrow())
                .filter(each -> bucket(each.family()).equals(bucket))
                .mapToInt(InstanceType::vcpus)
                .sum();
        int allowed = (VCPUS_PER_BUCKET - used) / type.vcpus();
        if (allowed < least) {
            throw Ec2Faults.of(
                    "VcpuLimitExceeded",
                    "You have requested more vCPU capacity than your current vCPU limit of " + VCPUS_PER_BUCKET
                            + " allows for the instance bucket that the specified instance type belongs to. Please visit"
                            + " http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.");
        }
        int booting = tx.findAnywhere(Records.INSTANCES.table(), Records.STATE, "pending", null, MOST)
                .size();
        int room = (host.freeMib() - HOST_MIB) / IDLE_MIB - booting;
        if (room < least) {
            throw Fault.server(
                    "InsufficientInstanceCapacity",
                    500,
                    "We currently do not have sufficient " + type.name() + " capacity in the Availability Zone you"
                            + " requested (" + zone + "). This host has " + host.freeMib() + " MiB of memory left; "
                            + least + " more need " + (HOST_MIB + IDLE_MIB * (booting + least)) + " MiB.");
        }
        return Math.min(most, Math.min(allowed, room));
    }

    private static List<InstanceRow> active(ReadTx tx, Scope scope) {
        List<InstanceRow> found = new ArrayList<>();
        for (String state : List.of("pending", "running")) {
            tx.find(Records.INSTANCES.table(), scope, Records.STATE, state, "", MOST).stream()
                    .map(Row::value)
                    .forEach(found::add);
        }
        return found;
    }

    /** What {@code haneul status} adds where servers get less than their type says. */
    String note() {
        return scale == 1
                ? ""
                : "; --scale 1:" + scale + ": each may use 1/" + scale
                        + " of its type's processors and memory, at least " + LEAST_CPU_MILLIS / (double) MILLIS_PER_CPU
                        + " processors and " + LEAST_MIB + " MiB";
    }

    /** What a server of this type may use. */
    Limits limits(InstanceType type, Servers.Host host) {
        int memory = Math.max(LEAST_MIB, Math.min(type.memoryMib() / scale, host.memoryMib()));
        int cpu = Math.max(
                LEAST_CPU_MILLIS, Math.min(type.vcpus() * MILLIS_PER_CPU / scale, host.cpus() * MILLIS_PER_CPU));
        return new Limits(memory, cpu, PIDS, FILES);
    }

    /**
     * Which quota a family counts against.
     *
     * @see <a href="https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html">Quotas</a>
     */
    static String bucket(String family) {
        if (family.startsWith("inf")) {
            return "Inf";
        }
        if (family.startsWith("trn")) {
            return "Trn";
        }
        if (family.startsWith("dl")) {
            return "DL";
        }
        if (family.startsWith("hpc")) {
            return "HPC";
        }
        if (family.startsWith("u-") || family.matches("u[0-9].*")) {
            return "High Memory";
        }
        return switch (family.charAt(0)) {
            case 'f' -> "F";
            case 'g', 'v' -> "G and VT";
            case 'p' -> "P";
            case 'x' -> "X";
            default -> "Standard";
        };
    }
}
