package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.Network.Port;
import dev.haneul.fabric.vpc.VpcFabric.FlowRecord;
import dev.haneul.fabric.vpc.VpcFabric.InterfaceUsage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a router counts: bytes by pair of devices, and, for interfaces with a flow log, by flow. The kernel's sets grow
 * by themselves, so that no interface needs a counter made for it; the table stays when the filters are replaced.
 *
 * <p>A set's key has five parts at most, so a flow is told apart by its addresses, not by its interface: what an
 * interface forwards for others is in nobody's log.
 */
final class UsageTable {
    static final String TABLE = "haneul_usage";

    private static final int MOST_PAIRS = 65_535;
    private static final int MOST_FLOWS = 65_535;
    /** A flow that nobody asks for is forgotten. */
    private static final String FLOW_TIMEOUT = "30m";

    private static final Pattern PAIR =
            Pattern.compile("\"([^\"]+)\" \\. \"([^\"]+)\" counter packets \\d+ bytes (\\d+)");
    private static final Pattern SET = Pattern.compile("set (f_[a-z_0-9]+) \\{");
    private static final Pattern FLOW = Pattern.compile("([0-9a-f.:]+) \\. ([0-9a-f.:]+) \\. (\\d+)"
            + "(?: \\. (\\d+) \\. (\\d+))? (?:timeout \\S+ )?(?:expires \\S+ )?counter packets (\\d+) bytes (\\d+)");

    private UsageTable() {}

    /** Made when a router is made or met; what was counted stays. */
    static String create() {
        var out = new StringBuilder();
        // an earlier version's, of IPv4 alone
        out.append("add table ip " + TABLE + "\ndelete table ip " + TABLE + "\n");
        out.append("add table inet " + TABLE + "\nflush table inet " + TABLE + "\n");
        out.append("table inet " + TABLE + " {\n");
        out.append("set pairs { type ifname . ifname; size " + MOST_PAIRS + "; flags dynamic; counter; }\n");
        out.append("set logged { type ifname; }\n");
        for (var set : FlowSet.values()) {
            for (var family : Family.values()) {
                out.append(set.definition(family));
            }
        }
        out.append("chain count { type filter hook forward priority 10; policy accept;\n");
        // marked by the filters: told of, then dropped
        out.append("meta mark " + FilterTable.DENIED_LEAVING + " jump left_denied\n");
        out.append("meta mark " + FilterTable.DENIED_LEAVING + " drop\n");
        out.append("iifname @logged jump left\n");
        out.append("meta mark " + FilterTable.DENIED_ARRIVING + " oifname @logged jump came_denied\n");
        out.append("meta mark " + FilterTable.DENIED_ARRIVING + " drop\n");
        out.append("oifname @logged jump came\n");
        out.append("update @pairs { iifname . oifname }\n}\n");
        out.append(chain("left", FlowSet.OUT_OK, FlowSet.OUT_OK_PLAIN));
        out.append(chain("left_denied", FlowSet.OUT_NO, FlowSet.OUT_NO_PLAIN));
        out.append(chain("came", FlowSet.IN_OK, FlowSet.IN_OK_PLAIN));
        out.append(chain("came_denied", FlowSet.IN_NO, FlowSet.IN_NO_PLAIN));
        return out.append("}\n").toString();
    }

    private static String chain(String name, FlowSet ports, FlowSet plain) {
        var chain = new StringBuilder("chain " + name + " {\n");
        for (var family : Family.values()) {
            String ip = family.table();
            String key = ip + " saddr . " + ip + " daddr . meta l4proto";
            chain.append(
                    "meta l4proto { 6, 17 } update @" + ports.set(family) + " { " + key + " . th sport . th dport }\n");
            chain.append("meta l4proto != { 6, 17 } update @" + plain.set(family) + " { " + key + " }\n");
        }
        return chain.append("}\n").toString();
    }

    /** Which interfaces have a flow log. */
    static String logged(List<Port> ports) {
        var devices = ports.stream()
                .filter(Port::flowLog)
                .map(port -> '"' + port.device() + '"')
                .toList();
        return "flush set inet " + TABLE + " logged\n"
                + (devices.isEmpty()
                        ? ""
                        : "add element inet " + TABLE + " logged { " + String.join(", ", devices) + " }\n");
    }

    /** Bytes by interface, from what {@code nft list set} shows of the pairs. */
    static Map<String, InterfaceUsage> usage(Network network, String shown) {
        var ports = new HashMap<String, Port>();
        network.ports().forEach(port -> ports.put(port.device(), port));
        var usage = new HashMap<String, InterfaceUsage>();
        network.ports().forEach(port -> usage.put(port.id(), InterfaceUsage.NONE));
        var pair = PAIR.matcher(shown);
        while (pair.find()) {
            var from = ports.get(pair.group(1));
            var to = ports.get(pair.group(2));
            long bytes = Long.parseLong(pair.group(3));
            if (from != null) {
                usage.merge(from.id(), out(from, to, pair.group(2), bytes), UsageTable::sum);
            }
            if (to != null) {
                usage.merge(to.id(), in(to, from, pair.group(1), bytes), UsageTable::sum);
            }
        }
        return usage;
    }

