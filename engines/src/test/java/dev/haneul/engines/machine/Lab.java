package dev.haneul.engines.machine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.work.HostProcesses;
import dev.haneul.engines.work.Sparse;
import dev.haneul.engines.work.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Machines, keys and disks for tests. The image is built once per user of the test machine. */
class Lab implements AutoCloseable {
    static final Path IMAGES = Path.of(System.getProperty("user.home"), ".cache", "haneul", "images");
    static final long ROOT_BYTES = 2L << 30;
    static final long DATA_BYTES = 64L << 20;
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final Path home;
    final SystemContainers machines;
    private final MachineWay way;

    Lab(Path home) {
        this(home, MachineWay.CONTAINER);
    }

    Lab(Path home, MachineWay way) {
        this.home = home;
        this.way = way;
        this.machines = another();
    }

    /** The next server of the same folder. */
    SystemContainers another() {
        return new SystemContainers(home, IMAGES, way == MachineWay.VIRTUAL);
    }

    /** How a machine reaches a network of ours, and where it is reached. */
    Machines.Wiring wiring() {
        return netns -> {};
    }

    String address() {
        return "127.0.0.1";
    }

    /** From where it is reached. */
    Path outside(Machine machine) {
        return machine.netns();
    }

    /** Skips the test, loudly, where servers cannot run. */
    void assumeUsable() throws Exception {
        var probe = machines.probe();
        var obstacle = machines.obstacle(way);
        obstacle.ifPresent(why -> System.out.println("SKIPPED: " + why));
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
        if (!probe.usable()) {
            System.out.println("SKIPPED, no servers run here: " + probe.reason());
        }
        assumeTrue(probe.usable(), probe.reason());
        machines.images().ensure("debian-12", System.out::println);
    }

    Machine launch(String id, List<DiskAttachment> disks, Seed seed) throws Exception {
        if (machines.disks().find("root-" + id).isEmpty()) {
            machines.disks().createRoot("root-" + id, "debian-12", ROOT_BYTES);
        }
        return machines.launch(spec(id, disks, seed), wiring());
    }

    MachineSpec spec(String id, List<DiskAttachment> disks, Seed seed) {
        return spec(way, id, disks, seed);
    }

    static MachineSpec spec(MachineWay way, String id, List<DiskAttachment> disks, Seed seed) {
        return new MachineSpec(
                id, "ip-10-0-0-7", "root-" + id, disks, new Limits(512, 1000, 200, 1024), seed, way, Map.of("a", "b"));
    }

    static Seed seed(String instanceId, String key, String userData) {
        return new Seed(
                instanceId,
                Optional.empty(),
                key.isEmpty() ? List.of() : List.of(key),
                userData.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                List.of("10.0.0.2"),
                List.of("internal"),
                List.of());
    }

    /** Makes a key pair; answers the public key. */
    String key(String name) throws Exception {
        Tools.run(
                PATIENCE,
                "ssh-keygen",
                "-q",
                "-t",
                "ed25519",
                "-N",
                "",
                "-C",
                name,
                "-f",
                home.resolve(name).toString());
        return Files.readString(home.resolve(name + ".pub")).strip();
    }

    /** Runs a command by the stock ssh, within the machine's network. */
    Tools.Outcome ssh(Machine machine, String key, String user, String command)
            throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of(
                "nsenter",
                "--net=" + outside(machine),
                "ssh",
                "-i",
                home.resolve(key).toString()));
        for (var option : List.of(
                "StrictHostKeyChecking=no",
                "UserKnownHostsFile=/dev/null",
                "IdentitiesOnly=yes",
                "BatchMode=yes",
                "LogLevel=ERROR",
                "ConnectTimeout=10")) {
            line.add("-o");
            line.add(option);
        }
        line.add(user + "@" + address());
        line.add(command);
        return Tools.execute(line, Map.of(), PATIENCE, it -> {});
    }

    static String sh(Machine machine, String command) throws IOException, InterruptedException {
        var outcome = machine.exec(List.of("sh", "-c", command), PATIENCE);
        return outcome.output().strip() + (outcome.code() == 0 ? "" : " [" + outcome.code() + "]");
    }

    /** The kernel unmounts what went with a namespace a moment later (the probe's disk, too). */
    void awaitNothingLeft() throws Exception {
        HostProcesses.await(5_000_000_000L, () -> {
            try {
                return leftovers().isEmpty();
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** What the host holds on behalf of machines of this home. */
    List<String> leftovers() throws IOException {
        var found = new ArrayList<String>();
        for (var process :
                HostProcesses.named(name -> name.startsWith(MachineFolder.markers(home.resolve("machines"))))) {
            found.add("process " + process);
        }
        for (var mount : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            if (mount.contains(home.toString())) {
                found.add("mount " + mount);
            }
        }
        Sparse.loopsOf(home).forEach(loop -> found.add("loop " + loop));
        var name = Integer.toHexString(home.resolve("machines").toString().hashCode());
        var other = Integer.toHexString(home.toString().hashCode());
        try (var tree = Files.find(
                Path.of("/sys/fs/cgroup"),
                4,
                (path, facts) -> path.toString().contains(name)
                        || path.getParent().getFileName().toString().equals("haneul-machines-" + other)
                                && facts.isDirectory())) {
            tree.filter(Files::isDirectory).forEach(path -> found.add("cgroup " + path));
        }
        if (Files.isDirectory(home.resolve("machines"))) {
            try (var folders = Files.list(home.resolve("machines"))) {
                folders.forEach(path -> found.add("folder " + path));
            }
        }
        return found;
    }

    @Override
    public void close() {
        machines.close();
    }
}
