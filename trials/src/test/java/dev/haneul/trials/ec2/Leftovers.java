package dev.haneul.trials.ec2;

import dev.haneul.trials.LaunchedRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What servers and networks make of this machine.
 *
 * @param networks network namespaces, devices, addresses and routes of the host, and tables of packet filters
 */
record Leftovers(Set<String> networks) {
    private static final Path LOOPS = Path.of("/sys/block");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final int CGROUP_DEPTH = 5;

    static Leftovers now() throws IOException, InterruptedException {
        Set<String> found = new TreeSet<>();
        for (String folder : List.of("/run/netns", "/sys/class/net")) {
            found.addAll(names(Path.of(folder)));
        }
        for (String command :
                List.of("nft list tables", "ip -o -4 addr show dev lo", "ip route show type unreachable")) {
            Process shown = new ProcessBuilder(command.split(" ")).start();
            found.addAll(shown.inputReader().readAllLines());
            shown.waitFor();
        }
        return new Leftovers(found);
    }

    /** What there is now and was not before, and everything else that is a region's or one of its servers'. */
    List<String> since(Leftovers before, LaunchedRegion region, List<String> servers) throws IOException {
        String data = region.data().toString();
        List<String> found = new ArrayList<>();
        networks.stream().filter(name -> !before.networks.contains(name)).forEach(found::add);
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .filter(line -> line.contains(data))
                .forEach(found::add);
        for (String device : names(LOOPS)) {
            String file = read(LOOPS.resolve(device).resolve("loop/backing_file"));
            if (file.contains(data)) {
                found.add(device + " " + file);
            }
        }
        try (Stream<Path> groups = Files.find(CGROUPS, CGROUP_DEPTH, (path, facts) -> facts.isDirectory())) {
            groups.map(Path::toString)
                    .filter(name -> servers.stream().anyMatch(name::contains))
                    .forEach(found::add);
        } catch (UncheckedIOException e) {
            found.add("groups come and go: " + e.getMessage());
        }
        long server = region.pid();
        ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> pid != server)
                .filter(pid -> Stream.of("cmdline", "mountinfo")
                        .anyMatch(file -> read(Path.of("/proc/" + pid, file)).contains(data)))
                .forEach(pid -> found.add("process " + pid + " " + read(Path.of("/proc/" + pid, "comm"))));
        return found;
    }

    private static Set<String> names(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
