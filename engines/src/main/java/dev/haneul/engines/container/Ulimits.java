package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Resource limits (getrlimit(2)). Ours bound those of containers, for raising them takes CAP_SYS_RESOURCE. */
final class Ulimits {
    /** By what {@code /proc/self/limits} calls them. */
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("core", "Max core file size"),
            Map.entry("cpu", "Max cpu time"),
            Map.entry("data", "Max data size"),
            Map.entry("fsize", "Max file size"),
            Map.entry("locks", "Max file locks"),
            Map.entry("memlock", "Max locked memory"),
            Map.entry("msgqueue", "Max msgqueue size"),
            Map.entry("nice", "Max nice priority"),
            Map.entry("nofile", "Max open files"),
            Map.entry("nproc", "Max processes"),
            Map.entry("rss", "Max resident set"),
            Map.entry("rtprio", "Max realtime priority"),
            Map.entry("rttime", "Max realtime timeout"),
            Map.entry("sigpending", "Max pending signals"),
            Map.entry("stack", "Max stack size"));

    private Ulimits() {}

    static String constant(String name) throws LaunchException {
        if (!NAMES.containsKey(name)) {
            throw new LaunchException("invalid ulimit type: " + name);
        }
        return "RLIMIT_" + name.toUpperCase(Locale.ROOT);
    }

    /** Our own hard limit; -1 for none. */
    static long hard(String name) {
        var title = NAMES.getOrDefault(name, "?");
        try {
            for (var line : Files.readAllLines(Path.of("/proc/self/limits"))) {
                if (line.startsWith(title)) {
                    var words = line.substring(title.length()).strip().split("\\s+");
                    return words[1].equals("unlimited") ? -1 : Long.parseLong(words[1]);
                }
            }
        } catch (IOException e) {
            return -1;
        }
        return -1;
    }

    /** The smaller of two limits, -1 being the largest. */
    static long least(long one, long other) {
        return Long.compareUnsigned(one, other) < 0 ? one : other;
    }
}
