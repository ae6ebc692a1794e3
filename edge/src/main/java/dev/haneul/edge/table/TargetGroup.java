package dev.haneul.edge.table;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who answers.
 *
 * @param kind how its targets are named
 * @param slowStart how long a target that became healthy is spared; zero for not at all
 * @param crossZone null where the balancer's setting holds
 * @param proxyProtocol whether TCP targets are told the client by a version 2 header
 * @param preservesClient whether targets of flows see their client's address, where the network can do that
 * @param cutOnRemoval whether flows end when the deregistration delay is over
 * @param multiValueHeaders whether functions are told all values of a header
 */
public record TargetGroup(
        String id,
        Kind kind,
        Listener.Protocol protocol,
        Version version,
        Algorithm algorithm,
        Duration slowStart,
        Stickiness stickiness,
        HealthCheck check,
        @Nullable Boolean crossZone,
        boolean proxyProtocol,
        boolean preservesClient,
        boolean cutOnRemoval,
        boolean multiValueHeaders,
        List<Target> targets) {
    public TargetGroup {
        targets = List.copyOf(targets);
    }

    /** What a target is. */
    public enum Kind {
        ADDRESS,
        FUNCTION,
        BALANCER
    }

    /** The HTTP its targets speak. */
    public enum Version {
        HTTP1,
        HTTP2,
        GRPC
    }

    /** Who is next. */
    public enum Algorithm {
        ROUND_ROBIN,
        LEAST_OUTSTANDING_REQUESTS,
        WEIGHTED_RANDOM
    }

    /**
     * Whether a client stays with its target.
     *
     * @param cookie the application's cookie; null where the balancer's own is used
     */
    public record Stickiness(
            How how, Duration life, @Nullable String cookie) {
        public static final Stickiness NONE = new Stickiness(How.NOT, Duration.ofDays(1), null);
    }

    /** What clients are known by. */
    public enum How {
        NOT,
        BALANCER_COOKIE,
        APPLICATION_COOKIE,
        SOURCE_ADDRESS
    }

    /**
     * A target.
     *
     * @param key unique in its group, and the same in every table
     * @param name its id as it was registered, for logs and answers
     * @param address an IP address, or a function's or balancer's ARN; empty where it has none now
     * @param zone empty for any
     * @param draining whether it takes no new requests
     * @param health what was last known of it: where a new process goes on
     * @param healthySince when it became healthy, for its slow start; null for long ago
     */
    public record Target(
            String key,
            String name,
            String address,
            int port,
            String zone,
            boolean draining,
            Health health,
            @Nullable Instant healthySince) {}

    /** What is known of a target's health; codes and texts as DescribeTargetHealth tells them. */
    public record Health(
            String state, @Nullable String reason, @Nullable String description) {
        public static final Health HEALTHY = new Health("healthy", null, null);
        public static final Health INITIAL =
                new Health("initial", "Elb.InitialHealthChecking", "Initial health checks in progress");
        public static final Health REGISTERING =
                new Health("initial", "Elb.RegistrationInProgress", "Target registration is in progress");

        public boolean healthy() {
            return state.equals("healthy");
        }

        /** Whether checks have not decided yet. */
        public boolean initial() {
            return state.equals("initial");
        }
    }

    /**
     * How targets are checked.
     *
     * @param port 0 for the port that traffic goes to
     * @param matcher HTTP or gRPC codes: {@code 200}, {@code 200,202}, {@code 200-299}
     */
    public record HealthCheck(
            boolean enabled,
            Listener.Protocol protocol,
            int port,
            String path,
            Duration interval,
            Duration timeout,
            int healthyCount,
            int unhealthyCount,
            String matcher) {
        /** Whether an answer's code is one of those wanted. */
        public boolean accepts(int code) {
            for (String part : matcher.split(",", -1)) {
                String[] ends = part.trim().split("-", 2);
                try {
                    int from = Integer.parseInt(ends[0].trim());
                    int to = ends.length == 1 ? from : Integer.parseInt(ends[1].trim());
                    if (code >= from && code <= to) {
                        return true;
                    }
                } catch (NumberFormatException e) {
                    continue;
                }
            }
            return false;
        }
    }
}
