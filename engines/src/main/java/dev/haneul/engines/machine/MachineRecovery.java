package dev.haneul.engines.machine;

import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.work.Folders;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.StateFile;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an earlier server of this data folder left: machines that were started are adopted, whether they run or have ended
 * since; everything else is cleared away. Nobody else uses the folder: the region holds its lock.
 */
final class MachineRecovery {
    private static final Logger LOG = System.getLogger(MachineRecovery.class.getName());
    private static final Set<String> FACTS = Set.of(
            MachineState.CGROUP,
            MachineState.ROOT_DISK,
            MachineState.ROOT_LOOP,
            MachineState.HOSTNAME,
            MachineState.STARTED);
    private static final long END_NANOS = 5_000_000_000L;

    private final Path home;
    private final Cgroups cgroups;
    private final DiskStore disks;
    private final GuestKit kit;
    private final WatchedMachine.Callbacks callbacks;

    MachineRecovery(Path home, Cgroups cgroups, DiskStore disks, GuestKit kit, WatchedMachine.Callbacks callbacks) {
        this.home = home;
        this.cgroups = cgroups;
        this.disks = disks;
        this.kit = kit;
        this.callbacks = callbacks;
    }

    /** Takes a machine in. */
    interface Adoption {
        void of(WatchedMachine machine) throws IOException;
    }

    /** @param mine machines of this very process, left alone */
    List<Machine> run(Set<String> mine, Adoption adoption) throws IOException {
        Files.createDirectories(home);
        var found = new ArrayList<WatchedMachine>();
        for (var path : Folders.within(home)) {
            if (!mine.contains(path.getFileName().toString())) {
                find(new MachineFolder(path)).ifPresent(found::add);
            }
        }
        var kept = found.stream().map(Machine::id).collect(Collectors.toCollection(HashSet::new));
        kept.addAll(mine);
        clearProcesses(kept);
        clearGroups(kept);
        for (var path : Folders.within(home)) {
            if (!kept.contains(path.getFileName().toString())) {
                FileTrees.delete(path);
            }
        }
        disks.clear();
        for (var machine : found) {
            adoption.of(machine);
        }
        return List.copyOf(found);
    }

    private Optional<WatchedMachine> find(MachineFolder folder) {
        var state = StateFile.read(folder.path());
        if (state.isEmpty()
                || !state.get().processes().containsKey(MachineState.WATCHER)
                || !state.get().facts().keySet().containsAll(FACTS)) {
            return Optional.empty();
        }
        try {
            var facts = state.get().facts();
            var id = state.get().id();
            boolean virtual = MachineWay.VIRTUAL.name().equals(facts.get(MachineState.WAY));
            disks.acquire(
                    String.valueOf(facts.get(MachineState.ROOT_DISK)),
                    new DiskStore.Use(id, virtual ? "" : String.valueOf(facts.get(MachineState.ROOT_LOOP)), () -> {}));
            var known = new MachineState(folder, state.get());
            var group = cgroups.existing(String.valueOf(facts.get(MachineState.CGROUP)));
            var machine = virtual
                    ? new VirtualMachine(
                            known, group, disks, VirtualDisks.adopted(id, disks, facts), kit, true, callbacks)
                    : new ContainerMachine(known, group, disks, MachineDisks.adopted(id, disks, facts), callbacks);
            machine.openDoor();
            return Optional.of(machine);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the machine in " + folder.path() + " cannot be adopted", e);
            return Optional.empty();
        }
    }

    private void clearProcesses(Set<String> kept) throws IOException {
        var markers = kept.stream()
                .map(id -> new MachineFolder(home.resolve(id)).marker())
                .collect(Collectors.toSet());
        var ours = MachineFolder.markers(home);
        for (var watcher : HostProcesses.named(name -> name.startsWith(ours) && !markers.contains(name))) {
            for (var process : HostProcesses.family(watcher).reversed()) {
                HostProcesses.signal(process, Linux.SIGKILL);
            }
            try {
                HostProcesses.await(END_NANOS, () -> !watcher.alive());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    private void clearGroups(Set<String> kept) throws IOException {
        for (var name : cgroups.names()) {
            if (!kept.contains(name)) {
                var group = cgroups.existing(name);
                group.thaw();
                MachineEnd.killRest(group);
                group.remove();
            }
        }
        Boxes.clear(
                home,
                kept.stream()
                        .map(id -> Boxes.name(new MachineFolder(home.resolve(id))))
                        .toList());
    }
}
