package dev.haneul.services.ec2.compute;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.machine.DiskAttachment;
import dev.haneul.engines.machine.Disks;
import dev.haneul.engines.machine.Images;
import dev.haneul.engines.machine.Machine;
import dev.haneul.engines.machine.MachineExit;
import dev.haneul.engines.machine.MachineProbe;
import dev.haneul.engines.machine.MachineSpec;
import dev.haneul.engines.machine.MachineWay;
import dev.haneul.engines.machine.Machines;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Servers as machines of this host. */
public final class MachineServers implements Servers {
    private static final System.Logger LOG = System.getLogger(MachineServers.class.getName());
    private static final int CONSOLE_BYTES = 64 * 1024;
    private static final int KIB_PER_MIB = 1024;
    private static final Duration QUICKLY = Duration.ofSeconds(5);
    private static final Duration EXEC = Duration.ofSeconds(10);

    private final Machines machines;
    private final Path consoles;
    private final Map<String, Machine> known = new ConcurrentHashMap<>();
    private volatile boolean over;

    /**
     * Runs servers as machines; those that an earlier server left are adopted at once.
     *
     * @param consoles a folder for what servers printed that are gone
     */
    public MachineServers(Machines machines, Path consoles) {
        this.machines = machines;
        this.consoles = consoles;
        machines.recover().forEach(machine -> known.put(machine.id(), machine));
    }

    /** Ends every server, for a region that leaves nothing; none is started any more. */
    public void end() {
        over = true;
        List.copyOf(known.keySet()).forEach(this::clear);
    }

    @Override
    public Set<String> ids() {
        return Set.copyOf(known.keySet());
    }

    @Override
    public Optional<String> obstacle() {
        MachineProbe probe = machines.probe();
        return probe.usable() ? Optional.empty() : Optional.of(probe.reason());
    }

    @Override
    public String how() {
        MachineProbe probe = machines.probe();
        return probe.reason() + "; virtual machines: " + probe.virtualMachines();
    }

    @Override
    public Host host() {
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x86_64";
        return new Host(
                architecture,
                Runtime.getRuntime().availableProcessors(),
                memoryMib("MemTotal:"),
                memoryMib("MemAvailable:"));
    }

