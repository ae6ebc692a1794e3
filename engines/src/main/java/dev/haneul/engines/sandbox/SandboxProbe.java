package dev.haneul.engines.sandbox;

import dev.haneul.engines.Door;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Probe;
import dev.haneul.engines.Workload.Exit;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Finds out whether sandboxes work here, by making one. */
final class SandboxProbe {
    /** What the ids of the probe's own sandboxes begin with. */
    static final String PREFIX = "probe-";

    private static final Logger LOG = System.getLogger(SandboxProbe.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int ANY_PORT = 9001;

    private SandboxProbe() {}

    /** Runs {@code true} in a full sandbox with a door. */
    static void tryOut(SandboxEngine engine) throws LaunchException, InterruptedException {
        var door = new Door("PROBE", "%s", ANY_PORT, (connection, _) -> connection.close());
        var spec = new WorkloadSpec(
                PREFIX + UUID.randomUUID(),
                new WorkloadSpec.Root.HostRuntime(),
                List.of("true"),
                Map.of("PATH", "/usr/bin:/bin"),
                "/",
                List.of(),
                new Limits(64, 1000, 16, 256),
                List.of(door),
                Map.of());
        try (var workload = engine.launch(spec, engine.outfitUnderTest())) {
            var exit = workload.await(PATIENCE);
            if (!exit.map(Exit::code).equals(Optional.of(0))) {
                throw new LaunchException("a sandboxed `true` ended with " + exit);
            }
        }
    }

    /** Whether a folder can be shown to a sandbox that runs already. */
    static boolean mountsLater(SandboxEngine engine, Outfit outfit) throws InterruptedException {
        var etc = outfit.etc().folder();
        var spec = new WorkloadSpec(
                PREFIX + UUID.randomUUID(),
                new WorkloadSpec.Root.HostRuntime(),
                List.of("sleep", Long.toString(PATIENCE.toSeconds())),
                Map.of("PATH", "/usr/bin:/bin"),
                "/",
                List.of(new Mount.Bind(etc, "/mnt/probe", true)),
                new Limits(64, 1000, 16, 256),
                List.of(),
                Map.of());
        try (var workload = engine.launch(spec, outfit)) {
            workload.mount(new Mount.Bind(etc, "/mnt/probe", true));
            return true;
        } catch (LaunchException | IOException e) {
            LOG.log(Level.DEBUG, "folders cannot be mounted into running sandboxes", e);
            return false;
        }
    }

    static Probe usable(Outfit outfit) {
        var guarantees = new ArrayList<>(List.of(
                "own mount, pid, ipc, uts and cgroup namespaces",
                "no capabilities, no new privileges, a system-call filter",
                "read-only host runtime, an /etc of its own"));
        var weaknesses = new ArrayList<>(outfit.cgroups().weaknesses());
        if (outfit.privateNetwork()) {
            guarantees.add("own network namespace, reaching nothing but its doors");
        } else {
            weaknesses.add("Workloads share the host's network: only root may open doors inside private ones.");
        }
        if (outfit.user().descriptor() >= 0) {
            guarantees.add("an unprivileged user that exists nowhere else, no further user namespaces");
        } else {
            weaknesses.add("Workloads run as your own user behind the sandbox's walls.");
        }
        if (outfit.disks().usable()) {
            guarantees.add("scratch space above 512 MiB on disks of their own, of the size asked for");
            weaknesses.add("Scratch space up to 512 MiB is held in memory and counts towards the memory limit.");
        } else {
            weaknesses.add("Scratch space, /tmp included, is held in memory and counts towards the memory limit.");
        }
        guarantees.addAll(outfit.cgroups().guarantees());
        return new Probe(true, "bubblewrap, no daemon", guarantees, weaknesses);
    }

    static Probe unusable(String reason) {
        return new Probe(false, reason, List.of(), List.of());
    }
}
