package dev.haneul.services.lambda.run;

import dev.haneul.engines.WorkloadSpec.Link;

/** Where the networks of environments lead. */
@FunctionalInterface
public interface Networks {
    /** What connects an environment's network, when it is started. */
    Link link(Network to);

    /**
     * A network.
     *
     * @param name of the interface that functions share in a VPC; empty for the outside, which is everybody's
     */
    record Network(String account, String region, String name) {
        /** What functions reach that are in no VPC. */
        public static final Network OUTSIDE = new Network("", "", "");
    }
}
