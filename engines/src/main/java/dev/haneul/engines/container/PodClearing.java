package dev.haneul.engines.container;

import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/** Clears away what an earlier server had begun to make, or had not cleared away to its end. */
final class PodClearing {
    private static final long END_NANOS = 5_000_000_000L;

    private final Path home;
    private final Cgroups cgroups;

    PodClearing(Path home, Cgroups cgroups) {
        this.home = home;
        this.cgroups = cgroups;
    }

    /**
     * Clears everything but what stays.
     *
     * @param half pods without a state
     */
    void run(List<PodFolder> half, List<PodFolder> stays) throws IOException {
        for (var process : HostProcesses.named(
                name -> PodFolder.marks(name, home) && stays.stream().noneMatch(it -> it.owns(name)))) {
            end(process);
        }
        var names = new HashSet<>(cgroups.names());
        for (var pod : stays) {
            pod.group().ifPresent(names::remove);
        }
        for (var pod : half) {
            pod.group().ifPresent(names::add);
        }
        for (var name : names) {
            var group = cgroups.existing(name);
            for (long pid : group.allProcesses()) {
                var process = ProcessIdentity.of(pid);
                if (process.isPresent()) {
                    end(process.get());
                }
            }
            group.removeAll();
        }
        for (var pod : half) {
            FileTrees.delete(pod.path());
        }
    }

    private static void end(ProcessIdentity process) throws IOException {
        for (var each : HostProcesses.family(process).reversed()) {
            HostProcesses.signal(each, Linux.SIGKILL);
        }
        try {
            HostProcesses.await(END_NANOS, () -> !process.alive());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