    private static InterfaceUsage out(Port self, @Nullable Port other, String device, long bytes) {
        boolean zones =
                other != null && !other.subnet().zone().equals(self.subnet().zone());
        boolean internet = device.equals(FilterTable.GATEWAY) || throughNat(other);
        return new InterfaceUsage(
                0, bytes, 0, internet ? bytes : 0, 0, zones ? bytes : 0, 0, device.startsWith("p") ? bytes : 0);
    }

    private static InterfaceUsage in(Port self, @Nullable Port other, String device, long bytes) {
        boolean zones =
                other != null && !other.subnet().zone().equals(self.subnet().zone());
        boolean internet = device.equals(FilterTable.GATEWAY) || throughNat(other);
        return new InterfaceUsage(
                bytes, 0, internet ? bytes : 0, 0, zones ? bytes : 0, 0, device.startsWith("p") ? bytes : 0, 0);
    }

    private static boolean throughNat(@Nullable Port other) {
        return other != null
                && other.kind() == Network.Kind.NAT
                && other.addresses().getFirst().publicAddress() != null;
    }

    private static InterfaceUsage sum(InterfaceUsage a, InterfaceUsage b) {
        return new InterfaceUsage(
                a.in() + b.in(),
                a.out() + b.out(),
                a.inFromInternet() + b.inFromInternet(),
                a.outToInternet() + b.outToInternet(),
                a.inBetweenZones() + b.inBetweenZones(),
                a.outBetweenZones() + b.outBetweenZones(),
                a.inFromPeers() + b.inFromPeers(),
                a.outToPeers() + b.outToPeers());
    }

    /** One flow's counters when they were last read. */
    record Seen(long packets, long bytes) {}

    /**
     * Flows that had packets since the counters in {@code seen} were taken; it is brought up to date.
     *
     * @param shown the whole table
     */
    static List<FlowRecord> flows(Network network, String shown, Map<String, Seen> seen, Instant start, Instant end) {
        var ids = new HashMap<String, String>();
        network.ports().stream().filter(Port::flowLog).forEach(port -> {
            for (var family : Family.values()) {
                port.addresses(family).forEach(address -> ids.put(address, port.id()));
            }
        });
        var now = new HashMap<String, Seen>();
        var records = new ArrayList<FlowRecord>();
        String set = "";
        for (String line : shown.split("(?=\\bset f_)|(?<=,)|(?<=\\})")) {
            var head = SET.matcher(line);
            set = head.find() ? head.group(1) : set;
            var flow = FLOW.matcher(line);
            if (set.isEmpty() || !flow.find()) {
                continue;
            }
            String key = set + " " + flow.group(1) + " " + flow.group(2) + " " + flow.group(3) + " " + flow.group(4)
                    + " " + flow.group(5);
            var total = new Seen(Long.parseLong(flow.group(6)), Long.parseLong(flow.group(7)));
            var before = seen.getOrDefault(key, new Seen(0, 0));
            boolean anew = total.packets() < before.packets();
            long packets = anew ? total.packets() : total.packets() - before.packets();
            now.put(key, total);
            boolean egress = set.startsWith("f_out");
            String eni = ids.get(flow.group(egress ? 1 : 2));
            if (packets > 0 && eni != null) {
                records.add(new FlowRecord(
                        eni,
                        egress,
                        flow.group(1),
                        flow.group(2),
                        port(flow.group(4)),
                        port(flow.group(5)),
                        Integer.parseInt(flow.group(3)),
                        packets,
                        anew ? total.bytes() : total.bytes() - before.bytes(),
                        start,
                        end,
                        set.contains("_ok")));
            }
        }
        seen.clear();
        seen.putAll(now);
        return records;
    }

    private static int port(@Nullable String text) {
        return text == null ? 0 : Integer.parseInt(text);
    }

    /** The sets of flows: by direction, verdict, and whether the protocol has ports. */
    private enum FlowSet {
        OUT_OK(true),
        OUT_NO(true),
        IN_OK(true),
        IN_NO(true),
        OUT_OK_PLAIN(false),
        OUT_NO_PLAIN(false),
        IN_OK_PLAIN(false),
        IN_NO_PLAIN(false);

        private final boolean ports;

        FlowSet(boolean ports) {
            this.ports = ports;
        }

        String set(Family family) {
            return "f_" + name().toLowerCase(Locale.ROOT) + (family == Family.V6 ? "_6" : "");
        }

        String definition(Family family) {
            return "set " + set(family) + " { type " + family.type() + " . " + family.type() + " . inet_proto"
                    + (ports ? " . inet_service . inet_service" : "") + "; size " + MOST_FLOWS
                    + "; flags dynamic,timeout; timeout " + FLOW_TIMEOUT + "; counter; }\n";
        }
    }
}
