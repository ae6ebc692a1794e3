package dev.haneul.services.lambda;

import dev.haneul.services.lambda.run.FleetSize;
import dev.haneul.services.lambda.runtimes.Interpreters;
import dev.haneul.services.lambda.runtimes.Runtimes;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What the region decides for the room.
 *
 * @param folder the room's own within the data folder: unpacked packages and runtimes
 * @param javaJars AWS's Java runtime interface client and what it needs, in class path order; empty where it is not
 *     shipped, and then no Java function can be made
 * @param exactRuntimes whether a function must run on the very version it asks for; otherwise the nearest installed one
 *     serves it, and its log says so
 * @param keepWarm how long an idle environment is kept
 * @param mostEnvironments at once, idle ones included
 * @param mostMemoryMib sum of the memory sizes of all environments
 * @param parallelEvents asynchronous events of one function that are worked on at once
 */
public record LambdaSettings(
        Path folder,
        List<Path> javaJars,
        boolean exactRuntimes,
        Duration keepWarm,
        int mostEnvironments,
        long mostMemoryMib,
        int parallelEvents) {
    private static final Duration KEEP_WARM = Duration.ofMinutes(10);
    private static final int MOST_ENVIRONMENTS = 1000;
    private static final int LEAST_ENVIRONMENTS = 16;
    /** What an idle hello-world holds, roughly. */
    private static final long TYPICAL_MIB = 48;

    public LambdaSettings {
        javaJars = List.copyOf(javaJars);
    }

    /** Sized by this host: environments by its memory, parallel work by its CPUs. */
    public static LambdaSettings ofHost(Path folder, List<Path> javaJars, boolean exactRuntimes) {
        long memoryMib = hostMemoryMib();
        int cpus = Runtime.getRuntime().availableProcessors();
        int environments = (int) Math.clamp(memoryMib * 3 / 4 / TYPICAL_MIB, LEAST_ENVIRONMENTS, MOST_ENVIRONMENTS);
        return new LambdaSettings(
                folder,
                javaJars,
                exactRuntimes,
                KEEP_WARM,
                environments,
                Math.max(memoryMib * 2, 10_240),
                Math.max(4, 2 * cpus));
    }

    Runtimes runtimes() {
        return new Runtimes(Interpreters.ofHost(), folder.resolve("runtimes"), javaJars, exactRuntimes);
    }

    FleetSize size() {
        int starts = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
        return new FleetSize(mostEnvironments, starts, mostMemoryMib, keepWarm);
    }

    private static long hostMemoryMib() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        return system instanceof com.sun.management.OperatingSystemMXBean known
                ? known.getTotalMemorySize() >> 20
                : 4096;
    }
}
