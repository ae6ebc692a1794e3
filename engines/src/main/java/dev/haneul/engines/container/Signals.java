package dev.haneul.engines.container;

import java.util.List;
import java.util.Locale;

/** Signals by name (signal(7); the numbers are those of amd64 and aarch64). */
final class Signals {
    private static final List<String> NAMES = List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS");
    private static final int FIRST_REAL_TIME = 34;
    private static final int LAST = 64;

    private Signals() {}

    /**
     * A signal's number.
     *
     * @param name e.g. {@code SIGTERM}, {@code TERM}, {@code 15}, {@code SIGRTMIN+3}
     * @throws IllegalArgumentException where there is none of that name
     */
    static int number(String name) {
        var bare = name.toUpperCase(Locale.ROOT);
        bare = bare.startsWith("SIG") ? bare.substring(3) : bare;
        int number = NAMES.indexOf(bare) + 1;
        if (bare.matches("[0-9]{1,2}")) {
            number = Integer.parseInt(bare);
        } else if (bare.matches("RTMIN(\\+[0-9]{1,2})?")) {
            number = FIRST_REAL_TIME + (bare.length() > 6 ? Integer.parseInt(bare.substring(6)) : 0);
        }
        if (number < 1 || number > LAST) {
            throw new IllegalArgumentException("there is no signal " + name);
        }
        return number;
    }
}
