package dev.haneul.fabric.vpc;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.Lock;

/**
 * Sandboxes behind a hosted interface of a VPC: what they send leaves with the interface's address, so that security
 * groups, network ACLs and routes are those of the interface. They do not reach each other, nor are they reached; nor
 * do they reach the metadata services, which are for instances and tasks.
 */
final class SharedInterface implements OutsideNetwork {
    private static final String FILTERS = """
            add table ip haneul_sandboxes
            delete table ip haneul_sandboxes
            table ip haneul_sandboxes {
            chain leaving { type nat hook postrouting priority 100; policy accept;
            ip saddr 100.64.0.0/16 oifname "eth0" masquerade
            }
            chain through { type filter hook forward priority 0; policy drop;
            ct state established,related accept
            ip daddr 169.254.0.0/16 ip daddr != { %2$s, %3$s } drop
            iifname %1$s oifname "eth0" accept
            }
            chain within { type filter hook input priority 0; policy accept;
            iifname %1$s drop
            }
            }
            """.formatted(Sandboxes.DEVICES, VpcFabric.RESOLVER_ADDRESS, VpcFabric.API_ADDRESS);

    private final Path netns;
    private final Sandboxes sandboxes;

    /** @param netns the interface's namespace */
    SharedInterface(Path netns, Lock lock) {
        this.netns = netns;
        this.sandboxes = new Sandboxes(netns, lock);
    }

    /** Makes the interface's namespace a router, or adopts the one that is there. */
    SharedInterface ready() throws IOException {
        Commands.nft(netns, FILTERS);
        Commands.set(netns, List.of("ipv4/ip_forward=1"));
        Commands.ip(netns, List.of("link set lo up", "addr replace " + RouterPlan.NEXT_HOP + "/32 dev lo"));
        sandboxes.look();
        return this;
    }

    @Override
    public List<String> join(List<Path> netns) throws IOException {
        return sandboxes.join(netns);
    }

    @Override
    public void close() {}
}
