package dev.haneul.engines.process;

import dev.haneul.engines.Engine;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.Probe;
import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.engines.WorkloadSpec.Root;
import dev.haneul.engines.work.Folders;
import dev.haneul.engines.work.LogJanitor;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.StateFile;
import dev.haneul.fabric.linux.ErrnoException;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.ProcessExits;
import dev.haneul.kernel.files.FileTrees;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Runs workloads as plain processes. */
public final class ProcessEngine implements Engine {
    private final Path workloads;
    private final boolean setsid = Arrays.stream(
                    System.getenv().getOrDefault("PATH", "/usr/bin").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "setsid")));
    private final Map<String, ProcessWorkload> running = new ConcurrentHashMap<>();
    private final LogJanitor janitor =
            new LogJanitor(() -> running.values().stream().flatMap(ProcessWorkload::logs));
    private @Nullable ProcessExits exits;

    /** @param home a folder of this engine's own within the data folder; made on first use */
    public ProcessEngine(Path home) {
        workloads = home.toAbsolutePath().normalize().resolve("workloads");
    }

    @Override
    public String name() {
        return "process";
    }

    @Override
    public Probe probe() {
        if (!Files.isExecutable(Path.of("/bin/sh"))) {
            return new Probe(false, "there is no /bin/sh", List.of(), List.of());
        }
        return new Probe(
                true,
                "plain processes",
                List.of("limit on open files"),
                List.of(
                        "Workloads see and may change the same files, processes and network as the server's user.",
                        "Any program of this machine can knock at a workload's doors on 127.0.0.1.",
                        "Limits on memory, CPU, processes and scratch space do not bite.",
                        "Mounts are not seen at their targets; workloads are told the real paths."));
    }

    @Override
    public String resolve(String id, List<Mount> mounts, String path) {
        String best = path;
        int length = 0;
        for (int i = 0; i < mounts.size(); i++) {
            var target = target(mounts.get(i));
            boolean within = path.equals(target) || path.startsWith(target.endsWith("/") ? target : target + "/");
            if (within && target.length() >= length) {
                length = target.length();
                var rest = path.substring(target.length());
                best = source(id, mounts.get(i), i) + rest;
            }
        }
        return best;
    }

    private static String target(Mount mount) {
        return switch (mount) {
            case Mount.Bind bind -> bind.target();
            case Mount.Scratch scratch -> scratch.target();
        };
    }

    private Path source(String id, Mount mount, int index) {
        return switch (mount) {
            case Mount.Bind bind -> bind.source().toAbsolutePath();
            case Mount.Scratch _ -> workloads.resolve(id).resolve("scratch-" + index);
        };
    }

    @Override
    public Workload launch(WorkloadSpec spec) throws LaunchException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!(spec.root() instanceof Root.HostRuntime)) {
            throw new LaunchException("plain processes cannot have a root file system of their own");
        }
        var folder = workloads.resolve(spec.id());
        try {
            Files.createDirectories(workloads);
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            throw new LaunchException("there is a workload " + spec.id() + " already", e);
        } catch (IOException e) {
            throw new LaunchException("no folder can be made for " + spec.id() + ": " + e.getMessage(), e);
        }
        var listeners = new ArrayList<ServerSocketChannel>();
        try {
            return launch(spec, folder, listeners);
        } catch (IOException e) {
            undo(folder, listeners);
            throw new LaunchException(String.valueOf(e.getMessage()), e);
        } catch (LaunchException e) {
            undo(folder, listeners);
            throw e;
        }
    }

    private Workload launch(WorkloadSpec spec, Path folder, List<ServerSocketChannel> listeners)
            throws IOException, LaunchException {
        makeMounts(spec);
        Files.createFile(folder.resolve("stdout"));
        for (var _ : spec.doors()) {
            listeners.add(listen(0));
        }
        var facts = new TreeMap<String, String>();
        if (spec.joinedOutput()) {
            facts.put(StateFile.JOINED_OUTPUT, "true");
        }
        var wrapper = start(spec, folder, listeners, facts);
        try {
            var state = new StateFile(
                    spec.id(),
                    Instant.now(),
                    Map.of(ProcessWorkload.WRAPPER, identity(wrapper.pid())),
                    facts,
                    spec.labels());
            state.write(folder);
            var program = identity(go(wrapper, folder));
            var workload = new ProcessWorkload(state, program, folder, setsid, () -> running.remove(spec.id()));
            running.put(spec.id(), workload);
            var _ = wrapper.onExit().thenRun(workload::ended);
            workload.keep(spec.doors(), listeners);
            janitor.start();
            return workload;
        } catch (IOException | LaunchException | RuntimeException e) {
            wrapper.descendants().forEach(ProcessHandle::destroyForcibly);
            wrapper.destroyForcibly();
            throw e;
        }
    }

    /** A process that ended at once gets a birth that no living one has. */
    private static ProcessIdentity identity(long pid) {
        return ProcessIdentity.of(pid).orElse(new ProcessIdentity(pid, "ended"));
    }

    /** Lets the wrapper start the program. */
    private static long go(Process wrapper, Path folder) throws IOException, LaunchException {
        try (var out = wrapper.getOutputStream()) {
            out.write('\n');
        }
        try (var in = new BufferedReader(new InputStreamReader(wrapper.getInputStream(), StandardCharsets.US_ASCII))) {
            var line = in.readLine();
            if (line == null) {
                throw new LaunchException(
                        Files.readString(folder.resolve("stderr")).strip());
            }
            return Long.parseLong(line.strip());
        }
    }

    private Process start(
            WorkloadSpec spec, Path folder, List<ServerSocketChannel> listeners, Map<String, String> facts)
            throws IOException {
        var command = new ArrayList<String>();
        if (setsid) {
            command.add("setsid");
        }
        command.addAll(List.of(
                "/bin/sh",
                "-c",
                (setsid ? "" : "set -m\n") + ProcessWorkload.SCRIPT,
                "haneul-process",
                folder.toString(),
                Integer.toString(spec.limits().openFiles()),
                spec.joinedOutput() ? "stdout" : "stderr"));
        command.addAll(spec.command());
        var builder = new ProcessBuilder(command);
        builder.directory(Path.of(spec.workingDirectory()).toFile());
        builder.redirectError(folder.resolve("stderr").toFile());
        var environment = builder.environment();
        environment.clear();
        environment.putAll(spec.environment());
        for (int i = 0; i < listeners.size(); i++) {
            var door = spec.doors().get(i);
            int port = ((InetSocketAddress) listeners.get(i).getLocalAddress()).getPort();
            environment.put(door.variable(), door.format().replace("%s", "127.0.0.1:" + port));
            facts.put(ProcessWorkload.PORT + door.variable(), Integer.toString(port));
        }
        return builder.start();
    }

    private void makeMounts(WorkloadSpec spec) throws IOException, LaunchException {
        for (int i = 0; i < spec.mounts().size(); i++) {
            var mount = spec.mounts().get(i);
            var source = source(spec.id(), mount, i);
            if (mount instanceof Mount.Scratch) {
                Files.createDirectory(source);
            } else if (!Files.exists(source)) {
                throw new LaunchException("nothing to mount at " + target(mount) + ": " + source + " does not exist");
            }
        }
    }

    /** A listener on the host's loopback. */
    static ServerSocketChannel listen(int port) throws IOException {
        var listener = ServerSocketChannel.open(StandardProtocolFamily.INET);
        try {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            return listener.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    private void undo(Path folder, List<ServerSocketChannel> listeners) throws LaunchException {
        try {
            for (var listener : listeners) {
                listener.close();
            }
            FileTrees.delete(folder);
        } catch (IOException e) {
            throw new LaunchException("a failed launch left " + folder, e);
        }
    }

    @Override
    public boolean mountsLater() {
        return true;
    }

    @Override
    public List<Workload> recover() {
        try {
            var adopted = new ArrayList<Workload>();
            for (var folder : Folders.within(workloads)) {
                if (running.containsKey(folder.getFileName().toString())) {
                    continue;
                }
                var workload = adopt(folder);
                if (workload.isPresent()) {
                    adopted.add(workload.get());
                } else {
                    FileTrees.delete(folder);
                }
            }
            return adopted;
        } catch (IOException e) {
            throw new UncheckedIOException("workloads cannot be recovered", e);
        }
    }

    private Optional<Workload> adopt(Path folder) throws IOException {
        var state = StateFile.read(folder);
        if (state.isEmpty()) {
            return Optional.empty();
        }
        var wrapper = state.get().process(ProcessWorkload.WRAPPER);
        var program = program(folder);
        if (!wrapper.alive() || program.isEmpty()) {
            clear(folder, wrapper, program);
            return endedUnseen(state.get(), folder);
        }
        var id = state.get().id();
        var workload = new ProcessWorkload(state.get(), program.get(), folder, setsid, () -> running.remove(id));
        running.put(id, workload);
        watch(wrapper.pid(), workload);
        janitor.start();
        return Optional.of(workload);
    }

    /** One that had started and ended while no server was there; empty where it never started. */
    private Optional<Workload> endedUnseen(StateFile state, Path folder) throws IOException {
        if (!Files.exists(folder.resolve("pid"))) {
            return Optional.empty();
        }
        var workload = new ProcessWorkload(
                state, new ProcessIdentity(0, "ended"), folder, setsid, () -> running.remove(state.id()));
        running.put(state.id(), workload);
        workload.ended();
        return Optional.of(workload);
    }

    /** Ends what is left where one of the two is gone: killed from outside, or caught on its way to go. */
    private void clear(Path folder, ProcessIdentity wrapper, Optional<ProcessIdentity> program) {
        if (wrapper.alive()) {
            ProcessWorkload.killFamily(wrapper, setsid);
        } else if (program.isPresent() && writesTo(program.get().pid(), folder.resolve("stdout"))) {
            ProcessHandle.of(program.get().pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private static Optional<ProcessIdentity> program(Path folder) {
        try {
            return ProcessIdentity.of(
                    Long.parseLong(Files.readString(folder.resolve("pid")).strip()));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty(); // never written
        }
    }

    /** Whether a process of which we know but the number is the one that was given this file. */
    private static boolean writesTo(long pid, Path file) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/1")).equals(file);
        } catch (IOException e) {
            return false;
        }
    }

    /** The JDK looks at a process that is not our child every few seconds only; Linux can tell at once. */
    private void watch(long wrapper, ProcessWorkload workload) throws IOException {
        if (!Linux.available()) {
            ProcessHandle.of(wrapper)
                    .ifPresentOrElse(handle -> handle.onExit().thenRun(workload::ended), workload::ended);
            return;
        }
        synchronized (this) {
            if (exits == null) {
                exits = new ProcessExits();
            }
            try {
                exits.watch(Linux.pidfdOpen(wrapper), workload::ended);
            } catch (ErrnoException e) {
                workload.ended(); // it has just gone
            }
        }
    }

    @Override
    public void close() {
        janitor.close();
        running.values().forEach(ProcessWorkload::letGo);
        running.clear();
        synchronized (this) {
            if (exits != null) {
                exits.close();
                exits = null;
            }
        }
    }
}
