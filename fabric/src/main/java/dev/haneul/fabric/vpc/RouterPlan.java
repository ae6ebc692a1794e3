package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.Network.Port;
import dev.haneul.fabric.vpc.NetworkPlan.Route;
import dev.haneul.fabric.vpc.NetworkPlan.RouteTable;
import dev.haneul.fabric.vpc.NetworkPlan.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The addresses, routes and rules of a VPC's router as lines of {@code ip}: pure. Lines are in one canonical form, so
 * that what should be and what is can be compared as text.
 *
 * <p>The main table knows the VPC itself: a route for each address, nothing else of its blocks. A packet that is not
 * for the VPC carries the mark of its subnet's route table, and a rule leads from there to the kernel's table.
 */
final class RouterPlan {
    /** The next hop on links that have no addresses; a permanent neighbour entry says who that is. */
    static final String NEXT_HOP = "169.254.0.1";

    private static final int TABLE_PRIORITY = 33_000;
    private static final int LAST_PRIORITY = 34_000;
    private static final int LAST_TABLE = 9_999;
    /** Shown by {@code ip rule} and {@code ip route}. */
    private static final Pattern RULE =
            Pattern.compile("(\\d+):\\s+from all (?:fwmark (0x[0-9a-f]+) )?lookup (\\d+)\\s*");

    private static final Pattern ADDRESS = Pattern.compile("\\d+:\\s+lo\\s+inet ([0-9.]+/\\d+) .*");

    private RouterPlan() {}

    /**
     * What the router should have.
     *
     * @param devices those that are there: routes over others must wait for them
     */
    static Set<String> lines(Network network, Set<String> devices) {
        var lines = new LinkedHashSet<String>();
        for (String address : List.of(
                VpcFabric.METADATA_ADDRESS,
                VpcFabric.RESOLVER_ADDRESS,
                VpcFabric.TASK_METADATA_ADDRESS,
                VpcFabric.API_ADDRESS,
                network.vpc().resolver())) {
            lines.add(address(address));
        }
        network.subnets().forEach(subnet -> lines.add(address(subnet.cidr().at(1))));
        for (var port : network.ports()) {
            if (devices.contains(port.device())) {
                port.addresses()
                        .forEach(address -> lines.add(
                                "route add " + address.privateAddress() + " dev " + port.device() + " table main"));
            }
        }
        for (var cidr : network.vpc().cidrs()) {
            if (!cidr.v6()) {
                lines.add("route add blackhole " + destination(cidr) + " table main");
            }
        }
        var used = network.subnets().stream()
                .map(NetworkPlan.Subnet::routeTableId)
                .collect(java.util.stream.Collectors.toSet());
        network.tables().stream()
                .filter(table -> used.contains(table.id()))
                .forEach(table -> addTable(lines, network, table, devices));
        lines.add("rule add priority " + LAST_PRIORITY + " lookup " + LAST_TABLE);
        lines.add("route add blackhole default table " + LAST_TABLE);
        return lines;
    }

    private static void addTable(Set<String> lines, Network network, RouteTable table, Set<String> devices) {
        int number = Names.table(table.id());
        lines.add("rule add priority " + TABLE_PRIORITY + " fwmark 0x" + Integer.toHexString(number) + " lookup "
                + number);
        var ways = new LinkedHashMap<Cidr, String>();
        for (Route route : table.routes()) {
            if (!route.destination().v6() && !(route.target() instanceof Target.Local)) {
                ways.put(
                        route.destination(),
                        way(network, route.target(), devices).orElse(""));
            }
        }
        ways.putIfAbsent(Cidr.ANY_V4, "");
        ways.forEach((cidr, way) -> lines.add(
                way.isEmpty()
                        ? "route add blackhole " + destination(cidr) + " table " + number
                        : "route add " + destination(cidr) + " via " + way + " table " + number));
    }

    /** Next hop and device, empty where there is none. */
    private static Optional<String> way(Network network, Target target, Set<String> devices) {
        return switch (target) {
            case Target.InternetGateway() ->
                devices.contains(FilterTable.GATEWAY)
                        ? Optional.of(NEXT_HOP + " dev " + FilterTable.GATEWAY)
                        : Optional.empty();
            case Target.Peering(String id) ->
                network.peers().stream()
                        .filter(peer -> peer.id().equals(id) && devices.contains(peer.device()))
                        .map(peer -> NEXT_HOP + " dev " + peer.device())
                        .findFirst();
            case Target.NatGateway(String id) -> through(network, id, devices);
            case Target.Interface(String id) -> through(network, id, devices);
            case Target.Blackhole() -> Optional.empty();
            case Target.Local() -> Optional.empty();
        };
    }

