package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.NetworkPlan.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a region changes in the host's own network for IPv6: a route for each block that an internet gateway publishes,
 * an address of the host towards it, and a table that lets nobody in. The host becomes no router of IPv6, for that would
 * change how it learns its own routes: instances reach the host, and the host them, and nobody beyond.
 */
final class HostSix {
    private static final Pattern ADDRESS = Pattern.compile("\\d+:\\s+(\\S+)\\s+inet6 (\\S+)/128 .*");

    private final Names names;
    private @Nullable Set<String> known;
    private boolean ready;

    HostSix(Names names) {
        this.names = names;
    }

    /** The host's address as instances see it: unique and local (RFC 4193), the region's own. */
    String address() {
        return names.uniqueLocal() + "1";
    }

    /**
     * Leads blocks to their gateways.
     *
     * @param devices of the host, gateways among them, set up for IPv4
     */
    void route(Networks networks, Set<String> devices) throws IOException {
        var wanted = new LinkedHashMap<String, String>();
        var neighbours = new ArrayList<String>();
        for (var network : networks.all()) {
            String device = names.gateway(network.id());
            if (published(network) && devices.contains(device)) {
                wanted.put("addr add " + address() + "/128 dev " + device, device);
                network.vpc().cidrs().stream()
                        .filter(Cidr::v6)
                        .forEach(block -> wanted.put(line(block.toString(), device), device));
                neighbours.add("neigh replace " + Family.V6.nextHop() + " lladdr "
                        + Names.mac("gateway " + network.id()) + " dev " + device + " nud permanent");
            }
        }
        if (!ready && !wanted.isEmpty()) {
            Commands.nft(table());
            ready = true;
        }
        if (ready || !wanted.isEmpty()) {
            change(wanted, neighbours, devices);
        }
    }

    private static boolean published(Network network) {
        return network.six()
                && network.tables().stream()
                        .flatMap(table -> table.routes().stream())
                        .anyMatch(route -> route.destination().v6()
                                && (route.target() instanceof Target.InternetGateway
                                        || route.target() instanceof Target.EgressOnlyGateway));
    }

    private String line(String block, String device) {
        return "route add " + block + " via " + Family.V6.nextHop() + " dev " + device + " src " + address();
    }

    private void change(Map<String, String> wanted, List<String> neighbours, Set<String> devices) throws IOException {
        var present = RouterPlan.alive(known == null ? load() : known, devices);
        var lines = new ArrayList<String>();
        for (String line : present) {
            if (!wanted.containsKey(line)) {
                lines.add(line.replaceFirst(" add ", " del "));
            }
        }
        var fresh = new LinkedHashSet<>(wanted.keySet());
        fresh.removeAll(present);
        for (String line : fresh) {
            if (line.startsWith("addr ")) {
                String conf = "ipv6/conf/" + wanted.get(line) + "/";
                Commands.setHere(List.of(conf + "addr_gen_mode=1", conf + "accept_ra=0", conf + "disable_ipv6=0"));
            }
            lines.add(line + (line.startsWith("addr ") ? " nodad" : " onlink"));
        }
        if (!fresh.isEmpty()) {
            lines.addAll(neighbours);
        }
        known = null;
        Commands.ip(Family.V6, lines);
        known = new LinkedHashSet<>(wanted.keySet());
    }

    /** What is there of ours. */
    private Set<String> load() throws IOException {
        var lines = new LinkedHashSet<String>();
        for (String line : Commands.ip(Family.V6, List.of("addr show scope global", "route show table main"))
                .split("\n")) {
            var address = ADDRESS.matcher(line);
            String[] words = line.strip().split("\\s+");
            if (address.matches() && address.group(2).equals(address())) {
                lines.add("addr add " + address() + "/128 dev " + address.group(1));
            } else if (line.contains(" via " + Family.V6.nextHop() + " dev " + names.region() + "g")) {
                lines.add(line(words[0], words[4]));
            }
        }
        return lines;
    }

    /** Neither new connections from instances to the host, nor anything through it. */
    private String table() {
        String ours = '"' + names.region() + "*\"";
        return removal() + "table ip6 " + names.region() + " {\n"
                + "chain through { type filter hook forward priority 0; policy accept;\n"
                + "iifname " + ours + " drop\n"
                + "oifname " + ours + " drop\n"
                + "}\n"
                + "chain in { type filter hook input priority 0; policy accept;\n"
                + "iifname " + ours + " ct state new drop\n"
                + "}\n}\n";
    }

    private String removal() {
        return "add table ip6 " + names.region() + "\ndelete table ip6 " + names.region() + "\n";
    }

    /** What is believed of the host may be wrong. */
    void doubt() {
        known = null;
        ready = false;
    }

    /** Leaves the host as it was; routes and addresses went with the gateways. */
    void clear() throws IOException {
        if (Family.V6.present()) {
            Commands.nft(removal());
        }
        doubt();
    }
}
