package dev.haneul.services.ec2.compute;

import dev.haneul.services.ec2.Ec2Faults;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kind and size of a volume, checked.
 *
 * @param iops null for kinds without
 * @param throughput MiB/s, null for kinds without
 * @see <a href="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html">Volume types</a>
 */
record VolumeSpec(
        String type,
        int sizeGib,
        @Nullable Integer iops,
        @Nullable Integer throughput) {
    /** Sizes in GiB, least and most. */
    private static final Map<String, int[]> SIZES = Map.of(
            "standard", new int[] {1, 1024},
            "gp2", new int[] {1, 16_384},
            "gp3", new int[] {1, 65_536},
            "io1", new int[] {4, 16_384},
            "io2", new int[] {4, 65_536},
            "st1", new int[] {125, 16_384},
            "sc1", new int[] {125, 16_384});

    private static final int GP3_IOPS = 3000;
    private static final int GP3_MOST_IOPS = 80_000;
    private static final int GP3_THROUGHPUT = 125;
    private static final int GP3_MOST_THROUGHPUT = 2000;
    private static final int LEAST_PROVISIONED = 100;

    /**
     * Checks what a request says.
     *
     * @param type null for gp2, as the API has it
     * @param sizeGib null for the snapshot's
     * @param snapshotGib 0 where it begins empty
     * @throws dev.haneul.api.runtime.Fault in AWS's words
     */
    static VolumeSpec of(
            @Nullable String type,
            @Nullable Integer sizeGib,
            @Nullable Integer iops,
            @Nullable Integer throughput,
            int snapshotGib) {
        String kind = type == null ? "gp2" : type;
        int[] range = SIZES.get(kind);
        if (range == null) {
            throw Ec2Faults.of("InvalidParameterValue", "Invalid value '" + kind + "' for VolumeType.");
        }
        if (sizeGib == null && snapshotGib == 0) {
            throw Ec2Faults.of("MissingParameter", "The request must contain the parameter size or snapshotId");
        }
        int size = sizeGib == null ? snapshotGib : sizeGib;
        if (size < snapshotGib) {
            throw Ec2Faults.of(
                    "InvalidBlockDeviceMapping",
                    "Volume of size " + size + "GB is smaller than snapshot, expect size >= " + snapshotGib + "GB");
        }
        if (size < range[0] || size > range[1]) {
            throw Ec2Faults.invalid("Volume of " + size + "GiB is " + (size < range[0] ? "too small" : "too large")
                    + " for volume type " + kind + "; "
                    + (size < range[0] ? "minimum is " + range[0] : "maximum is " + range[1]) + "GiB");
        }
        if (throughput != null && !kind.equals("gp3")) {
            throw Ec2Faults.combination("The parameter throughput is not supported for " + kind + " volumes.");
        }
        return new VolumeSpec(kind, size, iops(kind, size, iops), throughput(kind, iops, throughput));
    }

    private static @Nullable Integer iops(String kind, int size, @Nullable Integer asked) {
        return switch (kind) {
            case "gp3" ->
                within(
                        "Iops",
                        asked == null ? GP3_IOPS : asked,
                        GP3_IOPS,
                        Math.max(GP3_IOPS, Math.min(GP3_MOST_IOPS, size * 500)));
            case "gp2" -> {
                refuse(kind, asked);
                yield Math.min(16_000, Math.max(LEAST_PROVISIONED, size * 3));
            }
            case "io1" -> within("Iops", required(kind, asked), LEAST_PROVISIONED, Math.min(64_000, size * 50));
            case "io2" -> within("Iops", required(kind, asked), LEAST_PROVISIONED, Math.min(256_000, size * 1000));
            default -> {
                refuse(kind, asked);
                yield null;
            }
        };
    }

    private static void refuse(String kind, @Nullable Integer iops) {
        if (iops != null) {
            throw Ec2Faults.combination("The parameter iops is not supported for " + kind + " volumes.");
        }
    }

    private static int required(String kind, @Nullable Integer iops) {
        if (iops == null) {
            throw Ec2Faults.missing("iops for " + kind + " volumes");
        }
        return iops;
    }

    private static @Nullable Integer throughput(String kind, @Nullable Integer iops, @Nullable Integer asked) {
        if (!kind.equals("gp3")) {
            return null;
        }
        int value = within("Throughput", asked == null ? GP3_THROUGHPUT : asked, GP3_THROUGHPUT, GP3_MOST_THROUGHPUT);
        int operations = iops == null ? GP3_IOPS : iops;
        if (value > GP3_THROUGHPUT && value > operations / 4) {
            throw Ec2Faults.invalid("Throughput (MiBps) to iops ratio of " + (double) value / operations
                    + " is too high; maximum is 0.250000 MiBps per iops");
        }
        return value;
    }

    private static int within(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw Ec2Faults.invalid("Volume " + what.toLowerCase(java.util.Locale.ROOT) + " of " + value + " is "
                    + (value < least ? "too low; minimum is " + least : "too high; maximum is " + most) + ".");
        }
        return value;
    }
}
