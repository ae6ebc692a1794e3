package dev.haneul.services.ecs.definition;

import java.util.Optional;

/**
 * The sizes of tasks on Fargate.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html">Task CPU and
 *     memory</a>
 */
public final class FargateSizes {
    private static final int GIB = 1024;

    private FargateSizes() {}

    /** Whether there is such a size, in CPU units and MiB. */
    public static boolean has(int cpu, int memory) {
        return switch (cpu) {
            case 256 -> memory == 512 || memory == GIB || memory == 2 * GIB;
            case 512 -> within(memory, 1, 4, 1);
            case 1024 -> within(memory, 2, 8, 1);
            case 2048 -> within(memory, 4, 16, 1);
            case 4096 -> within(memory, 8, 30, 1);
            case 8192 -> within(memory, 16, 60, 4);
            case 16384 -> within(memory, 32, 120, 8);
            default -> false;
        };
    }

    private static boolean within(int memory, int leastGib, int mostGib, int stepGib) {
        return memory >= leastGib * GIB && memory <= mostGib * GIB && memory % (stepGib * GIB) == 0;
    }

    /** CPU units of a text like {@code 256}, {@code .25 vCPU} or {@code 1 vcpu}. */
    public static Optional<Integer> cpu(String text) {
        return amount(text, "vcpu", GIB);
    }

    /** MiB of a text like {@code 512}, {@code 0.5GB} or {@code 1 GB}. */
    public static Optional<Integer> memory(String text) {
        return amount(text, "gb", GIB);
    }

    private static Optional<Integer> amount(String text, String unit, int scale) {
        String plain = text.strip().toLowerCase(java.util.Locale.ROOT);
        boolean scaled = plain.endsWith(unit);
        String number =
                scaled ? plain.substring(0, plain.length() - unit.length()).strip() : plain;
        if (!number.matches(scaled ? "[0-9]{0,4}(\\.[0-9]{1,4})?" : "[0-9]{1,9}") || number.isEmpty()) {
            return Optional.empty();
        }
        double value = Double.parseDouble(number) * (scaled ? scale : 1);
        return value == Math.rint(value) ? Optional.of((int) value) : Optional.empty();
    }
}
