package dev.haneul.fabric.vpc;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Lock;

/**
 * Sandboxes on a router: a veth pair to each, an address out of 100.64.0.0/16 (RFC 6598) and nothing but a default route,
 * so that no network of the outside is hidden from it. The number in the address is the one in the router's device's
 * name: what is in use stands in the kernel.
 */
final class Sandboxes {
    /** How a router's filters name the devices that lead to sandboxes. */
    static final String DEVICES = "\"s*\"";

    private static final Cidr ADDRESSES = Cidr.parse("100.64.0.0/16");
    private static final int FIRST = 2;
    private static final int LAST = 65_500;
    private static final String DEVICE = "eth0";

    private final Path router;
    /** The fabric's: who changes the kernel holds it. */
    private final Lock lock;

    private Set<String> devices = new HashSet<>();
    private int last = FIRST;

    /** @param router the namespace of one that is there */
    Sandboxes(Path router, Lock lock) {
        this.router = router;
        this.lock = lock;
    }

    /** Looks at what is there. */
    Set<String> look() throws IOException {
        devices = new HashSet<>(Namespaces.devices(router));
        return devices;
    }

    /** See {@link OutsideNetwork#join(List)}. */
    List<String> join(List<Path> sandboxes) throws IOException {
        var addresses = new ArrayList<String>();
        lock.lock();
        try {
            var lines = new ArrayList<String>();
            for (var sandbox : sandboxes) {
                int number = free();
                String address = ADDRESSES.at(number);
                String device = "s" + number;
                String mac = Names.mac(device);
                lines.add("link add " + device + " type veth peer name " + DEVICE + " address " + mac + " netns "
                        + sandbox);
                lines.add("link set " + device + " up");
                lines.add("neigh replace " + address + " lladdr " + mac + " dev " + device + " nud permanent");
                lines.add("route add " + address + " dev " + device);
                addresses.add(address);
            }
            Commands.ip(router, lines);
        } finally {
            lock.unlock();
        }
        // Not the loopback interface: who builds the sandbox is setting it up at this moment, and fails where it is up.
        for (int i = 0; i < sandboxes.size(); i++) {
            Commands.ip(
                    sandboxes.get(i),
                    List.of(
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
                look();
                last = FIRST;
            }
            last++;
            if (devices.add("s" + last)) {
                return last;
            }
        }
        throw new IOException("every address for sandboxes is in use");
    }
}
