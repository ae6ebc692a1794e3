package dev.haneul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** What servers take of the host's memory: pages that several share count for each in part (proc_pid_smaps(5)). */
final class ServerMemory {
    private static final double KIB_PER_MIB = 1024;

    private ServerMemory() {}

    /** Of all processes in these network namespaces. */
    static double proportionalMib(Set<Path> networks) throws IOException {
        long sum = 0;
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    if (networks.contains(Files.readSymbolicLink(process.resolve("ns/net")))) {
                        sum += pssKib(process);
                    }
                } catch (IOException e) {
                    continue; // ended
                }
            }
        }
        return sum / KIB_PER_MIB;
    }

    /** Of all servers whose root lies in a region's data folder. */
    static double proportionalMib(Path data) throws IOException {
        Set<Path> networks = new HashSet<>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    boolean init =
                            Files.readString(process.resolve("comm")).strip().equals("systemd");
                    if (init && Files.readString(process.resolve("mountinfo")).contains(data.toString())) {
                        networks.add(Files.readSymbolicLink(process.resolve("ns/net")));
                    }
                } catch (IOException e) {
                    continue; // ended
                }
            }
        }
        return proportionalMib(networks);
    }

    private static long pssKib(Path process) throws IOException {
        return Files.readAllLines(process.resolve("smaps_rollup")).stream()
                .filter(line -> line.startsWith("Pss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
