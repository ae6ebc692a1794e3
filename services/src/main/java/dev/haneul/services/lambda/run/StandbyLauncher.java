package dev.haneul.services.lambda.run;

import dev.haneul.engines.Engine;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import dev.haneul.services.lambda.runtimes.RuntimePlan;
import dev.haneul.services.lambda.runtimes.Runtimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Boots runtimes that stand by: what {@link Launcher} does, but for everything that is a function's own. */
public final class StandbyLauncher {
    /** Where a standby finds its gate. */
    private static final String GATE_ROOT = "/run/haneul";

    private static final int SMALL_MIB = 256;

    private final Engine engine;
    private final Runtimes runtimes;
    private final Doors doors;
    private final Networks networks;
    private final Path folder;

    /** @param folder for the gates; whatever an earlier server left there is removed */
    public StandbyLauncher(Engine engine, Runtimes runtimes, Doors doors, Networks networks, Path folder) {
        this.engine = engine;
        this.runtimes = runtimes;
        this.doors = doors;
        this.networks = networks;
        this.folder = folder;
    }

    /** A place for layers, unless the interpreter itself lives there. */
    private static List<Mount> withLayers(List<Mount> mounts, Path nothing) {
        List<Mount> all = new ArrayList<>(mounts);
        if (mounts.stream().noneMatch(mount -> mount instanceof Mount.Bind bind && under(bind.target()))) {
            all.add(new Mount.Bind(nothing, Launcher.LAYERS, true));
        }
        return all;
    }

    private static boolean under(String target) {
        return target.startsWith(Launcher.LAYERS + "/");
    }

    /** Whether this host's engine can give a running workload its code. */
    boolean possible() {
        return Linux.available() && engine.mountsLater();
    }

    /** Whether this runtime can wait for its function. */
    boolean serves(StandbyKey key) {
        return runtimes.standsBy(key.runtime());
    }

    /** Removes the gates of an earlier server, whose standbys are ended. */
    void sweep() throws IOException {
        FileTrees.delete(folder);
    }

    /** Starts one. It is at its gate a moment later. */
    Standby launch(StandbyKey key) throws LaunchException, IOException, InterruptedException {
        String id = "lambda-" + UUID.randomUUID();
        Path nothing = Files.createDirectories(folder.resolve("nothing"));
        Path gate = Files.createDirectory(folder.resolve(id));
        boolean whole = false;
        try {
            Files.setPosixFilePermissions(gate, PosixFilePermissions.fromString("rwxr-xr-x"));
            Linux.makePipe(gate.resolve(Standby.PIPE).toString());
            List<Mount> given = new ArrayList<>(List.of(
                    new Mount.Bind(nothing, Runtimes.TASK_ROOT, true),
                    new Mount.Scratch(Launcher.SCRATCH, key.ephemeralMib()),
                    new Mount.Bind(gate, GATE_ROOT, true)));
            RuntimePlan plan = runtimes.standby(
                    key.runtime(),
                    key.memoryMib(),
                    given,
                    (mounts, path) -> engine.resolve(id, mounts, path),
                    GATE_ROOT + "/" + Standby.PIPE);
            List<Mount> mounts = withLayers(plan.mounts(), nothing);
            RuntimeSession session = new RuntimeSession();
            int memoryMib = key.memoryMib() == 0 ? SMALL_MIB : key.memoryMib();
            Workload workload = engine.launch(new WorkloadSpec(
                    id,
                    new WorkloadSpec.Root.HostRuntime(),
                    plan.command(),
                    Launcher.base(plan, path -> engine.resolve(id, mounts, path)),
                    engine.resolve(id, mounts, Runtimes.TASK_ROOT),
                    mounts,
                    new Limits(memoryMib, 0, Launcher.PIDS, Launcher.OPEN_FILES),
                    doors.of(Map.of(), session),
                    Map.of(Launcher.LABEL, "standby"),
                    true,
                    networks.link(key.network())));
            whole = true;
            return new Standby(key, workload, session, mounts, gate);
        } finally {
            if (!whole) {
                FileTrees.delete(gate);
            }
        }
    }
}
