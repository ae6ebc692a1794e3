package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.Network.Port;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A port's end in a workload's namespace: its addresses and the way out. */
final class FarEnd {
    /** Routes of a workload's further devices are in the tables after this one. */
    private static final int FIRST_TABLE = 10_000;

    private FarEnd() {}

    /** Sets up the device {@code eth}-index that has just been put there. */
    static void configure(Network network, Port port, Path netns, int deviceIndex) throws IOException {
        String device = "eth" + deviceIndex;
        var lines = new ArrayList<String>();
        lines.add("link set lo up");
        lines.addAll(port.addressLines(device));
        lines.add("link set " + device + " up");
        lines.addAll(wayOut(port, netns, Family.V4, deviceIndex));
        Commands.ip(netns, lines);
        if (network.six() && !port.sixes().isEmpty()) {
            Commands.set(
                    netns, List.of("ipv6/conf/" + device + "/disable_ipv6=0", "ipv6/conf/" + device + "/accept_ra=0"));
            var six = new ArrayList<String>();
            // Each for itself: what else is in the subnet is beyond the router, as everything is.
            port.sixes().forEach(address -> six.add("addr replace " + address + "/128 dev " + device + " nodad"));
            six.addAll(wayOut(port, netns, Family.V6, deviceIndex));
            Commands.ip(netns, Family.V6, six);
        }
    }

    /**
     * What comes in by a further device is answered by it, or its router would drop the answers: a table of routes for
     * each, chosen by the source, as the network utilities of Amazon Linux have it.
     */
    private static List<String> wayOut(Port port, Path netns, Family family, int deviceIndex) throws IOException {
        String way = "route replace default via " + port.gateway(family) + " dev eth" + deviceIndex;
        if (deviceIndex == 0) {
            return List.of(way);
        }
        int table = FIRST_TABLE + deviceIndex;
        var lines = new ArrayList<String>();
        Commands.ip(netns, family, List.of("rule show"))
                .lines()
                .filter(line -> line.strip().endsWith("lookup " + table))
                .forEach(line -> lines.add("rule del table " + table));
        port.addresses(family)
                .forEach(each -> lines.add("rule add from " + each + " table " + table + " priority " + table));
        lines.add(way + " table " + table);
        return lines;
    }
}
