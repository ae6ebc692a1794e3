package dev.haneul.engines.docker;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.WorkloadSpec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A workload's spec in the words of {@code POST /containers/create}. */
final class ContainerSpec {
    /** Where the wrapper finds its gate and its files. */
    private static final String DESK = "/run/engine";
    /** The wrapper. */
    static final int OVERHEAD_PIDS = 1;

    private static final int TMP_MIB = 64;
    private static final long CPU_PERIOD_MICROS = 100_000;
    /** What daemons put into an environment unasked. */
    private static final List<String> UNASKED = List.of("HOSTNAME", "HOME", "TERM", "container", "PATH");

    /**
     * The first process. It waits for the word to go, which comes once the doors are open and our state is on disk. What
     * it may hear it hands on to the program; the rest of its words are for {@link DockerWorkload#ended()}. A wait that a
     * signal ended tells the signal's number, and the program may have ended by then: a second wait knows how.
     */
    private static final String WRAPPER = """
            read -r __go <DESK/gate || exit 1
            __errors=$1; __unasked=$2; shift 2
            for __s in HUP INT TERM USR1 USR2; do trap "kill -$__s \\$__program 2>/dev/null" $__s; done
            command -v "$1" >/dev/null || { echo "failed $1: not found" >>DESK/status; exit 127; }
            (trap - HUP INT QUIT TERM USR1 USR2; unset __go __errors __s OLDPWD $__unasked; unset __unasked
            exec "$@") >>DESK/stdout 2>>"DESK/$__errors" </dev/null &
            __program=$!
            echo running >>DESK/status
            while :; do
              wait $__program; __code=$?
              kill -0 $__program 2>/dev/null || break
            done
            [ $__code -le 128 ] || { wait $__program; __late=$?; [ $__late = 127 ] || __code=$__late; }
            cd /sys/fs/cgroup
            one() { [ -r "$2" ] && read -r __v <"$2" && echo "$1 $__v"; }
            keyed() { [ -r "$3" ] && while read -r __k __v; do [ "$__k" != "$2" ] || echo "$1 $__v$4"; done <"$3"; }
            { one cpu cpuacct/cpuacct.usage; keyed cpu usage_usec cpu.stat 000
            one peak memory/memory.max_usage_in_bytes; one peak memory.peak
            keyed oom oom_kill memory/memory.oom_control; keyed oom oom_kill memory.events
            echo "exit $__code"; } >>DESK/status 2>/dev/null
            """.replace("DESK", DESK);

    private ContainerSpec() {}

    /**
     * The configuration.
     *
     * @param folder the workload's, with its gate and files
     * @param network {@code none}, or {@code host} where doors cannot be opened inside
     * @param variables of the doors
     */
    static Map<String, Object> of(
            WorkloadSpec spec, Path folder, Path etc, Host host, String network, Map<String, String> variables)
            throws LaunchException, IOException {
        var environment = new LinkedHashMap<>(spec.environment());
        environment.putAll(variables);
        var unasked =
                UNASKED.stream().filter(name -> !environment.containsKey(name)).toList();
        var command = new ArrayList<>(List.of(
                "-c",
                WRAPPER,
                "haneul-container",
                spec.joinedOutput() ? "stdout" : "stderr",
                String.join(" ", unasked)));
        command.addAll(spec.command());
        var whole = new LinkedHashMap<String, Object>();
        whole.put("Image", host.image());
        whole.put("Entrypoint", List.of("/bin/sh"));
        whole.put("Cmd", command);
        whole.put(
                "Env",
                environment.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .toList());
        whole.put("WorkingDir", spec.workingDirectory());
        whole.put("User", host.uid() + ":" + host.gid());
        whole.put("Labels", Map.of(DockerEngine.HOME_LABEL, host.home(), DockerEngine.ID_LABEL, spec.id()));
        if (network.equals("none")) {
            whole.put("Hostname", "sandbox");
        }
        whole.put("HostConfig", hostConfig(spec, folder, etc, host, network));
        return whole;
    }

    /**
     * What is the same for all containers.
     *
     * @param image the empty one's name
     * @param home tells our containers from others'
     * @param openFiles how many descriptors we may allow a process
     */
    record Host(String image, String home, int uid, int gid, long openFiles, long processes) {}

    private static Map<String, Object> hostConfig(WorkloadSpec spec, Path folder, Path etc, Host host, String network)
            throws LaunchException {
        var binds = new ArrayList<String>(List.of("/usr:/usr:ro", etc + ":/etc:ro"));
        for (var name : EmptyImage.TOP_LEVEL) {
            var path = Path.of("/" + name);
            if (Files.isDirectory(path) && !Files.isSymbolicLink(path)) {
                binds.add(path + ":" + path + ":ro");
            }
        }
        var files = spec.joinedOutput() ? List.of("stdout", "status") : List.of("stdout", "stderr", "status");
        binds.add(folder.resolve("gate") + ":" + DESK + "/gate:ro");
        files.forEach(file -> binds.add(folder.resolve(file) + ":" + DESK + "/" + file));
        var scratch = new LinkedHashMap<String, String>(Map.of("/tmp", scratch(TMP_MIB)));
        for (var mount : spec.mounts()) {
            switch (mount) {
                case Mount.Bind(Path source, String target, boolean readOnly) -> {
                    requirePlace(target);
                    if (!Files.exists(source)) {
                        throw new LaunchException("nothing to mount at " + target + ": " + source + " does not exist");
                    }
                    binds.add(source.toAbsolutePath() + ":" + target + (readOnly ? ":ro" : ""));
                }
                case Mount.Scratch(String target, int sizeMib) -> {
                    requirePlace(target);
                    scratch.put(target, scratch(sizeMib));
                }
            }
        }
        var config = new LinkedHashMap<String, Object>();
        config.put("Binds", binds);
        config.put("Tmpfs", scratch);
        config.put("NetworkMode", network);
        config.put("ReadonlyRootfs", true);
        config.put("CapDrop", List.of("ALL"));
        config.put("SecurityOpt", List.of("no-new-privileges"));
        config.put("LogConfig", Map.of("Type", "none", "Config", Map.of()));
        limits(spec.limits(), host, config);
        return config;
    }

    /** Some daemons ask for more than the kernel grants where they are not told how much. */
    private static void limits(Limits limits, Host host, Map<String, Object> config) {
        if (limits.memoryMib() > 0) {
            config.put("Memory", (long) limits.memoryMib() << 20);
            config.put("MemorySwap", (long) limits.memoryMib() << 20);
        }
        if (limits.cpuMilli() > 0) {
            config.put("CpuPeriod", CPU_PERIOD_MICROS);
            config.put("CpuQuota", Math.max(1000, limits.cpuMilli() * CPU_PERIOD_MICROS / 1000));
        }
        if (limits.pids() > 0) {
            config.put("PidsLimit", (long) limits.pids() + OVERHEAD_PIDS);
        }
        long files = limits.openFiles() > 0 ? Math.min(limits.openFiles(), host.openFiles()) : host.openFiles();
        config.put("Ulimits", List.of(ulimit("nofile", files), ulimit("nproc", host.processes())));
    }

    private static Map<String, Object> ulimit(String name, long value) {
        return Map.of("Name", name, "Soft", value, "Hard", value);
    }

    private static String scratch(int sizeMib) {
        return "rw,exec,nosuid,nodev,mode=1777,size=" + Math.max(1, sizeMib) + "m";
    }

    private static void requirePlace(String target) throws LaunchException {
        if (!target.startsWith("/") || target.equals("/") || target.contains(":")) {
            throw new LaunchException("not a place to mount at: " + target);
        }
    }
}
