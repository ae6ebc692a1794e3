package dev.haneul.bench;

import dev.haneul.engines.WorkloadSpec.Limits;
import dev.haneul.engines.machine.Machine;
import dev.haneul.engines.machine.MachineSpec;
import dev.haneul.engines.machine.Seed;
import dev.haneul.engines.machine.SystemContainers;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * Servers from launch to the first line that sshd says, one after the other and ten at once; what one costs in CPU time
 * until it has booted, and in memory while it idles. The image is built beforehand.
 */
final class MachineBench {
    private static final int ROUNDS = 10;
    private static final int AT_ONCE = 10;
    private static final long ROOT_BYTES = 8L << 30;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_NANOS = 2_000_000;

    private MachineBench() {}

    static void run(Report report) throws Exception {
        Path home = Files.createTempDirectory("haneul-bench");
        Path images = Path.of(System.getProperty("user.home"), ".cache", "haneul", "images");
        try (SystemContainers machines = new SystemContainers(home, images)) {
            if (!machines.probe().usable()) {
                report.figure("servers", "none run here: " + machines.probe().reason());
                return;
            }
            machines.images().ensure("debian-12", System.err::println);
            one(machines, "warm-up", new ArrayList<>()).close();
            Samples banners = new Samples();
            List<Double> cpu = new ArrayList<>();
            List<Double> memory = new ArrayList<>();
            for (int i = 0; i < ROUNDS; i++) {
                long started = System.nanoTime();
                List<Long> seen = new ArrayList<>();
                try (Machine machine = one(machines, "one-" + i, seen)) {
                    banners.add(seen.getFirst() - started);
                    machine.awaitBooted(PATIENCE);
                    cpu.add(machine.usage().cpu().toMillis() / 1.0);
                    memory.add(ServerMemory.proportionalMib(Set.of(Files.readSymbolicLink(machine.netns()))));
                }
            }
            report.figure("server, launch to SSH banner (ms), p50", round(banners.millis(50)));
            report.figure("server, launch to SSH banner (ms), worst of " + ROUNDS, round(banners.millis(100)));
            report.figure("server, CPU time until booted (ms), mean", round(mean(cpu)));
            report.figure("server, idle memory with its watcher (MiB, proportional), mean", round(mean(memory)));
            report.figure(AT_ONCE + " servers at once, launch to the last SSH banner (ms)", round(atOnce(machines)));
        } finally {
            dev.haneul.kernel.files.FileTrees.delete(home);
        }
    }

    /** Launches a server and waits for sshd; notes when it spoke. */
    private static Machine one(SystemContainers machines, String id, List<Long> seen) throws Exception {
        machines.disks().createRoot("root-" + id, "debian-12", ROOT_BYTES);
        MachineSpec spec = new MachineSpec(
                id,
                "bench",
                "root-" + id,
                List.of(),
                new Limits(1024, 2000, 500, 0),
                Seed.of(
                        id,
                        List.of("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA x")),
                Map.of());
        Machine machine = machines.launch(spec, netns -> {});
        awaitBanner(machine);
        seen.add(System.nanoTime());
        return machine;
    }

    private static void awaitBanner(Machine machine) throws IOException {
        int namespace = Linux.open(machine.netns().toString(), Linux.O_RDONLY);
        try {
            NamespaceThread.call("banner", () -> {
                Linux.setns(namespace, Linux.CLONE_NEWNET);
                long deadline = System.nanoTime() + PATIENCE.toNanos();
                while (System.nanoTime() < deadline) {
                    try (Socket socket = new Socket()) {
                        socket.connect(
                                new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 22), 1000);
                        if (socket.getInputStream().read() == 'S') {
                            return true;
                        }
                    } catch (IOException e) {
                        LockSupport.parkNanos(LOOK_NANOS); // nobody listens yet
                    }
                }
                throw new IOException("no SSH banner within " + PATIENCE);
            });
        } finally {
            Linux.close(namespace);
        }
    }

    private static double atOnce(SystemContainers machines) throws Exception {
        List<Machine> launched = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long started = System.nanoTime();
            List<Callable<Machine>> tasks = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                String id = "many-" + i;
                tasks.add(() -> one(machines, id, new ArrayList<>()));
            }
            for (var done : threads.invokeAll(tasks)) {
                launched.add(done.get());
            }
            return (System.nanoTime() - started) / 1e6;
        } finally {
            launched.forEach(Machine::close);
        }
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(it -> it).average().orElse(0);
    }

    private static String round(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }
}
