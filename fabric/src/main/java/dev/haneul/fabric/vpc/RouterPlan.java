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
 * The addresses, routes and rules of a VPC's router, by family, as lines of {@code ip}: pure. Lines are in one canonical form, so
 * that what should be and what is can be compared as text.
 *
 * <p>The main table knows the VPC itself: a route for each address, nothing else of its blocks. A packet that is not
 * for the VPC carries the mark of its subnet's route table, and a rule leads from there to the kernel's table.
 */
final class RouterPlan {
    /** The next hop of IPv4 on links that have no addresses. */
    static final String NEXT_HOP = Family.V4.nextHop();

    private static final String LINK_ADDRESS_LINE = "addr add " + Family.V6.nextHop() + "/64 dev ";
    private static final int TABLE_PRIORITY = 33_000;
    /** Before the main table, which knows the clients in whose names somebody speaks. */
    private static final int SPEAKER_PRIORITY = 32_000;

    private static final int LAST_PRIORITY = 34_000;
    private static final int LAST_TABLE = 9_999;
    /** Shown by {@code ip rule} and {@code ip route}. */
    private static final Pattern RULE =
            Pattern.compile("(\\d+):\\s+from all (?:fwmark (0x[0-9a-f]+) )?lookup (\\d+)\\s*");

    private static final Pattern ADDRESS = Pattern.compile("\\d+:\\s+lo\\s+inet ([0-9.]+/\\d+) .*");
    private static final Pattern LINK_ADDRESS =
            Pattern.compile("\\d+:\\s+(\\S+)\\s+inet6 " + Family.V6.nextHop() + "/64 .*");
    private static final Pattern ROUTE =
            Pattern.compile("(?:default|blackhole|[0-9.]+(/\\d+)?|(?!fe80:|ff00:|\\d+: )[0-9a-f:]+(/\\d+)?) .*");

    private RouterPlan() {}

    /**
     * What the router should have.
     *
     * @param devices those that are there: routes over others must wait for them
     */
    static Set<String> lines(Network network, Family family, Set<String> devices) {
        var lines = new LinkedHashSet<String>();
        if (family == Family.V4) {
            lines.addAll(ownAddresses(network));
        } else if (!network.six()) {
            return lines;
        }
        for (var port : network.ports()) {
            if (devices.contains(port.device())) {
                if (family == Family.V6 && !port.sixes().isEmpty()) {
                    lines.add(linkAddress(port.device()));
                }
                port.addresses(family)
                        .forEach(
                                address -> lines.add("route add " + address + " dev " + port.device() + " table main"));
            }
        }
        for (var cidr : network.vpc().cidrs()) {
            if (family.has(cidr)) {
                lines.add("route add blackhole " + destination(cidr) + " table main");
            }
        }
        var used = network.subnets().stream()
                .map(NetworkPlan.Subnet::routeTableId)
                .collect(java.util.stream.Collectors.toSet());
        network.tables().stream()
                .filter(table -> used.contains(table.id()))
                .forEach(table -> addTable(lines, network, family, table, devices));
        if (family == Family.V4) {
            network.speakers().forEach(port -> addSpeaker(lines, port, devices));
        }
        lines.add("rule add priority " + LAST_PRIORITY + " lookup " + LAST_TABLE);
        lines.add("route add blackhole default table " + LAST_TABLE);
        return lines;
    }

    private static Set<String> ownAddresses(Network network) {
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
        return lines;
    }

    private static void addSpeaker(Set<String> lines, Port port, Set<String> devices) {
        if (devices.contains(port.device())) {
            int number = Names.table(port.id());
            lines.add("rule add priority " + SPEAKER_PRIORITY + " fwmark 0x" + Integer.toHexString(number) + " lookup "
                    + number);
            lines.add("route add default via " + port.primary() + " dev " + port.device() + " table " + number);
        }
    }

    private static void addTable(
            Set<String> lines, Network network, Family family, RouteTable table, Set<String> devices) {
        int number = Names.table(table.id());
        lines.add("rule add priority " + TABLE_PRIORITY + " fwmark 0x" + Integer.toHexString(number) + " lookup "
                + number);
        var ways = new LinkedHashMap<Cidr, String>();
        for (Route route : table.routes()) {
            if (family.has(route.destination()) && !(route.target() instanceof Target.Local)) {
                ways.put(
                        route.destination(),
                        way(network, family, route.target(), devices).orElse(""));
            }
        }
        ways.putIfAbsent(family.any(), "");
        ways.forEach((cidr, way) -> lines.add(
                way.isEmpty()
                        ? "route add blackhole " + destination(cidr) + " table " + number
                        : "route add " + destination(cidr) + " via " + way + " table " + number));
    }

