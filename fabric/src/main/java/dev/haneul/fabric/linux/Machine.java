package dev.haneul.fabric.linux;

import java.util.Locale;

/** Which machine this is, as far as system calls care. */
final class Machine {
    static final boolean AARCH64 = System.getProperty("os.arch", "").equals("aarch64");

    static final boolean SUPPORTED =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux")
                    && (AARCH64 || System.getProperty("os.arch", "").equals("amd64"));

    private Machine() {}
}
