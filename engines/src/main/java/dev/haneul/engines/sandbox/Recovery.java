package dev.haneul.engines.sandbox;

import dev.haneul.engines.cgroup.Cgroup;
import dev.haneul.engines.work.Folders;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What an earlier server of this data folder left: sandboxes that run are adopted, those that ended are kept for who
 * wants to know how, everything else is cleared away. Nobody else uses the folder: the region holds its lock.
 */
final class Recovery {
    private final Outfit outfit;

    Recovery(Outfit outfit) {
        this.outfit = outfit;
    }

    /**
     * @param mine workloads of this very engine, left alone
     * @param onClosed told the id when a workload that was found is closed
     */
    List<SandboxWorkload> run(Set<String> mine, Consumer<String> onClosed) throws IOException {
        var found = new ArrayList<SandboxWorkload>();
        var cgroups = new HashSet<String>();
        var markers = new HashSet<String>();
        for (var path : Folders.within(outfit.workloads())) {
            var folder = new SandboxFolder(path);
            if (mine.contains(path.getFileName().toString())) {
                markers.add(folder.marker());
                continue;
            }
            var workload = find(folder, onClosed);
            if (workload.isPresent()) {
                found.add(workload.get());
                markers.add(folder.marker());
                cgroups.add(StateFile.read(path).orElseThrow().facts().get(Launch.CGROUP));
            }
        }
        clearProcesses(markers);
        clearCgroups(cgroups);
        clearFolders(markers);
        if (found.isEmpty()) {
            outfit.etc().removeOthers();
        }
        return found;
    }

    private Optional<SandboxWorkload> find(SandboxFolder folder, Consumer<String> onClosed) throws IOException {
        var state = StateFile.read(folder.path());
        if (state.isEmpty()
                || !state.get().processes().keySet().containsAll(Set.of(Launch.MONITOR, Launch.INIT))
                || !state.get().facts().containsKey(Launch.CGROUP)) {
            return Optional.empty();
        }
        var id = state.get().id();
        if (id.startsWith(SandboxProbe.PREFIX)) {
            return Optional.empty(); // an earlier server was killed while it probed: nobody asks for this one
        }
        var workload = new SandboxWorkload(
                state.get(),
                folder,
                outfit.cgroups().existing(state.get().facts().get(Launch.CGROUP)),
                null,
                outfit.visitor(),
                outfit.privateNetwork(),
                () -> onClosed.accept(id));
        if (workload.adoptable()) {
            return Optional.of(workload);
        }
        return workload.endedUnseen() ? Optional.of(workload) : Optional.empty();
    }

    private void clearProcesses(Set<String> kept) throws IOException {
        var ours = SandboxFolder.markers(outfit.workloads());
        for (var process : HostProcesses.named(name -> name.startsWith(ours) && !kept.contains(name))) {
            HostProcesses.signal(process, Linux.SIGKILL);
        }
    }

    private void clearCgroups(Set<String> kept) throws IOException {
        for (var name : outfit.cgroups().names()) {
            if (!kept.contains(name) && !outfit.threads().owns(name)) {
                clear(outfit.cgroups().existing(name));
            }
        }
    }

    /** Whatever sits in a cgroup of ours that no living workload owns is left over, whoever started it. */
    private static void clear(Cgroup cgroup) throws IOException {
        cgroup.thaw();
        for (long pid : cgroup.processes()) {
            var process = ProcessIdentity.of(pid);
            if (process.isPresent() && pid != ProcessHandle.current().pid()) {
                HostProcesses.signal(process.get(), Linux.SIGKILL);
            }
        }
        cgroup.remove();
    }

    private void clearFolders(Set<String> kept) throws IOException {
        for (Path path : Folders.within(outfit.workloads())) {
            if (!kept.contains(new SandboxFolder(path).marker())) {
                FileTrees.delete(path);
            }
        }
    }
}
