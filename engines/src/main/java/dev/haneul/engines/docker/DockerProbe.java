package dev.haneul.engines.docker;

import dev.haneul.engines.Door;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Probe;
import dev.haneul.engines.Workload.Exit;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Finds out whether containers work here, by running one. */
final class DockerProbe {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int ANY_PORT = 9001;

    private DockerProbe() {}

    /** Runs {@code true} in a container with a door. A daemon of another machine does not see our files and fails. */
    static void tryOut(DockerEngine engine) throws LaunchException, InterruptedException {
        var spec = new WorkloadSpec(
                "probe-" + UUID.randomUUID(),
                new WorkloadSpec.Root.HostRuntime(),
                List.of("true"),
                Map.of("PATH", "/usr/bin:/bin"),
                "/",
                List.of(),
                new Limits(64, 1000, 16, 256),
                List.of(new Door("PROBE", "%s", ANY_PORT, (connection, _) -> connection.close())),
                Map.of());
        try (var workload = engine.start(spec)) {
            var exit = workload.await(PATIENCE);
            if (!exit.map(Exit::code).equals(Optional.of(0))) {
                throw new LaunchException("`true` in a container ended with " + exit);
            }
        }
    }

    static Probe unusable(String reason) {
        return new Probe(false, reason, List.of(), List.of());
    }

    static Probe usable(Daemon daemon) {
        var guarantees = new ArrayList<>(List.of(
                "mount, process and IPC namespaces, no capabilities",
                "read-only host runtimes",
                "limits on memory, CPU, processes and open files, as far as the daemon's cgroups go",
                "scratch space limited, in memory"));
        var weaknesses = new ArrayList<>(List.of(
                "Scratch space counts towards a workload's memory limit.",
                "Whoever may talk to the daemon may do anything to workloads and to this machine."));
        if (daemon.privateNetwork()) {
            guarantees.add("network namespace");
        } else {
            weaknesses.add("Workloads share the host's network: only root can open doors inside theirs.");
        }
        if (!Daemon.root()) {
            weaknesses.add("Workloads run as the server's own user; none can stand by.");
        }
        return new Probe(true, daemon.version() + " at " + daemon.socket(), guarantees, weaknesses);
    }
}