    private static int memoryMib(String field) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/meminfo"), StandardCharsets.US_ASCII)) {
                if (line.startsWith(field)) {
                    return Integer.parseInt(line.replaceAll("[^0-9]", "")) / KIB_PER_MIB;
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "no memory statistics", e);
        }
        return 0;
    }

    @Override
    public ServerView view(String id) {
        Machine machine = known.get(id);
        if (machine == null) {
            return new ServerView.Absent();
        }
        if (machine.running()) {
            return new ServerView.Up(machine.boots(), machine.booted());
        }
        try {
            MachineExit exit =
                    machine.await(QUICKLY).orElse(new MachineExit(MachineExit.Kind.CRASHED, "it ended without a word"));
            return new ServerView.Ended(exit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ServerView.Up(machine.boots(), false);
        }
    }

    @Override
    public void boot(Boot boot) throws IOException, InterruptedException {
        if (over) {
            throw new IOException("the region is going away");
        }
        MachineSpec spec = new MachineSpec(
                boot.id(),
                boot.hostname(),
                boot.rootDisk(),
                boot.disks(),
                boot.limits(),
                boot.seed(),
                boot.way(),
                Map.of());
        try {
            known.put(boot.id(), machines.launch(spec, boot.wiring()));
        } catch (LaunchException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void shutdown(String id, Duration grace) throws InterruptedException {
        Machine machine = known.get(id);
        if (machine == null || !machine.running()) {
            return;
        }
        if (grace.isZero()) {
            machine.kill();
        } else {
            machine.shutdown(grace);
        }
    }

    @Override
    public void reboot(String id, Duration grace) throws IOException, InterruptedException {
        Machine machine = known.get(id);
        if (machine != null && machine.running()) {
            machine.reboot(grace);
        }
    }

    @Override
    public void clear(String id) {
        Machine machine = known.get(id);
        if (machine == null) {
            return;
        }
        try {
            Files.createDirectories(consoles);
            Files.write(consoles.resolve(id), tail(machine.console()));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "what " + id + " printed is lost", e);
        }
        machine.close();
        known.remove(id);
    }

    @Override
    public void forget(String id) {
        try {
            Files.deleteIfExists(consoles.resolve(id));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "what " + id + " printed stays", e);
        }
    }

    @Override
    public boolean plugged(String id, String disk) {
        Machine machine = known.get(id);
        return machine != null
                && machine.disks().stream().anyMatch(each -> each.diskId().equals(disk));
    }

    @Override
    public void plug(String id, DiskAttachment disk) throws IOException {
        Machine machine = known.get(id);
        if (machine != null) {
            machine.attach(disk);
        }
    }

    @Override
    public boolean unplug(String id, String disk, boolean force) throws IOException {
        Machine machine = known.get(id);
        return machine == null || machine.detach(disk, force);
    }

    @Override
    public Console console(String id) {
        Machine machine = known.get(id);
        Path file = machine == null ? consoles.resolve(id) : machine.console();
        try {
            return new Console(tail(file), Files.getLastModifiedTime(file).toInstant());
        } catch (IOException e) {
            return new Console(new byte[0], Instant.EPOCH);
        }
    }

    private static byte[] tail(Path file) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long length = in.length();
            byte[] bytes = new byte[(int) Math.min(CONSOLE_BYTES, length)];
            in.seek(length - bytes.length);
            in.readFully(bytes);
            return bytes;
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }

    @Override
    public boolean answers(String id) {
        Machine machine = known.get(id);
        try {
            return machine != null
                    && machine.running()
                    && machine.exec(List.of("true"), QUICKLY).code() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void authorize(String id, String user, String key, Duration life) throws IOException, InterruptedException {
        Machine machine = known.get(id);
        if (machine == null) {
            throw new IOException("it does not run");
        }
        long until = Instant.now().plus(life).getEpochSecond();
        String script = """
                set -e
                home=$(getent passwd "$1" | cut -d: -f6)
                [ -n "$home" ] || { echo "no such user"; exit 3; }
                mkdir -p "$home/.ssh"
                touch "$home/.ssh/authorized_keys"
                now=$(date +%Y%m%d%H%M%S)
                awk -F'"' -v now="$now" '!/^expiry-time=/ || $2 > now' "$home/.ssh/authorized_keys" > "$home/.ssh/.new"
                mv "$home/.ssh/.new" "$home/.ssh/authorized_keys"
                printf 'expiry-time="%s" %s\\n' "$(date -d "@$3" +%Y%m%d%H%M%S)" "$2" >> "$home/.ssh/authorized_keys"
                chown -R "$1" "$home/.ssh"
                chmod 700 "$home/.ssh"
                chmod 600 "$home/.ssh/authorized_keys"
                """;
        Machine.Execution done =
                machine.exec(List.of("/bin/sh", "-c", script, "sh", user, key, Long.toString(until)), EXEC);
        if (done.code() != 0) {
            throw new IOException(done.output().strip());
        }
    }

    @Override
    public @Nullable Path netns(String id) {
        Machine machine = known.get(id);
        return machine != null && machine.running() ? machine.netns() : null;
    }

    @Override
    public Optional<String> obstacle(MachineWay way) throws InterruptedException {
        return machines.obstacle(way);
    }

    @Override
    public boolean virtualMachinesProven() {
        return machines.virtualMachinesProven();
    }

    @Override
    public boolean virtual(String id) {
        Machine machine = known.get(id);
        return machine != null && machine.way() == MachineWay.VIRTUAL;
    }

    @Override
    public void rewired(String id) throws IOException, InterruptedException {
        Machine machine = known.get(id);
        if (machine != null && machine.running()) {
            machine.rewired();
        }
    }

    @Override
    public Disks disks() {
        return machines.disks();
    }

    @Override
    public Images images() {
        return machines.images();
    }

    @Override
    public void watch(Consumer<String> changed) {
        machines.watch(changed);
    }
}
