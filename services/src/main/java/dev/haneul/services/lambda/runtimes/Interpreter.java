package dev.haneul.services.lambda.runtimes;

import java.nio.file.Path;
import java.util.List;

/**
 * An interpreter of the host.
 *
 * @param version its numbers, most significant first
 * @param versionText as it tells it, e.g. {@code 3.11.7}
 * @param executable its real path
 * @param home the folder that has all it needs besides the system's libraries
 */
public record Interpreter(Family family, List<Integer> version, String versionText, Path executable, Path home) {
    public Interpreter {
        version = List.copyOf(version);
    }

    /** Whether it is the version asked for: equal in every number that was given. */
    boolean is(List<Integer> wanted) {
        return version.size() >= wanted.size()
                && version.subList(0, wanted.size()).equals(wanted);
    }

    /** Its version as short as runtimes are named: {@code 3.11} for Python, the major number for others. */
    public String shortVersion() {
        return family == Family.PYTHON && version.size() > 1
                ? version.get(0) + "." + version.get(1)
                : String.valueOf(version.getFirst());
    }
}
