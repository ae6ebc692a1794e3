package dev.haneul.edge.facts;

import dev.haneul.edge.table.TargetGroup.Health;

/** Hears what happens. Quick, from any thread, never throws. */
public interface Observer {
    /** Nobody listens. */
    Observer NONE = new Observer() {
        @Override
        public void request(RequestFact fact) {}

        @Override
        public void opened(String balancer, String zone, String protocol) {}

        @Override
        public void closed(FlowFact fact) {}

        @Override
        public void health(String balancer, String group, String target, Health health) {}
    };

    void request(RequestFact fact);

    /**
     * A client has connected.
     *
     * @param protocol as {@link FlowFact} names it
     */
    void opened(String balancer, String zone, String protocol);

    /** Bytes of a flow went on, one way or the other: what flows long is not told at its end alone. */
    default void moved(String balancer, String protocol, long bytes) {}

    /** A client's connection has ended. */
    void closed(FlowFact fact);

    /** A target's health is another now. */
    void health(String balancer, String group, String target, Health health);
}
