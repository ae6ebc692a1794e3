package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.Network.Port;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The router of one VPC as it is in the kernel, and what we know of it. What we know is checked against the kernel when
 * it is met for the first time, and again after anything went wrong. Not safe for many threads.
 */
final class Router {
    private final String namespace;
    private final Path netns;
    /** Lines of {@link RouterPlan}; none of a family of which the kernel must be asked. */
    private final Map<Family, Set<String>> known = new EnumMap<>(Family.class);

    /** Whether the namespace has IPv6 at all; null where that is not known. */
    private @Nullable Boolean six;

    /** What is in force, as far as we know. */
    private final Map<Family, FilterTable> filters = new EnumMap<>(Family.class);

    private @Nullable String logged;
    /** Whether the table that counts is there. */
    private boolean counts;

    final Map<String, UsageTable.Seen> flowsSeen = new HashMap<>();
    private Set<String> devices = Set.of();

    Router(String namespace) {
        this.namespace = namespace;
        this.netns = Namespaces.path(namespace);
    }

    String namespace() {
        return namespace;
    }

    Path netns() {
        return netns;
    }

    /** Whatever was believed about the kernel may be wrong. */
    void doubt() {
        known.clear();
        six = null;
        filters.clear();
        logged = null;
    }

    /**
     * Makes a namespace a router; it lets nothing through yet.
     *
     * @param empty whether it was made just now: then the kernel need not be asked what is in it
     */
    void init(boolean empty) throws IOException {
        doubt();
        counts = false;
        Commands.set(netns, List.of("ipv4/ip_forward=1"));
        if (empty) {
            for (var family : Family.values()) {
                known.put(family, Set.of());
            }
            six = false;
        }
    }

    /** The devices that are there now. */
    Set<String> look() throws IOException {
        devices = Namespaces.devices(netns);
        return devices;
    }

    /** Filters first, so that no packet finds a way before it finds the rules. */
    void filter(Network network) throws IOException {
        var wanted = new EnumMap<Family, FilterTable>(Family.class);
        var script = new StringBuilder(counts ? "" : UsageTable.create());
        for (var family : Family.values()) {
            var table = FilterTable.of(network, family);
            script.append(table.since(filters.get(family)));
            wanted.put(family, table);
        }
        String logs = UsageTable.logged(network.ports());
        script.append(logs.equals(logged) ? "" : logs);
        if (!script.isEmpty()) {
            filters.clear();
            logged = null;
            Commands.nft(netns, script.toString()); // one process, and one change
        }
        counts = true;
        filters.putAll(wanted);
        logged = logs;
    }

    /** Whether these filters are in force, as far as we know. */
    boolean filtered() {
        return !filters.isEmpty();
    }

    /**
     * Addresses, routes and rules.
     *
     * @param fresh devices that were made just now and must be set up
     */
    void route(Network network, Set<String> fresh) throws IOException {
        Commands.set(netns, deviceValues(fresh));
        try {
            changeRoutes(network, fresh, List.of());
        } catch (IOException e) {
            doubt();
            look();
            changeRoutes(network, fresh, List.of());
        }
    }

    private void changeRoutes(Network network, Set<String> fresh, List<String> first) throws IOException {
        var links = new ArrayList<>(first);
        if (known.getOrDefault(Family.V4, Set.of()).stream().noneMatch(line -> line.endsWith(" dev lo"))) {
            links.add("link set lo up");
        }
        fresh.forEach(device -> links.add("link set " + device + " up"));
        changeRoutes(network, Family.V4, fresh, links);
        var wanted = network.six();
        if (six == null || six != wanted) {
            Commands.set(netns, sixValues(wanted));
            six = wanted;
        }
        if (wanted) {
            changeRoutes(network, Family.V6, fresh, List.of());
        } else {
            known.put(Family.V6, Set.of()); // the kernel forgets all of it
        }
    }

    /** Devices give themselves no addresses: theirs are told by us. */
    private static List<String> sixValues(boolean wanted) {
        String disabled = wanted ? "0" : "1";
        return List.of(
                "ipv6/conf/default/addr_gen_mode=1",
                "ipv6/conf/default/disable_ipv6=" + disabled,
                "ipv6/conf/all/disable_ipv6=" + disabled,
                "ipv6/conf/all/forwarding=" + (wanted ? "1" : "0"));
    }

    private void changeRoutes(Network network, Family family, Set<String> fresh, List<String> first)
            throws IOException {
        var present = known.get(family);
        boolean asked = present == null;
        if (present == null) {
            present = RouterPlan.parse(Commands.ip(netns, family, RouterPlan.show(family)));
        }
        present = RouterPlan.alive(present, devices);
        var wanted = RouterPlan.lines(network, family, devices);
        var lines = new ArrayList<>(first);
        lines.addAll(RouterPlan.neighbours(network, family, asked ? devices : fresh));
        lines.addAll(RouterPlan.difference(network, family, present, wanted));
        known.remove(family);
        Commands.ip(netns, family, lines);
        known.put(family, wanted);
    }

    /** Removes devices, with all routes over them; those that went with their other end are gone already. */
    void remove(Set<String> gone) throws IOException {
        var there = new LinkedHashSet<>(gone);
        there.retainAll(look());
        try {
            Commands.ip(netns, Namespaces.deletion(there));
        } catch (IOException e) {
            there.retainAll(look());
            if (!there.isEmpty()) {
                throw e;
            }
        }
        look();
    }

    /** Puts the far end of a port into a workload's namespace, and leads its addresses there: one process. */
    void plug(Network network, Port port, Path workload, String name) throws IOException {
        look();
        var first = new ArrayList<String>();
        if (devices.contains(port.device())) {
            first.add("link del " + port.device());
        }
        first.add("link add " + port.device() + " type veth peer name " + name + " address " + port.mac() + " netns "
                + workload);
        var others = new LinkedHashSet<>(devices);
        others.remove(port.device());
        for (var family : network.six() ? List.of(Family.V4, Family.V6) : List.of(Family.V4)) {
            var lines = known.get(family);
            if (lines == null) {
                lines = RouterPlan.parse(Commands.ip(netns, family, RouterPlan.show(family)));
            }
            known.put(family, RouterPlan.alive(lines, others));
        }
        devices = new LinkedHashSet<>(others);
        devices.add(port.device());
        try {
            changeRoutes(network, Set.of(port.device()), first);
        } catch (IOException e) {
            doubt();
            look();
            throw e;
        }
        Commands.set(netns, deviceValues(Set.of(port.device())));
    }

    private static List<String> deviceValues(Set<String> fresh) {
        var values = new ArrayList<String>();
        for (String device : fresh) {
            if (device.startsWith("e")) {
                // answers for the whole subnet, at once: every packet passes here
                values.add("ipv4/conf/" + device + "/proxy_arp=1");
                values.add("ipv4/neigh/" + device + "/proxy_delay=0");
            }
        }
        return values;
    }
}
