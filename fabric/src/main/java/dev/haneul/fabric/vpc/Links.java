package dev.haneul.fabric.vpc;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The veth pairs that routers keep themselves: to the host, to each other, to namespaces of ours. */
final class Links {
    private final Names names;
    private final HostSide host;

    Links(Names names, HostSide host) {
        this.names = names;
        this.host = host;
    }

    /**
     * Removes what should not be there and makes what is missing.
     *
     * @param devices of each VPC's router, as they are
     * @return the new ones
     */
    Map<String, Set<String>> change(Networks networks, Map<String, Router> routers, Map<String, Set<String>> devices)
            throws IOException {
        for (var network : networks.all()) {
            var surplus = surplus(network, devices.getOrDefault(network.id(), Set.of()));
            var router = routers.get(network.id());
            if (!surplus.isEmpty() && router != null) {
                router.remove(surplus);
            }
        }
        removeGateways(networks);
        var fresh = new HashMap<String, Set<String>>();
        var lines = new ArrayList<String>();
        for (var network : networks.all()) {
            var missing = new LinkedHashSet<>(own(network));
            missing.removeAll(devices.getOrDefault(network.id(), Set.of()));
            missing.removeAll(fresh.getOrDefault(network.id(), Set.of()));
            for (String device : missing) {
                lines.addAll(lines(network, device, fresh));
                fresh.computeIfAbsent(network.id(), id -> new LinkedHashSet<>()).add(device);
            }
        }
        Commands.ip(lines);
        return fresh;
    }

    /** A gateway whose router is gone goes with it, but later than we can wait. */
    private void removeGateways(Networks networks) throws IOException {
        var wanted = new LinkedHashSet<String>();
        networks.all().forEach(network -> {
            if (network.internet()) {
                wanted.add(names.gateway(network.id()));
            }
        });
        for (String device : host.gateways()) {
            if (!wanted.contains(device)) {
                host.remove(device);
            }
        }
    }

    private static Set<String> surplus(Network network, Set<String> present) {
        var surplus = new LinkedHashSet<>(present);
        surplus.removeIf(device -> !Names.isDevice(device));
        surplus.removeAll(own(network));
        network.ports().forEach(port -> surplus.remove(port.device()));
        return surplus;
    }

    private static Set<String> own(Network network) {
        var own = new LinkedHashSet<String>();
        if (network.internet()) {
            own.add(FilterTable.GATEWAY);
        }
        network.peers().forEach(peer -> own.add(peer.device()));
        network.ports().stream().filter(HostedNamespaces::ours).forEach(port -> own.add(port.device()));
        return own;
    }

    /** {@code ip} lines that make one; a peering's other end is noted as made, too. */
    private List<String> lines(Network network, String device, Map<String, Set<String>> fresh) throws IOException {
        String router = names.namespace(network.id());
        if (device.equals(FilterTable.GATEWAY)) {
            String outer = names.gateway(network.id());
            var lines = new ArrayList<String>();
            if (host.gateways().contains(outer)) {
                lines.add("link del " + outer);
            }
            lines.add("link add " + device + " address " + Names.mac("gateway " + network.id()) + " netns " + router
                    + " type veth peer name " + outer + " address " + Names.mac("host " + network.id()));
            return lines;
        }
        for (var peer : network.peers()) {
            if (peer.device().equals(device)) {
                fresh.computeIfAbsent(peer.other().id(), id -> new LinkedHashSet<>())
                        .add(device);
                return List.of("link add " + device + " address " + peer.mac() + " netns " + router
                        + " type veth peer name " + device + " address " + peer.otherMac() + " netns "
                        + names.namespace(peer.other().id()));
            }
        }
        for (var port : network.ports()) {
            if (port.device().equals(device)) {
                return List.of("link add " + device + " netns " + router + " type veth peer name eth0 address "
                        + port.mac() + " netns " + names.namespace(port.id()));
            }
        }
        throw new IllegalStateException(device);
    }
}
