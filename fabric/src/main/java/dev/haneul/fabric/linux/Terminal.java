package dev.haneul.fabric.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/** Pseudo terminals (ioctl_tty(2)). */
public final class Terminal {
    private static final int O_NOCTTY = 0x100;
    private static final long TIOCSWINSZ = 0x5414;

    private Terminal() {}

    /**
     * Tells a terminal its size; who runs in it hears of it.
     *
     * @param path e.g. {@code /dev/pts/3}
     */
    public static void resize(String path, int rows, int columns) throws IOException {
        int terminal = Linux.open(path, Linux.O_RDWR | O_NOCTTY);
        try (var arena = Arena.ofConfined()) {
            var size = arena.allocate(ValueLayout.JAVA_SHORT, 4);
            size.setAtIndex(ValueLayout.JAVA_SHORT, 0, (short) rows);
            size.setAtIndex(ValueLayout.JAVA_SHORT, 1, (short) columns);
            Linux.ioctl(terminal, TIOCSWINSZ, size.address());
        } finally {
            Linux.close(terminal);
        }
    }
}
