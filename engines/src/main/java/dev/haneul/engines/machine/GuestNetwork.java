package dev.haneul.engines.machine;

import dev.haneul.engines.work.Tools;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A virtual machine's way to its interfaces. Those stand in its network namespace as in a container's: with their hardware
 * address, addresses and routes. Here each gets a tap device beside it, and every frame that comes in by one goes out by
 * the other, so the guest is who the interface says and whatever filters behind it sees no difference. Addresses and
 * routes are read from the namespace, which stays the truth, and told to the guest as a script.
 */
final class GuestNetwork {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern DEVICE =
            Pattern.compile("^\\d+: (eth(\\d+))@?.* mtu (\\d+) .*link/ether ([0-9a-f:]{17}) .*");
    private static final Pattern ADDRESS = Pattern.compile("inet ([0-9./]+)");

    private final Path netns;

    GuestNetwork(Path netns) {
        this.netns = netns;
    }

    /** An interface: the n-th of its machine, and the hardware address it has. */
    record Device(int number, String mac, int mtu) {
        String name() {
            return "eth" + number;
        }

        String tap() {
            return "tap" + number;
        }
    }

    private String inside(String... command) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("nsenter", "--net=" + netns));
        line.addAll(List.of(command));
        var outcome = Tools.execute(line, Map.of(), PATIENCE, it -> {});
        if (outcome.code() != 0) {
            throw new IOException(String.join(" ", command) + ": " + Tools.tail(outcome.output()));
        }
        return outcome.output();
    }

    /** The interfaces there are. */
    List<Device> devices() throws IOException, InterruptedException {
        var found = new ArrayList<Device>();
        for (var line : inside("ip", "-o", "link", "show").split("\n")) {
            var match = DEVICE.matcher(line);
            if (match.matches()) {
                found.add(
                        new Device(Integer.parseInt(match.group(2)), match.group(4), Integer.parseInt(match.group(3))));
            }
        }
        found.sort(java.util.Comparator.comparingInt(Device::number));
        return found;
    }

    /** Gives each interface its tap device, anew. */
    void connect(List<Device> devices) throws IOException, InterruptedException {
        var rules = new StringBuilder("add table netdev haneul\ndelete table netdev haneul\ntable netdev haneul {\n");
        var present = inside("ip", "-o", "link", "show");
        for (var device : devices) {
            if (!present.contains(": " + device.tap() + ":")) {
                inside("ip", "tuntap", "add", "dev", device.tap(), "mode", "tap");
            }
            inside(
                    "ip",
                    "link",
                    "set",
                    device.tap(),
                    "addrgenmode",
                    "none",
                    "mtu",
                    Integer.toString(device.mtu()),
                    "up");
            rules.append(rule(device.name(), device.tap())).append(rule(device.tap(), device.name()));
        }
        rules.append("}\n");
        inside("sh", "-c", "printf %s \"$1\" | nft -f -", "sh", rules.toString());
    }

    private static String rule(String from, String to) {
        return "chain from-" + from + " { type filter hook ingress device \"" + from + "\" priority 0; fwd to \"" + to
                + "\"; }\n";
    }

    /** What the guest does to have the same addresses and routes; it may be done again. */
    String script(List<Device> devices) throws IOException, InterruptedException {
        var out = new StringBuilder("ip link set lo up\n");
        for (var device : devices) {
            var name = device.name();
            out.append("ip addr flush dev ").append(name).append('\n');
            out.append("ip link set ")
                    .append(name)
                    .append(" mtu ")
                    .append(device.mtu())
                    .append(" up\n");
            var addresses = ADDRESS.matcher(inside("ip", "-o", "-4", "addr", "show", "dev", name));
            while (addresses.find()) {
                out.append("ip addr add ")
                        .append(addresses.group(1))
                        .append(" dev ")
                        .append(name)
                        .append('\n');
            }
        }
        for (var line : inside("ip", "-4", "route", "show", "table", "all").split("\n")) {
            boolean ours = devices.stream().anyMatch(it -> (" " + line + " ").contains(" dev " + it.name() + " "));
            if (ours && !line.contains("proto kernel") && !line.contains("table local")) {
                out.append("ip route add ")
                        .append(line.replace(" linkdown", "").strip())
                        .append('\n');
            }
        }
        for (var line : inside("ip", "-4", "rule", "show").split("\n")) {
            int colon = line.indexOf(':');
            var rest = colon < 0 ? "" : line.substring(colon + 1).strip();
            if (rest.matches("from [0-9.]+ lookup [0-9]+")) {
                var number = line.substring(0, colon);
                out.append("ip rule del priority ").append(number).append(" 2>/dev/null\n");
                out.append("ip rule add ")
                        .append(rest.replace("lookup", "table"))
                        .append(" priority ")
                        .append(number)
                        .append('\n');
            }
        }
        return out.append(":\n").toString();
    }
}
