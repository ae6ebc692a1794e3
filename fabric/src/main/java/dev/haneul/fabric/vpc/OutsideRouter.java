package dev.haneul.fabric.vpc;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * {@link OutsideNetwork} with a router of its own beside the VPCs': a veth pair to each sandbox, one to the host, and
 * translation to one address of the region's public range, which the host masquerades.
 *
 * <p>A sandbox has an address out of 100.64.0.0/16 (RFC 6598) and nothing but a default route, so that no network of
 * the outside is hidden from it. The number in the address is the one in the router's device's name: what is in use
 * stands in the kernel.
 */
final class OutsideRouter implements OutsideNetwork {
    private static final Cidr SANDBOXES = Cidr.parse("100.64.0.0/16");
    private static final int FIRST = 2;
    private static final int LAST = 65_500;
    private static final String DEVICE = "eth0";

    private final Names names;
    private final HostSide host;
    private final Resolver resolver;
    /** The fabric's: who changes the kernel holds it. */
    private final Lock lock;

    private final Path netns;
    private @Nullable Closeable nameServer;
    private Set<String> devices = new HashSet<>();
    private int last = FIRST;

    OutsideRouter(Names names, HostSide host, Resolver resolver, Lock lock) {
        this.names = names;
        this.host = host;
        this.resolver = resolver;
        this.lock = lock;
        this.netns = Namespaces.path(namespace(names));
    }

    static String namespace(Names names) {
        return names.namespace("outside");
    }

    /** Makes the router, or adopts the one that is there. */
    void ready(Namespaces namespaces) throws IOException {
        host.ready();
        boolean fresh = !namespaces.present().contains(namespace(names));
        if (fresh) {
            namespaces.create(List.of(namespace(names)));
        }
        Commands.nft(netns, filters());
        Commands.set(netns, List.of("ipv4/ip_forward=1"));
        devices = new HashSet<>(Namespaces.devices(netns));
        if (!devices.contains(FilterTable.GATEWAY)) {
            link();
            devices = new HashSet<>(Namespaces.devices(netns));
        }
        if (nameServer == null) {
            nameServer = Listeners.names(
                    netns,
                    List.of(VpcFabric.RESOLVER_ADDRESS),
                    (question, overTcp) -> resolver.answer(null, question, overTcp));
        }
    }

    private void link() throws IOException {
        Commands.ip(List.of("link add " + FilterTable.GATEWAY + " address " + Names.mac("gateway outside") + " netns "
                + namespace(names) + " type veth peer name " + names.outside() + " address "
                + Names.mac("host outside")));
        Commands.ip(
                netns,
                List.of(
                        "link set lo up",
                        "addr replace " + VpcFabric.RESOLVER_ADDRESS + "/32 dev lo",
                        "addr replace " + RouterPlan.NEXT_HOP + "/32 dev lo",
                        "link set " + FilterTable.GATEWAY + " up",
                        "addr replace " + host.outsideAddress() + "/32 dev " + FilterTable.GATEWAY,
                        "neigh replace 169.254.0.2 lladdr " + Names.mac("host outside") + " dev " + FilterTable.GATEWAY
                                + " nud permanent",
                        "route replace default via 169.254.0.2 dev " + FilterTable.GATEWAY + " onlink"));
    }

    private String filters() {
        return "add table ip haneul\ndelete table ip haneul\ntable ip haneul {\n"
                + "chain leaving { type nat hook postrouting priority 100; policy accept;\n"
                + "oifname \"igw\" snat to " + host.outsideAddress() + "\n}\n"
                + "chain through { type filter hook forward priority 0; policy drop;\n"
                + "ct state established,related accept\n"
                + "iifname \"s*\" oifname \"igw\" accept\n}\n"
                + "chain filter_input { type filter hook input priority 0; policy drop;\n"
                + "iifname \"s*\" ip daddr " + VpcFabric.RESOLVER_ADDRESS
                + " meta l4proto { tcp, udp } th dport 53 accept\n}\n}\n";
    }

    @Override
    public List<String> join(List<Path> sandboxes) throws IOException {
        var addresses = new ArrayList<String>();
        lock.lock();
        try {
            var lines = new ArrayList<String>();
            for (var sandbox : sandboxes) {
                int number = free();
                String address = SANDBOXES.at(number);
                String device = "s" + number;
                String mac = Names.mac(device);
                lines.add("link add " + device + " type veth peer name " + DEVICE + " address " + mac + " netns "
                        + sandbox);
                lines.add("link set " + device + " up");
                lines.add("neigh replace " + address + " lladdr " + mac + " dev " + device + " nud permanent");
                lines.add("route add " + address + " dev " + device);
                addresses.add(address);
            }
            Commands.ip(netns, lines);
        } finally {
            lock.unlock();
        }
        for (int i = 0; i < sandboxes.size(); i++) {
            Commands.ip(
                    sandboxes.get(i),
                    List.of(
                            "link set lo up",
                            "addr add " + addresses.get(i) + "/32 dev " + DEVICE,
                            "link set " + DEVICE + " up",
                            "route add " + RouterPlan.NEXT_HOP + " dev " + DEVICE,
                            "route add default via " + RouterPlan.NEXT_HOP + " dev " + DEVICE));
        }
        return addresses;
    }

    /** The next number that no device has; the kernel is asked when they have all been had. */
    private int free() throws IOException {
        for (int i = 0; i <= LAST - FIRST; i++) {
            if (last == LAST) {
                devices = new HashSet<>(Namespaces.devices(netns));
                last = FIRST;
            }
            last++;
            if (devices.add("s" + last)) {
                return last;
            }
        }
        throw new IOException("every address for sandboxes is in use");
    }

    @Override
    public void close() {
        if (nameServer != null) {
            Listeners.closeAll(List.of(nameServer));
            nameServer = null;
        }
    }
}
