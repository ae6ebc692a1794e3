package dev.haneul.services.lambda;

import dev.haneul.fabric.vpc.VpcFabric;
import java.io.IOException;

/**
 * The region's networks.
 *
 * @param applied makes them look like their records as they are now
 */
public record Wires(VpcFabric fabric, Applied applied) {
    /** See {@link Wires}. */
    @FunctionalInterface
    public interface Applied {
        /** Returns when they do. */
        void apply() throws IOException;
    }
}
