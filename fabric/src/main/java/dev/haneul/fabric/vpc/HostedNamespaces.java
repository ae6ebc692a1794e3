package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.Network.Kind;
import dev.haneul.fabric.vpc.Network.Port;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The namespaces behind NAT gateways and hosted interfaces: one device, its addresses, the way out. */
final class HostedNamespaces {
    private static final String DEVICE = "eth0";
    private final Names names;
    private final Map<String, List<String>> known = new HashMap<>();

    HostedNamespaces(Names names) {
        this.names = names;
    }

    static boolean ours(Port port) {
        return port.kind() != Kind.WORKLOAD;
    }

    /**
     * Sets a namespace up.
     *
     * @param fresh whether its device was made just now
     */
    void configure(Port port, boolean fresh) throws IOException {
        var wanted = port.addressLines(DEVICE);
        if (!fresh && wanted.equals(known.get(port.id()))) {
            return;
        }
        var netns = Namespaces.path(names.namespace(port.id()));
        var lines = new ArrayList<String>();
        if (!fresh && !known.containsKey(port.id()) && wanted.equals(present(port))) {
            known.put(port.id(), wanted);
            return;
        }
        lines.add("link set lo up");
        if (port.speaker()) {
            lines.addAll(Speaker.lines(Commands.ip(netns, List.of("rule show")), DEVICE));
        }
        lines.add("addr flush dev " + DEVICE);
        lines.addAll(wanted);
        lines.add("link set " + DEVICE + " up");
        lines.add("route replace default via " + port.gateway(Family.V4) + " dev " + DEVICE);
        known.remove(port.id());
        Commands.ip(netns, lines);
        if (port.kind() == Kind.NAT) {
            Commands.set(netns, List.of("ipv4/ip_forward=1", "ipv4/conf/" + DEVICE + "/send_redirects=0"));
            Commands.nft(netns, """
                    add table ip haneul
                    delete table ip haneul
                    table ip haneul {
                    chain translate { type nat hook postrouting priority 100; policy accept;
                    oifname "eth0" masquerade
                    }
                    chain filter_input { type filter hook input priority 0; policy drop; }
                    }
                    """);
        }
        known.put(port.id(), wanted);
    }

    private List<String> present(Port port) throws IOException {
        String shown = Commands.ip(
                Namespaces.path(names.namespace(port.id())), List.of("addr show dev " + DEVICE + " scope global"));
        var lines = new ArrayList<String>();
        for (String line : shown.split("\n")) {
            String[] words = line.strip().split("\\s+");
            if (words.length > 3 && words[2].equals("inet")) {
                lines.add("addr add " + words[3] + " dev " + DEVICE);
            }
        }
        return lines;
    }

    void forget() {
        known.clear();
    }
}
