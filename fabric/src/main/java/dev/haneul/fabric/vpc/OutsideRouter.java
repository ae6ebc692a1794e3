package dev.haneul.fabric.vpc;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * {@link OutsideNetwork} with a router of its own beside the VPCs': a veth pair to each sandbox, one to the host, and
 * translation to one address of the region's public range, which the host masquerades.
 *
 * <p>Link-local addresses are not led on: the host's own metadata service, where it has one, is not the sandboxes'.
 */
final class OutsideRouter implements OutsideNetwork {
    private final Names names;
    private final HostSide host;
    private final Resolver resolver;
    private final Path netns;
    private final Sandboxes sandboxes;
    private final ReadyNetworks ready;
    private @Nullable Closeable nameServer;

    OutsideRouter(Names names, HostSide host, Resolver resolver, Lock lock) {
        this.names = names;
        this.host = host;
        this.resolver = resolver;
        this.netns = Namespaces.path(namespace(names));
        this.sandboxes = new Sandboxes(netns, lock);
        this.ready = new ReadyNetworks(this::join);
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
        if (!sandboxes.look().contains(FilterTable.GATEWAY)) {
            link();
            sandboxes.look();
        }
        if (nameServer == null) {
            nameServer = Listeners.names(
                    netns,
                    List.of(VpcFabric.RESOLVER_ADDRESS),
                    (question, overTcp) -> resolver.answer(null, question, overTcp));
        }
        ready.open();
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
                + "ip daddr { 169.254.0.0/16, 100.64.0.0/16 } drop\n"
                + "iifname " + Sandboxes.DEVICES + " oifname \"igw\" accept\n}\n"
                + "chain filter_input { type filter hook input priority 0; policy drop;\n"
                + "iifname " + Sandboxes.DEVICES + " ip daddr " + VpcFabric.RESOLVER_ADDRESS
                + " meta l4proto { tcp, udp } th dport 53 accept\n}\n}\n";
    }

    /** Whether there are sandboxes on it. */
    boolean inUse() throws IOException {
        return sandboxes.look().stream().anyMatch(device -> device.matches("s\\d+"));
    }

    @Override
    public List<String> join(List<Path> netns) throws IOException {
        return sandboxes.join(netns);
    }

    @Override
    public int joined() {
        return ready.take();
    }

    /** Ends the networks that nobody lives in yet, and makes no more. */
    void endReady() {
        ready.close();
    }

    @Override
    public void close() {
        ready.close();
        if (nameServer != null) {
            Listeners.closeAll(List.of(nameServer));
            nameServer = null;
        }
    }
}
