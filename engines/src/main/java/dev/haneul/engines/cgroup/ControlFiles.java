package dev.haneul.engines.cgroup;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Reading and writing the files that control groups are made of. */
final class ControlFiles {
    private static final int REMOVE_ATTEMPTS = 400;
    private static final long PAUSE_NANOS = 5_000_000;
    private static final int NUMBER_BYTES = 32;

    private ControlFiles() {}

    /** What went wrong; the JDK's exceptions about files say the file's name only. */
    static String words(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            case FileSystemException other -> other.getFile() + " " + other.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }

    static void write(Path file, String value) throws IOException {
        Files.write(file, value.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
    }

    static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.US_ASCII).strip();
    }

    /** A file that is one number; {@code otherwise} where it is absent or says {@code max}. Asked for at each invocation. */
    static long number(Path file, long otherwise) {
        try (var in = new FileInputStream(file.toString())) {
            var bytes = new byte[NUMBER_BYTES];
            int count = Math.max(0, in.read(bytes));
            return Long.parseLong(new String(bytes, 0, count, StandardCharsets.US_ASCII).strip());
        } catch (IOException | NumberFormatException e) {
            return otherwise;
        }
    }

    /** The number behind a key in a file of {@code key value} lines; zero where it is absent. */
    static long keyed(Path file, String key) {
        try {
            for (var line : read(file).split("\n")) {
                if (line.startsWith(key + " ")) {
                    return Long.parseLong(line.substring(key.length() + 1).strip());
                }
            }
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
        return 0;
    }

    static List<Long> processes(Path folder) throws IOException {
        try {
            return read(folder.resolve("cgroup.procs"))
                    .lines()
                    .map(Long::parseLong)
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Removes a group's folder. The dead leave it a little after their parents have heard of their end. */
    static void remove(Path folder) throws IOException {
        // Who is interrupted would not pause at all.
        boolean interrupted = false;
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    Files.deleteIfExists(folder);
                    return;
                } catch (DirectoryNotEmptyException e) {
                    throw e;
                } catch (IOException e) {
                    if (attempt == REMOVE_ATTEMPTS) {
                        throw e;
                    }
                }
                interrupted |= Thread.interrupted();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Removes a group's folder if nothing is in it. */
    static void removeIfUnused(Path folder) {
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            return; // in use: it stays for the next server
        }
    }

    static List<String> folders(Path parent) throws IOException {
        try (var entries = Files.list(parent)) {
            return entries.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** A group's folder and those within it, the innermost first; empty where there is none. */
    static List<Path> tree(Path folder) throws IOException {
        var found = new ArrayList<Path>();
        for (var inner : folders(folder)) {
            found.addAll(tree(folder.resolve(inner)));
        }
        if (Files.isDirectory(folder)) {
            found.add(folder);
        }
        return found;
    }

    /** Bytes that a group's present processes, and their children that have ended, have read from and written to disks. */
    static long[] traffic(Cgroup group) {
        long[] sum = new long[2];
        try {
            for (long pid : group.allProcesses()) {
                var file = Path.of("/proc/" + pid + "/io");
                sum[0] += keyed(file, "read_bytes:");
                sum[1] += keyed(file, "write_bytes:");
            }
        } catch (IOException e) {
            return sum; // removed meanwhile
        }
        return sum;
    }

    /** Waits until a file says something; false where it does not within a second. */
    static boolean awaitContent(Path file, String wanted) throws IOException {
        return awaitContent(file, wanted, 1000);
    }

    /** Waits until a file says something; false where it does not within so many looks, a millisecond apart. */
    static boolean awaitContent(Path file, String wanted, int looks) throws IOException {
        for (int attempt = 0; attempt < looks; attempt++) {
            if (read(file).contains(wanted)) {
                return true;
            }
            LockSupport.parkNanos(attempt < 20 ? 50_000 : 1_000_000);
        }
        return false;
    }
}
