package dev.haneul.services.ec2.types;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What AWS publishes of one instance type.
 *
 * @param name e.g. {@code m5.large}
 * @param vcpus with every thread of every core
 * @param memoryMib MiB of memory
 * @param architectures e.g. {@code x86_64}
 * @param hypervisor {@code nitro} or {@code xen}, null for bare metal
 * @param clockGhz null where AWS tells none
 * @param ena {@code required}, {@code supported} or {@code unsupported}
 * @param ebsOptimized {@code default}, {@code supported} or {@code unsupported}
 * @param nvme as {@code ena}, of its volumes
 * @param network in words, e.g. {@code Up to 5 Gigabit}
 * @param usageClasses e.g. {@code on-demand}
 */
public record InstanceType(
        String name,
        int vcpus,
        int cores,
        int threadsPerCore,
        int memoryMib,
        List<String> architectures,
        boolean current,
        boolean freeTier,
        boolean bareMetal,
        boolean burstable,
        boolean efa,
        @Nullable String hypervisor,
        @Nullable Double clockGhz,
        String ena,
        String ebsOptimized,
        @Nullable Ebs ebs,
        String nvme,
        String network,
        double baselineGbps,
        double peakGbps,
        int interfaces,
        int addressesPerInterface,
        String manufacturer,
        List<String> usageClasses,
        @Nullable Disks disks,
        @Nullable Device gpu,
        @Nullable Device accelerator,
        @Nullable Device neuron,
        @Nullable Burst burst) {
    private static final int COLUMNS = 25;

    /** What its volumes get together: operations per second and megabits per second, for long and at most. */
    public record Ebs(int baselineIops, int baselineMbps, int mostIops, int mostMbps) {}

    /** Its own disks, which lose their contents when the instance stops. */
    public record Disks(int count, long sizeGb, String type, String nvme) {
        long totalGb() {
            return count * sizeGb;
        }
    }

    /** Accelerators of one kind; a count of 0 is a part of one. */
    public record Device(int count, String manufacturer, String model, int memoryMib) {
        int totalMib() {
            return Math.max(1, count) * memoryMib;
        }
    }

    /** CPU credits: the baseline of a vCPU in percent, credits earned an hour and at most kept. */
    public record Burst(double baselinePercent, double creditsPerHour, double mostCredits) {}

    /** The part of the name before the dot, e.g. {@code m5}. */
    public String family() {
        return name.substring(0, name.indexOf('.'));
    }

    /** Whether programs of this architecture run on it. */
    public boolean runs(String architecture) {
        return architectures.contains(architecture);
    }

    /** Whether it is virtualized by hardware's own means; bare metal counts. */
    public boolean nitro() {
        return !"xen".equals(hypervisor);
    }

    /** The strategies of placement groups that take it. */
    public List<String> placementStrategies() {
        return burstable || name.equals("t1.micro")
                ? List.of("partition", "spread")
                : List.of("cluster", "partition", "spread");
    }

    /** Reads a line of the list. */
    static InstanceType parse(String line) {
        String[] column = line.split("\t", -1);
        if (column.length != COLUMNS) {
            throw new IllegalStateException("bad line in the list of instance types: " + line);
        }
        String flags = column[6];
        return new InstanceType(
                column[0],
                Integer.parseInt(column[1]),
                Integer.parseInt(column[2]),
                Integer.parseInt(column[3]),
                Integer.parseInt(column[4]),
                List.of(column[5].split(",")),
                flags.contains("c"),
                flags.contains("f"),
                flags.contains("m"),
                flags.contains("b"),
                flags.contains("e"),
                column[7].isEmpty() ? null : column[7],
                column[8].isEmpty() ? null : Double.valueOf(column[8]),
                support(column[9]),
                support(column[10]),
                ebs(column[11]),
                support(column[12]),
                column[13],
                Double.parseDouble(column[14]),
                Double.parseDouble(column[15]),
                Integer.parseInt(column[16]),
                Integer.parseInt(column[17]),
                column[18],
                List.of(column[19].split(",")),
                disks(column[20]),
                device(column[21]),
                device(column[22]),
                device(column[23]),
                burst(column[24]));
    }

    private static String support(String letter) {
        return switch (letter) {
            case "r" -> "required";
            case "s" -> "supported";
            case "d" -> "default";
            default -> "unsupported";
        };
    }

    private static @Nullable Ebs ebs(String text) {
        if (text.isEmpty()) {
            return null;
        }
        String[] part = text.split(",");
        return new Ebs(
                Integer.parseInt(part[0]),
                Integer.parseInt(part[1]),
                Integer.parseInt(part[2]),
                Integer.parseInt(part[3]));
    }

    private static @Nullable Disks disks(String text) {
        if (text.isEmpty()) {
            return null;
        }
        String[] part = text.split(",");
        return new Disks(Integer.parseInt(part[0]), Long.parseLong(part[1]), part[2], support(part[3]));
    }

    private static @Nullable Device device(String text) {
        if (text.isEmpty()) {
            return null;
        }
        String[] part = text.split(",");
        return new Device(Integer.parseInt(part[0]), part[1], part[2], Integer.parseInt(part[3]));
    }

    private static @Nullable Burst burst(String text) {
        if (text.isEmpty()) {
            return null;
        }
        String[] part = text.split(",");
        return new Burst(Double.parseDouble(part[0]), Double.parseDouble(part[1]), Double.parseDouble(part[2]));
    }
}
