package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.ProcessIdentity;
import dev.haneul.engines.work.Tools;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.Terminal;
import dev.haneul.kernel.store.json.JsonTrees;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A program beside a container's own: {@code crun exec}, with a terminal behind {@code script}. */
final class CrunExec implements Exec {
    private static final Logger LOG = System.getLogger(CrunExec.class.getName());
    private static final String FOLDER = "exec";
    private static final Duration BIRTH = Duration.ofSeconds(5);
    private static final long TERMINAL_NANOS = 5_000_000_000L;
    private static final String ENTER = "for it in $ENTRANCES; do printf 0 >$it || exit 126; done; exec \"$@\"";

    private final java.lang.Process process;
    private final Path folder;
    private final boolean tty;

    private CrunExec(java.lang.Process process, Path folder, boolean tty) {
        this.process = process;
        this.folder = folder;
        this.tty = tty;
    }

    static CrunExec start(CrunContainer container, ProcessIdentity holder, ExecSpec spec) throws LaunchException {
        try {
            var folder = Files.createTempDirectory(container.folder().path(), FOLDER);
            try {
                Files.write(folder.resolve("process.json"), process(container, spec));
                return new CrunExec(builder(container, holder, spec, folder).start(), folder, spec.tty());
            } catch (IOException | RuntimeException | LaunchException e) {
                dev.haneul.kernel.files.FileTrees.delete(folder);
                throw e;
            }
        } catch (IOException e) {
            throw new LaunchException("no program can be started in " + container.name() + ": " + e.getMessage(), e);
        }
    }

    private static ProcessBuilder builder(CrunContainer container, ProcessIdentity holder, ExecSpec spec, Path folder) {
        var crun = List.of(
                "nsenter",
                "--mount=/proc/" + holder.pid() + "/ns/mnt",
                "crun",
                "--root",
                container.folder().pod().crun().toString(),
                "--cgroup-manager=disabled",
                "exec",
                "--pid-file",
                folder.resolve("pid").toString(),
                "--process",
                folder.resolve("process.json").toString(),
                container.name());
        var line = new ArrayList<>(List.of("sh", "-c", ENTER, "sh"));
        if (spec.tty()) {
            var size = spec.rows() > 0 ? "stty rows " + spec.rows() + " cols " + spec.columns() + "; " : "";
            var quoted = crun.stream()
                    .map(it -> "'" + it.replace("'", "'\\''") + "'")
                    .collect(Collectors.joining(" "));
            line.addAll(List.of("script", "-qefc", size + "exec " + quoted, "/dev/null"));
        } else {
            line.addAll(crun);
        }
        var builder = new ProcessBuilder(line);
        builder.environment().clear();
        builder.environment().put("PATH", Tools.SEARCHED);
        builder.environment().put("SHELL", "/bin/sh");
        builder.environment()
                .put(
                        "ENTRANCES",
                        container.group().entrances().stream()
                                .map(Path::toString)
                                .collect(Collectors.joining(" ")));
        return builder;
    }

    /** The container's own first process, with another command. */
    private static byte[] process(CrunContainer container, ExecSpec spec) throws IOException, LaunchException {
        var config = JsonTrees.readObject(Files.readAllBytes(container.folder().config()));
        var process = new LinkedHashMap<String, @Nullable Object>();
        if (config.get("process") instanceof Map<?, ?> own) {
            own.forEach((name, value) -> process.put(String.valueOf(name), value));
        }
        process.put("args", spec.command());
        process.put("terminal", spec.tty());
        var environment = new LinkedHashMap<String, String>();
        if (process.get("env") instanceof List<?> list) {
            for (var it : list) {
                var words = String.valueOf(it).split("=", 2);
                environment.put(words[0], words.length == 2 ? words[1] : "");
            }
        }
        if (spec.tty()) {
            environment.putIfAbsent("TERM", "xterm");
        }
        environment.putAll(spec.environment());
        process.put(
                "env",
                environment.entrySet().stream()
                        .map(it -> it.getKey() + "=" + it.getValue())
                        .toList());
        if (!spec.user().isEmpty()) {
            var init = container.init().orElseThrow(() -> new IOException("it does not run"));
            var user = ContainerUser.of("/proc/" + init.pid() + "/root", spec.user());
            process.put("user", RuntimeConfig.user(user));
            if (process.get("capabilities") instanceof Map<?, ?> all
                    && all.get("bounding") instanceof List<?> granted) {
                process.put(
                        "capabilities",
                        RuntimeConfig.capabilities(
                                granted.stream().map(String::valueOf).toList(), user.uid()));
            }
        }
        return JsonTrees.write(process);
    }