    /** Next hop and device, empty where there is none. */
    private static Optional<String> way(Network network, Family family, Target target, Set<String> devices) {
        return switch (target) {
            case Target.InternetGateway() -> gateway(family, devices);
            case Target.EgressOnlyGateway() -> family == Family.V6 ? gateway(family, devices) : Optional.empty();
            case Target.Peering(String id) ->
                network.peers().stream()
                        .filter(peer -> peer.id().equals(id) && devices.contains(peer.device()))
                        .map(peer -> family.nextHop() + " dev " + peer.device())
                        .findFirst();
            case Target.NatGateway(String id) -> through(network, family, id, devices);
            case Target.Interface(String id) -> through(network, family, id, devices);
            case Target.Blackhole() -> Optional.empty();
            case Target.Local() -> Optional.empty();
        };
    }

    private static Optional<String> gateway(Family family, Set<String> devices) {
        return devices.contains(FilterTable.GATEWAY)
                ? Optional.of(family.nextHop() + " dev " + FilterTable.GATEWAY)
                : Optional.empty();
    }

    private static Optional<String> through(Network network, Family family, String id, Set<String> devices) {
        return network.port(id)
                .filter(port -> !port.checked() && devices.contains(port.device()))
                .filter(port -> !port.addresses(family).isEmpty())
                .map(port -> port.addresses(family).getFirst() + " dev " + port.device());
    }

    /** Who is at the other end of links, for devices that are new: the kernel need not ask. */
    static List<String> neighbours(Network network, Family family, Set<String> devices) {
        var lines = new ArrayList<String>();
        for (var port : network.ports()) {
            if (devices.contains(port.device())) {
                port.addresses(family).forEach(address -> lines.add(neighbour(address, port)));
            }
        }
        for (var peer : network.peers()) {
            if (devices.contains(peer.device())) {
                lines.add("neigh replace " + family.nextHop() + " lladdr " + peer.otherMac() + " dev " + peer.device()
                        + " nud permanent");
            }
        }
        if (devices.contains(FilterTable.GATEWAY)) {
            lines.add("neigh replace " + family.nextHop() + " lladdr " + Names.mac("host " + network.id()) + " dev "
                    + FilterTable.GATEWAY + " nud permanent");
        }
        return lines;
    }

    private static String neighbour(String address, Port port) {
        return "neigh replace " + address + " lladdr " + port.mac() + " dev " + port.device() + " nud permanent";
    }

    /** Lines that lead from what is to what should be. A route's neighbour entry comes with it. */
    static List<String> difference(Network network, Family family, Set<String> present, Set<String> wanted) {
        var lines = new ArrayList<String>();
        for (String line : present) {
            if (!wanted.contains(line)) {
                lines.add(line.replaceFirst(" add ", " del "));
            }
        }
        Map<String, Port> byAddress = new LinkedHashMap<>();
        network.ports().forEach(port -> port.addresses(family).forEach(each -> byAddress.put(each, port)));
        for (String line : wanted) {
            if (!present.contains(line)) {
                String[] words = line.split(" ");
                var port = words[0].equals("route") ? byAddress.get(words[2]) : null;
                if (port != null) {
                    lines.add(neighbour(words[2], port));
                }
                lines.add(line
                        + (line.contains(" via ") ? " onlink" : line.startsWith(LINK_ADDRESS_LINE) ? " nodad" : ""));
            }
        }
        return lines;
    }

    /** Lines of {@code ip} that show all that {@link #parse} reads. */
    static List<String> show(Family family) {
        String addresses = family == Family.V6 ? "addr show scope link" : "addr show dev lo";
        return List.of(addresses, "route show table all", "rule show");
    }

    /** What the router has. */
    static Set<String> parse(String shown) {
        var lines = new LinkedHashSet<String>();
        for (String line : shown.split("\n")) {
            var address = ADDRESS.matcher(line);
            var linkAddress = LINK_ADDRESS.matcher(line);
            var rule = RULE.matcher(line);
            if (linkAddress.matches()) {
                lines.add(linkAddress(linkAddress.group(1)));
            } else if (address.matches()) {
                if (!address.group(1).startsWith("127.")) {
                    lines.add("addr add " + address.group(1) + " dev lo");
                }
            } else if (rule.matches() && Integer.parseInt(rule.group(1)) >= SPEAKER_PRIORITY) {
                lines.add("rule add priority " + rule.group(1)
                        + (rule.group(2) == null ? "" : " fwmark " + rule.group(2)) + " lookup " + rule.group(3));
            } else if (ROUTE.matcher(line).matches()) {
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
                case "via", "dev" -> line.append(blackhole ? "" : " " + words[i] + " " + words[i + 1]);
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

    private static String linkAddress(String device) {
        return LINK_ADDRESS_LINE + device;
    }

    private static String address(String address) {
        return "addr add " + address + "/32 dev lo";
    }

    private static String destination(Cidr cidr) {
        boolean single = cidr.bits() == (cidr.v6() ? 128 : 32);
        return cidr.bits() == 0 ? "default" : single ? cidr.address() : cidr.toString();
    }
}
