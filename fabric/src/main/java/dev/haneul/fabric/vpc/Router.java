package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.Network.Port;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
    /** Lines of {@link RouterPlan}; null where the kernel must be asked. */
    private @Nullable Set<String> known;

    private @Nullable FilterTable filters;
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
        known = null;
        filters = null;
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
            known = Set.of();
        }
    }

    /** The devices that are there now. */
    Set<String> look() throws IOException {
        devices = Namespaces.devices(netns);
        return devices;
    }

    /** Filters first, so that no packet finds a way before it finds the rules. */
    void filter(Network network) throws IOException {
        var wanted = FilterTable.of(network);
        String logs = UsageTable.logged(network.ports());
        String script = (counts ? "" : UsageTable.create()) + wanted.since(filters) + (logs.equals(logged) ? "" : logs);
        if (!script.isEmpty()) {
            filters = null;
            logged = null;
            Commands.nft(netns, script); // one process, and one change
        }
        counts = true;
        filters = wanted;
        logged = logs;
    }

    /** Whether these filters are in force, as far as we know. */
    boolean filtered() {
        return filters != null;
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
        var present = known;
        boolean asked = present == null;
        if (present == null) {
            present = RouterPlan.parse(Commands.ip(netns, RouterPlan.show()));
        }
        present = RouterPlan.alive(present, devices);
        var wanted = RouterPlan.lines(network, devices);
        var lines = new ArrayList<>(first);
        if (asked || present.isEmpty()) {
            lines.add("link set lo up");
        }
        fresh.forEach(device -> lines.add("link set " + device + " up"));
        lines.addAll(RouterPlan.neighbours(network, asked ? devices : fresh));
        lines.addAll(RouterPlan.difference(network, present, wanted));
        known = null;
        Commands.ip(netns, lines);
        known = wanted;
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
        known = known == null ? null : RouterPlan.alive(known, others);
        if (known == null) {
            known = RouterPlan.alive(RouterPlan.parse(Commands.ip(netns, RouterPlan.show())), others);
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
