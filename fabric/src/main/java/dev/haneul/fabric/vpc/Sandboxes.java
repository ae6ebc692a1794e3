package dev.haneul.fabric.vpc;

import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.RouteSocket;
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
            Commands.inside(router, () -> {
                try (var routes = RouteSocket.open()) {
                    for (var sandbox : sandboxes) {
                        addresses.add(plug(routes, sandbox));
                    }
                }
                return Boolean.TRUE;
            });
        } finally {
            lock.unlock();
        }
        for (int i = 0; i < sandboxes.size(); i++) {
            String address = addresses.get(i);
            Commands.inside(sandboxes.get(i), () -> lead(address));
        }
        return addresses;
    }

    /** The router's side of one sandbox, by a socket of the router's. */
    private String plug(RouteSocket routes, Path sandbox) throws IOException {
        int number = free();
        String address = ADDRESSES.at(number);
        String device = "s" + number;
        String mac = Names.mac(device);
        int netns = Linux.open(sandbox.toString(), Linux.O_RDONLY);
        try {
            routes.addPair(device, DEVICE, mac, netns);
        } finally {
            Linux.close(netns);
        }
        int index = routes.index(device);
        routes.setNeighbour(address, mac, index);
        routes.addRoute(address, index);
        return address;
    }

    /**
     * The sandbox's side, on a thread inside. Not its loopback interface: who builds the sandbox is setting it up at
     * this moment, and fails where it is up.
     */
    private static String lead(String address) throws IOException {
        try (var routes = RouteSocket.open()) {
            int index = routes.index(DEVICE);
            routes.addAddress(index, address);
            routes.raise(index);
            routes.addRoute(RouterPlan.NEXT_HOP, index);
            routes.addDefaultRoute(RouterPlan.NEXT_HOP, index);
            return address;
        }
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
