package dev.haneul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
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
        for (ProcessHandle init : inits(data)) {
            networks.add(Files.readSymbolicLink(Path.of("/proc", Long.toString(init.pid()), "ns/net")));
        }
        return proportionalMib(networks);
    }

    /** The first process of each server whose root lies in a region's data folder. */
    static List<ProcessHandle> inits(Path data) {
        return ProcessHandle.allProcesses()
                .filter(process -> isInit(Path.of("/proc", Long.toString(process.pid())), data))
                .toList();
    }

    private static boolean isInit(Path process, Path data) {
        try {
            return Files.readString(process.resolve("comm")).strip().equals("systemd")
                    && Files.readString(process.resolve("mountinfo")).contains(data.toString());
        } catch (IOException e) {
            return false; // ended
        }
    }

    private static long pssKib(Path process) throws IOException {
        return Files.readAllLines(process.resolve("smaps_rollup")).stream()
                .filter(line -> line.startsWith("Pss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
