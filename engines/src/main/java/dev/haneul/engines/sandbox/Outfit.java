package dev.haneul.engines.sandbox;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.cgroup.Cgroups;
import dev.haneul.engines.work.SyntheticEtc;
import dev.haneul.fabric.MountVisitor;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NativeSpawn;
import dev.haneul.fabric.linux.ProcessExits;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import java.util.zip.CRC32;

/**
 * What every launch needs and the engine makes once.
 *
 * @param bwrap the program's path
 * @param workloads the folder with a folder per workload
 * @param filter the file with the system-call filter
 * @param privateNetwork whether workloads get networks of their own
 */
record Outfit(
        String bwrap,
        Path workloads,
        SyntheticEtc etc,
        Path filter,
        SandboxUser user,
        Cgroups cgroups,
        LaunchThreads threads,
        ProcessExits exits,
        ScratchDisks disks,
        MountVisitor visitor,
        boolean privateNetwork)
        implements AutoCloseable {

    static Outfit prepare(Path home, Function<String, Cgroups> detect)
            throws IOException, LaunchException, InterruptedException {
        if (!Linux.available()) {
            throw new LaunchException("needs Linux on x86-64 or ARM64");
        }
        if (!NativeSpawn.available()) {
            throw new LaunchException("needs glibc 2.34 or newer");
        }
        var bwrap = Arrays.stream(
                        System.getenv().getOrDefault("PATH", "/usr/bin").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "bwrap"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new LaunchException("bubblewrap is not installed: " + howToInstall()));
        var workloads = home.resolve("workloads");
        Files.createDirectories(workloads);
        var etc = SyntheticEtc.make(home.resolve("etc"), SandboxUser.UID, SandboxUser.GID);
        var filter = SystemCallFilter.write(home.resolve("seccomp"));
        var user = SandboxUser.make();
        try {
            var disks = ScratchDisks.find(home.resolve("scratch"), user).tried();
            var exits = new ProcessExits();
            var cgroups = detect.apply("haneul-" + shortHash(home));
            return new Outfit(
                    bwrap.toString(),
                    workloads,
                    etc,
                    filter,
                    user,
                    cgroups,
                    new LaunchThreads(cgroups),
                    exits,
                    disks,
                    new MountVisitor(),
                    true);
        } catch (IOException e) {
            user.close();
            throw e;
        }
    }

    Outfit withHostNetwork() {
        return new Outfit(bwrap, workloads, etc, filter, user, cgroups, threads, exits, disks, visitor, false);
    }

    private static String shortHash(Path home) {
        var crc = new CRC32();
        crc.update(home.toString().getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }

    private static String howToInstall() {
        if (Files.exists(Path.of("/usr/bin/apt-get"))) {
            return "apt-get install -y bubblewrap";
        }
        if (Files.exists(Path.of("/usr/bin/dnf"))) {
            return "dnf install -y bubblewrap";
        }
        return "install the package bubblewrap";
    }

    @Override
    public void close() {
        threads.close();
        visitor.close();
        cgroups.close();
        exits.close();
        user.close();
    }
}
