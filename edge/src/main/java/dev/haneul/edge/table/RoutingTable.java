package dev.haneul.edge.table;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * All that one load balancer does.
 *
 * @param id the load balancer, e.g. its ARN: tables of one id follow each other
 * @param nodes where it listens; none while it is reached through the region's gateway only
 * @param groups target groups by id; every id that an action names is in it
 */
public record RoutingTable(
        String id,
        boolean application,
        List<Node> nodes,
        Settings settings,
        List<Listener> listeners,
        Map<String, TargetGroup> groups) {
    public RoutingTable {
        nodes = List.copyOf(nodes);
        listeners = List.copyOf(listeners);
        groups = Map.copyOf(groups);
        for (Listener listener : listeners) {
            for (Rule rule : listener.rules()) {
                for (String group : rule.groups()) {
                    if (!groups.containsKey(group)) {
                        throw new IllegalArgumentException(rule.id() + " names " + group + ", which is not there");
                    }
                }
            }
        }
    }

    /**
     * A place where the balancer listens and from where it dials.
     *
     * @param id names it for the acceptor and the dialer, e.g. a network interface's id
     */
    public record Node(String id, String zone) {}

    /** What becomes of a request's X-Forwarded-For. */
    public enum ForwardedFor {
        APPEND,
        PRESERVE,
        REMOVE
    }

    /** How strict requests are judged that could be read in two ways. */
    public enum Desync {
        MONITOR,
        DEFENSIVE,
        STRICTEST
    }

    /**
     * What holds for all listeners.
     *
     * @param idle how long neither side may be silent within a request
     * @param clientKeepAlive how long a client's connection may last before it is closed after an answer
     * @param clientPort whether X-Forwarded-For tells ports
     * @param dropInvalidHeaders whether request headers with unusual names are left out
     * @param preserveHost whether the Host header goes to targets as it came
     * @param tlsHeaders whether targets are told protocol version and cipher
     * @param crossZone whether nodes reach targets of other zones; application balancers always do, unless a group says no
     */
    public record Settings(
            Duration idle,
            Duration clientKeepAlive,
            ForwardedFor forwardedFor,
            boolean clientPort,
            boolean dropInvalidHeaders,
            boolean preserveHost,
            boolean http2,
            Desync desync,
            boolean tlsHeaders,
            boolean crossZone) {
        /** AWS's defaults for an Application Load Balancer. */
        public static final Settings APPLICATION = new Settings(
                Duration.ofSeconds(60),
                Duration.ofSeconds(3600),
                ForwardedFor.APPEND,
                false,
                false,
                false,
                true,
                Desync.DEFENSIVE,
                false,
                true);

        /** AWS's defaults for a Network Load Balancer. */
        public static final Settings NETWORK = new Settings(
                Duration.ofSeconds(350),
                Duration.ofSeconds(3600),
                ForwardedFor.APPEND,
                false,
                false,
                false,
                true,
                Desync.DEFENSIVE,
                false,
                false);
    }
}
