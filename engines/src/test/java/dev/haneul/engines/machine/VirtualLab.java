package dev.haneul.engines.machine;

import dev.haneul.engines.work.Tools;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Virtual machines on a network of ours: the other end of their interface is in a namespace that a process holds. */
final class VirtualLab extends Lab {
    static final String ADDRESS = "10.0.0.7";
    private static final Duration QUICKLY = Duration.ofSeconds(10);

    private final Process holder;
    private int number;

    VirtualLab(Path home) throws IOException, InterruptedException {
        super(home, MachineWay.VIRTUAL);
        holder = new ProcessBuilder("unshare", "--net", "sh", "-c", "echo here; exec sleep 900").start();
        holder.getInputStream().read();
        outsideRun("ip link set lo up");
    }

    private Path outside() {
        return Path.of("/proc/" + holder.pid() + "/ns/net");
    }

    private void outsideRun(String command) throws IOException, InterruptedException {
        Tools.run(QUICKLY, "nsenter", "--net=" + outside(), "sh", "-ec", command);
    }

    @Override
    Machines.Wiring wiring() {
        return netns -> {
            try {
                String end = "p" + number++;
                outsideRun("ip link del p" + (number - 2) + " 2>/dev/null || :");
                outsideRun("ip link add " + end + " type veth peer name eth0 address 06:00:00:00:00:07 netns " + netns
                        + "; ip addr add 10.0.0.1/24 dev " + end + "; ip link set " + end + " up");
                Tools.run(
                        QUICKLY,
                        "nsenter",
                        "--net=" + netns,
                        "sh",
                        "-ec",
                        "ip addr add " + ADDRESS
                                + "/24 dev eth0; ip link set eth0 up; ip route add default via 10.0.0.1");
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        };
    }

    @Override
    String address() {
        return ADDRESS;
    }

    @Override
    Path outside(Machine machine) {
        return outside();
    }

    @Override
    public void close() {
        super.close();
        holder.destroyForcibly();
    }
}
