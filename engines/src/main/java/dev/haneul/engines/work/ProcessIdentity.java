package dev.haneul.engines.work;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A process that cannot be mistaken for a later one with the same number.
 *
 * @param pid as the host counts
 * @param birth when it started, in a form that is only good for comparing: on Linux the boot's id and
 *     {@code starttime} of proc(5), elsewhere the start instant
 */
public record ProcessIdentity(long pid, String birth) {
    private static final Path PROC = Path.of("/proc");
    private static final int STARTTIME_FIELDS_AFTER_NAME = 19;
    private static final String BOOT = bootId();

    /** The process that has this number now; empty where none has, or where it is dead and only not yet reaped. */
    public static Optional<ProcessIdentity> of(long pid) {
        if (BOOT.isEmpty()) {
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .flatMap(handle -> handle.info().startInstant())
                    .map(start -> new ProcessIdentity(pid, start.toString()));
        }
        var fields = stat(pid);
        if (fields.length <= STARTTIME_FIELDS_AFTER_NAME || fields[0].equals("Z") || fields[0].equals("X")) {
            return Optional.empty();
        }
        return Optional.of(new ProcessIdentity(pid, BOOT + ":" + fields[STARTTIME_FIELDS_AFTER_NAME]));
    }

    /** Whether this very process still runs. */
    public boolean alive() {
        return of(pid).filter(this::equals).isPresent();
    }

    /** Its children now; empty where the system does not tell. */
    public static List<Long> children(long pid) {
        if (BOOT.isEmpty()) {
            return ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::children)
                    .map(ProcessHandle::pid)
                    .toList();
        }
        var children = new ArrayList<Long>();
        try {
            for (var word :
                    read(PROC.resolve(pid + "/task/" + pid + "/children")).split(" ")) {
                if (!word.isBlank()) {
                    children.add(Long.parseLong(word.strip()));
                }
            }
        } catch (IOException e) {
            return List.of(); // it has ended
        }
        return children;
    }

    /** The process that waits for it, zero where it has ended or has none. */
    public static long parent(long pid) {
        var fields = stat(pid);
        return fields.length > 1 ? Long.parseLong(fields[1]) : 0;
    }

    /** The name of the program it runs, empty where it has ended. */
    public static String program(long pid) {
        try {
            return read(PROC.resolve(pid + "/comm")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** The most memory a process held at once, zero where the system does not tell. */
    public static long peakMemoryBytes(long pid) {
        try {
            for (var line : read(PROC.resolve(pid + "/status")).split("\n")) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException e) {
            return 0;
        }
        return 0;
    }

    /** The fields of proc(5) {@code stat} that follow the name, beginning with the state. */
    private static String[] stat(long pid) {
        try {
            var line = read(PROC.resolve(pid + "/stat"));
            return line.substring(line.lastIndexOf(')') + 2).split(" ");
        } catch (IOException e) {
            return new String[0];
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    private static String bootId() {
        try {
            return read(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return ""; // not Linux
        }
    }
}
