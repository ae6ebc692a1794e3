package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import dev.haneul.fabric.linux.ErrnoException;
import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who a program runs as, by the image's own {@code passwd(5)} and {@code group(5)}.
 *
 * @param uid user
 * @param gid group
 * @param groups further groups
 * @param home the user's folder
 */
record ContainerUser(long uid, long gid, List<Long> groups, String home) {
    private static final long LARGEST_ID = 0xFFFF_FFFEL;
    private static final int MOST_BYTES = 1 << 20;

    /**
     * Looks a user up.
     *
     * @param root where the image's root is mounted, in the calling thread's mount namespace
     * @param text {@code user}, {@code uid}, with {@code :group} or {@code :gid} or without; empty for root
     */
    static ContainerUser of(String root, String text) throws LaunchException, IOException {
        var parts = text.split(":", 2);
        var name = parts[0].isEmpty() ? "0" : parts[0];
        var passwd = lines(root, "/etc/passwd", 7);
        var entry = passwd.stream()
                .filter(it -> it[0].equals(name))
                .findFirst()
                .or(() -> passwd.stream().filter(it -> it[2].equals(name)).findFirst());
        var uid = entry.flatMap(it -> number(it[2]))
                .or(() -> number(name))
                .orElseThrow(() ->
                        new LaunchException("unable to find user " + name + ": no matching entries in passwd file"));
        var home = entry.map(it -> it[5]).filter(it -> it.startsWith("/")).orElse("/");
        var all = lines(root, "/etc/group", 4);
        if (parts.length == 2 && !parts[1].isEmpty()) {
            return new ContainerUser(uid, group(parts[1], all), List.of(), home);
        }
        long gid = entry.flatMap(it -> number(it[3])).orElse(0L);
        var more = new ArrayList<Long>();
        entry.ifPresent(user -> all.stream()
                .filter(it -> List.of(it[3].split(",")).contains(user[0]))
                .flatMap(it -> number(it[2]).stream())
                .filter(it -> it != gid)
                .forEach(more::add));
        return new ContainerUser(uid, gid, more, home);
    }

    private static long group(String name, List<String[]> all) throws LaunchException {
        return all.stream()
                .filter(it -> it[0].equals(name))
                .flatMap(it -> number(it[2]).stream())
                .findFirst()
                .or(() -> number(name))
                .orElseThrow(() ->
                        new LaunchException("unable to find group " + name + ": no matching entries in group file"));
    }

    private static Optional<Long> number(String text) {
        return text.matches("[0-9]{1,10}")
                ? Optional.of(Long.parseLong(text)).filter(it -> it <= LARGEST_ID)
                : Optional.empty();
    }

    private static List<String[]> lines(String root, String file, int fields) throws IOException {
        var found = new ArrayList<String[]>();
        for (var line : read(root, file).split("\n")) {
            var words = line.strip().split(":", -1);
            if (words.length >= fields) {
                found.add(words);
            }
        }
        return found;
    }

    /** A file of the image's; links in it lead nowhere else. */
    private static String read(String root, String file) throws IOException {
        int fd;
        try {
            fd = Linux.openInRoot(root, file, Linux.O_PATH);
        } catch (ErrnoException e) {
            return ""; // there is none
        }
        try {
            var opened = Path.of("/proc/thread-self/fd/" + fd);
            if (!Files.isRegularFile(opened)) {
                return "";
            }
            try (var in = Files.newInputStream(opened)) {
                return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            }
        } finally {
            Linux.close(fd);
        }
    }
}
