package dev.haneul.trials.lambda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * How much of each kind the host holds on behalf of a region, told apart from other regions by its folder.
 *
 * @param processes those that name the folder, but for the server
 * @param mounts of the host
 * @param cgroups of its sandboxes
 * @param namespaces of networks that processes of its sandboxes and its routers are in
 * @param devices ends of its networks, in the host and in its routers
 * @param rules lines of its packet filters, in the host and in its routers
 * @param addresses addresses and unreachable routes of its public range
 * @param workFiles files of its engines and environments
 */
record Census(
        int processes, int mounts, int cgroups, int namespaces, int devices, int rules, int addresses, int workFiles) {
    private static final int CGROUP_DEPTH = 8;

    static Census of(Path data) throws IOException, InterruptedException {
        String name = data.toString();
        Set<String> sandboxes = new TreeSet<>();
        int processes = 0;
        for (ProcessHandle each : ProcessHandle.allProcesses().toList()) {
            Path folder = Path.of("/proc/" + each.pid());
            String line = read(folder.resolve("cmdline"));
            if (line.startsWith("haneul-sandbox:") && line.contains(name)) {
                processes++;
                try {
                    sandboxes.add(
                            Files.readSymbolicLink(folder.resolve("ns/net")).toString());
                } catch (IOException e) {
                    continue; // ended
                }
            }
        }
        int mounts = (int) Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .filter(line -> line.contains(name))
                .count();
        String prefix = prefix(data);
        int namespaces = sandboxes.size();
        int devices = 0;
        int rules = prefix.isEmpty() ? 0 : lines("nft", "list", "table", "ip", prefix);
        if (!prefix.isEmpty()) {
            for (String each : names(Path.of("/run/netns"), prefix)) {
                namespaces++;
                devices += lines("ip", "-n", each, "-o", "link");
                rules += lines("ip", "netns", "exec", each, "nft", "list", "ruleset");
            }
            devices += names(Path.of("/sys/class/net"), prefix).size();
        }
        return new Census(
                processes,
                mounts,
                cgroups(data),
                namespaces,
                devices,
                rules,
                addresses(data),
                files(data.resolve("engines")) + files(data.resolve("lambda/environments")));
    }

    /** What its networks begin with, as its log of them says; empty where it has none. */
    private static String prefix(Path data) {
        try {
            byte[] hash = java.security.MessageDigest.getInstance("SHA-256")
                    .digest(data.resolve("networks")
                            .toAbsolutePath()
                            .normalize()
                            .toString()
                            .getBytes(StandardCharsets.UTF_8));
            String all = new java.math.BigInteger(1, hash).toString(36);
            return "hn" + all.substring(all.length() - 5);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int addresses(Path data) throws IOException, InterruptedException {
        String kept = "";
        try (Stream<Path> files = Files.find(data, 3, (path, facts) -> path.endsWith("vpc-host.properties"))) {
            kept = files.findFirst().map(Census::read).orElse("");
        }
        String range = kept.lines()
                .filter(line -> line.startsWith("public-range="))
                .findFirst()
                .map(line -> line.substring("public-range=".length()).split("/")[0])
                .orElse("");
        if (range.isEmpty()) {
            return 0;
        }
        String first = range.substring(0, range.lastIndexOf('.')) + ".1/32";
        Process shown = new ProcessBuilder("ip", "-o", "addr", "show", "dev", "lo").start();
        int found = (int)
                shown.inputReader().lines().filter(line -> line.contains(first)).count();
        shown = new ProcessBuilder("ip", "route", "show", "type", "unreachable").start();
        return found
                + (int) shown.inputReader()
                        .lines()
                        .filter(line -> line.contains(range))
                        .count();
    }

    private static int lines(String... command) throws IOException, InterruptedException {
        Process shown = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        int count = (int) shown.inputReader().lines().count();
        shown.waitFor();
        return count;
    }

    private static Set<String> names(Path folder, String prefix) throws IOException {
        Set<String> found = new TreeSet<>();
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.map(file -> file.getFileName().toString())
                        .filter(each -> each.startsWith(prefix))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private static int files(Path folder) throws IOException {
        int[] count = {0};
        if (Files.exists(folder)) {
            Files.walkFileTree(folder, new Counter(count, ""));
        }
        return count[0];
    }

    /** The sandbox engine's cgroups are below one that is named by its folder's checksum. */
    private static int cgroups(Path data) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(data.resolve("engines/sandbox").toString().getBytes(StandardCharsets.UTF_8));
        int[] count = {0};
        Path root = Path.of("/sys/fs/cgroup");
        if (Files.isDirectory(root)) {
            Files.walkFileTree(
                    root, Set.of(), CGROUP_DEPTH, new Counter(count, "haneul-%08x/".formatted(crc.getValue())));
        }
        return count[0];
    }

    /** Counts files, or the folders whose path has this part; others' come and go meanwhile. */
    private static final class Counter extends SimpleFileVisitor<Path> {
        private final int[] count;
        private final String part;

        Counter(int[] count, String part) {
            this.count = count;
            this.part = part;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            count[0] += !part.isEmpty() && folder.toString().contains(part) ? 1 : 0;
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            count[0] += part.isEmpty() ? 1 : 0;
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException gone) {
            return FileVisitResult.CONTINUE;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // ended
        }
    }
}
