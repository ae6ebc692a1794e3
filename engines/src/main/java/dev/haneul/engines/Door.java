package dev.haneul.engines;

import dev.haneul.kernel.plane.Traffic;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * A TCP address inside a workload's network that is answered by the server itself: a Runtime API, a metadata service,
 * the region's endpoint. Only this workload can reach it, so whoever knocks is known.
 *
 * @param variable the environment variable that tells the workload the address
 * @param format the variable's value, {@code %s} standing for {@code host:port}, e.g. {@code http://%s}
 * @param port the port wanted inside a network of the workload's own; engines without one choose another
 * @param keeper takes over each connection; called on a thread of its own
 */
public record Door(String variable, String format, int port, Keeper keeper) {
    public Door {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("no port for a door: " + port);
        }
    }

    /** Answers at a door. */
    @FunctionalInterface
    public interface Keeper {
        /** @param traffic counts what the keeper reads and writes, where it can */
        void welcome(SocketChannel connection, Traffic traffic) throws IOException;
    }
}