    private static Optional<String> through(Network network, String id, Set<String> devices) {
        return network.port(id)
                .filter(port -> !port.checked() && devices.contains(port.device()))
                .map(port -> port.primary() + " dev " + port.device());
    }

    /** Who is at the other end of links, for devices that are new: the kernel need not ask. */
    static List<String> neighbours(Network network, Set<String> devices) {
        var lines = new ArrayList<String>();
        for (var port : network.ports()) {
            if (devices.contains(port.device())) {
                port.addresses().forEach(address -> lines.add(neighbour(address.privateAddress(), port)));
            }
        }
        for (var peer : network.peers()) {
            if (devices.contains(peer.device())) {
                lines.add("neigh replace " + NEXT_HOP + " lladdr " + peer.otherMac() + " dev " + peer.device()
                        + " nud permanent");
            }
        }
        if (devices.contains(FilterTable.GATEWAY)) {
            lines.add("neigh replace " + NEXT_HOP + " lladdr " + Names.mac("host " + network.id()) + " dev "
                    + FilterTable.GATEWAY + " nud permanent");
        }
        return lines;
    }

    private static String neighbour(String address, Port port) {
        return "neigh replace " + address + " lladdr " + port.mac() + " dev " + port.device() + " nud permanent";
    }

    /** Lines that lead from what is to what should be. A route's neighbour entry comes with it. */
    static List<String> difference(Network network, Set<String> present, Set<String> wanted) {
        var lines = new ArrayList<String>();
        for (String line : present) {
            if (!wanted.contains(line)) {
                lines.add(line.replaceFirst(" add ", " del "));
            }
        }
        Map<String, Port> byAddress = new LinkedHashMap<>();
        network.ports().forEach(port -> port.addresses().forEach(a -> byAddress.put(a.privateAddress(), port)));
        for (String line : wanted) {
            if (!present.contains(line)) {
                String[] words = line.split(" ");
                var port = words[0].equals("route") ? byAddress.get(words[2]) : null;
                if (port != null) {
                    lines.add(neighbour(words[2], port));
                }
                lines.add(line.contains(" via ") ? line + " onlink" : line);
            }
        }
        return lines;
    }

    /** Lines of {@code ip} that show all that {@link #parse} reads. */
    static List<String> show() {
        return List.of("addr show dev lo", "route show table all", "rule show");
    }

    /** What the router has. */
    static Set<String> parse(String shown) {
        var lines = new LinkedHashSet<String>();
        for (String line : shown.split("\n")) {
            var address = ADDRESS.matcher(line);
            var rule = RULE.matcher(line);
            if (address.matches()) {
                if (!address.group(1).startsWith("127.")) {
                    lines.add("addr add " + address.group(1) + " dev lo");
                }
            } else if (rule.matches() && Integer.parseInt(rule.group(1)) >= TABLE_PRIORITY) {
                lines.add("rule add priority " + rule.group(1)
                        + (rule.group(2) == null ? "" : " fwmark " + rule.group(2)) + " lookup " + rule.group(3));
            } else if (line.startsWith("default")
                    || line.startsWith("blackhole")
                    || line.matches("[0-9.]+(/\\d+)? .*")) {
                lines.add(route(line));
            }
        }
        return lines;
    }

    private static String route(String shown) {
        String[] words = shown.strip().split("\\s+");
        boolean blackhole = words[0].equals("blackhole");
        var line = new StringBuilder("route add ")
                .append(blackhole ? "blackhole " : "")
                .append(words[blackhole ? 1 : 0]);
        String table = "main";
        for (int i = 1; i + 1 < words.length; i++) {
            switch (words[i]) {
                case "via", "dev" ->
                    line.append(' ').append(words[i]).append(' ').append(words[i + 1]);
                case "table" -> table = words[i + 1];
                default -> {} // what the kernel added by itself
            }
        }
        return line.append(" table ").append(table).toString();
    }

    /** Of lines, those whose device is still there. */
    static Set<String> alive(Set<String> lines, Set<String> devices) {
        var alive = new LinkedHashSet<String>();
        for (String line : lines) {
            int dev = line.indexOf(" dev ");
            String device = dev < 0 ? "lo" : line.substring(dev + 5).split(" ", 2)[0];
            if (devices.contains(device)) {
                alive.add(line);
            }
        }
        return alive;
    }

    private static String address(String address) {
        return "addr add " + address + "/32 dev lo";
    }

    private static String destination(Cidr cidr) {
        return cidr.bits() == 0 ? "default" : cidr.bits() == 32 ? cidr.address() : cidr.toString();
    }
}
