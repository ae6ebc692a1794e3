package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.NetworkPlan.Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a region changes in the host's own network: the far ends of its internet gateways, a route for each public
 * address, an address of the host towards them, a table that lets them out (masqueraded) and nobody in, and
 * {@code net.ipv4.ip_forward}, which the last region that goes ({@link #clear}) restores.
 *
 * <p>A route claims all of {@link PublicRange}, so that its addresses never leave the machine.
 */
final class HostSide {
    private static final Path HOST = Path.of("/proc/self/ns/net");
    /** There while forwarding is on because a region of this machine wanted it; like that, it is gone after a reboot. */
    private static final Path SWITCHED = Path.of("/run/haneul-ip-forward");

    private static final Path FORWARDING = Path.of("/proc/sys/net/ipv4/ip_forward");

    private final Names names;
    private final Path folder;
    private @Nullable Cidr range;
    private final DockerFirewall docker;
    private final HostSix six;
    private boolean ready;
    private @Nullable Set<String> known;

    HostSide(Names names, Path folder) {
        this.names = names;
        this.docker = new DockerFirewall(names.region());
        this.six = new HostSix(names);
        this.folder = folder;
    }

    /**
     * The region's block, looked for on first use: that asks the machine for its routes.
     *
     * @throws UncheckedIOException with the reason where it cannot be had
     */
    synchronized Cidr range() {
        var known = range;
        if (known == null) {
            try {
                clearDead();
                known = PublicRange.of(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e.getMessage(), e);
            }
            range = known;
        }
        return known;
    }

    private static void clearDead() {
        try {
            DeadRegions.clear(PublicRange.CLAIMS);
        } catch (IOException e) {
            System.getLogger(HostSide.class.getName())
                    .log(System.Logger.Level.DEBUG, "what regions that are gone left in this host stays", e);
        }
    }

    String address() {
        return range().at(1);
    }

    /** What sandboxes outside every VPC are translated to. */
    String outsideAddress() {
        return range().at(2);
    }

    /** Prepares the host; cheap where that is done. */
    void ready() throws IOException {
        if (Files.readString(FORWARDING).strip().equals("0")) {
            Files.writeString(SWITCHED, "net.ipv4.ip_forward was 0\n");
            Files.writeString(FORWARDING, "1");
        }
        if (!ready) {
            Commands.nft(table());
            docker.let();
            ready = true;
        }
    }

    /**
     * Out, not in. A host that was no router is one now; so that it does not become its neighbours' router, what comes
     * in by its uplinks is not let through, but for what others on this host translate to their own networks.
     */
    private String table() throws IOException {
        String ours = "\"" + names.region() + "*\"";
        String family = "\"" + Names.FAMILY + "*\"";
        var uplinks = Files.exists(SWITCHED) ? uplinks() : Set.<String>of();
        return "add table ip " + names.region() + "\ndelete table ip " + names.region() + "\ntable ip "
                + names.region() + " {\n"
                + "chain out { type nat hook postrouting priority 100; policy accept;\n"
                + "ip saddr " + range() + " oifname != " + family + " masquerade\n}\n"
                + "chain through { type filter hook forward priority 0; policy accept;\n"
                + "ct state established,related accept\n"
                + "iifname " + ours + " accept\n"
                + "oifname " + ours + " iifname != " + family + " drop\n"
                + (uplinks.isEmpty()
                        ? ""
                        : "iifname { " + String.join(", ", uplinks) + " } ct status & dnat != dnat drop\n")
                + "}\n"
                + "chain in { type filter hook input priority 0; policy accept;\n"
                + "iifname " + ours + " ct state new drop\n"
                + "}\n}\n";
    }

    private static Set<String> uplinks() throws IOException {
        var devices = new LinkedHashSet<String>();
        for (String line : Commands.ip(List.of("route show default")).split("\n")) {
            String device = after(line.strip().split("\\s+"), "dev");
            if (!device.isEmpty()) {
                devices.add('"' + device + '"');
            }
        }
        return devices;
    }

    /** The gateways that are there, by device. */
    Set<String> gateways() throws IOException {
        var found = new LinkedHashSet<String>();
        for (String device : Namespaces.devices(HOST)) {
            if (device.startsWith(names.region() + "g")) {
                found.add(device);
            }
        }
        return found;
    }

    /** Whether sandboxes have their way out. */
    boolean leadsOutside() throws IOException {
        return Namespaces.devices(HOST).contains(names.outside());
    }

    /** Removes a gateway, and with it the router's end. */
    void remove(String device) throws IOException {
        try {
            Commands.ip(List.of("link del " + device));
        } catch (IOException e) {
            if (Namespaces.devices(HOST).contains(device)) {
                throw e; // else it went by itself, with its router
            }
        }
    }

    /**
     * Leads public addresses to their gateways.
     *
     * @param internet whether there is anything to lead to
     */
    void route(Networks networks, boolean internet) throws IOException {
        if (!internet && !ready) {
            return;
        }
        var wanted = new LinkedHashMap<String, List<String>>();
        var devices = Namespaces.devices(HOST);
        put(wanted, "addr add " + address() + "/32 dev lo");
        put(wanted, "route add unreachable " + range() + " metric 4000");
        for (var network : networks.all()) {
            String device = names.gateway(network.id());
            if (network.internet() && devices.contains(device)) {
                String neighbour = "neigh replace " + Family.V4.nextHop() + " lladdr "
                        + Names.mac("gateway " + network.id()) + " dev " + device + " nud permanent";
                put(wanted, "link set " + device + " up", neighbour);
                for (Address address : network.published()) {
                    put(
                            wanted,
                            "route add " + address.publicAddress() + " via " + Family.V4.nextHop() + " dev " + device
                                    + " src " + address());
                }
            }
        }
        if (devices.contains(names.outside())) {
            String neighbour = "neigh replace " + Family.V4.nextHop() + " lladdr " + Names.mac("gateway outside")
                    + " dev " + names.outside() + " nud permanent";
            put(wanted, "link set " + names.outside() + " up", neighbour);
            put(
                    wanted,
                    "route add " + outsideAddress() + " via " + Family.V4.nextHop() + " dev " + names.outside()
                            + " src " + address());
        }
        change(wanted, devices);
        six.route(networks, devices);
    }

    /** The host's address as instances see it over IPv6. */
    String sixAddress() {
        return six.address();
    }

    private static void put(Map<String, List<String>> wanted, String line, String... more) {
        wanted.put(line, List.of(more));
    }

    private void change(Map<String, List<String>> wanted, Set<String> devices) throws IOException {
        var present = known == null ? load() : known;
        present = RouterPlan.alive(present, devices);
        var lines = new ArrayList<String>();
        for (String line : present) {
            if (!wanted.containsKey(line) && !line.startsWith("link ")) {
                lines.add(line.replaceFirst(" add ", " del "));
            }
        }
        for (var line : wanted.entrySet()) {
            if (!present.contains(line.getKey())) {
                String device = line.getKey().split(" ")[2];
                if (line.getKey().startsWith("link ")) {
                    Commands.setHere(List.of(
                            "ipv4/conf/" + device + "/rp_filter=0",
                            "ipv4/conf/" + device + "/send_redirects=0",
                            "ipv6/conf/" + device + "/disable_ipv6=1"));
                }
                lines.add(line.getKey() + (line.getKey().contains(" via ") ? " onlink" : ""));
                lines.addAll(line.getValue());
            }
        }
        known = null;
        Commands.ip(lines);
        known = new LinkedHashSet<>(wanted.keySet());
    }

    /** What is there of ours; links count as not set up, which does no harm to repeat. */
    private Set<String> load() throws IOException {
        var lines = new LinkedHashSet<String>();
        String shown = Commands.ip(List.of("addr show dev lo", "route show table main"));
        for (String line : shown.split("\n")) {
            String[] words = line.strip().split("\\s+");
            if (line.contains(" inet " + address() + "/32 ")) {
                lines.add("addr add " + address() + "/32 dev lo");
            } else if (line.startsWith("unreachable " + range())) {
                lines.add("route add unreachable " + range() + " metric 4000");
            } else if (line.contains(" dev " + names.region()) && line.contains(" via ") && line.contains(" src ")) {
                lines.add("route add " + words[0] + " via " + after(words, "via") + " dev " + after(words, "dev")
                        + " src " + after(words, "src"));
            }
        }
        return lines;
    }

    private static String after(String[] words, String word) {
        for (int i = 0; i + 1 < words.length; i++) {
            if (words[i].equals(word)) {
                return words[i + 1];
            }
        }
        return "";
    }

    /** What is believed of the host may be wrong. */
    void doubt() {
        known = null;
        ready = false;
        six.doubt();
    }

    /** Leaves the host as it was. The block stays the region's. */
    void clear() throws IOException {
        var devices = gateways();
        devices.add(names.outside());
        devices.retainAll(Namespaces.devices(HOST));
        for (String device : devices) {
            remove(device);
        }
        known = null;
        change(Map.of(), Namespaces.devices(HOST));
        Commands.nft("add table ip " + names.region() + "\ndelete table ip " + names.region() + "\n");
        docker.clear();
        six.clear();
        boolean others = Namespaces.devices(HOST).stream().anyMatch(device -> device.startsWith(Names.FAMILY));
        if (!others && Files.deleteIfExists(SWITCHED)) {
            Files.writeString(FORWARDING, "0");
        }
        doubt();
    }
}
