package dev.haneul.engines.cgroup;

import java.time.Duration;

/**
 * What a control group has used and uses; zero where the host does not count.
 *
 * @param cpu user and system time of all its processes
 * @param userCpu of that, in user mode
 * @param systemCpu of that, in the kernel
 * @param periods periods of its CPU quota in which it wanted to run
 * @param throttledPeriods those in which its quota was used up
 * @param throttled for how long it had to wait then
 * @param memoryBytes what it holds now, page cache included
 * @param cacheBytes of that, inactive page cache, which the kernel takes back before anything else
 * @param peakMemoryBytes the most it held at once
 * @param memoryLimitBytes what it may hold; zero where nothing bounds it
 * @param pids processes and threads now
 * @param pidsLimit how many there may be; zero where nothing bounds it
 * @param readBytes read from disks
 * @param writtenBytes written to them
 */
public record GroupStats(
        Duration cpu,
        Duration userCpu,
        Duration systemCpu,
        long periods,
        long throttledPeriods,
        Duration throttled,
        long memoryBytes,
        long cacheBytes,
        long peakMemoryBytes,
        long memoryLimitBytes,
        long pids,
        long pidsLimit,
        long readBytes,
        long writtenBytes) {
    /** Nothing known. */
    public static final GroupStats NONE =
            new GroupStats(Duration.ZERO, Duration.ZERO, Duration.ZERO, 0, 0, Duration.ZERO, 0, 0, 0, 0, 0, 0, 0, 0);
}