    @Override
    public OutputStream stdin() {
        return process.getOutputStream();
    }

    @Override
    public InputStream stdout() {
        return process.getInputStream();
    }

    @Override
    public InputStream stderr() {
        return process.getErrorStream();
    }

    @Override
    public OptionalInt await(Duration timeout) throws InterruptedException {
        return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)
                ? OptionalInt.of(process.exitValue())
                : OptionalInt.empty();
    }

    @Override
    public void resize(int rows, int columns) throws IOException {
        if (!tty) {
            return;
        }
        try {
            HostProcesses.await(TERMINAL_NANOS, () -> terminal() != null || !process.isAlive());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var terminal = terminal();
        if (terminal != null) {
            Terminal.resize(terminal.toString(), rows, columns);
        }
    }

    /** The container's own, which the program has as its standard input. */
    private @Nullable Path terminal() {
        try {
            var input = Path.of("/proc/" + pid().orElse(0) + "/fd/0");
            return Files.readSymbolicLink(input).startsWith("/dev/pts") ? input : null;
        } catch (IOException e) {
            return null; // it has not begun, or ended
        }
    }

    /** The program's, as the host counts. */
    private OptionalLong pid() {
        try {
            return OptionalLong.of(
                    Long.parseLong(Files.readString(folder.resolve("pid")).strip()));
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty(); // it has not begun
        }
    }

    @Override
    public void close() {
        try {
            if (process.isAlive()) {
                kill();
            }
            for (AutoCloseable stream : List.of(stdin(), stdout(), stderr())) {
                stream.close();
            }
            dev.haneul.kernel.files.FileTrees.delete(folder);
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "closing an exec", e);
        }
    }

    /** The program is no child of crun's for good: both are killed. */
    private void kill() throws IOException {
        var family = new ArrayList<ProcessIdentity>();
        pid().stream()
                .mapToObj(ProcessIdentity::of)
                .flatMap(Optional::stream)
                .forEach(it -> family.addAll(HostProcesses.family(it)));
        ProcessIdentity.of(process.pid()).ifPresent(it -> family.addAll(HostProcesses.family(it)));
        for (var each : family.reversed()) {
            HostProcesses.signal(each, Linux.SIGKILL);
        }
    }

    /** Ends the programs that an earlier server left in a container: nobody is there any more who talks with them. */
    static void sweep(Path containerFolder, long init) throws IOException {
        try (var left = Files.newDirectoryStream(containerFolder, FOLDER + "*")) {
            for (var folder : left) {
                var program = leftIn(folder, init);
                if (program.isPresent()) {
                    for (var each : HostProcesses.family(program.get()).reversed()) {
                        HostProcesses.signal(each, Linux.SIGKILL);
                    }
                }
                dev.haneul.kernel.files.FileTrees.delete(folder);
            }
        }
    }

    /** The program whose number stands there, if it is still that: in the container, and begun when that was written. */
    private static Optional<ProcessIdentity> leftIn(Path folder, long init) {
        try {
            var file = folder.resolve("pid");
            long pid = Long.parseLong(Files.readString(file).strip());
            var identity = ProcessIdentity.of(pid);
            var written = Files.getLastModifiedTime(file).toInstant();
            boolean same = pid != init
                    && Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/mnt"))
                            .equals(Files.readSymbolicLink(Path.of("/proc/" + init + "/ns/mnt")))
                    && ProcessHandle.of(pid)
                            .flatMap(it -> it.info().startInstant())
                            .filter(born ->
                                    Duration.between(born, written).abs().compareTo(BIRTH) < 0)
                            .isPresent();
            return same ? identity : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty(); // it ended, or had not begun
        }
    }
}
